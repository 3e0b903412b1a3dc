import { Batch } from "@tailrace/record"
import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import { checkRepair, type Repair, type RepairRefusal } from "./checkRepair.ts"
import type { Crc32c } from "./Guarded.ts"
import type { LogState } from "./LogState.ts"
import { storedBytes } from "./storedBytes.ts"

/** The log, as its repair sees it. */
export interface RepairedLog {
  readonly state: LogState
  readonly store: Store
  readonly crc32c: Crc32c
  readonly endOfDamage: number
  /** Compaction leaves gaps, in the peer's log too. */
  readonly mayHaveGaps: boolean
  /** False once the log was truncated, rebuilt or deleted. */
  isCurrent(): boolean
  stage(): WriteSet
  durable(): Promise<void>
  /** The batches are durable: the fault shrinks or goes. */
  settle(set: WriteSet): void
}

/**
 * Replaces a range of batches in two commits: the batches first, then everything that is counted from them, as the store
 * has them by then. After a crash between the two the fault is still there, and the repair is made again.
 */
export class LogRepair {
  readonly #log: RepairedLog

  constructor(log: RepairedLog) {
    this.#log = log
  }

  async run(repair: Repair): Promise<RepairRefusal | undefined> {
    const log = this.#log
    const { crc32c, mayHaveGaps, state } = log
    const refusal = checkRepair(repair, state.startOffset, state.epochs, mayHaveGaps, crc32c)
    if (refusal !== undefined) return refusal
    this.#replace(repair, log.stage())
    await log.durable()
    if (!log.isCurrent()) return "stale"
    const set = log.stage()
    this.#count(repair, set)
    log.settle(set)
    await log.durable()
    return undefined
  }

  #replace({ batches, fromOffset, toOffset }: Repair, set: WriteSet): void {
    const { state: { logNumber }, store } = this.#log
    for (const offset of store.lastOffsets(logNumber, fromOffset, toOffset, Number.MAX_SAFE_INTEGER)) {
      set.removeBatch(logNumber, offset)
    }
    Batch.forEach(batches, 0, batches.length, (at, size) => {
      set.putBatch(logNumber, Batch.lastOffset(batches, at), batches.subarray(at, at + size))
    })
  }

  /** A peer may have compacted more, or less, than this log had. A segment is counted once, with the portion that leaves no damage in it. */
  #count({ fromOffset, toOffset }: Repair, set: WriteSet): void {
    const { endOfDamage, state, store } = this.#log
    for (const segment of state.sealed) {
      const isMended = segment.nextOffset <= toOffset || toOffset >= endOfDamage
      if (!isMended || segment.nextOffset <= fromOffset || segment.firstOffset >= toOffset) continue
      const bytes = storedBytes(store, state.logNumber, segment)
      if (bytes !== segment.bytes) state.shrink(segment, segment.bytes - bytes, set)
    }
  }
}
