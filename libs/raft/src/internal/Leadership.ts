import type { NodeKey } from "../NodeKey.ts"
import type { Progress } from "./Progress.ts"

/** A read, of this node or of a follower's batch, that waits until the leader knows that it still leads. */
export type PendingRead =
  | { readonly from: undefined; readonly requestId: number }
  | { readonly from: NodeKey; readonly incarnation: number; readonly batch: number }

/** Reads that the same round confirms. */
export interface ReadRound {
  readonly round: number
  /** Committed when the round began: what the reads have to see. */
  readonly offset: number
  readonly reads: ReadonlyArray<PendingRead>
}

/** What a leader knows beyond what every node does. Dropped as a whole when it steps down. */
export class Leadership {
  /** Voters, learners and observers by name, this node left out. */
  readonly followers = new Map<string, Progress>()
  /** Observers by name; they are forgotten when they are silent. */
  readonly observers = new Set<string>()
  /** Behind the first entry of its own term. Until it is committed the leader does not know what is. */
  readonly ownEnd: number
  heartbeatElapsed = 0
  /** Grows with each broadcast. */
  round = 0
  newReads: Array<PendingRead> = []
  readRounds: Array<ReadRound> = []
  /** Reads in `newReads` and `readRounds`. */
  readCount = 0
  transfer: { readonly target: NodeKey; readonly startedTick: number } | undefined
  /** Bytes of proposals between the high watermark and the end, by the end of each proposal. */
  readonly uncommittedEnds: Array<number> = []
  readonly uncommittedBytes: Array<number> = []
  uncommittedBytesTotal = 0

  constructor(ownEnd: number) {
    this.ownEnd = ownEnd
  }

  noteProposal(endOffset: number, bytes: number): void {
    this.uncommittedEnds.push(endOffset)
    this.uncommittedBytes.push(bytes)
    this.uncommittedBytesTotal += bytes
  }

  noteCommit(commit: number): void {
    let settled = 0
    while (settled < this.uncommittedEnds.length && this.uncommittedEnds[settled]! <= commit) {
      this.uncommittedBytesTotal -= this.uncommittedBytes[settled]!
      settled++
    }
    this.uncommittedEnds.splice(0, settled)
    this.uncommittedBytes.splice(0, settled)
  }
}
