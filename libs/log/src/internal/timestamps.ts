import { Batch, type RecordCodecs, RecordCursor } from "@tailrace/record"
import type { StoreRead } from "../Store.ts"
import type { LogState } from "./LogState.ts"

/** A record that was searched by its timestamp. */
export interface FoundRecord {
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

/** Records are only decoded from bytes that are what was written. */
interface Source {
  readVerified(fromOffset: number, bytesMax: number, endOffset: number, atLeastOne: boolean): StoreRead | Promise<StoreRead>
}

const readBytesMax = 512 * 1024

/** Segments are passed by their newest timestamp, batches by theirs; records are decoded in one batch only. */
export async function findTimestamp(
  source: Source, state: LogState, target: number, endOffset: number, codecs: RecordCodecs
): Promise<FoundRecord | undefined> {
  const segments = [...state.segments()]
  for (const segment of segments) {
    if (segment.maxTimestamp < target) continue
    const from = Math.max(segment.searchFrom(target), state.startOffset)
    const found = await search(source, from, Math.min(segment.nextOffset, endOffset), (batch, at) =>
      Batch.maxTimestamp(batch, at) < target
        ? undefined
        : firstRecord(batch, at, codecs, (cursor) => cursor.timestamp >= target && cursor.offset >= state.startOffset))
    if (found !== undefined) return found
  }
  return undefined
}

export async function maxTimestampRecord(
  source: Source, state: LogState, endOffset: number, codecs: RecordCodecs
): Promise<FoundRecord | undefined> {
  let newest: { maxTimestamp: number; maxTimestampOffset: number } | undefined
  for (const segment of state.segments()) {
    if (segment.maxTimestampOffset < endOffset && segment.maxTimestamp > (newest?.maxTimestamp ?? -1)) newest = segment
  }
  if (newest === undefined) return undefined
  const { maxTimestamp, maxTimestampOffset } = newest
  return search(source, Math.max(maxTimestampOffset, state.startOffset), endOffset, (batch, at) =>
    firstRecord(batch, at, codecs, (cursor) => cursor.timestamp === maxTimestamp && cursor.offset >= state.startOffset))
}

async function search(
  source: Source, fromOffset: number, endOffset: number, examine: (batch: Buffer, at: number) => FoundRecord | undefined
): Promise<FoundRecord | undefined> {
  let from = fromOffset
  while (from < endOffset) {
    const { chunks } = await source.readVerified(from, readBytesMax, endOffset, true)
    if (chunks.length === 0) return undefined
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += Batch.sizeInBytes(chunk, at)) {
        const found = examine(chunk, at)
        if (found !== undefined) return found
        from = Batch.nextOffset(chunk, at)
      }
    }
  }
  return undefined
}

function firstRecord(
  batch: Buffer, at: number, codecs: RecordCodecs, matches: (cursor: RecordCursor) => boolean
): FoundRecord | undefined {
  const cursor = new RecordCursor(batch, at, codecs)
  while (cursor.next()) {
    if (matches(cursor)) return { offset: cursor.offset, timestamp: cursor.timestamp, leaderEpoch: Batch.leaderEpoch(batch, at) }
  }
  return undefined
}
