import { Batch } from "@tailrace/record"
import type { LogFault } from "../LogFault.ts"
import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import type { Descriptor } from "./Descriptor.ts"
import type { Crc32c } from "./Guarded.ts"
import { hullOf } from "./hullOf.ts"
import * as keys from "./keys.ts"
import type { LogState } from "./LogState.ts"
import { misplacement } from "./misplacement.ts"
import * as records from "./records.ts"

/** Recovery begins at the newest checkpoint; older ones serve when that one is damaged, and truncation. */
const checkpointsMax = 2

/** The log, as its scrub sees it. */
export interface ScrubbedLog {
  readonly state: LogState
  readonly store: Store
  readonly crc32c: Crc32c
  /** False once the log was truncated, rebuilt or deleted: the walk ends. */
  isCurrent(): boolean
  /** Whether batches are being replaced, so that they cannot be counted. */
  isChanging(): boolean
  /** Batches from here on are in memory or not written yet. */
  coldEnd(): number
  fault(): LogFault | undefined
  quarantine(fault: LogFault): void
  /** Stages records; not called while nothing can be staged. */
  rewrite(write: (set: WriteSet) => void): void
}

/**
 * One walk through what a log has on the disk, in steps. Small records that rotted are written again from memory. Batches
 * are checked by their CRC, against their keys and against each other, and each segment by the bytes that it should have,
 * which tells a batch that was lost from one that was compacted away. Damage quarantines the log.
 */
export class LogScrub {
  readonly #log: ScrubbedLog
  #from: number
  #segment: Descriptor
  /** What the segment counted when its walk began, to see whether it was rewritten meanwhile. */
  #expectedBytes: number
  #seenBytes = 0
  #gap: LogFault | undefined
  #canCount: boolean

  constructor(log: ScrubbedLog) {
    this.#log = log
    this.#segment = log.state.sealed[0] ?? log.state.active
    this.#from = this.#segment.firstOffset
    this.#expectedBytes = this.#segment.bytes
    this.#canCount = !log.isChanging()
    this.#checkRecords()
  }

  /** Looks at about `bytesMax`; answers how many it were, undefined when the walk is over. */
  async step(bytesMax: number): Promise<number | undefined> {
    const log = this.#log
    if (!log.isCurrent()) return undefined
    this.#skipRemoved()
    const { firstOffset, nextOffset } = this.#segment
    const end = Math.min(nextOffset, log.coldEnd())
    const skipped = this.#passFault(end)
    if (skipped !== undefined) return skipped
    const read = this.#from < end
      ? await log.store.readBatches(log.state.logNumber, this.#from, end, bytesMax, true)
      : { chunks: [], bytes: 0 }
    if (!log.isCurrent()) return undefined
    // The segment went while its batches were read.
    if (!log.state.has(this.#segment) && this.#segment !== log.state.active) return 0
    if (read.chunks.length > 0) {
      this.#checkBatches(read.chunks, end)
      return read.bytes
    }
    if (nextOffset > end && firstOffset < nextOffset) return undefined
    this.#checkCount()
    return this.#nextSegment() ? 0 : undefined
  }

  /** Damage that is known is not looked at again. */
  #passFault(end: number): number | undefined {
    const fault = this.#log.fault()
    if (fault === undefined || this.#from < fault.offset || this.#from >= Math.min(fault.endOffset, end)) return undefined
    this.#from = fault.endOffset
    this.#canCount = false
    return 0
  }

  #checkBatches(chunks: ReadonlyArray<Buffer>, end: number): void {
    const { crc32c, quarantine, state, store } = this.#log
    const lastOffsets = store.lastOffsets(state.logNumber, this.#from, end, chunks.length)
    for (let i = 0; i < chunks.length && i < lastOffsets.length; i++) {
      const batch = chunks[i]!
      const lastOffset = lastOffsets[i]!
      const reason = Batch.check(batch, 0, batch.length, crc32c) ?? misplacement(batch, lastOffset, this.#from, state.epochs)
      if (reason !== undefined) {
        this.#canCount = false
        quarantine({ offset: this.#from, endOffset: lastOffset + 1, reason })
      } else if (Batch.baseOffset(batch, 0) > this.#from) {
        this.#gap = hullOf(this.#gap, { offset: this.#from, endOffset: Batch.baseOffset(batch, 0), reason: "missing" })
      }
      this.#seenBytes += batch.length
      this.#from = lastOffset + 1
    }
  }

  #checkCount(): void {
    const { isChanging, quarantine } = this.#log
    const { bytes, firstOffset, nextOffset } = this.#segment
    const isCounted = this.#canCount && !isChanging() && bytes === this.#expectedBytes
    if (!isCounted || this.#seenBytes === bytes) return
    const behind: LogFault | undefined = this.#from < nextOffset ? { offset: this.#from, endOffset: nextOffset, reason: "missing" } : undefined
    quarantine(hullOf(this.#gap, behind) ?? { offset: firstOffset, endOffset: nextOffset, reason: "missing" })
  }

  /** Retention has removed segments: go on with what is there. */
  #skipRemoved(): void {
    const { state } = this.#log
    if (this.#segment === state.active || state.has(this.#segment)) return
    this.#begin(state.sealed[0] ?? state.active)
  }

  #nextSegment(): boolean {
    const { state } = this.#log
    if (this.#segment === state.active) return false
    // A segment may have been sealed, or joined with the one behind it, while the walk was in it.
    this.#begin(state.sealed.find(({ nextOffset }) => nextOffset > this.#segment.nextOffset) ?? state.active)
    return true
  }

  #begin(segment: Descriptor): void {
    this.#segment = segment
    this.#from = Math.max(segment.firstOffset, this.#from)
    this.#expectedBytes = segment.bytes
    this.#seenBytes = 0
    this.#gap = undefined
    this.#canCount = this.#from === segment.firstOffset && !this.#log.isChanging()
  }

  /** Memory has what the small records say, so those that rotted are simply written again. */
  #checkRecords(): void {
    const { crc32c, rewrite, state, store } = this.#log
    const { logNumber, sealed } = state
    const isIntact = (key: string): boolean => {
      const record = store.get(key)
      return record === undefined || records.decodeBytes(record, crc32c) !== undefined
    }
    if (!isIntact(keys.epochs(logNumber))) rewrite(() => void (state.isEpochsChanged = true))
    if (!isIntact(keys.state(logNumber))) rewrite(() => {})
    const damaged = sealed.filter(({ firstOffset }) => !isIntact(keys.descriptor(logNumber, firstOffset)))
    if (damaged.length > 0) rewrite((set) => state.writeDescriptors(damaged, set))
    const checkpoints = state.checkpoints.slice(-checkpointsMax).filter((offset) => !isIntact(keys.checkpoint(logNumber, offset)))
    if (checkpoints.length > 0) rewrite((set) => state.dropCheckpoints(checkpoints, set))
  }
}
