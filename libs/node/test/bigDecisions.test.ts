import { recordCodecs } from "@tailrace/codecs"
import type { MetadataRecord } from "@tailrace/kafka-protocol"
import { MemoryHub } from "@tailrace/bus/memory"
import { LogDirectory, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import {
  BrokerConfig, deleteTopics, fenceBroker, incrementalAlterConfigs, MetadataImage, registerBroker, StartClass, unfenceBroker, unregisterBroker
} from "@tailrace/metadata"
import type { Entry } from "@tailrace/raft"
import { noLogger } from "@tailrace/runtime"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { DecisionReader } from "../src/quorum/DecisionReader.ts"
import { MetadataBatches } from "../src/quorum/MetadataBatches.ts"
import { entryBytesMax, Quorum } from "../src/quorum/Quorum.ts"
import { QuorumStorage } from "../src/quorum/QuorumStorage.ts"

const random = new SeededRandom(1)
const config = BrokerConfig.of({})

/** The records of a cluster in which broker 1 leads every partition. Each is of a topic of its own: ids are what does not compress. */
const clusterOf = (partitionCount: number): ReadonlyArray<MetadataRecord> => {
  const image = new MetadataImage()
  for (const brokerId of [1, 2, 3]) {
    const request = { brokerId, incarnationId: random.uuid(), endPoints: [], rack: null, logDirs: [random.uuid()], isCaughtUp: true }
    for (const record of registerBroker(image, request, { config, newUuid: () => random.uuid(), nextOffset: brokerId }).records) image.replay(record)
  }
  const directories = [1, 2, 3].map((id) => image.broker(id)!.logDirs[0]!)
  const records = image.toRecords()
  for (let at = 0; at < partitionCount; at++) {
    const topicId = random.uuid()
    records.push({ type: "TopicRecord", value: { name: `topic-${at}`, topicId } }, {
      type: "PartitionRecord",
      value: {
        topicId, partitionId: 0, replicas: [1, 2, 3], isr: [1, 2, 3], removingReplicas: [], addingReplicas: [], leader: 1, leaderRecoveryState: 0,
        leaderEpoch: 0, partitionEpoch: 0, directories, eligibleLeaderReplicas: null, lastKnownElr: null
      }
    })
  }
  return records
}
/** What changes as many partitions as a broker has. */
const decisions = (): ReadonlyArray<readonly [name: string, decide: (image: MetadataImage) => ReadonlyArray<MetadataRecord>]> => {
  const context = { config, newUuid: () => random.uuid(), nextOffset: 1_000_000 }
  const epochOf = (image: MetadataImage): number => image.broker(1)!.brokerEpoch
  const register = (image: MetadataImage, startClass: number) => registerBroker(image, {
    brokerId: 1, incarnationId: random.uuid(), endPoints: [], rack: null, logDirs: image.broker(1)!.logDirs, startClass
  }, context).records
  return [
    ["a broker is fenced", (image) => fenceBroker(image, 1, epochOf(image), context).records],
    ["a broker registers again", (image) => register(image, StartClass.crashed)],
    ["a broker registers empty", (image) => register(image, StartClass.new)],
    ["a broker is unregistered", (image) => unregisterBroker(image, { brokerId: 1 }, context).records],
    ["the only broker comes back", (image) => {
      for (const id of [2, 3, 1]) for (const record of fenceBroker(image, id, image.broker(id)!.brokerEpoch, context).records) image.replay(record)
      return unfenceBroker(image, 1, epochOf(image), context).records
    }],
    ["the minimum of in-sync replicas changes", (image) => incrementalAlterConfigs(image, {
      validateOnly: false, resources: [{ resourceType: 4, resourceName: "", configs: [{ name: "min.insync.replicas", configOperation: 0, value: "1" }] }]
    }, context).records],
    ["topics are deleted", (image) => deleteTopics(image, { topics: [], topicNames: Array.from(image.topics, ({ name }) => name), timeoutMs: 0 }, context).records]
  ]
}

/** The entries that a leader of `term` writes. */
const entriesOf = (batches: MetadataBatches, records: ReadonlyArray<MetadataRecord>, offset: number, term: number): ReadonlyArray<Entry> => {
  const encoded = batches.encode(records, 0)
  batches.place(encoded, offset, term)
  return encoded.map(({ data }) => batches.entryOf(data))
}

describe("a decision about 60,000 partitions", { timeout: 30_000 }, () => {
  const partitionCount = 60_000
  const cluster = clusterOf(partitionCount)
  const batches = new MetadataBatches(recordCodecs)

  it.each(decisions())("%s: fits the log, and holds as a whole or not at all", (_, decide) => {
    const records = decide(MetadataImage.fromRecords(cluster))
    expect(records.length).toBeGreaterThanOrEqual(partitionCount)
    const entries = entriesOf(batches, records, 0, 5)
    for (const { data } of entries) expect(data.length).toBeLessThan(entryBytesMax)
    const [next] = entriesOf(batches, [{ type: "NoOpRecord", value: {} }], 0, 6)
    const reader = new DecisionReader(batches)
    // The leader dies when so much of it is safe, and the next one goes on.
    for (let safe = 0; safe < entries.length; safe++) {
      expect(entries.slice(0, safe).map((entry) => reader.take(entry))).toEqual(Array.from({ length: safe }, () => undefined))
      expect(reader.take(next!)).toEqual([{ type: "NoOpRecord", value: {} }])
    }
    const read = entries.map((entry) => reader.take(entry))
    expect([read.slice(0, -1).every((it) => it === undefined), read.at(-1)?.length]).toEqual([true, records.length])
    expect(reader.take(next!)).toHaveLength(1)
  })

  it("leaves nothing to a broker that is fenced", () => {
    const image = MetadataImage.fromRecords(cluster)
    const [, fence] = decisions()[0]!
    const reader = new DecisionReader(batches)
    for (const entry of entriesOf(batches, fence(image), 0, 1)) for (const record of reader.take(entry) ?? []) image.replay(record)
    const left = Array.from(image.topics, ({ partitions }) => partitions[0]!).filter(({ isr, leader }) => leader !== 2 || isr.includes(1))
    expect([image.isUnfenced(1), left]).toEqual([false, []])
  })
})

/** Small enough that a decision about a few hundred partitions is several entries. */
const batches = new MetadataBatches(recordCodecs, 4_000)

/** One controller on a disk, and what it has applied. */
class Controller {
  readonly clock = new VirtualClock()
  readonly image = new MetadataImage()
  readonly failures: Array<unknown> = []
  readonly #store: SimulatedStore
  storage!: QuorumStorage
  quorum!: Quorum

  private constructor(disk: SimulatedDisk) {
    this.#store = SimulatedStore.open(disk, { clock: this.clock })
  }

  /** Alone unless the disk says that there are other voters, who never answer. */
  static async start(disk: SimulatedDisk, logBytesMax = 1 << 20): Promise<Controller> {
    const self = new Controller(disk)
    const { clock, image, storage } = await self.#open()
    const key = { nodeId: 1, directoryId: storage.directory.directoryId }
    if (storage.isEmpty) await clock.runUntilSettled(storage.setBootstrap({ voters: [key], learners: [] }, batches))
    const isAlone = storage.bootstrap?.voters.length === 1
    self.quorum = new Quorum({
      clusterName: "test", self: key, bootstrapNodeIds: [1], storage, batches, clock, random, logger: noLogger, logBytesMax,
      bus: isAlone ? undefined : new MemoryHub({ clock }).connect("1")
    }, {
      apply: (records) => {
        for (const record of records) image.replay(record)
      },
      restore: (snapshot) => {
        for (const record of MetadataImage.decodeSnapshot(Buffer.from(snapshot)).toRecords()) image.replay(record)
      },
      snapshot: () => image.encodeSnapshot(),
      changed: () => undefined,
      failed: () => self.failures.push("failed"),
      crashed: (cause) => self.failures.push(cause)
    })
    await clock.runUntilSettled(self.quorum.start())
    return self
  }

  /** What a leader of term 1 has written, and all of the quorum has. */
  static async write(disk: SimulatedDisk, voters: ReadonlyArray<number>, entries: ReadonlyArray<Entry>): Promise<void> {
    const self = new Controller(disk)
    const { clock, storage } = await self.#open()
    const keys = voters.map((nodeId) => ({ nodeId, directoryId: nodeId === 1 ? storage.directory.directoryId : "other" }))
    await clock.runUntilSettled(storage.setBootstrap({ voters: keys, learners: [] }, batches))
    const { offset, offsetCount } = entries.at(-1)!
    await clock.runUntilSettled(storage.persist({
      mustFlush: true, entries, highWatermark: offset + offsetCount, hardState: { term: 1, votedFor: undefined },
      snapshotChunks: [], truncateTo: undefined, installSnapshot: undefined, logStartOffset: undefined
    })!)
    await clock.runUntilSettled(storage.directory.close())
  }

  async #open(): Promise<this> {
    const { clock } = this
    const directory = await clock.runUntilSettled(LogDirectory.open(this.#store, {}, { clock, random, crc32c: recordCodecs.crc32c }))
    this.storage = await clock.runUntilSettled(QuorumStorage.open(directory, batches))
    return this
  }

  async decide(records: ReadonlyArray<MetadataRecord>): Promise<string> {
    const proposed = this.quorum.propose(records)
    await this.clock.advanceSettled(1_000)
    return proposed.kind === "proposed" && this.quorum.appliedEnd === proposed.endOffset ? "applied" : JSON.stringify(proposed)
  }

  crash(): void {
    this.quorum.close()
    this.#store.crash()
  }
}

describe("a controller", () => {
  const cluster = clusterOf(300)
  const before = MetadataImage.fromRecords(cluster)
  const fence = decisions()[0]![1](before)
  const created = entriesOf(batches, cluster, 0, 1)
  const fencing = entriesOf(batches, fence, cluster.length, 1)

  it("fences a broker of many partitions, and knows it after a restart", async () => {
    const disk = new SimulatedDisk()
    const first = await Controller.start(disk)
    expect([await first.decide(cluster), await first.decide(fence)]).toEqual(["applied", "applied"])
    first.crash()
    const second = await Controller.start(disk)
    expect([second.image.isUnfenced(1), second.failures]).toEqual([false, []])
    expect(second.image.toRecords()).toEqual(first.image.toRecords())
  })

  it("drops a decision of which its predecessor wrote a part, and can decide it again", async () => {
    const disk = new SimulatedDisk()
    await Controller.write(disk, [1], [...created, ...fencing.slice(0, -1)])
    const next = await Controller.start(disk)
    expect(next.quorum.appliedEnd).toBeGreaterThan(fencing.at(-1)!.offset)
    expect([next.image.toRecords(), next.failures]).toEqual([before.toRecords(), []])
    expect([await next.decide(fence), next.image.isUnfenced(1)]).toEqual(["applied", false])
    next.crash()
    const again = await Controller.start(disk)
    expect(again.image.toRecords()).toEqual(next.image.toRecords())
  })

  it("makes no snapshot in the middle of a decision", async () => {
    const [partly, wholly] = [new SimulatedDisk(), new SimulatedDisk()]
    await Controller.write(partly, [1, 2], [...created, ...fencing.slice(0, -1)])
    await Controller.write(wholly, [1, 2], [...created, ...fencing])
    const [waiting, done] = [await Controller.start(partly, 1_000), await Controller.start(wholly, 1_000)]
    for (const { clock } of [waiting, done]) await clock.advanceSettled(10)
    expect([waiting.quorum.appliedEnd, waiting.storage.snapshotBytes]).toEqual([cluster.length, undefined])
    expect(waiting.image.toRecords()).toEqual(before.toRecords())
    expect(Buffer.compare(done.storage.snapshotBytes!, done.image.encodeSnapshot())).toBe(0)
    expect([done.image.isUnfenced(1), waiting.failures, done.failures]).toEqual([false, [], []])
  })
})
