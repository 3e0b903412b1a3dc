import type { Producer } from "kafkajs"
import type { InteropRecord } from "../Records.ts"
import type { Tier } from "../Tier.ts"

const tickMillis = 50
const recordsPerTick = 12

/** A steady stream of records to all partitions of a topic, so that rebalances happen while there is something to lose. */
export class Flow {
  readonly written: InteropRecord[] = []
  private readonly producer: Producer
  private readonly topic: string
  private readonly next: number[]
  private paused = false
  private stopped = false
  private running: Promise<void> = Promise.resolve()

  constructor(tier: Tier, topic: string, partitions: number) {
    this.topic = topic
    this.next = Array.from({ length: partitions }, () => 0)
    this.producer = tier.kafka.producer({ allowAutoTopicCreation: false, idempotent: true, maxInFlightRequests: 1 })
  }

  async start(): Promise<void> {
    await this.producer.connect()
    this.running = this.loop()
    this.running.catch(() => {})
  }

  pause(): void { this.paused = true }
  resume(): void { this.paused = false }

  /** Ends the stream; fails when a write has failed. */
  async stop(): Promise<void> {
    this.stopped = true
    await this.running
    await this.producer.disconnect()
  }

  /** Where each partition ends. */
  endOffsets(): ReadonlyArray<number> { return this.next }

  private async loop(): Promise<void> {
    while (!this.stopped) {
      if (!this.paused) await this.tick()
      await new Promise((resolve) => setTimeout(resolve, tickMillis))
    }
  }

  private async tick(): Promise<void> {
    const batch: InteropRecord[] = []
    for (let i = 0; i < recordsPerTick; i++) {
      const lane = (this.written.length + i) % this.next.length
      const offset = this.next[lane] ?? 0
      this.next[lane] = offset + 1
      batch.push({ lane, offset, timestamp: -1, key: Buffer.from(`${lane}`), value: Buffer.from(`${this.topic} ${lane} ${offset}`), headers: [] })
    }
    await this.producer.send({ topic: this.topic, acks: -1, messages: batch.map(({ lane, key, value }) => ({ partition: lane, key, value })) })
    this.written.push(...batch)
  }
}
