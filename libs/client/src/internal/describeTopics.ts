import type { DescribeTopicPartitionsResponse, DescribeTopicPartitionsResponsePartition } from "@tailrace/kafka-protocol"
import type { PartitionDescription, TopicDescription } from "../AdminTypes.ts"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import { KafkaError } from "../KafkaError.ts"
import { describeTopicPartitionsApi } from "./apis.ts"

const unknownTopic = 3
/** Partitions of one page; brokers may answer with fewer. */
const pagePartitionsMax = 2_000

/**
 * Topics by DescribeTopicPartitions, which tells the eligible leader replicas too, or by Metadata from brokers that do not have
 * it. In the order of `names`; all topics with null, ordered by name.
 */
export const describeTopics = async (
  cluster: Cluster, names: ReadonlyArray<string> | null, signal: AbortSignal | undefined
): Promise<ReadonlyArray<TopicDescription>> => {
  // An empty list would mean all of them to a broker.
  if (names?.length === 0) return []
  try {
    const found = await byPages(cluster, names, signal)
    return names === null ? [...found.values()] : names.map((name) => found.get(name) ?? missing(name, unknownTopic))
  } catch (error) {
    if (!(error instanceof ClientError && error.reason === "unsupported")) throw error
    return byMetadata(cluster, names, signal)
  }
}

const byPages = async (
  cluster: Cluster, names: ReadonlyArray<string> | null, signal: AbortSignal | undefined
): Promise<ReadonlyMap<string, TopicDescription>> => {
  const found = new Map<string, TopicDescription>()
  let cursor: DescribeTopicPartitionsResponse["nextCursor"] = null
  do {
    const page: DescribeTopicPartitionsResponse = await cluster.call(describeTopicPartitionsApi, "any", {
      topics: (names ?? []).map((name) => ({ name })), responsePartitionLimit: pagePartitionsMax, cursor
    }, { signal })
    for (const topic of page.topics) {
      if (topic.name === null) continue
      const before = found.get(topic.name)?.partitions ?? []
      found.set(topic.name, {
        name: topic.name, topicId: topic.topicId, errorCode: topic.errorCode, isInternal: topic.isInternal,
        partitions: [...before, ...topic.partitions.map(describePartition)], error: KafkaError.of(topic.errorCode, topic.name)
      })
    }
    // A broker that does not go on would be asked for ever.
    if (page.nextCursor !== null && page.topics.length === 0) throw new ClientError("protocol", "an empty page of topics names a next one")
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

const describePartition = (partition: DescribeTopicPartitionsResponsePartition): PartitionDescription => ({
  partition: partition.partitionIndex, errorCode: partition.errorCode, leader: partition.leaderId, leaderEpoch: partition.leaderEpoch,
  replicas: partition.replicaNodes, isr: partition.isrNodes, offlineReplicas: partition.offlineReplicas,
  elr: partition.eligibleLeaderReplicas ?? undefined, lastKnownElr: partition.lastKnownElr ?? undefined
})

const byMetadata = async (
  cluster: Cluster, names: ReadonlyArray<string> | null, signal: AbortSignal | undefined
): Promise<ReadonlyArray<TopicDescription>> => {
  await cluster.retry(signal, () => cluster.refresh(names))
  const wanted = names ?? [...cluster.metadata.topics.keys()].toSorted()
  return wanted.map((name) => {
    const topic = cluster.metadata.topic(name)
    if (topic === undefined) return missing(name, unknownTopic)
    const { errorCode, isInternal, topicId } = topic
    const partitions = topic.partitions.map((partition) => ({ ...partition, elr: undefined, lastKnownElr: undefined }))
    return { name, topicId, errorCode, isInternal, partitions, error: KafkaError.of(errorCode, name) }
  })
}

const missing = (name: string, errorCode: number): TopicDescription =>
  ({ name, topicId: "", errorCode, isInternal: false, partitions: [], error: KafkaError.of(errorCode, name) })
