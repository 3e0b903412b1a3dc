import type { EpochEndOutcome, ReadOutcome, TimestampOutcome } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { CorruptLogError, type LogRead, OffsetOutOfRangeError, type PartitionLog, StoreError } from "@tailrace/log"
import { CorruptRecordError, DecompressionError, type RecordCodecs } from "@tailrace/record"
import type { PartitionState } from "@tailrace/replication"

export interface ClientReadsOptions {
  readonly log: PartitionLog
  readonly state: PartitionState
  readonly codecs: RecordCodecs
  /** NONE when this replica may answer a client that knows this leader epoch (-1: none). */
  readonly errorOf: (currentLeaderEpoch: number) => number
}

const earliest = -2
const latest = -1
const ofMaxTimestamp = -3
const earliestLocal = -4

/** What clients read of a partition that is led here. They see nothing at or above the high watermark. */
export class ClientReads {
  readonly #options: ClientReadsOptions

  constructor(options: ClientReadsOptions) {
    this.#options = options
  }

  /** As `PartitionRef` says. */
  read(fetchOffset: number, currentLeaderEpoch: number, bytesMax: number, atLeastOne: boolean): ReadOutcome | Promise<ReadOutcome> {
    const { errorOf, log, state } = this.#options
    const error = errorOf(currentLeaderEpoch)
    if (error !== ErrorCode.NONE) return this.#outcome(error, nothing)
    const { appendedEnd, startOffset } = log
    if (fetchOffset < startOffset || fetchOffset > appendedEnd) {
      return this.#outcome(ErrorCode.OFFSET_OUT_OF_RANGE, nothing)
    }
    const { highWatermark } = state
    if (fetchOffset >= highWatermark || bytesMax <= 0 && !atLeastOne) return this.#outcome(ErrorCode.NONE, nothing)
    const read = log.read(fetchOffset, bytesMax, highWatermark, atLeastOne)
    if (!(read instanceof Promise)) return this.#outcome(ErrorCode.NONE, read)
    return read.then((result) => {
      // Others may lead since the read began, and may have cut what was read.
      const later = errorOf(currentLeaderEpoch)
      return this.#outcome(later, later === ErrorCode.NONE ? result : nothing)
    }, (cause: unknown) => this.#failed(cause))
  }

  /** As `PartitionRef` says. */
  readableBytes(fetchOffset: number, currentLeaderEpoch: number): number {
    const { errorOf, log, state } = this.#options
    if (errorOf(currentLeaderEpoch) !== ErrorCode.NONE || fetchOffset < log.startOffset || fetchOffset > log.appendedEnd) return Infinity
    return log.bytesInMemory(fetchOffset, state.highWatermark)
  }

  /** The log's start has passed the offset while the read waited for the disk, or the disk cannot be read. */
  #failed(cause: unknown): ReadOutcome {
    if (cause instanceof OffsetOutOfRangeError) return this.#outcome(ErrorCode.OFFSET_OUT_OF_RANGE, nothing)
    if (isStorageError(cause)) return this.#outcome(ErrorCode.KAFKA_STORAGE_ERROR, nothing)
    throw cause
  }

  offsetForTimestamp(timestamp: number, currentLeaderEpoch: number): TimestampOutcome | Promise<TimestampOutcome> {
    const { codecs, errorOf, log, state } = this.#options
    const error = errorOf(currentLeaderEpoch)
    if (error !== ErrorCode.NONE) return { errorCode: error, offset: -1, timestamp: -1, leaderEpoch: -1 }
    const { highWatermark, isHighWatermarkCurrent } = state
    const notAvailable = isHighWatermarkCurrent ? notFound : { ...notFound, errorCode: ErrorCode.OFFSET_NOT_AVAILABLE }
    if (timestamp === latest) {
      if (!isHighWatermarkCurrent) return notAvailable
      // What comes there will be of this epoch or a later one.
      return { errorCode: ErrorCode.NONE, offset: highWatermark, timestamp: -1, leaderEpoch: state.leaderEpoch }
    }
    if (timestamp === earliest || timestamp === earliestLocal) return this.#found(log.startOffset, -1)
    // A record at or above the high watermark does not exist yet for a client. Where that lags it may have been acknowledged, and be the
    // one that is asked for: as in Kafka the whole log is searched then, and what is found there is told later.
    const end = isHighWatermarkCurrent ? highWatermark : log.appendedEnd
    const found = timestamp === ofMaxTimestamp ? log.maxTimestampOffset(codecs, end) : log.offsetForTimestamp(timestamp, codecs, end)
    return found.then((it) => {
      const later = errorOf(currentLeaderEpoch)
      if (later !== ErrorCode.NONE) return { ...notFound, errorCode: later }
      return it === undefined || it.offset >= highWatermark ? notAvailable : this.#found(it.offset, it.timestamp)
    }, (cause: unknown) => {
      // The log's start has passed the place of the search while it waited for the disk: begin at the new one.
      if (cause instanceof OffsetOutOfRangeError) return this.offsetForTimestamp(timestamp, currentLeaderEpoch)
      if (isStorageError(cause)) return { ...notFound, errorCode: ErrorCode.KAFKA_STORAGE_ERROR }
      // Batches are taken with the records that their producer compressed, unseen. Kafka's broker answers this too where it cannot open
      // them; CORRUPT_MESSAGE would make its admin client ask again until its time is up.
      if (isUnreadable(cause)) return { ...notFound, errorCode: ErrorCode.UNKNOWN_SERVER_ERROR }
      throw cause
    })
  }

  endOffsetForEpoch(leaderEpoch: number, currentLeaderEpoch: number): EpochEndOutcome {
    const { errorOf, log } = this.#options
    const errorCode = errorOf(currentLeaderEpoch)
    if (errorCode !== ErrorCode.NONE) return { errorCode, leaderEpoch: -1, endOffset: -1 }
    return { errorCode, ...log.epochs.endOffsetFor(leaderEpoch, log.appendedEnd) }
  }

  #outcome(errorCode: number, read: LogRead): ReadOutcome {
    const { log, state } = this.#options
    return {
      errorCode,
      chunks: read.chunks,
      bytes: read.bytes,
      highWatermark: state.highWatermark,
      // Without transactions every committed record is stable.
      lastStableOffset: state.highWatermark,
      logStartOffset: log.startOffset
    }
  }

  #found(offset: number, timestamp: number): TimestampOutcome {
    return { errorCode: ErrorCode.NONE, offset, timestamp, leaderEpoch: this.#options.log.epochs.epochAt(offset) }
  }
}

const nothing: LogRead = { chunks: [], bytes: 0 }
const notFound: TimestampOutcome = { errorCode: ErrorCode.NONE, offset: -1, timestamp: -1, leaderEpoch: -1 }

/** What is damaged is not served; what the disk does not give now may be there later. */
const isStorageError = (cause: unknown): boolean => cause instanceof CorruptLogError || cause instanceof StoreError

/** The batch is what its producer sent, and what it sent holds no records. */
const isUnreadable = (cause: unknown): boolean => cause instanceof CorruptRecordError || cause instanceof DecompressionError
