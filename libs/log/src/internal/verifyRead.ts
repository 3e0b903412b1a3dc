import { Batch } from "@tailrace/record"
import type { LogFault } from "../LogFault.ts"
import type { StoreRead } from "../Store.ts"

export type BatchCheck = (batch: Buffer) => LogFault["reason"] | undefined

/** What a read from the store found that cannot be: the batches before it are good. */
export interface Suspicion {
  readonly good: StoreRead
  /** Where good batches end. */
  readonly offset: number
  /** Where batches go on, when some are missing. */
  readonly gapEnd: number | undefined
  readonly reason: LogFault["reason"]
}

/**
 * Looks at batches that come from a disk: their place always, for the price of two fields, and their bytes where
 * `check` is given. Compacted logs have gaps, so a gap alone is no fault; `faultOfGap` knows.
 */
export function verifyRead(
  found: StoreRead, fromOffset: number, endOffset: number, check: BatchCheck | undefined,
  faultOfGap: (offset: number, nextOffset: number) => "order" | "missing" | undefined
): Suspicion | undefined {
  let end = fromOffset
  for (let i = 0; i < found.chunks.length; i++) {
    const batch = found.chunks[i]!
    const reason = faultOf(batch, end, i === 0, endOffset, check)
    if (reason !== undefined) return suspicion(found, i, end, undefined, reason)
    const baseOffset = Batch.baseOffset(batch, 0)
    const gapFault = baseOffset > end ? faultOfGap(end, Batch.nextOffset(batch, 0)) : undefined
    if (gapFault !== undefined) return suspicion(found, i, end, gapFault === "missing" ? baseOffset : undefined, gapFault)
    end = Batch.nextOffset(batch, 0)
  }
  return undefined
}

/** The first batch may begin before the offset that it was looked up by. */
function faultOf(
  batch: Buffer, end: number, isFirst: boolean, endOffset: number, check: BatchCheck | undefined
): LogFault["reason"] | undefined {
  if (batch.length < Batch.headerBytes) return "truncated"
  const fault = check?.(batch)
  if (fault !== undefined) return fault
  if (Batch.sizeInBytes(batch, 0) !== batch.length) return "length"
  const nextOffset = Batch.nextOffset(batch, 0)
  const isInPlace = nextOffset > end && nextOffset <= endOffset && (isFirst || Batch.baseOffset(batch, 0) >= end)
  return isInPlace ? undefined : "order"
}

function suspicion(
  { chunks }: StoreRead, count: number, offset: number, gapEnd: number | undefined, reason: LogFault["reason"]
): Suspicion {
  const good = chunks.slice(0, count)
  return { good: { chunks: good, bytes: good.reduce((bytes, chunk) => bytes + chunk.length, 0) }, offset, gapEnd, reason }
}
