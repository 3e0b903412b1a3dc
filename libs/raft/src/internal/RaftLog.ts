import { type Entry, endOf } from "../Entry.ts"
import type { RaftStorage, StoredState } from "../RaftStorage.ts"
import type { Snapshot, SnapshotChunk } from "../Snapshot.ts"
import { TermIndex } from "./TermIndex.ts"

/** What the log wants written, and what becomes true by it. */
export interface LogWrite {
  readonly snapshotChunks: ReadonlyArray<SnapshotChunk>
  readonly installSnapshot: Snapshot | undefined
  readonly truncateTo: number | undefined
  readonly entries: ReadonlyArray<Entry>
  readonly logStartOffset: number | undefined
}

/**
 * The log as the core sees it: what the storage holds, then the entries that are not durable yet. A write is handed out
 * by `takeWrite` and settled by `settleWrite`; what happens to the log in between is kept apart from it.
 */
export class RaftLog {
  readonly #storage: RaftStorage
  readonly #terms: TermIndex
  startOffset: number
  endOffset: number
  /** Committed: everything below will survive. */
  commit: number
  /** Handed to the state machine and confirmed. */
  applied: number
  snapshot: Snapshot | undefined
  /** Everything below is durable here. */
  durableEnd: number
  /** Entries from `#tailStart` on; the storage has everything below. */
  #tail: Array<Entry> = []
  #tailStart: number
  /** Up to where entries were handed out to be written. */
  #handedEnd: number
  /** The end of the write that is under way, as far as it still is the log. */
  #writingEnd: number | undefined
  #truncateTo: number | undefined
  #chunks: Array<SnapshotChunk> = []
  #install: Snapshot | undefined
  #newStart: number | undefined

  constructor(storage: RaftStorage, state: StoredState) {
    const { startOffset, endOffset, snapshot } = state
    if (startOffset > 0 && (snapshot === undefined || snapshot.endOffset < startOffset)) {
      throw new Error("assertion: a log that does not start at 0 has a snapshot of what is missing")
    }
    this.#storage = storage
    this.#terms = new TermIndex(startOffset, state.startTerm, state.terms)
    this.startOffset = startOffset
    this.endOffset = endOffset
    this.snapshot = snapshot
    this.durableEnd = endOffset
    this.#tailStart = endOffset
    this.#handedEnd = endOffset
    this.applied = snapshot?.endOffset ?? 0
    this.commit = Math.max(this.applied, Math.min(state.highWatermark, endOffset))
    if (this.commit > endOffset) throw new Error("assertion: the log reaches to its snapshot's end")
  }

  /** A snapshot is in force here that was not handed out to be written. */
  get isInstalling(): boolean {
    return this.#install !== undefined
  }

  get lastTerm(): number {
    return this.#terms.lastTerm
  }

  termBefore(endOffset: number): number | undefined {
    return endOffset > this.endOffset ? undefined : this.#terms.before(endOffset)
  }

  lastEndWithin(endOffset: number, term: number): number | undefined {
    return this.#terms.lastEndWithin(Math.min(endOffset, this.endOffset), term)
  }

  /** Whether a log that ends at `endOffset` in `lastTerm` has everything that may have been committed, if this one has. */
  isUpToDate(lastTerm: number, endOffset: number): boolean {
    return lastTerm > this.lastTerm || (lastTerm === this.lastTerm && endOffset >= this.endOffset)
  }

  append(entries: ReadonlyArray<Entry>): void {
    for (const entry of entries) {
      if (entry.offset !== this.endOffset) throw new Error(`assertion: an entry at ${entry.offset}, the log ends at ${this.endOffset}`)
      this.#terms.append(entry.term, entry.offset)
      this.#tail.push(entry)
      this.endOffset = endOf(entry)
    }
  }

  truncateTo(offset: number): void {
    if (offset < this.commit) throw new Error(`assertion: committed entries at ${offset} of ${this.commit} would be truncated`)
    if (offset < this.#handedEnd) {
      this.#truncateTo = Math.min(offset, this.#truncateTo ?? offset)
      this.#handedEnd = offset
    }
    if (this.#writingEnd !== undefined) this.#writingEnd = Math.min(this.#writingEnd, offset)
    while (this.#tail.length > 0 && this.#tail.at(-1)!.offset >= offset) this.#tail.pop()
    this.#tailStart = Math.min(this.#tailStart, offset)
    this.durableEnd = Math.min(this.durableEnd, offset)
    this.endOffset = offset
    this.#terms.truncateTo(offset)
  }

  addChunk(chunk: SnapshotChunk): void {
    this.#chunks.push(chunk)
  }

  /** The snapshot takes the place of the whole log. */
  reset(snapshot: Snapshot): void {
    const { endOffset } = snapshot
    this.#install = snapshot
    this.snapshot = snapshot
    this.#terms.reset(endOffset, snapshot.term)
    this.startOffset = endOffset
    this.endOffset = endOffset
    this.commit = endOffset
    this.applied = endOffset
    this.#tail = []
    this.#tailStart = endOffset
    this.#handedEnd = endOffset
    this.#writingEnd = undefined
    this.#truncateTo = undefined
    this.#newStart = undefined
    this.durableEnd = 0
  }

  /** The log may begin at `startOffset`, since the snapshot stands for what is below. */
  compact(snapshot: Snapshot, startOffset: number): void {
    this.snapshot = snapshot
    if (startOffset <= this.startOffset) return
    this.#terms.advanceStart(startOffset)
    this.startOffset = startOffset
    this.#newStart = startOffset
  }

  /** Whole entries from the one that holds `fromOffset` on; undefined where the storage does not have them at hand. */
  read(fromOffset: number, endOffset: number, bytesMax: number, entriesMax: number): ReadonlyArray<Entry> | undefined {
    if (fromOffset >= endOffset) return []
    if (fromOffset < this.#tailStart) {
      return this.#storage.read(fromOffset, Math.min(endOffset, this.#tailStart), bytesMax, entriesMax)
    }
    const first = this.#tailIndex(fromOffset)
    let bytes = 0
    let next = first
    while (next < this.#tail.length && next - first < entriesMax) {
      const entry = this.#tail[next]!
      bytes += entry.data.length
      if (endOf(entry) > endOffset || (next > first && bytes > bytesMax)) break
      next++
    }
    return this.#tail.slice(first, next)
  }

  readSnapshot(snapshot: Snapshot, position: number, bytesMax: number): Uint8Array | "gone" | undefined {
    return this.#storage.readSnapshot(snapshot, position, bytesMax)
  }

  /** Everything that was not handed out yet; undefined when there is nothing. */
  takeWrite(): LogWrite | undefined {
    const entries = this.#handedEnd >= this.endOffset ? [] : this.#tail.slice(this.#tailIndex(this.#handedEnd))
    const write: LogWrite = {
      snapshotChunks: this.#chunks, installSnapshot: this.#install, truncateTo: this.#truncateTo, entries,
      logStartOffset: this.#newStart
    }
    const isEmpty = entries.length === 0 && this.#chunks.length === 0 && this.#install === undefined &&
      this.#truncateTo === undefined && this.#newStart === undefined
    this.#chunks = []
    this.#install = undefined
    this.#truncateTo = undefined
    this.#newStart = undefined
    this.#handedEnd = this.endOffset
    this.#writingEnd = this.endOffset
    return isEmpty ? undefined : write
  }

  /** The write is durable. What was truncated or replaced since it was handed out does not count. */
  settleWrite(): void {
    const end = this.#writingEnd
    this.#writingEnd = undefined
    if (end === undefined) return
    this.durableEnd = end
    let settled = 0
    while (settled < this.#tail.length && this.#tail[settled]!.offset < end) settled++
    this.#tail.splice(0, settled)
    this.#tailStart = Math.max(this.#tailStart, end)
  }

  /** The entry of the tail that holds `offset`. */
  #tailIndex(offset: number): number {
    let low = 0
    let high = this.#tail.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (endOf(this.#tail[middle]!) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
