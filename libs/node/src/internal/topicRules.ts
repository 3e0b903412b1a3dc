import type { LogConfig } from "@tailrace/log"
import type { TopicConfig } from "@tailrace/metadata"
import type { ProduceRules } from "@tailrace/replication"
import { replicationLimitsDefault } from "../replica/ReplicationLimits.ts"

/** The metadata log keeps everything until snapshots cut it. */
export const metadataLogConfig: LogConfig = {
  cleanupPolicy: "delete",
  retentionMillis: -1,
  retentionBytes: -1,
  segmentBytes: 1 << 30,
  segmentMillis: Number.MAX_SAFE_INTEGER
}

const cleanupPolicyOf = (config: TopicConfig): LogConfig["cleanupPolicy"] => {
  const isDeleted = config.get("cleanup.policy").includes("delete")
  if (config.isCompacted) return isDeleted ? "compact,delete" : "compact"
  return isDeleted ? "delete" : "none"
}

export const logConfigOf = (config: TopicConfig): LogConfig => ({
  cleanupPolicy: cleanupPolicyOf(config),
  retentionMillis: config.get("retention.ms"),
  retentionBytes: config.get("retention.bytes"),
  segmentBytes: config.get("segment.bytes"),
  segmentMillis: config.get("segment.ms")
})

export const produceRulesOf = (config: TopicConfig): ProduceRules => ({
  // A larger one would never reach a follower, and the partition would stand still behind it.
  batchBytesMax: Math.min(config.get("max.message.bytes"), replicationLimitsDefault.assemblyBytesMax),
  segmentBytes: config.get("segment.bytes"),
  usesLogAppendTime: config.usesLogAppendTime,
  timestampBeforeMaxMillis: config.get("message.timestamp.before.max.ms"),
  timestampAfterMaxMillis: config.get("message.timestamp.after.max.ms")
})
