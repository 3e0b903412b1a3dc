import { ErrorCode } from "@tailrace/kafka-protocol"
import { assert } from "./assert.ts"
import type { ClassicGroup } from "./ClassicGroup.ts"
import type { Member, WaitingJoin } from "./Member.ts"
import { noBytes } from "./ownBytes.ts"
import { joinError, joinSuccess, syncError } from "./responses.ts"
import { writeGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"

/** A join phase to which nobody came goes on for so long at least. A rebalance time-out of 0 would end it again at once, for ever. */
const emptyPhaseMillisMin = 1_000

/** The member was heard of: its session begins anew. */
export function touchSession(state: ShardState, member: Member, timeoutMillis = member.sessionTimeoutMillis): void {
  state.timers.schedule(member.session, state.now.monotonicMillis + timeoutMillis)
}

/** Lets the member wait for the end of the join phase. A request of the same member that waits already is sent to rejoin. */
export function awaitJoin(state: ShardState, group: ClassicGroup, member: Member, join: WaitingJoin): void {
  answerJoin(state, member, ErrorCode.REBALANCE_IN_PROGRESS)
  member.join = join
  state.waiting.set(join.token, { group, member })
  group.setJoined(member, true)
}

/** Answers a waiting JoinGroup with an error, if there is one. UNKNOWN_MEMBER_ID also takes the id away. */
export function answerJoin(state: ShardState, member: Member, errorCode: ErrorCode): void {
  const { join } = member
  if (join === undefined) return
  member.join = undefined
  const memberId = errorCode === ErrorCode.UNKNOWN_MEMBER_ID ? "" : member.memberId
  state.out.reply(join.token, joinError(join.apiVersion, memberId, errorCode))
}

/** Answers a waiting SyncGroup with an error, if there is one. */
export function answerSync(state: ShardState, member: Member, errorCode: ErrorCode): void {
  const { sync } = member
  if (sync === undefined) return
  member.sync = undefined
  state.out.reply(sync.token, syncError(errorCode))
}

/** Takes a member out, without looking at what that means for the group. */
export function removeMember(state: ShardState, group: ClassicGroup, member: Member): void {
  answerJoin(state, member, ErrorCode.UNKNOWN_MEMBER_ID)
  answerSync(state, member, ErrorCode.UNKNOWN_MEMBER_ID)
  state.timers.cancel(member.session)
  group.remove(member.memberId)
}

/**
 * The connection of a waiting request closed, so nobody is there to answer. A member keeps its place until its session
 * ends, and may come back; one that has never been in a generation has nothing to come back to.
 */
export function abandon(state: ShardState, token: unknown): void {
  const waiting = state.waiting.get(token)
  if (waiting === undefined) return
  const { group, member } = waiting
  state.touched.add(group)
  state.waiting.delete(token)
  if (member.join?.token === token) member.join = undefined
  if (member.sync?.token === token) member.sync = undefined
  if (!member.isNew || member.isStatic) return touchSession(state, member)
  removeMember(state, group, member)
  rebalance(state, group)
}

export function removePending(state: ShardState, group: ClassicGroup, memberId: string): void {
  const timer = group.removePending(memberId)
  if (timer !== undefined) state.timers.cancel(timer)
}

/** After members left or changed: starts a round, or ends the one under way if nobody is missing any more. */
export function rebalance(state: ShardState, group: ClassicGroup): void {
  if (group.state === "PreparingRebalance") completeJoinPhaseIfAllJoined(state, group)
  else prepareRebalance(state, group)
}

/**
 * Starts the join phase. Members that wait for an assignment of the old generation are sent to rejoin. An empty
 * group waits the initial delay, so that members which start together share their first generation.
 */
export function prepareRebalance(state: ShardState, group: ClassicGroup): void {
  if (group.state === "CompletingRebalance") resetAssignments(state, group, ErrorCode.REBALANCE_IN_PROGRESS)
  cancelSyncPhase(state, group)
  const isInitial = group.state === "Empty"
  group.transitionTo("PreparingRebalance", state.now.wallMillis)
  if (!isInitial) {
    if (!completeJoinPhaseIfAllJoined(state, group)) scheduleJoinPhaseEnd(state, group, group.rebalanceTimeoutMillis)
    return
  }
  const delayMillis = state.config.groupInitialRebalanceDelayMillis
  group.newMemberAdded = false
  group.initialRemainingMillis = Math.max(group.rebalanceTimeoutMillis - delayMillis, 0)
  if (delayMillis === 0) completeJoinPhase(state, group)
  else scheduleJoinPhaseEnd(state, group, delayMillis)
}

/** The initial delay is not cut short by everybody being there: more members may be on their way. */
export function completeJoinPhaseIfAllJoined(state: ShardState, group: ClassicGroup): boolean {
  if (group.state !== "PreparingRebalance" || group.wasEmpty || !group.hasAllMembersJoined) return false
  completeJoinPhase(state, group)
  return true
}

/** Members are still arriving: the initial delay starts over, up to the longest rebalance time-out. Else the phase ends. */
export function joinPhaseEnded(state: ShardState, group: ClassicGroup): void {
  if (group.state !== "PreparingRebalance") return
  if (group.wasEmpty && group.newMemberAdded && group.initialRemainingMillis > 0) {
    const delayMillis = Math.min(state.config.groupInitialRebalanceDelayMillis, group.initialRemainingMillis)
    group.newMemberAdded = false
    group.initialRemainingMillis -= delayMillis
    scheduleJoinPhaseEnd(state, group, delayMillis)
  } else {
    completeJoinPhase(state, group)
  }
}

/** A member was silent for its session time-out. One that waits for an answer may be silent, unless it is new. */
export function sessionEnded(state: ShardState, group: ClassicGroup, member: Member): void {
  if (!member.isNew && (member.join !== undefined || member.sync !== undefined)) return
  removeMember(state, group, member)
  rebalance(state, group)
}

export function pendingEnded(state: ShardState, group: ClassicGroup, memberId: string): void {
  removePending(state, group, memberId)
  completeJoinPhaseIfAllJoined(state, group)
}

/** Members that got the generation and never asked for their assignment are gone, or stuck: the others go on without. */
export function syncPhaseEnded(state: ShardState, group: ClassicGroup): void {
  if ((group.state !== "CompletingRebalance" && group.state !== "Stable") || group.needsSyncCount === 0) return
  for (const member of group.members.values()) if (member.needsSync) removeMember(state, group, member)
  prepareRebalance(state, group)
}

/** The member asked for its assignment; when all have, nobody has to be thrown out for not asking. */
export function syncReceived(state: ShardState, group: ClassicGroup, member: Member): void {
  group.setNeedsSync(member, false)
  if (group.needsSyncCount === 0) state.timers.cancel(group.syncPhase)
}

/** Gives up the assignment under way: whoever waits for it gets the error, and a session to come back in. */
export function resetAssignments(state: ShardState, group: ClassicGroup, errorCode: ErrorCode): void {
  for (const member of group.members.values()) {
    group.setAssignment(member, noBytes)
    if (member.sync !== undefined) touchSession(state, member)
    answerSync(state, member, errorCode)
  }
}

/**
 * Ends the join phase. Dynamic members that did not come are out; static ones stay, since they are expected back.
 * Where nobody came at all, the phase goes on until sessions end.
 */
function completeJoinPhase(state: ShardState, group: ClassicGroup): void {
  assert(group.state === "PreparingRebalance", "a join phase ends once")
  state.timers.cancel(group.joinPhase)
  for (const member of group.members.values()) {
    if (!member.hasJoined && !member.isStatic) removeMember(state, group, member)
  }
  if (!group.electJoinedLeader() && group.members.size > 0) {
    group.newMemberAdded = false
    scheduleJoinPhaseEnd(state, group, Math.max(group.rebalanceTimeoutMillis, emptyPhaseMillisMin))
    return
  }
  group.startNextGeneration(state.now.wallMillis)
  if (group.members.size === 0) writeGroup(state, group)
  else startSyncPhase(state, group)
}

function startSyncPhase(state: ShardState, group: ClassicGroup): void {
  for (const member of group.members.values()) {
    if (member.join !== undefined) {
      state.out.reply(member.join.token, joinSuccess(group, member.memberId, group.isLeader(member.memberId)))
      member.join = undefined
    }
    group.setJoined(member, false)
    group.setNeedsSync(member, true)
    member.isNew = false
    touchSession(state, member)
  }
  state.timers.schedule(group.syncPhase, state.now.monotonicMillis + group.rebalanceTimeoutMillis)
}

function cancelSyncPhase(state: ShardState, group: ClassicGroup): void {
  state.timers.cancel(group.syncPhase)
  for (const member of group.members.values()) group.setNeedsSync(member, false)
}

function scheduleJoinPhaseEnd(state: ShardState, group: ClassicGroup, delayMillis: number): void {
  // Rearmed from nothing: an older deadline of the same timer must not end this phase.
  state.timers.cancel(group.joinPhase)
  state.timers.schedule(group.joinPhase, state.now.monotonicMillis + delayMillis)
}
