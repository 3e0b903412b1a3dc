import type { WriteGate } from "@tailrace/log"
import type { Clock } from "@tailrace/runtime"
import type { Quorum } from "../quorum/Quorum.ts"

/** A commit that failed once may succeed when it is tried again; what lasts longer is for others to lead. */
const patienceMillis = 1_000

export interface WriteTroubleOptions {
  readonly clock: Clock
  readonly data: WriteGate
  readonly quorum: Pick<Quorum, "stoodStillMillis" | "writeGate">
  /** A node whose metadata stands still serves nothing after so long, since it cannot take in what a heartbeat's answer is based on. */
  readonly sessionMillis: number
}

/** Whether this node's disk has refused writes, or kept them waiting, for so long that others have to take over. */
export class WriteTrouble {
  readonly #clock: Clock
  readonly #isTroubled: () => boolean
  readonly #standsStill: () => boolean
  readonly #ends: ReadonlyArray<() => void>
  #sinceMillis: number | undefined

  /** The metadata log may use the reserve of a disk that is nearly full, so only a failure troubles it. */
  constructor({ clock, data, quorum, sessionMillis }: WriteTroubleOptions) {
    this.#clock = clock
    this.#isTroubled = () => !data.isOpen || quorum.writeGate.reason === "failed"
    // Early enough for others to lead before this node's lease ends.
    this.#standsStill = () => quorum.stoodStillMillis >= sessionMillis / 2
    this.#ends = [data, quorum.writeGate].map((gate) => gate.onChange(() => this.#changed()))
    this.#changed()
  }

  get isLasting(): boolean {
    return this.#sinceMillis !== undefined && this.#clock.monotonicMillis() - this.#sinceMillis >= patienceMillis || this.#standsStill()
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  #changed(): void {
    this.#sinceMillis = this.#isTroubled() ? this.#sinceMillis ?? this.#clock.monotonicMillis() : undefined
  }
}
