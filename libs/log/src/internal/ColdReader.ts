import type { StoreRead } from "../Store.ts"
import type { BatchKey, StoreKey } from "./lmdbKeys.ts"

/** What a cold read needs of the database. */
export interface ColdSource {
  getRange(range: { start: StoreKey; end: StoreKey }): Iterable<{ readonly key: string | number; readonly value: Uint8Array }>
  getKeys(range: { start: StoreKey; end: StoreKey; limit: number }): Iterable<string | number>
  prefetch(keys: ReadonlyArray<StoreKey>, callback: () => void): void
}

/** Prefetches that run at a time; the commit thread needs one of libuv's four threads as well. */
const prefetchesMax = 2
const keysMax = 1024
const keysMin = 4
const batchBytesGuess = 64 * 1024
/** Smaller values lie in the pages of the tree itself, several to a page. */
const inlineBytesMax = 1900
const pageBytes = 4096
/** Logs whose next batch is carried from one read to the next. */
const carriedMax = 16
/** Logs of which it is known what their batches are like. */
const shapesMax = 8_192
const none: ReadonlySet<number> = new Set()

/** What the batches of a log were like in its last read. */
interface Shape {
  readonly batchBytes: number
  readonly batchOffsets: number
}

interface Carried {
  readonly fromOffset: number
  readonly lastOffset: number
  readonly batch: Buffer
}

/**
 * Reads that may have to wait for a disk. A page fault would stall the event loop for as long as the disk takes, so a
 * thread of lmdb's touches all pages first; the copy that follows finds them in memory. A read goes no further than what
 * was touched, so it may answer less than was asked for.
 *
 * The batch that turns out not to fit into a read has been copied by then. It is kept, since the next read of a
 * consumer that reads on begins with it.
 */
export class ColdReader {
  readonly #carried = new Map<number, Carried>()
  readonly #shapes = new Map<number, Shape>()
  readonly #waiting: Array<() => void> = []
  #running = 0
  /** The logs that the commit in flight removes or replaces batches of. */
  #changing: ReadonlySet<number> = none
  /** Grows when batches are removed or replaced: what was carried before does not go with what is read later. */
  #generation = 0

  async read(
    source: ColdSource, isCurrent: () => boolean,
    logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean
  ): Promise<StoreRead | undefined> {
    const generation = this.#generation
    const chunks: Array<Buffer> = []
    const carried = this.#take(logNumber, fromOffset, endOffset)
    let bytes = 0
    let from = fromOffset
    if (carried !== undefined) {
      if (carried.batch.length > bytesMax && !atLeastOne) {
        this.#carry(logNumber, carried)
        return { chunks, bytes }
      }
      chunks.push(carried.batch)
      bytes = carried.batch.length
      from = carried.lastOffset + 1
    }
    if (bytes >= bytesMax) return { chunks, bytes }
    const keys = this.#keys(source, logNumber, from, endOffset, bytesMax - bytes)
    if (keys.length === 0) return { chunks, bytes }
    await this.#prefetch(source, isCurrent, keys)
    if (!isCurrent()) return undefined
    const again = () => this.read(source, isCurrent, logNumber, fromOffset, endOffset, bytesMax, atLeastOne)
    if (carried !== undefined && generation !== this.#generation) return again()
    const end = Math.min(keys.at(-1)!.offset + 1, endOffset)
    for (const { key, value } of source.getRange({ start: { logNumber, offset: from }, end: { logNumber, offset: end } })) {
      const batch = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
      const lastOffset = key as number
      if (bytes + batch.length > bytesMax && !(atLeastOne && bytes === 0)) {
        this.#carry(logNumber, { fromOffset: from, lastOffset, batch })
        return this.#answer(logNumber, fromOffset, from, { chunks, bytes })
      }
      chunks.push(batch)
      bytes += batch.length
      from = lastOffset + 1
      if (bytes >= bytesMax) break
    }
    if (chunks.length === 0 && end < endOffset) {
      // The batches have become longer than what was looked at, or what was looked at was removed meanwhile.
      this.#shapes.delete(logNumber)
      return again()
    }
    return this.#answer(logNumber, fromOffset, from, { chunks, bytes })
  }

  /** Notes what the batches were like. */
  #answer(logNumber: number, fromOffset: number, nextOffset: number, read: StoreRead): StoreRead {
    const { bytes, chunks } = read
    if (chunks.length > 0) {
      const shape = { batchBytes: bytes / chunks.length, batchOffsets: (nextOffset - fromOffset) / chunks.length }
      setNewest(this.#shapes, logNumber, shape, shapesMax)
    }
    return read
  }

  /** A commit begins that removes or replaces batches of these logs. Until it has ended a read may find them as they were, and none is carried. */
  beginChange(logNumbers: ReadonlySet<number>): void {
    this.#changing = logNumbers
    for (const logNumber of logNumbers) this.#carried.delete(logNumber)
    this.#generation++
  }

  /** From here on reads find what the commit has left. */
  endChange(): void {
    this.#changing = none
  }

  clear(): void {
    this.#carried.clear()
    this.#generation++
  }

  /** The keys whose pages are touched; the last one ends the read. */
  #keys(source: ColdSource, logNumber: number, fromOffset: number, endOffset: number, bytesMax: number): Array<BatchKey> {
    const { batchBytes, batchOffsets } = this.#shapes.get(logNumber) ?? { batchBytes: batchBytesGuess, batchOffsets: 1 }
    if (batchBytes <= inlineBytesMax) return pageKeys(logNumber, fromOffset, bytesMax, batchBytes, batchOffsets)
    const limit = Math.min(keysMax, Math.max(keysMin, Math.ceil(bytesMax / batchBytes) + 1))
    const keys: Array<BatchKey> = []
    const range = { start: { logNumber, offset: fromOffset }, end: { logNumber, offset: endOffset }, limit }
    for (const key of source.getKeys(range)) keys.push({ logNumber, offset: key as number })
    return keys
  }

  async #prefetch(source: ColdSource, isCurrent: () => boolean, keys: ReadonlyArray<BatchKey>): Promise<void> {
    if (this.#running >= prefetchesMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      if (isCurrent()) await new Promise<void>((resolve) => source.prefetch(keys, resolve))
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }

  #take(logNumber: number, fromOffset: number, endOffset: number): Carried | undefined {
    const carried = this.#carried.get(logNumber)
    if (carried === undefined || fromOffset < carried.fromOffset || fromOffset > carried.lastOffset) return undefined
    if (carried.lastOffset >= endOffset) return undefined
    this.#carried.delete(logNumber)
    return carried
  }

  #carry(logNumber: number, carried: Carried): void {
    if (this.#changing.has(logNumber)) return
    setNewest(this.#carried, logNumber, carried, carriedMax)
  }
}

/** Beyond `max` what was set the longest ago goes. */
function setNewest<A>(map: Map<number, A>, logNumber: number, value: A, max: number): void {
  map.delete(logNumber)
  map.set(logNumber, value)
  if (map.size > max) map.delete(map.keys().next().value!)
}

/** One key for about each page of the tree that holds the batches; a key that is not there touches the page as well. */
function pageKeys(
  logNumber: number, fromOffset: number, bytesMax: number, batchBytes: number, batchOffsets: number
): Array<BatchKey> {
  const pages = Math.min(keysMax, Math.max(keysMin, Math.ceil(bytesMax / pageBytes)))
  const pageOffsets = Math.max(1, (pageBytes / batchBytes) * batchOffsets)
  return Array.from({ length: pages + 1 }, (_, i) => ({ logNumber, offset: fromOffset + Math.ceil(i * pageOffsets) }))
}
