import {
  decodeDescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseCursorInput,
  type DescribeTopicPartitionsResponsePartitionInput,
  type DescribeTopicPartitionsResponseTopicInput,
  encodeDescribeTopicPartitionsResponse,
  ErrorCode,
  zeroUuid
} from "@tailrace/kafka-protocol"
import { isInternalTopic, metadataBrokers, type MetadataImage, type PartitionImage, reachableBrokers, topicNameFault } from "@tailrace/metadata"
import { authorizedOperations } from "../authorizedOperations.ts"
import type { Call } from "../Call.ts"

/**
 * Describes topics page by page, in the order of their names (KIP-966). No topic named means all of them. A cursor names
 * what the last page had no room for; where that topic is gone the page begins with the one that follows it.
 */
export function handleDescribeTopicPartitions(call: Call): void {
  const { broker } = call.context
  const request = decodeDescribeTopicPartitionsRequest(call.reader, call.apiVersion)
  if (!isLegal(request)) {
    const topics = request.topics.map(({ name }) => ({ ...missing(name, ErrorCode.INVALID_REQUEST), isInternal: false }))
    return call.reply(encodeDescribeTopicPartitionsResponse, { topics })
  }
  const limit = Math.max(1, Math.min(request.responsePartitionLimit, broker.config.get("max.request.partition.size.limit")))
  call.reply(encodeDescribeTopicPartitionsResponse, page(broker.metadata, request, limit, call.origin.listenerName))
}

/** A cursor is inside of what is asked for. */
const isLegal = ({ cursor, topics }: DescribeTopicPartitionsRequest): boolean =>
  cursor === null || cursor.partitionIndex >= 0 && (topics.length === 0 || topics.some(({ name }) => name === cursor.topicName))

interface Page {
  readonly topics: ReadonlyArray<DescribeTopicPartitionsResponseTopicInput>
  readonly nextCursor: DescribeTopicPartitionsResponseCursorInput | null
}

function page(image: MetadataImage, request: DescribeTopicPartitionsRequest, limit: number, listenerName: string): Page {
  const reachable = reachableBrokers(metadataBrokers(image, listenerName))
  const { cursor } = request
  const topics: Array<DescribeTopicPartitionsResponseTopicInput> = []
  let left = limit
  for (const name of namesFrom(image, request)) {
    if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: 0 } }
    const topic = image.topic(name)
    if (topic === undefined) {
      const errorCode = topicNameFault(name) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION
      topics.push({ ...missing(name, errorCode), topicAuthorizedOperations: authorizedOperations.topic })
      continue
    }
    const first = cursor?.topicName === name ? cursor.partitionIndex : 0
    const shown = topic.partitions.slice(first, first + left)
    const partitions = shown.map((partition, index) => describe(partition, first + index, reachable))
    topics.push({
      errorCode: ErrorCode.NONE,
      name,
      topicId: topic.topicId,
      isInternal: isInternalTopic(name),
      partitions,
      topicAuthorizedOperations: authorizedOperations.topic
    })
    left -= shown.length
    const next = first + shown.length
    if (next < topic.partitions.length) return { topics, nextCursor: { topicName: name, partitionIndex: next } }
  }
  return { topics, nextCursor: null }
}

function namesFrom(image: MetadataImage, { cursor, topics }: DescribeTopicPartitionsRequest): ReadonlyArray<string> {
  const names = topics.length === 0 ? Array.from(image.topics, ({ name }) => name) : [...new Set(topics.map(({ name }) => name))]
  const from = cursor?.topicName ?? ""
  return names.filter((name) => name >= from).toSorted((a, b) => (a < b ? -1 : 1))
}

/** A partition without a leader is no error here, unlike in Metadata: it is described as it is. */
function describe(
  partition: PartitionImage,
  partitionIndex: number,
  reachable: ReadonlySet<number>
): DescribeTopicPartitionsResponsePartitionInput {
  const { eligibleLeaderReplicas, isr, lastKnownElr, leader, leaderEpoch, replicas } = partition
  return {
    errorCode: ErrorCode.NONE,
    partitionIndex,
    leaderId: reachable.has(leader) ? leader : -1,
    leaderEpoch,
    replicaNodes: replicas,
    isrNodes: isr,
    eligibleLeaderReplicas: eligibleLeaderReplicas ?? [],
    lastKnownElr: lastKnownElr ?? [],
    offlineReplicas: replicas.filter((id) => !reachable.has(id))
  }
}

const missing = (name: string, errorCode: number): DescribeTopicPartitionsResponseTopicInput => ({
  errorCode,
  name,
  topicId: zeroUuid,
  isInternal: isInternalTopic(name),
  partitions: []
})
