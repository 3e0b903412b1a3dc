import { Decoder, Encoder } from "./wire.ts"

const crcTable = new Uint32Array(256).map((_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value >>> 0
})

/** CRC-32C (Castagnoli). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!
  return (crc ^ 0xffffffff) >>> 0
}

export interface BatchInput {
  readonly values: ReadonlyArray<Buffer>
  readonly producerId?: number
  readonly producerEpoch?: number
  readonly baseSequence?: number
}

/** An uncompressed record batch, magic 2, base offset 0. */
export function buildBatch(input: BatchInput): Buffer {
  const records = new Encoder()
  input.values.forEach((value, index) => {
    const body = new Encoder().int8(0).varint(0).varint(index).varint(-1).varint(value.length).raw(value).varint(0).finish()
    records.varint(body.length).raw(body)
  })
  const now = Date.now()
  const checked = new Encoder().int16(0).int32(input.values.length - 1).int64(now).int64(now)
    .int64(input.producerId ?? -1).int16(input.producerEpoch ?? -1).int32(input.baseSequence ?? -1)
    .int32(input.values.length).raw(records.finish()).finish()
  return new Encoder().int64(0).int32(checked.length + 9).int32(-1).int8(2).int32(crc32c(checked) | 0).raw(checked).finish()
}

export interface ReadRecord {
  readonly offset: number
  readonly value: Buffer
}

/** The records of all whole batches; a batch cut off at the end is left out, as in every fetch answer. */
export function readBatches(bytes: Buffer): ReadRecord[] {
  const found: ReadRecord[] = []
  for (let at = 0; at + 61 <= bytes.length;) {
    const sizeBytes = bytes.readInt32BE(at + 8) + 12
    if (at + sizeBytes > bytes.length) break
    const batch = bytes.subarray(at, at + sizeBytes)
    if (batch.readUInt32BE(17) !== crc32c(batch.subarray(21))) throw new Error(`batch at offset ${batch.readBigInt64BE(0)} has a wrong CRC`)
    const attributes = batch.readInt16BE(21)
    if ((attributes & 7) !== 0) throw new Error("compressed batch: the tiers write uncompressed ones")
    const baseOffset = Number(batch.readBigInt64BE(0))
    const reader = new Decoder(batch.subarray(57))
    const count = reader.int32()
    for (let index = 0; index < count && (attributes & 0x20) === 0; index++) {
      const end = reader.varint() + reader.at
      reader.int8()
      reader.varint()
      const offset = baseOffset + reader.varint()
      reader.raw(Math.max(reader.varint(), 0))
      const value = reader.raw(Math.max(reader.varint(), 0))
      found.push({ offset, value })
      reader.at = end
    }
    at += sizeBytes
  }
  return found
}
