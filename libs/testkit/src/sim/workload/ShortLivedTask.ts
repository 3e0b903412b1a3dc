import { Admin, Consumer, Producer } from "@tailrace/client"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { sleep } from "../../internal/sleep.ts"
import { clientOptions, type WorkloadContext } from "./WorkloadContext.ts"

const partitionCount = 2
const sendPauseMillis = 150
const pollMillis = 400
const lifeMillisMin = 1_000
const lifeMillisMean = 3_000

/**
 * Makes one topic after the other, writes to it and reads from it together with a topic that stays, and deletes it while both go on.
 * Nobody is promised anything of such a topic: what is looked for is what its end does to others.
 */
export class ShortLivedTask {
  readonly host: string
  readonly #context: WorkloadContext
  readonly #random: SeededRandom
  readonly #admin: Admin
  readonly #producer: Producer
  readonly #consumer: Consumer
  /** The topic there is now, and the one before it: clients learn late that it is gone. */
  #topics: ReadonlyArray<string> = []
  #isStopped = false
  readonly #done: Promise<unknown>

  constructor(host: string, context: WorkloadContext, random: SeededRandom) {
    const options = (): ReturnType<typeof clientOptions> => clientOptions(context.cluster, host, random.fork())
    this.host = host
    this.#context = context
    this.#random = random
    this.#admin = new Admin(options())
    this.#producer = new Producer({ ...options(), lingerMillis: 2, maxBlockMillis: 2_000, deliveryTimeoutMillis: 4_000, requestTimeoutMillis: 2_000, allowAutoCreateTopics: false })
    this.#consumer = new Consumer({ ...options(), autoOffsetReset: "earliest", fetchMaxWaitMillis: 2_000 })
    this.#done = Promise.all([this.#churn(), this.#write(), this.#read()])
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#done
    await Promise.all([this.#producer.close({ timeoutMillis: 1 }), this.#consumer.close(), this.#admin.close()])
  }

  async #churn(): Promise<void> {
    for (let count = 1; !this.#isStopped; count++) {
      const name = `passing-${count}`
      // Whether it succeeds is not looked at, here and below: under faults anything may fail, and the next round does it again.
      await this.#admin.createTopics([{ name, numPartitions: partitionCount, replicationFactor: 3 }]).catch(() => undefined)
      this.#topics = [name, ...this.#topics.slice(0, 1)]
      const [stays] = this.#context.topics
      this.#consumer.assign([...this.#topics.flatMap(partitionsOf), { topic: stays!.name, partition: 0 }])
      await this.#pause(lifeMillisMin - Math.log(1 - this.#random.nextFraction()) * lifeMillisMean)
      await this.#admin.deleteTopics([name]).catch(() => undefined)
    }
  }

  async #write(): Promise<void> {
    for (let count = 0; !this.#isStopped; count++) {
      await this.#pause(sendPauseMillis)
      const [topic] = this.#topics
      if (topic === undefined) continue
      const value = Buffer.from(`${this.host}:${count}`)
      await this.#producer.send({ topic, partition: count % partitionCount, value }).catch(() => undefined)
    }
  }

  async #read(): Promise<void> {
    while (!this.#isStopped) {
      await this.#consumer.poll(pollMillis).catch(() => undefined)
      await this.#pause(sendPauseMillis)
    }
  }

  #pause(millis: number): Promise<void> {
    return sleep(this.#context.cluster.clock, millis)
  }
}

const partitionsOf = (topic: string) => Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }))
