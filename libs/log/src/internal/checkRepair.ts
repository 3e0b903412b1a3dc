import { Batch, type BatchFault } from "@tailrace/record"
import type { LeaderEpochs } from "@tailrace/replication"
import type { Crc32c } from "./Guarded.ts"
import { hasForeignEpoch } from "./misplacement.ts"

/**
 * Why batches of a peer were not taken. `order`, `missing`: they are not those of the range. `epoch`: they are of
 * another history than this log. `state`: the log does not know its own end, and has to start afresh. `stale`: the log is
 * not damaged there, or not any more; or it is being written, repaired or compacted, so ask again.
 */
export type RepairRefusal = BatchFault | "order" | "missing" | "epoch" | "state" | "stale"

export interface Repair {
  readonly fromOffset: number
  readonly toOffset: number
  readonly batches: Buffer
}

/** Checks everything that tells whether the bytes are those that were written here once. */
export function checkRepair(
  { batches, fromOffset, toOffset }: Repair, startOffset: number, epochs: LeaderEpochs, mayHaveGaps: boolean, crc32c: Crc32c
): RepairRefusal | undefined {
  let end = fromOffset
  let at = 0
  while (at < batches.length) {
    const fault = Batch.check(batches, at, batches.length, crc32c)
    if (fault !== undefined) return fault
    const baseOffset = Batch.baseOffset(batches, at)
    // The log may start inside its first batch.
    const isFirst = at === 0 && fromOffset === startOffset
    if (isFirst ? Batch.nextOffset(batches, at) <= end : baseOffset < end) return "order"
    if (baseOffset > end && !mayHaveGaps) return "missing"
    if (hasForeignEpoch(batches, at, epochs)) return "epoch"
    end = Batch.nextOffset(batches, at)
    at += Batch.sizeInBytes(batches, at)
  }
  if (end > toOffset) return "order"
  return end < toOffset && !mayHaveGaps ? "missing" : undefined
}
