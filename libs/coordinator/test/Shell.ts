import type {
  DescribeGroupsResponseGroupInput, HeartbeatResponseInput, JoinGroupResponseInput, LeaveGroupRequestMember, LeaveGroupResponseInput,
  ListGroupsResponseGroupInput, OffsetCommitResponseInput, OffsetDeleteResponseInput, OffsetFetchResponseGroupInput,
  SyncGroupResponseInput
} from "@tailrace/kafka-protocol"
import type {
  CoordinatorRecord, Decision, GroupConfig, GroupResponse, JoinGroupInput, Now, OffsetCommitInput, Reply
} from "../src/index.ts"
import { GroupShard, HeldReplies } from "../src/index.ts"

/** A request and, later, its answer. Its own token. */
export class Call<Response extends GroupResponse = GroupResponse> {
  response: Response | undefined = undefined
  isAbandoned = false

  /** The answer; fails the test if there is none yet. */
  get answer(): Response {
    if (this.response === undefined) throw new Error("no answer yet")
    return this.response
  }
}

export type JoinOptions = Partial<JoinGroupInput> & { readonly subscription?: string }

/**
 * What a node does around a shard, in the small: an append-only log, a clock that only tests move, replies held until
 * commit. `autoCommit` commits each append at once.
 */
export class Shell {
  readonly config: Partial<GroupConfig>
  shard: GroupShard<Call>
  readonly log: Array<CoordinatorRecord> = []
  highWatermark = 0
  monotonicMillis = 1000
  wallMillis = 1_700_000_000_000
  isWallTrusted = true
  autoCommit = true
  /** Called after each decision was appended and replayed, before any reply leaves. */
  onDecision: (isTick: boolean) => void = () => {}
  /** Called when a reply leaves. */
  onReply: (call: Call) => void = () => {}
  readonly #held = new HeldReplies<Call>()
  #ids = 0

  constructor(config: Partial<GroupConfig> = {}) {
    this.config = config
    this.shard = new GroupShard<Call>(config)
    this.#run(this.shard.loaded(this.now))
  }

  get now(): Now {
    const { isWallTrusted, monotonicMillis, wallMillis } = this
    return { isWallTrusted, monotonicMillis, wallMillis }
  }

  /** The clock goes on in steps from deadline to deadline, as a shell with one timer would. */
  advance(millis: number): void {
    const end = this.monotonicMillis + millis
    for (let steps = 0; this.shard.nextDeadlineMillis() <= end; steps += 1) {
      if (steps > 100_000) throw new Error("timers do not come to rest")
      const at = Math.max(this.shard.nextDeadlineMillis(), this.monotonicMillis)
      this.wallMillis += at - this.monotonicMillis
      this.monotonicMillis = at
      this.tick()
    }
    this.wallMillis += end - this.monotonicMillis
    this.monotonicMillis = end
  }

  /** Lets time pass from deadline to deadline until the call is answered, and not a moment longer. */
  until(call: Call): void {
    for (let steps = 0; call.response === undefined; steps += 1) {
      if (steps > 1000) throw new Error("never answered")
      this.advance(Math.max(this.shard.nextDeadlineMillis() - this.monotonicMillis, 0))
    }
  }

  tick(): void {
    this.#run(this.shard.tick(this.now), true)
  }

  commit(): void {
    this.highWatermark = this.log.length
    this.#send(this.#held.release(this.highWatermark))
  }

  /** A crash of the coordinator: what was not committed is lost, and another node loads the rest. */
  failOver(): void {
    const lost = [...this.#held.drain(), ...this.shard.resign().map(({ token }) => token)]
    for (const call of lost) call.isAbandoned = true
    this.log.length = this.highWatermark
    this.shard = new GroupShard<Call>(this.config)
    this.log.forEach((record, offset) => this.shard.replay(record, offset))
    this.monotonicMillis += 1
    this.#run(this.shard.loaded(this.now))
  }

  join(options: JoinOptions = {}): Call<JoinGroupResponseInput> {
    const { subscription = "topic", ...rest } = options
    const call = new Call<JoinGroupResponseInput>()
    const request: JoinGroupInput = {
      groupId: "group", sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 30_000, memberId: "", groupInstanceId: null,
      protocolType: "consumer", protocols: [{ name: "range", metadata: subscriptionBytes(subscription) }], reason: null,
      apiVersion: 5, clientId: "client", clientHost: "/127.0.0.1", ...rest
    }
    this.#run(this.shard.joinGroup(this.now, request, () => String(this.#ids += 1), call))
    return call
  }

  /** Both steps of a dynamic member's first join. */
  joinDynamic(options: JoinOptions = {}): Call<JoinGroupResponseInput> & { memberId: string } {
    const { memberId } = this.join(options).answer
    return Object.assign(this.join({ ...options, memberId }), { memberId })
  }

  sync(memberId: string, generationId: number, assignments: Record<string, string> = {}, options: { groupId?: string, groupInstanceId?: string | null, protocolType?: string | null, protocolName?: string | null } = {}): Call<SyncGroupResponseInput> {
    const call = new Call<SyncGroupResponseInput>()
    this.#run(this.shard.syncGroup(this.now, {
      groupId: "group", memberId, generationId, groupInstanceId: null, protocolType: null, protocolName: null,
      assignments: Object.entries(assignments).map(([id, text]) => ({ memberId: id, assignment: Buffer.from(text) })), ...options
    }, call))
    return call
  }

  heartbeat(memberId: string, generationId: number, groupInstanceId: string | null = null, groupId = "group"): Call<HeartbeatResponseInput> {
    const call = new Call<HeartbeatResponseInput>()
    this.#run(this.shard.heartbeat(this.now, { groupId, memberId, generationId, groupInstanceId }, call))
    return call
  }

  leave(members: ReadonlyArray<Partial<LeaveGroupRequestMember>>, apiVersion = 5, groupId = "group"): Call<LeaveGroupResponseInput> {
    const call = new Call<LeaveGroupResponseInput>()
    const full = members.map((member) => ({ memberId: "", groupInstanceId: null, reason: null, ...member }))
    this.#run(this.shard.leaveGroup(this.now, { groupId, memberId: full[0]?.memberId ?? "", members: apiVersion < 3 ? [] : full, apiVersion }, call))
    return call
  }

  /** Commits one offset per partition number of `offsets`. */
  commitOffsets(offsets: Record<number, number>, options: Partial<OffsetCommitInput> & { topic?: string, topicId?: string, metadata?: string | null, leaderEpoch?: number } = {}): Call<OffsetCommitResponseInput> {
    const { topic = "topic", topicId, metadata = null, leaderEpoch = -1, ...rest } = options
    const call = new Call<OffsetCommitResponseInput>()
    this.#run(this.shard.commitOffsets(this.now, {
      groupId: "group", generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null, retentionTimeMs: -1, apiVersion: 9,
      topics: [{
        name: topic,
        partitions: Object.entries(offsets).map(([index, offset]) => ({
          partitionIndex: Number(index), committedOffset: offset, committedLeaderEpoch: leaderEpoch, committedMetadata: metadata
        }))
      }], ...rest
    }, call, () => topicId))
    return call
  }

  fetchOffsets(
    topics: ReadonlyArray<{ name: string, partitionIndexes: ReadonlyArray<number> }> | null = null, groupId = "group",
    topicIdOf?: (topic: string) => string | undefined
  ): Call<ReadonlyArray<OffsetFetchResponseGroupInput>> {
    const call = new Call<ReadonlyArray<OffsetFetchResponseGroupInput>>()
    this.#run(this.shard.fetchOffsets(this.now, [{ groupId, memberId: null, memberEpoch: -1, topics }], call, topicIdOf))
    return call
  }

  /** The committed offsets of a group, as `topic-partition: offset`. */
  offsets(groupId = "group"): Record<string, number> {
    const topics = this.fetchOffsets(null, groupId).answer[0]?.topics ?? []
    return Object.fromEntries(topics.flatMap(({ name, partitions }) => partitions.map((p) => [`${name}-${p.partitionIndex}`, p.committedOffset])))
  }

  describe(groupId = "group", apiVersion = 5): DescribeGroupsResponseGroupInput {
    const call = new Call<ReadonlyArray<DescribeGroupsResponseGroupInput>>()
    this.#run(this.shard.describeGroups(this.now, [groupId], apiVersion, call))
    const group = call.answer[0]
    if (group === undefined) throw new Error("one description per group")
    return group
  }

  list(statesFilter: ReadonlyArray<string> = [], typesFilter: ReadonlyArray<string> = []): ReadonlyArray<ListGroupsResponseGroupInput> {
    const call = new Call<ReadonlyArray<ListGroupsResponseGroupInput>>()
    this.#run(this.shard.listGroups(this.now, { statesFilter, typesFilter }, call))
    return call.answer
  }

  deleteGroups(...groupIds: ReadonlyArray<string>): Record<string, number> {
    const call = new Call<ReadonlyArray<{ groupId: string, errorCode: number }>>()
    this.#run(this.shard.deleteGroups(this.now, groupIds, call))
    return Object.fromEntries(call.answer.map(({ groupId, errorCode }) => [groupId, errorCode]))
  }

  deleteOffsets(topic: string, partitions: ReadonlyArray<number>, groupId = "group"): OffsetDeleteResponseInput {
    const call = new Call<OffsetDeleteResponseInput>()
    const topics = [{ name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) }]
    this.#run(this.shard.deleteOffsets(this.now, { groupId, topics }, call))
    return call.answer
  }

  topicsDeleted(topics: ReadonlyArray<string>, topicIdOf?: (topic: string) => string | undefined): void {
    this.#run(this.shard.topicsDeleted(this.now, new Set(topics), topicIdOf))
  }

  forgetStaleOffsets(topicIdOf: (topic: string) => string | undefined): void {
    this.#run(this.shard.forgetStaleOffsets(this.now, topicIdOf))
  }

  abandon(call: Call): void {
    call.isAbandoned = true
    this.#run(this.shard.abandon(this.now, call))
  }

  /** A shard that heard of nothing but the log. */
  replayed(): GroupShard<Call> {
    const shard = new GroupShard<Call>(this.config)
    this.log.forEach((record, offset) => shard.replay(record, offset))
    return shard
  }

  #run(decision: Decision<Call>, isTick = false): void {
    for (const record of decision.records) {
      this.log.push(record)
      this.shard.replay(record, this.log.length - 1)
    }
    this.onDecision(isTick)
    this.#held.hold(decision.replies, this.log.length)
    if (this.autoCommit) this.commit()
    else this.#send(this.#held.release(this.highWatermark))
  }

  #send(replies: ReadonlyArray<Reply<Call>>): void {
    for (const { token, response } of replies) {
      if (token.response !== undefined) throw new Error("a token got two replies")
      token.response = response
      this.onReply(token)
    }
  }
}

/** ConsumerProtocolSubscription version 1 of topics that are separated by commas. */
export function subscriptionBytes(topics: string): Buffer {
  const names = topics.split(",")
  const parts = [Buffer.from([0, 1, 0, 0, 0, names.length])]
  for (const name of names) parts.push(Buffer.from([0, name.length]), Buffer.from(name))
  parts.push(Buffer.from([255, 255, 255, 255, 0, 0, 0, 0]))
  return Buffer.concat(parts)
}

export function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString()
}

/** A stable group of dynamic members; the first one leads. */
export function stableGroup(shell: Shell, size: number, options: JoinOptions = {}): { ids: ReadonlyArray<string>, generationId: number } {
  const joins = Array.from({ length: size }, () => shell.joinDynamic(options))
  const groupId = { groupId: options.groupId ?? "group" }
  const ids = joins.map(({ memberId }) => memberId)
  const [first] = joins
  if (first === undefined) throw new Error("a stable group has members")
  shell.until(first)
  const { generationId = -1 } = first.answer
  shell.sync(ids[0] ?? "", generationId, Object.fromEntries(ids.map((id, index) => [id, `part${index}`])), groupId)
  for (const id of ids.slice(1)) shell.sync(id, generationId, {}, groupId)
  if (shell.shard.inspect(groupId.groupId)?.state !== "Stable") throw new Error("not stable")
  return { ids, generationId }
}
