import type { HeartbeatRequest, ListGroupsRequest, OffsetDeleteRequest, OffsetFetchRequestGroup, SyncGroupRequest } from "@tailrace/kafka-protocol"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { Decision, Reply } from "./Decision.ts"
import { groupConfig } from "./GroupConfig.ts"
import type { GroupConfig } from "./GroupConfig.ts"
import type { GroupView } from "./GroupView.ts"
import { assert } from "./internal/assert.ts"
import type { ClassicGroup } from "./internal/ClassicGroup.ts"
import { DecisionBuilder } from "./internal/DecisionBuilder.ts"
import { deleteGroups, deleteOffsets, deleteStaleOffsets, deleteTopicOffsets } from "./internal/deletions.ts"
import { describeGroup, listGroups, viewOf } from "./internal/descriptions.ts"
import { DurableState } from "./internal/DurableState.ts"
import { expireOffsets } from "./internal/expiry.ts"
import { joinGroup } from "./internal/joinGroup.ts"
import type { JoinGroupInput } from "./internal/joinGroup.ts"
import { leaveGroup } from "./internal/leaveGroup.ts"
import type { LeaveGroupInput } from "./internal/leaveGroup.ts"
import { commitOffsets, fetchOffsets } from "./internal/offsets.ts"
import type { OffsetCommitInput, TopicIdOf } from "./internal/offsets.ts"
import {
  abandon, answerJoin, answerSync, joinPhaseEnded, pendingEnded, prepareRebalance, sessionEnded, syncPhaseEnded, touchSession
} from "./internal/rebalance.ts"
import { forgetIdleGroups, restoreGroup } from "./internal/ShardState.ts"
import type { ShardState } from "./internal/ShardState.ts"
import { heartbeat, syncGroup } from "./internal/syncGroup.ts"
import { Timer, TimerQueue } from "./internal/TimerQueue.ts"
import type { Now } from "./Now.ts"

const unknownId: TopicIdOf = () => undefined

/**
 * The coordinator of all groups in one partition of `__consumer_offsets`.
 *
 * Two lives: a follower (and a leader that loads) only calls `replay`. `loaded` makes it the coordinator: from then
 * on each decision is appended and replayed before the next one is asked for, and its replies are held until all
 * of that is committed. If an append fails, or leadership is lost, `resign` and rebuild a new shard from the log:
 * this one is ahead of it. The full protocol between shell and shard is in the room's README.
 */
export class GroupShard<Token = unknown> {
  readonly #state: ShardState
  readonly #cleanup = new Timer(() => this.#expireOffsets())
  #cleanupPending: Array<string> = []
  #unreplayedRecords = 0
  #life: "following" | "coordinating" | "resigned" = "following"
  #lastOffset = -1

  constructor(config: Partial<GroupConfig> = {}) {
    const usage = { members: 0, memberBytes: 0 }
    const waiting: ShardState["waiting"] = new Map()
    const state: ShardState = {
      config: groupConfig(config),
      durable: new DurableState(),
      live: new Map(),
      touched: new Set(),
      timers: new TimerQueue(),
      usage,
      waiting,
      hooks: {
        usage,
        onJoinPhaseEnd: (group) => this.#fired(group, () => joinPhaseEnded(state, group)),
        onSyncPhaseEnd: (group) => this.#fired(group, () => syncPhaseEnded(state, group)),
        onSessionEnd: (group, member) => this.#fired(group, () => sessionEnded(state, group, member)),
        onPendingEnd: (group, memberId) => this.#fired(group, () => pendingEnded(state, group, memberId))
      },
      now: { monotonicMillis: 0, wallMillis: 0, isWallTrusted: false },
      out: new DecisionBuilder(waiting)
    }
    this.#state = state
  }

  /** The offset of the last replayed record; -1 before the first. */
  get lastOffset(): number {
    return this.#lastOffset
  }

  /** The only way to change durable state. Offsets ascend; where compaction took records away they have gaps. */
  replay(record: { readonly key: Buffer | null, readonly value: Buffer | null }, offset: number): void {
    assert(offset > this.#lastOffset, "records are replayed once, in order")
    this.#lastOffset = offset
    this.#state.durable.replay(record.key, record.value)
    if (this.#life !== "coordinating") return
    assert(this.#unreplayedRecords > 0, "a coordinator replays what it decided, nothing else")
    this.#unreplayedRecords -= 1
  }

  /**
   * The log has been replayed up to its end, all of it is committed, and this node leads the partition. Members get
   * a whole session to show up. The decision may rebalance groups which a lowered limit made too large.
   */
  loaded(now: Now): Decision<Token> {
    assert(this.#life === "following", "a shard is loaded once")
    this.#life = "coordinating"
    return this.#decide(now, (state) => {
      state.out.mayBeCut = true
      for (const [groupId, stored] of state.durable.groups) {
        if (stored.metadata === undefined || stored.metadata.members.length === 0) continue
        const group = restoreGroup(state, groupId, stored)
        for (const member of group.members.values()) touchSession(state, member)
        if (group.members.size > state.config.groupMaxSize) prepareRebalance(state, group)
      }
    })
  }

  /** Answers all that wait, with NOT_COORDINATOR unless told otherwise. The shard takes no more calls. */
  resign(errorCode: ErrorCode = ErrorCode.NOT_COORDINATOR): ReadonlyArray<Reply<Token>> {
    const out = this.#state.out = new DecisionBuilder(this.#state.waiting)
    this.#life = "resigned"
    for (const { member } of this.#state.waiting.values()) {
      answerJoin(this.#state, member, errorCode)
      answerSync(this.#state, member, errorCode)
    }
    return out.build().replies as ReadonlyArray<Reply<Token>>
  }

  /** `randomId` is called at most once; it makes the member id unique. */
  joinGroup(now: Now, request: JoinGroupInput, randomId: () => string, token: Token): Decision<Token> {
    return this.#decide(now, (state) => joinGroup(state, request, randomId, token))
  }

  syncGroup(now: Now, request: SyncGroupRequest, token: Token): Decision<Token> {
    return this.#decide(now, (state) => syncGroup(state, request, token))
  }

  heartbeat(now: Now, request: HeartbeatRequest, token: Token): Decision<Token> {
    return this.#decide(now, (state) => heartbeat(state, request, token))
  }

  leaveGroup(now: Now, request: LeaveGroupInput, token: Token): Decision<Token> {
    return this.#decide(now, (state) => leaveGroup(state, request, token))
  }

  /** Which topics exist, and who may commit for them, is for the caller to check before. */
  commitOffsets(now: Now, request: OffsetCommitInput, token: Token, topicIdOf = unknownId): Decision<Token> {
    return this.#decide(now, (state) => commitOffsets(state, request, token, topicIdOf))
  }

  /**
   * The reply is an array with a result for each of `groups`, which are those of this shard. `topicIdOf` answers the id of the
   * present topic of a name, as far as it is known: offsets of an earlier one do not count.
   */
  fetchOffsets(now: Now, groups: ReadonlyArray<OffsetFetchRequestGroup>, token: Token, topicIdOf = unknownId): Decision<Token> {
    return this.#decide(now, (state) => state.out.reply(token, groups.map((group) => fetchOffsets(state, group, topicIdOf))))
  }

  /** The reply is an array with a description for each of `groupIds`. */
  describeGroups(now: Now, groupIds: ReadonlyArray<string>, apiVersion: number, token: Token): Decision<Token> {
    return this.#decide(now, (state) => state.out.reply(token, groupIds.map((groupId) => describeGroup(state, groupId, apiVersion))))
  }

  /** The reply is an array with the groups of this shard that pass the filters. */
  listGroups(now: Now, request: ListGroupsRequest, token: Token): Decision<Token> {
    return this.#decide(now, (state) => state.out.reply(token, listGroups(state, request)))
  }

  /** The reply is an array with a result for each different group id. */
  deleteGroups(now: Now, groupIds: ReadonlyArray<string>, token: Token): Decision<Token> {
    return this.#decide(now, (state) => deleteGroups(state, groupIds, token))
  }

  deleteOffsets(now: Now, request: OffsetDeleteRequest, token: Token): Decision<Token> {
    return this.#decide(now, (state) => deleteOffsets(state, request, token))
  }

  /**
   * These topics are gone. Every shard has to hear of it. Where commits for new topics of these names may have come first,
   * `topicIdOf` answers the ids of those: what counts for them stays.
   */
  topicsDeleted(now: Now, topics: ReadonlySet<string>, topicIdOf = unknownId): Decision<Token> {
    return this.#decide(now, (state) => deleteTopicOffsets(state, topics, topicIdOf))
  }

  /** After loading: topics may have gone, or come back, while nobody coordinated here. */
  forgetStaleOffsets(now: Now, topicIdOf: TopicIdOf): Decision<Token> {
    return this.#decide(now, (state) => deleteStaleOffsets(state, topicIdOf))
  }

  /** The connection of a request that waits has closed: it needs no answer any more. Unknown tokens are no error. */
  abandon(now: Now, token: Token): Decision<Token> {
    return this.#decide(now, (state) => abandon(state, token))
  }

  /**
   * Does all that is due by `now`, each thing once: what is due again by then is for the next tick. To be called when
   * `nextDeadlineMillis` has come; calling it earlier does nothing.
   */
  tick(now: Now): Decision<Token> {
    return this.#decide(now, (state) => {
      state.out.mayBeCut = true
      for (const timer of state.timers.takeDue(now.monotonicMillis)) {
        timer.fire()
        if (timer === this.#cleanup) return
      }
    })
  }

  /** Monotonic time before which nothing is due; Infinity if nothing ever is. Ask again after each decision. */
  nextDeadlineMillis(): number {
    return this.#state.timers.nextMillis
  }

  /** Figures for metrics, and for tests that watch memory. */
  usage() {
    const { durable, live, timers, usage, waiting } = this.#state
    return {
      groups: durable.groups.size,
      liveGroups: live.size,
      offsets: durable.offsetsCount,
      members: usage.members,
      memberBytes: usage.memberBytes,
      waitingRequests: waiting.size,
      timers: timers.size,
      ignoredRecords: durable.ignoredRecords
    }
  }

  /** A group as it is now, uncommitted changes included; undefined if it has no members, nor members to be. */
  inspect(groupId: string): GroupView | undefined {
    const group = this.#state.live.get(groupId)
    return group === undefined ? undefined : viewOf(group)
  }

  /** All durable state as plain values in a fixed order, for comparing shards in tests. */
  durableState(): ReadonlyArray<unknown> {
    return [...this.#state.durable.groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([groupId, { metadata, offsets }]) => ({
      groupId,
      metadata,
      offsets: [...offsets].flatMap(([topic, partitions]) => [...partitions].map(([partition, committed]) => ({ topic, partition, ...committed })))
        .sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1))
    }))
  }

  #decide(now: Now, rule: (state: ShardState) => void): Decision<Token> {
    assert(this.#life === "coordinating", "only a loaded shard decides")
    assert(this.#unreplayedRecords === 0, "each record of the last decision is replayed before the next decision")
    const state = this.#state
    state.now = now
    state.out = new DecisionBuilder(state.waiting)
    rule(state)
    forgetIdleGroups(state)
    const decision = state.out.build()
    this.#unreplayedRecords = decision.records.length
    if (this.#cleanup.deadlineMillis === Infinity && (state.durable.groups.size > 0 || decision.records.length > 0)) {
      state.timers.schedule(this.#cleanup, now.monotonicMillis + state.config.offsetsRetentionCheckIntervalMillis)
    }
    return decision as Decision<Token>
  }

  #fired(group: ClassicGroup, rule: () => void): void {
    this.#state.touched.add(group)
    rule()
  }

  /** A round over all groups, in portions: the next one is due at once. */
  #expireOffsets(): void {
    const state = this.#state
    // The next round is due as always.
    if (!state.now.isWallTrusted) return
    if (this.#cleanupPending.length === 0) this.#cleanupPending = [...state.durable.groups.keys()]
    expireOffsets(state, this.#cleanupPending)
    if (this.#cleanupPending.length > 0) state.timers.schedule(this.#cleanup, state.now.monotonicMillis)
  }
}
