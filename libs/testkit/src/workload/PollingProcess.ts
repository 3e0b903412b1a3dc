import { Consumer } from "@tailrace/client"
import { failureOf } from "../failureOf.ts"
import { sleep } from "../internal/sleep.ts"
import { clientOptionsOf, keyOf, valueOf, type WorkloadOptions } from "./WorkloadOptions.ts"

const pollMillis = 500
/** Time between two lookups of the ends of all partitions. */
const lookUpMillis = 1_000
/** After a call that failed at once, so that a history does not fill with failures. */
const pauseMillis = 100

/** One consumer that reads all partitions from the beginning, assigned by hand, and asks for their ends now and then. */
export class PollingProcess {
  readonly name: string
  readonly #options: WorkloadOptions
  readonly #onFault: (error: unknown) => void
  readonly #consumer: Consumer
  readonly #stopping: Promise<void>
  #stop: () => void = () => undefined
  #isStopping = false
  #running: Promise<unknown> = Promise.resolve()

  constructor(name: string, options: WorkloadOptions, onFault: (error: unknown) => void) {
    this.name = options.history.claimProcess(name)
    this.#options = options
    this.#onFault = onFault
    this.#consumer = new Consumer({ ...clientOptionsOf(options, this.name), autoOffsetReset: "earliest", fetchMaxWaitMillis: pollMillis })
    this.#stopping = new Promise((resolve) => {
      this.#stop = resolve
    })
  }

  start(): void {
    const { history, partitions } = this.#options
    this.#consumer.assign(partitions)
    history.record({ process: this.name, f: "assign", keys: partitions.map(keyOf), meta: { mode: "assign" } })
    this.#running = Promise.all([this.#poll(), this.#lookUp()]).catch(this.#onFault)
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#stop()
    await this.#consumer.close()
    await this.#running
  }

  async #poll(): Promise<void> {
    const { history, clock } = this.#options
    while (!this.#isStopping) {
      const operation = history.invoke({ process: this.name, f: "poll" })
      try {
        const records = await this.#consumer.poll(pollMillis)
        operation.complete({
          type: "ok", records: records.map((record) => ({ key: keyOf(record), offset: record.offset, value: valueOf(record.value) }))
        })
      } catch (error) {
        operation.complete(failureOf(error))
        await sleep(clock, pauseMillis, this.#stopping)
      }
    }
  }

  /** Another process than the one that polls, as far as the history is concerned: it goes on while a poll waits. */
  async #lookUp(): Promise<void> {
    const { history, clock, partitions } = this.#options
    while (!this.#isStopping) {
      const operation = history.invoke({ process: `${this.name}-ends`, f: "offsets", keys: partitions.map(keyOf) })
      try {
        const found = await this.#consumer.endOffsets(partitions)
        operation.complete({
          type: "ok", marks: found.filter(({ error }) => error === undefined)
            .map((end) => ({ kind: "end", key: keyOf(end), offset: end.offset, leaderEpoch: end.leaderEpoch }))
        })
      } catch (error) {
        operation.complete(failureOf(error))
      }
      await sleep(clock, lookUpMillis, this.#stopping)
    }
  }
}
