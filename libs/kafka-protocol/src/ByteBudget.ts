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

  constructor(bytesMax = bytesInFlightMax) {
    this.bytesMax = bytesMax
  }

  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /** `holder`: who may be granted the overdraft. */
  tryReserve(bytes: number, holder?: object): boolean {
    if (this.#bytesUsed + bytes > this.bytesMax) {
      if (holder === undefined || (this.#overdrawnBy !== undefined && this.#overdrawnBy !== holder)) return false
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

  /** Calls back once, when a reservation may succeed; answers how to cancel. */
  onAvailable(callback: () => void): () => void {
    this.#waiting.add(callback)
    return () => this.#waiting.delete(callback)
  }

  /** Everybody who waits tries again, in the order of waiting; who fails waits anew behind the others. */
  #wake(): void {
    if (this.#waiting.size === 0) return
    const callbacks = [...this.#waiting]
    this.#waiting.clear()
    for (const callback of callbacks) callback()
  }
}
