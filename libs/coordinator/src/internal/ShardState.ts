import { ErrorCode } from "@tailrace/kafka-protocol"
import type { GroupConfig } from "../GroupConfig.ts"
import type { Now } from "../Now.ts"
import { ClassicGroup } from "./ClassicGroup.ts"
import type { GroupHooks, Usage } from "./ClassicGroup.ts"
import { assert } from "./assert.ts"
import type { DecisionBuilder } from "./DecisionBuilder.ts"
import type { DurableState, StoredGroup } from "./DurableState.ts"
import type { Member } from "./Member.ts"
import { groupRecord } from "./records.ts"
import type { TimerQueue } from "./TimerQueue.ts"

/** What the rules of the protocol work on. `now` and `out` belong to the decision under way. */
export interface ShardState {
  readonly config: GroupConfig
  readonly durable: DurableState
  /**
   * Groups with members, with members to be, or with a first join under way. All others are empty and wholly
   * described by the durable state; `liveGroup` makes an object for them only while a decision needs one.
   */
  readonly live: Map<string, ClassicGroup>
  readonly touched: Set<ClassicGroup>
  readonly timers: TimerQueue
  readonly usage: Usage
  readonly hooks: GroupHooks
  /** Whose answer a token stands for, while a JoinGroup or SyncGroup waits for other members. */
  readonly waiting: Map<unknown, { readonly group: ClassicGroup, readonly member: Member }>
  now: Now
  out: DecisionBuilder
}

/** The group as it is now, or undefined if there is none. */
export function liveGroup(state: ShardState, groupId: string): ClassicGroup | undefined {
  const live = state.live.get(groupId)
  if (live !== undefined) {
    state.touched.add(live)
    return live
  }
  const stored = state.durable.groups.get(groupId)
  if (stored === undefined) return undefined
  assert((stored.metadata?.members.length ?? 0) === 0, "a group with members has its object")
  return restoreGroup(state, groupId, stored)
}

/** A group with nothing in it. It is forgotten after the decision unless somebody joined. */
export function createGroup(state: ShardState, groupId: string): ClassicGroup {
  const group = new ClassicGroup(groupId, state.now.wallMillis, state.hooks)
  state.live.set(groupId, group)
  state.touched.add(group)
  return group
}

/** The object for what the durable state says: stable if it has members, each with the protocol it was assigned by. */
export function restoreGroup(state: ShardState, groupId: string, stored: StoredGroup): ClassicGroup {
  const group = createGroup(state, groupId)
  const { metadata } = stored
  group.stateTimestampMillis = metadata?.currentStateTimestamp ?? -1
  if (metadata === undefined) return group
  group.generationId = metadata.generation
  group.protocolType = metadata.protocolType === "" ? null : metadata.protocolType
  group.protocolName = metadata.protocol
  group.leaderId = metadata.leader
  for (const member of metadata.members) {
    group.add({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      rebalanceTimeoutMillis: member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
      sessionTimeoutMillis: member.sessionTimeout,
      protocols: [{ name: metadata.protocol ?? "", metadata: member.subscription }],
      assignment: member.assignment
    }, metadata.protocolType)
  }
  if (group.members.size > 0) group.state = "Stable"
  group.wasEmpty = false
  group.refreshSubscribedTopics()
  return group
}

/** Decides to write the group as it is now. */
export function writeGroup(state: ShardState, group: ClassicGroup): void {
  state.out.record(groupRecord(group))
}

/**
 * Forgets, at the end of a decision, the objects that say no more than the durable state does, or will once the
 * decision's records are replayed: a group that becomes empty writes so.
 */
export function forgetIdleGroups(state: ShardState): void {
  for (const group of state.touched) {
    if (group.state === "Empty" && group.pendingMembers.size === 0) state.live.delete(group.groupId)
  }
  state.touched.clear()
}

/** Whether a request may speak for the member: unknown 25, or 82 where another member has the instance id. */
export function memberError(group: ClassicGroup, memberId: string, groupInstanceId: string | null): ErrorCode {
  if (groupInstanceId !== null) {
    const owner = group.staticMembers.get(groupInstanceId)
    if (owner === undefined) return ErrorCode.UNKNOWN_MEMBER_ID
    if (owner !== memberId) return ErrorCode.FENCED_INSTANCE_ID
  }
  return group.members.has(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID
}
