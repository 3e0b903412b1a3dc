import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type { MetadataResponseBrokerInput, MetadataResponsePartitionInput, MetadataResponseTopicInput } from "@tailrace/kafka-protocol"
import type { MetadataImage, PartitionImage, TopicImage } from "./MetadataImage.ts"
import { isInternalTopic, topicNameFault } from "./topicNames.ts"

/** A topic that a client asks about: by name, or by id with a null name. */
export interface TopicReference {
  readonly name: string | null
  readonly topicId: string
}

/** The live brokers as clients of one listener reach them. A broker without that listener is not shown to them. */
export function metadataBrokers(image: MetadataImage, listenerName: string): Array<MetadataResponseBrokerInput> {
  const brokers: Array<MetadataResponseBrokerInput> = []
  for (const { brokerId, endPoints, rack, fenced } of image.brokers) {
    const endPoint = fenced ? undefined : endPoints.find((it) => it.name === listenerName)
    if (endPoint !== undefined) brokers.push({ nodeId: brokerId, host: endPoint.host, port: endPoint.port, rack })
  }
  return brokers
}

/** Answers for the topics of a Metadata request, in its order; null asks for all of them. A topic that does not exist is answered too. */
export function metadataTopics(image: MetadataImage, references: ReadonlyArray<TopicReference> | null): Array<MetadataResponseTopicInput> {
  if (references === null) return [...image.topics].map((it) => metadataTopic(image, it))
  return references.map(({ name, topicId }) => {
    const topic = name === null ? image.topicById(topicId) : image.topic(name)
    if (topic !== undefined) return metadataTopic(image, topic)
    if (name === null) return missingTopic(null, topicId, ErrorCode.UNKNOWN_TOPIC_ID)
    return missingTopic(name, zeroUuid, topicNameFault(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION)
  })
}

export function metadataTopic(image: MetadataImage, topic: TopicImage): MetadataResponseTopicInput {
  const { name, topicId, partitions } = topic
  return {
    errorCode: ErrorCode.NONE, name, topicId, isInternal: isInternalTopic(name),
    partitions: partitions.map((partition, index) => metadataPartition(image, partition, index))
  }
}

export function missingTopic(name: string | null, topicId: string, errorCode: number): MetadataResponseTopicInput {
  return { errorCode, name, topicId, isInternal: name !== null && isInternalTopic(name), partitions: [] }
}

function metadataPartition(image: MetadataImage, partition: PartitionImage, partitionIndex: number): MetadataResponsePartitionInput {
  const { leader, leaderEpoch, replicas, isr } = partition
  // A broker that is shutting down serves what it leads until others do.
  const isOnline = (id: number): boolean => image.broker(id)?.fenced === false
  const isLed = leader >= 0 && isOnline(leader)
  return {
    errorCode: isLed ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
    partitionIndex, leaderId: isLed ? leader : -1, leaderEpoch, replicaNodes: replicas, isrNodes: isr,
    offlineReplicas: replicas.filter((id) => !isOnline(id))
  }
}
