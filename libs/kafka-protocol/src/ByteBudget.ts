/** Bytes of requests that one process holds at most, over all connections. */
export const bytesInFlightMax = 512 * 1_024 * 1_024

/**
 * Counts the bytes of frames in flight: those under assembly and those whose owner has not released them yet.
 *
 * When the budget is exhausted, assemblers wait. So that they cannot all wait for each other with half a frame each, one assembler
 * at a time may overdraw until its frame is complete: the budget is exceeded by at most one frame.
 */
export class ByteBudget {
  readonly bytesMax: number
  #bytesUsed = 0
  #overdrawnBy: object | undefined
  readonly #waiting = new Set<() => void>()
  #waking = false
  #wakeAgain = false

  constructor(bytesMax = bytesInFlightMax) {
    this.bytesMax = bytesMax
  }

  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /** `holder`: who may be granted the overdraft. */
  tryReserve(bytes: number, holder?: object): boolean {
    if (this.#bytesUsed + bytes > this.bytesMax && (this.#overdrawnBy !== holder || holder === undefined)) {
      // What was overdrawn stays overdrawn until it is released: the next overdraft has to wait for that.
      if (holder === undefined || this.#overdrawnBy !== undefined || this.#bytesUsed > this.bytesMax) return false
      this.#overdrawnBy = holder
    }
    this.#bytesUsed += bytes
    return true
  }

  release(bytes: number): void {
    if (bytes > this.#bytesUsed) throw new Error(`released ${bytes} bytes of ${this.#bytesUsed} reserved`)
    this.#bytesUsed -= bytes
    this.#wake()
  }

  /** The holder's frame is complete or given up: another may overdraw. */
  settle(holder: object): void {
    if (this.#overdrawnBy !== holder) return
    this.#overdrawnBy = undefined
    this.#wake()
  }

  /**
   * Calls back once, when a reservation may succeed; answers how to cancel. Who still finds no room asks again. A callback must not
   * throw: it runs inside of somebody else's `release`.
   */
  onAvailable(callback: () => void): () => void {
    this.#waiting.add(callback)
    return () => this.#waiting.delete(callback)
  }

  /**
   * Everybody who waits may try, in the order of waiting, while there is anything to get; who asks again waits behind the others.
   * A callback that releases does not recurse: the round starts over when it is done.
   */
  #wake(): void {
    this.#wakeAgain = true
    if (this.#waking) return
    this.#waking = true
    while (this.#wakeAgain) {
      this.#wakeAgain = false
      // A copy: who asks again during the round belongs to the next one.
      for (const callback of Array.from(this.#waiting)) {
        if (this.#bytesUsed > this.bytesMax || (this.#bytesUsed === this.bytesMax && this.#overdrawnBy !== undefined)) break
        if (this.#waiting.delete(callback)) callback()
      }
    }
    this.#waking = false
  }
}
