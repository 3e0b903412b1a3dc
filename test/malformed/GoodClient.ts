import { pause } from "../bench/harness/network.ts"
import type { WireClient } from "../bench/harness/WireClient.ts"

/** A round begins this long after the one before at the earliest: a client at full speed would grow the broker's caches by itself. */
const roundMillisMin = 8

/** The other client: it produces a record and reads it back, over and over, while somebody attacks. */
export class GoodClient {
  rounds = 0
  failure: string | undefined
  #client: WireClient
  #topic: string
  #isStopping = false
  #loop: Promise<void> = Promise.resolve()
  #roundMillis: number[] = []

  constructor(client: WireClient, topic: string) {
    this.#client = client
    this.#topic = topic
  }

  start(): void {
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await this.#loop
    this.#client.close()
  }

  /** The slowest round since the last call, and the 99th percentile. */
  takeLatency(): string {
    const sorted = this.#roundMillis.sort((a, b) => a - b)
    this.#roundMillis = []
    if (sorted.length === 0) return "no round"
    return `${sorted.length} rounds of the other client, p99 ${sorted[Math.floor((sorted.length - 1) * 0.99)]!.toFixed(0)} ms, slowest ${sorted.at(-1)!.toFixed(0)} ms`
  }

  async #run(): Promise<void> {
    try {
      while (!this.#isStopping) {
        const since = performance.now()
        const value = Buffer.from(`round ${this.rounds} `.padEnd(1_000, "."))
        const produced = await this.#client.produce(this.#topic, 0, { values: [value] })
        if (produced.errorCode !== 0) throw new Error(`produce: error ${produced.errorCode}`)
        const fetched = await this.#client.fetch(this.#topic, 0, produced.baseOffset, 65_536)
        if (fetched.errorCode !== 0) throw new Error(`fetch: error ${fetched.errorCode}`)
        if (fetched.records[0]?.offset !== produced.baseOffset || !fetched.records[0].value.equals(value)) throw new Error(`round ${this.rounds} read back something else`)
        const millis = performance.now() - since
        this.#roundMillis.push(millis)
        this.rounds += 1
        if (millis < roundMillisMin) await pause(roundMillisMin - millis)
      }
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error)
    }
  }
}
