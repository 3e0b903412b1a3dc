import { Batch, type CompressionType, type RecordCodecs, RecordCursor, Varint } from "@tailrace/record"

/**
 * The batch at the start of the buffer without the records that `keeps` refuses: the same bytes when all stay, undefined
 * when none does. Records that stay are copied as they are, so offsets, timestamps and the batch's key in the store are
 * unchanged; offsets that went leave gaps.
 */
export function compactBatch(batch: Buffer, codecs: RecordCodecs, keeps: (cursor: RecordCursor) => boolean): Buffer | undefined {
  const cursor = new RecordCursor(batch, 0, codecs)
  const compression = Batch.compressionType(batch, 0)
  const { bytes } = cursor
  let at = compression === 0 ? Batch.headerBytes : 0
  const kept: Array<Buffer> = []
  while (cursor.next()) {
    const bodyAt = Varint.endOf(bytes, at, bytes.length)
    const end = bodyAt + Varint.readInt32(bytes, at, bytes.length)
    if (keeps(cursor)) kept.push(bytes.subarray(at, end))
    at = end
  }
  if (kept.length === cursor.recordCount) return batch
  if (kept.length === 0) return undefined
  const records = Buffer.concat(kept)
  const body = compression === 0 ? records : codecs.compress(compression as CompressionType, records)
  const rewritten = Buffer.allocUnsafeSlow(Batch.headerBytes + body.length)
  batch.copy(rewritten, 0, 0, Batch.headerBytes)
  rewritten.set(body, Batch.headerBytes)
  rewritten.writeInt32BE(rewritten.length - Batch.overheadBytes, lengthAt)
  rewritten.writeInt32BE(kept.length, recordCountAt)
  rewritten.writeUInt32BE(codecs.crc32c(rewritten.subarray(Batch.crcCoversFrom)), crcAt)
  return rewritten
}

const lengthAt = 8
const crcAt = 17
const recordCountAt = 57
