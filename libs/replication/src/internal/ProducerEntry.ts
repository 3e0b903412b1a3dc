import { Batch, Int64 } from "@tailrace/record"

/** As many batches as an idempotent producer may have in flight, so that any of them can be retried. */
export const batchesRetained = 5

const fieldsPerBatch = 4
const headBytes = 19
const batchBytes = 24

/**
 * What a partition remembers of one producer id: its epoch and its last batches, oldest first. The batches are numbers
 * in one array (base sequence, last offset delta, base offset, timestamp), because a partition may know many producers.
 */
export class ProducerEntry {
  readonly producerId: number
  epoch: number
  /** When the broker last appended for this producer; decides about expiry. */
  appendedMillis = -1
  #batches: number[] = []

  constructor(producerId: number, epoch: number) {
    this.producerId = producerId
    this.epoch = epoch
  }

  get batchCount(): number {
    return this.#batches.length / fieldsPerBatch
  }

  /** -1 when nothing was written in this epoch yet. */
  get lastSequence(): number {
    const last = this.batchCount - 1
    return last < 0 ? -1 : Batch.sequenceAfter(this.baseSequence(last), this.lastOffsetDelta(last))
  }

  get lastOffset(): number {
    const last = this.batchCount - 1
    return last < 0 ? -1 : this.baseOffset(last) + this.lastOffsetDelta(last)
  }

  get lastTimestamp(): number {
    const last = this.batchCount - 1
    return last < 0 ? -1 : this.timestamp(last)
  }

  /** A newer epoch starts with no batch: nothing of the old one may count as a duplicate. */
  startEpoch(epoch: number): void {
    this.epoch = epoch
    this.#batches.length = 0
  }

  add(baseSequence: number, lastOffsetDelta: number, baseOffset: number, timestamp: number): void {
    if (this.batchCount === batchesRetained) this.#batches.splice(0, fieldsPerBatch)
    this.#batches.push(baseSequence, lastOffsetDelta, baseOffset, timestamp)
  }

  /** The index of the retained batch with exactly these sequences, -1 when there is none. */
  find(baseSequence: number, lastSequence: number): number {
    for (let i = 0; i < this.batchCount; i++) {
      const base = this.baseSequence(i)
      if (base === baseSequence && Batch.sequenceAfter(base, this.lastOffsetDelta(i)) === lastSequence) return i
    }
    return -1
  }

  baseSequence(i: number): number {
    return this.#batches[i * fieldsPerBatch]!
  }

  lastOffsetDelta(i: number): number {
    return this.#batches[i * fieldsPerBatch + 1]!
  }

  baseOffset(i: number): number {
    return this.#batches[i * fieldsPerBatch + 2]!
  }

  timestamp(i: number): number {
    return this.#batches[i * fieldsPerBatch + 3]!
  }

  get encodedBytes(): number {
    return headBytes + this.batchCount * batchBytes
  }

  /** Layout: producer id i64, epoch i16, appended i64, batch count u8; per batch sequence i32, delta i32, offset i64, timestamp i64. */
  encode(into: Buffer, at: number): number {
    Int64.writeInt64(into, at, this.producerId)
    into.writeInt16BE(this.epoch, at + 8)
    Int64.writeInt64(into, at + 10, this.appendedMillis)
    into.writeUInt8(this.batchCount, at + 18)
    let to = at + headBytes
    for (let i = 0; i < this.batchCount; i++, to += batchBytes) {
      into.writeInt32BE(this.baseSequence(i), to)
      into.writeInt32BE(this.lastOffsetDelta(i), to + 4)
      Int64.writeInt64(into, to + 8, this.baseOffset(i))
      Int64.writeInt64(into, to + 16, this.timestamp(i))
    }
    return to
  }

  static decode(from: Buffer, at: number): ProducerEntry {
    const entry = new ProducerEntry(Int64.readInt64(from, at), from.readInt16BE(at + 8))
    entry.appendedMillis = Int64.readInt64(from, at + 10)
    const count = from.readUInt8(at + 18)
    if (count > batchesRetained) throw new Error(`producer snapshot holds ${count} batches for one producer`)
    for (let i = 0, to = at + headBytes; i < count; i++, to += batchBytes) {
      entry.add(from.readInt32BE(to), from.readInt32BE(to + 4), Int64.readInt64(from, to + 8), Int64.readInt64(from, to + 16))
    }
    return entry
  }
}
