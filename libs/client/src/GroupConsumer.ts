import { ErrorCode } from "@tailrace/kafka-protocol"
import type { TopicPartition } from "./AdminTypes.ts"
import { type Assignor, assignorOf, type AssignorName } from "./Assignor.ts"
import { ClientError } from "./ClientError.ts"
import { type CommitOptions, Consumer, type ConsumerCallOptions, type PartitionOffset } from "./Consumer.ts"
import type { ConsumerOptions, ConsumerRecord } from "./ConsumerOptions.ts"
import { GroupMembership, type Joined } from "./internal/GroupMembership.ts"
import { partitionKey } from "./internal/offsets.ts"
import { isRetriable } from "./internal/Timing.ts"
import { KafkaError } from "./KafkaError.ts"

export type GroupConsumerOptions = ConsumerOptions & {
  readonly groupId: string
  /** Makes this a static member, which a restart within the session time-out does not take out of the group. */
  readonly groupInstanceId?: string
  /** Without a heartbeat for this long the broker takes the member out; default 45 s. */
  readonly sessionTimeoutMillis?: number
  /** Default 3 s. */
  readonly heartbeatIntervalMillis?: number
  /** Without a `poll` for this long the member leaves; also the time that members have to join again. Default 5 minutes. */
  readonly maxPollIntervalMillis?: number
  /** In order of preference; default range, then cooperative-sticky. Cooperative only when all of them are. */
  readonly partitionAssignors?: ReadonlyArray<AssignorName | Assignor>
  /** Commit what was answered when `poll` is called again; default true. */
  readonly enableAutoCommit?: boolean
  /** Default 5 s. */
  readonly autoCommitIntervalMillis?: number
}

/** Told, inside `poll` and `close`, which partitions come and go; `poll` waits for what these answer. */
export interface RebalanceListener {
  readonly onPartitionsAssigned?: (partitions: ReadonlyArray<TopicPartition>) => void | Promise<void>
  /** The last chance to commit these partitions. */
  readonly onPartitionsRevoked?: (partitions: ReadonlyArray<TopicPartition>) => void | Promise<void>
  /** Others may read these already, so nothing can be committed. Default: `onPartitionsRevoked`. */
  readonly onPartitionsLost?: (partitions: ReadonlyArray<TopicPartition>) => void | Promise<void>
}

export const groupDefaults = {
  sessionTimeoutMillis: 45_000,
  heartbeatIntervalMillis: 3_000,
  maxPollIntervalMillis: 300_000,
  partitionAssignors: ["range", "cooperative-sticky"],
  enableAutoCommit: true,
  autoCommitIntervalMillis: 5_000
} as const

/** While the group is joining, partitions that are kept are read in steps of this length. */
const joiningPollMillis = 50
/** How often a topic that does not exist is looked for. */
const missingTopicMillis = 1_000

/**
 * Reads the partitions that a group assigns to it (classic protocol). The group moves on only inside `poll`, so nothing is taken
 * away while the caller works on what `poll` answered; heartbeats run in between.
 */
export class GroupConsumer extends Consumer {
  readonly #settings: Required<Omit<GroupConsumerOptions, keyof ConsumerOptions | "groupInstanceId" | "partitionAssignors">>
  readonly #membership: GroupMembership
  readonly #isCooperative: boolean
  readonly #abort = new AbortController()
  #topics: ReadonlyArray<string> | RegExp | undefined
  #listener: RebalanceListener = {}
  #needsJoin = false
  #isLost = false
  /** A join whose result no poll has taken yet. */
  #joining: Promise<Joined> | undefined
  /** It has no result yet. */
  #isJoinPending = false
  #counts: ReadonlyMap<string, number> | undefined
  #topicsCheckedMillis = 0
  /** A look for topics that has not been answered yet. */
  #checking: Promise<void> | undefined
  /** One was answered since the partitions were counted last. */
  #isAnswered = false
  /** What the group was told last that this member wants. */
  #joinedTopics: ReadonlyArray<string> = []
  #interrupt: () => void = () => undefined
  #cancelHeartbeat: () => void = () => undefined
  #lastPollMillis = 0
  #isInPoll = false
  #committedMillis = this.cluster.timing.monotonicMillis()
  #committing: Promise<void> | undefined
  #failure: Error | undefined
  #isClosing = false

  constructor(options: GroupConsumerOptions) {
    super(options)
    const assignors = (options.partitionAssignors ?? groupDefaults.partitionAssignors).map(assignorOf)
    if (assignors.length === 0) throw new ClientError("configuration", "partitionAssignors is empty")
    const { sessionTimeoutMillis, heartbeatIntervalMillis, maxPollIntervalMillis, enableAutoCommit, autoCommitIntervalMillis } =
      { ...groupDefaults, ...options }
    if (!(heartbeatIntervalMillis < sessionTimeoutMillis)) {
      throw new ClientError("configuration", "heartbeatIntervalMillis is not below sessionTimeoutMillis")
    }
    this.#settings = { sessionTimeoutMillis, heartbeatIntervalMillis, maxPollIntervalMillis, enableAutoCommit, autoCommitIntervalMillis }
    this.#isCooperative = assignors.every((assignor) => assignor.isCooperative)
    this.#membership = new GroupMembership(this.cluster, {
      groupId: options.groupId, groupInstanceId: options.groupInstanceId ?? null, assignors,
      sessionTimeoutMillis, rebalanceTimeoutMillis: maxPollIntervalMillis
    })
  }

  /** "" while this is no member. */
  get memberId(): string {
    return this.#membership.memberId
  }

  /** -1 while this is no member. */
  get generationId(): number {
    return this.#membership.generationId
  }

  override get isClosed(): boolean {
    return this.#isClosing
  }

  /** Replaces the subscription: names, or a pattern that whole names match. The group hears of it at the next `poll`. */
  subscribe(topics: ReadonlyArray<string> | RegExp, listener: RebalanceListener = {}): void {
    this.#topics = topics
    this.#listener = listener
    this.#needsJoin = true
    this.#topicsCheckedMillis = 0
    this.#checking = undefined
    this.#interrupt()
  }

  override assign(): void {
    throw new ClientError("configuration", "a group assigns its partitions itself: use subscribe, or a Consumer")
  }

  override async poll(timeoutMillis: number, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<ConsumerRecord>> {
    if (this.#topics === undefined) throw new ClientError("configuration", "subscribe comes before poll")
    if (this.#isClosing) throw new ClientError("closed", "the consumer is closed")
    if (this.#isInPoll) throw new ClientError("in-use", "poll is already running")
    this.#isInPoll = true
    const deadline = this.cluster.timing.monotonicMillis() + timeoutMillis
    try {
      for (;;) {
        this.#throwFailure()
        if (this.#isClosing) return []
        this.#lastPollMillis = this.cluster.timing.monotonicMillis()
        this.#autoCommit()
        await this.#checkTopics(Math.max(1, deadline - this.cluster.timing.monotonicMillis()), options.signal)
        // Which topics a pattern stands for is known with the first answer.
        const isKnown = !(this.#topics instanceof RegExp) || this.#topicsCheckedMillis > 0
        const isJoined = isKnown && await this.#takePart(deadline, options.signal)
        const records = await this.#pollWhileUndisturbed(deadline, isJoined, options.signal)
        if (records.length > 0) return records
        if (this.cluster.timing.monotonicMillis() < deadline) continue
        // Time-outs are usual, but a cluster that could not be reached at all must not look like an empty one.
        if (!isJoined && this.cluster.unreachable !== undefined) throw this.cluster.unreachable
        return records
      }
    } catch (error) {
      // Closing ends a join that is under way, which is no error of the poll that waits for it.
      if (this.#isClosing && error instanceof ClientError && error.reason === "closed") return []
      throw error
    } finally {
      this.#isInPoll = false
      this.#lastPollMillis = this.cluster.timing.monotonicMillis()
    }
  }

  /** Commits as a member. REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION and UNKNOWN_MEMBER_ID (while this is no member) say that it was too late. */
  override async commit(offsets: ReadonlyArray<PartitionOffset> = this.positions(), options: CommitOptions = {}): Promise<void> {
    // An empty group takes commits of anybody, and a new generation those of what was read in an older one.
    if (offsets.length > 0 && !this.#isMember) throw new KafkaError(ErrorCode.UNKNOWN_MEMBER_ID, this.groupId)
    const { identity } = this.#membership
    try {
      await super.commit(offsets, { ...options, identity })
    } catch (error) {
      // A generation that was joined meanwhile is not concerned, nor one that is being joined.
      const isCurrent = !this.#isJoinPending && identity.generationId === this.#membership.generationId
      if (isCurrent && error instanceof KafkaError && [22, 25, 27].includes(error.errorCode)) this.#needsJoin = true
      throw error
    }
  }

  /**
   * Commits when that is automatic, gives the partitions up, leaves the group, and ends the connections. It throws what the listener
   * throws, or that the time is over, after all of that.
   */
  override async close(options: { readonly timeoutMillis?: number } = {}): Promise<void> {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#cancelHeartbeat()
    this.#interrupt()
    const { timing, options: { requestTimeoutMillis } } = this.cluster
    const deadline = timing.monotonicMillis() + (options.timeoutMillis ?? requestTimeoutMillis)
    const limits = () => ({ millis: Math.max(1, deadline - timing.monotonicMillis()) })
    try {
      if (this.#isMember) await timing.within(this.#revoke(this.assignment()), limits(), "commit")
      else if (this.#isLost && this.#onLost !== undefined) await timing.within(this.#lose(), limits(), "onPartitionsLost")
    } finally {
      this.#abort.abort(new ClientError("closed", "the consumer is closed"))
      // The others need not wait for the session to be over, whatever became of the commit.
      await timing.within(this.#membership.leave(), limits(), "leave").catch(() => undefined)
      await super.close()
    }
  }

  /** Whether what is assigned is this member's. */
  get #isMember(): boolean {
    return this.#membership.generationId >= 0 && !this.#isLost
  }

  get #onLost(): RebalanceListener["onPartitionsLost"] {
    return this.#listener.onPartitionsLost ?? this.#listener.onPartitionsRevoked
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  /** Records of the partitions that are ours, unless the group moves on before there are any. */
  async #pollWhileUndisturbed(deadline: number, isJoined: boolean, signal: AbortSignal | undefined): Promise<ReadonlyArray<ConsumerRecord>> {
    const remaining = Math.max(0, deadline - this.cluster.timing.monotonicMillis())
    if (!isJoined && this.assignment().length === 0) return []
    const disturbed = new AbortController()
    this.#interrupt = () => disturbed.abort(disturbed)
    if (this.#needsJoin && isJoined) return []
    const signals = signal === undefined ? disturbed.signal : AbortSignal.any([signal, disturbed.signal])
    try {
      return await super.poll(isJoined ? remaining : Math.min(remaining, joiningPollMillis), { signal: signals })
    } catch (error) {
      if (error === disturbed) return []
      throw error
    } finally {
      this.#interrupt = () => undefined
    }
  }

  /** Joins when that is due; true when the assignment is that of the current generation. */
  async #takePart(deadline: number, signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#isLost) await this.#lose()
    if (!this.#needsJoin && this.#joining === undefined) return true
    if (this.#joining === undefined) {
      this.#needsJoin = false
      this.#cancelHeartbeat()
      try {
        if (!this.#isCooperative) await this.#revoke(this.assignment())
      } catch (error) {
        this.#needsJoin = true
        throw error
      }
      this.#joining = this.#join()
    }
    const isReading = this.assignment().length > 0
    const millis = isReading ? 1 : Math.max(1, deadline - this.cluster.timing.monotonicMillis())
    let joined: Joined
    try {
      joined = await this.cluster.timing.within(this.#joining, { signal, millis }, "join")
    } catch (error) {
      if (error instanceof ClientError && error.reason === "timeout") return false
      if (signal?.aborted === true) throw error
      this.#joining = undefined
      this.#needsJoin = true
      throw error
    }
    this.#joining = undefined
    if (this.#isLost) await this.#lose()
    // Lost again since then, and others may read those partitions already. Whatever found that out has asked for another join.
    if (joined.generationId !== this.#membership.generationId) return false
    await this.#apply(joined)
    return true
  }

  /** Goes on between polls. The member's session runs from its success, whenever a poll hears of that, and so do the heartbeats. */
  #join(): Promise<Joined> {
    this.#joinedTopics = this.#topicNames()
    this.#isJoinPending = true
    const joining = this.#membership.join(this.#joinedTopics, this.assignment(), this.#abort.signal, () => {
      this.#isLost = true
      this.#interrupt()
    })
    joining.then(() => {
      this.#isJoinPending = false
      this.#scheduleHeartbeat()
    }, () => {
      this.#isJoinPending = false
    })
    return joining
  }

  async #apply(joined: Joined): Promise<void> {
    const owned = new Map(this.assignment().map((item) => [partitionKey(item.topic, item.partition), item]))
    const assigned = new Set(joined.assignment.map((item) => partitionKey(item.topic, item.partition)))
    const revoked = [...owned].filter(([key]) => !assigned.has(key)).map(([, item]) => item)
    const added = joined.assignment.filter((item) => !owned.has(partitionKey(item.topic, item.partition)))
    this.#counts = joined.counts
    try {
      if (revoked.length > 0) await this.#revoke(revoked)
    } finally {
      // Only now can others get what was given up.
      if (revoked.length > 0) this.#needsJoin = true
      super.assign(joined.assignment)
      this.#committedMillis = this.cluster.timing.monotonicMillis()
      await this.#listener.onPartitionsAssigned?.(added)
    }
  }

  /** Commits, tells the listener, and stops reading partitions, whatever the listener throws. */
  async #revoke(partitions: ReadonlyArray<TopicPartition>): Promise<void> {
    if (partitions.length === 0) return
    const keys = new Set(partitions.map((item) => partitionKey(item.topic, item.partition)))
    if (this.#settings.enableAutoCommit) {
      await this.#committing
      // A commit that comes too late is not an error of the caller: the records will be read again.
      await this.commit(this.positions().filter((item) => keys.has(partitionKey(item.topic, item.partition)))).catch(() => undefined)
    }
    try {
      await this.#listener.onPartitionsRevoked?.(partitions)
    } finally {
      super.assign(this.assignment().filter((item) => !keys.has(partitionKey(item.topic, item.partition))))
    }
  }

  async #lose(): Promise<void> {
    const partitions = this.assignment()
    super.assign([])
    try {
      if (partitions.length > 0) await this.#onLost?.(partitions)
    } finally {
      this.#isLost = false
    }
  }

  #autoCommit(): void {
    const { enableAutoCommit, autoCommitIntervalMillis } = this.#settings
    if (!enableAutoCommit || this.#committing !== undefined || !this.#isMember) return
    if (this.cluster.timing.monotonicMillis() - this.#committedMillis < autoCommitIntervalMillis) return
    this.#committedMillis = this.cluster.timing.monotonicMillis()
    // A failure shows in the next commit or heartbeat; the records are committed by the next one.
    this.#committing = this.commit().catch(() => undefined).finally(() => {
      this.#committing = undefined
    })
  }

  #scheduleHeartbeat(millis: number = this.#settings.heartbeatIntervalMillis): void {
    this.#cancelHeartbeat()
    if (this.#isClosing) return
    this.#cancelHeartbeat = this.cluster.timing.clock.after(millis, () => void this.#heartbeat())
  }

  async #heartbeat(): Promise<void> {
    let pauseMillis = this.#settings.heartbeatIntervalMillis
    try {
      if (!this.#isInPoll && this.cluster.timing.monotonicMillis() - this.#lastPollMillis > this.#settings.maxPollIntervalMillis) {
        this.#disturb(true)
        await this.#membership.leave(this.#abort.signal)
        return
      }
      const { generationId } = this.#membership
      const result = await this.#membership.heartbeat(this.#abort.signal)
      // The answer may speak of a generation that this member has left behind by joining again.
      const isCurrent = !this.#isJoinPending && (result === "lost" || this.#membership.generationId === generationId)
      if (result !== "stable" && isCurrent) this.#disturb(result === "lost")
    } catch (error) {
      if (!isRetriable(error) && !this.#isClosing) {
        this.#failure = error as Error
        this.#disturb(true)
        this.#membership.forget(true)
        return
      }
      // A coordinator that has moved is looked for before the session is over.
      pauseMillis = Math.min(pauseMillis, this.cluster.options.retryBackoffMillisMax)
    }
    if (this.#membership.generationId >= 0 && !this.#isJoinPending) this.#scheduleHeartbeat(pauseMillis)
  }

  /** Has the next or the running `poll` join again. */
  #disturb(isLost: boolean): void {
    this.#needsJoin = true
    this.#isLost ||= isLost
    this.#interrupt()
  }

  #topicNames(): ReadonlyArray<string> {
    const topics = this.#topics ?? []
    if (!(topics instanceof RegExp)) return topics
    const whole = new RegExp(`^(?:${topics.source})$`, topics.flags.replace(/[gy]/g, ""))
    return [...this.cluster.metadata.topics.values()]
      .filter((topic) => topic.errorCode === 0 && !topic.isInternal && whole.test(topic.name)).map((topic) => topic.name).toSorted()
  }

  /** It may outlast the poll that began it; the next one waits for the same. */
  #lookForTopics(topics: ReadonlyArray<string> | null): Promise<void> {
    const checking: Promise<void> = this.cluster.retry(this.#abort.signal, () => this.cluster.refresh(topics)).then(() => {
      if (this.#checking !== checking) return
      this.#topicsCheckedMillis = this.cluster.timing.monotonicMillis()
      this.#isAnswered = true
    }).finally(() => {
      if (this.#checking === checking) this.#checking = undefined
    })
    checking.catch(() => undefined)
    return checking
  }

  /** What this member wants, and as the leader all that the others want. */
  #watchedTopics(wanted: ReadonlyArray<string>): ReadonlyArray<string> {
    return this.#counts === undefined ? wanted : [...new Set([...wanted, ...this.#counts.keys()])]
  }

  /** Now and then looks whether topics have come, gone or grown; the leader of the group then asks for another assignment. */
  async #checkTopics(remainingMillis: number, signal: AbortSignal | undefined): Promise<void> {
    const { metadata, options: { metadataMaxAgeMillis }, timing } = this.cluster
    const isPattern = this.#topics instanceof RegExp
    const before = this.#topicNames()
    const watched = this.#watchedTopics(before)
    const isMissing = before.length === 0 || watched.some((topic) => metadata.topic(topic)?.errorCode !== 0)
    const interval = isMissing ? Math.min(missingTopicMillis, metadataMaxAgeMillis) : metadataMaxAgeMillis
    const isDue = this.#topicsCheckedMillis === 0 || timing.monotonicMillis() - this.#topicsCheckedMillis >= interval
    const hasWaited = isDue || this.#checking !== undefined
    if (hasWaited) {
      this.#checking ??= this.#lookForTopics(isPattern ? null : watched)
      try {
        await timing.within(this.#checking, { signal, millis: remainingMillis }, "metadata")
      } catch (error) {
        if (!(error instanceof ClientError && error.reason === "timeout")) throw error
      }
    }
    // What a join under way gives may know of it already: that is looked at once it is there.
    if (this.#joining !== undefined) return
    // Others ask for metadata too, and an answer may come between two polls: what counts is what the group was told.
    const after = hasWaited ? this.#topicNames() : before
    const hasOtherTopics = isPattern && this.generationId >= 0 && after.join() !== this.#joinedTopics.join()
    const hasOtherCounts = this.#isAnswered && this.#counts !== undefined
      && this.#watchedTopics(after).some((topic) => metadata.partitionCount(topic) !== (this.#counts?.get(topic) ?? 0))
    this.#isAnswered = false
    if (hasOtherTopics || hasOtherCounts) this.#needsJoin = true
  }
}
