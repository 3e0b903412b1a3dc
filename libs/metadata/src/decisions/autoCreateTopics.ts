import { ErrorCode } from "@tailrace/kafka-protocol"
import type { CreateTopicsRequestTopic, CreateTopicsResponseTopicInput } from "@tailrace/kafka-protocol"
import type { BrokerConfig } from "../BrokerConfig.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { isInternalTopic, offsetsTopic, topicNameFault, transactionTopic } from "../topicNames.ts"
import { createTopics } from "./createTopics.ts"

/**
 * Creates topics that somebody asked for by name (Metadata with auto-creation, FindCoordinator for an internal topic) with
 * the defaults. Answers one entry per name that does not exist. Topics of brokers are created also when
 * `auto.create.topics.enable` is off: groups cannot work without theirs.
 */
export function autoCreateTopics(
  image: MetadataImage, names: ReadonlyArray<string>, context: DecisionContext
): Decision<ReadonlyArray<CreateTopicsResponseTopicInput>> {
  const missing = [...new Set(names)].filter((name) => image.topic(name) === undefined)
  const isAllowed = (name: string): boolean =>
    isInternalTopic(name) || (context.config.get("auto.create.topics.enable") && topicNameFault(name) === undefined)
  const topics = missing.filter(isAllowed).map((name) => defaultTopic(image, name, context.config))
  const created = createTopics(image, { topics, timeoutMs: 0, validateOnly: false }, context)
  const refused = missing.filter((name) => !isAllowed(name)).map((name) => {
    const errorCode = topicNameFault(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
    return { name, errorCode, errorMessage: null }
  })
  return { records: created.records, response: [...created.response.topics, ...refused] }
}

/** What CreateTopics would ask for. Internal topics are compacted and have sizes of their own. */
export function defaultTopic(image: MetadataImage, name: string, config: BrokerConfig): CreateTopicsRequestTopic {
  if (name === offsetsTopic) {
    return internalTopic(image, config, name, "offsets.topic.num.partitions", "offsets.topic.replication.factor", [
      ["segment.bytes", String(config.get("offsets.topic.segment.bytes"))]
    ])
  }
  if (name === transactionTopic) {
    return internalTopic(image, config, name, "transaction.state.log.num.partitions", "transaction.state.log.replication.factor", [
      ["segment.bytes", String(config.get("transaction.state.log.segment.bytes"))],
      ["min.insync.replicas", String(config.get("transaction.state.log.min.isr"))]
    ])
  }
  if (isInternalTopic(name)) {
    return internalTopic(image, config, name, "share.coordinator.state.topic.num.partitions", "share.coordinator.state.topic.replication.factor", [
      ["segment.bytes", String(config.get("share.coordinator.state.topic.segment.bytes"))],
      ["min.insync.replicas", String(config.get("share.coordinator.state.topic.min.isr"))]
    ])
  }
  return { name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }
}

type CountKey = "offsets.topic.num.partitions" | "transaction.state.log.num.partitions" | "share.coordinator.state.topic.num.partitions"
type ReplicasKey = "offsets.topic.replication.factor" | "transaction.state.log.replication.factor" | "share.coordinator.state.topic.replication.factor"

function internalTopic(
  image: MetadataImage, config: BrokerConfig, name: string, countKey: CountKey, replicasKey: ReplicasKey,
  configs: ReadonlyArray<readonly [string, string]>
): CreateTopicsRequestTopic {
  const alive = [...image.brokers].filter((it) => image.isAlive(it.brokerId)).length
  // A cluster of one has to work as it is; what somebody set stays a demand.
  const replicationFactor = config.isSet(replicasKey) ? config.get(replicasKey) : Math.max(1, Math.min(config.get(replicasKey), alive))
  const all: ReadonlyArray<readonly [string, string]> = [["cleanup.policy", "compact"], ["compression.type", "producer"], ...configs]
  return {
    name, numPartitions: config.get(countKey), replicationFactor, assignments: [],
    configs: all.map(([key, value]) => ({ name: key, value }))
  }
}
