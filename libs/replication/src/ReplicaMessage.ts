import type { EpochEndOffset } from "./LeaderEpochs.ts"

/** One uptime of one node. */
export interface Incarnation {
  readonly nodeId: number
  readonly brokerEpoch: number
}

/**
 * What every message between two replicas' nodes says of itself. The bus may lose, repeat, delay and reorder: a message that
 * is not of this cluster, of these two incarnations and of the session that runs is dropped.
 */
export interface ReplicaEnvelope {
  readonly clusterName: string
  readonly from: Incarnation
  readonly to: Incarnation
  /** Chosen by the follower; each new session of one incarnation has a higher one. */
  readonly sessionId: number
  /** The number of the poll within its session: of this one, or of the one that is answered. */
  readonly sequence: number
}

/** Where a follower stands in one partition. */
export interface FetchPosition {
  readonly leaderEpoch: number
  /** Where it reads on: the end of what its log has taken. */
  readonly fetchOffset: number
  /** The epoch of its last batch, -1 when it has none. */
  readonly lastFetchedEpoch: number
  /** Its acknowledgement: up to here its flushes have returned. */
  readonly durableEnd: number
  /** Where its log starts, as far as that is flushed. */
  readonly logStartOffset: number
}

export interface PartitionName {
  readonly topicId: string
  readonly partition: number
}

/** One partition of a poll. A slot is named when it is new to the session; slots are not used again within one. */
export interface FetchEntry extends FetchPosition {
  readonly slot: number
  readonly name: PartitionName | undefined
  /** The bytes of the batch at `fetchOffset` that came already; above 0 only for a batch that is larger than a message. */
  readonly fragmentPosition: number
}

/** `full` opens a session; `incremental` has what changed since the poll before it. It replaces a poll that is parked. */
export interface PollMessage extends ReplicaEnvelope {
  readonly kind: "full" | "incremental"
  /** Over all slots as this poll leaves them; both sides keep it. */
  readonly checksum: number
  readonly waitMillis: number
  readonly bytesMax: number
  readonly entries: ReadonlyArray<FetchEntry>
  readonly forgotten: ReadonlyArray<number>
}

export interface AckEntry {
  readonly slot: number
  readonly leaderEpoch: number
  readonly durableEnd: number
}

/** Flushes have returned while a poll is on its way. Says nothing that the next poll does not say too. */
export interface AckMessage extends ReplicaEnvelope {
  readonly kind: "ack"
  readonly entries: ReadonlyArray<AckEntry>
}

/** From a follower to a leader. */
export type FetchMessage = PollMessage | AckMessage

/** One partition of a piece. `batches` go to the end of a log that ends at `baseOffset` with a batch of `prevEpoch`, nowhere else. */
export interface BatchesEntry {
  readonly slot: number
  readonly leaderEpoch: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly logStartOffset: number
  /** The logs part here; no batches come with it. */
  readonly diverging: EpochEndOffset | undefined
  readonly baseOffset: number
  /** -1 when the follower named none. */
  readonly prevEpoch: number
  /** `batches` are not whole batches but a part of the one at `baseOffset`. */
  readonly fragment: { readonly position: number; readonly totalBytes: number } | undefined
  /** By reference; one view after decoding. */
  readonly batches: ReadonlyArray<Buffer>
}

/** A part of the answer to a poll. Each piece can be appended as it comes. */
export interface PieceMessage extends ReplicaEnvelope {
  readonly kind: "piece"
  /** The poll that was answered before this one, 0 for none: polls that were replaced have no answer. */
  readonly previousSequence: number
  readonly pieceIndex: number
  readonly isLast: boolean
  readonly entries: ReadonlyArray<BatchesEntry>
}

/** The leader does not know this session, or not as the follower does: the follower opens another. */
export interface ResyncMessage extends ReplicaEnvelope {
  readonly kind: "resync"
}

/** From a leader to a follower. */
export type BatchesMessage = PieceMessage | ResyncMessage
