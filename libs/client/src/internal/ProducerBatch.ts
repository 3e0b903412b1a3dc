import { BatchBuilder, type BatchBuilderOptions, type ProducerFields, type RecordInput } from "@tailrace/record"
import type { RecordMetadata } from "../ProducerOptions.ts"

/** Records of one partition that travel and fail together, and the callers that wait for them. */
export class ProducerBatch {
  readonly topic: string
  readonly partition: number
  /** The place among the batches of the partition. */
  readonly order: number
  /** When the batch is sent even though it is not full. */
  readonly lingerUntilMillis: number
  /** When the batch is not tried again. */
  readonly deadlineMillis: number
  readonly done: Promise<void>
  /** Producer id, epoch and first sequence, given when the batch is first sent. */
  producer: ProducerFields | undefined
  attempts = 0
  /** An attempt ended without an answer, so the batch may be in the log already. */
  isUncertain = false
  #isClosed = false
  readonly #builder: BatchBuilder
  readonly #timestamps: Array<number> = []
  readonly #resolves: Array<(metadata: RecordMetadata) => void> = []
  readonly #rejects: Array<(error: unknown) => void> = []
  #finish: () => void = () => undefined
  #bytes: Buffer | undefined
  #bytesProducer: ProducerFields | undefined

  constructor(
    topic: string, partition: number, order: number,
    times: { readonly lingerUntilMillis: number; readonly deadlineMillis: number }, options: BatchBuilderOptions
  ) {
    this.topic = topic
    this.partition = partition
    this.order = order
    this.lingerUntilMillis = times.lingerUntilMillis
    this.deadlineMillis = times.deadlineMillis
    this.#builder = new BatchBuilder(options)
    this.done = new Promise((resolve) => {
      this.#finish = resolve
    })
  }

  get recordCount(): number {
    return this.#builder.recordCount
  }

  get sizeInBytes(): number {
    return this.#builder.sizeInBytes
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** The promise of the record's metadata, or undefined when the batch takes no more. */
  append(record: RecordInput): Promise<RecordMetadata> | undefined {
    if (this.#isClosed) return undefined
    if (!this.#builder.append(record)) {
      this.#isClosed = true
      return undefined
    }
    this.#timestamps.push(record.timestamp)
    return new Promise((resolve, reject) => {
      this.#resolves.push(resolve)
      this.#rejects.push(reject)
    })
  }

  close(): void {
    this.#isClosed = true
  }

  /** The bytes to send; compressed again only when the producer's epoch changed. */
  build(): Buffer {
    this.#isClosed = true
    if (this.#bytes === undefined || this.#bytesProducer !== this.producer) {
      this.#bytes = this.#builder.build(this.producer)
      this.#bytesProducer = this.producer
    }
    return this.#bytes
  }

  complete(baseOffset: number, logAppendTimeMillis: number): void {
    for (let index = 0; index < this.#resolves.length; index++) {
      this.#resolves[index]?.({
        topic: this.topic, partition: this.partition,
        offset: baseOffset < 0 ? -1 : baseOffset + index,
        timestamp: logAppendTimeMillis >= 0 ? logAppendTimeMillis : this.#timestamps[index] ?? -1
      })
    }
    this.#bytes = undefined
    this.#finish()
  }

  fail(error: unknown): void {
    for (const reject of this.#rejects) reject(error)
    this.#bytes = undefined
    this.#finish()
  }
}
