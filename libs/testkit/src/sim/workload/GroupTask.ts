import { GroupConsumer } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { failureOf } from "../../failureOf.ts"
import { sleep } from "../../internal/sleep.ts"
import { recordsOf } from "./ReaderTask.ts"
import { clientOptions, keyOf, type WorkloadContext } from "./WorkloadContext.ts"

const pollMillis = 400
const pauseMillis = 120
/** A member that is silent for so long is replaced. */
export const groupSessionMillis = 6_000

/** One place in a consumer group: its member reads, commits, asks what is committed, and is replaced by another one now and then. */
export class GroupTask {
  readonly #name: string
  readonly #group: string
  readonly #context: WorkloadContext
  readonly #random: SeededRandom
  #members = 0
  #isStopped = false
  readonly #done: Promise<void>

  constructor(name: string, group: string, context: WorkloadContext, random: SeededRandom) {
    this.#name = name
    this.#group = group
    this.#context = context
    this.#random = random
    this.#done = this.#run()
  }

  /** Of the member that has the place now. */
  get host(): string {
    return `${this.#name}-${this.#members}`
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      this.#members++
      await this.#live(this.host, 30 + this.#random.nextInt(120))
    }
  }

  async #live(host: string, rounds: number): Promise<void> {
    const { cluster, topics } = this.#context
    const consumer = new GroupConsumer({
      ...clientOptions(cluster, host, this.#random.fork()), groupId: this.#group, autoOffsetReset: "earliest", enableAutoCommit: false,
      sessionTimeoutMillis: groupSessionMillis, heartbeatIntervalMillis: 1_000, maxPollIntervalMillis: 10_000, fetchMaxWaitMillis: 300
    })
    consumer.subscribe(topics.map(({ name }) => name))
    let assigned = ""
    for (let round = 0; round < rounds && !this.#isStopped; round++) {
      assigned = await this.#poll(consumer, host, assigned)
      const choice = this.#random.nextInt(10)
      if (choice < 3) await this.#commit(consumer, host)
      else if (choice === 3) await this.#askCommitted(consumer, host)
      await sleep(cluster.clock, pauseMillis)
    }
    await consumer.close({ timeoutMillis: 2_000 }).catch(() => undefined)
  }

  async #poll(consumer: GroupConsumer, host: string, assigned: string): Promise<string> {
    const { history } = this.#context
    const meta = { group: this.#group }
    const operation = history.invoke({ process: host, f: "poll", meta })
    try {
      const records = await consumer.poll(pollMillis)
      const keys = consumer.assignment().map(({ partition, topic }) => keyOf(topic, partition))
      const now = `${consumer.generationId} ${keys.join()}`
      if (now !== assigned && consumer.generationId >= 0) {
        history.record({ process: host, f: "assign", keys, meta: { mode: "subscribe", group: this.#group, generation: consumer.generationId } })
      }
      operation.complete({ type: "ok", records: recordsOf(records), meta: { generation: consumer.generationId } })
      return now
    } catch (error) {
      operation.complete(failureOf(error))
      return assigned
    }
  }

  async #commit(consumer: GroupConsumer, host: string): Promise<void> {
    const positions = consumer.positions()
    if (positions.length === 0) return
    const operation = this.#context.history.invoke({
      process: host, f: "commit", meta: { group: this.#group, generation: consumer.generationId },
      marks: positions.map(({ offset, partition, topic }) => ({ kind: "committed", key: keyOf(topic, partition), offset }))
    })
    try {
      // Tried again, an attempt that was refused would say nothing of those before it.
      await consumer.commit(positions, { once: true })
      operation.complete({ type: "ok" })
    } catch (error) {
      operation.complete(failureOf(error))
    }
  }

  async #askCommitted(consumer: GroupConsumer, host: string): Promise<void> {
    const partitions = consumer.assignment()
    if (partitions.length === 0) return
    const operation = this.#context.history.invoke({ process: host, f: "committed", meta: { group: this.#group } })
    try {
      const found = await consumer.committed(partitions)
      const offsets = new Map(found.map(({ offset, partition, topic }) => [keyOf(topic, partition), offset]))
      operation.complete({
        type: "ok",
        marks: partitions.map(({ partition, topic }) => ({ kind: "committed", key: keyOf(topic, partition), offset: offsets.get(keyOf(topic, partition)) ?? -1 }))
      })
    } catch (error) {
      operation.complete(failureOf(error))
    }
  }
}
