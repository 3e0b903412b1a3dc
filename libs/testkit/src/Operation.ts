/**
 * - `send`: records that a producer sent, in the order of the calls; several when they travelled as one call.
 * - `poll`: records that a consumer got from one call, in the order in which it got them.
 * - `txn`: one transaction; its records are sends and polls in the order in which they happened.
 * - `assign`: the partitions of a consumer from now on, all of them, in `keys`. A group's assignment names group and generation.
 * - `seek`: positions that were moved by hand.
 * - `commit`, `committed`: offsets that a group committed, and that it was told are committed.
 * - `offsets`: marks that a client asked for, such as the end of a partition.
 * - `drain`: one partition was read from its start to its end, by `poll`s with `isDrain`; its marks say from where to where.
 * - `fault`: something was done to the cluster.
 */
export type OperationKind = "send" | "poll" | "txn" | "assign" | "seek" | "commit" | "committed" | "offsets" | "drain" | "fault"

/** Took effect; certainly did not; or nobody knows. */
export type Outcome = "ok" | "fail" | "info"

export interface OperationRecord {
  /** Which half of a transaction this is; elsewhere the operation says it. */
  readonly step?: "send" | "poll"
  /** `topic/partition`. */
  readonly key: string
  /** -1 where nobody knows. */
  readonly offset: number
  /** No two sends of a history have the same value. */
  readonly value: string
}

/**
 * An offset that is no record. `end` is what a lookup of the latest offset answers, `highWatermark` and `lastStable` stand in an
 * answer to a fetch, `committed` belongs to a group, `position` to a seek; `start` and `control` (offsets that hold no data,
 * `count` of them from `offset` on) are found by a drain.
 */
export interface OffsetMark {
  readonly kind: "start" | "end" | "highWatermark" | "lastStable" | "committed" | "control" | "position"
  readonly key: string
  readonly offset: number
  readonly count?: number
  /** The epoch of the leader that said so. */
  readonly leaderEpoch?: number
}

/** What the checker wants to know besides; everything else that stands here is kept and left alone. */
export interface OperationMeta {
  /** Of a send; default "all". */
  readonly acks?: "all" | 0 | 1
  /** Of a send: repetitions store it once. */
  readonly isIdempotent?: boolean
  /** Of an assignment: by hand, which is the default, or by a group. */
  readonly mode?: "assign" | "subscribe"
  readonly isolation?: "read_committed" | "read_uncommitted"
  readonly group?: string
  readonly generation?: number
  /** Of an assignment: where the group begins that has committed nothing; default earliest. */
  readonly reset?: "earliest" | "latest"
  readonly isDrain?: boolean
  readonly [name: string]: unknown
}

/** One thing that one process did to the cluster, from the call to the answer. */
export interface Operation {
  /** Who: a producer, or one consumer from its start to its end. Unique in the history. */
  readonly process: string
  readonly f: OperationKind
  readonly type: Outcome
  /** Monotonic time, the same clock for the whole history. */
  readonly invokeMillis: number
  /** Of an `info` operation, when waiting ended: it may take effect later still. */
  readonly completeMillis: number
  /**
   * Places of the beginning and of the end in the order of everything that happened: exact where milliseconds are equal. The end of
   * what is still under way stands at `Number.MAX_SAFE_INTEGER`, and its `completeMillis` is its beginning.
   */
  readonly invokeIndex: number
  readonly completeIndex: number
  readonly records: ReadonlyArray<OperationRecord>
  readonly marks: ReadonlyArray<OffsetMark>
  /** Partitions that are meant as a whole. */
  readonly keys: ReadonlyArray<string>
  /** Kafka's code of a failure, and what it is called; only the name where the client, not a broker, reported it. */
  readonly errorCode?: number
  readonly error?: string
  readonly meta: OperationMeta
}
