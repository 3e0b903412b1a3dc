import { Batch } from "@tailrace/record"

/** What a follower's log is when batches come for it. */
export interface FollowerEnd {
  readonly endOffset: number
  readonly isEmpty: boolean
  /** The epoch of its last batch, -1 when it has none. */
  readonly lastEpoch: number
  /** Of the leader that sent the batches. */
  readonly leaderEpoch: number
}

/**
 * - `corrupt`: not whole batches, or not the bytes that were written.
 * - `offsets`: not what follows the end of this log, or not ascending. Compaction leaves holes, which are legal.
 * - `epochs`: not ascending, or above the leader's.
 */
export type FetchedFault = "corrupt" | "offsets" | "epochs"

/**
 * What a follower checks of bytes from a leader before they enter its log. An empty log may start in the middle of a
 * batch, where the leader's log starts: then the first batch may begin before the end.
 */
export function checkFetchedBatches(b: Buffer, end: FollowerEnd, crc32c: (bytes: Uint8Array) => number): FetchedFault | undefined {
  let nextOffset = end.endOffset
  let { lastEpoch } = end
  for (let at = 0; at < b.length; at += Batch.sizeInBytes(b, at)) {
    if (Batch.check(b, at, b.length, crc32c) !== undefined) return "corrupt"
    const isAtStart = end.isEmpty && at === 0 && Batch.lastOffset(b, at) >= nextOffset
    if (Batch.baseOffset(b, at) < nextOffset && !isAtStart) return "offsets"
    nextOffset = Batch.nextOffset(b, at)
    const epoch = Batch.leaderEpoch(b, at)
    if (epoch < lastEpoch || epoch > end.leaderEpoch) return "epochs"
    lastEpoch = epoch
  }
  return undefined
}
