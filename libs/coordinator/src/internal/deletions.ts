import { ErrorCode } from "@tailrace/kafka-protocol"
import type { DeleteGroupsResponseResultInput, OffsetDeleteRequest } from "@tailrace/kafka-protocol"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { countsFor, type TopicIdOf } from "./offsets.ts"
import { removePending } from "./rebalance.ts"
import { groupTombstone, offsetTombstone } from "./records.ts"
import type { CommittedOffset } from "./records.ts"
import { liveGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"
import { isConsumerGroup, isSubscribed } from "./subscribedTopics.ts"

/** A group named twice is deleted once and answered once. */
export function deleteGroups(state: ShardState, groupIds: ReadonlyArray<string>, token: unknown): void {
  state.out.mayBeCut = true
  const results: Array<DeleteGroupsResponseResultInput> = []
  for (const groupId of new Set(groupIds)) results.push({ groupId, errorCode: deleteGroup(state, groupId) })
  state.out.reply(token, results)
}

function deleteGroup(state: ShardState, groupId: string): ErrorCode {
  const group = liveGroup(state, groupId)
  if (group === undefined) return ErrorCode.GROUP_ID_NOT_FOUND
  if (group.state !== "Empty") return ErrorCode.NON_EMPTY_GROUP
  for (const [topic, partitions] of state.durable.groups.get(groupId)?.offsets ?? []) {
    for (const partition of partitions.keys()) state.out.record(offsetTombstone(groupId, topic, partition))
  }
  eraseGroup(state, group)
  return ErrorCode.NONE
}

/** The tombstone of an empty group; ids given out for it are forgotten. */
export function eraseGroup(state: ShardState, group: ClassicGroup): void {
  for (const memberId of group.pendingMembers.keys()) removePending(state, group, memberId)
  if (!state.durable.groups.has(group.groupId)) return
  state.out.record(groupTombstone(group.groupId))
}

/** A consumer group may lose the offsets of topics it does not read while it runs; any other group must be empty. */
export function deleteOffsets(state: ShardState, request: OffsetDeleteRequest, token: unknown): void {
  const refuse = (errorCode: ErrorCode) => state.out.reply(token, { errorCode, topics: [] })
  if (request.groupId === "") return refuse(ErrorCode.INVALID_GROUP_ID)
  const group = liveGroup(state, request.groupId)
  if (group === undefined) return refuse(ErrorCode.GROUP_ID_NOT_FOUND)
  if (group.state !== "Empty" && !isConsumerGroup(group.protocolType)) return refuse(ErrorCode.NON_EMPTY_GROUP)
  state.out.mayBeCut = true
  const topics = request.topics.map(({ name, partitions }) => {
    const subscribed = isSubscribed(group.protocolType, group.subscribedTopics, name)
    const errorCode: ErrorCode = subscribed ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE
    if (!subscribed) for (const partition of partitions) eraseOffset(state, request.groupId, name, partition.partitionIndex)
    return { name, partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })) }
  })
  state.out.reply(token, { errorCode: ErrorCode.NONE, topics })
}

/** After a topic was deleted: no group keeps offsets of it, or they would count for a new topic of the same name. */
export function deleteTopicOffsets(state: ShardState, topics: ReadonlySet<string>, topicIdOf: TopicIdOf): void {
  state.out.mayBeCut = true
  for (const [groupId, group] of state.durable.groups) {
    for (const topic of topics) eraseStale(state, groupId, topic, group.offsets.get(topic), topicIdOf(topic))
  }
}

/**
 * After a time in which nobody heard of deletions: no offsets of topics that are gone, nor of one that had the name of a topic
 * before.
 */
export function deleteStaleOffsets(state: ShardState, topicIdOf: TopicIdOf): void {
  state.out.mayBeCut = true
  for (const [groupId, group] of state.durable.groups) {
    for (const [topic, partitions] of group.offsets) eraseStale(state, groupId, topic, partitions, topicIdOf(topic))
  }
}

function eraseStale(
  state: ShardState, groupId: string, topic: string, partitions: ReadonlyMap<number, CommittedOffset> | undefined, topicId: string | undefined
): void {
  for (const [partition, committed] of partitions ?? []) {
    if (topicId === undefined || !countsFor(committed, topicId)) state.out.record(offsetTombstone(groupId, topic, partition))
  }
}

function eraseOffset(state: ShardState, groupId: string, topic: string, partition: number): void {
  if (state.durable.offset(groupId, topic, partition) !== undefined) state.out.record(offsetTombstone(groupId, topic, partition))
}
