import { MetadataLog, type MetadataRecord, type MetadataRecordInput } from "@tailrace/kafka-protocol"
import type { PartitionLog } from "@tailrace/log"
import { Batch, BatchBuilder, readRecords, type RecordCodecs } from "@tailrace/record"
import type { Clock } from "@tailrace/runtime"

/** A proposal that was staged: it is decided once the journal's committed end has passed `endOffset`. */
export interface Proposal {
  readonly baseOffset: number
  readonly endOffset: number
}

const readBytesMax = 1024 * 1024

/**
 * The metadata log `__cluster_metadata-0`: the term is the leader epoch, the index is the offset. With one voter a record
 * is committed when its flush has returned; Raft will move that point, not this interface.
 */
export class MetadataJournal {
  /** Everything below `committedEnd` will survive. Called in order. */
  onCommitted: (committedEnd: number) => void = () => undefined
  /** What was proposed and not committed is gone. */
  onFailed: () => void = () => undefined
  readonly #log: PartitionLog
  readonly #codecs: RecordCodecs
  readonly #clock: Clock
  readonly #term: number

  constructor(log: PartitionLog, codecs: RecordCodecs, clock: Clock) {
    this.#log = log
    this.#codecs = codecs
    this.#clock = clock
    // One writer incarnation per term.
    this.#term = log.epochs.latest + 1
    log.startEpoch(this.#term)
    log.onDurable = (durableEnd) => {
      log.setHighWatermark(durableEnd)
      this.onCommitted(durableEnd)
    }
    log.onFailed = () => this.onFailed()
  }

  /** Where the next record goes. */
  get endOffset(): number {
    return this.#log.appendedEnd
  }

  /** Everything below it survives what may come. */
  get committedEnd(): number {
    return this.#log.durableEnd
  }

  /** Applies every committed record from `fromOffset` on, in order. */
  async load(apply: (record: MetadataRecord, offset: number) => void, fromOffset = this.#log.startOffset): Promise<void> {
    const end = this.#log.durableEnd
    let offset = fromOffset
    while (offset < end) {
      const { chunks } = await this.#log.read(offset, readBytesMax, end, true)
      for (const chunk of chunks) {
        Batch.forEach(chunk, 0, chunk.length, (at) => {
          for (const record of readRecords(chunk, at, this.#codecs)) {
            if (record.value !== null) apply(MetadataLog.decode(record.value), record.offset)
          }
          offset = Batch.nextOffset(chunk, at)
        })
      }
      if (chunks.length === 0) throw new Error(`the metadata log has no batch at ${offset} of ${end}`)
    }
  }

  /** Stages records that become durable together, or undefined while nothing can be written. */
  propose(records: ReadonlyArray<MetadataRecordInput>): Proposal | undefined {
    const baseOffset = this.#log.appendedEnd
    let builder = this.#builder()
    const batches: Array<Buffer> = []
    const timestamp = this.#clock.wallMillis()
    for (const record of records) {
      const value = MetadataLog.encode(record)
      if (builder.append({ timestamp, value })) continue
      batches.push(builder.build())
      builder = this.#builder()
      builder.append({ timestamp, value })
    }
    batches.push(builder.build())
    let offset = baseOffset
    for (const batch of batches) {
      Batch.assign(batch, 0, offset, this.#term)
      offset = Batch.nextOffset(batch, 0)
    }
    // One append: all of it is taken, or nothing.
    return this.#log.append(Buffer.concat(batches)) ? { baseOffset, endOffset: offset } : undefined
  }

  #builder(): BatchBuilder {
    return new BatchBuilder({ codecs: this.#codecs })
  }
}
