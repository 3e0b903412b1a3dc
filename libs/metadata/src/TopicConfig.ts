import type { BrokerConfig } from "./BrokerConfig.ts"
import type { ConfigValue } from "./ConfigDefinition.ts"
import { countsForMinIsr, minIsrDefault, parsedTopicConfig, topicConfigEntries, topicConfigText } from "./configSources.ts"
import { replicationFactor } from "./internal/changePartition.ts"
import { ResourceType } from "./MetadataImage.ts"
import type { MetadataImage, PartitionImage, TopicImage } from "./MetadataImage.ts"
import { topicConfigs } from "./topicConfigs.ts"
import type { TopicConfigName } from "./topicConfigs.ts"

const minIsrKey = "min.insync.replicas"

/** The effective configuration of one topic on one node, typed. Make a new one when metadata about it changed. */
export class TopicConfig {
  readonly #values: ReadonlyMap<string, unknown>

  private constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values
  }

  static of(image: MetadataImage, staticConfig: BrokerConfig, topicName: string): TopicConfig {
    const replicas = topicReplicationFactor(image.topic(topicName))
    const overrides = image.config(ResourceType.topic, topicName)
    const values = new Map<string, unknown>()
    for (const definition of Object.values(topicConfigs)) {
      const [strongest] = topicConfigEntries(image, staticConfig, definition, overrides, replicas)
      if (strongest === undefined) throw new Error(`${definition.name} has no value at all`)
      values.set(definition.name, parsedTopicConfig(definition, topicConfigText(definition, strongest)))
    }
    return new TopicConfig(values)
  }

  get<Name extends TopicConfigName>(name: Name): ConfigValue<(typeof topicConfigs)[Name]> {
    return this.#values.get(name) as ConfigValue<(typeof topicConfigs)[Name]>
  }

  get isCompacted(): boolean {
    return this.get("cleanup.policy").includes("compact")
  }

  get usesLogAppendTime(): boolean {
    return this.get("message.timestamp.type") === "LogAppendTime"
  }
}

/** That of its first partition, 1 for a topic that has none yet. */
export function topicReplicationFactor(topic: TopicImage | undefined): number {
  const first = topic?.partitions[0]
  return first === undefined ? 1 : replicationFactor(first)
}

/**
 * min.insync.replicas as it counts for a partition with this replication factor, which is what leaders and the controller
 * act on. Both have it from the metadata: what a node's own file says counts only before a cluster has its id.
 */
export function effectiveMinIsr(image: MetadataImage, staticConfig: BrokerConfig, topicName: string, replicationFactor: number): number {
  const text = image.config(ResourceType.topic, topicName).get(minIsrKey) ?? image.config(ResourceType.broker, "").get(minIsrKey)
  return minIsrFrom(image, text, staticConfig, replicationFactor)
}

/** The same from the text that metadata has for the topic or the cluster, if any. */
export function minIsrFrom(image: MetadataImage, text: string | undefined, staticConfig: BrokerConfig, replicationFactor: number): number {
  const own = countsForMinIsr(image) ? staticConfig.minInsyncReplicas : 0
  const configured = text === undefined ? own : Number(text)
  return Math.min(configured > 0 ? configured : minIsrDefault(replicationFactor), replicationFactor)
}

/** What the replicas of a partition act on; the shape that the replication room takes. */
export interface PartitionRoles {
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly minIsr: number
  /** The leader was elected without being known to have everything, and its followers have not caught up with it yet. */
  readonly isUncleanLeader: boolean
}

export function partitionRoles(image: MetadataImage, staticConfig: BrokerConfig, topic: TopicImage, partition: PartitionImage): PartitionRoles {
  const { leader, leaderEpoch, partitionEpoch, replicas, isr, leaderRecoveryState } = partition
  const minIsr = effectiveMinIsr(image, staticConfig, topic.name, replicationFactor(partition))
  return { leader, leaderEpoch, partitionEpoch, replicas, isr, minIsr, isUncleanLeader: leaderRecoveryState !== 0 }
}
