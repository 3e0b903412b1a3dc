import { Batch } from "@tailrace/record"
import type { LeaderEpochs } from "@tailrace/replication"

/**
 * Whether the batch is another than the one that its key, the batch before it and the history of epochs promise. Offset and
 * epoch lie outside the CRC, so they have to be checked like this.
 */
export function misplacement(batch: Buffer, lastOffset: number, end: number, epochs: LeaderEpochs): "order" | "epoch" | undefined {
  if (Batch.lastOffset(batch, 0) !== lastOffset || Batch.baseOffset(batch, 0) < end) return "order"
  return hasForeignEpoch(batch, 0, epochs) ? "epoch" : undefined
}

export function hasForeignEpoch(batches: Buffer, at: number, epochs: LeaderEpochs): boolean {
  const epoch = epochs.epochAt(Batch.lastOffset(batches, at))
  return epoch >= 0 && epoch !== Batch.leaderEpoch(batches, at)
}
