import type { ConsumerRecord, PartitionOffset, TopicPartition } from "@tailrace/client"
import type { Context } from "../Context.ts"
import { ExitCode } from "../ExitCode.ts"
import { type OutputFormat, recordAsJson } from "./OutputFormat.ts"
import { Progress } from "./Progress.ts"
import { monotonicMillis } from "./timing.ts"

const commitIntervalMillis = 5_000

export interface PrintLimits {
  readonly recordsMax: number
  /** End when no record came for so long. */
  readonly idleMillisMax: number | undefined
  readonly signal: AbortSignal
}

export interface PrintHooks {
  /** False ends the run after what was printed so far. */
  readonly hasMore: () => boolean
  readonly commit?: () => Promise<void>
}

/** Prints what a consumer answers until one of the limits is reached, and remembers what of it can be committed. */
export class RecordPrinter {
  readonly #context: Context
  readonly #format: OutputFormat | undefined
  readonly #limits: PrintLimits
  readonly #progress: Progress
  readonly #printed = new Map<string, PartitionOffset>()

  constructor(context: Context, format: OutputFormat | undefined, limits: PrintLimits) {
    this.#context = context
    this.#format = format
    this.#limits = limits
    this.#progress = new Progress(context.stderr, "Read", context.stderr.isTTY === true && context.stdout.isTTY !== true)
  }

  async run(poll: (signal: AbortSignal) => Promise<ReadonlyArray<ConsumerRecord>>, hooks: PrintHooks): Promise<number> {
    const { idleMillisMax, recordsMax, signal } = this.#limits
    // The time limit counts while nothing comes, also inside a poll that is longer than it.
    let lastRecordMillis = monotonicMillis()
    let lastCommitMillis = lastRecordMillis
    try {
      while (this.#progress.records < recordsMax && hooks.hasMore()) {
        const idleLeft = idleMillisMax === undefined ? undefined : Math.max(0, lastRecordMillis + idleMillisMax - monotonicMillis())
        const records = await poll(idleLeft === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(Math.ceil(idleLeft))]))
        if (records.length > 0) {
          await this.#print(records.slice(0, recordsMax - this.#progress.records))
          lastRecordMillis = monotonicMillis()
        }
        if (hooks.commit !== undefined && monotonicMillis() - lastCommitMillis > commitIntervalMillis) {
          lastCommitMillis = monotonicMillis()
          await hooks.commit()
        }
      }
    } catch (error) {
      const isIdle = error instanceof DOMException && error.name === "TimeoutError"
      if (!isIdle && error !== signal.reason) throw error
    } finally {
      this.#progress.end()
    }
    // Records that went to a reader that has gone count as not printed.
    if (signal.reason !== "EPIPE") await hooks.commit?.()
    this.#context.stderr.write(`Processed a total of ${this.#progress.records} messages\n`)
    return ExitCode.ok
  }

  /** The offsets after the printed records, once: of all partitions, or of some of them. */
  takePrinted(only?: ReadonlyArray<TopicPartition>): ReadonlyArray<PartitionOffset> {
    const wanted = only?.map(({ partition, topic }) => `${topic}/${partition}`) ?? [...this.#printed.keys()]
    return wanted.flatMap((key) => {
      const offset = this.#printed.get(key)
      this.#printed.delete(key)
      return offset === undefined ? [] : [offset]
    })
  }

  async #print(records: ReadonlyArray<ConsumerRecord>): Promise<void> {
    const bytes = this.#format?.format(records) ?? records.map(recordAsJson).join("")
    if (!this.#context.stdout.write(bytes)) await this.#drained()
    this.#progress.add(records.length, bytes.length)
    for (const { leaderEpoch, offset, partition, topic } of records) {
      this.#printed.set(`${topic}/${partition}`, { topic, partition, offset: offset + 1, leaderEpoch })
    }
  }

  /** Waits until the reader has taken what was printed, or nobody wants it any more. */
  #drained(): Promise<void> {
    const { signal } = this.#limits
    return new Promise((resolve) => {
      const finish = (): void => {
        signal.removeEventListener("abort", finish)
        this.#context.stdout.off("drain", finish)
        resolve()
      }
      signal.addEventListener("abort", finish, { once: true })
      this.#context.stdout.once("drain", finish)
    })
  }
}
