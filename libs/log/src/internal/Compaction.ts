import { Batch, type RecordCodecs, type RecordCursor } from "@tailrace/record"
import type { StoreRead } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import { compactBatch } from "./compactBatch.ts"
import type { Descriptor } from "./Descriptor.ts"
import type { LogState } from "./LogState.ts"

export interface CompactionOptions {
  /** Nothing at or behind this offset is looked at; the high watermark bounds it besides. */
  readonly stableOffset?: number
  readonly nowMillis: number
  /** How long a tombstone stays after its batch was written. */
  readonly tombstoneMillis: number
  /** A pass is worth while once this part of the log was written since the last one. */
  readonly dirtyFractionMin: number
  /** Keys that one pass remembers; a log with more is compacted in several. */
  readonly keysMax: number
  readonly segmentBytesMax: number
}

export interface CompactionResult {
  readonly bytesBefore: number
  readonly bytesAfter: number
}

/** The log, as compaction sees it. */
export interface CompactionLog {
  /** False for good once the log was truncated, rebuilt or deleted, or has damage: what was read is not to be written back. */
  isCurrent(): boolean
  read(fromOffset: number, endOffset: number): StoreRead | Promise<StoreRead>
  /** Looks at what was read as a verified read does: damage quarantines the log. */
  examine(found: StoreRead, fromOffset: number, endOffset: number): void
  stage(): WriteSet
  durable(): Promise<void>
}

/** Rewritten bytes, and changes, that one commit carries. */
const portionBytesMax = 4 * 1024 * 1024
const portionBatchesMax = 512

/**
 * Keeps the latest record of each key. Works on sealed segments below the high watermark, in portions, each a commit of
 * its own; a pass that is cut off leaves a log that is whole and simply less compact. Batches are checked each time before
 * they are used, since a rewritten one has a new CRC, which would hide what rotted; damage ends the pass. Transactional
 * batches and control batches are neither rewritten nor counted, since whether they are committed is not known here.
 */
export class Compaction {
  readonly #log: CompactionLog
  readonly #state: LogState
  readonly #codecs: RecordCodecs
  readonly #options: CompactionOptions
  readonly #latest = new Map<string, number>()

  constructor(log: CompactionLog, state: LogState, codecs: RecordCodecs, options: CompactionOptions) {
    this.#log = log
    this.#state = state
    this.#codecs = codecs
    this.#options = options
  }

  /** Answers undefined when there is too little to do, the log changed meanwhile, or it turned out to be damaged. */
  async run(): Promise<CompactionResult | undefined> {
    const state = this.#state
    const bound = Math.min(state.highWatermark, this.#options.stableOffset ?? state.highWatermark)
    const segments = state.sealed.filter((segment) => segment.nextOffset <= bound)
    const dirty = segments.filter((segment) => segment.firstOffset >= state.compactedTo)
    const bytesBefore = sum(segments)
    if (dirty.length === 0 || sum(dirty) < bytesBefore * this.#options.dirtyFractionMin) return undefined
    let end = segments[0]!.firstOffset
    for (const segment of dirty) {
      if (!(await this.#remember(segment))) break
      end = segment.nextOffset
    }
    const cleaned = segments.filter((segment) => segment.nextOffset <= end)
    for (const segment of cleaned) if (!(await this.#rewrite(segment))) return undefined
    if (cleaned.length === 0 || !this.#log.isCurrent()) return undefined
    state.compactedTo = end
    const bytesAfter = sum(segments)
    state.mergeSealed(end, this.#options.segmentBytesMax, this.#log.stage())
    await this.#log.durable()
    return { bytesBefore, bytesAfter }
  }

  /** Answers false when the keys of the segment do not fit any more, or it cannot be read to its end. A first segment always fits. */
  async #remember(segment: Descriptor): Promise<boolean> {
    const isFirst = this.#latest.size === 0
    const isWhole = await this.#visit(segment, (batch) => {
      if (isUntouched(batch)) return
      compactBatch(batch, this.#codecs, (cursor) => {
        const key = keyOf(cursor)
        if (key !== undefined) this.#latest.set(key, cursor.offset)
        return true
      })
    })
    return isWhole && (isFirst || this.#latest.size <= this.#options.keysMax)
  }

  async #rewrite(segment: Descriptor): Promise<boolean> {
    const { nowMillis, tombstoneMillis } = this.#options
    let bytes = 0
    let changes = 0
    const isWhole = await this.#visit(segment, async (batch) => {
      if (isUntouched(batch)) return
      const areTombstonesOld = Batch.maxTimestamp(batch, 0) < nowMillis - tombstoneMillis
      const rewritten = compactBatch(batch, this.#codecs, (cursor) => this.#keeps(cursor, areTombstonesOld))
      // Retention may have removed the segment since it was read; nothing of it is to be written back.
      if (rewritten === batch || !this.#state.has(segment)) return
      const set = this.#log.stage()
      const lastOffset = Batch.lastOffset(batch, 0)
      if (rewritten === undefined) set.removeBatch(this.#state.logNumber, lastOffset)
      else set.replaceBatch(this.#state.logNumber, lastOffset, rewritten)
      this.#state.shrink(segment, batch.length - (rewritten?.length ?? 0), set)
      bytes += rewritten?.length ?? 0
      changes++
      if (bytes < portionBytesMax && changes < portionBatchesMax) return
      bytes = changes = 0
      await this.#log.durable()
    })
    if (changes > 0) await this.#log.durable()
    return isWhole
  }

  #keeps(cursor: RecordCursor, areTombstonesOld: boolean): boolean {
    const key = keyOf(cursor)
    if (key === undefined) return false
    const latest = this.#latest.get(key)
    if (latest !== undefined && latest > cursor.offset) return false
    return !(cursor.valueBytes < 0 && areTombstonesOld)
  }

  /** Visits the batches of the segment in reads of moderate size, so that the event loop gets its turns. */
  async #visit(segment: Descriptor, visit: (batch: Buffer) => void | Promise<void>): Promise<boolean> {
    const end = segment.nextOffset
    let from = Math.max(segment.firstOffset, this.#state.startOffset)
    while (from < end) {
      const found = await this.#log.read(from, end)
      if (!this.#log.isCurrent()) return false
      if (from < this.#state.startOffset) {
        // What was read may have been removed meanwhile, which is no damage.
        from = this.#state.startOffset
        continue
      }
      if (found.chunks.length === 0) return true
      this.#log.examine(found, from, end)
      for (const batch of found.chunks) {
        if (!this.#log.isCurrent()) return false
        await visit(batch)
        from = Batch.nextOffset(batch, 0)
      }
    }
    return this.#log.isCurrent()
  }
}

const isUntouched = (batch: Buffer): boolean => Batch.isControl(batch, 0) || Batch.isTransactional(batch, 0)

const keyOf = (cursor: RecordCursor): string | undefined =>
  cursor.keyBytes < 0 ? undefined : cursor.bytes.toString("latin1", cursor.keyAt, cursor.keyAt + cursor.keyBytes)

const sum = (segments: ReadonlyArray<Descriptor>): number => segments.reduce((bytes, segment) => bytes + segment.bytes, 0)
