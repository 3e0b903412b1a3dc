import { Batch } from "@tailrace/record"
import type { Store } from "../Store.ts"
import type { LogTail, TailCache } from "./TailCache.ts"

export interface BatchSource {
  readonly store: Store
  readonly tails: TailCache
  readonly tail: LogTail
  readonly logNumber: number
  readonly durableEnd: number
}

/** Batches of the store, then those that are not in it yet; `visit` answers false to stop. */
export function visitBatches(
  { durableEnd, logNumber, store, tail, tails }: BatchSource, fromOffset: number, endOffset: number,
  visit: (batch: Buffer, lastOffset: number) => boolean
): void {
  const tailFrom = Math.max(fromOffset, Math.min(tail.firstOffset, endOffset))
  let isStopped = false
  store.scanBatches(logNumber, fromOffset, Math.min(tailFrom, durableEnd), (batch, lastOffset) => {
    isStopped = !visit(batch, lastOffset)
    return !isStopped
  })
  if (isStopped || tailFrom >= endOffset) return
  for (const batch of tails.read(tail, tailFrom, endOffset, Number.MAX_SAFE_INTEGER, false).chunks) {
    for (let at = 0; at < batch.length; at += Batch.sizeInBytes(batch, at)) {
      if (!visit(batch.subarray(at, at + Batch.sizeInBytes(batch, at)), Batch.lastOffset(batch, at))) return
    }
  }
}

/**
 * The start of the batch that holds `offset`, or `offset` itself where no batch straddles it. A batch that claims to reach
 * over others has rotted: those stay.
 */
export function boundaryBelow(source: BatchSource, offset: number, endOffset: number): number {
  let end = offset
  visitBatches(source, offset, endOffset, (batch) => {
    end = Math.min(offset, Batch.baseOffset(batch, 0))
    return false
  })
  const covered = source.store.lastOffsets(source.logNumber, end, Math.min(offset, source.durableEnd), Number.MAX_SAFE_INTEGER).at(-1)
  return covered === undefined ? end : covered + 1
}
