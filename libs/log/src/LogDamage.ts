import type { LogFault } from "./LogFault.ts"
import type { PartitionLog } from "./PartitionLog.ts"

/**
 * Damage that recovery found.
 *
 * - `truncated`: the log ends where the damage begins; nothing that was known here to be committed is gone.
 * - `quarantined`: nothing was dropped; the log takes no appends until it is repaired, and never serves the range.
 * - `rebuilt`: a record of our own was damaged and was made anew from the batches.
 */
export interface LogDamage {
  readonly log: PartitionLog
  readonly fault: LogFault
  readonly action: "truncated" | "quarantined" | "rebuilt"
}
