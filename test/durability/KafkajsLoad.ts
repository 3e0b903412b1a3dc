import { Kafka, logLevel, type Producer } from "kafkajs"
import type { Ack, AckedLoad } from "./AckedLoad.ts"

const recordsPerSend = 20

/** kafkajs, idempotent: a send is repeated with the same sequence numbers until the broker is back. */
export class KafkajsLoad implements AckedLoad {
  readonly title = "kafkajs"
  readonly topic: string
  readonly acks: Ack[] = []
  failure: string | undefined
  #producer: Producer
  #partitions: number
  #isStopping = false
  #loops: Promise<void>[] = []
  #next = 0

  constructor(port: number, topic: string, partitions: number) {
    this.topic = topic
    this.#partitions = partitions
    const kafka = new Kafka({
      clientId: "durability", brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, requestTimeout: 10_000, connectionTimeout: 1_000,
      // Giving up would leave an unknown outcome behind the next sequence number; the tier's own time limit ends it instead.
      retry: { initialRetryTime: 50, maxRetryTime: 300, retries: 10_000 }
    })
    this.#producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  }

  async start(): Promise<void> {
    await this.#producer.connect()
    this.#loops = Array.from({ length: this.#partitions }, (_, partition) => this.#loop(partition))
  }

  async finish(): Promise<void> {
    this.#isStopping = true
    await Promise.all(this.#loops)
    await this.#producer.disconnect()
    if (this.failure !== undefined) throw new Error(`kafkajs: ${this.failure}`)
  }

  async #loop(partition: number): Promise<void> {
    while (!this.#isStopping && this.failure === undefined) {
      const numbers = Array.from({ length: recordsPerSend }, () => this.#next++)
      try {
        const answers = await this.#producer.send({
          topic: this.topic, acks: -1, timeout: 10_000,
          messages: numbers.map((number) => ({ partition, value: String(number).padStart(16, "0").padEnd(100, "x") }))
        })
        const baseOffset = Number(answers[0]?.baseOffset)
        if (answers[0]?.errorCode !== 0 || !Number.isInteger(baseOffset)) throw new Error(`unexpected answer ${JSON.stringify(answers)}`)
        numbers.forEach((number, index) => this.acks.push({ number, partition, offset: baseOffset + index }))
      } catch (error) {
        this.failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      }
    }
  }
}
