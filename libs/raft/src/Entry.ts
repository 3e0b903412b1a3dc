/** `data` is the caller's. The others are the core's own: the first entry of a leader, and a set of voters and learners. */
export type EntryKind = "data" | "leaderChange" | "configuration"

/**
 * What the log is made of. The term is the leader epoch and the offset is the index; an entry may cover several offsets,
 * as a record batch does. An entry is stored, sent and applied as a whole.
 */
export interface Entry {
  readonly offset: number
  /** How many offsets the entry covers, at least 1. */
  readonly offsetCount: number
  readonly term: number
  readonly kind: EntryKind
  /** Never changed once it was given to the core. */
  readonly data: Uint8Array
}

/** What a leader is asked to append. */
export interface Proposal {
  readonly offsetCount: number
  readonly data: Uint8Array
}

/** The offset behind the entry. */
export function endOf(entry: Entry): number {
  return entry.offset + entry.offsetCount
}
