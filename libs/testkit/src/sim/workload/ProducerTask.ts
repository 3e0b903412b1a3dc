import { Producer, type RecordMetadata } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { failureOf } from "../../failureOf.ts"
import { sleep } from "../../internal/sleep.ts"
import { clientOptions, keyOf, type WorkloadContext } from "./WorkloadContext.ts"

export interface ProducerKind {
  readonly acks: "all" | 1
  readonly isIdempotent: boolean
  /** Between two sends. */
  readonly pauseMillisMean: number
  readonly recordBytesMax: number
}

const inFlightMax = 8

/** Sends one record after the other, several at once, each with a value of its own. */
export class ProducerTask {
  readonly host: string
  readonly #context: WorkloadContext
  readonly #kind: ProducerKind
  readonly #random: SeededRandom
  readonly #producer: Producer
  readonly #open = new Set<Promise<void>>()
  #sent = 0
  #isStopped = false
  readonly #done: Promise<void>

  constructor(host: string, kind: ProducerKind, context: WorkloadContext, random: SeededRandom) {
    this.host = host
    this.#context = context
    this.#kind = kind
    this.#random = random
    this.#producer = new Producer({
      ...clientOptions(context.cluster, host, random.fork()), acks: kind.acks, enableIdempotence: kind.isIdempotent,
      lingerMillis: 2, maxBlockMillis: 5_000, deliveryTimeoutMillis: 12_000, allowAutoCreateTopics: false
    })
    this.#done = this.#run()
  }

  /** Resolves when everything sent has an answer. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await Promise.all(this.#open)
    await this.#producer.close({ timeoutMillis: 1 })
  }

  async #run(): Promise<void> {
    const { cluster } = this.#context
    while (!this.#isStopped) {
      const pause = -Math.log(1 - this.#random.nextFraction()) * this.#kind.pauseMillisMean
      await sleep(cluster.clock, pause)
      if (this.#open.size >= inFlightMax) await Promise.race(this.#open)
      const sending: Promise<void> = this.#send().finally(() => this.#open.delete(sending))
      this.#open.add(sending)
    }
  }

  async #send(): Promise<void> {
    const { history, topics } = this.#context
    const { acks, isIdempotent, recordBytesMax } = this.#kind
    const topic = topics[this.#random.nextInt(topics.length)]!
    const partition = this.#random.nextInt(topic.partitions)
    const value = `${this.host}:${this.#sent++}`
    const bytes = Buffer.alloc(value.length + 1 + this.#random.nextInt(recordBytesMax), ".")
    bytes.write(`${value} `, "latin1")
    const key = keyOf(topic.name, partition)
    const operation = history.invoke({
      process: this.host, f: "send", records: [{ key, offset: -1, value }], meta: { acks, isIdempotent }
    })
    let sent: RecordMetadata
    try {
      sent = await this.#producer.send({ topic: topic.name, partition, value: bytes })
    } catch (error) {
      operation.complete(failureOf(error))
      return
    }
    operation.complete({ type: "ok", records: [{ key, offset: sent.offset, value }] })
  }
}
