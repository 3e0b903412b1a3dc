interface Waiter {
  readonly offset: number
  readonly callback: () => void
}

/** Who waits for records at or above an offset. Each waiter is called once; what it does may add new ones. */
export class ReadableWaiters {
  #waiters = new Set<Waiter>()

  add(offset: number, callback: () => void): () => void {
    const waiter: Waiter = { offset, callback }
    this.#waiters.add(waiter)
    return () => this.#waiters.delete(waiter)
  }

  /** Everything below `end` can be read now. */
  wake(end: number): void {
    if (this.#waiters.size === 0) return
    const woken: Array<Waiter> = []
    for (const waiter of this.#waiters) if (waiter.offset < end) woken.push(waiter)
    for (const waiter of woken) this.#waiters.delete(waiter)
    for (const waiter of woken) waiter.callback()
  }
}
