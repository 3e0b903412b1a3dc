import type { Clock } from "@tailrace/runtime"

/**
 * Whether the wall clock may be believed where data is deleted by age. One that ran ahead of the monotonic clock, as
 * after a wrong setting, is believed only once it has stayed there for a while.
 */
export class WallClockWatch {
  readonly #clock: Clock
  readonly #jumpMillisMax: number
  readonly #pauseMillis: number
  #offsetMillis: number
  #jumpSeenMillis: number | undefined

  constructor(clock: Clock, jumpMillisMax: number, pauseMillis: number) {
    this.#clock = clock
    this.#jumpMillisMax = jumpMillisMax
    this.#pauseMillis = pauseMillis
    this.#offsetMillis = clock.wallMillis() - clock.monotonicMillis()
  }

  isTrusted(): boolean {
    const monotonicMillis = this.#clock.monotonicMillis()
    const offsetMillis = this.#clock.wallMillis() - monotonicMillis
    if (offsetMillis - this.#offsetMillis > this.#jumpMillisMax) {
      this.#jumpSeenMillis ??= monotonicMillis
      if (monotonicMillis - this.#jumpSeenMillis < this.#pauseMillis) return false
    }
    this.#jumpSeenMillis = undefined
    this.#offsetMillis = offsetMillis
    return true
  }
}
