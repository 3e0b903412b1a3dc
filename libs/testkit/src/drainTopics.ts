import { ClientError, Cluster, type ClientOptions, Consumer, fetchApi, KafkaError, type TopicPartition } from "@tailrace/client"
import { recordCodecs } from "@tailrace/codecs"
import { Batch, RecordCursor } from "@tailrace/record"
import type { Clock } from "@tailrace/runtime"
import { failureOf } from "./failureOf.ts"
import type { History } from "./History.ts"
import { sleep } from "./internal/sleep.ts"
import type { OffsetMark, OperationRecord } from "./Operation.ts"
import { keyOf, valueOf } from "./workload/WorkloadOptions.ts"

export interface DrainOptions {
  readonly history: History
  readonly clock: Clock
  readonly client: ClientOptions
  readonly partitions: ReadonlyArray<TopicPartition>
  /** Tells several reads of the same partitions apart; default "drain". */
  readonly name?: string
  /** How long one partition may take; default 30 s. */
  readonly timeoutMillis?: number
}

const timeoutMillisDefault = 30_000
const pauseMillis = 100
const maxWaitMs = 100
const fetchBytesMax = 1 << 20
/** Partitions that are read at the same time. */
const concurrentMax = 4

/**
 * Reads partitions from their start to their end by fetches of its own, so that control batches show, with a fresh client. Answers
 * the partitions that could not be read within their time: a run with any of them says nothing about what was lost.
 */
export const drainTopics = async (options: DrainOptions): Promise<ReadonlyArray<string>> => {
  const { client, clock, partitions, name = "drain" } = options
  const cluster = new Cluster({ ...client, clientId: name, ports: { clock, ...client.ports } })
  const failed: Array<string> = []
  const waiting = [...partitions]
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      if (!await new PartitionDrain(options, cluster, name, next).run()) failed.push(keyOf(next))
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrentMax }, work))
  } finally {
    cluster.close()
  }
  return failed.toSorted()
}

/** One partition from its start to the end that it had when the read began. */
class PartitionDrain {
  readonly #options: DrainOptions
  readonly #cluster: Cluster
  readonly #partition: TopicPartition
  readonly #process: string
  readonly #control: Array<OffsetMark> = []

  constructor(options: DrainOptions, cluster: Cluster, name: string, partition: TopicPartition) {
    this.#options = options
    this.#cluster = cluster
    this.#partition = partition
    this.#process = `${name} ${keyOf(partition)}`
  }

  async run(): Promise<boolean> {
    const { history, clock, timeoutMillis = timeoutMillisDefault } = this.#options
    const key = keyOf(this.#partition)
    const deadline = clock.monotonicMillis() + timeoutMillis
    const drain = history.invoke({ process: this.#process, f: "drain", keys: [key] })
    let ends: { readonly start: number; readonly end: number; readonly epoch: number } | undefined
    let position = 0
    for (;;) {
      try {
        if (ends === undefined) {
          ends = await this.#ends()
          position = ends.start
        }
        while (position < ends.end) {
          if (clock.monotonicMillis() >= deadline) throw new ClientError("timeout", `${key}: read up to ${position} of ${ends.end}`)
          position = await this.#fetch(position)
        }
        drain.complete({ type: "ok", marks: [
          { kind: "start", key, offset: ends.start }, { kind: "end", key, offset: ends.end, leaderEpoch: ends.epoch }, ...this.#control
        ] })
        return true
      } catch (error) {
        const failure = failureOf(error)
        if (clock.monotonicMillis() + pauseMillis >= deadline) {
          drain.complete(failure)
          return false
        }
        void this.#cluster.refreshStale([this.#partition.topic]).catch(() => undefined)
        await sleep(clock, pauseMillis)
      }
    }
  }

  async #ends(): Promise<{ readonly start: number; readonly end: number; readonly epoch: number }> {
    const consumer = new Consumer({ cluster: this.#cluster })
    const [[start], [end]] = await Promise.all([consumer.beginningOffsets([this.#partition]), consumer.endOffsets([this.#partition])])
    if (start === undefined || end === undefined) throw new Error("assertion: a lookup answers each partition")
    if (start.error !== undefined) throw start.error
    if (end.error !== undefined) throw end.error
    return { start: start.offset, end: end.offset, epoch: end.leaderEpoch }
  }

  /** One request, which is one poll of the history; answers the next position. */
  async #fetch(position: number): Promise<number> {
    const { topic, partition } = this.#partition
    const key = keyOf(this.#partition)
    const operation = this.#options.history.invoke({ process: this.#process, f: "poll", meta: { isDrain: true } })
    try {
      const leader = this.#cluster.metadata.leaderOf(topic, partition)
      KafkaError.check(leader === undefined ? 5 : 0, key)
      const { leader: nodeId, leaderEpoch } = leader as { readonly leader: number; readonly leaderEpoch: number }
      const connection = await this.#cluster.connection(nodeId, "fetch")
      const response = await connection.request(fetchApi, (version) => ({
        maxWaitMs, minBytes: 1, maxBytes: fetchBytesMax, isolationLevel: 0, forgottenTopicsData: [],
        topics: [{ topic, partitions: [{
          partition, fetchOffset: position, partitionMaxBytes: fetchBytesMax,
          ...(version >= 9 ? { currentLeaderEpoch: leaderEpoch } : {})
        }] }]
      }))
      KafkaError.check(response.errorCode, key)
      const answer = response.responses[0]?.partitions[0]
      KafkaError.check(answer?.errorCode ?? -1, key)
      const { records, next } = this.#read(answer?.records ?? Buffer.alloc(0), position)
      operation.complete({
        type: "ok", records, marks: [{ kind: "highWatermark", key, offset: answer?.highWatermark ?? -1, leaderEpoch }]
      })
      return next
    } catch (error) {
      operation.complete(failureOf(error))
      throw error
    }
  }

  #read(bytes: Buffer, position: number): { readonly records: ReadonlyArray<OperationRecord>; readonly next: number } {
    const key = keyOf(this.#partition)
    const records: Array<OperationRecord> = []
    let next = position
    for (let at = 0; at < bytes.length; at += Batch.sizeInBytes(bytes, at)) {
      const fault = Batch.check(bytes, at, bytes.length, recordCodecs.crc32c)
      // The last batch of an answer may be cut off.
      if (fault === "truncated" && at > 0) break
      if (fault !== undefined) throw new KafkaError(2, key, `the batch at ${next}: ${fault}`)
      if (Batch.isControl(bytes, at)) {
        this.#control.push({ kind: "control", key, offset: Batch.baseOffset(bytes, at), count: Batch.lastOffsetDelta(bytes, at) + 1 })
      } else {
        for (const record of this.#recordsOf(bytes, at)) if (record.offset >= position) records.push(record)
      }
      next = Batch.nextOffset(bytes, at)
    }
    return { records, next }
  }

  #recordsOf(bytes: Buffer, at: number): ReadonlyArray<OperationRecord> {
    const key = keyOf(this.#partition)
    const records: Array<OperationRecord> = []
    try {
      const cursor = new RecordCursor(bytes, at, recordCodecs)
      while (cursor.next()) records.push({ key, offset: cursor.offset, value: valueOf(cursor.value) })
    } catch (cause) {
      throw new KafkaError(2, key, `the batch at ${Batch.baseOffset(bytes, at)}: ${(cause as Error).message}`)
    }
    return records
  }
}
