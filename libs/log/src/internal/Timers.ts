import type { Clock } from "@tailrace/runtime"

/** The timers of one owner, which end together. */
export class Timers {
  readonly #clock: Clock
  readonly #cancels = new Set<() => void>()
  #isEnded = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  after(delayMillis: number, callback: () => void): void {
    if (this.#isEnded) return
    const cancel = this.#clock.after(delayMillis, () => {
      this.#cancels.delete(cancel)
      callback()
    })
    this.#cancels.add(cancel)
  }

  every(periodMillis: number, callback: () => void): void {
    this.after(periodMillis, () => {
      this.every(periodMillis, callback)
      callback()
    })
  }

  /** One call at a time: the pause counts from the end of the call before, which does not reject. */
  repeat(pauseMillis: number, call: () => Promise<void>): void {
    this.after(pauseMillis, () => void call().then(() => this.repeat(pauseMillis, call)))
  }

  end(): void {
    this.#isEnded = true
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}
