import type {
  AppendOutcome,
  AppendRequest,
  DeleteRecordsOutcome,
  EpochEndOutcome,
  PartitionRef,
  ReadOutcome,
  TimestampOutcome
} from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { type Backlog, type LogRead, OffsetOutOfRangeError, type PartitionLog, type WriteGate } from "@tailrace/log"
import { Batch, type RecordCodecs } from "@tailrace/record"
import { checkProducedBatches, PartitionState, type PartitionView, type ProduceRules } from "@tailrace/replication"
import type { Clock, Logger } from "@tailrace/runtime"
import { AckQueue } from "./internal/AckQueue.ts"
import { ReadableWaiters } from "./internal/ReadableWaiters.ts"

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
}

const acksAll = -1
const earliest = -2
const latest = -1
const ofMaxTimestamp = -3
const earliestLocal = -4
/** DeleteRecords: everything that consumers can see. */
const upToHighWatermark = -1

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
  readonly #log: PartitionLog
  readonly #state: PartitionState
  readonly #options: PartitionActorOptions
  readonly #acks: AckQueue
  readonly #waiters = new ReadableWaiters()
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
    log.onDurable = (durableEnd) => this.#durable(durableEnd)
    log.onFailed = () => this.#failed()
  }

  get leaderEpoch(): number {
    return this.#state.leaderEpoch
  }

  get logStartOffset(): number {
    return this.#log.startOffset
  }

  get highWatermark(): number {
    return this.#state.highWatermark
  }

  get log(): PartitionLog {
    return this.#log
  }

  /** The metadata names this node as leader. A new epoch starts where the log ends. */
  lead(view: PartitionView): void {
    const before = this.#state.leaderEpoch
    const moved = this.#state.becomeLeader(view, this.#options.clock.monotonicMillis())
    if (this.#state.leaderEpoch !== before) this.#log.startEpoch(view.leaderEpoch)
    if (moved) this.#highWatermarkMoved()
  }

  append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    if (this.#stalled.length > 0) this.#stalled.push(() => this.#append(batch, request, done))
    else this.#append(batch, request, done)
  }

  #append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void {
    const { clock, codecs } = this.#options
    const error = this.#closedWith ?? this.#state.leaderError(-1)
    if (error !== ErrorCode.NONE) return done(this.#refusal(error, null))
    const rejection = checkProducedBatches(batch, request.produceVersion, this.rules, clock.wallMillis(), codecs.crc32c)
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
      // Like the original: with the time it was stamped with, and not before its own records are safe.
      const logAppendTimeMillis = this.rules.usesLogAppendTime ? check.timestamp : -1
      return this.#acknowledge(request, check.baseOffset, check.lastOffset + 1, logAppendTimeMillis, done)
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
      if (this.#options.backlog.isFull && this.#closedWith === undefined && !this.hasFailed) {
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
    this.#acknowledge(request, baseOffset, end, logAppendTimeMillis, done)
  }

  #acknowledge(
    request: AppendRequest,
    baseOffset: number,
    end: number,
    logAppendTimeMillis: number,
    done: (outcome: AppendOutcome) => void
  ): void {
    const answer = (errorCode: number) =>
      done({ errorCode, errorMessage: null, baseOffset, logAppendTimeMillis, logStartOffset: this.#log.startOffset })
    if (request.acks === 0 || this.#state.isAcknowledged(request.acks, end)) return answer(ErrorCode.NONE)
    this.#acks.add({ acks: request.acks, end, answer }, request.timeoutMillis)
  }

  #refusal(errorCode: number, errorMessage: string | null): AppendOutcome {
    return { errorCode, errorMessage, baseOffset: -1, logAppendTimeMillis: -1, logStartOffset: this.#log.startOffset }
  }

  /** A flush has returned. Acknowledgements leave after this, never before. */
  #durable(durableEnd: number): void {
    // A replica that has lost what it staged is replaced by a new one, made from what the log still has.
    if (this.hasFailed || this.#closedWith !== undefined) return
    const moved = this.#state.durable(durableEnd)
    this.#acks.durable(durableEnd)
    if (moved) this.#highWatermarkMoved()
  }

  #highWatermarkMoved(): void {
    const { highWatermark } = this.#state
    this.#log.setHighWatermark(highWatermark)
    this.#acks.committed(highWatermark)
    this.#waiters.wake(highWatermark)
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
    this.#options.onStorageFailure()
  }

  read(
    fetchOffset: number,
    currentLeaderEpoch: number,
    bytesMax: number,
    atLeastOne: boolean
  ): ReadOutcome | Promise<ReadOutcome> {
    const error = this.#readError(currentLeaderEpoch)
    if (error !== ErrorCode.NONE) return this.#outcome(error, nothing)
    const { appendedEnd, startOffset } = this.#log
    if (fetchOffset < startOffset || fetchOffset > appendedEnd) {
      return this.#outcome(ErrorCode.OFFSET_OUT_OF_RANGE, nothing)
    }
    const { highWatermark } = this.#state
    if (fetchOffset >= highWatermark || bytesMax <= 0 && !atLeastOne) return this.#outcome(ErrorCode.NONE, nothing)
    const read = this.#log.read(fetchOffset, bytesMax, highWatermark, atLeastOne)
    return read instanceof Promise
      ? read.then((result) => this.#outcome(ErrorCode.NONE, result), (cause: unknown) => this.#overtaken(cause))
      : this.#outcome(ErrorCode.NONE, read)
  }

  /** The log's start has passed the offset while the read waited for the disk. */
  #overtaken(cause: unknown): ReadOutcome {
    if (cause instanceof OffsetOutOfRangeError) return this.#outcome(ErrorCode.OFFSET_OUT_OF_RANGE, nothing)
    throw cause
  }

  /** A failed replica still serves what is durable: reads go on while the disk is full. */
  #readError(currentLeaderEpoch: number): number {
    if (this.#closedWith !== undefined) return this.#closedWith
    return this.#state.role === "failed" ? ErrorCode.NONE : this.#state.leaderError(currentLeaderEpoch)
  }

  #outcome(errorCode: number, read: LogRead): ReadOutcome {
    const { highWatermark } = this.#state
    return {
      errorCode,
      chunks: read.chunks,
      bytes: read.bytes,
      highWatermark,
      // Without transactions every committed record is stable.
      lastStableOffset: highWatermark,
      logStartOffset: this.#log.startOffset
    }
  }

  awaitReadable(offset: number, callback: () => void): () => void {
    return this.#waiters.add(offset, callback)
  }

  offsetForTimestamp(timestamp: number, currentLeaderEpoch: number): TimestampOutcome | Promise<TimestampOutcome> {
    const error = this.#readError(currentLeaderEpoch)
    if (error !== ErrorCode.NONE) return { errorCode: error, offset: -1, timestamp: -1, leaderEpoch: -1 }
    const { highWatermark } = this.#state
    if (timestamp === latest) {
      if (!this.#state.isHighWatermarkCurrent) return { ...notFound, errorCode: ErrorCode.OFFSET_NOT_AVAILABLE }
      return this.#found(highWatermark, -1)
    }
    if (timestamp === earliest || timestamp === earliestLocal) return this.#found(this.#log.startOffset, -1)
    // A record at or above the high watermark does not exist yet for a client.
    const found = timestamp === ofMaxTimestamp
      ? this.#log.maxTimestampOffset(this.#options.codecs, highWatermark)
      : this.#log.offsetForTimestamp(timestamp, this.#options.codecs, highWatermark)
    return found.then((it) => it === undefined ? notFound : this.#found(it.offset, it.timestamp), (cause: unknown) => {
      // The log's start has passed the place of the search while it waited for the disk: begin at the new one.
      if (cause instanceof OffsetOutOfRangeError) return this.offsetForTimestamp(timestamp, currentLeaderEpoch)
      throw cause
    })
  }

  endOffsetForEpoch(leaderEpoch: number, currentLeaderEpoch: number): EpochEndOutcome {
    const errorCode = this.#readError(currentLeaderEpoch)
    if (errorCode !== ErrorCode.NONE) return { errorCode, leaderEpoch: -1, endOffset: -1 }
    return { errorCode, ...this.#log.epochs.endOffsetFor(leaderEpoch, this.#log.appendedEnd) }
  }

  async deleteRecords(offset: number): Promise<DeleteRecordsOutcome> {
    const refused = (errorCode: number): DeleteRecordsOutcome => ({ errorCode, lowWatermark: -1 })
    const error = this.#closedWith ?? this.#state.leaderError(-1)
    if (error !== ErrorCode.NONE) return refused(error)
    if (this.#log.config.cleanupPolicy === "compact") return refused(ErrorCode.POLICY_VIOLATION)
    const start = offset === upToHighWatermark ? this.#state.highWatermark : offset
    if (start < 0 || start > this.#state.highWatermark) return refused(ErrorCode.OFFSET_OUT_OF_RANGE)
    const { reason } = this.#options.writeGate
    if (reason === "failed" || reason === "closed") return refused(ErrorCode.KAFKA_STORAGE_ERROR)
    this.#log.advanceStartOffset(start)
    this.#state.advanceStart(start)
    try {
      await this.#log.whenDurable()
    } catch {
      // The commit failed: whether the start moved shows when the disk is back.
      return refused(ErrorCode.KAFKA_STORAGE_ERROR)
    }
    return { errorCode: ErrorCode.NONE, lowWatermark: this.#log.startOffset }
  }

  #found(offset: number, timestamp: number): TimestampOutcome {
    const leaderEpoch = this.#log.epochs.epochAt(offset)
    return { errorCode: ErrorCode.NONE, offset, timestamp, leaderEpoch: leaderEpoch ?? this.#state.leaderEpoch }
  }

  /** A commit failed: only a new replica, made from what the log still has, can lead. */
  get hasFailed(): boolean {
    return this.#state.role === "failed"
  }

  /** The replica leaves this node or the topic is deleted: whoever waits hears of it now. */
  close(errorCode: number): void {
    this.#closedWith = errorCode
    this.#acks.fail(errorCode)
    this.#proceed()
    this.#waiters.wake(Infinity)
  }
}

const nothing: LogRead = { chunks: [], bytes: 0 }
const notFound: TimestampOutcome = { errorCode: ErrorCode.NONE, offset: -1, timestamp: -1, leaderEpoch: -1 }
