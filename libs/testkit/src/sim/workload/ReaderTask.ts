import { Consumer, type ConsumerRecord } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { failureOf } from "../../failureOf.ts"
import { sleep } from "../../internal/sleep.ts"
import { clientOptions, keyOf, valueOf, type WorkloadContext } from "./WorkloadContext.ts"

const pollMillis = 500
const pauseMillis = 100
/** Often enough that somebody knows the end that a leader told in its last moments. */
const endsPauseMillis = 150

/** Reads every partition from its start, by hand, and asks for their ends meanwhile. */
export class ReaderTask {
  readonly host: string
  readonly #context: WorkloadContext
  readonly #consumer: Consumer
  #isStopped = false
  readonly #done: Promise<void>

  constructor(host: string, context: WorkloadContext, random: SeededRandom) {
    this.host = host
    this.#context = context
    this.#consumer = new Consumer({
      ...clientOptions(context.cluster, host, random.fork()), autoOffsetReset: "earliest", fetchMaxWaitMillis: 300
    })
    this.#done = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await this.#consumer.close()
  }

  async #run(): Promise<void> {
    const { cluster, history, topics } = this.#context
    const partitions = topics.flatMap(({ name, partitions: count }) => Array.from({ length: count }, (_, partition) => ({ topic: name, partition })))
    this.#consumer.assign(partitions)
    history.record({ process: this.host, f: "assign", keys: partitions.map(({ partition, topic }) => keyOf(topic, partition)), meta: { mode: "assign" } })
    const again = async (pause: number, act: () => Promise<void>): Promise<void> => {
      while (!this.#isStopped) {
        await act()
        await sleep(cluster.clock, pause)
      }
    }
    await Promise.all([again(pauseMillis, () => this.#poll()), again(endsPauseMillis, () => this.#lookUpEnds(partitions))])
  }

  async #poll(): Promise<void> {
    const operation = this.#context.history.invoke({ process: this.host, f: "poll" })
    try {
      const records = await this.#consumer.poll(pollMillis)
      operation.complete({ type: "ok", records: recordsOf(records) })
    } catch (error) {
      operation.complete(failureOf(error))
    }
  }

  async #lookUpEnds(partitions: ReadonlyArray<{ readonly topic: string; readonly partition: number }>): Promise<void> {
    const operation = this.#context.history.invoke({ process: this.host, f: "offsets" })
    try {
      const found = await this.#consumer.endOffsets(partitions)
      operation.complete({
        type: "ok",
        marks: found.filter(({ error, offset }) => error === undefined && offset >= 0)
          .map(({ leaderEpoch, offset, partition, topic }) => ({ kind: "end" as const, key: keyOf(topic, partition), offset, leaderEpoch }))
      })
    } catch (error) {
      operation.complete(failureOf(error))
    }
  }
}

/** As the history wants them. */
export const recordsOf = (records: ReadonlyArray<ConsumerRecord>) =>
  records.map(({ offset, partition, topic, value }) => ({ key: keyOf(topic, partition), offset, value: valueOf(value) }))
