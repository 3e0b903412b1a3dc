import { ErrorCode } from "@tailrace/kafka-protocol"
import type { CreatePartitionsRequest, CreatePartitionsRequestTopic, CreatePartitionsResponseInput, MetadataRecord } from "@tailrace/kafka-protocol"
import { limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import { assignmentFault, isRefusal, newPartition, placeReplicas } from "../internal/placement.ts"
import type { Assignments } from "../internal/placement.ts"
import type { MetadataImage, TopicImage } from "../MetadataImage.ts"
import { topicReplicationFactor } from "../TopicConfig.ts"
import { isInternalTopic } from "../topicNames.ts"

/** CreatePartitions: one answer per topic that was named, also where nothing was done. */
export function createPartitions(image: MetadataImage, request: CreatePartitionsRequest, context: DecisionContext): Decision<CreatePartitionsResponseInput> {
  const records: Array<MetadataRecord> = []
  const answers = new Map<string, Refusal | undefined>()
  let added = 0
  for (const [name, [topic, ...more]] of Map.groupBy(request.topics, (it) => it.name)) {
    if (topic === undefined || more.length > 0) {
      answers.set(name, { errorCode: ErrorCode.INVALID_REQUEST, message: "Duplicate topic name." })
      continue
    }
    const assignments = newAssignments(image, topic, context, added)
    if (isRefusal(assignments)) {
      answers.set(topic.name, assignments)
      continue
    }
    answers.set(topic.name, undefined)
    added += assignments.length
    const { topicId, partitions } = image.topic(topic.name)!
    if (request.validateOnly) continue
    for (const [i, replicas] of assignments.entries()) records.push(newPartition(image, topicId, partitions.length + i, replicas))
  }
  const results = [...answers].map(([name, it]) => ({ name, errorCode: it?.errorCode ?? ErrorCode.NONE, errorMessage: it?.message ?? null }))
  return { records, response: { results } }
}

function newAssignments(image: MetadataImage, wanted: CreatePartitionsRequestTopic, context: DecisionContext, earlier: number): Assignments | Refusal {
  const refused = (errorCode: number, message: string): Refusal => ({ errorCode, message })
  const topic = image.topic(wanted.name)
  if (topic === undefined) return refused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "This server does not host this topic-partition.")
  // The number of partitions decides which one a group's offsets are in.
  if (isInternalTopic(topic.name)) return refused(ErrorCode.POLICY_VIOLATION, `${topic.name} belongs to the brokers and cannot be changed.`)
  const present = topic.partitions.length
  if (wanted.count === present) return refused(ErrorCode.INVALID_PARTITIONS, `Topic already has ${present} partition(s).`)
  if (wanted.count < present) {
    return refused(ErrorCode.INVALID_PARTITIONS, `The topic ${topic.name} currently has ${present} partition(s); ${wanted.count} would not be an increase.`)
  }
  const added = wanted.count - present
  const { partitionsPerRequestMax, partitionsMax } = limitsOf(context)
  if (earlier + added > partitionsPerRequestMax || image.partitionCount + earlier + added > partitionsMax) {
    return refused(ErrorCode.POLICY_VIOLATION, `At most ${partitionsPerRequestMax} partitions are created at once, and the cluster may have ${partitionsMax}.`)
  }
  const replicationFactor = topicReplicationFactor(topic)
  if (wanted.assignments === null) return placeReplicas(image, added, replicationFactor, image.partitionCount + earlier)
  return manualAssignments(image, topic, wanted.assignments.map((it) => it.brokerIds), added, replicationFactor)
}

function manualAssignments(image: MetadataImage, topic: TopicImage, assignments: Assignments, added: number, replicationFactor: number): Assignments | Refusal {
  if (assignments.length !== added) {
    const message = `Attempted to add ${added} additional partition(s) to ${topic.name}, but only ${assignments.length} assignment(s) were specified.`
    return { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, message }
  }
  for (const replicas of assignments) {
    const fault = assignmentFault(image, replicas, replicationFactor)
    if (fault !== undefined) return fault
  }
  return assignments
}
