import type { ConsumerRecord, PartitionOffset, RebalanceListener, TopicPartition } from "@tailrace/client"
import { expect, it } from "vitest"
import { consumeInGroup, type GroupMember } from "../src/commands/consume.ts"
import { RecordPrinter } from "../src/internal/RecordPrinter.ts"
import { terminal } from "./Terminal.ts"

const ofTopic = (numbers: ReadonlyArray<number>): ReadonlyArray<TopicPartition> => numbers.map((partition) => ({ topic: "t", partition }))

/** A member whose polls do what the test says: here the group gives and takes, there are records. Every partition ends at 2. */
class ScriptedMember implements GroupMember {
  readonly cluster = undefined as never
  readonly committed: Array<PartitionOffset> = []
  polls = 0
  readonly #steps: ReadonlyArray<(member: ScriptedMember) => unknown>
  readonly #positions = new Map<number, number>()
  #listener: RebalanceListener = {}
  #records: Array<ConsumerRecord> = []

  constructor(steps: ReadonlyArray<(member: ScriptedMember) => unknown>) {
    this.#steps = steps
  }

  subscribe(_topics: unknown, listener: RebalanceListener = {}): void {
    this.#listener = listener
  }

  async poll(): Promise<ReadonlyArray<ConsumerRecord>> {
    const step = this.#steps[this.polls++]
    if (step === undefined) throw new Error("it was at the end already")
    await step(this)
    return this.#records.splice(0)
  }

  async give(...partitions: ReadonlyArray<number>): Promise<void> {
    for (const partition of partitions) {
      this.#positions.set(partition, this.committed.findLast((it) => it.partition === partition)?.offset ?? 0)
    }
    await this.#listener.onPartitionsAssigned?.(ofTopic(partitions))
  }

  async takeAll(): Promise<void> {
    await this.#listener.onPartitionsRevoked?.(this.assignment())
    this.#positions.clear()
  }

  read(partition: number): void {
    const offset = this.#positions.get(partition) ?? 0
    this.#positions.set(partition, offset + 1)
    this.#records.push({ topic: "t", partition, offset, timestamp: 0, timestampType: "CreateTime", leaderEpoch: 0, key: null, value: Buffer.from(`${partition}.${offset}`), headers: [] })
  }

  assignment(): ReadonlyArray<TopicPartition> {
    return ofTopic([...this.#positions.keys()])
  }

  positions(): ReadonlyArray<PartitionOffset> {
    return [...this.#positions].map(([partition, offset]) => ({ topic: "t", partition, offset }))
  }

  commit(offsets: ReadonlyArray<PartitionOffset> = []): Promise<void> {
    this.committed.push(...offsets)
    return Promise.resolve()
  }

  beginningOffsets(partitions: ReadonlyArray<TopicPartition>) {
    return Promise.resolve(partitions.map((it) => ({ ...it, offset: 0, timestamp: -1, leaderEpoch: 0, error: undefined })))
  }

  endOffsets(partitions: ReadonlyArray<TopicPartition>) {
    return Promise.resolve(partitions.map((it) => ({ ...it, offset: 2, timestamp: -1, leaderEpoch: 0, error: undefined })))
  }
}

const untilEnd = async (...steps: ReadonlyArray<(member: ScriptedMember) => unknown>) => {
  const { context } = terminal()
  const printer = new RecordPrinter(context, undefined, { recordsMax: Infinity, idleMillisMax: undefined, signal: new AbortController().signal })
  const member = new ScriptedMember(steps)
  await consumeInGroup(member, { topic: undefined, pattern: "t", partition: undefined, offset: undefined, recordsMax: Infinity, isUntilEnd: true }, printer)
  return { polls: member.polls, committed: member.committed.map(({ offset, partition }) => `${partition}@${offset}`) }
}

it("ends at the end of what it has when another member took a part", async () => {
  expect(await untilEnd(
    (member) => member.give(0, 1), (member) => member.read(0), (member) => member.takeAll(), (member) => member.give(0), (member) => member.read(0)
  )).toEqual({ polls: 5, committed: ["0@1", "0@2"] })
})

it("ends when others took everything that it had, but not before the group has said so", async () => {
  expect((await untilEnd((member) => member.give(0), (member) => member.takeAll(), () => undefined, (member) => member.give())).polls).toBe(4)
})

it("reads what it is given later to its end, too", async () => {
  expect((await untilEnd(
    (member) => member.give(0), (member) => member.read(0), (member) => member.give(1), (member) => member.read(0), (member) => member.read(1),
    (member) => member.read(1)
  )).polls).toBe(6)
})

it("waits for its first partitions", async () => {
  expect((await untilEnd(
    () => undefined, (member) => member.give(), (member) => member.takeAll(), (member) => member.give(0), (member) => member.read(0), (member) => member.read(0)
  )).polls).toBe(6)
})
