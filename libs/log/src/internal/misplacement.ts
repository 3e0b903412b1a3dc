import { Batch } from "@tailrace/record"

/** Whether the batch is another than the one that its key and the batch before it promise. */
export function misplacement(batch: Buffer, lastOffset: number, end: number): "order" | undefined {
  return Batch.lastOffset(batch, 0) !== lastOffset || Batch.baseOffset(batch, 0) < end ? "order" : undefined
}
