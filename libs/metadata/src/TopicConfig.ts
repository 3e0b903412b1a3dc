import type { BrokerConfig } from "./BrokerConfig.ts"
import type { ConfigValue } from "./ConfigDefinition.ts"
import { minIsrDefault, parsedTopicConfig, topicConfigEntries, topicConfigText } from "./configSources.ts"
import { ResourceType } from "./MetadataImage.ts"
import type { MetadataImage, PartitionImage, TopicImage } from "./MetadataImage.ts"
import { topicConfigs } from "./topicConfigs.ts"
import type { TopicConfigName } from "./topicConfigs.ts"

/** The effective configuration of one topic on one node, typed. Make a new one when metadata about it changed. */
export class TopicConfig {
  readonly #values: ReadonlyMap<string, unknown>

  private constructor(values: ReadonlyMap<string, unknown>) {
    this.#values = values
  }

  static of(image: MetadataImage, staticConfig: BrokerConfig, topicName: string): TopicConfig {
    const replicas = image.topic(topicName)?.partitions[0]?.replicas.length ?? 1
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

/** min.insync.replicas as it counts for a partition with this many replicas. There is no value for single brokers. */
export function effectiveMinIsr(image: MetadataImage, staticConfig: BrokerConfig, topicName: string, replicas: number): number {
  const key = "min.insync.replicas"
  const text = image.config(ResourceType.topic, topicName).get(key) ?? image.config(ResourceType.broker, "").get(key)
  return minIsrFrom(text, staticConfig, replicas)
}

/** The same from the text that metadata has for the topic or the cluster, if any. */
export function minIsrFrom(text: string | undefined, staticConfig: BrokerConfig, replicas: number): number {
  const configured = text === undefined ? staticConfig.minInsyncReplicas : Number(text)
  return Math.min(configured > 0 ? configured : minIsrDefault(replicas), replicas)
}

/** What the replicas of a partition act on; the shape that the replication room takes. */
export interface PartitionRoles {
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly minIsr: number
}

export function partitionRoles(image: MetadataImage, staticConfig: BrokerConfig, topic: TopicImage, partition: PartitionImage): PartitionRoles {
  const { leader, leaderEpoch, partitionEpoch, replicas, isr } = partition
  return { leader, leaderEpoch, partitionEpoch, replicas, isr, minIsr: effectiveMinIsr(image, staticConfig, topic.name, replicas.length) }
}
