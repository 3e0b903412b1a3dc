import { recordCodecs } from "@tailrace/codecs"

const headerBytes = 61

/** Record bytes of an answer as a tree: every header field by its name, the records as they are. The CRC is told by being right or wrong. */
export function readBatches(bytes: Buffer): unknown[] {
  const found: unknown[] = []
  for (let at = 0; at < bytes.length;) {
    const left = bytes.length - at
    const size = left < 12 ? Infinity : bytes.readInt32BE(at + 8) + 12
    // Kafka fills an answer up with a piece of the next batch, which every client drops.
    if (size > left) return found
    if (size < headerBytes) return [...found, "no batch"]
    found.push(readBatch(bytes.subarray(at, at + size)))
    at += size
  }
  return found
}

function readBatch(batch: Buffer): unknown {
  return {
    baseOffset: Number(batch.readBigInt64BE(0)),
    partitionLeaderEpoch: batch.readInt32BE(12),
    magic: batch.readInt8(16),
    isCrcRight: batch.readUInt32BE(17) === recordCodecs.crc32c(batch.subarray(21)),
    attributes: batch.readInt16BE(21),
    lastOffsetDelta: batch.readInt32BE(23),
    baseTimestamp: Number(batch.readBigInt64BE(27)),
    maxTimestamp: Number(batch.readBigInt64BE(35)),
    producerId: Number(batch.readBigInt64BE(43)),
    producerEpoch: batch.readInt16BE(51),
    baseSequence: batch.readInt32BE(53),
    count: batch.readInt32BE(57),
    records: batch.subarray(headerBytes).toString("hex").slice(0, 400)
  }
}
