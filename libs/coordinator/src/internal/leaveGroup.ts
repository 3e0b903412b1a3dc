import { ErrorCode } from "@tailrace/kafka-protocol"
import type { LeaveGroupRequest, LeaveGroupRequestMember, LeaveGroupResponseMemberInput } from "@tailrace/kafka-protocol"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { rebalance, removeMember, removePending } from "./rebalance.ts"
import { liveGroup, memberError } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

export interface LeaveGroupInput extends LeaveGroupRequest {
  readonly apiVersion: number
}

/** From this version on a request names several members, and each gets its own error. */
const batchVersion = 3

export function leaveGroup(state: ShardState, request: LeaveGroupInput, token: unknown): void {
  const isBatch = request.apiVersion >= batchVersion
  if (request.groupId === "") return state.out.reply(token, { errorCode: ErrorCode.INVALID_GROUP_ID })
  const leaving: ReadonlyArray<LeaveGroupRequestMember> = isBatch
    ? request.members
    : [{ memberId: request.memberId, groupInstanceId: null, reason: null }]
  const group = liveGroup(state, request.groupId)
  const sizeBefore = group?.members.size ?? 0
  const members = leaving.map((member): LeaveGroupResponseMemberInput => ({
    memberId: member.memberId,
    groupInstanceId: member.groupInstanceId,
    errorCode: group === undefined ? ErrorCode.UNKNOWN_MEMBER_ID : leave(state, group, member)
  }))
  if (group !== undefined && group.members.size < sizeBefore) rebalance(state, group)
  else if (group?.state === "PreparingRebalance") rebalance(state, group)
  state.out.reply(token, isBatch ? { errorCode: ErrorCode.NONE, members } : { errorCode: members[0]?.errorCode ?? ErrorCode.NONE })
}

/** An administrator removes a static member by its instance id alone; everybody else names the member. */
function leave(state: ShardState, group: ClassicGroup, leaving: LeaveGroupRequestMember): ErrorCode {
  const { groupInstanceId } = leaving
  const memberId = leaving.memberId === "" && groupInstanceId !== null
    ? group.staticMembers.get(groupInstanceId) ?? ""
    : leaving.memberId
  if (group.pendingMembers.has(memberId)) {
    removePending(state, group, memberId)
    return ErrorCode.NONE
  }
  const error = memberError(group, memberId, groupInstanceId)
  const member = group.members.get(memberId)
  if (error === ErrorCode.NONE && member !== undefined) removeMember(state, group, member)
  return error
}
