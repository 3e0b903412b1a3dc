import { ErrorCode } from "@tailrace/kafka-protocol"
import { Batch } from "@tailrace/record"
import type { ProduceRejection } from "../ProduceRejection.ts"
import type { ProduceRules } from "../ProduceRules.ts"

/** By the first and the newest timestamp of the batch, as its header has them. */
export function checkTimestamps(b: Buffer, rules: ProduceRules, nowMillis: number): ProduceRejection | undefined {
  if (rules.usesLogAppendTime) return undefined
  const first = Batch.baseTimestamp(b, 0)
  const newest = Batch.maxTimestamp(b, 0)
  // -1 stands for a record without a time.
  if (first < -1 || newest < -1) return { errorCode: ErrorCode.INVALID_TIMESTAMP, message: `timestamps ${first} to ${newest} are not valid` }
  const isTooOld = (first !== -1 && nowMillis - first > rules.timestampBeforeMaxMillis)
    || (newest !== -1 && nowMillis - newest > rules.timestampBeforeMaxMillis)
  const isTooNew = Math.max(first, newest) - nowMillis > rules.timestampAfterMaxMillis
  if (!isTooOld && !isTooNew) return undefined
  const limits = `message.timestamp.before.max.ms=${rules.timestampBeforeMaxMillis}, message.timestamp.after.max.ms=${rules.timestampAfterMaxMillis}`
  return { errorCode: ErrorCode.INVALID_TIMESTAMP, message: `timestamps ${first} to ${newest} are out of range (${limits})` }
}
