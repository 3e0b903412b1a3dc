import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type {
  OffsetCommitRequest, OffsetCommitRequestPartition, OffsetFetchRequestGroup, OffsetFetchResponseGroupInput,
  OffsetFetchResponseGroupPartitionInput
} from "@tailrace/kafka-protocol"
import type { CoordinatorRecord } from "../Decision.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { fitsRecord } from "./fitsRecord.ts"
import { touchSession } from "./rebalance.ts"
import { offsetRecord, recordBytes } from "./records.ts"
import type { CommittedOffset } from "./records.ts"
import { liveGroup, memberError } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

export interface OffsetCommitInput extends OffsetCommitRequest {
  readonly apiVersion: number
}

/** The id of the present topic of a name, as far as it is known: an offset does not count for another topic that gets the name later. */
export type TopicIdOf = (topic: string) => string | undefined

/** From this version on an unknown group has an error of its own. */
const groupIdNotFoundVersion = 9

export function commitOffsets(state: ShardState, request: OffsetCommitInput, token: unknown, topicIdOf: TopicIdOf): void {
  const group = liveGroup(state, request.groupId)
  const error = group === undefined ? unknownGroupError(state, request) : commitError(group, request)
  if (error !== ErrorCode.NONE) return state.out.reply(token, commitResponse(request, () => error))
  const member = group?.members.get(request.memberId)
  if (member !== undefined) touchSession(state, member)
  const errorOf = ({ committedMetadata }: OffsetCommitRequestPartition) => {
    const metadata = committedMetadata ?? ""
    const isTooLarge = metadata.length > state.config.offsetMetadataMaxBytes || !fitsRecord(metadata)
    return isTooLarge ? ErrorCode.OFFSET_METADATA_TOO_LARGE : ErrorCode.NONE
  }
  const records = commitRecords(state, request, errorOf, topicIdOf)
  if (records === undefined) return state.out.reply(token, commitResponse(request, () => ErrorCode.INVALID_COMMIT_OFFSET_SIZE))
  for (const record of records) state.out.record(record)
  state.out.reply(token, commitResponse(request, errorOf))
}

function commitResponse(request: OffsetCommitInput, errorOf: (partition: OffsetCommitRequestPartition) => ErrorCode) {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => ({ partitionIndex: partition.partitionIndex, errorCode: errorOf(partition) }))
    }))
  }
}

/** Somebody who keeps offsets here without being a member makes a group by it; a member of a group that is gone does not. */
function unknownGroupError(state: ShardState, request: OffsetCommitInput): ErrorCode {
  if (!fitsRecord(request.groupId)) return ErrorCode.INVALID_GROUP_ID
  if (request.generationIdOrMemberEpoch >= 0) {
    return request.apiVersion >= groupIdNotFoundVersion ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.ILLEGAL_GENERATION
  }
  return state.durable.groups.size >= state.config.groupsMax ? ErrorCode.INVALID_COMMIT_OFFSET_SIZE : ErrorCode.NONE
}

/**
 * Without a generation only an empty group takes commits. With one, the member and its generation must be the
 * current ones; while the group waits for its assignment, the member first has to learn that it was rebalanced.
 */
function commitError(group: ClassicGroup, request: OffsetCommitInput): ErrorCode {
  const { generationIdOrMemberEpoch: generationId, memberId, groupInstanceId } = request
  if (generationId < 0 && group.state === "Empty") return ErrorCode.NONE
  const error = memberError(group, memberId, groupInstanceId)
  if (error !== ErrorCode.NONE) return error
  if (generationId !== group.generationId) return ErrorCode.ILLEGAL_GENERATION
  return group.state === "CompletingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE
}

/** Undefined if the shard would keep too many offsets, or one batch cannot hold them. */
function commitRecords(
  state: ShardState, request: OffsetCommitInput, errorOf: (partition: OffsetCommitRequestPartition) => ErrorCode,
  topicIdOf: TopicIdOf
): ReadonlyArray<CoordinatorRecord> | undefined {
  const { config, durable } = state
  const records: Array<CoordinatorRecord> = []
  let roomOffsets = config.offsetsMax - durable.offsetsCount
  let roomBytes = config.recordsBytesMax
  for (const topic of request.topics) {
    const topicId = topicIdOf(topic.name) ?? zeroUuid
    for (const partition of topic.partitions) {
      if (errorOf(partition) !== ErrorCode.NONE) continue
      if (durable.offset(request.groupId, topic.name, partition.partitionIndex) === undefined) roomOffsets -= 1
      const record = offsetRecord(request.groupId, topic.name, partition.partitionIndex, committedOffset(state, request, topicId, partition))
      roomBytes -= recordBytes(record)
      if (roomOffsets < 0 || roomBytes < 0) return undefined
      records.push(record)
    }
  }
  return records
}

function committedOffset(state: ShardState, request: OffsetCommitInput, topicId: string, partition: OffsetCommitRequestPartition): CommittedOffset {
  const { wallMillis } = state.now
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? "",
    commitTimestamp: wallMillis,
    expireTimestamp: request.retentionTimeMs === -1 ? -1 : Math.min(wallMillis + request.retentionTimeMs, Number.MAX_SAFE_INTEGER),
    topicId
  }
}

/**
 * The offsets of one group: of the topics asked for, or all there are. An offset that was never committed is -1, without an error,
 * and so is one of an earlier topic of that name, whose tombstone is not written yet.
 */
export function fetchOffsets(state: ShardState, request: OffsetFetchRequestGroup, topicIdOf: TopicIdOf): OffsetFetchResponseGroupInput {
  const offsets = state.durable.groups.get(request.groupId)?.offsets
  const asked = request.topics ?? [...offsets ?? []].map(([name, partitions]) => ({ name, partitionIndexes: [...partitions.keys()] }))
  const topics = asked.map(({ name, partitionIndexes }) => {
    const partitions = offsets?.get(name)
    const topicId = topicIdOf(name)
    return { name, partitions: partitionIndexes.map((index) => fetched(index, partitions?.get(index), topicId)) }
  })
  return { groupId: request.groupId, topics, errorCode: ErrorCode.NONE }
}

/** An offset without an id counts for whoever has the name. */
export const countsFor = (committed: CommittedOffset, topicId: string): boolean =>
  committed.topicId === zeroUuid || committed.topicId === topicId

function fetched(partitionIndex: number, kept: CommittedOffset | undefined, topicId: string | undefined): OffsetFetchResponseGroupPartitionInput {
  const committed = kept !== undefined && (topicId === undefined || countsFor(kept, topicId)) ? kept : undefined
  return {
    partitionIndex,
    committedOffset: committed?.offset ?? -1,
    committedLeaderEpoch: committed?.leaderEpoch ?? -1,
    metadata: committed?.metadata ?? "",
    errorCode: ErrorCode.NONE
  }
}
