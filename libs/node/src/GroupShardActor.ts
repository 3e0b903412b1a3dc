import type { GroupCallName, GroupCalls } from "@tailrace/contracts"
import {
  type Decision, type GroupConfig, groupConfigDefaults, GroupErrors, type GroupResponse, GroupShard, HeldReplies, type Now
} from "@tailrace/coordinator"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { WallClockWatch } from "@tailrace/log"
import { BatchBuilder, type RecordCodecs } from "@tailrace/record"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { Actor } from "@tailrace/runtime/effect"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { cutRecords } from "./internal/cutRecords.ts"
import { type Asked, type Decide, decisions, type Rule, type Surroundings, writesNothing } from "./internal/groupDecisions.ts"
import { pause } from "./internal/pause.ts"
import { replayLog } from "./internal/replayLog.ts"
import type { PartitionActor } from "./PartitionActor.ts"

export interface GroupShardOptions {
  /** The leader of the shard's partition; another object after each change of the leader epoch that rebuilt it. */
  readonly partition: () => PartitionActor
  readonly config: Partial<GroupConfig>
  readonly clock: Clock
  readonly wallClock: Pick<WallClockWatch, "isTrusted">
  readonly random: Random
  readonly codecs: RecordCodecs
  readonly logger: Logger
  /** As far as this node has applied the metadata. */
  readonly topicIdOf: (topic: string) => string | undefined
  /** True once this node has applied all metadata that was decided before; false where nobody can say that now. */
  readonly confirmMetadata: () => Promise<boolean>
}

interface Call {
  readonly kind: "call"
  readonly asked: Asked
  readonly mayWrite: boolean
  readonly decide: Rule
}

/** Nobody waits for an answer. In a later leader epoch it is void: others may have coordinated since. */
interface Notice {
  readonly kind: "notice"
  readonly leaderEpoch: number
  readonly decide: Rule
}

type Question = Call | Notice | { readonly kind: "tick" }

type Message = Question | { readonly kind: "load" }

/** One life of the shard: from loading the log to the first write that failed. */
interface Life {
  readonly shard: GroupShard<Asked>
  /**
   * Replies wait for the appends before them, which are counted: an append that waits for room on the disk has no offset
   * yet.
   */
  readonly held: HeldReplies<Asked>
  appended: number
  committed: number
  /** They may write, and came while the partition took no writes. */
  readonly postponed: Array<Notice>
}

/** What the partition promises for a coordinator's records, whatever a client may ask for. */
const appendRequest = { acks: -1, timeoutMillis: 5_000, timesFlush: true, produceVersion: 9 }
/** The head of a batch, and some room. */
const batchOverheadBytes = 100
/** Before the metadata is confirmed again where there was no controller to do so, and before a partition that took no write is tried again. */
const retryMillis = 1_000
/** Attempts to read a log that cannot be read get twice as rare each time, up to this. */
const retryMillisMax = 60_000
/** How long a read waits for its confirmation. An election of the controller takes less. */
const confirmMillisMax = 3_000
/** Where there is no room for more notices a new life finds out by itself what they told. */
const postponedMax = 1_024
/**
 * For ever, more and more rarely: what a shard dies of may be in its log or come from a client, who would take it to the next node, and the
 * next, if the node ended with it.
 */
const restart = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")])

/**
 * The coordinator of the groups in one partition of `__consumer_offsets`, living beside that partition's leader and
 * writing through its ordinary append. Decisions are replayed when they are appended; answers leave when they are
 * committed. A write that fails ends this life, since the shard is ahead of its log: the next one is loaded from the
 * log when the partition can be written again (`load`). A defect ends it too, and the supervisor starts the next one; the
 * node and its other shards go on.
 */
export class GroupShardActor {
  readonly #options: GroupShardOptions
  readonly #surroundings: Surroundings
  /** Requests that the shard knows of and has not answered. They outlive a crash, to be told of it. */
  readonly #open = new Set<Asked>()
  #life: Life | undefined
  /** The log could not be read: its groups have no coordinator until it is loaded. */
  #isUnavailable = false
  /** In a row. */
  #failedLoads = 0
  /** A request to load that found the mailbox full. */
  #mustLoad = false
  /** Topics that were deleted when the mailbox was full. */
  #untoldTopics: ReadonlySet<string> = new Set()
  #cancelTimer: () => void = () => undefined
  #tell: (message: Message) => boolean = () => false

  private constructor(options: GroupShardOptions) {
    this.#options = options
    this.#surroundings = { randomId: () => options.random.uuid(), topicIdOf: options.topicIdOf }
  }

  /** Starts loading at once. The shard lives as long as the caller's scope. */
  static readonly spawn = Effect.fnUntraced(function*(options: GroupShardOptions) {
    const self = new GroupShardActor(options)
    const { partition, topic } = options.partition()
    const actor = yield* Actor.spawn<void, Message, void, never, never>({
      address: { kind: "partition", topic, partition },
      restart,
      init: Effect.promise(() => self.#load()),
      receive: (_, message) => self.#receive(message)
    })
    self.#tell = actor.tellUnsafe
    return self
  })

  /** The returned function abandons the call: nobody waits for its answer any more. */
  ask<K extends GroupCallName>(
    kind: K,
    request: GroupCalls[K]["request"],
    answer: (response: GroupCalls[K]["response"] | number) => void
  ): () => void {
    const isPart = kind === "fetchOffsets" || kind === "describeGroup" || kind === "deleteGroup"
    const asked: Asked = {
      answer: (response) => {
        const whole = isPart && typeof response !== "number" ? (response as ReadonlyArray<unknown>)[0] : response
        answer(whole as GroupCalls[K]["response"] | number)
      }
    }
    const decide: Decide<K> = decisions[kind]
    this.#submit(asked, kind, decide(request, asked, this.#surroundings))
    return () => {
      if (!this.#open.has(asked)) return
      this.#open.delete(asked)
      this.#notify((shard, now) => shard.abandon(now, asked))
    }
  }

  listGroups(
    request: GroupCalls["listGroups"]["request"],
    answer: (response: GroupCalls["listGroups"]["response"] | number) => void
  ): void {
    const asked: Asked = { answer: (response) => answer(response as GroupCalls["listGroups"]["response"] | number) }
    this.#submit(asked, "listGroups", (shard, now) => shard.listGroups(now, request, asked))
  }

  /**
   * The offsets that were committed for these topics go with them: those of every commit up to here, in the mailbox too, and
   * none of a later one, which is for a new topic of that name. A shard that loads hears of it when it is loaded.
   */
  topicsDeleted(topics: ReadonlySet<string>): void {
    if (this.#notify((shard, now) => shard.topicsDeleted(now, topics))) return
    this.#untoldTopics = new Set([...this.#untoldTopics, ...topics])
  }

  /** By now the mailbox may hold commits for new topics of these names. */
  #tellLate(): void {
    const untold = this.#untoldTopics
    const isTold = this.#notify((shard, now) => shard.topicsDeleted(now, untold, this.#options.topicIdOf))
    if (isTold) this.#untoldTopics = new Set()
  }

  /** How many requests wait for their answer. */
  get openRequests(): number {
    return this.#open.size
  }

  /** Whether the shard answers now; `load` brings it back. */
  get isLoaded(): boolean {
    return this.#life !== undefined
  }

  /** This node leads the partition by the metadata, though without a lease it may not act on that. */
  get isLed(): boolean {
    return this.#options.partition().isLeader
  }

  /** Whether this node leads the partition; with a failed log it does so again after the repair. */
  get mayLoad(): boolean {
    return this.#options.partition().mayLead
  }

  /** The partition is not led here any more, or its log has lost what this life wrote. */
  resign(errorCode: number = ErrorCode.NOT_COORDINATOR): void {
    this.#cancelTimer()
    this.#life = undefined
    const open = [...this.#open]
    this.#open.clear()
    for (const asked of open) asked.answer(errorCode)
  }

  /** Starts a new life from the log: the partition is led here again, or can be written again. */
  load(): void {
    // Others may have coordinated since, and taken commits for a new topic of that name.
    this.#untoldTopics = new Set()
    if (!this.#tell({ kind: "load" })) this.#mustLoad = true
  }

  #submit(asked: Asked, kind: GroupCallName | "listGroups", decide: Rule): void {
    if (!this.#options.partition().mayLead) return asked.answer(ErrorCode.NOT_COORDINATOR)
    if (this.#isUnavailable) return asked.answer(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    if (this.#life === undefined) return asked.answer(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    this.#open.add(asked)
    const call: Call = { kind: "call", asked, mayWrite: !writesNothing.has(kind), decide }
    if (kind === "fetchOffsets") void this.#callConfirmed(call)
    else this.#call(call)
  }

  #call(call: Call): void {
    if (!this.#tell(call)) this.#answer(call.asked, ErrorCode.COORDINATOR_NOT_AVAILABLE)
  }

  /**
   * Another node may coordinate by now, and does not tell this one what it commits. Writes would show it, since they need the other
   * replicas. A read is decided when all that was decided before it came is applied here, and this node still leads.
   */
  async #callConfirmed(call: Call): Promise<void> {
    const { clock, confirmMetadata } = this.#options
    const isConfirmed = await new Promise<boolean>((resolve) => {
      const cancel = clock.after(confirmMillisMax, () => resolve(false))
      void confirmMetadata().then(resolve).finally(cancel)
    })
    if (isConfirmed) this.#call(call)
    // Consumers look for the coordinator again. Of COORDINATOR_NOT_AVAILABLE those before Kafka 3.9 die here.
    else this.#answer(call.asked, ErrorCode.NOT_COORDINATOR)
  }

  /** Once, and never to who has abandoned the call. */
  #answer(asked: Asked, response: GroupResponse | number): void {
    if (this.#open.delete(asked)) asked.answer(response)
  }

  /** False where the mailbox is full. Where another node leads there is nobody to tell. */
  #notify(decide: Rule): boolean {
    const { isLeader, leaderEpoch } = this.#options.partition()
    return !isLeader || this.#tell({ kind: "notice", leaderEpoch, decide })
  }

  /** A new life: everything that was decided and not committed is forgotten, and whoever waited for it is told. */
  async #load(): Promise<void> {
    this.resign()
    const partition = this.#options.partition()
    const { leaderEpoch } = partition
    const isStale = (): boolean =>
      partition !== this.#options.partition() || !partition.isLeader || partition.leaderEpoch !== leaderEpoch
    const shard = new GroupShard<Asked>({ ...this.#options.config, recordsBytesMax: this.#recordsBytesMax })
    let first: Decision<Asked>
    this.#isUnavailable = false
    try {
      if (!await replayLog(shard, partition, this.#options, isStale)) return
      first = shard.loaded(this.#now())
    } catch (cause) {
      // The log of a replica that left is closed. Where the partition is led again, it is loaded anew.
      if (isStale()) return
      // The disk may answer again, or damage be repaired. One record that nobody can read, or that says what cannot be, must not end the node.
      const { clock, logger } = this.#options
      const millis = Math.min(retryMillis * 2 ** this.#failedLoads, retryMillisMax)
      this.#failedLoads++
      this.#isUnavailable = true
      logger.error("the group coordinator cannot read its log", { partition: partition.partition, retryMillis: millis, cause })
      this.#cancelTimer = clock.after(millis, () => this.load())
      return
    }
    this.#failedLoads = 0
    const life: Life = { shard, held: new HeldReplies(), appended: 0, committed: 0, postponed: [] }
    this.#life = life
    this.#orResign(() => this.#apply(life, first))
    void this.#forgetTopics(life)
  }

  /**
   * Topics may have been deleted, and made again, while nobody coordinated here. One that is unknown may also be too new for this node, and
   * its offset committed through another one: which it is shows once this node has applied all that was decided before it
   * had read its log.
   */
  async #forgetTopics(life: Life): Promise<void> {
    const { clock, confirmMetadata, topicIdOf } = this.#options
    const forget: Rule = (shard, now) => shard.forgetStaleOffsets(now, topicIdOf)
    while (this.#life === life) {
      if (await confirmMetadata() && this.#life === life && this.#notify(forget)) return
      await pause(clock, retryMillis)
    }
  }

  /** No decision may be larger than a batch of the log is allowed to be now: a write that is refused ends the life, for all groups. */
  get #recordsBytesMax(): number {
    return Math.max(Math.min(groupConfigDefaults.recordsBytesMax, this.#options.partition().rules.batchBytesMax - batchOverheadBytes), 1)
  }

  #receive(message: Message): Effect.Effect<void> {
    if (this.#untoldTopics.size > 0) this.#tellLate()
    if (message.kind === "load" || this.#mustLoad) {
      this.#mustLoad = false
      return Effect.promise(() => this.#load())
    }
    const life = this.#life
    if (life === undefined || this.#isVoid(message)) return Effect.void
    return Effect.sync(() => this.#orResign(() => this.#handle(life, message)))
  }

  /** A life that a defect ends is over at once, and nobody waits in it: the next one may be long in coming. */
  #orResign(step: () => void): void {
    try {
      step()
    } catch (cause) {
      this.resign()
      throw cause
    }
  }

  /**
   * A write that is refused ends the life, and with it the joins that wait. So while too few replicas are in sync nothing is
   * decided that may write; afterwards what was postponed comes first.
   */
  #handle(life: Life, question: Question): void {
    const canWrite = this.#options.partition().canAcceptAcksAll
    if (!canWrite && (question.kind !== "call" || question.mayWrite)) return this.#postpone(life, question)
    const questions = canWrite ? [...life.postponed.splice(0), question] : [question]
    for (const next of questions) {
      if (this.#life === life && !this.#isVoid(next)) this.#apply(life, this.#decide(life, next))
    }
  }

  #postpone(life: Life, question: Question): void {
    if (question.kind === "call") return this.#answer(question.asked, ErrorCode.COORDINATOR_NOT_AVAILABLE)
    if (question.kind === "notice" && life.postponed.push(question) > postponedMax) return this.#failed(ErrorCode.NOT_ENOUGH_REPLICAS)
    this.#setTimer(life)
  }

  #isVoid(message: Question): boolean {
    // Whoever asked has been told that the life ended, or has abandoned the call while it was in the mailbox.
    if (message.kind === "call") return !this.#open.has(message.asked)
    return message.kind === "notice" && message.leaderEpoch !== this.#options.partition().leaderEpoch
  }

  /** A defect starts a new life; the request behind it gets the code that clients do not retry, or the next life dies of it too. */
  #decide({ shard }: Life, message: Question): Decision<Asked> {
    const now = this.#now()
    if (message.kind === "tick") return shard.tick(now)
    if (message.kind === "notice") return message.decide(shard, now)
    const { asked, decide } = message
    try {
      return decide(shard, now)
    } catch (cause) {
      this.#answer(asked, ErrorCode.UNKNOWN_SERVER_ERROR)
      throw cause
    }
  }

  #apply(life: Life, decision: Decision<Asked>): void {
    for (const records of decision.isAtomic ? [decision.records] : cutRecords(decision.records, this.#recordsBytesMax)) {
      if (!this.#append(life, records)) return
    }
    life.held.hold(decision.replies, life.appended)
    this.#release(life, life.committed)
    this.#setTimer(life)
  }

  /** False where the write was refused, and then this life has ended. */
  #append(life: Life, records: Decision<Asked>["records"]): boolean {
    if (records.length === 0) return true
    const { clock, codecs } = this.#options
    const timestamp = clock.wallMillis()
    const builder = new BatchBuilder({ codecs, bytesMax: Number.MAX_SAFE_INTEGER })
    for (const { key, value } of records) builder.append({ timestamp, key, value })
    const count = ++life.appended
    this.#options.partition().append(builder.build(), appendRequest, ({ errorCode }) => {
      if (this.#life !== life) return
      if (errorCode === ErrorCode.NONE) this.#release(life, count)
      else if (errorCode === ErrorCode.REQUEST_TIMED_OUT) this.#stalled(life, count)
      else this.#failed(errorCode)
    })
    if (this.#life !== life) return false
    for (const record of records) life.shard.replay(record, life.shard.lastOffset + 1)
    return true
  }

  /** The disk is slow. The records stand, only those who wait for them cannot know. */
  #stalled(life: Life, count: number): void {
    for (const asked of life.held.drain()) this.#answer(asked, ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const partition = this.#options.partition()
    partition.awaitReadable(partition.log.appendedEnd - 1, () => {
      if (this.#life === life) this.#release(life, count)
    })
  }

  #failed(errorCode: number): void {
    const { clock, logger, partition } = this.#options
    logger.warn("the group coordinator could not write and starts anew", { partition: partition().partition, errorCode })
    this.resign(GroupErrors.ofAppend(errorCode as ErrorCode))
    // A directory that takes no writes tells when it does, and a new leader epoch is told too.
    if (errorCode === ErrorCode.KAFKA_STORAGE_ERROR || errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER) return
    // At once the new life might only meet the same refusal.
    this.#cancelTimer = clock.after(retryMillis, () => this.load())
  }

  /** Appends are committed in order. */
  #release(life: Life, committed: number): void {
    // What others may have decided meanwhile is not known here.
    if (!this.#options.partition().mayLead) return this.resign()
    life.committed = Math.max(life.committed, committed)
    for (const { response, token } of life.held.release(life.committed)) this.#answer(token, response)
  }

  #setTimer(life: Life): void {
    this.#cancelTimer()
    const { clock, partition } = this.#options
    const dueMillis = Math.max(life.shard.nextDeadlineMillis() - clock.monotonicMillis(), 0)
    const delay = partition().canAcceptAcksAll ? dueMillis : retryMillis
    if (delay === Infinity) return
    this.#cancelTimer = clock.after(delay, () => {
      if (this.#life === life && !this.#tell({ kind: "tick" })) this.#setTimer(life)
    })
  }

  #now(): Now {
    const { clock, wallClock } = this.#options
    return { monotonicMillis: clock.monotonicMillis(), wallMillis: clock.wallMillis(), isWallTrusted: wallClock.isTrusted() }
  }
}
