import type { Configuration } from "./Configuration.ts"
import type { ControlFormat } from "./ControlFormat.ts"
import { type Entry, endOf } from "./Entry.ts"
import type { HardState, RaftStorage, StoredState, TermStart } from "./RaftStorage.ts"
import type { Persist } from "./Ready.ts"
import { sameSnapshot, type Snapshot, type SnapshotChunk } from "./Snapshot.ts"

interface StoredSnapshot {
  readonly snapshot: Snapshot
  readonly bytes: Uint8Array
}

/** A snapshot under way. Its pieces are put together once, when the last one is there. */
interface PartialSnapshot {
  readonly snapshot: Snapshot
  readonly pieces: Array<Uint8Array>
  sizeBytes: number
}

/** What a storage holds when it is opened; `MemoryStorage` may begin with it. */
export interface StoredContents {
  readonly hardState: HardState
  /** Contiguous from `startOffset` on. */
  readonly entries: ReadonlyArray<Entry>
  readonly startOffset: number
  /** The term of the entry before `startOffset`, 0 where there was none. */
  readonly startTerm: number
  readonly highWatermark: number
  readonly snapshot: { readonly snapshot: Snapshot; readonly bytes: Uint8Array } | undefined
}

/**
 * A storage that lives as long as the process: for tests, and as the memory of a storage on a disk, which begins it with
 * what the disk has and tells it of every write that is durable.
 */
export class MemoryStorage implements RaftStorage {
  readonly #format: ControlFormat
  readonly #bootstrap: Configuration
  #hardState: HardState = { term: 0, votedFor: undefined }
  #entries: Array<Entry> = []
  #startOffset = 0
  #startTerm = 0
  #highWatermark = 0
  #snapshot: StoredSnapshot | undefined
  #partial: PartialSnapshot | undefined

  constructor(format: ControlFormat, bootstrap: Configuration, contents?: StoredContents) {
    this.#format = format
    this.#bootstrap = bootstrap
    if (contents === undefined) return
    this.#hardState = contents.hardState
    this.#entries = [...contents.entries]
    this.#startOffset = contents.startOffset
    this.#startTerm = contents.startTerm
    this.#highWatermark = contents.highWatermark
    this.#snapshot = contents.snapshot
  }

  get hardState(): HardState {
    return this.#hardState
  }

  get startOffset(): number {
    return this.#startOffset
  }

  /** The term of the entry before `startOffset`. */
  get startTerm(): number {
    return this.#startTerm
  }

  /** The pieces of a snapshot that is under way, as far as they are there. */
  get partialSnapshotBytes(): Uint8Array | undefined {
    return this.#partial && joined(this.#partial)
  }

  get endOffset(): number {
    const last = this.#entries.at(-1)
    return last === undefined ? this.#startOffset : endOf(last)
  }

  get entries(): ReadonlyArray<Entry> {
    return this.#entries
  }

  get snapshot(): Snapshot | undefined {
    return this.#snapshot?.snapshot
  }

  get snapshotBytes(): Uint8Array | undefined {
    return this.#snapshot?.bytes
  }

  /** Writes all of it, as one. */
  persist(write: Persist): void {
    if (write.hardState !== undefined) this.#hardState = write.hardState
    for (const chunk of write.snapshotChunks) this.#take(chunk)
    if (write.installSnapshot !== undefined) this.#install(write.installSnapshot)
    if (write.truncateTo !== undefined) {
      while (this.#entries.length > 0 && this.#entries.at(-1)!.offset >= write.truncateTo) this.#entries.pop()
    }
    for (const entry of write.entries) {
      if (entry.offset !== this.endOffset) throw new Error(`assertion: an entry at ${entry.offset} after ${this.endOffset}`)
      this.#entries.push(entry)
    }
    if (write.logStartOffset !== undefined) this.#advanceStart(write.logStartOffset)
    this.#highWatermark = write.highWatermark
    // The core takes no more pieces of what is committed here without them.
    if (this.#partial !== undefined && this.#partial.snapshot.endOffset <= write.highWatermark) this.#partial = undefined
  }

  /** The state machine's snapshot, before `RaftCore.compact`. One that was installed meanwhile is newer and stays. */
  saveSnapshot(snapshot: Snapshot, bytes: Uint8Array): void {
    if (this.#snapshot !== undefined && this.#snapshot.snapshot.endOffset >= snapshot.endOffset) return
    this.#snapshot = { snapshot, bytes }
  }

  /** What a crash may do to pieces that were not flushed. */
  dropPartialSnapshot(): void {
    this.#partial = undefined
  }

  load(): StoredState {
    const terms: Array<TermStart> = []
    for (const { term, offset } of this.#entries) if (term !== (terms.at(-1)?.term ?? this.#startTerm)) terms.push({ term, startOffset: offset })
    return {
      hardState: this.#hardState, snapshot: this.#snapshot?.snapshot,
      partialSnapshot: this.#partial && { snapshot: this.#partial.snapshot, position: this.#partial.sizeBytes },
      bootstrap: this.#bootstrap, startOffset: this.#startOffset, endOffset: this.endOffset, startTerm: this.#startTerm, terms,
      configurations: this.#entries.filter(({ kind }) => kind === "configuration").map(({ offset, data }) =>
        ({ offset, configuration: this.#format.readConfiguration(data) })),
      highWatermark: Math.min(this.#highWatermark, this.endOffset)
    }
  }

  read(fromOffset: number, endOffset: number, bytesMax: number, entriesMax: number): ReadonlyArray<Entry> | undefined {
    if (fromOffset < this.#startOffset) return undefined
    const first = firstAt(this.#entries, fromOffset)
    let next = first
    let bytes = 0
    while (next < this.#entries.length && next - first < entriesMax) {
      const entry = this.#entries[next]!
      bytes += entry.data.length
      if (endOf(entry) > endOffset || (next > first && bytes > bytesMax)) break
      next++
    }
    return this.#entries.slice(first, next)
  }

  readSnapshot(snapshot: Snapshot, position: number, bytesMax: number): Uint8Array | "gone" | undefined {
    const stored = this.#snapshot
    if (stored === undefined || !sameSnapshot(stored.snapshot, snapshot)) return "gone"
    return stored.bytes.subarray(position, position + bytesMax)
  }

  /** A copy of all that is stored: what a disk would hold. */
  clone(): MemoryStorage {
    const copy = new MemoryStorage(this.#format, this.#bootstrap)
    copy.#hardState = this.#hardState
    copy.#entries = [...this.#entries]
    copy.#startOffset = this.#startOffset
    copy.#startTerm = this.#startTerm
    copy.#highWatermark = this.#highWatermark
    copy.#snapshot = this.#snapshot
    copy.#partial = this.#partial && { ...this.#partial, pieces: [...this.#partial.pieces] }
    return copy
  }

  #take({ snapshot, position, data }: SnapshotChunk): void {
    if (position === 0) this.#partial = { snapshot, pieces: [], sizeBytes: 0 }
    const partial = this.#partial
    if (partial?.sizeBytes !== position) throw new Error(`assertion: a piece at ${position} after ${partial?.sizeBytes ?? 0} bytes`)
    partial.pieces.push(data)
    partial.sizeBytes += data.length
  }

  #install(snapshot: Snapshot): void {
    const partial = this.#partial
    if (partial?.sizeBytes !== snapshot.sizeBytes || !sameSnapshot(partial.snapshot, snapshot)) {
      throw new Error("assertion: an installed snapshot is complete")
    }
    this.#snapshot = { snapshot: partial.snapshot, bytes: joined(partial) }
    this.#partial = undefined
    this.#entries = []
    this.#startOffset = snapshot.endOffset
    this.#startTerm = snapshot.term
  }

  #advanceStart(startOffset: number): void {
    const gone = firstAt(this.#entries, startOffset)
    if (gone === 0) return
    const removed = this.#entries.splice(0, gone)
    this.#startTerm = removed.at(-1)!.term
    this.#startOffset = endOf(removed.at(-1)!)
  }
}

function firstAt(entries: ReadonlyArray<Entry>, offset: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(entries[middle]!) <= offset) low = middle + 1
    else high = middle
  }
  return low
}

function joined({ pieces, sizeBytes }: PartialSnapshot): Uint8Array {
  const all = new Uint8Array(sizeBytes)
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
