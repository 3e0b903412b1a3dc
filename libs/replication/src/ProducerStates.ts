import { Batch, Int64 } from "@tailrace/record"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { ProducerEntry } from "./internal/ProducerEntry.ts"

/** What a leader does with a batch of an idempotent producer. */
export type SequenceCheck =
  | { readonly kind: "append" }
  | { readonly kind: "duplicate"; readonly baseOffset: number; readonly lastOffset: number; readonly timestamp: number }
  | { readonly kind: "error"; readonly errorCode: number }

/** One row of what DescribeProducers shows. */
export interface ProducerDescription {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
}

export interface ProducerStatesOptions {
  readonly producerIdsMax?: number
}

const append: SequenceCheck = { kind: "append" }
const invalidProducerEpoch: SequenceCheck = { kind: "error", errorCode: ErrorCode.INVALID_PRODUCER_EPOCH }
const outOfOrderSequence: SequenceCheck = { kind: "error", errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER }

const formatVersion = 1
const headerBytes = 13
const producerIdsMaxDefault = 10_000

/**
 * The idempotence of one partition: per producer id its epoch and its last five batches.
 *
 * The state is a function of the batches recorded so far, in log order. Leader, follower and recovery all feed it by
 * `record`, once per batch, after the offsets were assigned, batches without a producer id included. `endOffset` says
 * how far it got. There is no undo: to truncate a log to T, decode the newest snapshot whose `endOffset` is at or below
 * T (or start empty at the log's start) and record the batches from there up to T.
 *
 * At most `producerIdsMax` producers are remembered. One more makes the producer forgotten that has been silent longest.
 * A forgotten producer may go on with any sequence, so it sees no error; only a retry of its old batches would no longer
 * be recognised.
 */
export class ProducerStates {
  readonly producerIdsMax: number
  // In order of the last append, the longest silent first: a Map keeps insertion order.
  readonly #producers = new Map<number, ProducerEntry>()
  #recordedEnd = 0

  constructor(options: ProducerStatesOptions = {}) {
    this.producerIdsMax = options.producerIdsMax ?? producerIdsMaxDefault
  }

  get size(): number {
    return this.#producers.size
  }

  /** The offset after the last recorded batch. */
  get endOffset(): number {
    return this.#recordedEnd
  }

  /**
   * Judges a batch before it is appended. Allocates only for a duplicate. A duplicate that was sent with acks=all is
   * answered like the original: not before the high watermark is above its `lastOffset`.
   */
  check(producerId: number, producerEpoch: number, baseSequence: number, lastSequence: number): SequenceCheck {
    if (producerId < 0) return append
    const producer = this.#producers.get(producerId)
    if (producer === undefined) return append
    if (producerEpoch < producer.epoch) return invalidProducerEpoch
    if (producerEpoch > producer.epoch) return baseSequence === 0 ? append : outOfOrderSequence
    const i = producer.find(baseSequence, lastSequence)
    if (i >= 0) {
      const baseOffset = producer.baseOffset(i)
      return { kind: "duplicate", baseOffset, lastOffset: baseOffset + producer.lastOffsetDelta(i), timestamp: producer.timestamp(i) }
    }
    const last = producer.lastSequence
    const expected = last < 0 ? 0 : Batch.sequenceAfter(last, 1)
    return baseSequence === expected ? append : outOfOrderSequence
  }

  /**
   * Takes note of the batch at `at`, which has its offsets. `appendedMillis` is the broker's time and starts the clock of
   * expiry, so that a producer of old data is not forgotten at once; recovery passes the time of opening. Without it the
   * batch's newest timestamp serves.
   */
  record(b: Buffer, at: number, appendedMillis: number = Batch.maxTimestamp(b, at)): void {
    this.#recordedEnd = Batch.nextOffset(b, at)
    const producerId = Batch.producerId(b, at)
    if (producerId < 0) return
    const epoch = Batch.producerEpoch(b, at)
    const producer = this.#touch(producerId, epoch)
    producer.appendedMillis = Math.max(producer.appendedMillis, appendedMillis)
    if (epoch !== producer.epoch) producer.startEpoch(epoch)
    // A transaction marker moves the epoch and has no sequence of its own.
    if (Batch.isControl(b, at)) return
    producer.add(Batch.baseSequence(b, at), Batch.lastOffsetDelta(b, at), Batch.baseOffset(b, at), Batch.maxTimestamp(b, at))
  }

  /** Forgets every producer whose last append is `expirationMillis` or longer ago; answers how many. */
  expire(nowMillis: number, expirationMillis: number): number {
    const before = this.#producers.size
    for (const [producerId, producer] of this.#producers) {
      if (nowMillis - producer.appendedMillis >= expirationMillis) this.#producers.delete(producerId)
    }
    return before - this.#producers.size
  }

  *describe(): Iterable<ProducerDescription> {
    for (const producer of this.#producers.values()) {
      const { producerId, lastSequence, lastTimestamp } = producer
      yield { producerId, producerEpoch: producer.epoch, lastSequence, lastTimestamp }
    }
  }

  /** Layout: version u8, end offset i64, count u32, then the producers, the longest silent first. The log guards it with its own CRC. */
  encode(): Buffer {
    let size = headerBytes
    for (const producer of this.#producers.values()) size += producer.encodedBytes
    const bytes = Buffer.allocUnsafe(size)
    bytes.writeUInt8(formatVersion, 0)
    Int64.writeInt64(bytes, 1, this.#recordedEnd)
    bytes.writeUInt32BE(this.#producers.size, 9)
    let at = headerBytes
    for (const producer of this.#producers.values()) at = producer.encode(bytes, at)
    return bytes
  }

  /** Throws when the bytes are no snapshot of this format; the log then rebuilds from batches. */
  static decode(bytes: Uint8Array, options: ProducerStatesOptions = {}): ProducerStates {
    const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (from.length < headerBytes || from.readUInt8(0) !== formatVersion) throw new Error("unknown producer snapshot")
    const decoded = new ProducerStates(options)
    decoded.#recordedEnd = Int64.readInt64(from, 1)
    let at = headerBytes
    for (let left = from.readUInt32BE(9); left > 0; left--) {
      const producer = ProducerEntry.decode(from, at)
      decoded.#producers.set(producer.producerId, producer)
      at += producer.encodedBytes
    }
    if (at !== from.length) throw new Error("producer snapshot has bytes left over")
    decoded.#evict()
    return decoded
  }

  #touch(producerId: number, epoch: number): ProducerEntry {
    let producer = this.#producers.get(producerId)
    if (producer === undefined) producer = new ProducerEntry(producerId, epoch)
    else this.#producers.delete(producerId)
    this.#producers.set(producerId, producer)
    this.#evict()
    return producer
  }

  #evict(): void {
    for (const producerId of this.#producers.keys()) {
      if (this.#producers.size <= this.producerIdsMax) return
      this.#producers.delete(producerId)
    }
  }
}
