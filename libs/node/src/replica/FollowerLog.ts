import type { Backlog, PartitionLog, WriteGate } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import { checkFetchedBatches, type EpochEndOffset, type FetchPosition, type PartitionState } from "@tailrace/replication"
import type { Logger } from "@tailrace/runtime"

export interface FollowerLogOptions {
  readonly log: PartitionLog
  readonly state: PartitionState
  readonly backlog: Backlog
  readonly writeGate: WriteGate
  readonly crc32c: (bytes: Uint8Array) => number
  readonly logger: Logger
  readonly onHighWatermark: () => void
}

/**
 * - `appended`: done; also where there was nothing to append.
 * - `stale`: not for the log as it is now; ask again from where it ends.
 * - `backlog`: the disk is behind; the same again when the backlog has room.
 * - `refused`: this replica takes nothing now, or must not do what was asked; ask again later.
 * - `corrupt`: the bytes are damaged or in no order; ask again later.
 */
export type FetchedOutcome = "appended" | "stale" | "backlog" | "refused" | "corrupt"

/** What came from a leader for one partition. */
export interface Fetched {
  readonly leaderEpoch: number
  readonly baseOffset: number
  readonly prevEpoch: number
  readonly batches: Buffer
  readonly highWatermark: number
  readonly logStartOffset: number
}

/** The log of a replica in its role as a follower: takes what the leader has, and gives up what the leader has not. */
export class FollowerLog {
  readonly #options: FollowerLogOptions
  /** Where the leader's log starts, as far as it is known; the own one follows once it is below the high watermark. */
  #leaderStart = 0
  /** At the end of the log: the epoch that the leader's history has there, where it leaves out the one of the last batch here. */
  #agreed: { readonly offset: number; readonly epoch: number } | undefined

  constructor(options: FollowerLogOptions) {
    this.#options = options
  }

  /** Another leader, or another epoch. */
  begin(): void {
    this.#leaderStart = 0
    this.#agreed = undefined
  }

  get position(): FetchPosition {
    const { log, state } = this.#options
    return {
      leaderEpoch: state.leaderEpoch,
      fetchOffset: log.appendedEnd,
      lastFetchedEpoch: this.#lastEpoch,
      // What is damaged is no copy, and may have to be given up as a whole: none of it counts, nor brings this replica into
      // the in-sync set, before it is repaired.
      durableEnd: log.fault === undefined ? state.durableEnd : 0,
      logStartOffset: log.durableStart
    }
  }

  append(fetched: Fetched): FetchedOutcome {
    const { backlog, crc32c, log, state } = this.#options
    const { batches, leaderEpoch } = fetched
    if (!this.#isCurrent(leaderEpoch)) return "stale"
    if (batches.length > 0) {
      if (fetched.baseOffset !== log.appendedEnd) return "stale"
      // Before an empty log nothing can be different; its start may have moved since it was asked for.
      if (!this.#isEmpty && fetched.prevEpoch !== this.#lastEpoch) return this.#disagrees(leaderEpoch, fetched.prevEpoch)
      if (backlog.isFull) return "backlog"
      const fault = checkFetchedBatches(batches, { endOffset: log.appendedEnd, isEmpty: this.#isEmpty, lastEpoch: this.#ownLastEpoch, leaderEpoch }, crc32c)
      if (fault !== undefined) return this.#damaged(fault)
      const baseOffset = Batch.baseOffset(batches, 0)
      // The leader's log starts in the middle of this batch, which is stored as a whole.
      if (baseOffset < log.appendedEnd && !this.#restart(baseOffset)) return "refused"
      if (!log.append(batches)) return "refused"
      this.#agreed = undefined
      state.stage(log.appendedEnd)
    }
    this.#leaderStart = Math.max(this.#leaderStart, fetched.logStartOffset)
    if (state.leaderHighWatermark(leaderEpoch, fetched.highWatermark)) this.#options.onHighWatermark()
    else this.followStart()
    return "appended"
  }

  /** The leader says where the two logs part: what lies behind goes. What is committed goes only after an unclean election. */
  diverged(leaderEpoch: number, diverging: EpochEndOffset): FetchedOutcome {
    const { log, logger, state } = this.#options
    if (!this.#isCurrent(leaderEpoch)) return "stale"
    if (!this.#canStage) return "refused"
    const from = log.appendedEnd
    const to = log.epochs.truncationFor(diverging, from)
    if (to >= from) return this.#disagrees(leaderEpoch, diverging.leaderEpoch)
    const { highWatermark, isUnclean } = state
    const fields = {
      topic: log.topic, partition: log.partition, leaderEpoch, lastEpoch: this.#lastEpoch, divergingEpoch: diverging.leaderEpoch,
      fromOffset: from, toOffset: to, highWatermark
    }
    if (to < highWatermark && !isUnclean) {
      if (this.#agreeAtHighWatermark(diverging)) {
        logger.warn("compaction left the leader nothing of the last epoch here; what is committed stays", { ...fields, toOffset: log.appendedEnd })
        return "appended"
      }
      logger.error("the leader lacks what is committed here; the replica keeps its log and follows no further", fields)
      return "refused"
    }
    log.truncateTo(to)
    state.truncateTo(log.appendedEnd, isUnclean)
    if (to < highWatermark) logger.error("an unclean election cost committed records", { ...fields, toOffset: log.appendedEnd })
    else logger.warn("truncated to where the logs part", { ...fields, toOffset: log.appendedEnd })
    return "appended"
  }

  /**
   * A log that was filled from a compacted one does not know the epochs of which nothing was left. What is committed here was committed
   * there, so where the leader's history covers it the logs go on together: from here on this replica names the epoch that the leader has there.
   */
  #agreeAtHighWatermark({ endOffset, leaderEpoch }: EpochEndOffset): boolean {
    const { log, state } = this.#options
    const { highWatermark } = state
    if (!log.config.cleanupPolicy.includes("compact") || leaderEpoch < 0 || endOffset < highWatermark) return false
    log.truncateTo(highWatermark)
    state.truncateTo(log.appendedEnd)
    this.#agreed = { offset: log.appendedEnd, epoch: leaderEpoch }
    return true
  }

  /** The leader's log starts behind the end of this one: everything here is deleted there. */
  startAt(leaderEpoch: number, offset: number): FetchedOutcome {
    const { log, logger } = this.#options
    if (!this.#isCurrent(leaderEpoch) || offset <= log.appendedEnd) return "stale"
    const fields = { topic: log.topic, partition: log.partition, leaderEpoch, fromOffset: log.appendedEnd, toOffset: offset }
    if (!this.#restart(offset)) return "refused"
    logger.warn("the log starts afresh where the leader's log starts", fields)
    return "appended"
  }

  /**
   * The log is damaged and nothing of the leader's fits in its place: everything is fetched again. Not while others count on
   * it; the caller vouches that the controller knows of the damage.
   */
  startAfresh(leaderEpoch: number, offset: number): FetchedOutcome {
    const { log, logger, state } = this.#options
    if (!this.#isCurrent(leaderEpoch) || log.fault === undefined || state.isr.includes(state.nodeId)) return "stale"
    const fields = { topic: log.topic, partition: log.partition, leaderEpoch, fromOffset: log.appendedEnd, toOffset: offset, fault: log.fault }
    if (!this.#restart(offset)) return "refused"
    logger.warn("a damaged log is fetched again from its start", fields)
    return "appended"
  }

  /** The high watermark moved: the start may follow the leader's. */
  followStart(): void {
    const { log, state } = this.#options
    const start = Math.min(this.#leaderStart, state.highWatermark)
    if (start <= log.startOffset || !this.#canStage) return
    log.advanceStartOffset(start)
    state.advanceStart(start)
  }

  #restart(offset: number): boolean {
    if (!this.#canStage) return false
    this.#options.log.startAt(offset)
    this.#options.state.startAt(offset)
    return true
  }

  /** No message that is only late says this. Asking again at once would get the same answer. */
  #disagrees(leaderEpoch: number, epoch: number): FetchedOutcome {
    const { log, logger } = this.#options
    logger.warn("the leader's log does not fit this one, and no cut makes it fit", {
      topic: log.topic, partition: log.partition, leaderEpoch, offset: log.appendedEnd, epoch, lastEpoch: this.#lastEpoch
    })
    return "refused"
  }

  #damaged(fault: string): FetchedOutcome {
    const { log, logger, state } = this.#options
    logger.error("batches from the leader are damaged", {
      topic: log.topic, partition: log.partition, leader: state.leader, leaderEpoch: state.leaderEpoch, offset: log.appendedEnd, fault
    })
    return "corrupt"
  }

  #isCurrent(leaderEpoch: number): boolean {
    const { state } = this.#options
    return state.role === "follower" && leaderEpoch === state.leaderEpoch
  }

  get #isEmpty(): boolean {
    const { log } = this.#options
    return log.appendedEnd === log.startOffset
  }

  /** As far as the leader can know it. */
  get #lastEpoch(): number {
    return this.#agreed?.offset === this.#options.log.appendedEnd ? this.#agreed.epoch : this.#ownLastEpoch
  }

  /** Of the last batch: an epoch that was led here and has none does not count. */
  get #ownLastEpoch(): number {
    const { log } = this.#options
    return this.#isEmpty ? -1 : log.epochs.epochAt(log.appendedEnd - 1)
  }

  /** Calls that stage something besides appends throw while the directory is failed. */
  get #canStage(): boolean {
    return this.#options.writeGate.isUsable
  }
}
