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
