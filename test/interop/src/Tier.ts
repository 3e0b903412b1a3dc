import * as fs from "node:fs"
import { join } from "node:path"
import kafkajs from "kafkajs"
import type { Admin, Kafka } from "kafkajs"
import { sizes } from "../matrix.ts"
import type { ClientRow } from "../matrix.ts"
import type { Broker } from "./Broker.ts"
import { driverCommands } from "./Clients.ts"
import { DriverProcess } from "./DriverProcess.ts"
import { byLane, decodeRecords, encodeRecord, firstDifference } from "./Records.ts"
import type { InteropRecord } from "./Records.ts"
import type { Results } from "./Results.ts"
import { seededRecords } from "./Seeded.ts"

/** A job gets this long in the driver; the runner waits a little longer and then kills the driver. */
export const jobMillisMax = 20_000
export const graceMillis = 10_000
const retryMillisMax = 15_000

/** What all cells of a run share. The runner's own calls (topics, committed offsets) go through kafkajs. */
export class Tier {
  readonly broker: Broker
  readonly results: Results
  readonly directory: string
  readonly kafka: Kafka
  readonly admin: Admin
  /** The records of every topic that was written in full, by topic. */
  readonly expected = new Map<string, ReadonlyArray<InteropRecord>>()
  readonly baseTimestamp = Date.now() - 3_600_000
  private files = 0
  private readonly drivers = new Map<string, DriverProcess>()

  constructor(broker: Broker, results: Results, directory: string) {
    this.broker = broker
    this.results = results
    this.directory = directory
    this.kafka = new kafkajs.Kafka({
      clientId: "interop-runner", brokers: [broker.bootstrap], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 8, initialRetryTime: 100, maxRetryTime: 1000 }
    })
    this.admin = this.kafka.admin()
  }

  file(name: string): string {
    return join(this.directory, `${++this.files}-${name}`)
  }

  /** The client's long-lived driver, started again when it has died. */
  driver(row: ClientRow): DriverProcess {
    const running = this.drivers.get(row.name)
    if (running?.isAlive === true) return running
    const driver = this.startDriver(row, row.name)
    this.drivers.set(row.name, driver)
    return driver
  }

  startDriver(row: ClientRow, label: string): DriverProcess {
    return new DriverProcess(driverCommands[row.name], this.broker.bootstrap, this.directory, label)
  }

  async closeDriver(row: ClientRow): Promise<void> {
    const driver = this.drivers.get(row.name)
    this.drivers.delete(row.name)
    await driver?.close()
  }

  seeded(row: ClientRow, topic: string, count: number, partitions: number = sizes.partitions): InteropRecord[] {
    let seed = 17
    for (const character of topic) seed = Math.imul(seed, 31) + character.charCodeAt(0)
    return seededRecords({ seed, count, partitions, baseTimestamp: this.baseTimestamp, expressible: row.expressible })
  }

  recordFile(name: string, records: ReadonlyArray<InteropRecord>): string {
    const path = this.file(name)
    fs.writeFileSync(path, Buffer.concat(records.map(encodeRecord)))
    return path
  }

  /** Creates topics and waits until the leader of every partition answers: a write with acks=0 before that would be lost without a word. */
  async createTopics(topics: ReadonlyArray<{ topic: string; numPartitions: number }>): Promise<void> {
    const created = await this.admin.createTopics({ timeout: 30_000, waitForLeaders: true, topics: topics.map((topic) => ({ ...topic, replicationFactor: 1 })) })
    if (!created) throw new Error("the broker has the topics of an earlier run: the tier needs an empty one")
    for (const { topic } of topics) await retried(() => this.admin.fetchTopicOffsets(topic))
  }

  async committedOffsets(groupId: string, topic: string): Promise<Map<number, number>> {
    const answer = await retried(() => this.admin.fetchOffsets({ groupId, topics: [topic] }))
    return new Map((answer[0]?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)] as const).toSorted(([x], [y]) => x - y))
  }

  /** Has a client read whole topics by assigned partitions, and compares every record of every partition. */
  async readBack(row: ClientRow, topics: ReadonlyArray<string>, jobMillis = jobMillisMax): Promise<void> {
    const lanes = topics.flatMap((topic) => [...byLane(this.expected.get(topic) ?? [])].map(([partition, records]) => ({ topic, partition, records })))
    const out = this.file(`${row.name}-read`)
    const assign = lanes.map(({ topic, partition, records }) => `${topic}:${partition}:0:${records.length}`).join(",")
    await this.driver(row).run("consume", { assign, out, "timeout-ms": jobMillis }, jobMillis + graceMillis)
    const read = byLane(decodeRecords(fs.readFileSync(out)))
    for (const [lane, { topic, partition, records }] of lanes.entries()) {
      const difference = firstDifference(records, read.get(lane) ?? [])
      if (difference !== undefined) throw new Error(`${row.name} read ${topic}-${partition}: ${difference}`)
    }
    fs.rmSync(out)
  }
}

/** kafkajs gives up at once on "not coordinator" and "loading", which are no failures after a restart. */
async function retried<A>(call: () => Promise<A>): Promise<A> {
  const deadline = Date.now() + retryMillisMax
  while (true) {
    try {
      return await call()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

/** Runs the tasks, at most `most` at a time, in their order. */
export async function pool(most: number, tasks: ReadonlyArray<() => Promise<void>>): Promise<void> {
  const waiting = [...tasks]
  await Promise.all(Array.from({ length: most }, async () => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) await task()
  }))
}

/** Waits until a condition holds, asking again after each `every` milliseconds; fails with the reason when the time is over. */
export async function eventually(millisMax: number, reason: () => string | undefined | Promise<string | undefined>, every = 50): Promise<void> {
  const deadline = Date.now() + millisMax
  for (let why = await reason(); why !== undefined; why = await reason()) {
    if (Date.now() > deadline) throw new Error(`${why} (waited ${millisMax} ms)`)
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
