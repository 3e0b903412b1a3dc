import { BatchBuilder } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { describe, expect, it } from "vitest"
import type { SimulatedCluster, SimulatedClusterOptions } from "../src/SimulatedCluster.ts"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"
import { createTopicOn, startCluster } from "./support/simulatedCluster.ts"

/** What becomes of logs whose metadata is not there, is older than they are, or is another cluster's: nothing, whatever else. */
const records = 5
const waiting = "the metadata of this data directory is missing: this node waits for controllers that have it, and founds no quorum"

async function append(cluster: SimulatedCluster, topicId: string): Promise<number> {
  const leader = cluster.leaderOf("t", 0)!
  const builder = new BatchBuilder({ codecs: recordCodecs })
  builder.append({ timestamp: cluster.clock.wallMillis(), value: "a" })
  const { baseOffset, errorCode } = await cluster.run(new Promise<{ baseOffset: number; errorCode: number }>((resolve) =>
    leader.node!.partition(topicId, 0)!.append(builder.build(), { acks: -1, timeoutMillis: 2_000, produceVersion: 9 }, resolve)))
  return errorCode === 0 ? baseOffset : -1
}

const isLed = (cluster: SimulatedCluster, topicId: string): Promise<boolean> =>
  cluster.until(() => cluster.leaderOf("t", 0)?.node?.partition(topicId, 0)?.isLeader === true)

const isComplete = (cluster: SimulatedCluster, topicId: string): Promise<boolean> =>
  cluster.until(() => cluster.newest()!.metadata.partition(topicId, 0)!.isr.length === 3)

/** A cluster with a topic on all nodes, all of them in sync. */
async function filled(options: SimulatedClusterOptions = {}): Promise<{ readonly cluster: SimulatedCluster; readonly topicId: string }> {
  const cluster = await startCluster({ seed: 11, ...options })
  const topicId = await createTopicOn(cluster, "t", cluster.members.map(({ nodeId }) => nodeId))
  expect(await isLed(cluster, topicId)).toBe(true)
  for (let i = 0; i < records; i++) expect(await append(cluster, topicId)).toBe(i)
  await cluster.advance(2_000)
  return { cluster, topicId }
}

/** As a process that goes on in the background, whether it comes to serve or not. */
const begin = (members: Iterable<SimulatedMember>): void => {
  for (const member of members) member.start().catch(() => undefined)
}

const stopAll = async (cluster: SimulatedCluster): Promise<void> => {
  for (const member of cluster.members) if (member.isUp) await cluster.run(member.stop())
}

const batchesOf = (cluster: SimulatedCluster, topicId: string): ReadonlyArray<number> =>
  cluster.members.map(({ disks }) => disks.data.batches().filter((batch) => batch.topicId === topicId).length)

const kept = (cluster: SimulatedCluster): ReadonlyArray<number> => cluster.members.map(() => records)

describe("nodes whose metadata directories are all empty", () => {
  it("found no quorum, keep their logs, say what they wait for, and serve them when the metadata is back", async () => {
    const { cluster, topicId } = await filled()
    await stopAll(cluster)
    const copies = cluster.members.map(({ disks }) => disks.metadata.copy())
    for (const { disks } of cluster.members) disks.metadata.wipe()
    begin(cluster.members)
    await cluster.advance(20_000)
    expect(cluster.controllerOf()).toBeUndefined()
    expect(batchesOf(cluster, topicId)).toEqual(kept(cluster))
    expect(cluster.members.map(({ log }) => log.counts.get(waiting))).toEqual([1, 1, 1])
    for (const [i, member] of cluster.members.entries()) {
      member.kill()
      member.disks.metadata.restore(copies[i]!)
    }
    await cluster.start()
    expect(await isComplete(cluster, topicId)).toBe(true)
    expect(await append(cluster, topicId)).toBe(records)
  })

  it("found none with a node that is new either", async () => {
    const { cluster, topicId } = await filled()
    await stopAll(cluster)
    for (const { disks } of cluster.members) disks.metadata.wipe()
    cluster.member(3).wipe()
    begin(cluster.members)
    await cluster.advance(20_000)
    expect(cluster.controllerOf()).toBeUndefined()
    expect(batchesOf(cluster, topicId)).toEqual([records, records, 0])
  })
})

describe("the first controller of a cluster that has grown", () => {
  it("waits for the others where its metadata is lost and nobody is there yet, and is taken in by them with its logs", async () => {
    const { cluster, topicId } = await filled({ voters: 1 })
    for (const voterId of [2, 3]) {
      const { errorCode } = await cluster.run(cluster.controllerOf()!.node!.controller.ask("addRaftVoter", {
        clusterId: null, timeoutMs: 10_000, voterId, voterDirectoryId: cluster.member(voterId).node!.quorum.status.self.directoryId, listeners: [], ackWhenCommitted: true
      }))
      expect(errorCode).toBe(0)
    }
    const [first, ...others] = cluster.members
    for (const member of cluster.members) member.kill()
    first!.disks.metadata.wipe()
    begin([first!])
    await cluster.advance(20_000)
    expect(cluster.controllerOf()).toBeUndefined()
    expect(batchesOf(cluster, topicId)).toEqual(kept(cluster))
    begin(others)
    const isVoter = (): boolean => cluster.controllerOf()?.node?.quorum.status.configuration.voters
      .some(({ directoryId }) => directoryId === first!.node?.quorum.status.self.directoryId) === true
    expect(await cluster.until(isVoter)).toBe(true)
    expect(await isComplete(cluster, topicId)).toBe(true)
    expect(first!.node!.partition(topicId, 0)!.log.durableEnd).toBe(records)
  })
})

describe("a controller that is the only one", () => {
  it("ends where its metadata directory is an older copy than its data directory, and deletes nothing", async () => {
    const cluster = await startCluster({ seed: 11, voters: 1 })
    await cluster.advance(2_000)
    const copy = cluster.member(1).disks.metadata.copy()
    const topicId = await createTopicOn(cluster, "t", [1, 2, 3])
    expect(await isLed(cluster, topicId)).toBe(true)
    for (let i = 0; i < records; i++) expect(await append(cluster, topicId)).toBe(i)
    await stopAll(cluster)
    await cluster.start()
    await stopAll(cluster)
    cluster.member(1).disks.metadata.restore(copy)
    await expect(cluster.run(cluster.member(1).start())).rejects.toThrow(/the metadata is older than the data directory \.\/data: .* put the newest copy of the metadata directory/)
    expect(batchesOf(cluster, topicId)).toEqual(kept(cluster))
  })

  /** Its metadata directory is a copy of its own, made since it came up, that does not know a topic which was created later. */
  async function setBack(): Promise<{ readonly cluster: SimulatedCluster; readonly topicId: string; readonly sole: SimulatedMember }> {
    const cluster = await startCluster({ seed: 11, voters: 1 })
    await cluster.advance(2_000)
    const sole = cluster.member(1)
    const copy = sole.disks.metadata.copy()
    const topicId = await createTopicOn(cluster, "t", [1, 2, 3])
    expect(await isLed(cluster, topicId)).toBe(true)
    for (let i = 0; i < records; i++) expect(await append(cluster, topicId)).toBe(i)
    for (const member of cluster.members) member.kill()
    sole.disks.metadata.restore(copy)
    return { cluster, topicId, sole }
  }
  const withoutTopic = /the metadata is older than the data directory \.\/data: it does not have what this node has applied up to offset \d+; put the newest copy/

  it("ends also where the copy is of the same uptime", async () => {
    const { cluster, sole, topicId } = await setBack()
    await expect(cluster.run(sole.start())).rejects.toThrow(withoutTopic)
    expect(batchesOf(cluster, topicId)).toEqual(kept(cluster))
  })

  it("ends also where that copy has decided other things meanwhile, beyond the place that the data is from", async () => {
    const { cluster, sole, topicId } = await setBack()
    const data = sole.disks.data.copy()
    sole.disks.data.wipe()
    await cluster.run(sole.start())
    for (let i = 0; i < 10; i++) await createTopicOn(cluster, `other-${i}`, [1])
    sole.kill()
    sole.disks.data.restore(data)
    await expect(cluster.run(sole.start())).rejects.toThrow(withoutTopic)
    expect(batchesOf(cluster, topicId)).toEqual(kept(cluster))
  })
})

describe("a data directory of another cluster", () => {
  it.each([1, 3])("ends the node that finds it, before it registers (controllers: %d)", async (voters) => {
    const { cluster: other, topicId } = await filled({ seed: 12 })
    await stopAll(other)
    const cluster = await startCluster({ seed: 11, voters })
    const member = cluster.member(3)
    await cluster.run(member.stop())
    const before = cluster.controllerOf()!.node!.metadata.broker(3)!.brokerEpoch
    member.disks.data.restore(other.member(3).disks.data.copy())
    await expect(cluster.run(member.start())).rejects.toThrow(/the data directory \.\/data is of cluster \S{22}, and the metadata of cluster \S{22}; /)
    expect(cluster.controllerOf()!.node!.metadata.broker(3)!.brokerEpoch).toBe(before)
    expect(batchesOf(cluster, topicId)).toEqual([0, 0, records])
  })
})
