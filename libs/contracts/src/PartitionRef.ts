/** What happened to one appended batch. Offsets are -1 where the batch was refused. */
export interface AppendOutcome {
  /** Kafka's error code; 0 where the promise of the request's acks holds. */
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly baseOffset: number
  /** -1 unless the topic stamps `LogAppendTime`. */
  readonly logAppendTimeMillis: number
  readonly logStartOffset: number
}

export interface AppendRequest {
  /** 0: nobody waits; 1: after the leader's own flush; -1: after the flush on the in-sync replicas. */
  readonly acks: number
  /** From when acks=-1 gives up waiting for other replicas with REQUEST_TIMED_OUT, behind this node's own flush; the batch stays in the log. */
  readonly timeoutMillis: number
  /** Whether the time runs during this node's own flush too, for who must not wait for a disk that stands still. */
  readonly timesFlush?: boolean
  /** The Produce version that carried the batch: old versions may not carry every codec. */
  readonly produceVersion: number
}

/** Whole batches; the first contains the offset asked for, or begins after it where compaction left a hole. */
export interface ReadOutcome {
  readonly errorCode: number
  /** Frozen bytes: nobody writes to them until the response has left. */
  readonly chunks: ReadonlyArray<Buffer>
  readonly bytes: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
}

export interface TimestampOutcome {
  readonly errorCode: number
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

export interface EpochEndOutcome {
  readonly errorCode: number
  /** The largest epoch of the log that is not above the one asked for; -1 where that is unknown. */
  readonly leaderEpoch: number
  /** The offset after the last record of that epoch. */
  readonly endOffset: number
}

export interface DeleteRecordsOutcome {
  readonly errorCode: number
  /** Where the log starts from now on, at least; -1 with an error. */
  readonly lowWatermark: number
}

/**
 * One partition as its clients see it. The calls are synchronous and local: they hand bytes over without
 * serialization and cost no Effect. A call to a partition that is not led here answers
 * NOT_LEADER_OR_FOLLOWER.
 */
export interface PartitionRef {
  readonly topicId: string
  readonly topic: string
  readonly partition: number
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly highWatermark: number
  /**
   * Appends one record batch. `batch` is frozen from here until `done`; offsets and epoch are written into it.
   * `done` is called exactly once, never inside this call unless the batch was refused or acks is 0.
   */
  append(batch: Buffer, request: AppendRequest, done: (outcome: AppendOutcome) => void): void
  /**
   * Reads up to `bytesMax` bytes below the high watermark. With `atLeastOne` the first batch is returned
   * whole even where it is larger (KIP-74). `currentLeaderEpoch` -1 skips the check of the epoch (KIP-320).
   */
  read(
    fetchOffset: number,
    currentLeaderEpoch: number,
    bytesMax: number,
    atLeastOne: boolean
  ): ReadOutcome | Promise<ReadOutcome>
  /**
   * How many bytes a read finds at present where nothing bounds it, without reading them; Infinity where that takes a read, or where it would be
   * refused.
   */
  readableBytes(fetchOffset: number, currentLeaderEpoch: number): number
  /**
   * Calls back once, when a record at or above `offset` becomes readable or the partition stops being led here.
   * The returned function cancels.
   */
  awaitReadable(offset: number, callback: () => void): () => void
  /** ListOffsets: -1 latest, -2 and -4 earliest, -3 of the greatest timestamp, otherwise the first at or after it. */
  offsetForTimestamp(
    timestamp: number,
    currentLeaderEpoch: number
  ): TimestampOutcome | Promise<TimestampOutcome>
  /** OffsetForLeaderEpoch: how far a client that read in `leaderEpoch` may trust what it has (KIP-320). */
  endOffsetForEpoch(leaderEpoch: number, currentLeaderEpoch: number): EpochEndOutcome
  /**
   * Moves the log start offset to `offset`, or to the high watermark for -1; resolves when that is durable on all in-sync replicas. After
   * `timeoutMillis` it gives up waiting with REQUEST_TIMED_OUT; the records are deleted all the same.
   */
  deleteRecords(offset: number, timeoutMillis: number): Promise<DeleteRecordsOutcome>
}
