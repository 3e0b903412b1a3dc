import { isSafeInt64, readInt64, writeInt64 } from "./Int64.ts"

/**
 * Record batches of magic 2 in place: every function takes a buffer and the position where a batch starts,
 * and answers a number. Nothing here parses records. Callers run {@link check} once on bytes from outside;
 * the accessors trust that at least `headerBytes` bytes are there.
 */
export const headerBytes = 61
/** The bytes before and including the length field, which the length does not count. */
export const overheadBytes = 12
/** Where the bytes start that the CRC covers; base offset and leader epoch lie before it. */
export const crcCoversFrom = 21
export const currentMagic = 2
/** The shortest record there is, with null key, null value and no header. */
export const recordBytesMin = 7

const lengthAt = 8
const leaderEpochAt = 12
const magicAt = 16
const crcAt = 17
const attributesAt = 21
const lastOffsetDeltaAt = 23
const baseTimestampAt = 27
const maxTimestampAt = 35
const producerIdAt = 43
const producerEpochAt = 51
const baseSequenceAt = 53
const recordCountAt = 57

const compressionMask = 7
const logAppendTimeBit = 8
const transactionalBit = 16
const controlBit = 32
const deleteHorizonBit = 64
const sequences = 0x8000_0000

export const sizeInBytes = (b: Buffer, at: number): number => b.readInt32BE(at + lengthAt) + overheadBytes
export const baseOffset = (b: Buffer, at: number): number => readInt64(b, at)
export const lastOffsetDelta = (b: Buffer, at: number): number => b.readInt32BE(at + lastOffsetDeltaAt)
export const lastOffset = (b: Buffer, at: number): number => readInt64(b, at) + b.readInt32BE(at + lastOffsetDeltaAt)
export const nextOffset = (b: Buffer, at: number): number => lastOffset(b, at) + 1
export const leaderEpoch = (b: Buffer, at: number): number => b.readInt32BE(at + leaderEpochAt)
export const magic = (b: Buffer, at: number): number => b.readInt8(at + magicAt)
export const crc = (b: Buffer, at: number): number => b.readUInt32BE(at + crcAt)
export const attributes = (b: Buffer, at: number): number => b.readInt16BE(at + attributesAt)
/** 0 to 4 in batches that can be read; 5 to 7 mean nothing and are for the caller to refuse. */
export const compressionType = (b: Buffer, at: number): number => attributes(b, at) & compressionMask
export const isTransactional = (b: Buffer, at: number): boolean => (attributes(b, at) & transactionalBit) !== 0
export const isControl = (b: Buffer, at: number): boolean => (attributes(b, at) & controlBit) !== 0
export const usesLogAppendTime = (b: Buffer, at: number): boolean => (attributes(b, at) & logAppendTimeBit) !== 0
/** Set by compaction: the base timestamp field then holds the time after which tombstones may go. */
export const hasDeleteHorizon = (b: Buffer, at: number): boolean => (attributes(b, at) & deleteHorizonBit) !== 0
export const baseTimestamp = (b: Buffer, at: number): number => readInt64(b, at + baseTimestampAt)
export const maxTimestamp = (b: Buffer, at: number): number => readInt64(b, at + maxTimestampAt)
/** -1 when the producer is not idempotent. */
export const producerId = (b: Buffer, at: number): number => readInt64(b, at + producerIdAt)
export const producerEpoch = (b: Buffer, at: number): number => b.readInt16BE(at + producerEpochAt)
export const baseSequence = (b: Buffer, at: number): number => b.readInt32BE(at + baseSequenceAt)
export const recordCount = (b: Buffer, at: number): number => b.readInt32BE(at + recordCountAt)

/** The sequence `steps` behind `sequence`; sequences wrap from 2^31-1 to 0. */
export const sequenceAfter = (sequence: number, steps: number): number => {
  const next = sequence + steps
  return next < sequences ? next : next - sequences
}

/** -1 when the batch carries no sequence. */
export const lastSequence = (b: Buffer, at: number): number => {
  const base = baseSequence(b, at)
  return base < 0 ? -1 : sequenceAfter(base, lastOffsetDelta(b, at))
}

/** Gives the batch its place in the log. Both fields lie outside the CRC, which stays valid. */
export const assign = (b: Buffer, at: number, offset: number, epoch: number): void => {
  writeInt64(b, at, offset)
  b.writeInt32BE(epoch, at + leaderEpochAt)
}

/** Makes `millis` the timestamp of every record of the batch (LogAppendTime) and renews the CRC. */
export const stampLogAppendTime = (
  b: Buffer, at: number, millis: number, crc32c: (bytes: Uint8Array) => number
): void => {
  b.writeInt16BE(attributes(b, at) | logAppendTimeBit, at + attributesAt)
  setMaxTimestamp(b, at, millis, crc32c)
}

/** Says that the newest record is of `millis`, and renews the CRC. */
export const setMaxTimestamp = (
  b: Buffer, at: number, millis: number, crc32c: (bytes: Uint8Array) => number
): void => {
  writeInt64(b, at + maxTimestampAt, millis)
  b.writeUInt32BE(crc32c(b.subarray(at + crcCoversFrom, at + sizeInBytes(b, at))), at + crcAt)
}

/**
 * - `truncated`: the bytes end before the batch does; more may come.
 * - `length`: the length field is shorter than a header.
 * - `magic`: an old or unknown format.
 * - `crc`: the bytes are not those that were written.
 * - `count`: counts that no valid batch has.
 * - `range`: an offset, timestamp or producer id outside ±(2^53-1).
 */
export type BatchFault = "truncated" | "length" | "magic" | "crc" | "count" | "range"

/**
 * Verifies the structure and the checksum of the batch at `at`, reading nothing at or behind `end`.
 * Compacted batches may hold fewer records than offsets, even none; what a producer may send is stricter.
 */
export const check = (
  b: Buffer, at: number, end: number, crc32c: (bytes: Uint8Array) => number
): BatchFault | undefined => {
  if (end - at < overheadBytes) return "truncated"
  const size = sizeInBytes(b, at)
  if (size < headerBytes) return "length"
  if (size > end - at) return "truncated"
  if (magic(b, at) !== currentMagic) return "magic"
  if (crc(b, at) !== crc32c(b.subarray(at + crcCoversFrom, at + size))) return "crc"
  const count = recordCount(b, at)
  const delta = lastOffsetDelta(b, at)
  if (count < 0 || delta < 0 || count > delta + 1) return "count"
  if (compressionType(b, at) === 0 && count * recordBytesMin > size - headerBytes) return "count"
  if (!isSafeInt64(b, at) || !isSafeInt64(b, at + baseTimestampAt) || !isSafeInt64(b, at + maxTimestampAt)
    || !isSafeInt64(b, at + producerIdAt)) return "range"
  return Number.isSafeInteger(lastOffset(b, at) + 1) ? undefined : "range"
}

/**
 * Visits every whole batch in order and answers the position where it stopped: `to`, or the start of a batch that
 * is cut off (usual at the end of a fetch) or whose length field is not possible. Checks nothing else.
 */
export const forEach = (
  b: Buffer, from: number, to: number, visit: (at: number, sizeInBytes: number) => void
): number => {
  let at = from
  while (to - at >= headerBytes) {
    const size = sizeInBytes(b, at)
    if (size < headerBytes || size > to - at) break
    visit(at, size)
    at += size
  }
  return at
}
