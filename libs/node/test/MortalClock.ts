import type { Clock } from "@tailrace/runtime"

/** The clock of one process: when that is gone, nothing calls it back any more. */
export class MortalClock implements Clock {
  readonly #clock: Clock
  isDead = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wallMillis(): number {
    return this.#clock.wallMillis()
  }

  monotonicMillis(): number {
    return this.#clock.monotonicMillis()
  }

  after(delayMillis: number, callback: () => void): () => void {
    return this.#clock.after(delayMillis, () => {
      if (!this.isDead) callback()
    })
  }

  endOfTurn(callback: () => void): void {
    this.#clock.endOfTurn(() => {
      if (!this.isDead) callback()
    })
  }
}
