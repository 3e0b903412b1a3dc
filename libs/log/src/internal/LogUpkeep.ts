import type { RecordCodecs } from "@tailrace/record"
import type { LogFault } from "../LogFault.ts"
import type { StoreRead } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import type { RepairRefusal } from "./checkRepair.ts"
import { Compaction, type CompactionOptions, type CompactionResult } from "./Compaction.ts"
import type { LogContext } from "./LogContext.ts"
import { LogRepair } from "./LogRepair.ts"
import { LogScrub } from "./LogScrub.ts"
import type { LogState } from "./LogState.ts"

/** The log, as those see it that work on what it has stored. */
export interface KeptLog {
  state(): LogState
  fault(): LogFault | undefined
  durableEnd(): number
  /** Batches from here on are in memory or not written yet. */
  coldEnd(): number
  /** Whether compaction may have left gaps; true while the policy is not known. */
  mayHaveGaps(): boolean
  /** Answers whether the log is still the one that it is now: false once it was truncated, rebuilt or deleted. */
  currency(): () => boolean
  stage(): WriteSet
  setFault(fault: LogFault | undefined, set: WriteSet): void
  quarantine(fault: LogFault): void
  /** Looks at a read from the disk as a verified read does: damage quarantines the log. */
  examine(found: StoreRead, fromOffset: number, endOffset: number): void
  /** Makes the newest segment and the producers what the stored batches say. */
  replay(): LogFault | undefined
}

const compactionReadBytes = 256 * 1024

/**
 * Compaction, scrub and repair of one log. One of the first and the last runs at a time: each puts batches in the place of others, made from
 * what it read before. A compaction ends by itself when damage is found, so a repair need not wait long.
 */
export class LogUpkeep {
  readonly #context: LogContext
  readonly #log: KeptLog
  #isCompacting = false
  #isRepairing = false

  constructor(context: LogContext, log: KeptLog) {
    this.#context = context
    this.#log = log
  }

  /** Whether stored batches are being replaced, so that they cannot be counted. */
  get isChanging(): boolean {
    return this.#isCompacting || this.#isRepairing
  }

  async compact(codecs: RecordCodecs, options: Omit<CompactionOptions, "segmentBytesMax">): Promise<CompactionResult | undefined> {
    if (this.isChanging || this.#log.fault() !== undefined) return undefined
    const { loop, store, segmentBytesMax } = this.#context
    const state = this.#log.state()
    const isSame = this.#log.currency()
    // A pass that left out batches because of damage must not go on when the damage is repaired.
    let isCurrent = true
    this.#isCompacting = true
    try {
      const log = {
        isCurrent: () => (isCurrent &&= isSame() && this.#log.fault() === undefined),
        read: (fromOffset: number, endOffset: number) => store.readBatches(state.logNumber, fromOffset, endOffset, compactionReadBytes, true),
        examine: (found: StoreRead, fromOffset: number, endOffset: number) => this.#log.examine(found, fromOffset, endOffset),
        stage: () => {
          this.#context.assertUsable()
          return this.#log.stage()
        },
        durable: () => loop.durable()
      }
      return await new Compaction(log, state, codecs, { ...options, segmentBytesMax }).run()
    } finally {
      this.#isCompacting = false
    }
  }

  scrub(): LogScrub {
    const { crc32c, isUsable, store } = this.#context
    const log = this.#log
    return new LogScrub({
      state: log.state(),
      store,
      crc32c,
      isCurrent: log.currency(),
      isChanging: () => this.isChanging,
      // The tail is served from memory, which needs no check.
      coldEnd: () => log.coldEnd(),
      fault: () => log.fault(),
      quarantine: (fault) => log.quarantine(fault),
      rewrite: (write) => {
        if (isUsable()) write(log.stage())
      }
    })
  }

  /** As `PartitionLog.replaceRange`. */
  async repair(fromOffset: number, toOffset: number, batches: Buffer): Promise<RepairRefusal | undefined> {
    const log = this.#log
    const fault = log.fault()
    const state = log.state()
    if (fault === undefined || fault.offset !== fromOffset || toOffset <= fromOffset || toOffset > fault.endOffset) return "stale"
    if (this.isChanging || log.durableEnd() < state.endOffset) return "stale"
    if (fault.endOffset > state.endOffset) return "state"
    const { crc32c, loop, store } = this.#context
    this.#isRepairing = true
    try {
      return await new LogRepair({
        state,
        store,
        crc32c,
        endOfDamage: fault.endOffset,
        mayHaveGaps: log.mayHaveGaps(),
        isCurrent: log.currency(),
        stage: () => log.stage(),
        durable: () => loop.durable(),
        settle: (set) => log.setFault(this.#remaining(fromOffset, toOffset), set)
      }).run({ fromOffset, toOffset, batches })
    } finally {
      this.#isRepairing = false
    }
  }

  /** What is damaged besides the range that was repaired. More may have been found meanwhile, on either side of it. */
  #remaining(fromOffset: number, toOffset: number): LogFault | undefined {
    const fault = this.#log.fault()
    if (fault === undefined || toOffset >= fault.endOffset && fault.offset >= fromOffset) return this.#log.replay()
    return fault.offset < fromOffset ? fault : { ...fault, offset: Math.max(fault.offset, toOffset) }
  }
}
