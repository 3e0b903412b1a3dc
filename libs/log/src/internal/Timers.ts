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

  end(): void {
    this.#isEnded = true
    for (const cancel of this.#cancels) cancel()
    this.#cancels.clear()
  }
}
