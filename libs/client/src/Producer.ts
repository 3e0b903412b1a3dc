import { recordCodecs } from "@tailrace/codecs"
import { CompressionType, type FieldInput } from "@tailrace/record"
import { ClientError } from "./ClientError.ts"
import { Cluster } from "./Cluster.ts"
import { checkRecord } from "./internal/checkRecord.ts"
import type { PartitionMetadata, TopicMetadata } from "./internal/ClusterMetadata.ts"
import { PartitionQueue } from "./internal/PartitionQueue.ts"
import { ProducerBatch } from "./internal/ProducerBatch.ts"
import { RecordSender } from "./internal/RecordSender.ts"
import { partitionForKey } from "./murmur2.ts"
import {
  type ProducerOptions, type ProducerRecord, type RecordMetadata, resolveProducerSettings, type ResolvedProducerSettings
} from "./ProducerOptions.ts"

/** What a record takes besides key, value and headers, generously. */
const recordOverheadBytes = 96

interface TopicQueues {
  readonly partitions: Array<PartitionQueue>
  /** The partition that records without a key go to for now, and how much it got. */
  stickyPartition: number
  stickyBytes: number
}

interface BlockedSend {
  readonly record: ProducerRecord
  readonly resolve: (metadata: RecordMetadata | PromiseLike<RecordMetadata>) => void
  readonly reject: (error: unknown) => void
  readonly deadlineMillis: number
}

const fieldBytes = (field: FieldInput | undefined): number => field == null ? 0 : field.length * (typeof field === "string" ? 3 : 1)

/**
 * Sends records in batches. Each `send` answers when the broker has acknowledged the record; do not wait for one before sending
 * the next, or every batch has one record. Records of one partition are stored in the order of the calls.
 * By default no record is stored twice, whatever is repeated on the way (idempotence).
 */
export class Producer {
  readonly cluster: Cluster
  readonly #ownsCluster: boolean
  readonly #settings: ResolvedProducerSettings
  readonly #sender: RecordSender
  readonly #topics = new Map<string, TopicQueues>()
  readonly #blocked = new Map<string, { readonly sends: Array<BlockedSend>; readonly done: Promise<void> }>()
  readonly #roomListeners: Array<() => void> = []
  #blockedSends = 0
  #bufferedBytes = 0
  #isClosed = false
  #lastFlush: Promise<void> | undefined
  /** Ends what waits for metadata when the producer is closed. */
  readonly #stopping = new AbortController()

  constructor(options: ProducerOptions) {
    this.#settings = resolveProducerSettings(options)
    this.#ownsCluster = !("cluster" in options)
    this.cluster = "cluster" in options ? options.cluster : new Cluster(options)
    this.#sender = new RecordSender(this.cluster, this.#settings, (bytes) => this.#onFreed(bytes))
  }

  /** Bytes of records that are not acknowledged yet. */
  get bufferedBytes(): number {
    return this.#bufferedBytes
  }

  /**
   * Sends one record. The promise fails when the record is given up. With a `ClientError` of reason `timeout`, `disconnected`,
   * `closed` or `outcome-unknown` it may be in the log, and so with a `KafkaError` whose code can follow an append (such as
   * REQUEST_TIMED_OUT, NOT_ENOUGH_REPLICAS_AFTER_APPEND, NOT_LEADER_OR_FOLLOWER, KAFKA_STORAGE_ERROR); with any other it is not.
   */
  send(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#isClosed) return Promise.reject(new ClientError("closed", "the producer is closed"))
    const topic = this.#knownTopic(record.topic)
    if (topic === undefined || !this.#hasRoom || this.#blocked.has(record.topic)) {
      return this.#block(record)
    }
    try {
      return this.#append(record, topic)
    } catch (error) {
      return Promise.reject(error as Error)
    }
  }

  /** Whether `send` would have to wait for room or metadata; then await `ready` before going on, to hold few records in memory. */
  get isFull(): boolean {
    return this.#blockedSends > 0 || !this.#hasRoom
  }

  /** Resolves when nothing that was sent waits for room or metadata. */
  async ready(): Promise<void> {
    while (this.#blocked.size > 0) await Promise.all([...this.#blocked.values()].map((entry) => entry.done))
    const deadlineMillis = this.cluster.timing.monotonicMillis() + this.#settings.maxBlockMillis
    while (!this.#hasRoom) await this.#room(deadlineMillis)
  }

  /** Sends what waits now, and waits until every record so far is acknowledged or given up. */
  async flush(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#sender.flushing++
    this.#sender.wake()
    try {
      const blocked = [...this.#blocked.values()].map((entry) => entry.done)
      await this.cluster.timing.within(Promise.all(blocked), options, "flush")
      await this.cluster.timing.within(Promise.all([...this.#sender.batches].map((batch) => batch.done)), options, "flush")
    } finally {
      this.#sender.flushing--
    }
  }

  /** The partitions of a topic. */
  async partitionsFor(topic: string, options: { readonly signal?: AbortSignal } = {}): Promise<ReadonlyArray<PartitionMetadata>> {
    const { maxBlockMillis, allowAutoCreateTopics } = this.#settings
    const found = await this.cluster.topic(topic, { ...options, waitMillis: maxBlockMillis, allowsCreation: allowAutoCreateTopics })
    return found.partitions
  }

  /**
   * Takes no more records, sends what is left, and gives up what is not acknowledged in time (default `deliveryTimeoutMillis`). Each
   * of several callers waits for the same; the first whose time is over ends it.
   */
  async close(options: { readonly timeoutMillis?: number } = {}): Promise<void> {
    this.#isClosed = true
    const millis = options.timeoutMillis ?? this.#settings.deliveryTimeoutMillis
    this.#lastFlush ??= this.flush()
    await this.cluster.timing.within(this.#lastFlush, { millis }, "flush").catch(() => undefined)
    const error = new ClientError("closed", "the producer was closed before the record was acknowledged")
    for (const { sends } of this.#blocked.values()) for (const send of sends.splice(0)) send.reject(error)
    this.#stopping.abort(error)
    this.#sender.stop(error)
    if (this.#ownsCluster) this.cluster.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Metadata that is old is used while newer is fetched. */
  #knownTopic(name: string): TopicMetadata | undefined {
    const topic = this.cluster.metadata.topic(name)
    if (topic === undefined || topic.errorCode !== 0 || topic.partitions.length === 0) return undefined
    if (this.cluster.timing.monotonicMillis() - topic.knownSinceMillis > this.cluster.options.metadataMaxAgeMillis) {
      this.cluster.refresh([name]).catch(() => undefined)
    }
    return topic
  }

  #append(record: ProducerRecord, topic: TopicMetadata): Promise<RecordMetadata> {
    checkRecord(record)
    let bound = recordOverheadBytes + fieldBytes(record.key) + fieldBytes(record.value)
    for (const header of record.headers ?? []) bound += fieldBytes(header.key) + fieldBytes(header.value) + 10
    if (bound > this.#settings.requestBytesMax) this.#checkSize(record)
    const queues = this.#queuesOf(topic)
    const key = typeof record.key === "string" ? Buffer.from(record.key) : record.key ?? null
    const queue = this.#queueFor(queues, record, key, topic)
    const input = {
      timestamp: record.timestamp ?? this.cluster.timing.clock.wallMillis(), key, value: record.value ?? null,
      ...(record.headers === undefined ? {} : { headers: record.headers })
    }
    const last = queue.waiting.at(-1)
    const before = last?.sizeInBytes ?? 0
    const appended = last?.append(input)
    if (appended !== undefined && last !== undefined) {
      this.#count(queues, last.sizeInBytes - before)
      if (last.sizeInBytes >= this.#settings.batchBytes) this.#sender.wake()
      return appended
    }
    const batch = this.#newBatch(queue)
    const first = batch.append(input)
    if (first === undefined) throw new Error("assertion: a new batch takes its first record")
    this.#count(queues, batch.sizeInBytes)
    this.#sender.add(queue, batch)
    if (last !== undefined || this.#settings.lingerMillis === 0 || this.#sender.flushing > 0 || batch.sizeInBytes >= this.#settings.batchBytes) {
      this.#sender.wake()
    } else {
      this.#sender.wakeAt(batch.lingerUntilMillis)
    }
    return first
  }

  #newBatch(queue: PartitionQueue): ProducerBatch {
    const now = this.cluster.timing.monotonicMillis()
    return new ProducerBatch(queue.topic, queue.partition, queue.nextOrder(), {
      lingerUntilMillis: now + this.#settings.lingerMillis,
      deadlineMillis: now + this.#settings.deliveryTimeoutMillis
    }, { codecs: recordCodecs, compression: CompressionType[this.#settings.compression], bytesMax: this.#settings.batchBytes })
  }

  #checkSize(record: ProducerRecord): void {
    const sizeOf = (field: FieldInput | undefined): number => field == null ? 0 : Buffer.byteLength(field)
    let size = recordOverheadBytes + sizeOf(record.key) + sizeOf(record.value)
    for (const header of record.headers ?? []) size += sizeOf(header.key) + sizeOf(header.value) + 10
    if (size > this.#settings.requestBytesMax) {
      throw new ClientError("record-too-large", `${record.topic}: a record of ${size} bytes, requestBytesMax is ${this.#settings.requestBytesMax}`)
    }
  }

  #count(queues: TopicQueues, bytes: number): void {
    this.#bufferedBytes += bytes
    queues.stickyBytes += bytes
  }

  #queuesOf(topic: TopicMetadata): TopicQueues {
    let queues = this.#topics.get(topic.name)
    if (queues === undefined) {
      queues = { partitions: [], stickyPartition: -1, stickyBytes: 0 }
      this.#topics.set(topic.name, queues)
    }
    while (queues.partitions.length < topic.partitions.length) {
      queues.partitions.push(new PartitionQueue(topic.name, queues.partitions.length))
    }
    return queues
  }

  #queueFor(queues: TopicQueues, record: ProducerRecord, key: Uint8Array | null, topic: TopicMetadata): PartitionQueue {
    const count = topic.partitions.length
    const partition = record.partition ?? this.#settings.partitioner?.(record, count)
      ?? (key === null ? this.#stickyPartition(queues, topic) : partitionForKey(key, count))
    const queue = partition < count ? queues.partitions[partition] : undefined
    if (queue === undefined) {
      throw new ClientError("configuration", `${record.topic} has ${count} partitions, so none has the number ${partition}`)
    }
    return queue
  }

  /** Records without a key stay with one partition until it got a batch's worth, then move to another one that has a leader. */
  #stickyPartition(queues: TopicQueues, topic: TopicMetadata): number {
    const current = queues.stickyPartition
    if (current >= 0 && current < topic.partitions.length && queues.stickyBytes < this.#settings.batchBytes) return current
    const available = topic.partitions.filter((partition) => partition.leader >= 0 && (partition.partition !== current || topic.partitions.length === 1))
    const choices = available.length > 0 ? available : topic.partitions
    queues.stickyPartition = choices[this.cluster.timing.choose(choices.length)]?.partition ?? 0
    queues.stickyBytes = 0
    return queues.stickyPartition
  }

  #block(record: ProducerRecord): Promise<RecordMetadata> {
    if (this.#blockedSends >= this.#settings.blockedSendsMax) {
      return Promise.reject(new ClientError("buffer-full", `more than ${this.#settings.blockedSendsMax} sends wait for room`))
    }
    this.#blockedSends++
    return new Promise<RecordMetadata>((resolve, reject) => {
      const send = { record, resolve, reject, deadlineMillis: this.cluster.timing.monotonicMillis() + this.#settings.maxBlockMillis }
      const waiting = this.#blocked.get(record.topic)
      if (waiting !== undefined) {
        waiting.sends.push(send)
        return
      }
      const sends = [send]
      // The entry has to be there before the first step runs, which looks for it.
      const done = Promise.resolve().then(() => this.#unblock(record.topic, sends))
      this.#blocked.set(record.topic, { sends, done })
    }).finally(() => this.#blockedSends--)
  }

  /** Appends the sends that wait for a topic, in their order, as metadata and room allow. */
  async #unblock(name: string, sends: Array<BlockedSend>): Promise<void> {
    for (;;) {
      const send = sends[0]
      if (send === undefined) break
      const remainingMillis = Math.max(1, send.deadlineMillis - this.cluster.timing.monotonicMillis())
      try {
        const topic = this.#knownTopic(name) ?? await this.cluster.topic(name, {
          waitMillis: remainingMillis, allowsCreation: this.#settings.allowAutoCreateTopics, signal: this.#stopping.signal
        })
        while (!this.#hasRoom) await this.#room(send.deadlineMillis)
        // Closing may have taken the sends away in the meantime.
        if (sends[0] === send) send.resolve(this.#append(send.record, topic))
      } catch (error) {
        send.reject(error)
      }
      if (sends[0] === send) sends.shift()
    }
    this.#blocked.delete(name)
  }

  get #hasRoom(): boolean {
    return this.#bufferedBytes < this.#settings.bufferBytesMax
  }

  /** Resolves when there was room. Others may have taken it meanwhile, so whoever wants it looks again. */
  async #room(deadlineMillis: number): Promise<void> {
    const { timing } = this.cluster
    const freed = new Promise<void>((resolve) => this.#roomListeners.push(resolve))
    await timing.within(freed, { millis: Math.max(1, deadlineMillis - timing.monotonicMillis()) }, "room for records").catch((cause: unknown) => {
      throw new ClientError("buffer-full", `no room for records within ${this.#settings.maxBlockMillis} ms`, { cause })
    })
  }

  #onFreed(bytes: number): void {
    this.#bufferedBytes -= bytes
    if (this.#hasRoom) for (const listener of this.#roomListeners.splice(0)) listener()
  }
}
