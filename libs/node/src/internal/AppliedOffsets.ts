import type { Clock } from "@tailrace/runtime"

interface Waiter {
  readonly offset: number
  readonly settle: (isReached: boolean) => void
}

/** How far this node has applied the metadata log, for those who wait for a place in it. */
export class AppliedOffsets {
  readonly #clock: Clock
  readonly #waiters = new Set<Waiter>()
  #end = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get end(): number {
    return this.#end
  }

  advance(end: number): void {
    this.#end = end
    for (const waiter of this.#waiters) if (waiter.offset <= end) waiter.settle(true)
  }

  /** False where that did not happen in time. */
  reached(offset: number, timeoutMillis: number): Promise<boolean> {
    if (offset <= this.#end) return Promise.resolve(true)
    return new Promise((resolve) => {
      const waiter: Waiter = {
        offset,
        settle: (isReached) => {
          cancel()
          this.#waiters.delete(waiter)
          resolve(isReached)
        }
      }
      const cancel = this.#clock.after(timeoutMillis, () => waiter.settle(false))
      this.#waiters.add(waiter)
    })
  }
}
