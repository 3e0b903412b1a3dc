import type { Entry } from "./Entry.ts"
import type { Message } from "./Message.ts"
import type { HardState } from "./RaftStorage.ts"
import type { Snapshot, SnapshotChunk } from "./Snapshot.ts"

/** One atomic, durable write, in the order of the fields. */
export interface Persist {
  readonly hardState: HardState | undefined
  /** Pieces of a snapshot that is not in force yet. May be lost in a crash, as a suffix. */
  readonly snapshotChunks: ReadonlyArray<SnapshotChunk>
  /** The pieces are complete: the snapshot is in force, the log is empty and goes on at its end. */
  readonly installSnapshot: Snapshot | undefined
  /** The log ends here. */
  readonly truncateTo: number | undefined
  /** They follow the end of the log. */
  readonly entries: ReadonlyArray<Entry>
  /** What lies below is no longer needed. */
  readonly logStartOffset: number | undefined
  /** Worth keeping, not worth a flush. */
  readonly highWatermark: number
  /** Whether there is anything that has to be flushed before messages leave. */
  readonly mustFlush: boolean
}

export interface ReadResult {
  readonly requestId: number
  /** The state machine may answer once it has applied everything below. Undefined: refused, ask again. */
  readonly offset: number | undefined
}

/**
 * What has to be done, in this order: persist, send, apply, then `advance`. Inputs may go on meanwhile.
 *
 * Nothing in `messages` may leave before `persist` is durable: grants, candidacies and acknowledgements promise it.
 * `early` promises nothing and may leave at once, so that a leader and its followers flush at the same time.
 */
export interface Ready {
  readonly early: ReadonlyArray<Message>
  readonly persist: Persist
  readonly messages: ReadonlyArray<Message>
  /** The state machine begins again from this snapshot, before `committed`. */
  readonly restore: Snapshot | undefined
  /** Contiguous, each entry once in a life of the node. */
  readonly committed: ReadonlyArray<Entry>
  readonly reads: ReadonlyArray<ReadResult>
}
