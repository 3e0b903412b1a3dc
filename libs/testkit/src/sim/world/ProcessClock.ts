import type { Clock } from "@tailrace/runtime"
import type { SimulatedProcess } from "./SimulatedProcess.ts"

export interface ClockError {
  /** What the wall clock is off. */
  readonly skewMillis: number
  /** How many milliseconds this machine counts in one of the others'. */
  readonly rate: number
}

/** The clock of one machine: it runs a little too fast or too slow, and wakes only a process that runs. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #process: SimulatedProcess
  readonly #error: ClockError
  /** Wall clocks jump; monotonic ones do not. */
  wallJumpMillis = 0

  constructor(clock: Clock, process: SimulatedProcess, error: ClockError) {
    this.#clock = clock
    this.#process = process
    this.#error = error
  }

  wallMillis(): number {
    return this.#clock.wallMillis() + this.#error.skewMillis + this.wallJumpMillis
  }

  monotonicMillis(): number {
    return this.#clock.monotonicMillis() * this.#error.rate
  }

  after(delayMillis: number, callback: () => void): () => void {
    let isWanted = true
    const call = (): void => {
      if (isWanted) callback()
    }
    const cancel = this.#clock.after(delayMillis / this.#error.rate, () => this.#process.enter(call))
    return () => {
      isWanted = false
      cancel()
    }
  }

  endOfTurn(callback: () => void): void {
    this.#clock.endOfTurn(() => this.#process.enter(callback))
  }
}
