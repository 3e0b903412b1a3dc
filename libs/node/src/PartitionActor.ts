import type {
  AppendOutcome, AppendRequest, DeleteRecordsOutcome, EpochEndOutcome, PartitionRef, ReadOutcome, TimestampOutcome
} from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { Backlog, PartitionLog, WriteGate } from "@tailrace/log"
import { Batch, type RecordCodecs } from "@tailrace/record"
import {
  checkProducedBatches, completeTimestamp, type EpochEndOffset, type FetchOutcome, type FetchPosition, type FollowerFetch, type IsrProposal,
  PartitionState, type PartitionView, type ProduceRules
} from "@tailrace/replication"
import type { Clock, Logger } from "@tailrace/runtime"
import { AckQueue } from "./internal/AckQueue.ts"
import { Deletions } from "./internal/Deletions.ts"
import { ReadableWaiters } from "./internal/ReadableWaiters.ts"
import { ClientReads } from "./replica/ClientReads.ts"
import { type Fetched, type FetchedOutcome, FollowerLog } from "./replica/FollowerLog.ts"
import { noReplicaListener, type ReplicaListener } from "./replica/ReplicaListener.ts"
import { type ReplicaRead, ReplicaReads } from "./replica/ReplicaReads.ts"

export interface PartitionActorOptions {
  readonly nodeId: number
  readonly log: PartitionLog
  /** Of the log's directory: says when a log that took no append will take one. */
  readonly backlog: Backlog
  readonly writeGate: WriteGate
  readonly rules: ProduceRules
  readonly clock: Clock
  readonly codecs: RecordCodecs
  readonly logger: Logger
  /** The node must renew its registration, because this replica has lost what it had staged. */
  readonly onStorageFailure: () => void
  /** This node may not act on its roles any more: without a heartbeat for one session others may lead. Never, where it is alone. */
  readonly isFenced?: () => boolean
  /** A batch on the disk at this offset is not what was written; it is not served. */
  readonly onCorruption?: (actor: PartitionActor, offset: number) => void
}

const acksAll = -1
/** Beside these Kafka does not tell where the log starts. */
const startlessCodes: ReadonlySet<number> = new Set([
  ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.CORRUPT_MESSAGE, ErrorCode.MESSAGE_TOO_LARGE, ErrorCode.RECORD_LIST_TOO_LARGE, ErrorCode.KAFKA_STORAGE_ERROR
])

/**
 * One replica of one partition. Its data path is explicit transitions: a batch is checked, gets its offsets, and is
 * staged in the log; when the flush returns it is durable; when the high watermark passes it, it is acknowledged and
 * readable. Calls are synchronous, so batches that arrive in one event turn become one commit.
 */
export class PartitionActor implements PartitionRef {
  readonly topicId: string
  readonly topic: string
  readonly partition: number
  rules: ProduceRules
  /** Who carries batches to and from the other replicas. */
  listener: ReplicaListener = noReplicaListener
  readonly #log: PartitionLog
  readonly #state: PartitionState
  readonly #options: PartitionActorOptions
  readonly #acks: AckQueue
  readonly #waiters = new ReadableWaiters()
  readonly #follower: FollowerLog
  readonly #reads: ClientReads
  readonly #replicaReads: ReplicaReads
  readonly #deletions: Deletions
  /** Appends that found the disk behind; those that follow queue up, so that a producer's order holds. */
  readonly #stalled: Array<() => void> = []
  #closedWith: number | undefined

  constructor(options: PartitionActorOptions) {
    const { clock, log, nodeId, rules } = options
    this.topicId = log.topicId
    this.topic = log.topic
    this.partition = log.partition
    this.rules = rules
    this.#options = options
    this.#log = log
    this.#state = new PartitionState({
      nodeId,
      logStartOffset: log.startOffset,
      logEndOffset: log.appendedEnd,
      highWatermark: log.highWatermark
    })
    this.#acks = new AckQueue(clock)
    const { crc32c } = options.codecs
    this.#follower = new FollowerLog({ ...options, state: this.#state, crc32c, onHighWatermark: () => this.#highWatermarkMoved() })
    this.#reads = new ClientReads({ log, state: this.#state, codecs: options.codecs, errorOf: (epoch) => this.#readError(epoch) })
    this.#replicaReads = new ReplicaReads({ log, onCorruption: ({ fault }) => this.#corrupted(fault.offset) })
    this.#deletions = new Deletions({ ...options, state: this.#state, errorOf: () => this.#leaderError(-1), onStart: () => this.listener.moved(this) })
    log.onDurable = (durableEnd) => this.#durable(durableEnd)
    log.onFailed = () => this.#failed()
  }

  get leaderEpoch(): number {
    return this.#state.leaderEpoch
  }

  get partitionEpoch(): number {
    return this.#state.partitionEpoch
  }

  get leader(): number {
    return this.#state.leader
  }

  get hasOpenProposal(): boolean {
    return this.#state.hasOpenProposal
  }

  get isr(): ReadonlyArray<number> {
    return this.#state.isr
  }

  /** A replica that left this node leads nothing, whatever it did last. */
  get isLeader(): boolean {
    return this.#state.isLeader && this.#closedWith === undefined
  }

  /** False where another replica leads, or may lead by now. */
  get mayLead(): boolean {
    return this.#leaderError(-1) !== ErrorCode.NOT_LEADER_OR_FOLLOWER
  }

  get isFollower(): boolean {
    return this.#state.role === "follower" && this.#closedWith === undefined
  }

  get logStartOffset(): number {
    return this.#log.startOffset
  }

  get highWatermark(): number {
    return this.#state.highWatermark
  }

  /** False while too few replicas are in sync for acks=all. */
  get canAcceptAcksAll(): boolean { return this.#state.canAcceptAcksAll }

  get log(): PartitionLog {
    return this.#log
  }

  /** The metadata names this node as leader. A new epoch starts where the log ends. */
  lead(view: PartitionView): void {
    const before = this.#state.leaderEpoch
    const moved = this.#state.becomeLeader(view, this.#options.clock.monotonicMillis())
    if (this.#state.leaderEpoch !== before && !this.#startEpoch()) return
    if (moved) this.#highWatermarkMoved()
    this.#deletions.settle()
    this.listener.roleChanged(this)
  }

  /** False: the disk takes nothing, so this replica does not lead before the node has begun a new uptime. */
  #startEpoch(): boolean {
    const canWrite = this.#options.writeGate.isUsable
    if (canWrite) this.#log.startEpoch(this.#state.leaderEpoch)
    else this.#failed()
    return canWrite
  }

  /** The metadata names another node as leader. */
  follow(view: PartitionView): void {
    this.#step(view)
  }

  /** Nobody leads. */
  resign(view: PartitionView): void {
    this.#step(view)
  }

  /** Whatever the role was: the log stays, and whoever waits here for a leader's answer is told to look for the new one. */
  #step(view: PartitionView): void {
    const before = this.#state.leaderEpoch
    if (!this.#state.becomeFollower(view)) return
    if (this.#state.leaderEpoch !== before) this.#follower.begin()
    this.#dismiss(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    this.listener.roleChanged(this)
  }

  #dismiss(errorCode: number): void {
    this.#acks.fail(errorCode)
    this.#proceed()
    this.#waiters.wake(Infinity)
    this.#deletions.settle()
  }

  /** The node's lease has run out, or was renewed after it had: nobody waits for what this node may not say any more. */
  leaseChanged(): void {
    if (this.#isFenced) this.#dismiss(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  get #isFenced(): boolean {
    return this.#options.isFenced?.() === true
  }

  /** NONE when this replica may act as the leader in this epoch (-1: whichever it is). */
  #leaderError(currentLeaderEpoch: number): number {
    if (this.#closedWith !== undefined) return this.#closedWith
    return this.#isFenced ? ErrorCode.NOT_LEADER_OR_FOLLOWER : this.#state.leaderError(currentLeaderEpoch)
  }

  append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    if (this.#stalled.length > 0) this.#stalled.push(() => this.#append(batch, request, done))
    else this.#append(batch, request, done)
  }

  #append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    const { clock, codecs } = this.#options
    const error = this.#leaderError(-1)
    if (error !== ErrorCode.NONE) return done(this.#refusal(error, null))
    const nowMillis = clock.wallMillis()
    const rejection = checkProducedBatches(batch, request.produceVersion, this.rules, nowMillis, codecs.crc32c)
      ?? completeTimestamp(batch, this.rules, nowMillis, codecs)
    if (rejection !== undefined) return done(this.#refusal(rejection.errorCode, rejection.message))
    if (request.acks === acksAll && !this.#state.canAcceptAcksAll) {
      return done(this.#refusal(ErrorCode.NOT_ENOUGH_REPLICAS, null))
    }
    const check = this.#log.producers.check(
      Batch.producerId(batch, 0),
      Batch.producerEpoch(batch, 0),
      Batch.baseSequence(batch, 0),
      Batch.lastSequence(batch, 0)
    )
    if (check.kind === "error") return done(this.#refusal(check.errorCode, null))
    if (check.kind === "duplicate") {
      // With the time of the original, whoever gave it, as Kafka does; and not before its own records are safe.
      return this.#acknowledge(request, check.baseOffset, check.lastOffset + 1, check.timestamp, done)
    }
    if (this.#options.backlog.isFull) this.#stall(() => this.#append(batch, request, done))
    else this.#stage(batch, request, done)
  }

  #stall(append: () => void): void {
    this.#stalled.push(append)
    if (this.#stalled.length === 1) this.#options.backlog.onRoom(() => this.#proceed())
  }

  /** There is room, or the gate has closed and appends are refused: each tries again, in order. */
  #proceed(): void {
    while (this.#stalled.length > 0) {
      if (this.#options.backlog.isFull && this.#leaderError(-1) === ErrorCode.NONE) {
        return this.#options.backlog.onRoom(() => this.#proceed())
      }
      // It leaves the queue last: what its answer brings in has to queue up behind the others.
      this.#stalled[0]!()
      this.#stalled.shift()
    }
  }

  #stage(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    const { clock, codecs } = this.#options
    const baseOffset = this.#log.appendedEnd
    Batch.assign(batch, 0, baseOffset, this.#state.leaderEpoch)
    let logAppendTimeMillis = -1
    if (this.rules.usesLogAppendTime) {
      logAppendTimeMillis = clock.wallMillis()
      Batch.stampLogAppendTime(batch, 0, logAppendTimeMillis, codecs.crc32c)
    }
    if (!this.#log.append(batch)) return done(this.#refusal(ErrorCode.KAFKA_STORAGE_ERROR, null))
    const end = this.#log.appendedEnd
    this.#state.stage(end)
    this.listener.staged(this)
    this.#acknowledge(request, baseOffset, end, logAppendTimeMillis, done)
  }

  #acknowledge(
    request: AppendRequest,
    baseOffset: number,
    end: number,
    logAppendTimeMillis: number,
    done: (outcome: AppendOutcome) => void
  ): void {
    const answer = (errorCode: number) => {
      // Who may have been replaced acknowledges nothing.
      const code = errorCode === ErrorCode.NONE && this.#isFenced ? ErrorCode.NOT_LEADER_OR_FOLLOWER : errorCode
      done({ errorCode: code, errorMessage: null, baseOffset, logAppendTimeMillis, logStartOffset: this.#log.startOffset })
    }
    if (request.acks === 0 || this.#state.isAcknowledged(request.acks, end)) return answer(ErrorCode.NONE)
    const timedEnd = request.timesFlush === true ? end : this.#state.durableEnd
    this.#acks.add({ acks: request.acks, end, answer }, request.timeoutMillis, timedEnd)
  }

  #refusal(errorCode: number, errorMessage: string | null): AppendOutcome {
    const logStartOffset = startlessCodes.has(errorCode) ? -1 : this.#log.startOffset
    return { errorCode, errorMessage, baseOffset: -1, logAppendTimeMillis: -1, logStartOffset }
  }

  /** A flush has returned. Acknowledgements leave after this, never before. */
  #durable(durableEnd: number): void {
    // A replica that has lost what it staged is replaced by a new one, made from what the log still has.
    if (this.hasFailed || this.#closedWith !== undefined) return
    const moved = this.#state.durable(durableEnd)
    // First, so that no time-out begins for what this flush has acknowledged already.
    if (moved) this.#highWatermarkMoved()
    this.#acks.durable(durableEnd)
    if (this.#state.isLeader) this.#deletions.settle()
    else this.listener.flushed(this)
  }

  #highWatermarkMoved(): void {
    const { highWatermark } = this.#state
    this.#log.setHighWatermark(highWatermark)
    this.#acks.committed(highWatermark)
    if (this.#state.isLeader) {
      this.#waiters.wake(highWatermark)
      this.listener.moved(this)
    } else this.#follower.followStart()
  }

  /** A commit failed: what was staged is gone, and this replica leads no more until it gets a new epoch. */
  #failed(): void {
    this.#state.failed()
    this.#options.logger.error("a commit failed; what was not acknowledged is lost", {
      topic: this.topic,
      partition: this.partition,
      leaderEpoch: this.leaderEpoch,
      durableEnd: this.#log.durableEnd
    })
    this.#acks.fail(ErrorCode.KAFKA_STORAGE_ERROR)
    this.#deletions.settle()
    this.#options.onStorageFailure()
  }

  read(fetchOffset: number, currentLeaderEpoch: number, bytesMax: number, atLeastOne: boolean): ReadOutcome | Promise<ReadOutcome> {
    return this.#reads.read(fetchOffset, currentLeaderEpoch, bytesMax, atLeastOne)
  }

  /** A failed replica still serves what is durable: reads go on while the disk is full. */
  #readError(currentLeaderEpoch: number): number {
    const error = this.#leaderError(currentLeaderEpoch)
    return error === ErrorCode.KAFKA_STORAGE_ERROR && this.hasFailed ? ErrorCode.NONE : error
  }

  readableBytes(fetchOffset: number, currentLeaderEpoch: number): number {
    return this.#reads.readableBytes(fetchOffset, currentLeaderEpoch)
  }

  awaitReadable(offset: number, callback: () => void): () => void {
    return this.#waiters.add(offset, callback)
  }

  offsetForTimestamp(timestamp: number, currentLeaderEpoch: number): TimestampOutcome | Promise<TimestampOutcome> {
    return this.#reads.offsetForTimestamp(timestamp, currentLeaderEpoch)
  }

  endOffsetForEpoch(leaderEpoch: number, currentLeaderEpoch: number): EpochEndOutcome {
    return this.#reads.endOffsetForEpoch(leaderEpoch, currentLeaderEpoch)
  }

  deleteRecords(offset: number, timeoutMillis: number): Promise<DeleteRecordsOutcome> {
    return this.#deletions.delete(offset, timeoutMillis)
  }

  /** Where the log starts, as far as that is flushed. */
  get durableStart(): number {
    return this.#log.durableStart
  }

  /** Follower: where it reads on, undefined in every other role. */
  fetchPosition(): FetchPosition | undefined {
    return this.isFollower ? this.#follower.position : undefined
  }

  /** Follower: batches of the leader, or news of its high watermark and start alone. */
  appendFetched(fetched: Fetched): FetchedOutcome {
    return this.isFollower ? this.#follower.append(fetched) : "stale"
  }

  /** Follower: the leader says where the logs part. */
  diverged(leaderEpoch: number, diverging: EpochEndOffset): FetchedOutcome {
    return this.isFollower ? this.#follower.diverged(leaderEpoch, diverging) : "stale"
  }

  /** Follower: the leader's log starts above the end of this one. */
  startAt(leaderEpoch: number, offset: number): FetchedOutcome {
    return this.isFollower ? this.#follower.startAt(leaderEpoch, offset) : "stale"
  }

  /** Follower: its damaged log is emptied, to be fetched again from `offset` on. */
  startAfresh(leaderEpoch: number, offset: number): FetchedOutcome {
    const outcome = this.isFollower ? this.#follower.startAfresh(leaderEpoch, offset) : "stale"
    if (outcome === "appended") this.listener.restarted(this)
    return outcome
  }

  /** Follower: calls back once, when what found the backlog full may be tried again. */
  onRoom(callback: () => void): void {
    this.#options.backlog.onRoom(callback)
  }

  /** Leader: a follower fetches. */
  fetchedBy(fetch: FollowerFetch): FetchOutcome {
    if (this.#closedWith !== undefined) return { kind: "ignored" }
    const outcome = this.#state.followerFetched(fetch, this.#log.epochs)
    if (outcome.kind === "accepted" && outcome.highWatermarkMoved) this.#highWatermarkMoved()
    this.#deletions.settle()
    return outcome
  }

  /** Leader: a follower's flush returned; see `PartitionState.followerAcknowledged`. */
  acknowledgedBy(ack: Pick<FollowerFetch, "nodeId" | "brokerEpoch" | "leaderEpoch" | "durableEnd" | "nowMillis">): void {
    if (this.#closedWith === undefined && this.#state.followerAcknowledged(ack)) this.#highWatermarkMoved()
  }

  /** Leader: whole batches up to the end of the log. */
  readForReplica(fetchOffset: number, bytesMax: number, atLeastOne: boolean): ReplicaRead | Promise<ReplicaRead> {
    return this.#replicaReads.read(fetchOffset, bytesMax, atLeastOne)
  }

  #corrupted(offset: number): void {
    this.#options.logger.error("a batch on the disk is damaged; it is not served", { topic: this.topic, partition: this.partition, offset })
    this.#options.onCorruption?.(this, offset)
  }

  /** Leader: the in-sync replicas it wants, where they differ from those it has. */
  proposeIsr(nowMillis: number, lagMillisMax: number): IsrProposal | undefined {
    return this.#closedWith === undefined && !this.#isFenced ? this.#state.proposeIsr(nowMillis, lagMillisMax) : undefined
  }

  /** Leader: the controller will not apply what was proposed at this partition epoch. */
  isrRefused(partitionEpoch: number): void {
    if (this.#state.isrRefused(partitionEpoch)) this.#highWatermarkMoved()
    this.#deletions.settle()
  }

  /** Leader: this process slept until now, so that nobody could fetch from it. */
  stalled(stalledMillis: number): void {
    this.#state.stalled(stalledMillis, this.#options.clock.monotonicMillis())
  }

  /** A commit failed: only a new replica, made from what the log still has, can lead. */
  get hasFailed(): boolean {
    return this.#state.role === "failed"
  }

  /** The replica leaves this node or the topic is deleted: whoever waits hears of it now. */
  close(errorCode: number): void {
    this.#closedWith = errorCode
    this.#dismiss(errorCode)
    this.listener.roleChanged(this)
  }
}
