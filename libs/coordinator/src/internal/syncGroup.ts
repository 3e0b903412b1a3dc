import { ErrorCode } from "@tailrace/kafka-protocol"
import type { HeartbeatRequest, SyncGroupRequest } from "@tailrace/kafka-protocol"
import type { ClassicGroup } from "./ClassicGroup.ts"
import type { Member } from "./Member.ts"
import { noBytes, ownBytes } from "./ownBytes.ts"
import { answerSync, prepareRebalance, resetAssignments, syncReceived, touchSession } from "./rebalance.ts"
import { groupRecord, recordBytes } from "./records.ts"
import { syncError, syncSuccess } from "./responses.ts"
import { liveGroup, memberError, writeGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

export function syncGroup(state: ShardState, request: SyncGroupRequest, token: unknown): void {
  const refuse = (errorCode: ErrorCode) => state.out.reply(token, syncError(errorCode))
  if (request.groupId === "") return refuse(ErrorCode.INVALID_GROUP_ID)
  const group = liveGroup(state, request.groupId)
  const member = group?.members.get(request.memberId)
  if (group === undefined || group.state === "Empty") return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
  const error = generationError(group, request)
  if (error !== ErrorCode.NONE || member === undefined) return refuse(error)
  if (differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName)) {
    return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  }
  if (group.state === "PreparingRebalance") return refuse(ErrorCode.REBALANCE_IN_PROGRESS)
  syncReceived(state, group, member)
  if (group.state === "Stable") return state.out.reply(token, syncSuccess(group, member))
  answerSync(state, member, ErrorCode.REBALANCE_IN_PROGRESS)
  member.sync = { token }
  state.waiting.set(token, { group, member })
  if (group.isLeader(member.memberId)) completeRebalance(state, group, request)
}

export function heartbeat(state: ShardState, request: HeartbeatRequest, token: unknown): void {
  const answer = (errorCode: ErrorCode) => state.out.reply(token, { errorCode })
  if (request.groupId === "") return answer(ErrorCode.INVALID_GROUP_ID)
  const group = liveGroup(state, request.groupId)
  if (group === undefined) return answer(ErrorCode.UNKNOWN_MEMBER_ID)
  const error = generationError(group, request)
  const member = group.members.get(request.memberId)
  if (error !== ErrorCode.NONE || member === undefined) return answer(error)
  touchSession(state, member)
  answer(group.state === "PreparingRebalance" ? ErrorCode.REBALANCE_IN_PROGRESS : ErrorCode.NONE)
}

/** A member may act only in the current generation. */
function generationError(group: ClassicGroup, request: HeartbeatRequest): ErrorCode {
  const error = memberError(group, request.memberId, request.groupInstanceId)
  if (error !== ErrorCode.NONE) return error
  return request.generationId === group.generationId ? ErrorCode.NONE : ErrorCode.ILLEGAL_GENERATION
}

/** Clients before version 5 do not say; they are not checked. */
function differs(requested: string | null, actual: string | null): boolean {
  return requested !== null && actual !== null && requested !== actual
}

/**
 * The leader has assigned. The record carries the whole generation, and since replies wait for it to be committed,
 * no member acts on an assignment that a new coordinator would not know.
 */
function completeRebalance(state: ShardState, group: ClassicGroup, request: SyncGroupRequest): void {
  const assignments = new Map<string, Buffer>()
  for (const { memberId, assignment } of request.assignments) assignments.set(memberId, assignment)
  for (const member of group.members.values()) {
    group.setAssignment(member, ownBytes(assignments.get(member.memberId) ?? noBytes))
  }
  if (recordBytes(groupRecord(group)) > state.config.recordsBytesMax) {
    resetAssignments(state, group, ErrorCode.UNKNOWN_SERVER_ERROR)
    return prepareRebalance(state, group)
  }
  writeGroup(state, group)
  group.transitionTo("Stable", state.now.wallMillis)
  for (const member of group.members.values()) deliverAssignment(state, group, member)
}

function deliverAssignment(state: ShardState, group: ClassicGroup, member: Member): void {
  if (member.sync === undefined) return
  state.out.reply(member.sync.token, syncSuccess(group, member))
  member.sync = undefined
  touchSession(state, member)
}
