import type { Output } from "../Context.ts"
import { every, monotonicMillis } from "./timing.ts"

const intervalMillis = 500

/** A count on a terminal, redrawn in place; nothing elsewhere. */
export class Progress {
  readonly #stderr: Output
  readonly #verb: string
  readonly #startMillis = monotonicMillis()
  readonly #stop: () => void
  #records = 0
  #bytes = 0
  #hasDrawn = false

  constructor(stderr: Output, verb: string, isShown: boolean) {
    this.#stderr = stderr
    this.#verb = verb
    this.#stop = isShown ? every(intervalMillis, () => this.#draw()) : () => undefined
  }

  get records(): number {
    return this.#records
  }

  add(records: number, bytes: number): void {
    this.#records += records
    this.#bytes += bytes
  }

  /** Removes the line, so that what follows stands in its place. */
  end(): void {
    this.#stop()
    if (this.#hasDrawn) this.#stderr.write("\r\u001b[K")
  }

  #draw(): void {
    const seconds = (monotonicMillis() - this.#startMillis) / 1000
    this.#hasDrawn = true
    this.#stderr.write(`\r\u001b[K${this.#verb} ${this.#records.toLocaleString("en")} records, ${
      (this.#bytes / 1e6).toFixed(1)} MB, ${Math.round(this.#records / seconds).toLocaleString("en")} records/s`)
  }
}
