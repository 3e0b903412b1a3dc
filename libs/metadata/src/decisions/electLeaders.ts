import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  ElectLeadersRequest, ElectLeadersResponseInput, ElectLeadersResponsePartitionInput, MetadataRecord
} from "@tailrace/kafka-protocol"
import { limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import { changePartition } from "../internal/changePartition.ts"
import { electorateOf, rulesOf } from "../internal/partitionChanges.ts"
import { noLeader, partitionChange } from "../internal/records.ts"
import { shownMessage } from "../internal/validation.ts"
import type { MetadataImage } from "../MetadataImage.ts"

export const ElectionType = { preferred: 0, unclean: 1 } as const

/**
 * ElectLeaders. An unclean election is done where an operator asks for it by this call, whatever the topic says. When all
 * partitions are asked for, every topic is answered, but of its partitions only those that need an election.
 */
export function electLeaders(image: MetadataImage, request: ElectLeadersRequest, context: DecisionContext): Decision<ElectLeadersResponseInput> {
  const { electionType, topicPartitions } = request
  if (electionType !== ElectionType.preferred && electionType !== ElectionType.unclean) {
    const unknownType = { errorCode: ErrorCode.INVALID_REQUEST, errorMessage: `Unknown election type ${electionType}.` }
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) =>
      ({ topic, partitionResult: partitions.map((partitionId) => ({ partitionId, ...unknownType })) }))
    return { records: [], response: { errorCode: ErrorCode.INVALID_REQUEST, replicaElectionResults } }
  }
  const records: Array<MetadataRecord> = []
  const wanted = topicPartitions ?? Array.from(image.topics, ({ name, partitions }) => ({ topic: name, partitions: [...partitions.keys()] }))
  const replicaElectionResults = [...Map.groupBy(wanted, (it) => it.topic)].map(([topic, named]) => {
    const partitionIds = named.flatMap((it) => it.partitions)
    const results = new Map<number, ElectLeadersResponsePartitionInput>()
    for (const partitionId of new Set(partitionIds)) {
      const outcome = election(image, topic, partitionId, electionType, context, records.length)
      if ("type" in outcome) records.push(outcome)
      const refusal = "type" in outcome ? undefined : outcome
      if (topicPartitions === null && refusal?.errorCode === ErrorCode.ELECTION_NOT_NEEDED) continue
      results.set(partitionId, { partitionId, errorCode: refusal?.errorCode ?? ErrorCode.NONE, errorMessage: refusal === undefined ? null : shownMessage(refusal.message) })
    }
    // What is named twice is elected once and answered twice.
    return { topic, partitionResult: partitionIds.flatMap((it) => results.get(it) ?? []) }
  })
  return { records, response: { errorCode: ErrorCode.NONE, replicaElectionResults } }
}

function election(
  image: MetadataImage, topicName: string, partitionId: number, electionType: number, context: DecisionContext, decided: number
): MetadataRecord | Refusal {
  const topic = image.topic(topicName)
  if (topic === undefined) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `No such topic as ${topicName}` }
  const partition = topic.partitions[partitionId]
  if (partition === undefined) return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: `No such partition as ${topicName}-${partitionId}` }
  const isPreferred = electionType === ElectionType.preferred
  const { leader, replicas } = partition
  if (isPreferred ? leader === replicas[0] : leader !== noLeader) return { errorCode: ErrorCode.ELECTION_NOT_NEEDED, message: "Leader election not needed." }
  const { partitionsPerRequestMax } = limitsOf(context)
  if (decided >= partitionsPerRequestMax) {
    return { errorCode: ErrorCode.POLICY_VIOLATION, message: `At most ${partitionsPerRequestMax} leaders are elected by one request.` }
  }
  const rules = rulesOf(image, context.config, topicName, electorateOf(image))
  const change = changePartition(partition, { election: isPreferred ? "preferred" : "unclean" }, rules)
  if (change?.leader !== undefined) return partitionChange(topic.topicId, partitionId, change)
  return isPreferred
    ? { errorCode: ErrorCode.PREFERRED_LEADER_NOT_AVAILABLE, message: `The preferred leader ${replicas[0]} is not in sync or not available.` }
    : { errorCode: ErrorCode.ELIGIBLE_LEADERS_NOT_AVAILABLE, message: "No replica is available." }
}
