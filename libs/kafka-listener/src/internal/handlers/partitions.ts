import type { DeleteRecordsOutcome, EpochEndOutcome, PartitionRef } from "@tailrace/contracts"
import {
  decodeDeleteRecordsRequest,
  decodeOffsetForLeaderEpochRequest,
  encodeDeleteRecordsResponse,
  encodeOffsetForLeaderEpochResponse,
  ErrorCode
} from "@tailrace/kafka-protocol"
import { isInternalTopic } from "@tailrace/metadata"
import type { Call } from "../Call.ts"
import { findTopic, isErrorCode, whyAbsent } from "../findTopic.ts"

export function handleOffsetForLeaderEpoch(call: Call): void {
  const request = decodeOffsetForLeaderEpochRequest(call.reader, call.apiVersion)
  const topics = request.topics.map(({ partitions, topic }) => ({
    topic,
    partitions: partitions.map(({ currentLeaderEpoch, leaderEpoch, partition }) => {
      const found = findPartition(call, topic, partition)
      const outcome: EpochEndOutcome = isErrorCode(found)
        ? { errorCode: found, leaderEpoch: -1, endOffset: -1 }
        : found.endOffsetForEpoch(leaderEpoch, currentLeaderEpoch)
      return { partition, ...outcome }
    })
  }))
  call.reply(encodeOffsetForLeaderEpochResponse, { topics })
}

/**
 * Answers when the new log start offsets are durable on all in-sync replicas. As in Kafka, a partition that is named again is answered once,
 * and what was said last holds.
 */
export function handleDeleteRecords(call: Call): void {
  const request = decodeDeleteRecordsRequest(call.reader, call.apiVersion)
  const offsets = new Map<string, Map<number, number>>()
  for (const { name, partitions } of request.topics) {
    let ofTopic = offsets.get(name)
    if (ofTopic === undefined) offsets.set(name, ofTopic = new Map())
    for (const { offset, partitionIndex } of partitions) ofTopic.set(partitionIndex, offset)
  }
  const topics = Array.from(offsets, async ([name, partitions]) => ({
    name,
    partitions: await Promise.all(Array.from(partitions, async ([partitionIndex, offset]) => {
      const found = findDeletable(call, name, partitionIndex)
      const outcome: DeleteRecordsOutcome = isErrorCode(found)
        ? { errorCode: found, lowWatermark: -1 }
        : await found.deleteRecords(offset, request.timeoutMs)
      return { partitionIndex, ...outcome }
    }))
  }))
  call.whenSettled(Promise.all(topics), (answered) => call.reply(encodeDeleteRecordsResponse, { topics: answered }), (errorCode) => {
    const refused = Array.from(offsets, ([name, partitions]) => ({
      name,
      partitions: Array.from(partitions.keys(), (partitionIndex) => ({ partitionIndex, lowWatermark: -1, errorCode }))
    }))
    call.reply(encodeDeleteRecordsResponse, { topics: refused })
  })
}

/** The coordinators lose nothing of their topics to clients. That a partition is missing is said first, as in Kafka. */
function findDeletable(call: Call, name: string, partition: number): PartitionRef | number {
  const isThere = call.context.broker.metadata.topic(name)?.partitions[partition] !== undefined
  return isThere && isInternalTopic(name) ? ErrorCode.INVALID_TOPIC_EXCEPTION : findPartition(call, name, partition)
}

function findPartition(call: Call, name: string, partition: number): PartitionRef | number {
  const { broker } = call.context
  const topic = findTopic(broker, name, "", false)
  if (isErrorCode(topic)) return topic
  return broker.partition(topic.topicId, partition) ?? whyAbsent(topic, partition)
}
