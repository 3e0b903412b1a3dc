import { Batch, Int64 } from "@tailrace/record"

export const figuresBytes = 7 * 8
const entryBytes = 16
/** One entry of the time index stands for about this many bytes of batches. */
const indexIntervalBytes = 256 * 1024

/**
 * What a segment file is to Kafka, without the file: the figures of a run of batches that retention and searches need,
 * so that neither has to look at batches. `nextOffset` is exclusive.
 */
export class Descriptor {
  readonly firstOffset: number
  nextOffset: number
  bytes = 0
  maxTimestamp = -1
  /** The base offset of the first batch that has `maxTimestamp`. */
  maxTimestampOffset = -1
  /** The newest timestamp of the first batch, from which the age of the segment counts. */
  firstTimestamp = -1
  /** Wall time of the first append, for segments whose records carry no usable time. */
  startedMillis = 0
  /** Pairs of (t, o): no batch before offset o has a timestamp above t. Both ascend. */
  #indexTimestamps: Array<number> = []
  #indexOffsets: Array<number> = []
  #bytesSinceEntry = 0

  constructor(firstOffset: number) {
    this.firstOffset = firstOffset
    this.nextOffset = firstOffset
  }

  get isEmpty(): boolean {
    return this.bytes === 0
  }

  add(b: Buffer, at: number, sizeInBytes: number, nowMillis: number): void {
    const timestamp = Batch.maxTimestamp(b, at)
    if (this.bytes === 0) {
      this.firstTimestamp = timestamp
      this.startedMillis = nowMillis
    } else if (this.#bytesSinceEntry >= indexIntervalBytes) {
      this.#indexTimestamps.push(this.maxTimestamp)
      this.#indexOffsets.push(Batch.baseOffset(b, at))
      this.#bytesSinceEntry = 0
    }
    if (timestamp > this.maxTimestamp) {
      this.maxTimestamp = timestamp
      this.maxTimestampOffset = Batch.baseOffset(b, at)
    }
    this.bytes += sizeInBytes
    this.#bytesSinceEntry += sizeInBytes
    this.nextOffset = Batch.nextOffset(b, at)
  }

  /** Takes note of `sizeInBytes` that cannot be read, up to `nextOffset`. */
  skip(nextOffset: number, sizeInBytes: number): void {
    this.bytes += sizeInBytes
    this.#bytesSinceEntry += sizeInBytes
    this.nextOffset = Math.max(this.nextOffset, nextOffset)
  }

  /** Takes over the segment behind this one; the time index of either is thinned. */
  absorb(next: Descriptor): void {
    this.#thin()
    next.#thin()
    if (this.#bytesSinceEntry >= indexIntervalBytes) {
      this.#indexTimestamps.push(this.maxTimestamp)
      this.#indexOffsets.push(next.firstOffset)
      this.#bytesSinceEntry = 0
    }
    for (const timestamp of next.#indexTimestamps) this.#indexTimestamps.push(Math.max(timestamp, this.maxTimestamp))
    for (const offset of next.#indexOffsets) this.#indexOffsets.push(offset)
    this.#bytesSinceEntry = next.#bytesSinceEntry + (next.#indexOffsets.length > 0 ? 0 : this.#bytesSinceEntry)
    if (next.maxTimestamp > this.maxTimestamp) {
      this.maxTimestamp = next.maxTimestamp
      this.maxTimestampOffset = next.maxTimestampOffset
    }
    this.bytes += next.bytes
    this.nextOffset = next.nextOffset
  }

  /** No batch before the answered offset has a timestamp of `target` or later. */
  searchFrom(target: number): number {
    let from = this.firstOffset
    for (let i = 0; i < this.#indexOffsets.length && this.#indexTimestamps[i]! < target; i++) from = this.#indexOffsets[i]!
    return from
  }

  /** The last entry of the time index at or before `offset`: no batch before the entry's offset has a later timestamp than the entry's. */
  entryBefore(offset: number): { readonly timestamp: number; readonly offset: number } | undefined {
    const at = this.#indexOffsets.findLastIndex((entry) => entry <= offset)
    return at < 0 ? undefined : { timestamp: this.#indexTimestamps[at]!, offset: this.#indexOffsets[at]! }
  }

  /** The figures without the time index. */
  writeFigures(record: Buffer, start: number): number {
    Int64.writeInt64(record, start, this.firstOffset)
    Int64.writeInt64(record, start + 8, this.nextOffset)
    Int64.writeInt64(record, start + 16, this.bytes)
    Int64.writeInt64(record, start + 24, this.maxTimestamp)
    Int64.writeInt64(record, start + 32, this.maxTimestampOffset)
    Int64.writeInt64(record, start + 40, this.firstTimestamp)
    Int64.writeInt64(record, start + 48, this.startedMillis)
    return start + figuresBytes
  }

  static readFigures(record: Buffer, start: number): Descriptor {
    const descriptor = new Descriptor(Int64.readInt64(record, start))
    descriptor.nextOffset = Int64.readInt64(record, start + 8)
    descriptor.bytes = Int64.readInt64(record, start + 16)
    descriptor.maxTimestamp = Int64.readInt64(record, start + 24)
    descriptor.maxTimestampOffset = Int64.readInt64(record, start + 32)
    descriptor.firstTimestamp = Int64.readInt64(record, start + 40)
    descriptor.startedMillis = Int64.readInt64(record, start + 48)
    return descriptor
  }

  get encodedBytes(): number {
    return figuresBytes + 8 + this.#indexOffsets.length * entryBytes
  }

  write(record: Buffer, start: number): number {
    const count = this.#indexOffsets.length
    let at = this.writeFigures(record, start)
    record.writeUInt32BE(this.#bytesSinceEntry, at)
    record.writeUInt32BE(count, at + 4)
    at += 8
    for (let i = 0; i < count; i++, at += entryBytes) {
      Int64.writeInt64(record, at, this.#indexTimestamps[i]!)
      Int64.writeInt64(record, at + 8, this.#indexOffsets[i]!)
    }
    return at
  }

  static read(record: Buffer, start: number): Descriptor {
    const descriptor = Descriptor.readFigures(record, start)
    let at = start + figuresBytes
    descriptor.#bytesSinceEntry = record.readUInt32BE(at)
    const count = record.readUInt32BE(at + 4)
    at += 8
    for (let i = 0; i < count; i++, at += entryBytes) {
      descriptor.#indexTimestamps.push(Int64.readInt64(record, at))
      descriptor.#indexOffsets.push(Int64.readInt64(record, at + 8))
    }
    return descriptor
  }

  /**
   * Compaction took bytes out, but no entries: of those as many stay as `add` makes for the bytes that are left. Which bytes
   * went is not known here, so they are taken evenly; each is as true without the others.
   */
  #thin(): void {
    const total = this.#indexOffsets.length
    const count = Math.floor(this.bytes / indexIntervalBytes)
    if (total > count) {
      const kept = Array.from({ length: count }, (_, i) => Math.floor(((i + 1) * (total + 1)) / (count + 1)) - 1)
      this.#indexTimestamps = kept.map((i) => this.#indexTimestamps[i]!)
      this.#indexOffsets = kept.map((i) => this.#indexOffsets[i]!)
      this.#bytesSinceEntry = this.bytes
    }
    this.#bytesSinceEntry = Math.min(this.#bytesSinceEntry, this.bytes - this.#indexOffsets.length * indexIntervalBytes)
  }
}
