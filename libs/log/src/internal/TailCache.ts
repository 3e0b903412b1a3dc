import type { StoreRead } from "../Store.ts"

/** Objects around a batch cost memory as well. */
const entryOverheadBytes = 256
/** Above this many chunks of less than `chunkBytesMin` on average, a read is one copy rather than a long list. */
const chunkCountMax = 16
const chunkBytesMin = 4096
const compactAt = 1024
const noBytes = Buffer.alloc(0)

interface Backing {
  readonly bytes: number
  liveBytes: number
  entries: number
}

class TailEntry {
  readonly tail: LogTail
  readonly lastOffset: number
  /** Of the tail's batches that were pushed before it. */
  readonly startBytes: number
  batch: Buffer
  isDropped = false

  constructor(tail: LogTail, lastOffset: number, batch: Buffer) {
    this.startBytes = tail.pushedBytes
    this.tail = tail
    this.lastOffset = lastOffset
    this.batch = batch
  }
}

/** The newest batches of one log, in offset order and without a hole up to the log's end. */
export class LogTail {
  /** Entries at or behind this offset are not durable yet and are never evicted. */
  durableEnd = 0
  /** Where a read must start, at the least, to be answered from here. */
  firstOffset = Number.MAX_SAFE_INTEGER
  /** Of all batches that it has held, less those that were cut off. */
  pushedBytes = 0
  readonly entries: Array<TailEntry> = []
  head = 0
}

/**
 * Recent batches of all logs, kept by reference. What counts against the budget is the memory behind a batch: a frame
 * that was read from a socket is held as a whole while one of its batches is. Where most of a frame is not held,
 * `settle` copies the batches out of it. The oldest batches of all logs go first.
 */
export class TailCache {
  readonly bytesMax: number
  #usedBytes = 0
  readonly #backings = new Map<ArrayBufferLike, Backing>()
  /** In the order in which they came; those before the head are dropped, and others may be. */
  #order: Array<TailEntry> = []
  #orderHead = 0
  #droppedCount = 0
  #unsettled: Array<TailEntry> = []

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  push(tail: LogTail, baseOffset: number, lastOffset: number, batch: Buffer): void {
    if (tail.head === tail.entries.length) tail.firstOffset = baseOffset
    const entry = new TailEntry(tail, lastOffset, batch)
    tail.entries.push(entry)
    tail.pushedBytes += batch.length
    this.#order.push(entry)
    this.#unsettled.push(entry)
    this.#hold(batch)
  }

  /** Called once per turn, when all batches of the turn's frames have been pushed. */
  settle(): void {
    const wasteful = this.#unsettled.filter((entry) => !entry.isDropped && this.#isWasteful(entry.batch))
    this.#unsettled = []
    let bytes = 0
    for (const { batch } of wasteful) bytes += batch.length
    if (bytes > 0) {
      const own = Buffer.allocUnsafeSlow(bytes)
      let at = 0
      for (const entry of wasteful) {
        const copy = own.subarray(at, at + entry.batch.length)
        copy.set(entry.batch)
        at += copy.length
        this.#release(entry.batch)
        this.#hold(copy)
        entry.batch = copy
      }
    }
    this.evict()
  }

  evict(): void {
    while (this.#usedBytes > this.bytesMax && this.#orderHead < this.#order.length) {
      const entry = this.#order[this.#orderHead]!
      if (!entry.isDropped) {
        if (entry.lastOffset >= entry.tail.durableEnd) break
        this.#dropHead(entry.tail)
      }
      this.#orderHead++
    }
    if (this.#droppedCount >= compactAt && this.#droppedCount * 2 >= this.#order.length) {
      this.#order = this.#order.filter(({ isDropped }) => !isDropped)
      this.#orderHead = this.#droppedCount = 0
    }
  }

  /** Forgets what lies at or behind `endOffset`, which must be the end of a batch. */
  truncate(tail: LogTail, endOffset: number): void {
    while (tail.entries.length > tail.head && tail.entries.at(-1)!.lastOffset >= endOffset) {
      const entry = tail.entries.pop()!
      tail.pushedBytes = entry.startBytes
      this.#drop(entry)
    }
    tail.durableEnd = Math.min(tail.durableEnd, endOffset)
    this.#markEmpty(tail)
  }

  clear(tail: LogTail): void {
    for (let i = tail.head; i < tail.entries.length; i++) this.#drop(tail.entries[i]!)
    tail.entries.length = 0
    tail.head = 0
    this.#markEmpty(tail)
  }

  /** The last offsets of all batches held at or behind `fromOffset`. */
  lastOffsets(tail: LogTail, fromOffset: number): Array<number> {
    const offsets: Array<number> = []
    for (let i = find(tail, fromOffset); i < tail.entries.length; i++) offsets.push(tail.entries[i]!.lastOffset)
    return offsets
  }

  /** Batches from the one that holds `fromOffset`, which must not be below `tail.firstOffset`, by reference. */
  read(tail: LogTail, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean): StoreRead {
    const chunks: Array<Buffer> = []
    let bytes = 0
    for (let i = find(tail, fromOffset); i < tail.entries.length; i++) {
      const { batch, lastOffset } = tail.entries[i]!
      if (lastOffset >= endOffset) break
      if (bytes + batch.length > bytesMax && !(atLeastOne && bytes === 0)) break
      chunks.push(batch)
      bytes += batch.length
    }
    const isScattered = chunks.length > chunkCountMax && bytes < chunks.length * chunkBytesMin
    return { chunks: isScattered ? [Buffer.concat(chunks, bytes)] : chunks, bytes }
  }

  /** The bytes that a `read` without a limit answers. */
  bytesBetween(tail: LogTail, fromOffset: number, endOffset: number): number {
    const startBytes = (offset: number) => tail.entries[find(tail, offset)]?.startBytes ?? tail.pushedBytes
    return startBytes(endOffset) - startBytes(fromOffset)
  }

  #isWasteful(batch: Buffer): boolean {
    const backing = this.#backings.get(batch.buffer)!
    return backing.liveBytes * 2 < backing.bytes
  }

  #dropHead(tail: LogTail): void {
    this.#drop(tail.entries[tail.head]!)
    const after = tail.entries[tail.head]!.lastOffset + 1
    tail.head++
    if (tail.head >= compactAt && tail.head * 2 >= tail.entries.length) {
      tail.entries.splice(0, tail.head)
      tail.head = 0
    }
    tail.firstOffset = after
    this.#markEmpty(tail)
  }

  #drop(entry: TailEntry): void {
    entry.isDropped = true
    this.#droppedCount++
    this.#release(entry.batch)
    // Dropped entries stay in their lists for a while; their memory must not.
    entry.batch = noBytes
  }

  #markEmpty(tail: LogTail): void {
    if (tail.head !== tail.entries.length) return
    tail.entries.length = 0
    tail.head = 0
    tail.firstOffset = Number.MAX_SAFE_INTEGER
  }

  #hold(batch: Buffer): void {
    let backing = this.#backings.get(batch.buffer)
    if (backing === undefined) {
      backing = { bytes: batch.buffer.byteLength, liveBytes: 0, entries: 0 }
      this.#backings.set(batch.buffer, backing)
      this.#usedBytes += backing.bytes
    }
    backing.liveBytes += batch.length
    backing.entries++
    this.#usedBytes += entryOverheadBytes
  }

  #release(batch: Buffer): void {
    const backing = this.#backings.get(batch.buffer)!
    backing.liveBytes -= batch.length
    backing.entries--
    this.#usedBytes -= entryOverheadBytes
    if (backing.entries > 0) return
    this.#backings.delete(batch.buffer)
    this.#usedBytes -= backing.bytes
  }
}

/** The index of the first entry whose batch ends at or behind `offset`. */
function find(tail: LogTail, offset: number): number {
  let low = tail.head
  let high = tail.entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (tail.entries[middle]!.lastOffset < offset) low = middle + 1
    else high = middle
  }
  return low
}
