import type { Broker } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { TopicImage } from "@tailrace/metadata"

/** Finds the topic that a request names by name or, in newer versions, by id. Errors: 3 and 100. */
export function findTopic(broker: Broker, name: string, topicId: string, byId: boolean): TopicImage | number {
  const topic = byId ? broker.metadata.topicById(topicId) : broker.metadata.topic(name)
  if (topic !== undefined) return topic
  return byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
}

/** What a partition answers of which no replica is here: others have it, or nobody. */
export function whyAbsent(topic: TopicImage, partition: number): number {
  return topic.partitions[partition] === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NOT_LEADER_OR_FOLLOWER
}

export const isErrorCode = <A>(value: A | number): value is number => typeof value === "number"
