import { crc32, gzipSync } from "node:zlib"
import { recordCodecs } from "@tailrace/codecs"
import { Encoder } from "../bench/harness/wire.ts"

export interface RecordFields {
  readonly key?: string | null
  readonly value?: string | null
  readonly timestampDelta?: number
  readonly offsetDelta?: number
}

/** Every field of a batch may be told; what is left out is what a client would write. */
export interface BatchFields {
  readonly records?: ReadonlyArray<RecordFields>
  readonly baseOffset?: number
  readonly leaderEpoch?: number
  readonly magic?: number
  readonly crc?: number
  readonly attributes?: number
  readonly lastOffsetDelta?: number
  readonly baseTimestamp?: number
  readonly maxTimestamp?: number
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
  readonly count?: number
  readonly length?: number
  /** Bytes in place of the records. */
  readonly payload?: Buffer
  readonly compression?: number
}

const dayMillis = 86_400_000

/** The same time for both servers, within a day or two: nothing is kept for longer than a week. */
export const someDay = Math.floor(Date.now() / dayMillis - 1) * dayMillis

/** A batch of magic 2, as wrong as it is told to be. */
export function batch(fields: BatchFields = {}): Buffer {
  const records = fields.records ?? [{ value: "v" }]
  const section = fields.payload ?? recordCodecs.compress((fields.compression ?? 0) as 0, recordsOf(records))
  const base = fields.baseTimestamp ?? someDay
  const max = fields.maxTimestamp ?? base + Math.max(0, ...records.map(({ timestampDelta }) => timestampDelta ?? 0))
  const checked = new Encoder().int16((fields.attributes ?? 0) | (fields.compression ?? 0)).int32(fields.lastOffsetDelta ?? records.length - 1)
    .int64(base).int64(max).int64(fields.producerId ?? -1).int16(fields.producerEpoch ?? -1).int32(fields.baseSequence ?? -1)
    .int32(fields.count ?? records.length).raw(section).finish()
  const crc = fields.crc ?? recordCodecs.crc32c(checked)
  return new Encoder().int64(fields.baseOffset ?? 0).int32(fields.length ?? checked.length + 9).int32(fields.leaderEpoch ?? -1)
    .int8(fields.magic ?? 2).int32(crc | 0).raw(checked).finish()
}

/** A message set of magic 0 or 1, as clients before 0.11 wrote it; gzip wraps the messages into one. */
export function oldMessages(magic: 0 | 1, values: ReadonlyArray<string>, isWrapped = false): Buffer {
  const plain = Buffer.concat(values.map((value, index) => oldMessage(magic, 0, index, Buffer.from(value))))
  return isWrapped ? oldMessage(magic, 1, values.length - 1, gzipSync(plain)) : plain
}

function oldMessage(magic: 0 | 1, attributes: number, offset: number, value: Buffer): Buffer {
  const checked = new Encoder().int8(magic).int8(attributes)
  if (magic === 1) checked.int64(someDay)
  const body = checked.bytes(null).bytes(value).finish()
  return new Encoder().int64(offset).int32(body.length + 4).int32(crc32(body) | 0).raw(body).finish()
}

function recordsOf(records: ReadonlyArray<RecordFields>): Buffer {
  const section = new Encoder()
  records.forEach((record, index) => {
    const body = new Encoder().int8(0).varint(record.timestampDelta ?? 0).varint(record.offsetDelta ?? index)
    for (const part of [record.key ?? null, record.value === undefined ? "v" : record.value]) {
      if (part === null) body.varint(-1)
      else body.varint(Buffer.byteLength(part)).raw(Buffer.from(part))
    }
    const bytes = body.varint(0).finish()
    section.varint(bytes.length).raw(bytes)
  })
  return section.finish()
}
