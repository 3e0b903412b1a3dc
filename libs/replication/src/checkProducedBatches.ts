import { Batch } from "@tailrace/record"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { checkTimestamps } from "./internal/checkTimestamps.ts"
import type { ProduceRejection } from "./ProduceRejection.ts"
import type { ProduceRules } from "./ProduceRules.ts"

const zstdType = 4
const zstdVersionMin = 7

/**
 * What a leader checks of one partition's records in a Produce request before it looks at sequences: exactly one batch
 * of magic 2, whole, of legal size, sound by its CRC, and with nothing in it that only a broker may write. Answers
 * undefined when it may be appended, and allocates nothing then. Cheap checks come first, the CRC after them, and
 * 64-bit fields are read only when the CRC vouches for them.
 *
 * Records are not opened. Times are judged by the batch's base and maximum timestamps. For a topic with LogAppendTime the
 * caller then stamps the batch (`Batch.stampLogAppendTime`). After this, `ProducerStates.check` judges the sequence.
 */
export function checkProducedBatches(
  records: Buffer | null,
  version: number,
  rules: ProduceRules,
  nowMillis: number,
  crc32c: (bytes: Uint8Array) => number
): ProduceRejection | undefined {
  if (records === null || records.length === 0) return invalid("the request holds no record batch for this partition")
  return checkFrame(records, rules)
    ?? checkAttributes(records, version)
    ?? checkIntegrity(records, crc32c)
    ?? checkProducer(records)
    ?? checkTimestamps(records, rules, nowMillis)
}

/** Where the length field and the magic byte end, and the smallest size that any format has. */
const sizeEnd = 12
const magicEnd = 17
const sizeMin = 26

function checkFrame(b: Buffer, rules: ProduceRules): ProduceRejection | undefined {
  // In this order as in Kafka: what is cut short is no batch at all, and sending it again does not help.
  const cutShort = "the request holds no whole record batch for this partition"
  if (b.length < sizeEnd) return invalid(cutShort)
  const size = Batch.sizeInBytes(b, 0)
  if (size < sizeMin) return corrupt(`the record batch says ${size} bytes`)
  if (b.length < magicEnd) return invalid(cutShort)
  const magic = Batch.magic(b, 0)
  if (magic < 0 || magic > Batch.currentMagic) return corrupt(`message format ${magic} does not exist`)
  if (size > b.length) return invalid(`the record batch says ${size} bytes where ${b.length} came`)
  if (magic !== Batch.currentMagic) return invalid(`message format ${magic} is not accepted, only 2`)
  if (size < Batch.headerBytes) return corrupt(`the record batch says ${size} bytes, less than its header has`)
  if (size < b.length) return invalid("a request carries exactly one record batch per partition")
  if (size > rules.batchBytesMax) {
    return { errorCode: ErrorCode.MESSAGE_TOO_LARGE, message: `the record batch has ${size} bytes, max.message.bytes is ${rules.batchBytesMax}` }
  }
  if (size > rules.segmentBytes) {
    return { errorCode: ErrorCode.RECORD_LIST_TOO_LARGE, message: `the record batch has ${size} bytes, segment.bytes is ${rules.segmentBytes}` }
  }
  return undefined
}

function checkAttributes(b: Buffer, version: number): ProduceRejection | undefined {
  const compression = Batch.compressionType(b, 0)
  if (compression > zstdType || (compression === zstdType && version < zstdVersionMin)) {
    const message = compression > zstdType ? `compression type ${compression} does not exist` : `zstd needs Produce version ${zstdVersionMin}`
    return { errorCode: ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, message }
  }
  if (Batch.isControl(b, 0)) return invalid("clients do not write control records")
  if (Batch.hasDeleteHorizon(b, 0)) return invalid("clients do not set a delete horizon")
  // The code that a transactional batch gets on a partition which is not part of a transaction: none is open here.
  if (Batch.isTransactional(b, 0)) {
    return { errorCode: ErrorCode.INVALID_TXN_STATE, message: "this broker has no transactions" }
  }
  if (Batch.usesLogAppendTime(b, 0)) {
    return { errorCode: ErrorCode.INVALID_TIMESTAMP, message: "a producer does not set the timestamp type to LogAppendTime" }
  }
  const count = Batch.recordCount(b, 0)
  const delta = Batch.lastOffsetDelta(b, 0)
  if (count <= 0 || delta !== count - 1) return invalid(`${count} records do not fit a last offset delta of ${delta}`)
  return undefined
}

function checkIntegrity(b: Buffer, crc32c: (bytes: Uint8Array) => number): ProduceRejection | undefined {
  const fault = Batch.check(b, 0, b.length, crc32c)
  switch (fault) {
    case undefined: return undefined
    case "count": return invalid("the record batch is too short for the number of records it states")
    case "range": return invalid("a 64-bit field of the record batch is outside the range of exact numbers")
    default: return corrupt(`the record batch is damaged: ${fault}`)
  }
}

function checkProducer(b: Buffer): ProduceRejection | undefined {
  if (Batch.baseOffset(b, 0) !== 0) return invalid("the base offset of a produced batch is 0")
  const producerId = Batch.producerId(b, 0)
  if (producerId < 0) return producerId === -1 ? undefined : invalid(`${producerId} is not a producer id`)
  if (Batch.baseSequence(b, 0) < 0 || Batch.producerEpoch(b, 0) < 0) return invalid("a batch with a producer id has an epoch and a sequence")
  return undefined
}

function invalid(message: string): ProduceRejection {
  return { errorCode: ErrorCode.INVALID_RECORD, message }
}

function corrupt(message: string): ProduceRejection {
  return { errorCode: ErrorCode.CORRUPT_MESSAGE, message }
}
