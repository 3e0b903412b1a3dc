import type { Clock, Logger } from "@tailrace/runtime"

const repeatMillis = 10_000

/** Something that others may cause as often as they like: told at once, and while it goes on every 10 s, with how often it was. */
export class Complaint {
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #message: string
  #saidMillis = -Infinity
  count = 0

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }, message: string) {
    this.#clock = clock
    this.#logger = logger
    this.#message = message
  }

  add(cause: unknown): void {
    this.count++
    const now = this.#clock.monotonicMillis()
    if (now - this.#saidMillis < repeatMillis) return
    this.#saidMillis = now
    this.#logger.warn(this.#message, { sinceStart: this.count, cause })
  }
}
