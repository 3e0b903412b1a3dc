import type { Clock } from "@tailrace/runtime"

/**
 * Whether the wall clock may be believed where anything is deleted by its age. One that ran ahead of the monotonic clock, as
 * after a wrong setting, is believed only once it has stayed there for a while.
 */
export class WallClockWatch {
  /** Called once for each jump, when it is seen: so far ahead, and not believed for so long. */
  onJump: (aheadMillis: number, pauseMillis: number) => void = () => {}
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
      if (this.#jumpSeenMillis === undefined) {
        this.#jumpSeenMillis = monotonicMillis
        this.onJump(offsetMillis - this.#offsetMillis, this.#pauseMillis)
      }
      if (monotonicMillis - this.#jumpSeenMillis < this.#pauseMillis) return false
    }
    this.#jumpSeenMillis = undefined
    this.#offsetMillis = offsetMillis
    return true
  }
}
