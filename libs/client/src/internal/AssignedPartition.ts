import type { FetchResponsePartition } from "@tailrace/kafka-protocol"
import { Batch, type RecordCodecs, RecordCursor } from "@tailrace/record"
import type { OffsetSpec } from "../AdminTypes.ts"
import { ClientError } from "../ClientError.ts"
import type { ConsumerRecord, ResolvedConsumerSettings } from "../ConsumerOptions.ts"

/** Fetched batches of one partition that have not been handed out, and how far that went. */
interface Fetched {
  readonly bytes: Buffer
  at: number
  cursor: RecordCursor | undefined
  readonly abortedTransactions: Array<{ readonly producerId: number; readonly firstOffset: number }>
  readonly abortedProducers: Set<number>
}

const abortMarkerType = 0

/**
 * More headers than a record has that means well. A header costs some fifty bytes of memory here, and may take two of a batch that is compressed
 * a thousand times.
 */
const recordHeadersMax = 1_000_000
/** Behind the record with which its headers are as many, a poll ends: the rest is made when it is asked for. */
const pollHeadersMax = 100_000

/** One partition that a consumer reads: its position, and at most one answer of the broker that waits to be handed out. */
export class AssignedPartition {
  readonly topic: string
  readonly partition: number
  /** The offset of the next record, undefined until it has been looked up. */
  position: number | undefined
  /** Where to look the position up; undefined stands for the committed offset. */
  resetTo: OffsetSpec | undefined
  isPaused = false
  highWatermark = -1
  lastStableOffset = -1
  logStartOffset = -1
  /** Nothing is asked for before this time. */
  retryAtMillis = 0
  /** Raised by every seek, so that answers to older requests can be told. */
  version = 0
  /**
   * The epoch of the last record that was handed out, that was committed with the position, or that a leader named for what lies before
   * it; -1 where nobody knows.
   */
  leaderEpoch = -1
  /** The leader epoch up to which the log was asked whether it holds everything before the position. */
  validatedEpoch = -1
  /** To be thrown by the next poll. */
  error: Error | undefined
  #fetched: Fetched | undefined

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get name(): string {
    return `${this.topic}-${this.partition}`
  }

  get hasFetched(): boolean {
    return this.#fetched !== undefined
  }

  seek(offset: number | undefined, resetTo?: OffsetSpec): void {
    this.position = offset
    this.resetTo = resetTo
    this.version++
    this.retryAtMillis = 0
    this.leaderEpoch = -1
    this.validatedEpoch = -1
    this.error = undefined
    this.#fetched = undefined
  }

  accept(answer: FetchResponsePartition): void {
    this.highWatermark = answer.highWatermark
    this.lastStableOffset = answer.lastStableOffset
    this.logStartOffset = answer.logStartOffset
    if (answer.records === null || answer.records.length === 0) return
    this.#fetched = {
      bytes: answer.records, at: 0, cursor: undefined, abortedProducers: new Set(),
      abortedTransactions: (answer.abortedTransactions ?? []).toSorted((a, b) => a.firstOffset - b.firstOffset)
    }
  }

  /** Moves records into `output` until it has `countMax`, and the position behind them. True where so many headers came that it is to have no more. */
  drain(output: Array<ConsumerRecord>, countMax: number, codecs: RecordCodecs, settings: ResolvedConsumerSettings): boolean {
    const fetched = this.#fetched
    if (fetched === undefined) return false
    let headersLeft = pollHeadersMax
    try {
      while (output.length < countMax && headersLeft > 0) {
        if (fetched.cursor === undefined && !this.#openBatch(fetched, codecs, settings)) {
          this.#fetched = undefined
          return false
        }
        headersLeft = this.#drainBatch(fetched, output, countMax, headersLeft)
      }
      if (fetched.cursor === undefined && fetched.at >= fetched.bytes.length) this.#fetched = undefined
      return headersLeft <= 0
    } catch (cause) {
      // The position stays before the batch, so the same bytes are asked for again unless the caller seeks past them.
      this.#fetched = undefined
      throw cause instanceof ClientError ? cause : new ClientError("corrupt-records",
        `${this.name}: the batch at offset ${this.position ?? -1} cannot be read`, { cause })
    }
  }

  /** Moves to the next batch that has something to hand out; false when there is none. */
  #openBatch(fetched: Fetched, codecs: RecordCodecs, settings: ResolvedConsumerSettings): boolean {
    const { bytes } = fetched
    while (fetched.at < bytes.length) {
      const fault = Batch.check(bytes, fetched.at, bytes.length, settings.checkCrcs ? codecs.crc32c : () => Batch.crc(bytes, fetched.at))
      if (fault === "truncated") {
        // A part of a batch at the end is usual, but there has to be a whole one before it.
        if (fetched.at === 0) throw new ClientError("corrupt-records", `${this.name}: the broker sent less than one batch`)
        return false
      }
      if (fault !== undefined) {
        throw new ClientError("corrupt-records", `${this.name}: the batch at offset ${this.position ?? -1} is invalid (${fault})`)
      }
      const lastOffset = Batch.lastOffset(bytes, fetched.at)
      if (lastOffset >= (this.position ?? 0) && !this.#isHidden(fetched, settings)) {
        fetched.cursor = new RecordCursor(bytes, fetched.at, codecs, { outputBytesMax: settings.decompressedBytesMax })
        return true
      }
      this.position = Math.max(this.position ?? 0, lastOffset + 1)
      fetched.at += Batch.sizeInBytes(bytes, fetched.at)
    }
    return false
  }

  /** Whether the batch is a marker, or belongs to a transaction that was aborted. */
  #isHidden(fetched: Fetched, settings: ResolvedConsumerSettings): boolean {
    const { bytes, at } = fetched
    const isControl = Batch.isControl(bytes, at)
    if (settings.isolationLevel === "read_committed" && Batch.isTransactional(bytes, at)) {
      const producerId = Batch.producerId(bytes, at)
      const lastOffset = Batch.lastOffset(bytes, at)
      while (fetched.abortedTransactions[0] !== undefined && fetched.abortedTransactions[0].firstOffset <= lastOffset) {
        fetched.abortedProducers.add((fetched.abortedTransactions.shift() as { producerId: number }).producerId)
      }
      if (isControl && this.#isAbortMarker(bytes, at)) fetched.abortedProducers.delete(producerId)
      else if (!isControl) return fetched.abortedProducers.has(producerId)
    }
    return isControl
  }

  /** The key of a marker holds a version and the type. Markers are never compressed. */
  #isAbortMarker(bytes: Buffer, at: number): boolean {
    const cursor = new RecordCursor(bytes, at, { crc32c: () => 0, compress: () => bytes, decompress: () => Buffer.alloc(0) })
    return cursor.next() && cursor.keyBytes >= 4 && cursor.bytes.readInt16BE(cursor.keyAt + 2) === abortMarkerType
  }

  /** Answers what is left of `headersMax`; negative where the last record had more. */
  #drainBatch(fetched: Fetched, output: Array<ConsumerRecord>, countMax: number, headersMax: number): number {
    const { bytes, at, cursor } = fetched
    if (cursor === undefined) throw new Error("assertion: a batch is open")
    const timestampType = Batch.usesLogAppendTime(bytes, at) ? "LogAppendTime" : "CreateTime"
    const leaderEpoch = Batch.leaderEpoch(bytes, at)
    this.leaderEpoch = leaderEpoch
    let headersLeft = headersMax
    while (output.length < countMax && headersLeft > 0) {
      if (!cursor.next()) {
        this.position = Math.max(this.position ?? 0, Batch.lastOffset(bytes, at) + 1)
        fetched.at += Batch.sizeInBytes(bytes, at)
        fetched.cursor = undefined
        return headersLeft
      }
      if (cursor.offset < (this.position ?? 0)) continue
      headersLeft -= cursor.headerCount
      if (cursor.headerCount > recordHeadersMax) {
        throw new ClientError("corrupt-records", `${this.name}: the record at offset ${cursor.offset} has ${cursor.headerCount} headers, ${recordHeadersMax} are taken`)
      }
      output.push({
        topic: this.topic, partition: this.partition, offset: cursor.offset, timestamp: cursor.timestamp, timestampType,
        key: cursor.key, value: cursor.value, headers: cursor.headers, leaderEpoch
      })
      this.position = cursor.offset + 1
    }
    return headersLeft
  }
}
