/** What happened in a run, besides going well: a world in which nothing happens proves nothing. */
export class Coverage {
  readonly counts = new Map<string, number>()

  add(name: string, times = 1): void {
    if (times > 0) this.counts.set(name, (this.counts.get(name) ?? 0) + times)
  }

  get(name: string): number {
    return this.counts.get(name) ?? 0
  }

  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.counts].toSorted(([a], [b]) => a < b ? -1 : 1))
  }
}
