import { ErrorCode, type ProduceRequestInput, type ProduceResponse, type ProduceResponsePartition } from "@tailrace/kafka-protocol"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import type { Connection } from "../Connection.ts"
import { KafkaError } from "../KafkaError.ts"
import type { ResolvedProducerSettings } from "../ProducerOptions.ts"
import { initProducerIdApi, produceApi } from "./apis.ts"
import type { PartitionQueue, ProducerIdentity } from "./PartitionQueue.ts"
import type { ProducerBatch } from "./ProducerBatch.ts"
import { isRetriable } from "./Timing.ts"

/** The way to one broker. */
interface Lane {
  connection: Connection | undefined
  isOpening: boolean
  underWay: number
  failures: number
  retryAtMillis: number
}

type Sent = readonly [queue: PartitionQueue, batch: ProducerBatch]

/**
 * The broker may have appended: it could not say that it is safe, or it lost its office, its disk or the partition while the batch
 * waited for that. It answers the same to what it turns away at once, so a repetition may be a duplicate.
 */
const uncertainCodes: ReadonlySet<number> = new Set([
  ErrorCode.REQUEST_TIMED_OUT, ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, ErrorCode.NETWORK_EXCEPTION, ErrorCode.UNKNOWN_SERVER_ERROR,
  ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.FENCED_LEADER_EPOCH
])

/** Whether an error says itself that the batch may be in the log. */
const leavesOpen = (error: unknown): boolean =>
  error instanceof KafkaError ? uncertainCodes.has(error.errorCode)
    : error instanceof ClientError && ["timeout", "disconnected", "closed", "outcome-unknown"].includes(error.reason)

/** The broker does not accept the producer's epoch or sequence. */
const refusedSequenceCodes: ReadonlySet<number> =
  new Set([ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, ErrorCode.UNKNOWN_PRODUCER_ID, ErrorCode.INVALID_PRODUCER_EPOCH])

/**
 * Sends the batches of all partitions: one request per broker and round with at most one batch per partition, several requests
 * under way, and everything that failed for the moment again in its old order.
 */
export class RecordSender {
  readonly #cluster: Cluster
  readonly #settings: ResolvedProducerSettings
  readonly #onFreed: (bytes: number) => void
  readonly #queues = new Set<PartitionQueue>()
  readonly #batches = new Set<ProducerBatch>()
  readonly #lanes = new Map<number, Lane>()
  #identity: ProducerIdentity | undefined
  #isIdentifying = false
  #identifyFailures = 0
  #identifyAtMillis = 0
  #isScheduled = false
  #cancelTimer: () => void = () => undefined
  #timerAtMillis = Infinity
  readonly #stopping = new AbortController()
  /** Above 0 no batch waits for more records. */
  flushing = 0

  constructor(cluster: Cluster, settings: ResolvedProducerSettings, onFreed: (bytes: number) => void) {
    this.#cluster = cluster
    this.#settings = settings
    this.#onFreed = onFreed
  }

  /** Batches that are not acknowledged. */
  get batches(): Iterable<ProducerBatch> {
    return this.#batches
  }

  add(queue: PartitionQueue, batch: ProducerBatch): void {
    queue.waiting.push(batch)
    this.#queues.add(queue)
    this.#batches.add(batch)
  }

  /** Looks for something to send behind the events of this turn, so that what arrives in one turn travels together. */
  wake(): void {
    if (this.#isScheduled || this.#stopping.signal.aborted) return
    this.#isScheduled = true
    this.#cluster.timing.clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#run()
    })
  }

  wakeAt(millis: number): void {
    if (millis >= this.#timerAtMillis || this.#stopping.signal.aborted) return
    this.#cancelTimer()
    this.#timerAtMillis = millis
    this.#cancelTimer = this.#cluster.timing.clock.after(Math.max(0, millis - this.#cluster.timing.monotonicMillis()), () => {
      this.#timerAtMillis = Infinity
      this.wake()
    })
  }

  /** Gives up everything that is not acknowledged. */
  stop(error: Error): void {
    this.#stopping.abort(error)
    this.#cancelTimer()
    for (const batch of this.#batches) {
      this.#forget(batch)
      batch.fail(error)
    }
    this.#queues.clear()
  }

  #run(): void {
    if (this.#stopping.signal.aborted) return
    const now = this.#cluster.timing.monotonicMillis()
    let isSending = true
    while (isSending) {
      const chosen = new Map<number, Array<PartitionQueue>>()
      const bytes = new Map<number, number>()
      for (const queue of this.#queues) {
        if (queue.isIdle) this.#queues.delete(queue)
        const leader = this.#readyLeader(queue, now)
        if (leader === undefined) continue
        const size = (bytes.get(leader) ?? 0) + (queue.waiting[0]?.sizeInBytes ?? 0)
        const list = chosen.get(leader)
        if (list === undefined) chosen.set(leader, [queue])
        else if (size <= this.#settings.requestBytesMax) list.push(queue)
        else continue
        bytes.set(leader, size)
      }
      isSending = chosen.size > 0
      for (const [leader, queues] of chosen) this.#send(leader, queues)
    }
  }

  /** The broker to which the head of the queue can be sent at once; otherwise what has to happen before is under way. */
  #readyLeader(queue: PartitionQueue, now: number): number | undefined {
    this.#expire(queue, now)
    if (queue.isResetDue) this.#reset(queue)
    const head = queue.waiting[0]
    if (head === undefined || !queue.maySend(this.#identity)) return undefined
    const known = this.#cluster.metadata.leaderOf(queue.topic, queue.partition)
    // A leader that came after the failure has nothing to do with it, so it is not waited for.
    if (queue.retryAtMillis > now && (known?.leaderEpoch ?? -1) <= queue.failedEpoch) {
      this.wakeAt(queue.retryAtMillis)
      return undefined
    }
    const mustGo = head.isClosed || head.sizeInBytes >= this.#settings.batchBytes || queue.waiting.length > 1 || this.flushing > 0 || head.attempts > 0
    if (!mustGo && head.lingerUntilMillis > now) {
      this.wakeAt(head.lingerUntilMillis)
      return undefined
    }
    this.wakeAt(head.deadlineMillis)
    if (this.#settings.enableIdempotence && this.#identity === undefined) {
      this.#identify(now)
      return undefined
    }
    if (known === undefined) {
      this.#refresh(queue, now)
      return undefined
    }
    return this.#laneIsReady(known.leader, queue, now) ? known.leader : undefined
  }

  #laneIsReady(leader: number, queue: PartitionQueue, now: number): boolean {
    let lane = this.#lanes.get(leader)
    if (lane === undefined) {
      lane = { connection: undefined, isOpening: false, underWay: 0, failures: 0, retryAtMillis: 0 }
      this.#lanes.set(leader, lane)
    }
    if (lane.connection?.isOpen === true) return lane.underWay < this.#settings.maxInFlightRequestsPerConnection
    lane.connection = undefined
    if (lane.isOpening) return false
    if (lane.retryAtMillis > now) {
      this.wakeAt(lane.retryAtMillis)
      return false
    }
    this.#open(leader, lane, queue.topic)
    return false
  }

  #open(leader: number, lane: Lane, topic: string): void {
    lane.isOpening = true
    this.#cluster.connection(leader, "produce").then((connection) => {
      lane.connection = connection
      lane.failures = 0
    }, () => {
      lane.retryAtMillis = this.#cluster.timing.monotonicMillis() + this.#cluster.timing.backoffMillis(this.#cluster.options, lane.failures++)
      this.#cluster.refreshStale([topic]).catch(() => undefined).finally(() => this.wake())
    }).finally(() => {
      lane.isOpening = false
      this.wake()
    })
  }

  #refresh(queue: PartitionQueue, now: number): void {
    queue.retryAtMillis = now + this.#cluster.options.retryBackoffMillis
    this.#cluster.refreshStale([queue.topic]).catch(() => undefined).finally(() => this.wake())
    this.wakeAt(queue.retryAtMillis)
  }

  #identify(now: number): void {
    if (this.#isIdentifying) return
    if (this.#identifyAtMillis > now) return this.wakeAt(this.#identifyAtMillis)
    this.#isIdentifying = true
    const { signal } = this.#stopping
    this.#cluster.retry(signal, async () => {
      const response = await this.#cluster.call(initProducerIdApi, "any", { transactionalId: null, transactionTimeoutMs: 0x7fff_ffff }, { signal })
      KafkaError.check(response.errorCode)
      return response
    }).then((response) => {
      this.#identity = { producerId: response.producerId, producerEpoch: response.producerEpoch }
      this.#identifyFailures = 0
    }, (error: unknown) => {
      this.#identifyAtMillis = this.#cluster.timing.monotonicMillis() + this.#cluster.timing.backoffMillis(this.#cluster.options, this.#identifyFailures++)
      // Brokers that cannot be reached may come back before the batches expire.
      if (isRetriable(error)) return
      for (const queue of this.#queues) for (const batch of queue.waiting.splice(0)) this.#giveUp(queue, batch, error)
    }).finally(() => {
      this.#isIdentifying = false
      this.wake()
    })
  }

  #expire(queue: PartitionQueue, now: number): void {
    for (;;) {
      const head = queue.waiting[0]
      if (head === undefined || head.deadlineMillis > now) return
      queue.waiting.shift()
      this.#giveUp(queue, head, new ClientError("timeout",
        `${queue.topic}-${queue.partition}: not acknowledged within ${this.#settings.deliveryTimeoutMillis} ms`))
    }
  }

  #reset(queue: PartitionQueue): void {
    for (const batch of queue.takeUncertain()) {
      this.#fail(queue, batch, new ClientError("outcome-unknown",
        `${queue.topic}-${queue.partition}: an earlier batch timed out, and this one may or may not be in the log`))
    }
    if (!queue.reset()) this.#identity = undefined
  }

  #send(leader: number, queues: ReadonlyArray<PartitionQueue>): void {
    const lane = this.#lanes.get(leader)
    const connection = lane?.connection
    if (lane === undefined || connection === undefined) throw new Error("assertion: only ready lanes are sent on")
    const sent: Array<Sent> = []
    const topics = new Map<string, Array<{ readonly index: number; readonly records: Buffer }>>()
    for (const queue of queues) {
      const batch = queue.take(this.#identity)
      // Whoever had its turn goes behind all others: a request has no room for everybody.
      this.#queues.delete(queue)
      this.#queues.add(queue)
      sent.push([queue, batch])
      const partitions = topics.get(queue.topic) ?? []
      partitions.push({ index: queue.partition, records: batch.build() })
      topics.set(queue.topic, partitions)
    }
    const input = {
      transactionalId: null, acks: this.#settings.acks, timeoutMs: this.#cluster.options.requestTimeoutMillis,
      topicData: [...topics].map(([name, partitionData]) => ({ name, partitionData }))
    }
    lane.underWay++
    this.#request(connection, input, sent).catch((error: unknown) => {
      for (const [queue, batch] of sent) this.#onFailure(queue, batch, error, true)
    }).finally(() => {
      lane.underWay--
      this.wake()
    })
  }

  async #request(connection: Connection, input: ProduceRequestInput, sent: ReadonlyArray<Sent>): Promise<void> {
    if (this.#settings.acks !== 0) return this.#onResponse(sent, await connection.request(produceApi, input))
    // Without answers the socket is what holds back.
    await connection.send(produceApi, input)
    for (const [queue, batch] of sent) this.#complete(queue, batch, -1, -1)
  }

  #onResponse(sent: ReadonlyArray<Sent>, response: ProduceResponse): void {
    const results = new Map<string, Map<number, ProduceResponsePartition>>()
    for (const topic of response.responses) {
      results.set(topic.name, new Map(topic.partitionResponses.map((partition) => [partition.index, partition])))
    }
    for (const node of response.nodeEndpoints) this.#cluster.metadata.addBroker(node.nodeId, node)
    for (const [queue, batch] of sent) {
      const result = results.get(queue.topic)?.get(queue.partition)
      const code = result?.errorCode ?? ErrorCode.UNKNOWN_SERVER_ERROR
      if (result !== undefined && code === 0) this.#complete(queue, batch, result.baseOffset, result.logAppendTimeMs)
      else if (code === ErrorCode.DUPLICATE_SEQUENCE_NUMBER) this.#complete(queue, batch, -1, -1)
      else {
        const { leaderId = -1, leaderEpoch = -1 } = result?.currentLeader ?? {}
        if (leaderId >= 0) this.#cluster.metadata.moveLeader(queue.topic, queue.partition, leaderId, leaderEpoch)
        const message = result?.recordErrors[0]?.batchIndexErrorMessage ?? result?.errorMessage
        this.#onFailure(queue, batch, new KafkaError(code, `${queue.topic}-${queue.partition}`, message), uncertainCodes.has(code))
      }
    }
  }

  #onFailure(queue: PartitionQueue, batch: ProducerBatch, error: unknown, isUncertain: boolean): void {
    if (this.#stopping.signal.aborted) return
    batch.isUncertain ||= isUncertain
    const now = this.#cluster.timing.monotonicMillis()
    const isRefused = error instanceof KafkaError && refusedSequenceCodes.has(error.errorCode) && batch.producer !== undefined
    // A batch that is not the first is refused because of the ones before it, which are still being repeated.
    const isFirst = queue.isFirst(batch)
    if (isRefused && isFirst) {
      // A broker that has it would have said so, unless it has forgotten: then only the caller can tell what to do.
      if (batch.isUncertain) return this.#giveUp(queue, batch, new ClientError("outcome-unknown", error.message, { cause: error }))
      queue.requestReset(batch, false)
    }
    if ((isRefused || isRetriable(error)) && batch.deadlineMillis > now) {
      const isStale = !(error instanceof KafkaError) || error.isStaleMetadata
      queue.failedEpoch = this.#cluster.metadata.leaderOf(queue.topic, queue.partition)?.leaderEpoch ?? queue.failedEpoch
      queue.putBack(batch, isRefused && !isFirst ? 0 : now + this.#cluster.timing.backoffMillis(this.#cluster.options, batch.attempts - 1))
      if (isStale) this.#cluster.refreshStale([queue.topic]).catch(() => undefined).finally(() => this.wake())
      return
    }
    this.#giveUp(queue, batch, error)
  }

  /** A numbered batch that is given up leaves a gap in the sequence. Its error may not be taken for a proof that it is not stored. */
  #giveUp(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    if (batch.producer !== undefined) queue.requestReset(batch, batch.isUncertain)
    this.#fail(queue, batch, !batch.isUncertain || leavesOpen(error) ? error : new ClientError("outcome-unknown",
      `${queue.topic}-${queue.partition}: an earlier attempt may be in the log, the last one failed: ${(error as Error).message}`, { cause: error }))
  }

  #fail(queue: PartitionQueue, batch: ProducerBatch, error: unknown): void {
    queue.finish(batch)
    this.#forget(batch)
    batch.fail(error)
  }

  #complete(queue: PartitionQueue, batch: ProducerBatch, baseOffset: number, logAppendTimeMillis: number): void {
    queue.acknowledge(batch)
    this.#forget(batch)
    batch.complete(baseOffset, logAppendTimeMillis)
  }

  #forget(batch: ProducerBatch): void {
    if (this.#batches.delete(batch)) this.#onFreed(batch.sizeInBytes)
  }
}
