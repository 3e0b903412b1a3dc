import { ErrorCode } from "@tailrace/kafka-protocol"
import type { CreateTopicsRequestTopic, CreateTopicsResponseTopicInput } from "@tailrace/kafka-protocol"
import type { BrokerConfig } from "../BrokerConfig.ts"
import { minIsrDefault } from "../configSources.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { isInternalTopic, offsetsTopic, topicNameFault, transactionTopic } from "../topicNames.ts"
import { createTopics } from "./createTopics.ts"

/**
 * Creates topics that somebody asked for by name (Metadata with auto-creation, FindCoordinator for an internal topic) with
 * the defaults. Answers one entry per name that does not exist. Topics of brokers are created also when
 * `auto.create.topics.enable` is off: groups cannot work without theirs.
 *
 * A topic of brokers keeps its replication factor for good, so one is refused with COORDINATOR_NOT_AVAILABLE, which makes
 * clients ask again, until as many brokers are registered as it wants replicas and enough of them live to acknowledge.
 */
export function autoCreateTopics(
  image: MetadataImage, names: ReadonlyArray<string>, context: DecisionContext
): Decision<ReadonlyArray<CreateTopicsResponseTopicInput>> {
  const missing = [...new Set(names)].filter((name) => image.topic(name) === undefined)
  const wanted: Array<CreateTopicsRequestTopic> = []
  const refused: Array<CreateTopicsResponseTopicInput> = []
  for (const name of missing) {
    const errorCode = autoCreationError(image, name, context.config)
    if (errorCode === ErrorCode.NONE) wanted.push(defaultTopic(image, name, context.config))
    else refused.push({ name, errorCode, errorMessage: null })
  }
  const created = createTopics(image, { topics: wanted, timeoutMs: 0, validateOnly: false }, context)
  return { records: created.records, response: [...created.response.topics, ...refused] }
}

function autoCreationError(image: MetadataImage, name: string, config: BrokerConfig): number {
  if (topicNameFault(name) !== undefined) return ErrorCode.INVALID_TOPIC_EXCEPTION
  if (!isInternalTopic(name)) return config.get("auto.create.topics.enable") ? ErrorCode.NONE : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const { replicationFactor } = defaultTopic(image, name, config)
  const brokers = [...image.brokers]
  const alive = brokers.filter((it) => image.isAlive(it.brokerId)).length
  const isEnough = brokers.length >= replicationFactor && alive >= minIsrDefault(replicationFactor)
  return isEnough ? ErrorCode.NONE : ErrorCode.COORDINATOR_NOT_AVAILABLE
}

/** What CreateTopics would ask for. Internal topics have the configurations that Kafka gives them. */
export function defaultTopic(image: MetadataImage, name: string, config: BrokerConfig): CreateTopicsRequestTopic {
  if (name === offsetsTopic) {
    return internalTopic(image, config, name, "offsets.topic.num.partitions", "offsets.topic.replication.factor", [
      ["cleanup.policy", "compact"], ["compression.type", "producer"],
      ["segment.bytes", String(config.get("offsets.topic.segment.bytes"))]
    ])
  }
  if (name === transactionTopic) {
    return internalTopic(image, config, name, "transaction.state.log.num.partitions", "transaction.state.log.replication.factor", [
      ["cleanup.policy", "compact"], ["compression.type", "uncompressed"], ["unclean.leader.election.enable", "false"],
      ["segment.bytes", String(config.get("transaction.state.log.segment.bytes"))],
      ["min.insync.replicas", String(config.get("transaction.state.log.min.isr"))]
    ])
  }
  if (isInternalTopic(name)) {
    return internalTopic(image, config, name, "share.coordinator.state.topic.num.partitions", "share.coordinator.state.topic.replication.factor", [
      // Its owner deletes what it no longer needs; nothing goes by age.
      ["cleanup.policy", "delete"], ["retention.ms", "-1"], ["compression.type", "producer"],
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
  // A cluster of one has to work as it is; what somebody set stays a demand.
  const replicationFactor = config.isSet(replicasKey) ? config.get(replicasKey) : Math.min(config.get(replicasKey), expectedBrokers(image, config))
  return {
    name, numPartitions: config.get(countKey), replicationFactor, assignments: [],
    configs: configs.map(([key, value]) => ({ name: key, value }))
  }
}

/** How many brokers the cluster has or, where controllers are brokers too, will have when all of those have come. */
function expectedBrokers(image: MetadataImage, config: BrokerConfig): number {
  const expected = config.hasRole("broker") && config.hasRole("controller") ? config.quorumVoterIds : []
  return Math.max(1, new Set([...expected, ...Array.from(image.brokers, (it) => it.brokerId)]).size)
}
