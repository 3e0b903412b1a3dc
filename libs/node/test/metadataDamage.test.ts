import { recordCodecs } from "@tailrace/codecs"
import { LogDirectory, type LogDirectoryOptions, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import { BrokerConfig, MetadataImage } from "@tailrace/metadata"
import { noLogger } from "@tailrace/runtime"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { MetadataDamagedError } from "../src/quorum/MetadataDamagedError.ts"
import { openQuorum } from "../src/quorum/openQuorum.ts"
import type { Quorum } from "../src/quorum/Quorum.ts"
import { metadataTopicId } from "../src/quorum/QuorumStorage.ts"
import { TestNode } from "./TestNode.ts"

const topicId = "AAAAAAAAAAAAAAAAAAAACQ"

/** A node's part of the quorum, alone, with the metadata beside the partitions or in a directory of its own. */
class Opened {
  readonly clock = new VirtualClock()
  readonly random = new SeededRandom(1)
  readonly image = new MetadataImage()
  readonly directories: Array<LogDirectory> = []
  readonly stores: Array<SimulatedStore> = []
  quorum!: Quorum
  crashed: unknown

  static async open(disks: ReadonlyArray<SimulatedDisk>, options: LogDirectoryOptions = {}): Promise<Opened> {
    const self = new Opened()
    try {
      await self.#open(disks, options)
    } catch (cause) {
      self.crash()
      throw cause
    }
    return self
  }

  async #open(disks: ReadonlyArray<SimulatedDisk>, options: LogDirectoryOptions): Promise<void> {
    const { clock, image, random } = this
    for (const disk of disks) {
      const store = SimulatedStore.open(disk, { clock })
      this.stores.push(store)
      this.directories.push(await clock.runUntilSettled(LogDirectory.open(store, options, { clock, random, crc32c: recordCodecs.crc32c })))
    }
    const [directory, metadataDirectory] = this.directories
    const { quorum } = await clock.runUntilSettled(openQuorum({
      config: BrokerConfig.of({ "log.dirs": "/data" }), directory: directory!, codecs: recordCodecs, clock, random, logger: noLogger,
      ...(metadataDirectory === undefined ? {} : { metadataDirectory })
    }, {
      apply: (records) => {
        for (const record of records) image.replay(record)
      },
      restore: () => undefined,
      snapshot: () => image.encodeSnapshot(),
      changed: () => undefined,
      failed: () => undefined,
      crashed: (cause) => {
        this.crashed = cause
      }
    }, new AbortController().signal))
    this.quorum = quorum
    await clock.runUntilSettled(quorum.start())
    if (image.topicCount === 0) await this.createTopic("orders", topicId)
  }

  async createTopic(name: string, id: string): Promise<void> {
    this.quorum.propose([{ type: "TopicRecord", value: { name, topicId: id } }])
    await this.clock.advanceSettled(10)
  }

  /** A write of the metadata fails, and the directory is repaired. */
  async failWrite(writtenCount = 0): Promise<void> {
    const { writeGate } = this.directories[1]!
    writeGate.onChange(() => {
      if (writeGate.isUsable) void this.quorum.restart().catch(() => undefined)
    })
    this.stores[1]!.failCommits(1, writtenCount)
    await this.createTopic("refused", "AAAAAAAAAAAAAAAAAAAACw")
    await this.clock.advanceSettled(5_000)
  }

  async close(): Promise<void> {
    for (const directory of this.directories) await this.clock.runUntilSettled(directory.close())
  }

  crash(): void {
    for (const store of this.stores) store.crash()
  }
}

const damageOf = (disks: ReadonlyArray<SimulatedDisk>): Promise<MetadataDamagedError> => Opened.open(disks).then(
  () => Promise.reject(new Error("it started")),
  (cause: unknown) => cause instanceof MetadataDamagedError ? cause : Promise.reject(cause as Error)
)

/** Flips a bit of one entry; the last has the topic. */
const damage = (disk: SimulatedDisk, index = -1): void => {
  const { offset } = disk.batches().filter((it) => it.topicId === metadataTopicId).at(index)!
  disk.corrupt(metadataTopicId, 0, offset, 600)
}

describe("a node whose metadata is damaged", () => {
  it("does not start, and says which directory it is", async () => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    const first = await Opened.open([data, metadata])
    expect([first.image.topicCount, first.crashed]).toEqual([1, undefined])
    await first.close()
    damage(metadata)
    const error = await damageOf([data, metadata])
    expect([error.directory, error.hasPartitions]).toEqual(["/data/metadata", false])
    expect(error.message).toMatch(/^the metadata log in \/data\/metadata is damaged: __cluster_metadata-0 is damaged at \[\d+, \d+\): crc$/)
  })

  it("does not start where the metadata lies beside the partitions", async () => {
    const data = new SimulatedDisk()
    await (await Opened.open([data])).close()
    damage(data)
    const { directory, hasPartitions } = await damageOf([data])
    expect([directory, hasPartitions]).toEqual(["/data", true])
  })

  it("does not start after a crash either, when the directory drops what it did not know to be committed", async () => {
    const data = new SimulatedDisk()
    const first = await Opened.open([data])
    first.crash()
    damage(data)
    const { found } = await damageOf([data])
    // The log is shorter and sound by now: going on with it would lose the topic, and then its partitions.
    expect((await damageOf([data])).found).toBe(found)
  })

  it.each([["where it ends", "state"], ["that it is there", "(log|state)"]])("does not start where nothing is left of the log, nor the record of %s", async (_, records) => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    await (await Opened.open([data, metadata])).close()
    for (const { offset, topicId: id } of metadata.batches()) metadata.loseBatch(id, 0, offset)
    for (const key of metadata.recordKeys()) if (new RegExp(`^(${records}|checkpoint|descriptor|epochs)/`).test(key)) metadata.loseRecord(key)
    expect((await damageOf([data, metadata])).found).toMatch(/state$/)
  })

  it("does not start where its vote is lost: it would vote once more in terms that it has voted in", async () => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    await (await Opened.open([data, metadata])).close()
    metadata.loseRecord("slot/raft.vote")
    expect((await damageOf([data, metadata])).found).toMatch(/state$/)
  })
})

describe("damage that the scrub finds in the metadata log of a node that runs", () => {
  it("is mended from memory, so that the node goes on deciding and can be started again", async () => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    await (await Opened.open([data, metadata])).close()
    const second = await Opened.open([data, metadata])
    // What this run has written itself is served from memory, and not scrubbed.
    metadata.corrupt(metadataTopicId, 0, metadata.batches().find((it) => it.topicId === metadataTopicId)!.offset, 600)
    await second.clock.runUntilSettled(second.directories[1]!.scrubber.run())
    await second.createTopic("payments", "AAAAAAAAAAAAAAAAAAAACg")
    expect([second.image.topicCount, second.crashed]).toEqual([2, undefined])
    second.crash()
    expect((await Opened.open([data, metadata])).image.topicCount).toBe(2)
  })

  it("is mended beside the partitions too, while nothing is decided", async () => {
    const disk = new SimulatedDisk()
    const first = await TestNode.start(disk)
    await first.run(first.node.controller.ask("createTopics", {
      topics: [{ name: "orders", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }], timeoutMs: 0, validateOnly: false
    }))
    const copy = disk.copy()
    const second = await TestNode.start(copy)
    copy.corrupt(metadataTopicId, 0, copy.batches().find((it) => it.topicId === metadataTopicId)!.offset, 600)
    await second.advance(5_000)
    expect(second.log.lines.filter((line) => line.includes("a log is damaged"))).toHaveLength(1)
    expect((await TestNode.start(copy.copy())).node.metadata.topic("orders")).toBeDefined()
  })
})

describe("damage in the metadata log that comes to light when a write has failed", () => {
  it.each([
    ["the first batch, which only the read afterwards looks at", 0, 0], ["the last batch, which recovery looks at", -1, 0],
    ["one in the middle, and what failed was written all the same", 1, 1]
  ])("is mended from memory: %s", async (_, index, writtenCount) => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    await (await Opened.open([data, metadata])).close()
    const second = await Opened.open([data, metadata])
    await second.createTopic("payments", "AAAAAAAAAAAAAAAAAAAACg")
    damage(metadata, index)
    await second.failWrite(writtenCount)
    expect([second.image.topicCount, second.quorum.isActive, second.crashed]).toEqual([2, true, undefined])
    await second.createTopic("shipments", "AAAAAAAAAAAAAAAAAAAADA")
    second.crash()
    expect((await Opened.open([data, metadata])).image.topicCount).toBe(3)
  })

  it("ends the node where the disk does not keep what is written anew either", async () => {
    const [data, metadata] = [new SimulatedDisk(), new SimulatedDisk()]
    const opened = await Opened.open([data, metadata], { tailCacheBytesMax: 0 })
    damage(metadata, 0)
    const store = opened.stores[1]!
    const commit = store.commit.bind(store)
    store.commit = (set) => commit(set).then(() => {
      if (set.batchValues.length > 0) damage(metadata, 0)
    })
    await opened.failWrite()
    expect(opened.crashed).toBeInstanceOf(MetadataDamagedError)
  })
})
