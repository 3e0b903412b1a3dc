import { boolean, double, int, list, long, named, noLimitText, text } from "./ConfigDefinition.ts"
import type { ConfigSynonym } from "./ConfigDefinition.ts"

const minutes = (name: string): ConfigSynonym => ({ name, factor: 60_000 })
const hours = (name: string): ConfigSynonym => ({ name, factor: 3_600_000 })
const dayMillis = 86_400_000
const compressions = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]
const policies = ["compact", "delete"]

const throttledFault = (replicas: ReadonlyArray<string>): string | undefined => {
  const wrong = replicas.find((it) => !/^\d{1,9}:\d{1,9}$/.test(it) && !(it === "*" && replicas.length === 1))
  return wrong === undefined ? undefined : `${wrong} is not of the form partition:broker`
}

/** A batch of this size needs less than 1 MiB together with what a request adds: Kafka's own default. */
export const messageBytesMaxDefault = 1_048_588

/** Every key that a topic may have. What is not set on the topic comes from the broker keys named as synonyms. */
export const topicConfigs = named({
  "cleanup.policy": list("delete", "What happens to old data: delete drops it by age and size, compact keeps the newest record of each key, an empty list keeps everything.",
    { oneOf: policies, synonyms: ["log.cleanup.policy"] }),
  "compression.type": text("producer", "The codec a topic asks for. Batches are stored in the codec that their producer chose.",
    { oneOf: compressions, synonyms: ["compression.type"] }),
  "compression.gzip.level": int(-1, "The level of gzip where the broker compresses.", { min: -1, max: 9, isInert: true, synonyms: ["compression.gzip.level"] }),
  "compression.lz4.level": int(9, "The level of lz4 where the broker compresses.", { min: 1, max: 17, isInert: true, synonyms: ["compression.lz4.level"] }),
  "compression.zstd.level": int(3, "The level of zstd where the broker compresses.", { min: -131_072, max: 22, isInert: true, synonyms: ["compression.zstd.level"] }),
  "delete.retention.ms": long(dayMillis, "How long compaction keeps a tombstone, so that readers can see it.", { synonyms: ["log.cleaner.delete.retention.ms"] }),
  "file.delete.delay.ms": long(60_000, "How long deleted segments stay before their space is used again.", { isInert: true, synonyms: ["log.segment.delete.delay.ms"] }),
  "flush.messages": long(noLimitText, "After how many records a flush is due. Every commit is flushed before it is acknowledged, whatever this says.",
    { min: 1, isInert: true, synonyms: ["log.flush.interval.messages"] }),
  "flush.ms": long(noLimitText, "After what time a flush is due. Every commit is flushed before it is acknowledged, whatever this says.",
    { isInert: true, synonyms: ["log.flush.interval.ms", "log.flush.scheduler.interval.ms"] }),
  "follower.replication.throttled.replicas": list("", "The replicas whose fetching is throttled, as partition:broker, or * for all.", { fault: throttledFault }),
  "index.interval.bytes": int(4096, "How densely an offset index is filled; the store here finds every batch without one.", { isInert: true, synonyms: ["log.index.interval.bytes"] }),
  "leader.replication.throttled.replicas": list("", "The replicas towards which leaders throttle, as partition:broker, or * for all.", { fault: throttledFault }),
  "local.retention.bytes": long(-2, "How much stays on local disk where a topic has remote storage.", { min: -2, isInert: true, synonyms: ["log.local.retention.bytes"] }),
  "local.retention.ms": long(-2, "How long data stays on local disk where a topic has remote storage.", { min: -2, isInert: true, synonyms: ["log.local.retention.ms"] }),
  "max.compaction.lag.ms": long(noLimitText, "The longest time that a record stays out of compaction.", { min: 1, synonyms: ["log.cleaner.max.compaction.lag.ms"] }),
  "max.message.bytes": int(messageBytesMaxDefault, "The largest record batch that is accepted, compressed as the producer sent it.", { synonyms: ["message.max.bytes"] }),
  "message.timestamp.after.max.ms": long(3_600_000, "How far a producer's timestamp may lie after the broker's time.", { synonyms: ["log.message.timestamp.after.max.ms"] }),
  "message.timestamp.before.max.ms": long(noLimitText, "How far a producer's timestamp may lie before the broker's time.", { synonyms: ["log.message.timestamp.before.max.ms"] }),
  "message.timestamp.type": text("CreateTime", "Whose clock a record carries: its producer's, or the broker's at the append.",
    { oneOf: ["CreateTime", "LogAppendTime"], synonyms: ["log.message.timestamp.type"] }),
  "min.cleanable.dirty.ratio": double(0.5, "The share of a log that has to be dirty before compaction starts.", { min: 0, max: 1, synonyms: ["log.cleaner.min.cleanable.ratio"] }),
  "min.compaction.lag.ms": long(0, "The shortest time that a record stays out of compaction.", { synonyms: ["log.cleaner.min.compaction.lag.ms"] }),
  "min.insync.replicas": int(1, "How many replicas have to have a record on disk before acks=all is answered; without a value 2 where a topic has 3 or more replicas, else 1. Never more than the topic has replicas.",
    { min: 1, importance: "high", synonyms: ["min.insync.replicas"] }),
  "preallocate": boolean(false, "Whether space for a new segment is taken beforehand.", { isInert: true, synonyms: ["log.preallocate"] }),
  "remote.log.copy.disable": boolean(false, "Stops copying to remote storage.", { isInert: true }),
  "remote.log.delete.on.disable": boolean(false, "Whether remote data goes when remote storage is switched off.", { isInert: true }),
  "remote.storage.enable": boolean(false, "Whether old data moves to remote storage, which does not exist here.", { fault: (it) => it ? "remote storage is not supported" : undefined }),
  "retention.bytes": long(-1, "How large a partition may grow before its oldest data goes; -1 is no limit.", { min: -1, importance: "high", synonyms: ["log.retention.bytes"] }),
  "retention.ms": long(7 * dayMillis, "How old data may get before it goes; -1 is no limit.",
    { min: -1, importance: "high", synonyms: ["log.retention.ms", minutes("log.retention.minutes"), hours("log.retention.hours")] }),
  "segment.bytes": int(1_073_741_824, "The size at which a new segment begins. Retention drops whole segments.", { min: 14, synonyms: ["log.segment.bytes"] }),
  "segment.index.bytes": int(10_485_760, "The size of a segment's index; the store here has none.", { min: 4, isInert: true, synonyms: ["log.index.size.max.bytes"] }),
  "segment.jitter.ms": long(0, "A random part taken off segment.ms, so that segments do not all end together.",
    { synonyms: ["log.roll.jitter.ms", hours("log.roll.jitter.hours")] }),
  "segment.ms": long(7 * dayMillis, "The age at which a new segment begins, even when it is not full.",
    { min: 1, synonyms: ["log.roll.ms", hours("log.roll.hours")] }),
  "unclean.leader.election.enable": boolean(false, "Whether a replica outside the in-sync set may lead when no other is left, which loses acknowledged data.",
    { importance: "high", synonyms: ["unclean.leader.election.enable"] })
})

export type TopicConfigName = keyof typeof topicConfigs
