import { BatchBuilder } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { describe, expect, it } from "vitest"
import type { SimulatedCluster, SimulatedClusterOptions } from "../src/SimulatedCluster.ts"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"
import { createTopicOn, startCluster } from "./support/simulatedCluster.ts"

/** What the controller holds a node for, and what its disks really know. */
const start = (options: SimulatedClusterOptions = {}): Promise<SimulatedCluster> => startCluster({ seed: 11, ...options })

async function append(cluster: SimulatedCluster, leader: SimulatedMember, topicId: string): Promise<number> {
  const builder = new BatchBuilder({ codecs: recordCodecs })
  builder.append({ timestamp: cluster.clock.wallMillis(), value: "a" })
  const { errorCode } = await cluster.run(new Promise<{ errorCode: number }>((resolve) =>
    leader.node!.partition(topicId, 0)!.append(builder.build(), { acks: -1, timeoutMillis: 2_000, produceVersion: 9 }, resolve)))
  return errorCode
}

/** The id that Kafka gives the metadata log. */
const metadataTopicId = "AAAAAAAAAAAAAAAAAAAAAQ"
/** Bits before the CRC of a batch are found by the place of the batch; this one by the CRC alone. */
const bitOfCrc = 8 * 17

describe("an uptime", () => {
  it("that dies as soon as it may lead is not taken for one that lost its disk", async () => {
    const cluster = await start({ nodes: 5 })
    const [last, other] = [cluster.member(4), cluster.member(5)]
    const topicId = await createTopicOn(cluster, "t", [4, 5])
    expect(await cluster.until(() => cluster.leaderOf("t", 0)?.node?.partition(topicId, 0)?.isLeader === true)).toBe(true)
    expect(await append(cluster, cluster.leaderOf("t", 0)!, topicId)).toBe(0)
    const image = () => cluster.newest()!.metadata.partition(topicId, 0)!
    other.kill()
    expect(await cluster.until(() => image().isr.join() === "4")).toBe(true)
    last.kill()
    expect(await cluster.until(() => image().leader < 0)).toBe(true)
    last.slowFlush(3_000)
    last.start().catch(() => undefined)
    expect(await cluster.until(() => image().leader === 4)).toBe(true)
    last.powerLoss()
    last.slowFlush(undefined)
    expect(await cluster.until(() => image().leader < 0)).toBe(true)
    await cluster.run(last.start())
    expect(await cluster.until(() => image().leader === 4)).toBe(true)
  })

  it("whose metadata stands still for want of a flush gives its partitions to others", async () => {
    const cluster = await start()
    const leader = cluster.members.find((it) => it !== cluster.controllerOf())!
    const topicId = await createTopicOn(cluster, "t", [leader.nodeId, ...cluster.members.map(({ nodeId }) => nodeId).filter((id) => id !== leader.nodeId)])
    expect(await cluster.until(() => leader.node!.partition(topicId, 0)?.isLeader === true)).toBe(true)
    leader.stores.metadata!.slowFlushes(600_000)
    await createTopicOn(cluster, "news", [1, 2, 3])
    const next = () => cluster.leaderOf("t", 0)
    expect(await cluster.until(() => next() !== undefined && next() !== leader && next()?.node?.partition(topicId, 0)?.isLeader === true)).toBe(true)
    expect(await append(cluster, next()!, topicId)).toBe(0)
  })

  it("does not begin on a data directory that is closed for repair, but on what comes of it", async () => {
    const cluster = await start()
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    const topicId = await createTopicOn(cluster, "t", [victim.nodeId])
    expect(await cluster.until(() => victim.node!.partition(topicId, 0)?.isLeader === true)).toBe(true)
    const { log } = victim.node!.partition(topicId, 0)!
    const failNextWrite = (): void => {
      victim.failCommits(1, 0, "data")
      log.startEpoch(log.appendedEnd + 1_000)
    }
    failNextWrite()
    expect(await cluster.until(() => victim.node!.brokerEpoch < 0)).toBe(true)
    // The registration that follows on the repair is applied when the directory is away again.
    victim.stores.metadata!.slowFlushes(500)
    victim.stores.data!.failReopens(8)
    failNextWrite()
    const registered = cluster.newest()!.metadata.broker(victim.nodeId)!.brokerEpoch
    expect(await cluster.until(() => victim.node!.metadata.broker(victim.nodeId)!.brokerEpoch > registered)).toBe(true)
    victim.stores.metadata!.slowFlushes(undefined)
    await cluster.advance(3_000)
    expect(victim.node!.brokerEpoch).toBe(-1)
    const mayLead = (): boolean => victim.node!.brokerEpoch >= 0 && !victim.node!.isCutOff && victim.node!.metadata.isUnfenced(victim.nodeId)
    expect(await cluster.until(() => mayLead() && victim.node!.partition(topicId, 0)?.isLeader === true)).toBe(true)
    expect(await append(cluster, victim, topicId)).toBe(0)
  })

  it("does not begin with metadata that rotted, though it ended in order", async () => {
    const cluster = await start()
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    await createTopicOn(cluster, "t", [1, 2, 3])
    await cluster.advance(1_000)
    await cluster.run(victim.stop())
    victim.disks.metadata.corrupt(metadataTopicId, 0, 1, bitOfCrc)
    await expect(cluster.run(victim.start())).rejects.toThrow(/damaged/)
  })
})

describe("an old copy of a data directory, made within the uptime that it comes back to", () => {
  it.each([false, true])("is found out, also by a controller that never heard the node (another one: %s)", async (isAnother) => {
    const cluster = await start({ nodes: 5, properties: { "min.insync.replicas": "2" } })
    const [last, other] = [cluster.member(4), cluster.member(5)]
    const topicId = await createTopicOn(cluster, "t", [4, 5])
    const image = () => cluster.newest()!.metadata.partition(topicId, 0)!
    expect(await cluster.until(() => last.node?.partition(topicId, 0)?.isLeader === true)).toBe(true)
    for (let i = 0; i < 5; i++) expect(await append(cluster, last, topicId)).toBe(0)
    const copy = last.disks.data.copy()
    for (let i = 0; i < 5; i++) expect(await append(cluster, last, topicId)).toBe(0)
    await cluster.advance(2_000)
    other.kill()
    expect(await cluster.until(() => image().isr.join() === "4")).toBe(true)
    last.kill()
    expect(await cluster.until(() => image().leader < 0)).toBe(true)
    last.disks.data.restore(copy)
    if (isAnother) {
      const controller = cluster.controllerOf()!
      controller.kill()
      expect(await cluster.until(() => cluster.controllerOf() !== undefined && cluster.controllerOf() !== controller)).toBe(true)
      await cluster.run(controller.start())
    }
    last.start().catch(() => undefined)
    await cluster.advance(5_000)
    expect(image().leader).toBe(-1)
    other.start().catch(() => undefined)
    expect(await cluster.until(() => image().leader === 5)).toBe(true)
    expect(other.node!.partition(topicId, 0)!.log.durableEnd).toBe(10)
  })

  it("is found out also where the node itself was the only one that heard it, as the controller", async () => {
    const cluster = await start({ nodes: 5, properties: { "min.insync.replicas": "2" } })
    const [sole, other] = [cluster.controllerOf()!, cluster.member(5)]
    const topicId = await createTopicOn(cluster, "t", [sole.nodeId, 5])
    const image = () => cluster.newest()!.metadata.partition(topicId, 0)!
    expect(await cluster.until(() => sole.node?.partition(topicId, 0)?.isLeader === true)).toBe(true)
    for (let i = 0; i < 5; i++) expect(await append(cluster, sole, topicId)).toBe(0)
    const copy = sole.disks.data.copy()
    for (let i = 0; i < 5; i++) expect(await append(cluster, sole, topicId)).toBe(0)
    await cluster.advance(12_000)
    other.kill()
    expect(await cluster.until(() => image().isr.join() === String(sole.nodeId))).toBe(true)
    sole.kill()
    expect(await cluster.until(() => image().leader < 0)).toBe(true)
    sole.disks.data.restore(copy)
    sole.start().catch(() => undefined)
    await cluster.advance(5_000)
    expect(image().leader).toBe(-1)
    other.start().catch(() => undefined)
    expect(await cluster.until(() => image().leader === 5)).toBe(true)
    expect(other.node!.partition(topicId, 0)!.log.durableEnd).toBe(10)
  })
})

describe("a learner", () => {
  it("that was never there is not taken in, and can be removed where it was", async () => {
    const cluster = await start({ nodes: 4 })
    const { controller } = cluster.controllerOf()!.node!
    const learners = () => cluster.controllerOf()!.node!.quorum.status.configuration.learners
    const ghost = { voterId: 4, voterDirectoryId: "GhostGhostGhostGhost01" }
    const added = await cluster.run(controller.ask("addRaftVoter", { clusterId: null, timeoutMs: 2_000, ...ghost, listeners: [], ackWhenCommitted: true }))
    expect(added).toMatchObject({ errorCode: 42, errorMessage: expect.stringContaining("Node 4 is not heard") })
    expect(learners()).toHaveLength(0)
    cluster.controllerOf()!.node!.quorum.changeMembership({ kind: "addLearner", key: { nodeId: 4, directoryId: ghost.voterDirectoryId } })
    expect(learners()).toHaveLength(1)
    const removed = await cluster.run(controller.ask("removeRaftVoter", { clusterId: null, ...ghost }))
    expect(removed.errorCode).toBe(0)
    expect(learners()).toHaveLength(0)
  })
})

describe("a voter", () => {
  it("is not removed while the others that live are too few without it", async () => {
    const cluster = await start()
    const sole = cluster.controllerOf()!
    const [away, other] = cluster.members.filter((member) => member !== sole)
    away!.kill()
    // The longest that one which is gone still counts as there.
    await cluster.advance(1_000)
    const voter = { voterId: other!.nodeId, voterDirectoryId: other!.node!.quorum.status.self.directoryId }
    const remove = () => cluster.run(sole.node!.controller.ask("removeRaftVoter", { clusterId: null, ...voter }))
    expect(await remove()).toMatchObject({ errorCode: 42, errorMessage: "The voters were not changed: tooFewHeard." })
    expect(cluster.controllerOf()).toBe(sole)
    await cluster.run(away!.start())
    expect(await cluster.until(() => sole.node!.quorum.status.followers.every(({ silentTicks }) => silentTicks < 5))).toBe(true)
    expect((await remove()).errorCode).toBe(0)
  })
})
