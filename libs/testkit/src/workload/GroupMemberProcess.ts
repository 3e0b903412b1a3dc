import { type AssignorName, GroupConsumer } from "@tailrace/client"
import { failureOf } from "../failureOf.ts"
import type { OffsetMark } from "../Operation.ts"
import { sleep } from "../internal/sleep.ts"
import { clientOptionsOf, keyOf, valueOf, type WorkloadOptions } from "./WorkloadOptions.ts"

export interface GroupOptions {
  readonly group: string
  /** Default 6 s, with heartbeats each second. */
  readonly sessionTimeoutMillis?: number
  /** Default cooperative-sticky. */
  readonly assignor?: AssignorName
}

export const groupWorkloadDefaults = { sessionTimeoutMillis: 6_000, assignor: "cooperative-sticky" } as const

const pollMillis = 500
const pauseMillis = 100
const heartbeatIntervalMillis = 1_000
/** The longest wait of a member that leaves for its coordinator. */
const leaveMillisMax = 5_000

/** One member of a group from its start to its end: it commits whatever it has got, also when partitions are taken from it. */
export class GroupMemberProcess {
  readonly name: string
  readonly #options: WorkloadOptions & GroupOptions
  readonly #onFault: (error: unknown) => void
  readonly #consumer: GroupConsumer
  readonly #stopping: Promise<void>
  #stop: () => void = () => undefined
  #isStopping = false
  #running: Promise<void> = Promise.resolve()

  constructor(name: string, options: WorkloadOptions & GroupOptions, onFault: (error: unknown) => void) {
    this.name = options.history.claimProcess(name)
    this.#options = options
    this.#onFault = onFault
    const { group, sessionTimeoutMillis = groupWorkloadDefaults.sessionTimeoutMillis, assignor = groupWorkloadDefaults.assignor } = options
    this.#consumer = new GroupConsumer({
      ...clientOptionsOf(options, this.name), groupId: group, autoOffsetReset: "earliest", enableAutoCommit: false,
      sessionTimeoutMillis, heartbeatIntervalMillis: Math.min(heartbeatIntervalMillis, sessionTimeoutMillis / 3),
      // A group waits this long for members that have died while it joins, and a member for a coordinator that has fallen silent.
      maxPollIntervalMillis: sessionTimeoutMillis, partitionAssignors: [assignor], fetchMaxWaitMillis: pollMillis
    })
    this.#stopping = new Promise((resolve) => {
      this.#stop = resolve
    })
  }

  start(): void {
    const { history, partitions, group } = this.#options
    this.#consumer.subscribe([...new Set(partitions.map(({ topic }) => topic))], {
      onPartitionsAssigned: () => {
        history.record({
          process: this.name, f: "assign", keys: this.#consumer.assignment().map(keyOf),
          meta: { mode: "subscribe", group, generation: this.#consumer.generationId }
        })
      },
      onPartitionsRevoked: () => this.#commit(),
      onPartitionsLost: () => undefined
    })
    this.#running = this.#run().catch(this.#onFault)
  }

  /** Leaves the group. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#stop()
    // What the last commit and the farewell met shows in the history, or in the group.
    await this.#consumer.close({ timeoutMillis: leaveMillisMax }).catch((error: unknown) => void failureOf(error))
    await this.#running
  }

  /** Ends without a word, as a process that is killed: the group notices when the session is over. */
  async abandon(): Promise<void> {
    this.#isStopping = true
    this.#stop()
    this.#consumer.cluster.close()
    await this.#running
  }

  async #run(): Promise<void> {
    const { history, clock, group } = this.#options
    while (!this.#isStopping) {
      const operation = history.invoke({ process: this.name, f: "poll", meta: { group } })
      try {
        const records = await this.#consumer.poll(pollMillis)
        operation.complete({
          type: "ok", records: records.map((record) => ({ key: keyOf(record), offset: record.offset, value: valueOf(record.value) }))
        })
        if (records.length > 0) await this.#commit()
      } catch (error) {
        operation.complete(failureOf(error))
        await sleep(clock, pauseMillis, this.#stopping)
      }
    }
  }

  async #commit(): Promise<void> {
    const generation = this.#consumer.generationId
    const offsets = this.#consumer.positions()
    if (generation < 0 || offsets.length === 0) return
    const marks = offsets.map((position): OffsetMark => ({ kind: "committed", key: keyOf(position), offset: position.offset }))
    const operation = this.#options.history.invoke({
      process: this.name, f: "commit", marks, meta: { group: this.#options.group, generation }
    })
    try {
      await this.#consumer.commit(offsets, { once: true })
      operation.complete({ type: "ok" })
    } catch (error) {
      operation.complete(failureOf(error))
    }
  }
}
