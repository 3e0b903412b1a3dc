import { FaultLatch } from "./internal/FaultLatch.ts"
import { sleep } from "./internal/sleep.ts"
import { PollingProcess } from "./workload/PollingProcess.ts"
import { type SendingOptions, SendingProcess } from "./workload/SendingProcess.ts"
import { workloadDefaults, type WorkloadOptions } from "./workload/WorkloadOptions.ts"

export type SendWorkloadOptions = WorkloadOptions & SendingOptions & {
  /** Each sends to all partitions; default 1. */
  readonly producers?: number
  /** Each reads all partitions, assigned by hand; default 1. */
  readonly pollers?: number
}

export interface SendWorkloadResult {
  /** Records that producers had to leave out since too many were under way: more than none says that the rate was not kept. */
  readonly skippedRecords: number
}

/** W1: single records to named partitions at a steady rate, read by consumers without a group. */
export class SendWorkload {
  readonly #options: SendWorkloadOptions
  readonly #faults = new FaultLatch()

  constructor(options: SendWorkloadOptions) {
    this.#options = options
  }

  /** Runs for its time and ends by itself. What the cluster refused is in the history; only faults of the tests throw. */
  async run(): Promise<SendWorkloadResult> {
    const { clock, durationMillis, until, partitions, producers = 1, pollers = 1, tailMillis = workloadDefaults.tailMillis } = this.#options
    const senders = Array.from({ length: producers }, (_, at) =>
      new SendingProcess(`producer-${at + 1}`, this.#options, partitions, this.#faults.set))
    const readers = Array.from({ length: pollers }, (_, at) => new PollingProcess(`poller-${at + 1}`, this.#options, this.#faults.set))
    for (const process of [...readers, ...senders]) process.start()
    await sleep(clock, durationMillis, until)
    await Promise.all(senders.map((sender) => sender.stop()))
    await sleep(clock, tailMillis)
    await Promise.all(readers.map((reader) => reader.stop()))
    this.#faults.throwIfSet()
    return { skippedRecords: senders.reduce((sum, sender) => sum + sender.skippedRecords, 0) }
  }
}
