import * as Batch from "./Batch.ts"
import type { CompressionType } from "./CompressionType.ts"
import { CorruptRecordError, type CorruptRecordReason } from "./CorruptRecordError.ts"
import { Int64RangeError } from "./Int64.ts"
import type { LogRecord, RecordHeader } from "./LogRecord.ts"
import type { RecordCodecs } from "./RecordCodecs.ts"
import { endOf, readInt32, readInt64, VarintError } from "./Varint.ts"

export interface ReadLimits {
  /** The most that the records of one batch may take after decompression. */
  readonly outputBytesMax: number
}

/** Room for a batch of the largest size that Kafka's defaults let through, compressed 100 times. */
export const defaultReadLimits: ReadLimits = { outputBytesMax: 128 << 20 }

const noHeaders: ReadonlyArray<RecordHeader> = []

/**
 * Walks the records of one batch without allocating per record: `next` moves, the fields describe the record it
 * stopped at, and `key`, `value`, `headers` and `record` make views on demand. The batch must have passed
 * `Batch.check`; everything inside the records section is checked here, and bad bytes throw
 * {@link CorruptRecordError} or `DecompressionError`.
 */
export class RecordCursor {
  /** The uncompressed records section; positions below count in it. */
  readonly bytes: Buffer
  readonly recordCount: number
  offset = -1
  timestamp = -1
  keyAt = 0
  /** -1 is null. */
  keyBytes = -1
  valueAt = 0
  /** -1 is null. */
  valueBytes = -1
  headerCount = 0

  readonly #start: number
  readonly #end: number
  readonly #baseOffset: number
  readonly #lastOffsetDelta: number
  readonly #baseTimestamp: number
  readonly #appendTime: number | undefined
  #position: number
  #recordEnd: number
  #headersAt = 0
  #read = 0
  #lastDelta = -1

  constructor(batch: Buffer, at: number, codecs: RecordCodecs, limits: ReadLimits = defaultReadLimits) {
    if (Batch.magic(batch, at) !== Batch.currentMagic) throw new CorruptRecordError("magic", 0)
    const end = at + Batch.sizeInBytes(batch, at)
    if (end - at < Batch.headerBytes || end > batch.length) throw new CorruptRecordError("truncated", 0)
    this.recordCount = Batch.recordCount(batch, at)
    this.#baseOffset = Batch.baseOffset(batch, at)
    this.#lastOffsetDelta = Batch.lastOffsetDelta(batch, at)
    this.#baseTimestamp = Batch.baseTimestamp(batch, at)
    this.#appendTime = Batch.usesLogAppendTime(batch, at) ? Batch.maxTimestamp(batch, at) : undefined
    const compression = Batch.compressionType(batch, at)
    if (compression > 4) throw new CorruptRecordError("compression", 0)
    if (compression === 0) {
      this.bytes = batch
      this.#start = at + Batch.headerBytes
      this.#end = end
    } else {
      const section = batch.subarray(at + Batch.headerBytes, end)
      this.bytes = codecs.decompress(compression as CompressionType, section, limits.outputBytesMax)
      this.#start = 0
      this.#end = this.bytes.length
    }
    this.#position = this.#start
    this.#recordEnd = this.#start
    const room = Math.floor((this.#end - this.#start) / Batch.recordBytesMin)
    if (this.recordCount < 0 || this.recordCount > room) throw this.#corrupt("count", this.#start)
  }

  /** Moves to the next record; false behind the last one, where it also checks that no bytes are left over. */
  next(): boolean {
    if (this.#read === this.recordCount) {
      if (this.#recordEnd !== this.#end) throw this.#corrupt("trailing", this.#recordEnd)
      return false
    }
    try {
      this.#readRecord()
    } catch (error) {
      if (error instanceof VarintError) throw this.#corrupt("varint", this.#position)
      if (error instanceof Int64RangeError) throw this.#corrupt("timestamp", this.#position)
      throw error
    }
    this.#read++
    return true
  }

  get key(): Buffer | null {
    return this.keyBytes < 0 ? null : this.bytes.subarray(this.keyAt, this.keyAt + this.keyBytes)
  }

  get value(): Buffer | null {
    return this.valueBytes < 0 ? null : this.bytes.subarray(this.valueAt, this.valueAt + this.valueBytes)
  }

  get headers(): ReadonlyArray<RecordHeader> {
    if (this.headerCount === 0) return noHeaders
    const headers: Array<RecordHeader> = []
    this.#walkHeaders((keyAt, keyBytes, valueAt, valueBytes) => {
      headers.push({
        key: this.bytes.toString("utf8", keyAt, keyAt + keyBytes),
        value: valueBytes < 0 ? null : this.bytes.subarray(valueAt, valueAt + valueBytes)
      })
    })
    return headers
  }

  get record(): LogRecord {
    return { offset: this.offset, timestamp: this.timestamp, key: this.key, value: this.value, headers: this.headers }
  }

  #corrupt(reason: CorruptRecordReason, at: number): CorruptRecordError {
    return new CorruptRecordError(reason, at - this.#start)
  }

  #readRecord(): void {
    const bytes = this.bytes
    this.#position = this.#recordEnd
    const size = readInt32(bytes, this.#position, this.#end)
    let position = endOf(bytes, this.#position, this.#end)
    if (size < Batch.recordBytesMin - 1 || size > this.#end - position) throw this.#corrupt("length", this.#position)
    const end = position + size
    // One byte of record attributes, of which no bit has a meaning.
    position++
    const timestampDelta = readInt64(bytes, position, end)
    position = endOf(bytes, position, end)
    this.timestamp = this.#appendTime ?? this.#baseTimestamp + timestampDelta
    if (!Number.isSafeInteger(this.timestamp)) throw this.#corrupt("timestamp", position)
    const offsetDelta = readInt32(bytes, position, end)
    if (offsetDelta <= this.#lastDelta || offsetDelta > this.#lastOffsetDelta) throw this.#corrupt("offset", position)
    this.#lastDelta = offsetDelta
    this.offset = this.#baseOffset + offsetDelta
    position = endOf(bytes, position, end)
    this.keyBytes = readInt32(bytes, position, end)
    this.keyAt = endOf(bytes, position, end)
    if (this.keyBytes < -1 || this.keyBytes > end - this.keyAt) throw this.#corrupt("key", position)
    position = this.keyAt + Math.max(0, this.keyBytes)
    this.valueBytes = readInt32(bytes, position, end)
    this.valueAt = endOf(bytes, position, end)
    if (this.valueBytes < -1 || this.valueBytes > end - this.valueAt) throw this.#corrupt("value", position)
    position = this.valueAt + Math.max(0, this.valueBytes)
    this.headerCount = readInt32(bytes, position, end)
    this.#headersAt = endOf(bytes, position, end)
    // A header takes at least two bytes, so a count can never announce more than the record holds.
    if (this.headerCount < 0 || this.headerCount * 2 > end - this.#headersAt) throw this.#corrupt("headers", position)
    this.#recordEnd = end
    if (this.#walkHeaders(undefined) !== end) throw this.#corrupt("length", this.#position)
  }

  #walkHeaders(
    visit: ((keyAt: number, keyBytes: number, valueAt: number, valueBytes: number) => void) | undefined
  ): number {
    const bytes = this.bytes
    const end = this.#recordEnd
    let position = this.#headersAt
    for (let index = 0; index < this.headerCount; index++) {
      const keyBytes = readInt32(bytes, position, end)
      const keyAt = endOf(bytes, position, end)
      if (keyBytes < 0 || keyBytes > end - keyAt) throw this.#corrupt("headers", position)
      position = keyAt + keyBytes
      const valueBytes = readInt32(bytes, position, end)
      const valueAt = endOf(bytes, position, end)
      if (valueBytes < -1 || valueBytes > end - valueAt) throw this.#corrupt("headers", position)
      position = valueAt + Math.max(0, valueBytes)
      if (visit !== undefined) visit(keyAt, keyBytes, valueAt, valueBytes)
    }
    return position
  }
}
