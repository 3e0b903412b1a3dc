import { recordCodecs } from "@tailrace/codecs"
import { LogDirectory, logConfigDefaults, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import { BrokerConfig } from "@tailrace/metadata"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { MetadataMismatchError } from "../src/index.ts"
import { DataStorage } from "../src/lifecycle/DataStorage.ts"
import { TestNode } from "./TestNode.ts"

const topicId = "AAAAAAAAAAAAAAAAAAAACQ"
const clusterSlot = "cluster.id"

/** Looks into a directory, or changes it, while no node has it. */
async function inDirectory<A>(disk: SimulatedDisk, use: (directory: LogDirectory) => A | Promise<A>): Promise<A> {
  const clock = new VirtualClock()
  const store = SimulatedStore.open(disk, { clock })
  const directory = await clock.runUntilSettled(LogDirectory.open(store, {}, { clock, random: new SeededRandom(1), crc32c: recordCodecs.crc32c }))
  const result = await clock.runUntilSettled(Promise.resolve(use(directory)))
  await clock.runUntilSettled(directory.close())
  return result
}

/** As a node leaves it that has its metadata elsewhere. */
const ofCluster = async (epoch: number): Promise<SimulatedDisk> => {
  const disk = new SimulatedDisk()
  await inDirectory(disk, (directory) => {
    directory.createLog(topicId, "orders", 0, logConfigDefaults)
    return directory.setBrokerEpoch(epoch)
  })
  return disk
}

const refusal = (disk: SimulatedDisk): Promise<MetadataMismatchError> => TestNode.start(disk).then(
  () => Promise.reject(new Error("it started")),
  (cause: unknown) => cause instanceof MetadataMismatchError ? cause : Promise.reject(cause as Error)
)

const logsOf = (disk: SimulatedDisk): Promise<ReadonlyArray<string>> =>
  inDirectory(disk.copy(), (directory) => Array.from(directory.logs(), ({ topic }) => topic))

it("a data directory that is closed for repair is at home nowhere, until it is back", async () => {
  const clock = new VirtualClock()
  const store = SimulatedStore.open(await ofCluster(7), { clock })
  const directory = await clock.runUntilSettled(LogDirectory.open(store, {}, { clock, random: new SeededRandom(1), crc32c: recordCodecs.crc32c }))
  const storage = new DataStorage({
    directory, paths: BrokerConfig.of({}), isAlone: false, clusterId: () => "OtherOtherOtherOther01", applied: { end: 0 },
    quorum: { termBefore: () => undefined }
  })
  storage.describe()
  expect(storage.isAtHome()).toBe(true)
  store.failCommits(1)
  store.failReopens(1)
  await expect(clock.runUntilSettled(directory.setSlot("any", Buffer.from("value")))).rejects.toThrow("commit failed")
  await clock.advanceSettled(10)
  expect(() => directory.brokerEpoch).toThrow("the store is closed")
  expect([storage.isAtHome(), storage.refused().message]).toEqual([false, expect.stringContaining("its broker epoch 7")])
  await clock.advanceSettled(5_000)
  expect(storage.isAtHome()).toBe(true)
  await clock.runUntilSettled(directory.close())
})

describe("a node that is alone", () => {
  it("does not begin anew in the data directory of a cluster's node, whose metadata is elsewhere", async () => {
    const disk = await ofCluster(7)
    // The first start must leave nothing that a second one, or the cluster, takes for the metadata.
    for (let i = 0; i < 2; i++) {
      expect(await refusal(disk)).toMatchObject({
        _tag: "MetadataMismatchError", directory: "./data",
        message: "the data directory ./data was used by a node of a cluster, this node is started alone, and the metadata is not there; " +
          "set nats.servers and controller.quorum.voters as before, so that the metadata is taken from ./data/metadata or from the other nodes; " +
          "to begin without these logs, start with an empty data directory"
      })
    }
    expect(await logsOf(disk)).toEqual(["orders"])
  })

  it("marks its data directory with its cluster, and takes one without a mark", async () => {
    const first = new SimulatedDisk()
    const { clusterId } = (await TestNode.start(first)).node
    const markOf = (disk: SimulatedDisk) => inDirectory(disk.copy(), (directory) => directory.getSlot(clusterSlot)?.toString("utf8"))
    expect(await markOf(first)).toBe(clusterId)
    // As an earlier version left it.
    const second = first.copy()
    second.loseRecord(second.recordKeys().find((key) => key.endsWith(clusterSlot))!)
    expect(await markOf(second)).toBeUndefined()
    expect((await TestNode.start(second)).node.clusterId).toBe(clusterId)
    expect(await markOf(second)).toBe(clusterId)
  })

  it("does not serve the data directory of another cluster", async () => {
    const first = new SimulatedDisk()
    const { clusterId } = (await TestNode.start(first)).node
    const disk = first.copy()
    await inDirectory(disk, (directory) => {
      directory.createLog(topicId, "orders", 0, logConfigDefaults)
      return directory.setSlot(clusterSlot, Buffer.from("OtherOtherOtherOther01"))
    })
    expect((await refusal(disk)).message).toBe(
      `the data directory ./data is of cluster OtherOtherOtherOther01, and the metadata of cluster ${clusterId}; ` +
      "use the nats.servers, cluster.name and metadata directory (./data/metadata) that belong to the data directory, or start with an empty data directory"
    )
    expect(await logsOf(disk)).toContain("orders")
  })
})
