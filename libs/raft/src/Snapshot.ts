import type { Configuration } from "./Configuration.ts"

/** A state of the state machine that stands for the log below `endOffset`. */
export interface Snapshot {
  readonly endOffset: number
  /** The term of the last entry that it stands for. */
  readonly term: number
  /** In force at `endOffset`. */
  readonly configuration: Configuration
  readonly sizeBytes: number
  /** Chosen by the storage. Two snapshots that are the same by all fields but the configuration have the same bytes. */
  readonly checksum: number
}

/** A piece of a snapshot under way to this node. */
export interface SnapshotChunk {
  readonly snapshot: Snapshot
  /** A piece at 0 begins afresh; any other follows the bytes before. */
  readonly position: number
  readonly data: Uint8Array
}

/** Whether a transfer of the one may go on with the bytes of the other. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return a.endOffset === b.endOffset && a.term === b.term && a.sizeBytes === b.sizeBytes && a.checksum === b.checksum
}
