import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type { MetadataResponseBrokerInput, MetadataResponsePartitionInput, MetadataResponseTopicInput } from "@tailrace/kafka-protocol"
import type { MetadataImage, PartitionImage, TopicImage } from "./MetadataImage.ts"
import { isInternalTopic, topicNameFault } from "./topicNames.ts"

/** A topic that a client asks about: by name, or by id. */
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

/** The brokers that those who ask can reach, and what they are told of a leader that is none of them. */
export interface ClientView {
  readonly brokers: ReadonlyArray<MetadataResponseBrokerInput>
  readonly noListenerCode: number
}

/** Who lives and has this listener. A broker that is shutting down serves what it leads until others do. */
export function reachableBrokers(brokers: ReadonlyArray<MetadataResponseBrokerInput>): ReadonlySet<number> {
  return new Set(brokers.map(({ nodeId }) => nodeId))
}

/**
 * What a Metadata request asks for: where ids are in it, those alone, so that what has a name without one is left out; otherwise names.
 * An id has a null name then, whatever stood beside it.
 */
export function askedTopics(references: ReadonlyArray<TopicReference>): ReadonlyArray<TopicReference> {
  const byId = references.filter(({ topicId }) => topicId !== zeroUuid)
  return byId.length === 0 ? references : byId.map(({ topicId }) => ({ name: null, topicId }))
}

/**
 * Answers for the topics of a Metadata request, in its order and each once, however often it is named; null asks for all of them. A
 * topic that does not exist is answered too.
 */
export function metadataTopics(
  image: MetadataImage, references: ReadonlyArray<TopicReference> | null, { brokers, noListenerCode }: ClientView
): Array<MetadataResponseTopicInput> {
  const reachable = reachableBrokers(brokers)
  const describe = (topic: TopicImage): MetadataResponseTopicInput => metadataTopic(image, topic, reachable, noListenerCode)
  if (references === null) return [...image.topics].map(describe)
  return distinct(references).map(({ name, topicId }) => {
    const topic = name === null ? image.topicById(topicId) : image.topic(name)
    if (topic !== undefined) return describe(topic)
    if (name === null) return missingTopic(null, topicId, ErrorCode.UNKNOWN_TOPIC_ID)
    return missingTopic(name, zeroUuid, topicNameFault(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION)
  })
}

function distinct(references: ReadonlyArray<TopicReference>): ReadonlyArray<TopicReference> {
  return [...new Map(references.map((it) => [it.name === null ? `id ${it.topicId}` : `name ${it.name}`, it])).values()]
}

function missingTopic(name: string | null, topicId: string, errorCode: number): MetadataResponseTopicInput {
  return { errorCode, name, topicId, isInternal: name !== null && isInternalTopic(name), partitions: [] }
}

function metadataTopic(image: MetadataImage, topic: TopicImage, reachable: ReadonlySet<number>, noListenerCode: number): MetadataResponseTopicInput {
  const { name, topicId, partitions } = topic
  const codeOf = (leader: number): number => {
    if (reachable.has(leader)) return ErrorCode.NONE
    return image.broker(leader)?.fenced === false ? noListenerCode : ErrorCode.LEADER_NOT_AVAILABLE
  }
  return {
    errorCode: ErrorCode.NONE, name, topicId, isInternal: isInternalTopic(name),
    partitions: partitions.map((partition, index) => metadataPartition(partition, index, reachable, codeOf(partition.leader)))
  }
}

function metadataPartition(
  { isr, leader, leaderEpoch, replicas }: PartitionImage, partitionIndex: number, reachable: ReadonlySet<number>, errorCode: number
): MetadataResponsePartitionInput {
  return {
    errorCode, partitionIndex, leaderId: errorCode === ErrorCode.NONE ? leader : -1, leaderEpoch, replicaNodes: replicas, isrNodes: isr,
    offlineReplicas: replicas.filter((id) => !reachable.has(id))
  }
}
