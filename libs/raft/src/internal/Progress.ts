import type { NodeKey } from "../NodeKey.ts"
import type { Snapshot } from "../Snapshot.ts"

/** `probe`: one append at a time until both logs meet. `replicate`: a window of appends. `snapshot`: pieces of one. */
export type ProgressState = "probe" | "replicate" | "snapshot"

/** What a leader knows of one follower. */
export class Progress {
  readonly key: NodeKey
  /** Both logs agree below, and the follower has it durably. */
  match = 0
  /** Where the next append goes on. */
  next: number
  state: ProgressState = "probe"
  /** In `probe`: an append is under way, the answer or a heartbeat comes before the next. */
  isProbing = false
  /** The high watermark that was sent last. */
  sentCommit = 0
  /** Heartbeats answered since the follower last acknowledged something of what is under way. */
  quietRounds = 0
  /** The leader's tick when it last heard of the follower. */
  heardTick: number
  /** The leader's tick at which it last had everything that is committed, -1 before. */
  caughtUpTick = -1
  /** The newest round that the follower has answered. */
  round = 0
  /** What `match` was when `provenRound` began. An answer to it with a lower end means a disk that went back. */
  provenMatch = 0
  provenRound = 0
  /** It forgot what it had acknowledged, so it counts for nothing as long as this leader leads. */
  isRegressed = false
  snapshot: Snapshot | undefined
  snapshotPosition = 0
  snapshotSentTick = 0
  readonly #inflightEnds: Array<number> = []
  readonly #inflightBytes: Array<number> = []
  #bytes = 0

  constructor(key: NodeKey, next: number, tick: number) {
    this.key = key
    this.next = next
    this.heardTick = tick
  }

  get inflightMessages(): number {
    return this.#inflightEnds.length
  }

  get inflightBytes(): number {
    return this.#bytes
  }

  sent(endOffset: number, bytes: number): void {
    this.next = endOffset
    this.#inflightEnds.push(endOffset)
    this.#inflightBytes.push(bytes)
    this.#bytes += bytes
  }

  /** It was heard of. */
  noteCommit(commit: number, tick: number): void {
    if (this.match >= commit) this.caughtUpTick = tick
  }

  /** The follower has everything below `matchOffset`. Answers whether that is news. */
  acknowledged(matchOffset: number): boolean {
    while (this.#inflightEnds.length > 0 && this.#inflightEnds[0]! <= matchOffset) {
      this.#inflightEnds.shift()
      this.#bytes -= this.#inflightBytes.shift()!
      this.quietRounds = 0
    }
    this.next = Math.max(this.next, matchOffset)
    if (matchOffset <= this.match) return false
    this.match = matchOffset
    return true
  }

  toProbe(next: number): void {
    this.#to("probe", next)
  }

  toReplicate(): void {
    this.#to("replicate", this.match)
  }

  toSnapshot(snapshot: Snapshot): void {
    this.#to("snapshot", snapshot.endOffset)
    this.snapshot = snapshot
  }

  #to(state: ProgressState, next: number): void {
    this.state = state
    this.next = next
    this.isProbing = false
    this.quietRounds = 0
    this.snapshot = undefined
    this.snapshotPosition = 0
    this.#inflightEnds.length = 0
    this.#inflightBytes.length = 0
    this.#bytes = 0
  }
}
