import { type Clock, SystemClock } from "@tailrace/runtime"

/** Real time for nodes of this process: with `close` no timer of theirs is left, which would hold the process. */
export class ClosableClock implements Clock {
  readonly #clock = new SystemClock()
  readonly #timers = new Set<() => void>()

  wallMillis(): number {
    return this.#clock.wallMillis()
  }

  monotonicMillis(): number {
    return this.#clock.monotonicMillis()
  }

  after(delayMillis: number, callback: () => void): () => void {
    const stop = this.#clock.after(delayMillis, () => {
      this.#timers.delete(cancel)
      callback()
    })
    const cancel = (): void => {
      this.#timers.delete(cancel)
      stop()
    }
    this.#timers.add(cancel)
    return cancel
  }

  endOfTurn(callback: () => void): void {
    this.#clock.endOfTurn(callback)
  }

  close(): void {
    for (const cancel of this.#timers) cancel()
  }
}
