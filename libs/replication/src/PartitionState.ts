import { ErrorCode } from "@tailrace/kafka-protocol"
import { FollowerProgress } from "./internal/FollowerProgress.ts"
import type { EpochEndOffset, LeaderEpochs } from "./LeaderEpochs.ts"

/** What the metadata says about a partition: the part of it that its replicas act on. */
export interface PartitionView {
  /** -1 when there is no leader. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  /** The effective min.insync.replicas, which is never above the number of replicas. */
  readonly minIsr: number
  /**
   * The leader may lack what was committed: it was elected from outside of the ISR, or the topic allows that. Only then does
   * a follower cut its log below its high watermark.
   */
  readonly isUnclean?: boolean
}

export interface PartitionStateOptions {
  readonly nodeId: number
  /** What the log holds when the replica opens it; everything found there is durable. */
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
}

/** What a follower says with each fetch, and with each acknowledgement between two fetches. */
export interface FollowerFetch {
  readonly nodeId: number
  readonly brokerEpoch: number
  readonly leaderEpoch: number
  /** Where it reads on: the end of what its log has taken. */
  readonly fetchOffset: number
  /** The epoch of its last batch, -1 when it has none. */
  readonly lastFetchedEpoch: number
  /** Up to here its flushes have returned; this is its acknowledgement, not where it reads on. */
  readonly durableEnd: number
  /** Where its log starts durably. */
  readonly logStartOffset: number
  readonly nowMillis: number
}

/**
 * - `ignored`: not this leader, epoch or replica; the request says nothing.
 * - `diverged`: the two logs part before the fetch offset. The follower cuts its log (`LeaderEpochs.truncationFor`) and
 *   fetches again; until then its acknowledgement is worth nothing and was not counted.
 * - `accepted`: the acknowledgement was counted.
 */
export type FetchOutcome =
  | { readonly kind: "ignored" }
  | { readonly kind: "diverged"; readonly divergingEpoch: EpochEndOffset }
  | { readonly kind: "accepted"; readonly highWatermarkMoved: boolean }

/** What the leader asks of the controller. The leader acts on it only once the metadata says so. */
export interface IsrProposal {
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  /** The broker epoch that each member had when it qualified; -1 for the leader itself, which knows its own. */
  readonly isr: ReadonlyArray<{ readonly brokerId: number; readonly brokerEpoch: number }>
}

const ignored: FetchOutcome = { kind: "ignored" }
const accepted: FetchOutcome = { kind: "accepted", highWatermarkMoved: false }
const advanced: FetchOutcome = { kind: "accepted", highWatermarkMoved: true }

export type PartitionRole = "idle" | "leader" | "follower" | "failed"

/**
 * One replica of one partition: who leads, who is in sync, and how far the log got. Three ends are kept apart:
 *
 * `logStartOffset <= highWatermark <= durableEnd <= appendedEnd`
 *
 * `appendedEnd` is what the log has taken, `durableEnd` what is flushed here, and the high watermark what is flushed on
 * every member of the maximal ISR while the ISR has at least `minIsr` members. The high watermark never goes back.
 * The maximal ISR is the committed one together with a proposed one whose fate is open: the controller may elect from
 * either. With an ISR of one the high watermark is the leader's own durable end.
 *
 * The owner reports what happens by the transitions `stage`, `durable`, `failed`, `becomeLeader`, `becomeFollower`,
 * `followerFetched`, `followerAcknowledged` and `isrRefused`, and asks the getters what follows from it. Nothing here allocates per batch.
 */
export class PartitionState {
  readonly nodeId: number
  #role: PartitionRole = "idle"
  #view: PartitionView = { leader: -1, leaderEpoch: -1, partitionEpoch: -1, replicas: [], isr: [], minIsr: 1 }
  #followers: FollowerProgress[] = []
  #proposed: ReadonlyArray<number> | undefined
  #logStartOffset: number
  #appendedEnd: number
  #durableEnd: number
  #highWatermark: number
  #leaderEpochStartOffset = -1
  /** Follower: what the leader of this epoch said last; the own one follows as flushes return. */
  #leaderHighWatermark = -1
  #stallEndMillis = Number.NEGATIVE_INFINITY

  constructor(options: PartitionStateOptions) {
    this.nodeId = options.nodeId
    this.#logStartOffset = options.logStartOffset
    this.#appendedEnd = options.logEndOffset
    this.#durableEnd = options.logEndOffset
    // A high watermark is stored with a commit and may name an end that a truncation took away later.
    this.#highWatermark = Math.min(Math.max(options.highWatermark, options.logStartOffset), options.logEndOffset)
  }

  get role(): PartitionRole { return this.#role }
  get isLeader(): boolean { return this.#role === "leader" }
  get leader(): number { return this.#view.leader }
  get leaderEpoch(): number { return this.#view.leaderEpoch }
  get partitionEpoch(): number { return this.#view.partitionEpoch }
  get isr(): ReadonlyArray<number> { return this.#view.isr }
  get minIsr(): number { return this.#view.minIsr }
  get isUnclean(): boolean { return this.#view.isUnclean === true }
  get logStartOffset(): number { return this.#logStartOffset }
  get appendedEnd(): number { return this.#appendedEnd }
  get durableEnd(): number { return this.#durableEnd }
  get highWatermark(): number { return this.#highWatermark }

  /** Where the log ended when this node began to lead, -1 on a follower. */
  get leaderEpochStartOffset(): number { return this.#leaderEpochStartOffset }

  /** Everybody the controller may have in the ISR now: the committed ISR and a proposal whose fate is open. */
  get maximalIsr(): ReadonlyArray<number> {
    if (this.#proposed === undefined) return this.#view.isr
    return [...new Set([...this.#view.isr, ...this.#proposed])]
  }

  /** A proposal of this leader was neither taken nor refused yet. */
  get hasOpenProposal(): boolean { return this.#proposed !== undefined }

  /** False: a produce with acks=all is refused with NOT_ENOUGH_REPLICAS before anything is appended. */
  get canAcceptAcksAll(): boolean { return this.#view.isr.length >= this.#view.minIsr }

  /**
   * False for a leader that does not know yet what its predecessors committed. It answers ListOffsets for the latest
   * offset with OFFSET_NOT_AVAILABLE until then, so that clients never see the high watermark go back.
   */
  get isHighWatermarkCurrent(): boolean { return this.#highWatermark >= this.#leaderEpochStartOffset }

  /**
   * Leader: what lies below `offset` is gone for good, since it is gone on everybody of the maximal ISR, from which the next leader comes.
   * `durableStart` is where the log of this node starts durably.
   */
  isDeleted(offset: number, durableStart: number): boolean {
    const { maximalIsr } = this
    return durableStart >= offset && this.#followers.every((it) => it.logStartOffset >= offset || !maximalIsr.includes(it.nodeId))
  }

  /**
   * Whether a produce whose last record ends before `endOffset` may be answered: with acks=all once the high watermark
   * has passed it, with acks=1 once this node's own flush has. The same holds for a duplicate of an earlier produce.
   */
  isAcknowledged(acks: number, endOffset: number): boolean {
    return (acks === 1 ? this.#durableEnd : this.#highWatermark) >= endOffset
  }

  /**
   * NONE when this node may serve a request that names `currentLeaderEpoch` (-1: it names none), else the error. Of a storage failure
   * only a leader speaks: to whoever asks a follower it is no leader, whatever its disk does.
   */
  leaderError(currentLeaderEpoch: number): number {
    if (currentLeaderEpoch !== -1 && currentLeaderEpoch < this.leaderEpoch) return ErrorCode.FENCED_LEADER_EPOCH
    if (currentLeaderEpoch > this.leaderEpoch) return ErrorCode.UNKNOWN_LEADER_EPOCH
    if (this.#role === "leader") return ErrorCode.NONE
    return this.#role === "failed" && this.leader === this.nodeId ? ErrorCode.KAFKA_STORAGE_ERROR : ErrorCode.NOT_LEADER_OR_FOLLOWER
  }

  /**
   * Takes a metadata view in which this node leads; answers whether the high watermark moved. The same leader epoch
   * with a later partition epoch is a change of the ISR or of `minIsr` and settles an open proposal; older views are
   * ignored. On a new leader epoch the caller has `LeaderEpochs.assign(leaderEpoch, appendedEnd)` done before it appends.
   */
  becomeLeader(view: PartitionView, nowMillis: number): boolean {
    if (view.leader !== this.nodeId) throw new Error(`node ${this.nodeId} is told to lead where ${view.leader} leads`)
    if (!this.#isNewer(view)) return false
    const sameReign = this.#role === "leader" && view.leaderEpoch === this.leaderEpoch
    // A storage failure ends the reign for good: followers may hold what is gone here, so only a new epoch may follow.
    if (this.#role === "failed" && view.leaderEpoch === this.leaderEpoch) return false
    this.#view = view
    this.#proposed = undefined
    this.#role = "leader"
    if (!sameReign) {
      this.#leaderEpochStartOffset = this.#appendedEnd
      this.#followers = []
    }
    const others = view.replicas.filter((id) => id !== this.nodeId)
    this.#followers = others.map((id) => this.#follower(id) ?? new FollowerProgress(id, nowMillis))
    return this.#advanceHighWatermark()
  }

  /** Takes a metadata view in which another node leads, or nobody. Answers false for a view that is not newer. */
  becomeFollower(view: PartitionView): boolean {
    if (view.leader === this.nodeId) throw new Error(`node ${this.nodeId} is told to follow itself`)
    if (!this.#isNewer(view)) return false
    if (view.leaderEpoch !== this.leaderEpoch) this.#leaderHighWatermark = -1
    this.#view = view
    this.#proposed = undefined
    this.#followers = []
    this.#leaderEpochStartOffset = -1
    if (this.#role !== "failed") this.#role = view.leader < 0 ? "idle" : "follower"
    return true
  }

  /** The log has taken batches and ends at `endOffset` now; nothing of it is durable yet. */
  stage(endOffset: number): void {
    if (endOffset < this.#appendedEnd) throw new Error(`staged to ${endOffset}, but the log ends at ${this.#appendedEnd}`)
    this.#appendedEnd = endOffset
  }

  /** A flush returned: everything before `endOffset` is durable here. Answers whether the high watermark moved. */
  durable(endOffset: number): boolean {
    if (endOffset > this.#appendedEnd) throw new Error(`durable to ${endOffset}, but the log ends at ${this.#appendedEnd}`)
    if (endOffset <= this.#durableEnd) return false
    this.#durableEnd = endOffset
    return this.#role === "follower" ? this.#followHighWatermark() : this.#advanceHighWatermark()
  }

  /**
   * A commit failed and what was staged is gone. The replica serves nothing any more: a follower may have read the lost
   * tail, and writing other batches at the same offsets in the same epoch would make two logs that look alike.
   */
  failed(): void {
    this.#appendedEnd = this.#durableEnd
    this.#role = "failed"
  }

  /** The log starts at `startOffset` now: retention, or DeleteRecords, which never goes above the high watermark. */
  advanceStart(startOffset: number): void {
    if (startOffset > this.#highWatermark) throw new Error(`start ${startOffset} is above the high watermark ${this.#highWatermark}`)
    this.#logStartOffset = Math.max(this.#logStartOffset, startOffset)
  }

  /** Leader: a follower fetched or acknowledged. `epochs` is the history of this node's own log. */
  followerFetched(fetch: FollowerFetch, epochs: LeaderEpochs): FetchOutcome {
    if (this.#role !== "leader" || fetch.leaderEpoch !== this.leaderEpoch) return ignored
    const follower = this.#follower(fetch.nodeId)
    if (follower === undefined || fetch.lastFetchedEpoch > this.leaderEpoch) return ignored
    if (fetch.lastFetchedEpoch < 0) {
      // An empty log that starts behind the end of this one.
      if (fetch.fetchOffset > this.#appendedEnd) return { kind: "diverged", divergingEpoch: { leaderEpoch: -1, endOffset: this.#appendedEnd } }
    } else {
      const end = epochs.endOffsetFor(fetch.lastFetchedEpoch, this.#appendedEnd)
      const isSame = end.leaderEpoch === fetch.lastFetchedEpoch && end.endOffset >= fetch.fetchOffset
      if (!isSame) return { kind: "diverged", divergingEpoch: end }
    }
    const durableEnd = Math.min(fetch.durableEnd, fetch.fetchOffset)
    follower.fetched(fetch.brokerEpoch, durableEnd, this.#appendedEnd, fetch.nowMillis)
    follower.startsAt(fetch.brokerEpoch, fetch.logStartOffset)
    return this.#advanceHighWatermark() ? advanced : accepted
  }

  /**
   * Leader: a follower's flush returned, between two of its fetches. The caller vouches that the follower fetched in this epoch
   * without a divergence, and cuts `durableEnd` to what it has been served since. Answers whether the high watermark moved.
   */
  followerAcknowledged(ack: Pick<FollowerFetch, "nodeId" | "brokerEpoch" | "leaderEpoch" | "durableEnd" | "nowMillis">): boolean {
    if (this.#role !== "leader" || ack.leaderEpoch !== this.leaderEpoch) return false
    const follower = this.#follower(ack.nodeId)
    if (follower === undefined) return false
    if (ack.durableEnd > this.#appendedEnd) throw new Error(`assertion: acknowledged to ${ack.durableEnd}, but the log ends at ${this.#appendedEnd}`)
    follower.fetched(ack.brokerEpoch, ack.durableEnd, this.#appendedEnd, ack.nowMillis)
    return this.#advanceHighWatermark()
  }

  /**
   * Follower: the leader's high watermark came with a fetch. The own one goes as far as what is flushed here, now and with
   * each flush that follows. Answers whether it moved.
   */
  leaderHighWatermark(leaderEpoch: number, highWatermark: number): boolean {
    if (this.#role !== "follower" || leaderEpoch !== this.leaderEpoch) return false
    this.#leaderHighWatermark = Math.max(this.#leaderHighWatermark, highWatermark)
    return this.#followHighWatermark()
  }

  /**
   * Follower: the log was emptied and goes on at `offset`, because everything before it is deleted at the leader. It counts as
   * durable here: nobody can ask for it any more.
   */
  startAt(offset: number): void {
    if (this.#role !== "follower") throw new Error(`a replica that is ${this.#role} does not start its log afresh`)
    this.#logStartOffset = offset
    this.#appendedEnd = offset
    this.#durableEnd = offset
    this.#highWatermark = offset
  }

  /** Follower: the log was cut to `endOffset`. Below the high watermark only after an unclean election. */
  truncateTo(endOffset: number, isUnclean = false): void {
    if (this.#role === "leader") throw new Error("a leader never truncates its log")
    if (endOffset < this.#highWatermark && !isUnclean) {
      throw new Error(`truncation to ${endOffset} below the high watermark ${this.#highWatermark}`)
    }
    this.#appendedEnd = Math.min(this.#appendedEnd, endOffset)
    this.#durableEnd = Math.min(this.#durableEnd, endOffset)
    this.#highWatermark = Math.min(this.#highWatermark, endOffset)
    this.#logStartOffset = Math.min(this.#logStartOffset, endOffset)
  }

  /**
   * Leader: the ISR it wants, when that differs from the committed one and nothing is in flight. A replica joins when,
   * in this leader epoch, it has flushed up to the high watermark and up to where the epoch began; it leaves when it
   * has not caught up for `lagMaxMillis`, but not right after a stall of this node, nor while it goes on, more slowly than the leader, and
   * is needed for the minimum. From the answer on the proposal counts in
   * the maximal ISR.
   */
  proposeIsr(nowMillis: number, lagMaxMillis: number): IsrProposal | undefined {
    if (this.#role !== "leader" || this.#proposed !== undefined) return undefined
    const needed = Math.max(this.#highWatermark, this.#leaderEpochStartOffset)
    // One round after a stall, so that what waits in the inbox is taken in and the followers can fetch.
    const isJudging = nowMillis - this.#stallEndMillis > lagMaxMillis / 2
    const members = this.#followers.filter((it) => this.#view.isr.includes(it.nodeId)
      ? !isJudging || it.durableEnd >= this.#appendedEnd || nowMillis - it.caughtUpMillis <= lagMaxMillis
      : it.durableEnd >= needed && nowMillis - it.fetchedMillis <= lagMaxMillis)
    // Below the minimum nothing is committed, so whoever lags and goes on is worth more than nobody: a leader that is alone would be replaced.
    if (members.length + 1 < this.#view.minIsr) {
      const slow = this.#followers.filter((it) => this.#view.isr.includes(it.nodeId) && !members.includes(it) && nowMillis - it.movedMillis <= lagMaxMillis)
      members.push(...slow.toSorted((a, b) => b.durableEnd - a.durableEnd).slice(0, this.#view.minIsr - 1 - members.length))
    }
    const isr = this.#view.replicas.filter((id) => id === this.nodeId || members.some((it) => it.nodeId === id))
    if (isr.length === this.#view.isr.length && isr.every((id) => this.#view.isr.includes(id))) return undefined
    this.#proposed = isr
    return {
      leaderEpoch: this.leaderEpoch, partitionEpoch: this.partitionEpoch,
      isr: isr.map((brokerId) => ({ brokerId, brokerEpoch: this.#follower(brokerId)?.brokerEpoch ?? -1 }))
    }
  }

  /**
   * The controller refused the proposal made at `partitionEpoch`, which proves that it will not be applied. A time-out
   * proves nothing: the proposal then stays open until the metadata shows a later partition epoch.
   */
  isrRefused(partitionEpoch: number): boolean {
    if (this.#proposed === undefined || partitionEpoch !== this.partitionEpoch) return false
    this.#proposed = undefined
    return this.#advanceHighWatermark()
  }

  /** Leader: this node slept for `stalledMillis` until now. Lag is judged one round later, without that time. */
  stalled(stalledMillis: number, nowMillis: number): void {
    this.#stallEndMillis = nowMillis
    for (const follower of this.#followers) follower.stalled(stalledMillis, nowMillis)
  }

  #isNewer(view: PartitionView): boolean {
    return view.leaderEpoch > this.leaderEpoch
      || (view.leaderEpoch === this.leaderEpoch && view.partitionEpoch > this.partitionEpoch)
  }

  #follower(nodeId: number): FollowerProgress | undefined {
    return this.#followers.find((it) => it.nodeId === nodeId)
  }

  #advanceHighWatermark(): boolean {
    if (this.#role !== "leader" || !this.canAcceptAcksAll) return false
    let committed = this.#durableEnd
    for (const follower of this.#followers) {
      const counts = this.#view.isr.includes(follower.nodeId) || this.#proposed?.includes(follower.nodeId) === true
      if (counts && follower.durableEnd < committed) committed = follower.durableEnd
    }
    return this.#raiseHighWatermark(committed)
  }

  #followHighWatermark(): boolean {
    return this.#raiseHighWatermark(Math.min(this.#leaderHighWatermark, this.#durableEnd))
  }

  #raiseHighWatermark(to: number): boolean {
    if (to <= this.#highWatermark) return false
    this.#highWatermark = to
    return true
  }
}
