import { ErrorCode, stringBytesMax } from "@tailrace/kafka-protocol"
import type { JoinGroupRequest } from "@tailrace/kafka-protocol"
import type { ClassicGroup } from "./ClassicGroup.ts"
import { fitsRecord } from "./fitsRecord.ts"
import { protocolBytes } from "./Member.ts"
import type { Member, MemberFields, Protocol } from "./Member.ts"
import { ownBytes } from "./ownBytes.ts"
import {
  answerJoin, answerSync, awaitJoin, completeJoinPhaseIfAllJoined, prepareRebalance, rebalance, removeMember, removePending, touchSession
} from "./rebalance.ts"
import { groupRecord, recordBytes } from "./records.ts"
import { joinError, joinSuccess } from "./responses.ts"
import { createGroup, liveGroup, memberError, writeGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

/** JoinGroup with what its connection knows. */
export interface JoinGroupInput extends JoinGroupRequest {
  readonly apiVersion: number
  readonly clientId: string
  /** As Kafka shows it: "/" and the address. */
  readonly clientHost: string
}

/** From this version on a dynamic member must join with an id that the coordinator gave it before. */
const memberIdRequiredVersion = 4
/** From this version on a returning static leader can be told not to assign again. */
const skipAssignmentVersion = 9
/** The part of a member id that the client chooses; behind it come a dash and a random id. */
const chosenIdBytesMax = stringBytesMax - 64

interface Join {
  readonly request: JoinGroupInput
  readonly rebalanceTimeoutMillis: number
  readonly protocols: ReadonlyArray<Protocol>
  readonly token: unknown
}

export function joinGroup(state: ShardState, request: JoinGroupInput, randomId: () => string, token: unknown): void {
  const refuse = (errorCode: ErrorCode, memberId = request.memberId) =>
    state.out.reply(token, joinError(request.apiVersion, memberId, errorCode))
  const invalid = requestError(state, request)
  if (invalid !== ErrorCode.NONE) return refuse(invalid)
  const known = liveGroup(state, request.groupId)
  if (known === undefined && request.memberId !== "") return refuse(ErrorCode.UNKNOWN_MEMBER_ID)
  if (known === undefined && isFull(state)) return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED, "")
  const group = known ?? createGroup(state, request.groupId)
  if (!hasRoom(state, group, request)) {
    turnAway(state, group, request.memberId)
    return refuse(ErrorCode.GROUP_MAX_SIZE_REACHED, "")
  }
  const join: Join = {
    request, token, protocols: ownProtocols(request),
    rebalanceTimeoutMillis: request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
  }
  if (!group.supports(request.protocolType, join.protocols)) return refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
  if (request.memberId === "") joinNewMember(state, group, join, randomId())
  else joinKnownMember(state, group, join)
}

function requestError(state: ShardState, request: JoinGroupInput): ErrorCode {
  const { config } = state
  if (request.groupId === "" || !fitsRecord(request.groupId)) return ErrorCode.INVALID_GROUP_ID
  if (request.sessionTimeoutMs < config.groupMinSessionTimeoutMillis) return ErrorCode.INVALID_SESSION_TIMEOUT
  if (request.sessionTimeoutMs > config.groupMaxSessionTimeoutMillis) return ErrorCode.INVALID_SESSION_TIMEOUT
  if (offeredBytes(request) > config.memberMetadataBytesMax || !hasKeepableTexts(request)) return ErrorCode.INVALID_REQUEST
  return request.protocols.length === 0 ? ErrorCode.INCONSISTENT_GROUP_PROTOCOL : ErrorCode.NONE
}

/** All that the record of the group will name. */
function hasKeepableTexts({ clientId, groupInstanceId, protocols, protocolType }: JoinGroupInput): boolean {
  return fitsRecord(clientId, chosenIdBytesMax) && fitsRecord(groupInstanceId ?? "", chosenIdBytesMax) &&
    fitsRecord(protocolType) && protocols.every(({ name }) => fitsRecord(name))
}

function offeredBytes(request: JoinGroupInput): number {
  return request.protocols.reduce((sum, protocol) => sum + protocolBytes(protocol), 0)
}

function isFull(state: ShardState): boolean {
  return Math.max(state.live.size, state.durable.groups.size) >= state.config.groupsMax
}

/**
 * While a round is prepared, those who have joined count, so that after a change of the limit the last ones to
 * come back are turned away; otherwise all members count. A static member that returns takes no new place, and
 * nobody else takes the one that it will come back to.
 */
function hasRoom(state: ShardState, group: ClassicGroup, request: JoinGroupInput): boolean {
  const { config, usage } = state
  const bytes = offeredBytes(request) + request.clientId.length + (request.groupInstanceId?.length ?? 0)
  if (usage.memberBytes + bytes > config.memberBytesMax) return false
  const memberId = request.memberId === "" ? group.staticMembers.get(request.groupInstanceId ?? "") : request.memberId
  const member = memberId === undefined ? undefined : group.members.get(memberId)
  if (member === undefined && !group.pendingMembers.has(request.memberId) && usage.members >= config.membersMax) return false
  if (group.state === "Empty") return true
  if (group.state === "PreparingRebalance") {
    const keptCount = member?.isStatic === true ? 0 : group.absentStaticCount
    return member?.hasJoined === true || group.joinedCount + keptCount < config.groupMaxSize
  }
  return member !== undefined || group.members.size < config.groupMaxSize
}

function turnAway(state: ShardState, group: ClassicGroup, memberId: string): void {
  const member = group.members.get(memberId)
  removePending(state, group, memberId)
  if (member === undefined) return void completeJoinPhaseIfAllJoined(state, group)
  removeMember(state, group, member)
  rebalance(state, group)
}

/** In memory of its own; of two protocols with one name the first counts. */
function ownProtocols(request: JoinGroupInput): ReadonlyArray<Protocol> {
  const protocols = new Map<string, Protocol>()
  for (const { name, metadata } of request.protocols) {
    if (!protocols.has(name)) protocols.set(name, { name, metadata: ownBytes(metadata) })
  }
  return [...protocols.values()]
}

function joinNewMember(state: ShardState, group: ClassicGroup, join: Join, randomId: string): void {
  const { request, token } = join
  const { groupInstanceId } = request
  if (groupInstanceId !== null) {
    const memberId = `${groupInstanceId}-${randomId}`
    const previous = group.members.get(group.staticMembers.get(groupInstanceId) ?? "")
    if (previous === undefined) return addMember(state, group, join, memberId)
    return replaceStaticMember(state, group, join, previous, memberId)
  }
  const memberId = `${request.clientId}-${randomId}`
  if (request.apiVersion < memberIdRequiredVersion) return addMember(state, group, join, memberId)
  const timer = group.addPending(memberId)
  state.timers.schedule(timer, state.now.monotonicMillis + request.sessionTimeoutMs)
  state.out.reply(token, joinError(request.apiVersion, memberId, ErrorCode.MEMBER_ID_REQUIRED))
}

function addMember(state: ShardState, group: ClassicGroup, join: Join, memberId: string): void {
  const { request, token } = join
  const fields: MemberFields = {
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: request.clientId,
    clientHost: request.clientHost,
    rebalanceTimeoutMillis: join.rebalanceTimeoutMillis,
    sessionTimeoutMillis: request.sessionTimeoutMs,
    protocols: join.protocols
  }
  removePending(state, group, memberId)
  group.newMemberAdded = true
  const member = group.add(fields, request.protocolType)
  member.isNew = true
  awaitJoin(state, group, member, { token, apiVersion: request.apiVersion })
  touchSession(state, member, state.config.newMemberJoinTimeoutMillis)
  rebalance(state, group)
}

/** A static member came back without its id. Whoever still speaks under the old id is fenced. */
function replaceStaticMember(state: ShardState, group: ClassicGroup, join: Join, previous: Member, memberId: string): void {
  const { request, token } = join
  const previousLeader = group.leaderId
  answerJoin(state, previous, ErrorCode.FENCED_INSTANCE_ID)
  answerSync(state, previous, ErrorCode.FENCED_INSTANCE_ID)
  state.timers.cancel(previous.session)
  const member = group.replaceStatic(previous, memberId, request.clientId, request.clientHost)
  group.update(member, join.rebalanceTimeoutMillis, request.sessionTimeoutMs, join.protocols)
  touchSession(state, member)
  if (group.state === "Stable" && keepsGeneration(state, group)) {
    writeGroup(state, group)
    return state.out.reply(token, returnedStaticMember(group, memberId, previousLeader, request.apiVersion))
  }
  awaitJoin(state, group, member, { token, apiVersion: request.apiVersion })
  rebalance(state, group)
}

/** Whether the group can go on as it is after a static member came back, and its record be written. */
function keepsGeneration(state: ShardState, group: ClassicGroup): boolean {
  return group.selectProtocol() === group.protocolName && recordBytes(groupRecord(group)) <= state.config.recordsBytesMax
}

/**
 * The member takes part in the generation at once. If it leads, it must not assign again: from version 9 on it is
 * told so, before it is made to believe that its former id, which nobody has any more, is the leader.
 */
function returnedStaticMember(group: ClassicGroup, memberId: string, previousLeader: string | null, apiVersion: number) {
  const isLeader = group.isLeader(memberId)
  if (apiVersion >= skipAssignmentVersion) return { ...joinSuccess(group, memberId, isLeader), skipAssignment: isLeader }
  return { ...joinSuccess(group, memberId, false), leader: previousLeader ?? "" }
}

function joinKnownMember(state: ShardState, group: ClassicGroup, join: Join): void {
  const { request, token } = join
  const { memberId } = request
  if (group.pendingMembers.has(memberId) && request.groupInstanceId === null) return addMember(state, group, join, memberId)
  const error = memberError(group, memberId, request.groupInstanceId)
  const member = group.members.get(memberId)
  if (error !== ErrorCode.NONE || member === undefined) return state.out.reply(token, joinError(request.apiVersion, memberId, error))
  if (!needsRound(group, member, join)) {
    // Its answer got lost, or it wants to make sure. The leader of a stable group never comes here.
    const withMembers = group.state === "CompletingRebalance" && group.isLeader(memberId)
    return state.out.reply(token, joinSuccess(group, memberId, withMembers))
  }
  group.update(member, join.rebalanceTimeoutMillis, request.sessionTimeoutMs, join.protocols)
  awaitJoin(state, group, member, { token, apiVersion: request.apiVersion })
  if (group.state === "PreparingRebalance") completeJoinPhaseIfAllJoined(state, group)
  else prepareRebalance(state, group)
}

/** A stable group's leader joins again when it wants to assign anew, for example because a topic has grown. */
function needsRound(group: ClassicGroup, member: Member, join: Join): boolean {
  if (group.state === "PreparingRebalance") return true
  if (group.state === "Stable" && group.isLeader(member.memberId)) return true
  return !member.offersTheSame(join.protocols)
}
