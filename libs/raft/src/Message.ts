import type { Entry } from "./Entry.ts"
import type { NodeKey } from "./NodeKey.ts"
import type { Snapshot } from "./Snapshot.ts"

/** On every message. A message of another cluster, or to another directory, is dropped. */
export interface Envelope {
  readonly clusterId: string
  readonly from: NodeKey
  readonly to: NodeKey
  /** The sender's term; on pre-vote requests and their grants the term that would be campaigned for. */
  readonly term: number
}

/** `lastTerm` and `endOffset` say how far the candidate's log reaches. */
export interface PreVoteRequest extends Envelope {
  readonly kind: "preVoteRequest"
  readonly lastTerm: number
  readonly endOffset: number
}

export interface PreVoteResponse extends Envelope {
  readonly kind: "preVoteResponse"
  readonly isGranted: boolean
}

export interface VoteRequest extends Envelope {
  readonly kind: "voteRequest"
  readonly lastTerm: number
  readonly endOffset: number
  /** The leader asked for this election, so its followers need not wait until they miss it. */
  readonly isTransfer: boolean
}

export interface VoteResponse extends Envelope {
  readonly kind: "voteResponse"
  readonly isGranted: boolean
}

/** Entries that follow `prevOffset`, where the entry before ended in `prevTerm`. */
export interface AppendRequest extends Envelope {
  readonly kind: "appendRequest"
  readonly prevOffset: number
  readonly prevTerm: number
  /** The leader's high watermark. */
  readonly commit: number
  readonly entries: ReadonlyArray<Entry>
}

/** The log of the sender agrees with the leader's below `matchOffset`, durably. */
export interface AppendAccepted extends Envelope {
  readonly kind: "appendAccepted"
  readonly matchOffset: number
}

/** The sender has nothing that ends at `rejectedOffset` in the right term; both may agree up to `hintOffset`. */
export interface AppendRejected extends Envelope {
  readonly kind: "appendRejected"
  readonly rejectedOffset: number
  readonly hintOffset: number
  readonly hintTerm: number
}

/** `round` grows with every broadcast of one term: what confirms reads. */
export interface HeartbeatRequest extends Envelope {
  readonly kind: "heartbeatRequest"
  readonly commit: number
  readonly round: number
}

export interface HeartbeatResponse extends Envelope {
  readonly kind: "heartbeatResponse"
  readonly round: number
  /** Where the sender's log ends, durably. */
  readonly endOffset: number
}

export interface SnapshotRequest extends Envelope {
  readonly kind: "snapshotRequest"
  readonly snapshot: Snapshot
  readonly position: number
  readonly data: Uint8Array
}

/** Asks for the bytes from `position` on. The end of a transfer is told by `appendAccepted`. */
export interface SnapshotResponse extends Envelope {
  readonly kind: "snapshotResponse"
  readonly endOffset: number
  readonly position: number
}

/** The leader asks for an election that the receiver should win. */
export interface TimeoutNow extends Envelope {
  readonly kind: "timeoutNow"
}

/** `incarnation` and `batch` come back, so that an answer to an earlier life of the sender is not taken for one. */
export interface ReadRequest extends Envelope {
  readonly kind: "readRequest"
  readonly incarnation: number
  readonly batch: number
}

export interface ReadResponse extends Envelope {
  readonly kind: "readResponse"
  readonly incarnation: number
  readonly batch: number
  /** Undefined: refused. */
  readonly offset: number | undefined
}

/** A node that hears no leader asks to follow the log. */
export interface ObserveRequest extends Envelope {
  readonly kind: "observeRequest"
  readonly endOffset: number
}

/** Who leads in `term`, as far as the sender knows. */
export interface ObserveResponse extends Envelope {
  readonly kind: "observeResponse"
  readonly leader: NodeKey | undefined
}

export type Message =
  | PreVoteRequest | PreVoteResponse | VoteRequest | VoteResponse
  | AppendRequest | AppendAccepted | AppendRejected | HeartbeatRequest | HeartbeatResponse
  | SnapshotRequest | SnapshotResponse | TimeoutNow | ReadRequest | ReadResponse | ObserveRequest | ObserveResponse
