import type { WriteGate } from "@tailrace/log"
import type { Clock } from "@tailrace/runtime"

/** A commit that failed once may succeed when it is tried again; what lasts longer is for others to lead. */
const patienceMillis = 1_000

/** Whether this node's disk has refused writes for so long that others have to take over. */
export class WriteTrouble {
  readonly #clock: Clock
  readonly #isTroubled: () => boolean
  readonly #ends: ReadonlyArray<() => void>
  #sinceMillis: number | undefined

  /** The metadata log may use the reserve of a disk that is nearly full, so only a failure troubles it. */
  constructor(clock: Clock, data: WriteGate, metadata: WriteGate) {
    this.#clock = clock
    this.#isTroubled = () => !data.isOpen || metadata.reason === "failed"
    this.#ends = [data, metadata].map((gate) => gate.onChange(() => this.#changed()))
    this.#changed()
  }

  get isLasting(): boolean {
    return this.#sinceMillis !== undefined && this.#clock.monotonicMillis() - this.#sinceMillis >= patienceMillis
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  #changed(): void {
    this.#sinceMillis = this.#isTroubled() ? this.#sinceMillis ?? this.#clock.monotonicMillis() : undefined
  }
}
