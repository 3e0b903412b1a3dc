import { BatchBuilder } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { describe, expect, it } from "vitest"
import type { SimulatedCluster, SimulatedClusterOptions } from "../src/SimulatedCluster.ts"
import { startCluster } from "./support/simulatedCluster.ts"

/** What the shell of a node does when directories are lost, old or damaged, and when nodes come and go. */
const start = (options: SimulatedClusterOptions = {}): Promise<SimulatedCluster> => startCluster({ seed: 7, ...options })

async function createTopic(cluster: SimulatedCluster, name: string, numPartitions = 1): Promise<string> {
  // Not any node: one whose disk is broken on purpose never applies what was decided.
  const node = cluster.controllerOf()!.node!
  const { topics } = await cluster.run(node.controller.ask("createTopics", {
    topics: [{ name, numPartitions, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs: 1_000, validateOnly: false
  }))
  expect(topics[0]!.errorCode).toBe(0)
  return topics[0]!.topicId!
}

/** Appends with acks=all at whoever leads, again where the lead moves; answers the offset. */
async function append(cluster: SimulatedCluster, topic: string, value: string, partition = 0): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const leader = cluster.leaderOf(topic, partition)
    const ref = leader?.node?.partition(cluster.newest()!.metadata.topic(topic)!.topicId, partition)
    if (ref !== undefined) {
      const builder = new BatchBuilder({ codecs: recordCodecs })
      builder.append({ timestamp: cluster.clock.wallMillis(), value })
      const outcome = await cluster.run(new Promise<{ errorCode: number; baseOffset: number }>((resolve) =>
        ref.append(builder.build(), { acks: -1, timeoutMillis: 2_000, produceVersion: 9 }, resolve)))
      if (outcome.errorCode === 0) return outcome.baseOffset
    }
    await cluster.advance(200)
  }
  throw new Error("nothing was acknowledged")
}

const isrIs = (cluster: SimulatedCluster, topicId: string, size: number, millisMax = 30_000): Promise<boolean> =>
  cluster.until(() => cluster.newest()?.metadata.partition(topicId, 0)?.isr.length === size, millisMax)

describe("a controller whose directory was wiped", () => {
  it("does not vote as the one it was, and is taken in again as a learner first", async () => {
    const cluster = await start()
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    const before = victim.node!.quorum.status.self.directoryId
    victim.kill()
    victim.wipe()
    await cluster.run(victim.start())
    const { self } = victim.node!.quorum.status
    expect(self.directoryId).not.toBe(before)
    const voters = () => cluster.controllerOf()?.node?.quorum.status.configuration.voters ?? []
    expect(await cluster.until(() => voters().some((voter) => voter.directoryId === self.directoryId))).toBe(true)
    expect(voters().map(({ nodeId }) => nodeId)).toEqual([1, 2, 3])
    expect(voters().some((voter) => voter.directoryId === before)).toBe(false)
  })

  it("of metadata alone is taken in again too, and keeps its replicas: what is advised where the metadata log is damaged", async () => {
    const cluster = await start()
    const topicId = await createTopic(cluster, "orders")
    await append(cluster, "orders", "a")
    const victim = cluster.controllerOf()!
    await cluster.run(victim.stop())
    victim.disks.metadata.wipe()
    await append(cluster, "orders", "b")
    await cluster.run(victim.start())
    const { self } = victim.node!.quorum.status
    const voters = () => cluster.controllerOf()?.node?.quorum.status.configuration.voters ?? []
    expect(await cluster.until(() => voters().length === 3 && voters().some((voter) => voter.directoryId === self.directoryId))).toBe(true)
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
    expect(victim.node!.partition(topicId, 0)!.log.durableEnd).toBe(2)
  })

  it("is taken in again when it is wiped once more as a learner, and the leader that would have promoted it is gone", async () => {
    const cluster = await start()
    const controller = cluster.controllerOf()!
    const [victim, third] = cluster.members.filter((it) => it !== controller)
    const configuration = () => cluster.controllerOf()?.node?.quorum.status.configuration
    victim!.kill()
    victim!.wipe()
    // This life never comes to serve.
    victim!.start().catch(() => undefined)
    const isLearner = (): boolean => third!.node!.quorum.status.configuration.learners.some(({ nodeId }) => nodeId === victim!.nodeId)
    expect(await cluster.until(isLearner)).toBe(true)
    controller.kill()
    victim!.kill()
    victim!.wipe()
    await cluster.run(Promise.all([controller.start(), victim!.start()]))
    const { directoryId } = victim!.node!.quorum.status.self
    expect(await cluster.until(() => configuration()?.voters.some((voter) => voter.directoryId === directoryId) === true)).toBe(true)
    expect(configuration()?.voters).toHaveLength(3)
    expect(configuration()?.learners).toHaveLength(0)
  })

  it("never makes a quorum of its own, though all it knows is its configuration", async () => {
    const cluster = await start()
    const [first, second, third] = cluster.members
    first!.kill()
    second!.kill()
    third!.kill()
    first!.wipe()
    second!.wipe()
    // Both are empty, and only together with the third could they be the first voters.
    const starts = [first!.start(), second!.start()]
    await cluster.advance(20_000)
    expect(cluster.controllerOf()).toBeUndefined()
    starts.push(third!.start())
    // The third knows its quorum and cannot win it alone: nobody may decide without what was lost.
    await cluster.advance(20_000)
    expect(cluster.controllerOf()).toBeUndefined()
  })
})

describe("a full disk with both directories", () => {
  it("loses no voter, though the metadata log can be written again later than the data", async () => {
    const cluster = await start()
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    const { data, metadata } = victim.stores
    const { quorum } = victim.node!
    data!.failCommits(1_000)
    metadata!.failCommits(1_000)
    await createTopic(cluster, "orders")
    expect(await cluster.until(() => quorum.writeGate.reason === "failed")).toBe(true)
    await cluster.advance(5_000)
    data!.failCommits(0)
    // The data is there again. A quorum that began anew now would meet the same disk again.
    await cluster.advance(10_000)
    expect(quorum.writeGate.reason).toBe("failed")
    metadata!.failCommits(0)
    await cluster.advance(30_000)
    await createTopic(cluster, "payments")
    expect(await cluster.until(() => cluster.members.every(({ node }) => node!.metadata.topic("payments")?.partitions[0]?.isr.length === 3))).toBe(true)
  })
})

describe("a leader whose disk takes no writes", () => {
  it("leaves to others what they can lead, and keeps what is on no other disk", async () => {
    const cluster = await start()
    await createTopic(cluster, "orders")
    await append(cluster, "orders", "a")
    const victim = cluster.leaderOf("orders", 0)!
    const { topics } = await cluster.run(cluster.newest()!.controller.ask("createTopics", {
      topics: [{ name: "alone", numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [victim.node!.nodeId] }], configs: [] }],
      timeoutMs: 1_000, validateOnly: false
    }))
    expect(topics[0]!.errorCode).toBe(0)
    await append(cluster, "alone", "a")
    victim.stores.data!.failCommits(1_000_000)
    await append(cluster, "orders", "b")
    expect(cluster.leaderOf("orders", 0)).not.toBe(victim)
    expect(cluster.leaderOf("alone", 0)).toBe(victim)
    victim.stores.data!.failCommits(0)
    expect(await isrIs(cluster, cluster.newest()!.metadata.topic("orders")!.topicId, 3)).toBe(true)
    await append(cluster, "alone", "b")
  })
})

describe("a replica", () => {
  it("that lost its whole disk is filled again, and leads nothing before", async () => {
    const cluster = await start()
    const topicId = await createTopic(cluster, "orders")
    for (let i = 0; i < 20; i++) await append(cluster, "orders", `a${i}`)
    const victim = cluster.leaderOf("orders", 0)!
    victim.kill()
    victim.wipe()
    const started = victim.start()
    for (let i = 0; i < 20; i++) await append(cluster, "orders", `b${i}`)
    await cluster.run(started)
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
    for (const { node } of cluster.members) expect(node!.partition(topicId, 0)!.log.durableEnd).toBe(40)
  })

  it("with a damaged batch serves none of it, and is repaired from its leader", async () => {
    const cluster = await start()
    const topicId = await createTopic(cluster, "orders")
    for (let i = 0; i < 20; i++) await append(cluster, "orders", `a${i}`)
    await cluster.advance(1_000)
    const victim = cluster.members.find((it) => it !== cluster.leaderOf("orders", 0))!
    await cluster.run(victim.stop())
    victim.disks.data.corrupt(topicId, 0, 7, 500)
    await cluster.run(victim.start())
    const log = victim.node!.partition(topicId, 0)!.log
    // A clean start reads no batches: the damage shows when somebody reads, or in the scrub.
    await log.readVerified(0, 1_000_000, 20, true)
    expect(log.fault).toMatchObject({ offset: 7 })
    const isIn = (): boolean => cluster.newest()!.metadata.partition(topicId, 0)!.isr.includes(victim.nodeId)
    expect(await cluster.until(() => !isIn())).toBe(true)
    // Not before it is repaired does it count as a copy again.
    expect(await cluster.until(() => isIn() || log.fault === undefined)).toBe(true)
    expect(isIn()).toBe(false)
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
    const bytes = await Promise.all(cluster.members.map(async ({ node }) =>
      Buffer.concat((await node!.partition(topicId, 0)!.log.readVerified(0, 1_000_000, 20, true)).chunks)))
    expect(bytes[1]!.equals(bytes[0]!)).toBe(true)
    expect(bytes[2]!.equals(bytes[0]!)).toBe(true)
  })

  it("that leads and finds a damaged batch when others fetch it leads no more, and is repaired before it counts again", async () => {
    const cluster = await start()
    const topicId = await createTopic(cluster, "orders")
    for (let i = 0; i < 20; i++) await append(cluster, "orders", `a${i}`)
    await cluster.advance(1_000)
    // Nobody has it in memory any more.
    for (const member of cluster.members) await cluster.run(member.stop())
    await cluster.run(Promise.all(cluster.members.map((member) => member.start())))
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
    const leader = cluster.leaderOf("orders", 0)!
    const emptied = cluster.members.find((it) => it !== leader)!
    leader.disks.data.corrupt(topicId, 0, 7, 500)
    emptied.kill()
    emptied.wipe()
    await cluster.run(emptied.start())
    const replica = () => leader.node!.partition(topicId, 0)!
    const isIn = (): boolean => cluster.newest()!.metadata.partition(topicId, 0)!.isr.includes(leader.nodeId)
    expect(await cluster.until(() => replica().isFollower && !isIn())).toBe(true)
    expect([replica().log.fault, replica().fetchPosition()?.durableEnd]).toMatchObject([{ offset: 7, endOffset: 8 }, 0])
    expect(await cluster.until(() => isIn() || replica().log.fault === undefined)).toBe(true)
    expect(isIn()).toBe(false)
    expect(await append(cluster, "orders", "more")).toBe(20)
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
    const bytes = await Promise.all(cluster.members.map(async ({ node }) =>
      Buffer.concat((await node!.partition(topicId, 0)!.log.readVerified(0, 1_000_000, 20, true)).chunks)))
    for (const each of bytes) expect(each.equals(bytes[0]!)).toBe(true)
  })

  it("of a topic that was deleted while its node was away goes; the new topic of that name keeps its own", async () => {
    const cluster = await start()
    const old = await createTopic(cluster, "orders")
    await append(cluster, "orders", "old")
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    victim.kill()
    await cluster.run(cluster.newest()!.controller.ask("deleteTopics", { topics: [{ name: "orders", topicId: "AAAAAAAAAAAAAAAAAAAAAA" }], topicNames: [], timeoutMs: 1_000 }))
    const renewed = await createTopic(cluster, "orders")
    await append(cluster, "orders", "new")
    await cluster.run(victim.start())
    expect(victim.node!.partition(old, 0)).toBeUndefined()
    expect(await isrIs(cluster, renewed, 3)).toBe(true)
    expect(victim.node!.partition(renewed, 0)!.log.durableEnd).toBe(1)
    expect(victim.node!.partition(renewed, 0)!.leaderEpoch).toBeGreaterThan(0)
  })

  it("that is far behind in the metadata is brought up by a snapshot", async () => {
    const cluster = await start({ properties: { "metadata.log.max.record.bytes.between.snapshots": "20000" } })
    const victim = cluster.members.find((it) => it !== cluster.controllerOf())!
    victim.kill()
    for (let i = 0; i < 40; i++) await createTopic(cluster, `topic-${i}`, 6)
    const { snapshot, startOffset } = cluster.controllerOf()!.node!.quorum.status
    expect(snapshot).toBeDefined()
    expect(startOffset).toBeGreaterThan(0)
    await cluster.run(victim.start())
    expect(victim.node!.metadata.topicCount).toBe(40)
    const topicId = victim.node!.metadata.topic("topic-39")!.topicId
    expect(await isrIs(cluster, topicId, 3)).toBe(true)
  })
})

describe("a quorum", () => {
  it("grows from one controller to three and shrinks to one again, under appends", async () => {
    const cluster = await start({ voters: 1 })
    await createTopic(cluster, "orders")
    const active = () => cluster.controllerOf()!.node!
    const directoryOf = (nodeId: number) => cluster.member(nodeId).node!.quorum.status.self.directoryId
    for (const voterId of [2, 3]) {
      const { errorCode } = await cluster.run(cluster.newest()!.controller.ask("addRaftVoter", {
        clusterId: null, timeoutMs: 10_000, voterId, voterDirectoryId: directoryOf(voterId), listeners: [], ackWhenCommitted: true
      }))
      expect(errorCode).toBe(0)
      await append(cluster, "orders", `with ${voterId}`)
    }
    expect(active().quorum.status.configuration.voters.map(({ nodeId }) => nodeId)).toEqual([1, 2, 3])
    for (const voterId of [1, 2]) {
      const { errorCode } = await cluster.run(cluster.newest()!.controller.ask("removeRaftVoter", {
        clusterId: null, voterId, voterDirectoryId: directoryOf(voterId)
      }))
      expect(errorCode).toBe(0)
      expect(await cluster.until(() => cluster.controllerOf() !== undefined)).toBe(true)
      await append(cluster, "orders", `without ${voterId}`)
    }
    expect(active().quorum.status.configuration.voters.map(({ nodeId }) => nodeId)).toEqual([3])
  })
})

describe("the first of a cluster's controllers", () => {
  it("does not begin a cluster of its own when it is wiped after others were added", async () => {
    const cluster = await start({ voters: 1 })
    await createTopic(cluster, "orders")
    for (const voterId of [2, 3]) {
      const { directoryId } = cluster.member(voterId).node!.quorum.status.self
      await cluster.run(cluster.newest()!.controller.ask("addRaftVoter", {
        clusterId: null, timeoutMs: 10_000, voterId, voterDirectoryId: directoryId, listeners: [], ackWhenCommitted: true
      }))
    }
    await append(cluster, "orders", "a")
    const first = cluster.member(1)
    first.kill()
    expect(await cluster.until(() => cluster.controllerOf() !== undefined && cluster.controllerOf() !== first)).toBe(true)
    first.wipe()
    await cluster.run(first.start())
    expect(first.node!.metadata.topic("orders")).toBeDefined()
    const voters = () => cluster.controllerOf()?.node?.quorum.status.configuration.voters ?? []
    expect(await cluster.until(() => voters().some(({ directoryId }) => directoryId === first.node!.quorum.status.self.directoryId))).toBe(true)
    await append(cluster, "orders", "b")
  })
})

describe("a replica that is added", () => {
  it("is filled at the throttled rate, and joins when it is there", async () => {
    const cluster = await start({ nodes: 4 })
    const topicId = await createTopic(cluster, "orders")
    const value = "x".repeat(10_000)
    for (let i = 0; i < 60; i++) await append(cluster, "orders", value)
    const ask = cluster.newest()!.controller
    const { replicas } = cluster.newest()!.metadata.partition(topicId, 0)!
    const added = [1, 2, 3, 4].find((id) => !replicas.includes(id))!
    const leader = cluster.newest()!.metadata.partition(topicId, 0)!.leader
    const set = (resourceType: number, resourceName: string, name: string, value: string) => ({
      resourceType, resourceName, configs: [{ name, configOperation: 0, value }]
    })
    const altered = await cluster.run(ask.ask("incrementalAlterConfigs", {
      validateOnly: false,
      resources: [
        set(4, String(leader), "leader.replication.throttled.rate", "100000"),
        set(2, "orders", "leader.replication.throttled.replicas", `0:${leader}`)
      ]
    }))
    expect(altered.responses.map(({ errorCode }) => errorCode)).toEqual([0, 0])
    await cluster.run(ask.ask("alterPartitionReassignments", {
      timeoutMs: 1_000, allowReplicationFactorChange: true,
      topics: [{ name: "orders", partitions: [{ partitionIndex: 0, replicas: [...replicas, added] }] }]
    }))
    const begun = cluster.clock.monotonicMillis()
    expect(await isrIs(cluster, topicId, 4, 60_000)).toBe(true)
    // 600 kB, of which one second's worth may come at once.
    expect(cluster.clock.monotonicMillis() - begun).toBeGreaterThan(4_000)
    expect(cluster.clock.monotonicMillis() - begun).toBeLessThan(12_000)
  })
})
