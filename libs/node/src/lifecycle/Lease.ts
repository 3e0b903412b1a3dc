import type { Clock } from "@tailrace/runtime"

/**
 * How long this node may act on what the metadata says of it without hearing from the controller. It counts from the moment
 * a heartbeat was sent that was then answered: the controller cannot have fenced this node before it took that heartbeat,
 * and does not fence it for one session afterwards.
 */
export class Lease {
  readonly #clock: Clock
  readonly #sessionMillis: number
  #validUntilMillis: number

  /** Infinity for a node that is alone: nobody can fence it. */
  constructor(clock: Clock, sessionMillis: number) {
    this.#clock = clock
    this.#sessionMillis = sessionMillis
    this.#validUntilMillis = sessionMillis === Infinity ? Infinity : -Infinity
  }

  renew(sentMillis: number): void {
    this.#validUntilMillis = Math.max(this.#validUntilMillis, sentMillis + this.#sessionMillis)
  }

  get isExpired(): boolean {
    return this.#clock.monotonicMillis() >= this.#validUntilMillis
  }
}
