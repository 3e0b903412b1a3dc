import {
  decodeConsumerProtocolAssignment, decodeConsumerProtocolSubscription, encodeConsumerProtocolAssignment,
  encodeConsumerProtocolSubscription, Versioned
} from "@tailrace/kafka-protocol"
import type { TopicPartition } from "../AdminTypes.ts"
import { byTopic } from "./offsets.ts"

/** What a member of a group of consumers says about itself when it joins. */
export interface Subscription {
  readonly topics: ReadonlyArray<string>
  readonly ownedPartitions: ReadonlyArray<TopicPartition>
  /** The generation in which the owned partitions were assigned, -1 for none. */
  readonly generationId: number
}

const subscriptionVersion = 2
const assignmentVersion = 1
const versionMax = 3

const flatten = (
  topics: ReadonlyArray<{ readonly topic: string; readonly partitions: ReadonlyArray<number> }>
): ReadonlyArray<TopicPartition> => topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })))

const group = (partitions: ReadonlyArray<TopicPartition>) =>
  [...byTopic(partitions)].map(([topic, list]) => ({ topic, partitions: list.map((item) => item.partition) }))

export const encodeSubscription = (subscription: Subscription): Buffer =>
  Versioned.encode(encodeConsumerProtocolSubscription, subscriptionVersion, {
    topics: subscription.topics, userData: null, ownedPartitions: group(subscription.ownedPartitions),
    generationId: subscription.generationId
  })

export const decodeSubscription = (bytes: Buffer): Subscription => {
  const { topics, ownedPartitions, generationId } = Versioned.decode(decodeConsumerProtocolSubscription, bytes, versionMax)
  return { topics, ownedPartitions: flatten(ownedPartitions), generationId }
}

export const encodeAssignment = (partitions: ReadonlyArray<TopicPartition>): Buffer =>
  Versioned.encode(encodeConsumerProtocolAssignment, assignmentVersion, { assignedPartitions: group(partitions), userData: null })

/** No bytes are what a member gets that has nothing assigned. */
export const decodeAssignment = (bytes: Buffer): ReadonlyArray<TopicPartition> => bytes.length === 0
  ? [] : flatten(Versioned.decode(decodeConsumerProtocolAssignment, bytes, versionMax).assignedPartitions)

/** For tools: bytes that are not an assignment are no assignment. */
export const tryDecodeAssignment = (bytes: Buffer): ReadonlyArray<TopicPartition> => {
  try {
    return decodeAssignment(bytes)
  } catch {
    return []
  }
}
