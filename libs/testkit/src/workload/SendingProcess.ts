import { Producer, type TopicPartition } from "@tailrace/client"
import { failureOf } from "../failureOf.ts"
import { clientOptionsOf, keyOf, workloadDefaults, type WorkloadOptions } from "./WorkloadOptions.ts"

export interface SendingOptions {
  /** Time between two records of one partition; default 10 ms. */
  readonly intervalMillis?: number
  /** Default "all". */
  readonly acks?: "all" | 1 | 0
  /** Default true with acks "all". */
  readonly isIdempotent?: boolean
  /** The length of each value; default only as long as it needs. */
  readonly valueBytes?: number
  /** Records that are not acknowledged; beyond, rounds are left out. Default 20,000. */
  readonly outstandingMax?: number
}

const defaults = { intervalMillis: 10, acks: "all", valueBytes: 0, outstandingMax: 20_000 } as const

/** One producer that sends single records to named partitions at a steady rate, whatever becomes of them. */
export class SendingProcess {
  readonly name: string
  /** Records that were not sent since too many were under way. */
  skippedRecords = 0
  readonly #options: WorkloadOptions & SendingOptions
  readonly #partitions: ReadonlyArray<TopicPartition>
  readonly #onFault: (error: unknown) => void
  readonly #producer: Producer
  readonly #meta: { readonly acks: "all" | 1 | 0; readonly isIdempotent: boolean }
  readonly #outstanding = new Set<Promise<void>>()
  #cancel: () => void = () => undefined
  #nextAtMillis = 0
  #values = 0

  constructor(
    name: string, options: WorkloadOptions & SendingOptions, partitions: ReadonlyArray<TopicPartition>, onFault: (error: unknown) => void
  ) {
    this.name = options.history.claimProcess(name)
    this.#options = options
    this.#partitions = partitions
    this.#onFault = onFault
    const acks = options.acks ?? defaults.acks
    this.#meta = { acks, isIdempotent: options.isIdempotent ?? acks === "all" }
    this.#producer = new Producer({
      ...clientOptionsOf(options, this.name), acks, enableIdempotence: this.#meta.isIdempotent, lingerMillis: 0,
      deliveryTimeoutMillis: options.deliveryTimeoutMillis ?? workloadDefaults.deliveryTimeoutMillis,
      maxBlockMillis: options.deliveryTimeoutMillis ?? workloadDefaults.deliveryTimeoutMillis
    })
  }

  start(): void {
    this.#nextAtMillis = this.#options.clock.monotonicMillis()
    this.#round()
  }

  /** Sends no more, and waits until everything that was sent is acknowledged or given up. */
  async stop(): Promise<void> {
    this.#cancel()
    while (this.#outstanding.size > 0) await Promise.all(this.#outstanding)
    await this.#producer.close()
  }

  /** Rounds that were missed, because this process itself stood still, are not made up for. */
  #round(): void {
    const { clock, intervalMillis = defaults.intervalMillis, outstandingMax = defaults.outstandingMax } = this.#options
    for (const partition of this.#partitions) {
      if (this.#outstanding.size < outstandingMax) this.#send(partition)
      else this.skippedRecords++
    }
    const now = clock.monotonicMillis()
    this.#nextAtMillis = Math.max(this.#nextAtMillis + intervalMillis, now)
    this.#cancel = clock.after(this.#nextAtMillis - now, () => this.#round())
  }

  #send({ topic, partition }: TopicPartition): void {
    const value = `${this.name}-${this.#values++}`
    const key = keyOf({ topic, partition })
    const operation = this.#options.history.invoke({
      process: this.name, f: "send", records: [{ key, offset: -1, value }], meta: this.#meta
    })
    const sent = this.#producer.send({ topic, partition, value: value.padEnd(this.#options.valueBytes ?? defaults.valueBytes) }).then(
      ({ offset }) => void operation.complete({ type: "ok", records: [{ key, offset, value }] }),
      (error: unknown) => void operation.complete(failureOf(error))
    ).catch(this.#onFault).finally(() => this.#outstanding.delete(sent))
    this.#outstanding.add(sent)
  }
}
