import { ErrorCode } from "@tailrace/kafka-protocol"
import type { DescribeGroupsResponseGroupInput, ListGroupsRequest, ListGroupsResponseGroupInput } from "@tailrace/kafka-protocol"
import type { GroupView } from "../GroupView.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { noBytes } from "./ownBytes.ts"
import { liveGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

/** From this version on an unknown group is an error; before, it is a dead group. */
const groupIdNotFoundVersion = 6
const classicType = "classic"
/** A message names the group; one that is longer than a string of an answer could not be written. */
const shownIdCharactersMax = 1_000

export function describeGroup(state: ShardState, groupId: string, apiVersion: number): DescribeGroupsResponseGroupInput {
  const group = liveGroup(state, groupId)
  if (group !== undefined) return description(group)
  const dead = { groupId, groupState: "Dead", protocolType: "", protocolData: "", members: [] }
  return apiVersion < groupIdNotFoundVersion
    ? { ...dead, errorCode: ErrorCode.NONE }
    : { ...dead, errorCode: ErrorCode.GROUP_ID_NOT_FOUND, errorMessage: `Group ${groupId.slice(0, shownIdCharactersMax)} not found.` }
}

/** The chosen protocol and what members said for it mean something only once the group is stable. */
function description(group: ClassicGroup): DescribeGroupsResponseGroupInput {
  const isStable = group.state === "Stable"
  return {
    errorCode: ErrorCode.NONE,
    groupId: group.groupId,
    groupState: group.state,
    protocolType: group.protocolType ?? "",
    protocolData: isStable ? group.protocolName ?? "" : "",
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: isStable ? member.metadata(group.protocolName) : noBytes,
      memberAssignment: member.assignment
    }))
  }
}

/** Filters are compared without regard to case; a type that this room does not have matches nothing. */
export function listGroups(state: ShardState, request: ListGroupsRequest): ReadonlyArray<ListGroupsResponseGroupInput> {
  const states = new Set(request.statesFilter.map((name) => name.trim().toLowerCase()))
  const types = new Set(request.typesFilter.map((name) => name.trim().toLowerCase()))
  if (types.size > 0 && !types.has(classicType)) return []
  const groups: Array<ListGroupsResponseGroupInput> = []
  const list = (groupId: string, groupState: string, protocolType: string) => {
    if (states.size > 0 && !states.has(groupState.toLowerCase())) return
    groups.push({ groupId, protocolType, groupState, groupType: classicType })
  }
  for (const group of state.live.values()) list(group.groupId, group.state, group.protocolType ?? "")
  // What has no object is empty.
  for (const [groupId, stored] of state.durable.groups) {
    if (!state.live.has(groupId)) list(groupId, "Empty", stored.metadata?.protocolType ?? "")
  }
  return groups
}

export function viewOf(group: ClassicGroup): GroupView {
  return {
    state: group.state,
    generationId: group.generationId,
    leaderId: group.leaderId,
    protocolName: group.protocolName,
    pendingMemberIds: [...group.pendingMembers.keys()],
    joinDeadlineMillis: group.joinPhase.deadlineMillis,
    syncDeadlineMillis: group.syncPhase.deadlineMillis,
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      isWaiting: member.join !== undefined || member.sync !== undefined,
      hasJoined: member.hasJoined,
      needsSync: member.needsSync,
      bytes: member.bytes,
      sessionDeadlineMillis: member.session.deadlineMillis
    }))
  }
}
