import { MetadataLog, type MetadataRecord, type MetadataRecordInput } from "@tailrace/kafka-protocol"
import type { ControlFormat, Entry, Proposal } from "@tailrace/raft"
import { binaryControlFormat } from "@tailrace/raft"
import { Batch, BatchBuilder, CompressionType, readRecords, type RecordCodecs } from "@tailrace/record"

/** Above it a batch is compressed: metadata repeats itself, and an entry has to fit one message of the bus. */
export const compressAboveBytes = 64 * 1024
/**
 * Records that one batch holds before compression; more of them become several entries. Ids do not compress: below Raft's
 * limit of an entry even so, no number of records makes a decision that cannot be written.
 */
export const uncompressedBytesMax = 768 * 1024

/** Kafka's types of control records. */
const leaderChangeType = 2
const votersType = 6

/**
 * The metadata log's entries as Kafka record batches: the term is the batch's leader epoch, the index its base offset.
 * What Raft itself writes are control batches.
 */
export class MetadataBatches implements ControlFormat {
  readonly #codecs: RecordCodecs
  readonly #bytesMax: number

  constructor(codecs: RecordCodecs, bytesMax = uncompressedBytesMax) {
    this.#codecs = codecs
    this.#bytesMax = bytesMax
  }

  /**
   * As few batches as hold the records; offsets and term are written into them by `place`. All but the last have the
   * transactional attribute, by which `DecisionReader` puts them together again.
   */
  encode(records: ReadonlyArray<MetadataRecordInput>, timestamp: number): ReadonlyArray<Proposal & { readonly data: Buffer }> {
    const batches: Array<Proposal & { readonly data: Buffer }> = []
    let builder = this.#builder()
    const finish = (isContinued: boolean): void => {
      const isPlain = !isContinued && builder.sizeInBytes <= compressAboveBytes
      const data = isPlain ? builder.build() : this.#compressed(builder, isContinued)
      batches.push({ data, offsetCount: builder.recordCount })
    }
    for (const record of records) {
      const value = MetadataLog.encode(record)
      if (builder.append({ timestamp, value })) continue
      finish(true)
      builder = this.#builder()
      builder.append({ timestamp, value })
    }
    finish(false)
    return batches
  }

  /** Completes batches that were proposed, with what the log has answered. */
  place(batches: ReadonlyArray<Proposal & { readonly data: Buffer }>, offset: number, term: number): void {
    let next = offset
    for (const { data } of batches) {
      Batch.assign(data, 0, next, term)
      next = Batch.nextOffset(data, 0)
    }
  }

  /** The next entry has more records of the same decision. */
  isContinued({ data, kind }: Entry): boolean {
    return kind === "data" && Batch.isTransactional(Buffer.from(data.buffer, data.byteOffset, data.byteLength), 0)
  }

  /** The metadata records of an entry; none for one of Raft's own. */
  decode({ data, kind }: Entry): ReadonlyArray<MetadataRecord> {
    if (kind !== "data") return []
    const records: Array<MetadataRecord> = []
    const batch = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    for (const { value } of readRecords(batch, 0, this.#codecs)) {
      if (value !== null) records.push(MetadataLog.decode(value))
    }
    return records
  }

  /** The entry that a stored batch is. */
  entryOf(batch: Buffer): Entry {
    const offset = Batch.baseOffset(batch, 0)
    const place = { offset, offsetCount: Batch.nextOffset(batch, 0) - offset, term: Batch.leaderEpoch(batch, 0), data: batch }
    if (!Batch.isControl(batch, 0)) return { ...place, kind: "data" }
    return { ...place, kind: this.#controlRecord(batch).type === leaderChangeType ? "leaderChange" : "configuration" }
  }

  leaderChange: ControlFormat["leaderChange"] = (place, leader, voters) =>
    this.#control(leaderChangeType, place.offset, place.term, binaryControlFormat.leaderChange(place, leader, voters))

  configuration: ControlFormat["configuration"] = (place, configuration) =>
    this.#control(votersType, place.offset, place.term, binaryControlFormat.configuration(place, configuration))

  readConfiguration: ControlFormat["readConfiguration"] = (data) =>
    binaryControlFormat.readConfiguration(this.#controlRecord(Buffer.from(data.buffer, data.byteOffset, data.byteLength)).value)

  #controlRecord(batch: Buffer): { readonly type: number; readonly value: Buffer } {
    for (const { key, value } of readRecords(batch, 0, this.#codecs)) {
      if (key === null || value === null || key.length !== 4) break
      return { type: key.readInt16BE(2), value }
    }
    throw new Error("assertion: a control batch of the metadata log has one record with a type")
  }

  #control(type: number, baseOffset: number, leaderEpoch: number, value: Uint8Array): Buffer {
    const builder = new BatchBuilder({ codecs: this.#codecs, isControl: true, baseOffset, leaderEpoch })
    const key = Buffer.alloc(4)
    key.writeInt16BE(type, 2)
    builder.append({ timestamp: 0, key, value })
    return builder.build()
  }

  #builder(): BatchBuilder {
    return new BatchBuilder({ codecs: this.#codecs, bytesMax: this.#bytesMax })
  }

  /** The same records, compressed. */
  #compressed(plain: BatchBuilder, isTransactional: boolean): Buffer {
    const batch = plain.build()
    const compressed = new BatchBuilder({
      codecs: this.#codecs, bytesMax: Number.MAX_SAFE_INTEGER, compression: CompressionType.zstd, isTransactional
    })
    for (const { timestamp, value } of readRecords(batch, 0, this.#codecs)) compressed.append({ timestamp, value })
    return compressed.build()
  }
}
