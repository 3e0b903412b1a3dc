import { Batch, type RecordCodecs, RecordCursor } from "@tailrace/record"
import type { StoreRead } from "../Store.ts"
import type { Descriptor } from "./Descriptor.ts"
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

/**
 * The first record with the newest timestamp. A segment whose newest is out of reach, deleted or not committed yet, is searched for the
 * newest of its others: behind the last entry of its time index, or where its beginning was deleted from there on.
 */
export async function maxTimestampRecord(
  source: Source, state: LogState, endOffset: number, codecs: RecordCodecs
): Promise<FoundRecord | undefined> {
  const { startOffset } = state
  const segments = [...state.segments()].filter(({ firstOffset, nextOffset }) => firstOffset < endOffset && nextOffset > startOffset)
  const isWhole = ({ maxTimestampOffset }: Descriptor): boolean => maxTimestampOffset >= startOffset && maxTimestampOffset < endOffset
  let newest: Newest = { timestamp: -1, from: -1 }
  for (const segment of segments.filter(isWhole)) {
    if (segment.maxTimestamp > newest.timestamp) newest = { timestamp: segment.maxTimestamp, from: segment.maxTimestampOffset }
  }
  for (const segment of segments) {
    if (isWhole(segment) || segment.maxTimestamp <= newest.timestamp) continue
    const found = await newestWithin(source, segment, startOffset, Math.min(segment.nextOffset, endOffset), codecs)
    if (found.timestamp > newest.timestamp) newest = found
  }
  if (newest.from < 0) return undefined
  return search(source, Math.max(newest.from, startOffset), endOffset, (batch, at) =>
    firstRecord(batch, at, codecs, (cursor) => cursor.timestamp === newest.timestamp && cursor.offset >= startOffset))
}

/** A timestamp, and the offset from which the first record that has it is found. */
interface Newest {
  readonly timestamp: number
  readonly from: number
}

async function newestWithin(
  source: Source, segment: Descriptor, startOffset: number, endOffset: number, codecs: RecordCodecs
): Promise<Newest> {
  const known = startOffset <= segment.firstOffset ? segment.entryBefore(endOffset) : undefined
  let newest: Newest = known === undefined ? { timestamp: -1, from: -1 } : { timestamp: known.timestamp, from: segment.searchFrom(known.timestamp) }
  await search(source, known?.offset ?? Math.max(segment.firstOffset, startOffset), endOffset, (batch, at) => {
    const timestamp = Batch.baseOffset(batch, at) >= startOffset ? Batch.maxTimestamp(batch, at) : newestOf(batch, at, startOffset, codecs)
    if (timestamp > newest.timestamp) newest = { timestamp, from: Batch.baseOffset(batch, at) }
    return undefined
  })
  return newest
}

/** Of a batch whose first records are deleted, the newest timestamp of the others. */
function newestOf(batch: Buffer, at: number, startOffset: number, codecs: RecordCodecs): number {
  let newest = -1
  for (const cursor = new RecordCursor(batch, at, codecs); cursor.next();) {
    if (cursor.offset >= startOffset) newest = Math.max(newest, cursor.timestamp)
  }
  return newest
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
