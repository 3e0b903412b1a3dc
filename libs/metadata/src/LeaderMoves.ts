/** How many partitions are remembered; beyond that the moves of the longest forgotten one count as none. */
export const movedPartitionsMax = 10_000

interface Moved {
  readonly sinceMillis: number
  readonly count: number
}

/**
 * How often the leader of a partition was moved because it reached no follower. Where nobody reaches anybody, moving on
 * does not help: each other replica gets one try in a window, then the leader stays and its in-sync set shrinks.
 */
export class LeaderMoves {
  readonly #windowMillis: number
  /** The oldest window first. */
  readonly #moved = new Map<string, Moved>()

  constructor(windowMillis: number) {
    this.#windowMillis = windowMillis
  }

  /** Whether there is a move left in this window; it is taken then. */
  take(topicId: string, partition: number, movesMax: number, nowMillis: number): boolean {
    const key = `${topicId}/${partition}`
    const known = this.#moved.get(key)
    const isOpen = known !== undefined && nowMillis - known.sinceMillis < this.#windowMillis
    if (isOpen && known.count >= movesMax) return false
    if (!isOpen) this.#moved.delete(key)
    this.#moved.set(key, isOpen ? { ...known, count: known.count + 1 } : { sinceMillis: nowMillis, count: 1 })
    if (this.#moved.size > movedPartitionsMax) this.#moved.delete(this.#moved.keys().next().value!)
    return true
  }
}
