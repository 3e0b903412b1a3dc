import { Kafka, logLevel, type Producer, type RecordMetadata } from "kafkajs"
import type { Ack, AckedLoad } from "./AckedLoad.ts"

const recordsPerPartition = 10

/** kafkajs, idempotent: a send is repeated with the same sequence numbers until the broker is back. */
export class KafkajsLoad implements AckedLoad {
  readonly title = "kafkajs"
  readonly topic: string
  readonly acks: Ack[] = []
  unknown = 0
  failure: string | undefined
  #kafka: Kafka
  #producer: Producer
  #partitions: number
  #isStopping = false
  #loop: Promise<void> = Promise.resolve()
  #next = 0

  constructor(port: number, topic: string, partitions: number) {
    this.topic = topic
    this.#partitions = partitions
    this.#kafka = new Kafka({
      clientId: "durability", brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, requestTimeout: 10_000, connectionTimeout: 1_000,
      // Giving up would leave an unknown outcome behind the next sequence number; the tier's own time limit ends it instead.
      retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 10_000 }
    })
    this.#producer = this.#newProducer()
  }

  #newProducer(): Producer {
    return this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  }

  async start(): Promise<void> {
    await this.#producer.connect()
    this.#loop = this.#run()
  }

  async finish(): Promise<void> {
    this.#isStopping = true
    await this.#loop
    await this.#producer.disconnect()
    if (this.failure !== undefined) throw new Error(`kafkajs: ${this.failure}`)
  }

  /** One send at a time: kafkajs loses its seed broker when several of its calls reconnect at once. */
  async #run(): Promise<void> {
    while (!this.#isStopping && this.failure === undefined) {
      const first = this.#next
      const count = recordsPerPartition * this.#partitions
      this.#next += count
      const messages = Array.from({ length: count }, (_, index) => ({
        partition: Math.floor(index / recordsPerPartition), value: String(first + index).padStart(16, "0").padEnd(100, "x")
      }))
      try {
        for (const answer of await this.#producer.send({ topic: this.topic, acks: -1, timeout: 10_000, messages })) this.#onAnswer(answer, first)
      } catch (error) {
        await this.#onFailure(error, count)
      }
    }
  }

  /** A reconnecting kafkajs may stumble over a broker list that it has just emptied; a new producer then takes over, with a new producer id. */
  async #onFailure(error: unknown, count: number): Promise<void> {
    const isFaultOfClient = error instanceof Error && error.message.startsWith("Cannot read properties of undefined")
    if (!isFaultOfClient) {
      this.failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      return
    }
    try {
      await this.#producer.disconnect()
      this.#producer = this.#newProducer()
      await this.#producer.connect()
      this.unknown += count
    } catch (again) {
      this.failure = String(again)
    }
  }

  #onAnswer(answer: RecordMetadata, first: number): void {
    const baseOffset = Number(answer.baseOffset)
    if (answer.errorCode !== 0 || !Number.isInteger(baseOffset)) throw new Error(`unexpected answer ${JSON.stringify(answer)}`)
    for (let index = 0; index < recordsPerPartition; index++) {
      this.acks.push({ number: first + answer.partition * recordsPerPartition + index, partition: answer.partition, offset: baseOffset + index })
    }
  }
}
