import { Batch } from "@tailrace/record"
import { LeaderEpochs, type ProducerStates } from "@tailrace/replication"
import type { LogConfig } from "../LogConfig.ts"
import type { WriteSet } from "../WriteSet.ts"
import { Descriptor } from "./Descriptor.ts"
import type { Crc32c } from "./Guarded.ts"
import * as keys from "./keys.ts"
import * as records from "./records.ts"

/**
 * Everything about one log that is kept in memory: segments, epochs, producers. Segments and producers are a function of
 * the batches, which leaders, followers and recovery all feed to it in log order.
 */
export class LogState {
  readonly logNumber: number
  startOffset: number
  /** What lies below does not come back with a crash. */
  durableStart: number
  highWatermark: number
  /** False once its record was lost, until a leader or a majority tells again: what lies above may be committed. Kept over restarts. */
  isHighWatermarkKnown = true
  /** Older segments, ascending. Each is stored under its own key when it is sealed. */
  readonly sealed: Array<Descriptor> = []
  active: Descriptor
  epochs = new LeaderEpochs()
  producers: ProducerStates
  /** The offsets at which checkpoints are stored, ascending. */
  checkpoints: Array<number> = []
  sealedBytes = 0
  /** A log's first commit writes them too, so that a record that is not there is known to be lost. */
  isEpochsChanged = true
  /** Segments below are compact already, as far as this run knows. */
  compactedTo = 0
  /** Sealed segments whose record the next commit writes. */
  readonly #shrunk = new Set<Descriptor>()
  readonly #crc32c: Crc32c
  /** As the commit has it that is under way. */
  #writtenStart: number

  constructor(logNumber: number, startOffset: number, producers: ProducerStates, crc32c: Crc32c, durableStart = startOffset) {
    this.logNumber = logNumber
    this.startOffset = startOffset
    this.durableStart = durableStart
    this.#writtenStart = durableStart
    this.highWatermark = startOffset
    this.active = new Descriptor(startOffset)
    this.producers = producers
    this.#crc32c = crc32c
  }

  get endOffset(): number {
    return this.active.nextOffset
  }

  get bytes(): number {
    return this.sealedBytes + this.active.bytes
  }

  /** Within the log; its start where it is not known. */
  setHighWatermark(offset: number | undefined): void {
    this.isHighWatermarkKnown = offset !== undefined
    this.highWatermark = Math.min(Math.max(offset ?? 0, this.startOffset), this.endOffset)
  }

  /** Takes note of a batch that has its offset, after opening a new segment where the configuration asks for one. */
  append(b: Buffer, at: number, sizeInBytes: number, config: LogConfig, segmentBytesMax: number, nowMillis: number, set: WriteSet): void {
    if (this.#isFull(sizeInBytes, Batch.maxTimestamp(b, at), config, segmentBytesMax, nowMillis)) this.roll(set)
    const epoch = Batch.leaderEpoch(b, at)
    if (epoch !== this.epochs.latest && epoch >= 0) this.#noteEpoch(epoch, Batch.baseOffset(b, at))
    this.add(b, at, sizeInBytes, nowMillis)
  }

  /** What recovery repeats of an append; the epochs are stored as a whole, also those without a batch. */
  add(b: Buffer, at: number, sizeInBytes: number, nowMillis: number): void {
    this.producers.record(b, at, nowMillis)
    this.active.add(b, at, sizeInBytes, nowMillis)
  }

  /** Seals the newest segment. Its record and a checkpoint go into the same commit as the first batch of the next one. */
  roll(set: WriteSet): void {
    const full = this.active
    this.sealed.push(full)
    this.sealedBytes += full.bytes
    this.writeDescriptors([full], set)
    this.active = new Descriptor(full.nextOffset)
    this.writeCheckpoint(set)
  }

  writeCheckpoint(set: WriteSet): void {
    const offset = this.endOffset
    const record = records.encodeCheckpoint({ active: this.active, producers: this.producers.encode() }, this.#crc32c)
    set.put(keys.checkpoint(this.logNumber, offset), record)
    if (this.checkpoints.at(-1) !== offset) this.checkpoints.push(offset)
  }

  writeDescriptors(segments: ReadonlyArray<Descriptor>, set: WriteSet): void {
    for (const segment of segments) {
      set.put(keys.descriptor(this.logNumber, segment.firstOffset), records.encodeDescriptor(segment, this.#crc32c))
    }
  }

  /** Recovery starts from an older one then. */
  dropCheckpoints(offsets: ReadonlyArray<number>, set: WriteSet): void {
    for (const offset of offsets) set.remove(keys.checkpoint(this.logNumber, offset))
    this.checkpoints = this.checkpoints.filter((offset) => !offsets.includes(offset))
  }

  /** What each commit of this log carries, beside its batches. */
  writeFigures(set: WriteSet): void {
    this.#writtenStart = this.startOffset
    const { active, highWatermark, isHighWatermarkKnown, startOffset } = this
    const figures = { active, startOffset, highWatermark: isHighWatermarkKnown ? highWatermark : undefined }
    set.put(keys.state(this.logNumber), records.encodeFigures(figures, this.#crc32c))
    if (this.#shrunk.size > 0) {
      // Of these some may have gone since, or been joined, and their records with them.
      this.writeDescriptors(this.sealed.filter((segment) => this.#shrunk.has(segment)), set)
      this.#shrunk.clear()
    }
    if (!this.isEpochsChanged) return
    set.put(keys.epochs(this.logNumber), records.encodeBytes(this.epochs.encode(), this.#crc32c))
    this.isEpochsChanged = false
  }

  /** The commit that carried the figures is durable. */
  settle(): void {
    this.durableStart = this.#writtenStart
  }

  /** Moves the start and forgets the segments that lie wholly below it. The batches below it are garbage from now on. */
  advanceStart(startOffset: number, set: WriteSet): void {
    this.startOffset = startOffset
    this.epochs.advanceStart(startOffset)
    this.isEpochsChanged = true
    while (this.sealed.length > 0 && this.sealed[0]!.nextOffset <= startOffset) {
      const gone = this.sealed.shift()!
      this.sealedBytes -= gone.bytes
      set.remove(keys.descriptor(this.logNumber, gone.firstOffset))
    }
    const first = (this.sealed[0] ?? this.active).firstOffset
    while (this.checkpoints.length > 0 && this.checkpoints[0]! < first) {
      set.remove(keys.checkpoint(this.logNumber, this.checkpoints.shift()!))
    }
  }

  /** Forgets segments and checkpoints behind `offset`; the caller rebuilds the newest segment and the producers. */
  cutAt(offset: number, set: WriteSet): void {
    while (this.checkpoints.length > 0 && this.checkpoints.at(-1)! > offset) {
      set.remove(keys.checkpoint(this.logNumber, this.checkpoints.pop()!))
    }
    while (this.active.firstOffset > offset && this.sealed.length > 0) {
      this.active = this.sealed.pop()!
      this.sealedBytes -= this.active.bytes
      set.remove(keys.descriptor(this.logNumber, this.active.firstOffset))
    }
    this.epochs.truncateTo(offset)
    this.isEpochsChanged = true
  }

  /** Whether retention has not removed the segment yet. */
  has(segment: Descriptor): boolean {
    return segment.nextOffset > this.startOffset
  }

  /** Removes all records of the log; its batches are garbage. */
  discard(set: WriteSet): void {
    for (const key of [keys.log, keys.state, keys.epochs, keys.fault, keys.dropped]) set.remove(key(this.logNumber))
    for (const { firstOffset } of this.sealed) set.remove(keys.descriptor(this.logNumber, firstOffset))
    for (const offset of this.checkpoints) set.remove(keys.checkpoint(this.logNumber, offset))
    set.put(keys.deleted(this.logNumber), Buffer.from([1]))
  }

  /** Compaction took bytes out of a sealed segment that is still there. Its record is written once, with the commit of the set. */
  shrink(segment: Descriptor, bytes: number, set: WriteSet): void {
    if (!this.has(segment)) throw new Error("assertion: a segment that went is not written back")
    segment.bytes -= bytes
    this.sealedBytes -= bytes
    this.#shrunk.add(segment)
    // They count the segment as it was before.
    this.#dropCheckpointsInside(segment, set)
  }

  /** Joins sealed segments below `endOffset` that have become small. */
  mergeSealed(endOffset: number, segmentBytesMax: number, set: WriteSet): void {
    for (let i = 0; i + 1 < this.sealed.length && this.sealed[i + 1]!.nextOffset <= endOffset;) {
      const [segment, next] = [this.sealed[i]!, this.sealed[i + 1]!]
      if (segment.bytes + next.bytes > segmentBytesMax) {
        i++
        continue
      }
      segment.absorb(next)
      this.sealed.splice(i + 1, 1)
      set.remove(keys.descriptor(this.logNumber, next.firstOffset))
      this.writeDescriptors([segment], set)
      this.#dropCheckpointsInside(segment, set)
    }
  }

  /** The segments, oldest first. */
  *segments(): Iterable<Descriptor> {
    yield* this.sealed
    if (!this.active.isEmpty) yield this.active
  }

  /** A lower epoch than the latest comes from another leader, and proves that epochs which began here have no batches. */
  #noteEpoch(epoch: number, offset: number): void {
    if (epoch < this.epochs.latest) this.epochs.truncateTo(offset)
    if (epoch > this.epochs.latest) this.epochs.assign(epoch, offset)
    this.isEpochsChanged = true
  }

  #dropCheckpointsInside({ firstOffset, nextOffset }: Descriptor, set: WriteSet): void {
    const isInside = (offset: number): boolean => offset > firstOffset && offset < nextOffset
    if (this.checkpoints.some(isInside)) this.dropCheckpoints(this.checkpoints.filter(isInside), set)
  }

  #isFull(sizeInBytes: number, timestamp: number, config: LogConfig, segmentBytesMax: number, nowMillis: number): boolean {
    const active = this.active
    if (active.isEmpty) return false
    if (active.bytes + sizeInBytes > Math.min(config.segmentBytes, segmentBytesMax)) return true
    const age = active.firstTimestamp >= 0 && timestamp >= 0 ? timestamp - active.firstTimestamp : nowMillis - active.startedMillis
    return age > config.segmentMillis
  }
}
