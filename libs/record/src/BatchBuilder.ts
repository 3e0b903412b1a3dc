import * as Batch from "./Batch.ts"
import { CompressionType } from "./CompressionType.ts"
import { writeInt64 as writeFixedInt64 } from "./Int64.ts"
import type { RecordCodecs } from "./RecordCodecs.ts"
import { int32Bytes, int64Bytes, writeInt32, writeInt64 } from "./Varint.ts"

/** Bytes of a key, value or header; a string stands for its UTF-8 form. */
export type FieldInput = Uint8Array | string | null

export interface RecordInput {
  /** Milliseconds since 1970. */
  readonly timestamp: number
  readonly key?: FieldInput
  readonly value?: FieldInput
  readonly headers?: ReadonlyArray<{ readonly key: string; readonly value: FieldInput }>
}

export interface BatchBuilderOptions {
  readonly codecs: RecordCodecs
  readonly compression?: CompressionType
  /** The batch takes no second record beyond this size before compression; default `bytesMaxDefault`. */
  readonly bytesMax?: number
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly isTransactional?: boolean
  readonly isControl?: boolean
}

/** Who produced a batch and where it stands in the order of that producer. */
export interface ProducerFields {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

/** Just below the broker's default of `max.message.bytes`. */
export const bytesMaxDefault = 1_000_000

const noProducer: ProducerFields = { producerId: -1, producerEpoch: -1, baseSequence: -1 }
const firstBufferBytes = 4096
const int32Max = 0x7fff_ffff

const fieldBytes = (field: FieldInput): number =>
  field === null ? -1 : typeof field === "string" ? Buffer.byteLength(field) : field.length

/** Builds one batch of magic 2. Append records until `append` answers false, then `build` once. */
export class BatchBuilder {
  readonly bytesMax: number
  readonly #options: BatchBuilderOptions
  #buffer: Buffer
  #position = Batch.headerBytes
  #count = 0
  #baseTimestamp = 0
  #maxTimestamp = 0

  constructor(options: BatchBuilderOptions) {
    this.#options = options
    this.bytesMax = Math.min(options.bytesMax ?? bytesMaxDefault, int32Max)
    this.#buffer = Buffer.allocUnsafe(Math.max(Batch.headerBytes, Math.min(firstBufferBytes, this.bytesMax)))
  }

  get recordCount(): number {
    return this.#count
  }

  /** The size of the batch so far, before compression. */
  get sizeInBytes(): number {
    return this.#position
  }

  /** Adds a record, or answers false when it does not fit; a first record always fits, however large it is. */
  append(record: RecordInput): boolean {
    const key = record.key ?? null
    const value = record.value ?? null
    const headers = record.headers
    const keyBytes = fieldBytes(key)
    const valueBytes = fieldBytes(value)
    const timestampDelta = this.#count === 0 ? 0 : record.timestamp - this.#baseTimestamp
    let size = 1 + int64Bytes(timestampDelta) + int32Bytes(this.#count)
      + int32Bytes(keyBytes) + Math.max(0, keyBytes) + int32Bytes(valueBytes) + Math.max(0, valueBytes)
      + int32Bytes(headers === undefined ? 0 : headers.length)
    if (headers !== undefined) {
      for (const header of headers) {
        const nameBytes = Buffer.byteLength(header.key)
        const dataBytes = fieldBytes(header.value)
        size += int32Bytes(nameBytes) + nameBytes + int32Bytes(dataBytes) + Math.max(0, dataBytes)
      }
    }
    const total = this.#position + int32Bytes(size) + size
    if (this.#count > 0 && (total > this.bytesMax || this.#count === int32Max)) return false
    this.#reserve(total)
    if (this.#count === 0) {
      this.#baseTimestamp = record.timestamp
      this.#maxTimestamp = record.timestamp
    } else if (record.timestamp > this.#maxTimestamp) {
      this.#maxTimestamp = record.timestamp
    }
    const buffer = this.#buffer
    let position = writeInt32(buffer, this.#position, size)
    buffer[position++] = 0
    position = writeInt64(buffer, position, timestampDelta)
    position = writeInt32(buffer, position, this.#count)
    position = this.#writeField(position, key, keyBytes)
    position = this.#writeField(position, value, valueBytes)
    position = writeInt32(buffer, position, headers === undefined ? 0 : headers.length)
    if (headers !== undefined) {
      for (const header of headers) {
        position = this.#writeField(position, header.key, Buffer.byteLength(header.key))
        position = this.#writeField(position, header.value, fieldBytes(header.value))
      }
    }
    this.#position = position
    this.#count++
    return true
  }

  /** The finished batch. The builder keeps its own bytes, so a batch may be built again with another producer epoch. */
  build(producer: ProducerFields = noProducer): Buffer {
    if (this.#count === 0) throw new Error("assertion: a batch without records is never built")
    const { codecs, compression = CompressionType.none, baseOffset = 0, leaderEpoch = -1 } = this.#options
    const records = this.#buffer.subarray(Batch.headerBytes, this.#position)
    const body = compression === CompressionType.none ? records : codecs.compress(compression, records)
    const batch = Buffer.allocUnsafe(Batch.headerBytes + body.length)
    batch.set(body, Batch.headerBytes)
    writeFixedInt64(batch, 0, baseOffset)
    batch.writeInt32BE(batch.length - Batch.overheadBytes, 8)
    batch.writeInt32BE(leaderEpoch, 12)
    batch.writeInt8(Batch.currentMagic, 16)
    batch.writeInt16BE(
      compression | (this.#options.isTransactional === true ? 16 : 0) | (this.#options.isControl === true ? 32 : 0), 21)
    batch.writeInt32BE(this.#count - 1, 23)
    writeFixedInt64(batch, 27, this.#baseTimestamp)
    writeFixedInt64(batch, 35, this.#maxTimestamp)
    writeFixedInt64(batch, 43, producer.producerId)
    batch.writeInt16BE(producer.producerEpoch, 51)
    batch.writeInt32BE(producer.baseSequence, 53)
    batch.writeInt32BE(this.#count, 57)
    batch.writeUInt32BE(codecs.crc32c(batch.subarray(Batch.crcCoversFrom)), 17)
    return batch
  }

  #reserve(total: number): void {
    if (total <= this.#buffer.length) return
    const capacity = Math.max(total, Math.min(this.#buffer.length * 2, Math.max(this.bytesMax, total)))
    const larger = Buffer.allocUnsafe(capacity)
    this.#buffer.copy(larger, 0, 0, this.#position)
    this.#buffer = larger
  }

  #writeField(at: number, field: FieldInput, bytes: number): number {
    const position = writeInt32(this.#buffer, at, bytes)
    if (field === null) return position
    if (typeof field === "string") this.#buffer.write(field, position, bytes, "utf8")
    else this.#buffer.set(field, position)
    return position + bytes
  }
}
