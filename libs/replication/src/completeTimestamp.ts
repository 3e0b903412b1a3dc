import { ErrorCode } from "@tailrace/kafka-protocol"
import { Batch, CorruptRecordError, DecompressionError, type RecordCodecs, RecordCursor } from "@tailrace/record"
import type { ProduceRejection } from "./ProduceRejection.ts"
import type { ProduceRules } from "./ProduceRules.ts"
import { checkTimestamps } from "./internal/checkTimestamps.ts"

/** What the records of a compressed batch may take when they are opened here: this, or so many times what they take compressed. */
const openedBytesMax = 16 * 1024 * 1024
const openedFactorMax = 16

/**
 * Kafka's brokers write the newest timestamp into each batch, so there are clients that leave it out; retention and searches by time
 * know a batch by nothing else. Where it cannot be true, since the first record is newer, the records are opened and it is
 * written here, in place. For a batch that has passed `checkProducedBatches`; all others cost one comparison.
 */
export function completeTimestamp(b: Buffer, rules: ProduceRules, nowMillis: number, codecs: RecordCodecs): ProduceRejection | undefined {
  if (rules.usesLogAppendTime || Batch.maxTimestamp(b, 0) >= Batch.baseTimestamp(b, 0)) return undefined
  const newest = newestTimestamp(b, codecs)
  if (newest === undefined) return { errorCode: ErrorCode.INVALID_RECORD, message: "the records of the batch, which does not say its newest timestamp, cannot be read" }
  Batch.setMaxTimestamp(b, 0, newest, codecs.crc32c)
  return checkTimestamps(b, rules, nowMillis)
}

/** Undefined where the records are none. */
function newestTimestamp(b: Buffer, codecs: RecordCodecs): number | undefined {
  try {
    const cursor = new RecordCursor(b, 0, codecs, { outputBytesMax: Math.max(openedBytesMax, openedFactorMax * b.length) })
    let newest = -1
    while (cursor.next()) newest = Math.max(newest, cursor.timestamp)
    return newest
  } catch (cause) {
    if (cause instanceof CorruptRecordError || cause instanceof DecompressionError) return undefined
    throw cause
  }
}
