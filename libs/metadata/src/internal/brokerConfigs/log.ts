import { boolean, className, double, int, list, long, noLimitText, optionalNumber, text } from "../../ConfigDefinition.ts"
import { messageBytesMaxDefault } from "../../topicConfigs.ts"

const perBroker = { dynamic: "broker" } as const
const perCluster = { dynamic: "cluster" } as const
const inert = { isInert: true } as const
const compressions = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"]

/** A default of compact would apply to topics of users, for which it is refused (see `topicConfigFault`). */
const policyFault = (policies: ReadonlyArray<string>): string | undefined => {
  const other = policies.find((it) => it !== "delete")
  if (other === "compact") return "compact is not supported yet for topics of users; use delete"
  return other === undefined ? undefined : "String must be one of: delete"
}

/** Topics and their logs. Most of these are defaults of a topic key. */
export const logConfigs = {
  "log.dirs": list(null, "The data directory. One is used; without a value it is log.dir.", { importance: "high" }),
  "log.dir": list("./data", "The data directory when log.dirs is not set; one, as there.", { importance: "high" }),
  "num.partitions": int(1, "How many partitions a topic gets that does not ask for a number.", { min: 1, ...perCluster }),
  "default.replication.factor": int(1, "How many replicas a topic gets that does not ask for a number.", { min: 1, ...perCluster }),
  "min.insync.replicas": optionalNumber("int", "The default of the topic key; without a value 2 where a topic has 3 or more replicas, else 1.", { min: 1, importance: "high", ...perCluster }),
  "auto.create.topics.enable": boolean(true, "Whether asking for a topic that does not exist creates it.", { importance: "high" }),
  "delete.topic.enable": boolean(true, "Whether topics can be deleted.", { importance: "high" }),
  "unclean.leader.election.enable": boolean(false, "The default of the topic key.", { importance: "high", ...perCluster }),
  "message.max.bytes": int(messageBytesMaxDefault, "The largest record batch a topic accepts that does not say otherwise.", { importance: "high", ...perBroker }),
  "compression.type": text("producer", "The default of the topic key.", { oneOf: compressions, ...perBroker }),
  "compression.gzip.level": int(-1, "The default of the topic key.", { min: -1, max: 9, ...inert, ...perBroker }),
  "compression.lz4.level": int(9, "The default of the topic key.", { min: 1, max: 17, ...inert, ...perBroker }),
  "compression.zstd.level": int(3, "The default of the topic key.", { min: -131_072, max: 22, ...inert, ...perBroker }),
  "log.cleanup.policy": list("delete", "The default of the topic key cleanup.policy.", { fault: policyFault, ...perBroker }),
  "log.retention.ms": optionalNumber("long", "How old data may get; stronger than log.retention.minutes. -1 is no limit.",
    { min: -1, importance: "high", synonyms: ["log.retention.minutes", "log.retention.hours"], ...perBroker }),
  "log.retention.minutes": optionalNumber("int", "How old data may get; stronger than log.retention.hours.", { min: -1, importance: "high", synonyms: ["log.retention.hours"] }),
  "log.retention.hours": int(168, "How old data may get.", { min: -1, importance: "high" }),
  "log.retention.bytes": long(-1, "How large a partition may grow; -1 is no limit.", { min: -1, importance: "high", ...perBroker }),
  "log.retention.check.interval.ms": long(300_000, "How often logs are checked for data to drop.", { min: 1 }),
  "log.segment.bytes": int(1_073_741_824, "The default of the topic key segment.bytes.", { min: 14, importance: "high", ...perBroker }),
  "log.roll.ms": optionalNumber("long", "The age at which a segment ends; stronger than log.roll.hours.", { min: 1, synonyms: ["log.roll.hours"], ...perBroker }),
  "log.roll.hours": int(168, "The age at which a segment ends.", { min: 1 }),
  "log.roll.jitter.ms": optionalNumber("long", "A random part taken off that age; stronger than log.roll.jitter.hours.", { synonyms: ["log.roll.jitter.hours"], ...perBroker }),
  "log.roll.jitter.hours": int(0, "A random part taken off that age."),
  "log.segment.delete.delay.ms": long(60_000, "The default of the topic key file.delete.delay.ms.", { ...inert, ...perBroker }),
  "log.flush.interval.messages": long(noLimitText, "After how many records a flush is due. Every commit is flushed before it is acknowledged.", { min: 1, ...inert, ...perBroker }),
  "log.flush.interval.ms": optionalNumber("long", "After what time a flush is due. Every commit is flushed before it is acknowledged.", { synonyms: ["log.flush.scheduler.interval.ms"], ...inert, ...perBroker }),
  "log.flush.scheduler.interval.ms": long(noLimitText, "How often it is checked whether a flush is due.", inert),
  "log.flush.offset.checkpoint.interval.ms": int(60_000, "How often the recovery point is stored; here every commit stores it.", inert),
  "log.flush.start.offset.checkpoint.interval.ms": int(60_000, "How often log start offsets are stored; here every commit stores them.", inert),
  "log.index.interval.bytes": int(4096, "The default of the topic key index.interval.bytes.", { ...inert, ...perBroker }),
  "log.index.size.max.bytes": int(10_485_760, "The default of the topic key segment.index.bytes.", { min: 4, ...inert, ...perBroker }),
  "log.preallocate": boolean(false, "The default of the topic key preallocate.", { ...inert, ...perBroker }),
  "log.local.retention.bytes": long(-2, "The default of the topic key local.retention.bytes.", { min: -2, ...inert, ...perBroker }),
  "log.local.retention.ms": long(-2, "The default of the topic key local.retention.ms.", { min: -2, ...inert, ...perBroker }),
  "log.message.timestamp.type": text("CreateTime", "The default of the topic key message.timestamp.type.", { oneOf: ["CreateTime", "LogAppendTime"], ...perBroker }),
  "log.message.timestamp.before.max.ms": long(noLimitText, "The default of the topic key message.timestamp.before.max.ms.", perBroker),
  "log.message.timestamp.after.max.ms": long(3_600_000, "The default of the topic key message.timestamp.after.max.ms.", perBroker),
  "log.dir.failure.timeout.ms": long(30_000, "How long a broker waits for the controller after a directory failed.", { min: 1, ...inert }),
  "log.initial.task.delay.ms": long(30_000, "The pause before background work begins.", inert),
  "log.deletion.max.segments.per.run": int(0x7fff_ffff, "How many segments one run deletes.", { min: 1, ...inert }),
  "log.cleaner.enable": boolean(true, "Whether compaction runs.", inert),
  "log.cleaner.threads": int(1, "How many threads compact.", { ...inert, ...perBroker }),
  // Kafka changes it while it runs. Here it counts at the start alone, so a change is refused rather than ignored.
  "log.cleaner.backoff.ms": long(15_000, "The pause when there is nothing to compact."),
  "log.cleaner.dedupe.buffer.size": long(134_217_728, "The memory that compaction may use for its map of keys.", { ...inert, ...perBroker }),
  "log.cleaner.io.buffer.size": int(524_288, "The memory that compaction may use for reading and writing.", { ...inert, ...perBroker }),
  "log.cleaner.io.buffer.load.factor": double(0.9, "How full the map of keys may get.", { ...inert, ...perBroker }),
  "log.cleaner.io.max.bytes.per.second": double("1.7976931348623157E308", "How fast compaction may read and write.", { ...inert, ...perBroker }),
  "log.cleaner.min.cleanable.ratio": double(0.5, "The default of the topic key min.cleanable.dirty.ratio.", { min: 0, max: 1, ...perBroker }),
  "log.cleaner.delete.retention.ms": long(86_400_000, "The default of the topic key delete.retention.ms.", perBroker),
  "log.cleaner.min.compaction.lag.ms": long(0, "The default of the topic key min.compaction.lag.ms.", perBroker),
  "log.cleaner.max.compaction.lag.ms": long(noLimitText, "The default of the topic key max.compaction.lag.ms.", { min: 1, ...perBroker }),
  "producer.id.expiration.ms": int(86_400_000, "How long a silent producer is remembered, which is how late its retries are still recognised.", { min: 1, ...perCluster }),
  "producer.id.expiration.check.interval.ms": int(600_000, "How often forgotten producers are looked for.", { min: 1 }),
  "create.topic.policy.class.name": className(null, "Decides which topics may be created.", inert),
  "alter.config.policy.class.name": className(null, "Decides which configurations may be changed.", inert),
  "remote.log.storage.system.enable": boolean(false, "Whether old data may move to remote storage, which does not exist here.", { fault: (it: boolean) => it ? "remote storage is not supported" : undefined })
}
