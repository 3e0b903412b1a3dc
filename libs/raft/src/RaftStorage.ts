import type { Configuration } from "./Configuration.ts"
import type { Entry } from "./Entry.ts"
import type { NodeKey } from "./NodeKey.ts"
import type { Snapshot } from "./Snapshot.ts"

/** What a node may never forget of an election. */
export interface HardState {
  readonly term: number
  readonly votedFor: NodeKey | undefined
}

/** The first offset of a term: what a leader epoch cache keeps. */
export interface TermStart {
  readonly term: number
  readonly startOffset: number
}

export interface StoredConfiguration {
  /** The offset of the entry that holds it. */
  readonly offset: number
  readonly configuration: Configuration
}

/** Everything durable that the core begins with. */
export interface StoredState {
  readonly hardState: HardState
  /** The newest snapshot. Where the log does not start at 0 there is one, and it reaches to the log's start or beyond. */
  readonly snapshot: Snapshot | undefined
  /** A snapshot that was under way, and how much of it is there. */
  readonly partialSnapshot: { readonly snapshot: Snapshot; readonly position: number } | undefined
  /** In force before the first entry of an empty node: those it was formatted with, or nobody. Ignored with a snapshot. */
  readonly bootstrap: Configuration
  readonly startOffset: number
  readonly endOffset: number
  /** The term of the entry before `startOffset`, 0 where there was none. */
  readonly startTerm: number
  /** Terms of the entries in the log, ascending. */
  readonly terms: ReadonlyArray<TermStart>
  /** Configuration entries in the log, ascending. */
  readonly configurations: ReadonlyArray<StoredConfiguration>
  /** Known to be committed; at most `endOffset`. It may be behind. */
  readonly highWatermark: number
}

/**
 * What the shell implements for the core to read. It writes by `Ready`; the core reads only what a `Ready` that was
 * advanced has written.
 */
export interface RaftStorage {
  load(): StoredState
  /**
   * Whole entries from the one that holds `fromOffset` on, which end at or below `endOffset`: as many as the limits
   * allow, and at least one. Undefined: not at hand now (a disk has to be read). The core asks again later.
   */
  read(fromOffset: number, endOffset: number, bytesMax: number, entriesMax: number): ReadonlyArray<Entry> | undefined
  /** Bytes of a snapshot that this node has. `gone`: it was replaced. Undefined: not at hand now. */
  readSnapshot(snapshot: Snapshot, position: number, bytesMax: number): Uint8Array | "gone" | undefined
}
