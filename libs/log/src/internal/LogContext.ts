import type { Clock } from "@tailrace/runtime"
import type { ProducerStates } from "@tailrace/replication"
import type { PartitionLog } from "../PartitionLog.ts"
import type { LogFault } from "../LogFault.ts"
import type { Store } from "../Store.ts"
import type { CommitLoop } from "./CommitLoop.ts"
import type { Crc32c } from "./Guarded.ts"
import type { TailCache } from "./TailCache.ts"

/** What the logs of one directory share. */
export interface LogContext {
  readonly store: Store
  readonly loop: CommitLoop
  readonly tails: TailCache
  readonly clock: Clock
  readonly crc32c: Crc32c
  readonly segmentBytesMax: number
  newProducers(encoded?: Buffer): ProducerStates
  /** Whether an append of this size may be staged now. */
  admits(bytes: number, isVital: boolean): boolean
  /** Throws `StoreError` while nothing can be staged. */
  assertUsable(): void
  /** The high watermark moved; it is written with the log's next commit, or after a while. */
  noteHighWatermark(log: PartitionLog): void
  allocateLogNumber(): number
  /** Damage was found in what the log has stored. */
  quarantined(log: PartitionLog, fault: LogFault): void
  /** Whether something can be staged. */
  isUsable(): boolean
  /** Batches of the log below the offset are garbage. */
  reclaim(logNumber: number, belowOffset: number): void
}
