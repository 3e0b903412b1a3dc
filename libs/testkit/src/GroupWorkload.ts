import { Consumer } from "@tailrace/client"
import { failureOf } from "./failureOf.ts"
import { FaultLatch } from "./internal/FaultLatch.ts"
import { sleep } from "./internal/sleep.ts"
import { GroupMemberProcess, type GroupOptions } from "./workload/GroupMemberProcess.ts"
import { type SendingOptions, SendingProcess } from "./workload/SendingProcess.ts"
import { clientOptionsOf, keyOf, workloadDefaults, type WorkloadOptions } from "./workload/WorkloadOptions.ts"

export type GroupWorkloadOptions = WorkloadOptions & SendingOptions & GroupOptions & {
  /** Default 1. */
  readonly producers?: number
  /** Members at the beginning, and the most there are; default 3. */
  readonly membersMax?: number
  /** Time between two members that come, leave or die; default 5 s. */
  readonly churnMillis?: number
  /** Time between two questions what the group has committed; default 1 s. */
  readonly committedMillis?: number
}

const defaults = { producers: 1, membersMax: 3, churnMillis: 5_000, committedMillis: 1_000 } as const

/** W2: a group whose members come, leave and die while producers send; every commit and every assignment is in the history. */
export class GroupWorkload {
  readonly #options: GroupWorkloadOptions
  readonly #faults = new FaultLatch()
  readonly #members: Array<GroupMemberProcess> = []
  #started = 0
  #stop: () => void = () => undefined
  readonly #stopping = new Promise<void>((resolve) => {
    this.#stop = resolve
  })
  #isStopping = false

  constructor(options: GroupWorkloadOptions) {
    this.#options = options
  }

  /** Runs for its time and ends by itself. What the cluster refused is in the history; only faults of the tests throw. */
  async run(): Promise<void> {
    const { clock, durationMillis, until, partitions, tailMillis = workloadDefaults.tailMillis } = this.#options
    const { producers = defaults.producers, membersMax = defaults.membersMax } = this.#options
    const senders = Array.from({ length: producers }, (_, at) =>
      new SendingProcess(`${this.#options.group}-producer-${at + 1}`, this.#options, partitions, this.#faults.set))
    for (let count = 0; count < membersMax; count++) this.#join()
    for (const sender of senders) sender.start()
    const side = Promise.all([this.#churn(), this.#askCommitted()]).catch(this.#faults.set)
    await sleep(clock, durationMillis, until)
    await Promise.all(senders.map((sender) => sender.stop()))
    await sleep(clock, tailMillis)
    this.#isStopping = true
    this.#stop()
    await side
    await Promise.all(this.#members.splice(0).map((member) => member.stop()))
    this.#faults.throwIfSet()
  }

  #join(): void {
    const member = new GroupMemberProcess(`${this.#options.group}-member-${++this.#started}`, this.#options, this.#faults.set)
    this.#members.push(member)
    member.start()
  }

  async #churn(): Promise<void> {
    const { clock, random, membersMax = defaults.membersMax, churnMillis = defaults.churnMillis } = this.#options
    for (;;) {
      await sleep(clock, churnMillis, this.#stopping)
      if (this.#isStopping) return
      if (this.#members.length < membersMax && (this.#members.length < 2 || random.nextInt(2) === 0)) {
        this.#join()
        continue
      }
      const [member] = this.#members.splice(random.nextInt(this.#members.length), 1)
      await (random.nextInt(2) === 0 ? member?.stop() : member?.abandon())
    }
  }

  async #askCommitted(): Promise<void> {
    const { history, clock, group, partitions, committedMillis = defaults.committedMillis } = this.#options
    const process = history.claimProcess(`${group}-admin`)
    await using consumer = new Consumer({ ...clientOptionsOf(this.#options, process), groupId: group })
    for (;;) {
      await sleep(clock, committedMillis, this.#stopping)
      if (this.#isStopping) return
      const operation = history.invoke({ process, f: "committed", meta: { group } })
      try {
        const found = new Map((await consumer.committed(partitions)).map((item) => [keyOf(item), item.offset]))
        operation.complete({
          type: "ok", marks: partitions.map(keyOf).map((key) => ({ kind: "committed", key, offset: found.get(key) ?? -1 }))
        })
      } catch (error) {
        operation.complete(failureOf(error))
      }
    }
  }
}
