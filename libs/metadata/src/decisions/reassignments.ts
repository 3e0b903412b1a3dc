import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type {
  AlterPartitionReassignmentsRequest, AlterPartitionReassignmentsResponseInput, ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponseInput, MetadataRecord
} from "@tailrace/kafka-protocol"
import { limitsOf } from "../Decision.ts"
import type { Decision, DecisionContext, Refusal } from "../Decision.ts"
import { changePartition } from "../internal/changePartition.ts"
import type { Assignment } from "../internal/changePartition.ts"
import { electorateOf, rulesOf } from "../internal/partitionChanges.ts"
import { noLeader, partitionChange } from "../internal/records.ts"
import type { MetadataImage, PartitionImage } from "../MetadataImage.ts"

interface Wanted {
  readonly name: string
  readonly partitionIndex: number
  readonly replicas: ReadonlyArray<number> | null
  readonly allowsOtherFactor: boolean
}

/**
 * AlterPartitionReassignments. The replicas that come are added to those that are there; when they are in sync those that go
 * are removed, by whichever decision sees it first. Null cancels. A new target replaces one that is on its way.
 */
export function alterPartitionReassignments(
  image: MetadataImage, request: AlterPartitionReassignmentsRequest, context: DecisionContext
): Decision<AlterPartitionReassignmentsResponseInput> {
  const { allowReplicationFactorChange: allowsOtherFactor } = request
  const records: Array<MetadataRecord> = []
  // The image does not know what this request has decided already, so nothing more can be decided about such a partition.
  const changed = new Set<string>()
  const responses = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, replicas }) => {
      const key = `${name}/${partitionIndex}`
      const outcome = changed.has(key)
        ? { errorCode: ErrorCode.INVALID_REQUEST, message: "The partition is there twice; it is changed once." }
        : reassign(image, { name, partitionIndex, replicas, allowsOtherFactor }, context, records.length)
      const refusal = outcome !== undefined && "errorCode" in outcome ? outcome : undefined
      if (outcome !== undefined && "type" in outcome) {
        changed.add(key)
        records.push(outcome)
      }
      return { partitionIndex, errorCode: refusal?.errorCode ?? ErrorCode.NONE, errorMessage: refusal?.message ?? null }
    })
  }))
  return { records, response: { errorCode: ErrorCode.NONE, errorMessage: null, allowReplicationFactorChange: allowsOtherFactor, responses } }
}

/** ListPartitionReassignments: those under way, of all topics or of those named. */
export function listPartitionReassignments(
  image: MetadataImage, request: ListPartitionReassignmentsRequest
): Decision<ListPartitionReassignmentsResponseInput> {
  const wanted = request.topics ?? Array.from(image.topics, ({ name, partitions }) => ({ name, partitionIndexes: [...partitions.keys()] }))
  const topics = wanted.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.flatMap((partitionIndex) => {
      const partition = image.topic(name)?.partitions[partitionIndex]
      if (partition === undefined || !isUnderWay(partition)) return []
      const { replicas, addingReplicas, removingReplicas } = partition
      return [{ partitionIndex, replicas, addingReplicas, removingReplicas }]
    })
  })).filter((it) => it.partitions.length > 0)
  return { records: [], response: { errorCode: ErrorCode.NONE, errorMessage: null, topics } }
}

function isUnderWay({ addingReplicas, removingReplicas }: PartitionImage): boolean {
  return addingReplicas.length > 0 || removingReplicas.length > 0
}

function reassign(image: MetadataImage, wanted: Wanted, context: DecisionContext, decided: number): MetadataRecord | Refusal | undefined {
  const { name, partitionIndex } = wanted
  const topic = image.topic(name)
  const partition = topic?.partitions[partitionIndex]
  if (topic === undefined || partition === undefined) {
    return { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, message: "This server does not host this topic-partition." }
  }
  const fault = wantedFault(image, partition, wanted, context, decided)
  if (fault !== undefined) return fault
  const assignment = assignmentOf(partition, wanted.replicas)
  const rules = rulesOf(image, context.config, name, electorateOf(image))
  const directories = assignment.replicas.map((id) => {
    const at = partition.replicas.indexOf(id)
    return at >= 0 ? partition.directories[at]! : image.broker(id)?.logDirs[0] ?? zeroUuid
  })
  const change = changePartition(partition, { assignment, directories }, rules)
  if (change === undefined) return undefined
  const losesLast = hasComplete(partition, partition.replicas) && !hasComplete(partition, assignment.replicas)
  const losesLeader = change.leader === noLeader && partition.leader !== noLeader
  if (losesLeader || (losesLast && !rules.isUncleanAllowed)) {
    return { errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, message: `It would take an unclean leader election of ${name}-${partitionIndex}.` }
  }
  return partitionChange(topic.topicId, partitionIndex, change)
}

/** Whether one of the replicas has everything that was acknowledged. */
function hasComplete({ isr, eligibleLeaderReplicas }: PartitionImage, replicas: ReadonlyArray<number>): boolean {
  return [...isr, ...(eligibleLeaderReplicas ?? [])].some((id) => replicas.includes(id))
}

function wantedFault(image: MetadataImage, partition: PartitionImage, wanted: Wanted, context: DecisionContext, decided: number): Refusal | undefined {
  const refused = (errorCode: number, message: string): Refusal => ({ errorCode, message })
  const { replicas } = wanted
  if (decided >= limitsOf(context).partitionsPerRequestMax) {
    return refused(ErrorCode.POLICY_VIOLATION, `At most ${limitsOf(context).partitionsPerRequestMax} partitions are reassigned by one request.`)
  }
  if (replicas === null) {
    return isUnderWay(partition) ? undefined : refused(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, "No partition reassignment is in progress.")
  }
  if (replicas.length === 0) return refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, "The replica list is empty.")
  if (new Set(replicas).size !== replicas.length) return refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `A broker is there more than once: ${replicas.join(",")}.`)
  const unknown = replicas.find((id) => image.broker(id) === undefined)
  if (unknown !== undefined) return refused(ErrorCode.INVALID_REPLICA_ASSIGNMENT, `Broker ${unknown} is not registered.`)
  // Where a reassignment is under way it is the one that it leads to.
  const factor = partition.replicas.length - partition.removingReplicas.length
  if (!wanted.allowsOtherFactor && replicas.length !== factor) {
    return refused(ErrorCode.INVALID_REPLICATION_FACTOR, `The replication factor is changed from ${factor} to ${replicas.length}.`)
  }
  return undefined
}

/** The replicas before any reassignment are the origin; what an earlier one was still adding is dropped unless it is wanted. */
function assignmentOf({ replicas, addingReplicas }: PartitionImage, target: ReadonlyArray<number> | null): Assignment {
  const origin = replicas.filter((id) => !addingReplicas.includes(id))
  if (target === null) return { replicas: origin, addingReplicas: [], removingReplicas: [] }
  const removingReplicas = origin.filter((id) => !target.includes(id))
  return { replicas: [...target, ...removingReplicas], addingReplicas: target.filter((id) => !origin.includes(id)), removingReplicas }
}
