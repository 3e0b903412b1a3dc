import { Batch, type RecordCodecs } from "@tailrace/record"
import type { LeaderEpochs, ProducerStates } from "@tailrace/replication"
import type { LogConfig } from "./LogConfig.ts"
import type { LogFault } from "./LogFault.ts"
import type { RepairRefusal } from "./internal/checkRepair.ts"
import type { Member } from "./internal/CommitLoop.ts"
import type { CompactionOptions, CompactionResult } from "./internal/Compaction.ts"
import * as keys from "./internal/keys.ts"
import type { LogContext } from "./internal/LogContext.ts"
import { faultWithin } from "./internal/faultWithin.ts"
import { hullOf } from "./internal/hullOf.ts"
import type { LogScrub } from "./internal/LogScrub.ts"
import { LogUpkeep } from "./internal/LogUpkeep.ts"
import { LogState } from "./internal/LogState.ts"
import { LogReader } from "./internal/LogReader.ts"
import * as records from "./internal/records.ts"
import type { RecoveredLog } from "./internal/RecoveredLog.ts"
import { rebuild, replayFrom } from "./internal/replay.ts"
import { expire } from "./internal/retention.ts"
import { LogTail } from "./internal/TailCache.ts"
import { findTimestamp, type FoundRecord, maxTimestampRecord } from "./internal/timestamps.ts"
import { type BatchSource, boundaryBelow, visitBatches } from "./internal/visitBatches.ts"
import { OffsetOutOfRangeError } from "./OffsetOutOfRangeError.ts"
import type { StoreRead } from "./Store.ts"
import type { WriteSet } from "./WriteSet.ts"

/** Whole batches in offset order; the first holds the offset asked for, or is the next one where that is in a gap. */
export type LogRead = StoreRead

const noListener = (): void => {}

/**
 * The log of one partition. Appends are staged at once and become durable together with everything else that its
 * directory staged in the same event turn. Three ends are kept apart: `appendedEnd` (staged), `durableEnd` (flushed) and
 * `highWatermark` (committed, which the replication decides).
 */
export class PartitionLog implements Member {
  readonly topicId: string
  readonly topic: string
  readonly partition: number
  /** Called once per commit that carried this log, after `durableEnd` moved. */
  onDurable: (durableEnd: number) => void = noListener
  /** A commit failed. What was staged is gone and `appendedEnd` is `durableEnd` again; the write gate is closed. */
  onFailed: () => void = noListener
  /** Small and needed for everything else, as the metadata log is: appends go on while the disk is nearly full. */
  isVital = false
  readonly #context: LogContext
  readonly #tail = new LogTail()
  readonly #formerNumbers: Array<number> = []
  readonly #reader: LogReader
  readonly #upkeep: LogUpkeep
  #state: LogState
  #config: LogConfig
  #isConfigured: boolean
  #durableEnd: number
  #fault: LogFault | undefined
  #isDeleted = false
  /** Counts what makes batches invalid that a pending read may have found. */
  #truncations = 0

  /** Logs are made by their `LogDirectory`. A recovered log has no configuration until it is told one. */
  constructor(
    context: LogContext, identity: { topicId: string; topic: string; partition: number }, recovered: Pick<RecoveredLog, "state" | "fault">,
    config: LogConfig, isConfigured: boolean
  ) {
    this.topicId = identity.topicId
    this.topic = identity.topic
    this.partition = identity.partition
    this.#context = context
    this.#state = recovered.state
    this.#fault = recovered.fault
    this.#config = config
    this.#isConfigured = isConfigured
    this.#durableEnd = recovered.state.endOffset
    this.#tail.durableEnd = this.#durableEnd
    const view = {
      topic: this.topic,
      partition: this.partition,
      state: () => this.#state,
      fault: () => this.#fault,
      durableEnd: () => this.#durableEnd,
      coldEnd: () => Math.min(this.#tail.firstOffset, this.#durableEnd),
      isDeleted: () => this.#isDeleted,
      currency: () => this.#currency(),
      isChanging: () => this.#upkeep.isChanging,
      mayHaveGaps: () => !this.#isConfigured || this.#config.cleanupPolicy.includes("compact"),
      stage: () => context.loop.stage(this),
      setFault: (fault: LogFault | undefined, set: WriteSet) => this.#setFault(fault, set),
      quarantine: (fault: LogFault) => this.#quarantine(fault),
      examine: (found: StoreRead, from: number, end: number) => void this.#reader.examine(found, from, end, true),
      replay: () => this.#replay(this.#state.endOffset)
    }
    this.#upkeep = new LogUpkeep(context, view)
    this.#reader = new LogReader(context, this.#tail, view)
  }

  /** Never reused, so a log that is deleted and made again cannot meet its old batches. */
  get logNumber(): number {
    return this.#state.logNumber
  }

  /** The log's number and those it had before it was started afresh. */
  get logNumbers(): ReadonlyArray<number> {
    return [...this.#formerNumbers, this.logNumber]
  }

  get startOffset(): number {
    return this.#state.startOffset
  }

  /** As far as `startOffset` is durable. Lower only while a commit of it is under way. */
  get durableStart(): number {
    return Math.min(this.#state.durableStart, this.#state.startOffset)
  }

  get appendedEnd(): number { return this.#state.endOffset }

  get durableEnd(): number { return this.#durableEnd }

  get highWatermark(): number {
    return this.#state.highWatermark
  }

  /** The start of the oldest segment; it may lie below `startOffset`, since segments go as a whole. */
  get firstStoredOffset(): number {
    return (this.#state.sealed[0] ?? this.#state.active).firstOffset
  }

  /** The bytes of all segments, without the store's overhead. */
  get sizeBytes(): number {
    return this.#state.bytes
  }

  /** The log feeds this by each append; a leader calls `check` before. Replaced when the log is truncated or rebuilt. */
  get producers(): ProducerStates {
    return this.#state.producers
  }

  /** The log notes each epoch with its first batch; a leader calls `startEpoch` for one that has no batch yet. */
  get epochs(): LeaderEpochs {
    return this.#state.epochs
  }

  /**
   * Damage in what may have been committed, found by recovery, a read or the scrub, and kept over restarts. The log takes
   * no appends and serves nothing of the range, so the replica can neither lead nor be in sync. `replaceRange` repairs it.
   */
  get fault(): LogFault | undefined {
    return this.#fault
  }

  get isDeleted(): boolean {
    return this.#isDeleted
  }

  get config(): LogConfig {
    return this.#config
  }

  /** Retention waits for this on logs that were found at the start. */
  set config(config: LogConfig) {
    this.#config = config
    this.#isConfigured = true
  }

  /** The member's end for the commit loop. */
  get endOffset(): number {
    return this.#state.endOffset
  }

  /**
   * Stages whole batches, with offsets and epochs already assigned, for the commit of this turn. The bytes must not
   * change from here on. False, and nothing is staged: the write gate is closed, or too much is staged already and the
   * directory's `backlog` says when to come again.
   */
  append(batches: Buffer): boolean {
    if (this.#isDeleted || this.#fault !== undefined || !this.#context.admits(batches.length, this.isVital)) return false
    const { loop, tails, clock, segmentBytesMax } = this.#context
    const state = this.#state
    const set = loop.stage(this)
    const nowMillis = clock.wallMillis()
    const end = Batch.forEach(batches, 0, batches.length, (at, size) => {
      const baseOffset = Batch.baseOffset(batches, at)
      if (baseOffset < state.endOffset) throw new Error(`assertion: append at ${baseOffset} below the log's end ${state.endOffset}`)
      const lastOffset = Batch.lastOffset(batches, at)
      const batch = size === batches.length ? batches : batches.subarray(at, at + size)
      state.append(batches, at, size, this.#config, segmentBytesMax, nowMillis, set)
      set.putBatch(state.logNumber, lastOffset, batch)
      tails.push(this.#tail, baseOffset, lastOffset, batch)
    })
    if (end !== batches.length) throw new Error("assertion: an append holds whole batches")
    return true
  }

  /** A leader's epoch begins at the end of the log. Written with the next commit. */
  startEpoch(epoch: number): void {
    this.#context.assertUsable()
    if (!this.#state.epochs.assign(epoch, this.#state.endOffset)) return
    this.#state.isEpochsChanged = true
    this.#context.loop.stage(this)
  }

  /** Moves forward, and not beyond what is appended. Written with the log's next commit, or after a few seconds. */
  setHighWatermark(offset: number): void {
    const next = Math.min(offset, this.#state.endOffset)
    if (next <= this.#state.highWatermark) return
    this.#state.setHighWatermark(next)
    this.#context.noteHighWatermark(this)
  }

  /**
   * Batches from `fromOffset` on that end at or below `endOffset`, at most `bytesMax` unless `atLeastOne` needs more.
   * There may be fewer than would fit. Recent batches are answered by reference. Throws or rejects with
   * `OffsetOutOfRangeError` when the offset is gone; rejects with `CorruptLogError` where the log is known to be damaged,
   * and with `StoreError` while the disk is away. A log that is deleted answers nothing.
   */
  read(fromOffset: number, bytesMax: number, endOffset: number, atLeastOne: boolean): LogRead | Promise<LogRead> {
    return this.#reader.read(fromOffset, bytesMax, endOffset, atLeastOne, false)
  }

  /** How many bytes `read` answers between the two offsets; Infinity where they are not all in memory. */
  bytesInMemory(fromOffset: number, endOffset: number): number { return this.#reader.bytesInMemory(fromOffset, endOffset) }

  /**
   * As `read`; what comes from the disk is checked by its CRC before it is answered, so that damage does not spread. Good
   * batches in front of damage are answered, damage quarantines the log.
   */
  readVerified(fromOffset: number, bytesMax: number, endOffset: number, atLeastOne: boolean): LogRead | Promise<LogRead> {
    return this.#reader.read(fromOffset, bytesMax, endOffset, atLeastOne, true)
  }

  /** The first record at or behind the log's start whose timestamp is `target` or later, below `endOffset`. */
  offsetForTimestamp(target: number, codecs: RecordCodecs, endOffset = this.#durableEnd): Promise<FoundRecord | undefined> {
    return findTimestamp(this, this.#state, target, endOffset, codecs)
  }

  /** The first record that has the newest timestamp of the log. */
  maxTimestampOffset(codecs: RecordCodecs, endOffset = this.#durableEnd): Promise<FoundRecord | undefined> {
    return maxTimestampRecord(this, this.#state, endOffset, codecs)
  }

  /**
   * Drops every batch that reaches to `offset` or beyond, so the end may come to lie before it. Producers and epochs
   * are again what they were at the new end, in the same commit.
   */
  truncateTo(offset: number): void {
    const state = this.#state
    if (offset >= state.endOffset) return
    this.#context.assertUsable()
    if (offset < state.startOffset) return this.startAt(offset)
    const end = boundaryBelow(this.#source, offset, state.endOffset)
    if (end < state.startOffset) return this.startAt(offset)
    this.#cut(end)
  }

  /** Forgets everything: the log is empty and goes on at `offset`, as for a follower whose leader starts there. */
  startAt(offset: number): void {
    this.#context.assertUsable()
    const { loop, tails, crc32c } = this.#context
    const set = loop.stage(this)
    const old = this.#state
    const identity = loop.get(keys.log(old.logNumber))
    this.discard(set)
    this.#formerNumbers.push(old.logNumber)
    this.#truncations++
    const durableStart = Math.min(old.durableStart, offset)
    this.#state = new LogState(this.#context.allocateLogNumber(), offset, this.#context.newProducers(), crc32c, durableStart)
    this.#state.isEpochsChanged = true
    if (identity === undefined) throw new Error("assertion: a log has a name")
    set.put(keys.log(this.#state.logNumber), identity)
    tails.clear(this.#tail)
    this.#fault = undefined
    // Until this is committed the old log would come back, so its end is all that may be reported.
    this.#durableEnd = Math.min(this.#durableEnd, offset)
    this.#tail.durableEnd = this.#durableEnd
    loop.limitEnd(this, this.#durableEnd)
    this.#context.reclaim(old.logNumber, Number.MAX_SAFE_INTEGER)
  }

  /** Moves the start of the log forward, durably with the next commit; segments wholly below it are removed by and by. */
  advanceStartOffset(offset: number): void {
    const { highWatermark, startOffset } = this.#state
    if (this.#isDeleted || offset <= startOffset) return
    this.#context.assertUsable()
    if (offset > highWatermark) throw new OffsetOutOfRangeError(offset, startOffset, highWatermark)
    this.#moveStart(offset)
  }

  /**
   * Puts a peer's batches in the place of damaged ones. They are those that the peer has in [fromOffset, toOffset);
   * `fromOffset` is where the fault begins, and they may end before the fault does: the fault shrinks, and goes when it is
   * covered. Answers undefined once the batches are durable, or why they were refused, which changes nothing; they are while
   * the log is compacted. Rejects with `StoreError` when the commit fails.
   */
  async replaceRange(fromOffset: number, toOffset: number, batches: Buffer): Promise<RepairRefusal | undefined> {
    this.#context.assertUsable()
    return this.#isDeleted ? "stale" : this.#upkeep.repair(fromOffset, toOffset, batches)
  }

  /** Resolves when everything that was staged so far is durable; rejects when it is lost. */
  whenDurable(): Promise<void> {
    return this.#context.loop.durable()
  }

  /** Applies the configured retention; answers whether anything went. Called by the directory from time to time. */
  retain(nowMillis: number, isTimeTrusted: boolean): boolean {
    if (!this.#isConfigured || this.#isDeleted || this.#fault !== undefined) return false
    const offset = expire(this.#state, this.#config, nowMillis, isTimeTrusted, () => this.#context.loop.stage(this))
    if (offset !== undefined) this.#moveStart(offset)
    return offset !== undefined
  }

  /**
   * Keeps the latest record of each key, in what is sealed and committed, where the policy says compact. Answers
   * undefined when there was too little to do. For internal topics; the directory calls it from time to time.
   */
  async compact(codecs: RecordCodecs, options: Omit<CompactionOptions, "segmentBytesMax">): Promise<CompactionResult | undefined> {
    if (!this.#isConfigured || !this.#config.cleanupPolicy.includes("compact")) return undefined
    return this.#upkeep.compact(codecs, options)
  }

  /** For the directory's scrub: one walk through what the log has on the disk. */
  scrub(): LogScrub {
    return this.#upkeep.scrub()
  }

  /** For the directory: the newest segment as a checkpoint, so that the next start need not read batches. */
  checkpoint(set: WriteSet): void {
    if (this.#state.checkpoints.at(-1) !== this.#state.endOffset || this.#state.active.bytes > 0) this.#state.writeCheckpoint(set)
  }

  /** For the directory: removes the log's small state; its batches are garbage. */
  discard(set: WriteSet): void {
    this.#state.discard(set)
  }

  /** For the directory: nothing is appended or reported any more. */
  markDeleted(): void {
    this.#isDeleted = true
    this.#context.tails.clear(this.#tail)
    this.#context.loop.forget(this)
  }

  /** For the directory, when a commit failed: what was not durable is gone at once; `restore` follows. */
  dropStaged(): void {
    this.#context.tails.clear(this.#tail)
    this.#state.active.nextOffset = this.#durableEnd
    this.#state.startOffset = Math.min(this.#state.startOffset, this.#durableEnd)
  }

  /** For the directory: the state as the store has it after a failed commit. */
  restore({ state, fault }: RecoveredLog): void {
    // The high watermark that was known is still true, unless the failure undid a truncation.
    const isKnown = state.endOffset === this.#durableEnd && this.#state.isHighWatermarkKnown
    if (isKnown) state.setHighWatermark(Math.max(state.highWatermark, this.highWatermark))
    // Damage that was known is still there, whether or not the store has heard of it.
    this.#fault = state.logNumber === this.logNumber ? hullOf(this.#fault, fault) : fault
    this.#state = state
    this.#durableEnd = state.endOffset
    this.#tail.durableEnd = state.endOffset
  }

  /** For the directory, at recovery: the log ends where the damage begins, and says by the same commit what it dropped. */
  dropDamage(): void {
    const fault = this.#fault!
    this.#cut(fault.offset)
    this.#context.loop.stage(this).put(keys.dropped(this.logNumber), records.encodeText(JSON.stringify(fault), this.#context.crc32c))
  }

  prepare(set: WriteSet): void {
    if (this.#isDeleted) return
    this.#state.writeFigures(set)
    if (this.#fault !== undefined) this.#setFault(this.#fault, set)
  }

  settle(end: number): void {
    this.#state.settle()
    this.#durableEnd = Math.max(this.#durableEnd, end)
    this.#tail.durableEnd = this.#durableEnd
  }

  announce(): void {
    if (!this.#isDeleted) this.onDurable(this.#durableEnd)
  }

  /** Answers whether the log is still the one that it is now: false once it was truncated, rebuilt or deleted. */
  #currency(): () => boolean {
    const state = this.#state
    const truncations = this.#truncations
    return () => this.#state === state && this.#truncations === truncations && !this.#isDeleted
  }

  #moveStart(offset: number): void {
    const set = this.#context.loop.stage(this)
    this.#state.advanceStart(offset, set)
    const fault = faultWithin(this.#fault, offset)
    if (fault !== this.#fault) this.#setFault(fault, set)
    this.#context.reclaim(this.logNumber, this.firstStoredOffset)
  }

  #quarantine(found: LogFault): void {
    const foundWithin = faultWithin(found, this.startOffset)
    if (this.#isDeleted || foundWithin === undefined) return
    const fault = hullOf(this.#fault, foundWithin)
    // While the store is away its commit waits for it.
    this.#setFault(fault, this.#context.loop.stage(this))
    this.#context.quarantined(this, fault)
  }

  #setFault(fault: LogFault | undefined, set: WriteSet): void {
    this.#fault = fault
    const key = keys.fault(this.#state.logNumber)
    if (fault === undefined) set.remove(key)
    else set.put(key, records.encodeText(JSON.stringify(fault), this.#context.crc32c))
  }

  /** The log ends at `end`, which is a boundary between batches. */
  #cut(end: number): void {
    const { loop, store, tails } = this.#context
    const state = this.#state
    const set = loop.stage(this)
    const stored = store.lastOffsets(state.logNumber, end, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    for (const last of [...stored, ...tails.lastOffsets(this.#tail, end)]) set.removeBatch(state.logNumber, last)
    state.cutAt(end, set)
    const remaining = faultWithin(this.#fault, state.startOffset, end)
    this.#truncations++
    const found = this.#replay(end)
    this.#setFault(hullOf(remaining, found), set)
    state.highWatermark = Math.min(state.highWatermark, end)
    tails.truncate(this.#tail, end)
    this.#durableEnd = Math.min(this.#durableEnd, end)
    loop.limitEnd(this, end)
    if (found !== undefined) this.#context.quarantined(this, this.#fault!)
  }

  /** Makes the newest segment and the producers what the batches below `end` say. */
  #replay(end: number): LogFault | undefined {
    const state = this.#state
    const from = replayFrom(this.#context, state)
    const { fault } = rebuild(this.#context, state, state.active, (visit) => visitBatches(this.#source, from, end, visit))
    state.active.skip(end, 0)
    return faultWithin(fault, state.startOffset)
  }

  get #source(): BatchSource {
    const { store, tails } = this.#context
    return { store, tails, tail: this.#tail, logNumber: this.#state.logNumber, durableEnd: this.#durableEnd }
  }
}
