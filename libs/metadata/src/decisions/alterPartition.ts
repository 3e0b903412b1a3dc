import { ErrorCode } from "@tailrace/kafka-protocol"
import type {
  AlterPartitionRequest, AlterPartitionRequestPartition, AlterPartitionResponseInput, AlterPartitionResponsePartitionInput, MetadataRecord,
  PartitionChangeRecord
} from "@tailrace/kafka-protocol"
import type { BrokerSessions } from "../BrokerSessions.ts"
import type { Decision, DecisionContext } from "../Decision.ts"
import { changePartition, replicationFactor } from "../internal/changePartition.ts"
import type { PartitionRules, PartitionWish } from "../internal/changePartition.ts"
import { electorateOf, rulesOf } from "../internal/partitionChanges.ts"
import { mergePartition, partitionChange } from "../internal/records.ts"
import type { LeaderMoves } from "../LeaderMoves.ts"
import type { MetadataImage, PartitionImage, TopicImage } from "../MetadataImage.ts"
import { epochError } from "./brokers.ts"

export interface AlterPartitionOptions {
  readonly sessions: BrokerSessions
  readonly nowMillis: number
  /** With it, a leader that loses all its followers although they live is replaced instead of left alone. */
  readonly moves?: LeaderMoves
}

/**
 * A leader wants other in-sync sets. Which controller is asked (`controllerEpoch`) is the caller's to check; a request that
 * is older than one that was taken before is refused as a whole, so that a refusal is final: what was refused cannot be
 * carried out later by a copy that was delayed. A proposal that is in force already is confirmed, so repeating one is safe.
 */
export function alterPartition(
  image: MetadataImage, request: AlterPartitionRequest, context: DecisionContext, options?: AlterPartitionOptions
): Decision<AlterPartitionResponseInput> {
  const { brokerId, brokerEpoch, sequence } = request
  const refused = (errorCode: number): Decision<AlterPartitionResponseInput> => ({ records: [], response: { errorCode, topics: [] } })
  const errorCode = epochError(image, brokerId, brokerEpoch)
  if (errorCode !== ErrorCode.NONE) return refused(errorCode)
  if (options?.sessions.isLatest(brokerId, brokerEpoch, sequence, options.nowMillis) === false) return refused(ErrorCode.INVALID_UPDATE_VERSION)
  const records: Array<MetadataRecord> = []
  const seen = new Set<string>()
  const topics = request.topics.map(({ topicId, partitions }) => ({
    topicId,
    partitions: partitions.map((wanted) => {
      const topic = image.topicById(topicId)
      const key = `${topicId}/${wanted.partitionIndex}`
      const fault = seen.has(key) ? ErrorCode.INVALID_REQUEST : proposalFault(image, topic, wanted, brokerId, options?.sessions)
      seen.add(key)
      if (topic === undefined || fault !== ErrorCode.NONE) return { partitionIndex: wanted.partitionIndex, errorCode: fault, isr: [] }
      const { partitionIndex } = wanted
      const present = topic.partitions[partitionIndex]!
      if (wanted.partitionEpoch < present.partitionEpoch) return answer(partitionIndex, present, brokerId)
      const rules = rulesOf(image, context.config, topic.name, electorateOf(image))
      const change = changePartition(present, wishOf(topic, present, wanted, rules, options), rules)
      if (change === undefined) return answer(partitionIndex, present, brokerId)
      const record = partitionChange(topicId, partitionIndex, change)
      records.push(record)
      return answer(partitionIndex, mergePartition(present, record.value as PartitionChangeRecord), brokerId)
    })
  }))
  return { records, response: { errorCode: ErrorCode.NONE, topics } }
}

function proposalFault(
  image: MetadataImage, topic: TopicImage | undefined, wanted: AlterPartitionRequestPartition, brokerId: number, sessions: BrokerSessions | undefined
): number {
  if (topic === undefined) return ErrorCode.UNKNOWN_TOPIC_ID
  const partition = topic.partitions[wanted.partitionIndex]
  if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  const { leader, leaderEpoch, partitionEpoch, replicas, isr } = partition
  if (wanted.leaderEpoch < leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH
  // The leader knows more than this controller: it is not the controller any more.
  if (wanted.leaderEpoch > leaderEpoch || wanted.partitionEpoch > partitionEpoch) return ErrorCode.NOT_CONTROLLER
  if (leader !== brokerId) return ErrorCode.INVALID_REQUEST
  const ids = wanted.newIsr.map((it) => it.brokerId)
  if (wanted.partitionEpoch < partitionEpoch) {
    const isInForce = ids.length === isr.length && ids.every((id) => isr.includes(id))
    return isInForce ? ErrorCode.NONE : ErrorCode.INVALID_UPDATE_VERSION
  }
  const isSet = new Set(ids).size === ids.length && ids.every((id) => replicas.includes(id))
  if (!isSet || !ids.includes(leader)) return ErrorCode.INVALID_REQUEST
  return wanted.newIsr.every((it) => isEligible(image, partition, it, sessions)) ? ErrorCode.NONE : ErrorCode.INELIGIBLE_REPLICA
}

/**
 * A replica that was emptied and came back has another broker epoch than the one its leader saw catch up. For who is in the
 * set already the partition epoch says it all, since every restart of a member changes it, so a leader need not know that one's.
 */
function isEligible(
  image: MetadataImage, { isr }: PartitionImage, { brokerId, brokerEpoch }: { readonly brokerId: number; readonly brokerEpoch: number },
  sessions: BrokerSessions | undefined
): boolean {
  const broker = image.broker(brokerId)
  if (broker === undefined || broker.fenced) return false
  // Who is on its way out, or asks to be fenced, may stay in until it is not needed.
  return isr.includes(brokerId) || sessions?.wantsFence(brokerId) !== true && (!broker.inControlledShutdown && broker.brokerEpoch === brokerEpoch)
}

function wishOf(
  topic: TopicImage, partition: PartitionImage, { newIsr, partitionIndex }: AlterPartitionRequestPartition, rules: PartitionRules,
  options: AlterPartitionOptions | undefined
): PartitionWish {
  const isr = partition.replicas.filter((id) => newIsr.some((it) => it.brokerId === id))
  const { leader } = partition
  // A leader that reaches the controller but no follower would only hold the partition up, while the followers live.
  const isCutOff = isr.length === 1 && isr.length < rules.minIsr(replicationFactor(partition))
    && partition.isr.some((id) => id !== leader && rules.mayLead(id))
  if (!isCutOff || options?.moves?.take(topic.topicId, partitionIndex, partition.replicas.length - 1, options.nowMillis) !== true) return { isr }
  return { moveFrom: leader }
}

function answer(partitionIndex: number, { leader, leaderEpoch, isr, partitionEpoch }: PartitionImage, askedBy: number): AlterPartitionResponsePartitionInput {
  const errorCode = leader === askedBy ? ErrorCode.NONE : ErrorCode.NEW_LEADER_ELECTED
  return { partitionIndex, errorCode, leaderId: leader, leaderEpoch, isr, partitionEpoch }
}
