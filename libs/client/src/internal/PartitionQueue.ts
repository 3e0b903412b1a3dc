import { Batch } from "@tailrace/record"
import type { ProducerBatch } from "./ProducerBatch.ts"

export interface ProducerIdentity {
  readonly producerId: number
  readonly producerEpoch: number
}

/** Batches of each producer and partition that a broker can tell from new ones. */
const rememberedBatches = 5
const producerEpochMax = 32_767

/**
 * The batches of one partition, waiting and under way, and the producer's sequence there. Sequences tell the broker the order of
 * the batches, so they are given in that order and a batch keeps its own through all attempts. Until one is acknowledged, one is
 * under way at a time. When a batch is given up, the
 * sequences behind it can never be accepted: then the epoch is raised (per partition, since brokers keep it per partition),
 * sequences start again at 0, and waiting batches are numbered anew, once nothing is under way any more and every batch before the
 * gap has ended: such a batch may be in the log, and only its old number keeps it from being stored again.
 */
export class PartitionQueue {
  readonly topic: string
  readonly partition: number
  /** Not under way, ordered; the last one may still take records. */
  readonly waiting: Array<ProducerBatch> = []
  readonly underWay = new Set<ProducerBatch>()
  /** Nothing is sent before this time. */
  retryAtMillis = 0
  /** The leader epoch in which a batch failed last. */
  failedEpoch = -1
  /** A batch came back: the others under way must come back too, so that all are sent again in order. */
  #isRetrying = false
  /** The place of the first batch from which on numbers are no good; Infinity while all are. */
  #gapOrder = Infinity
  #gapIsUncertain = false
  #identity: ProducerIdentity | undefined
  #base: ProducerIdentity | undefined
  /** A batch of the identity was acknowledged, so whoever leads knows it. */
  #isKnown = false
  #nextSequence = 0
  #nextOrder = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get isIdle(): boolean {
    return this.waiting.length === 0 && this.underWay.size === 0
  }

  nextOrder(): number {
    return this.#nextOrder++
  }

  /** Whether the head may be sent as far as order is concerned; `identity` is that of the whole producer. */
  maySend(identity: ProducerIdentity | undefined): boolean {
    const head = this.waiting[0]
    if (this.underWay.size === 0 || head === undefined) return true
    // Nothing ties a first batch under a new identity to those before it.
    if (head.producer === undefined && identity !== this.#base) return false
    if (this.#isRetrying || this.#gapOrder < Infinity) return false
    // Brokers take any sequence of a producer that they do not know: behind a first batch that is refused, the second would be stored first.
    if (this.#identity !== undefined && !this.#isKnown) return false
    // The oldest batch may have to be repeated, and the broker must then still remember it.
    for (const batch of this.underWay) if (head.order - batch.order >= rememberedBatches) return false
    return true
  }

  /** Takes the head and numbers it. `identity` is undefined without idempotence. */
  take(identity: ProducerIdentity | undefined): ProducerBatch {
    const batch = this.waiting.shift()
    if (batch === undefined) throw new Error("assertion: a batch is taken only from a queue that has one")
    if (this.underWay.size === 0) this.#isRetrying = false
    if (identity !== undefined && batch.producer === undefined) {
      // An identity that is new for the whole producer replaces what was raised here before.
      if (this.#identity === undefined || this.#base !== identity) {
        this.#identity = identity
        this.#base = identity
        this.#isKnown = false
        this.#nextSequence = 0
      }
      batch.producer = { ...this.#identity, baseSequence: this.#nextSequence }
      this.#nextSequence = Batch.sequenceAfter(this.#nextSequence, batch.recordCount)
    }
    batch.attempts++
    this.underWay.add(batch)
    return batch
  }

  /** Whether every earlier batch has been acknowledged or given up. */
  isFirst(batch: ProducerBatch): boolean {
    for (const other of this.underWay) if (other.order < batch.order) return false
    const head = this.waiting[0]
    return head === undefined || head.order > batch.order
  }

  finish(batch: ProducerBatch): void {
    this.underWay.delete(batch)
  }

  acknowledge(batch: ProducerBatch): void {
    this.finish(batch)
    this.#isKnown = true
  }

  /** Puts a batch back at its place. */
  putBack(batch: ProducerBatch, retryAtMillis: number): void {
    this.underWay.delete(batch)
    const at = this.waiting.findIndex((other) => other.order > batch.order)
    this.waiting.splice(at < 0 ? this.waiting.length : at, 0, batch)
    this.#isRetrying = true
    this.retryAtMillis = Math.max(this.retryAtMillis, retryAtMillis)
  }

  /**
   * The sequence has a gap at a batch or is refused there: number anew as soon as nothing before it is left. `isUncertain` says that
   * the batch at fault may be in the log, so that others behind it may be too.
   */
  requestReset(batch: ProducerBatch, isUncertain: boolean): void {
    this.#gapOrder = Math.min(this.#gapOrder, batch.order)
    this.#gapIsUncertain ||= isUncertain
  }

  /** Batches that would be in the log twice if they were numbered anew; to be called before `reset`. */
  takeUncertain(): ReadonlyArray<ProducerBatch> {
    if (!this.#gapIsUncertain) return []
    const taken = this.waiting.filter((batch) => batch.isUncertain)
    for (const batch of taken) this.waiting.splice(this.waiting.indexOf(batch), 1)
    return taken
  }

  get isResetDue(): boolean {
    return this.#gapOrder < Infinity && this.underWay.size === 0 && (this.waiting[0]?.order ?? Infinity) >= this.#gapOrder
  }

  /** Raises the epoch and takes all numbers back. False when epochs are used up and the producer needs a new id. */
  reset(): boolean {
    this.#gapOrder = Infinity
    this.#gapIsUncertain = false
    for (const batch of this.waiting) batch.producer = undefined
    if (this.#identity === undefined) return true
    this.#nextSequence = 0
    this.#isKnown = false
    if (this.#identity.producerEpoch >= producerEpochMax) {
      this.#identity = undefined
      return false
    }
    this.#identity = { producerId: this.#identity.producerId, producerEpoch: this.#identity.producerEpoch + 1 }
    return true
  }
}
