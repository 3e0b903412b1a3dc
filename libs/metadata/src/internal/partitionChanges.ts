import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { BrokerConfig } from "../BrokerConfig.ts"
import { ResourceType } from "../MetadataImage.ts"
import type { MetadataImage, PartitionImage, TopicImage } from "../MetadataImage.ts"
import { effectiveMinIsr } from "../TopicConfig.ts"
import { changePartition } from "./changePartition.ts"
import type { Electorate, PartitionRules, PartitionWish } from "./changePartition.ts"
import { partitionChange } from "./records.ts"

export const uncleanKey = "unclean.leader.election.enable"

/** The brokers as the image has them. */
export function electorateOf(image: MetadataImage): Electorate {
  return { mayLead: (id) => image.isAlive(id), isUnfenced: (id) => image.isUnfenced(id) }
}

/** The brokers as the image has them, but for one that is about to be fenced. */
export function electorateWithout(image: MetadataImage, brokerId: number): Electorate {
  return {
    mayLead: (id) => id !== brokerId && image.isAlive(id),
    isUnfenced: (id) => id !== brokerId && image.isUnfenced(id)
  }
}

/** The brokers as the image has them, but for one that is about to be unfenced. */
export function electorateWith(image: MetadataImage, brokerId: number): Electorate {
  return {
    mayLead: (id) => id === brokerId || image.isAlive(id),
    isUnfenced: (id) => id === brokerId || image.isUnfenced(id)
  }
}

export function rulesOf(image: MetadataImage, config: BrokerConfig, topicName: string, electorate: Electorate): PartitionRules {
  const unclean = image.config(ResourceType.topic, topicName).get(uncleanKey) ?? image.config(ResourceType.broker, "").get(uncleanKey)
  return {
    ...electorate,
    minIsr: (replicationFactor) => effectiveMinIsr(image, config, topicName, replicationFactor),
    isUncleanAllowed: unclean === undefined ? config.get(uncleanKey) : unclean.trim().toLowerCase() === "true"
  }
}

/** One record for each partition of the cluster that a wish is there for and that changes by it, at most `countMax`. */
export function partitionChanges(
  image: MetadataImage, config: BrokerConfig, electorate: Electorate,
  wishOf: (partition: PartitionImage, rules: PartitionRules, topic: TopicImage, partitionId: number) => PartitionWish | undefined,
  countMax = Number.POSITIVE_INFINITY
): Array<MetadataRecord> {
  const records: Array<MetadataRecord> = []
  for (const topic of image.topics) {
    const rules = rulesOf(image, config, topic.name, electorate)
    for (const [partitionId, partition] of topic.partitions.entries()) {
      const wish = wishOf(partition, rules, topic, partitionId)
      const change = wish === undefined ? undefined : changePartition(partition, wish, rules)
      if (change === undefined) continue
      if (records.length >= countMax) return records
      records.push(partitionChange(topic.topicId, partitionId, change))
    }
  }
  return records
}
