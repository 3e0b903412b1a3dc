import { ErrorCode, type MetadataRecord } from "@tailrace/kafka-protocol"
import type { Node } from "@tailrace/node"
import { describe, expect, it, vi } from "vitest"
import type { SimulatedCluster, SimulatedClusterOptions } from "../src/SimulatedCluster.ts"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"
import { createTopicOn, startCluster } from "./support/simulatedCluster.ts"

/** Group coordinators in a cluster whose leaders move and whose topics come and go. */
type GroupAnswer = Parameters<Parameters<typeof Node.prototype.groups.ask<"fetchOffsets">>[2]>[0]

const groupId = "billing"
const offsetsTopic = "__consumer_offsets"

const ok = { topics: [{ partitions: [{ errorCode: 0 }] }] }

/** All groups are in one partition. */
async function start(options: SimulatedClusterOptions = {}): Promise<SimulatedCluster> {
  const cluster = await startCluster({ seed: 5, ...options, properties: { "offsets.topic.num.partitions": "1", ...options.properties } })
  await cluster.run(cluster.newest()!.groups.find([groupId]))
  expect(await cluster.until(() => coordinatorOf(cluster)?.node?.groups.get(0)?.isLoaded === true)).toBe(true)
  return cluster
}

const coordinatorOf = (cluster: SimulatedCluster): SimulatedMember | undefined => cluster.leaderOf(offsetsTopic, 0)

const replicasFrom = (cluster: SimulatedCluster, nodeId: number): Array<number> =>
  [nodeId, ...cluster.newest()!.metadata.topic(offsetsTopic)!.partitions[0]!.replicas.filter((id) => id !== nodeId)]

/** This node is the preferred leader from now on, and leads. */
async function moveLead(cluster: SimulatedCluster, toNodeId: number, replicas = replicasFrom(cluster, toNodeId)): Promise<void> {
  const { controller } = cluster.controllerOf()!.node!
  await cluster.run(controller.ask("alterPartitionReassignments", {
    timeoutMs: 1_000, allowReplicationFactorChange: true, topics: [{ name: offsetsTopic, partitions: [{ partitionIndex: 0, replicas }] }]
  }))
  await cluster.run(controller.ask("electLeaders", { electionType: 0, timeoutMs: 1_000, topicPartitions: [{ topic: offsetsTopic, partitions: [0] }] }))
  expect(await cluster.until(() => cluster.member(toNodeId).node!.groups.get(0)?.isLoaded === true)).toBe(true)
}

function commit(cluster: SimulatedCluster, node: Node, topic: string, committedOffset: number): Promise<unknown> {
  return cluster.run(new Promise((resolve) => node.groups.ask("commitOffsets", {
    groupId, apiVersion: 8, memberId: "", generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: "" }] }]
  }, resolve)))
}

/** What the group has committed for the topic; -1 for nothing. */
async function committed(cluster: SimulatedCluster, topic: string): Promise<number | undefined> {
  const answer = await fetchOffset(cluster, coordinatorOf(cluster)!.node!, topic)
  expect(answer).toMatchObject({ errorCode: 0 })
  return typeof answer === "number" ? undefined : answer.topics[0]?.partitions[0]?.committedOffset
}

const fetchOffset = (cluster: SimulatedCluster, node: Node, topic: string): Promise<GroupAnswer> =>
  cluster.run(new Promise((resolve) => node.groups.ask("fetchOffsets", {
    groupId, memberId: null, memberEpoch: -1, topics: [{ name: topic, partitionIndexes: [0] }]
  }, resolve)))

const listGroups = (cluster: SimulatedCluster, node: Node): Promise<unknown> =>
  cluster.run(new Promise((resolve) => node.groups.listGroups({ statesFilter: [], typesFilter: [] }, resolve)))

async function deleteTopic(cluster: SimulatedCluster, name: string): Promise<void> {
  const { responses } = await cluster.run(cluster.controllerOf()!.node!.controller.ask("deleteTopics", {
    topics: [{ name, topicId: "AAAAAAAAAAAAAAAAAAAAAA" }], topicNames: [], timeoutMs: 1_000
  }))
  expect(responses[0]!.errorCode).toBe(0)
}

describe("ListGroups", () => {
  it("is answered by a node that has led a partition of the groups and leads it no more", async () => {
    const cluster = await start()
    const first = coordinatorOf(cluster)!
    const second = cluster.members.find((it) => it !== first)!
    await createTopicOn(cluster, "orders", [1, 2, 3])
    expect(await commit(cluster, first.node!, "orders", 5)).toMatchObject(ok)
    await moveLead(cluster, second.nodeId)
    expect(await listGroups(cluster, first.node!)).toEqual([])
    expect(await listGroups(cluster, second.node!)).toMatchObject([{ groupId }])
    const shard = second.node!.groups.get(0)!
    shard.resign()
    shard.load()
    // Its groups are in nobody else's answer.
    expect(await listGroups(cluster, second.node!)).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  })
})

describe("a coordinator", () => {
  it("keeps nothing of what it was told and nobody waits for", async () => {
    const cluster = await start()
    const { node } = coordinatorOf(cluster)!
    const shard = node!.groups.get(0)!
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await deleteTopic(cluster, "orders")
    const abandon = node!.groups.ask("fetchOffsets", { groupId, memberId: null, memberEpoch: -1, topics: null }, () => undefined)
    expect(shard.openRequests).toBeGreaterThan(0)
    abandon()
    await cluster.advance(1_000)
    expect(shard.openRequests).toBe(0)
  })
})

describe("offsets of a topic that was deleted", () => {
  it("do not count for the new one of that name, though the coordinator's node had no replica of it", async () => {
    const cluster = await start()
    const coordinator = coordinatorOf(cluster)!
    const other = cluster.members.find((it) => it !== coordinator)!
    await createTopicOn(cluster, "orders", [other.nodeId])
    await commit(cluster, coordinator.node!, "orders", 5)
    expect(await committed(cluster, "orders")).toBe(5)
    await deleteTopic(cluster, "orders")
    await createTopicOn(cluster, "orders", [other.nodeId])
    expect(await committed(cluster, "orders")).toBe(-1)
    await commit(cluster, coordinator.node!, "orders", 1)
    await cluster.advance(5_000)
    expect(await committed(cluster, "orders")).toBe(1)
  })

  it("do not count for the new one where both happened while the coordinator loaded", async () => {
    const cluster = await start()
    const coordinator = coordinatorOf(cluster)!
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await commit(cluster, coordinator.node!, "orders", 5)
    coordinator.slowFlush(3_000, ["data"])
    const last = commit(cluster, coordinator.node!, "orders", 6)
    await cluster.advance(100)
    const shard = coordinator.node!.groups.get(0)!
    // It loads when it has read what the one before has appended, and that is not on the disk yet.
    shard.load()
    await cluster.advance(100)
    await deleteTopic(cluster, "orders")
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await last
    expect(shard.isLoaded).toBe(false)
    coordinator.slowFlush(undefined, ["data"])
    expect(await cluster.until(() => shard.isLoaded)).toBe(true)
    expect(await committed(cluster, "orders")).toBe(-1)
  })

  it("go where the coordinator has too much to do to hear of it, and with them those that are about to be committed", async () => {
    const cluster = await start()
    const { node } = coordinatorOf(cluster)!
    const topicId = await createTopicOn(cluster, "orders", [1, 2, 3])
    await cluster.advance(1_000)
    const waiting = commit(cluster, node!, "orders", 5)
    for (let i = 0; i < 1_100; i++) {
      node!.groups.ask("describeGroup", { groupId: `idle-${i}`, apiVersion: 5 }, () => undefined)
    }
    // That there is a new topic of the name before the commit has its turn does not make it one for the new topic.
    const records: ReadonlyArray<MetadataRecord> = [
      { type: "RemoveTopicRecord", value: { topicId } }, { type: "TopicRecord", value: { name: "orders", topicId: "AAAAAAAAAAAAAAAAAAAAAQ" } }
    ]
    node!.groups.willApply(records)
    for (const record of records) node!.metadata.replay(record)
    expect(await waiting).toMatchObject(ok)
    expect(await committed(cluster, "orders")).toBe(-1)
  })

  it("do not count for the new one where the coordinator learns of both by a snapshot", async () => {
    const cluster = await start({ properties: { "metadata.log.max.record.bytes.between.snapshots": "20000" } })
    const member = cluster.members.find((it) => it !== cluster.controllerOf())!
    const others = cluster.members.flatMap(({ nodeId }) => nodeId === member.nodeId ? [] : [nodeId])
    await moveLead(cluster, member.nodeId)
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await commit(cluster, member.node!, "orders", 5)
    const { metadata } = member.node!
    for (const other of others) cluster.network.block(`node-${other}`, member.host, "control")
    await deleteTopic(cluster, "orders")
    for (let i = 0; i < 200; i++) await createTopicOn(cluster, `topic-${i}`, others)
    await createTopicOn(cluster, "orders", others)
    cluster.network.heal()
    expect(await cluster.until(() => member.node!.metadata !== metadata)).toBe(true)
    expect(coordinatorOf(cluster)).toBe(member)
    expect(await committed(cluster, "orders")).toBe(-1)
  })

  it("go when the coordinator comes back that was away, and no other was there", async () => {
    const cluster = await start({ nodes: 4 })
    await moveLead(cluster, 4, [4])
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await createTopicOn(cluster, "payments", [1, 2, 3])
    await commit(cluster, cluster.member(4).node!, "orders", 5)
    await commit(cluster, cluster.member(4).node!, "payments", 5)
    cluster.member(4).kill()
    await deleteTopic(cluster, "orders")
    await cluster.run(cluster.member(4).start())
    expect(await cluster.until(() => cluster.member(4).node!.groups.get(0)?.isLoaded === true)).toBe(true)
    await cluster.advance(100)
    await createTopicOn(cluster, "orders", [1, 2, 3])
    expect(await committed(cluster, "orders")).toBe(-1)
    expect(await committed(cluster, "payments")).toBe(5)
  })

  it("do not count for a topic that was made again before another coordinates", async () => {
    const cluster = await start()
    const member = cluster.members.find((it) => it !== cluster.controllerOf())!
    const others = cluster.members.filter((it) => it !== member).map(({ nodeId }) => nodeId)
    await moveLead(cluster, member.nodeId)
    await createTopicOn(cluster, "orders", [1, 2, 3])
    await createTopicOn(cluster, "payments", [1, 2, 3])
    await commit(cluster, member.node!, "orders", 500)
    await commit(cluster, member.node!, "payments", 5)
    await cluster.advance(1_000)
    member.kill()
    await deleteTopic(cluster, "orders")
    await createTopicOn(cluster, "orders", others)
    expect(await cluster.until(() => coordinatorOf(cluster) !== member && coordinatorOf(cluster)?.node?.groups.get(0)?.isLoaded === true)).toBe(true)
    await cluster.advance(1_000)
    expect([await committed(cluster, "orders"), await committed(cluster, "payments")]).toEqual([-1, 5])
  })

  it("stay as long as the coordinator cannot know whether the topic is only too new for its metadata", async () => {
    const cluster = await start({ nodes: 4 })
    await moveLead(cluster, 4, [4])
    const { groups } = cluster.member(4).node!
    await commit(cluster, cluster.member(4).node!, "unknown", 5)
    const { log } = cluster.member(4).node!.partition(cluster.newest()!.metadata.topic(offsetsTopic)!.topicId, 0)!
    const { appendedEnd } = log
    for (const voter of [1, 2, 3]) cluster.network.block("node-4", `node-${voter}`, "control")
    groups.get(0)!.load()
    await cluster.advance(2_000)
    expect([groups.get(0)!.isLoaded, log.appendedEnd]).toEqual([true, appendedEnd])
    cluster.network.heal()
    await cluster.advance(2_000)
    expect(await committed(cluster, "unknown")).toBe(-1)
  })
})

describe("a coordinator that was replaced", () => {
  async function startWithOffset() {
    const cluster = await start()
    const [old, next] = cluster.members.filter((it) => it !== cluster.controllerOf())
    await moveLead(cluster, old!.nodeId)
    await createTopicOn(cluster, "orders", [1, 2, 3])
    expect(await commit(cluster, old!.node!, "orders", 5)).toMatchObject(ok)
    await cluster.advance(2_000)
    return { cluster, old: old!.node!, oldHost: old!.host, next: next! }
  }

  /** Another node coordinates and has committed 200. The old one does not know, and still has its lease. */
  async function expectNoStaleOffset(cluster: SimulatedCluster, old: Node): Promise<void> {
    const isReplaced = () => coordinatorOf(cluster)?.node !== old && coordinatorOf(cluster)?.node?.groups.get(0)?.isLoaded === true
    expect(await cluster.until(isReplaced)).toBe(true)
    expect(await commit(cluster, coordinatorOf(cluster)!.node!, "orders", 200)).toMatchObject(ok)
    expect([old.isCutOff, old.groups.get(0)!.isLoaded]).toEqual([false, true])
    const fromMillis = cluster.clock.monotonicMillis()
    expect(await fetchOffset(cluster, old, "orders")).toBe(ErrorCode.NOT_COORDINATOR)
    expect(cluster.clock.monotonicMillis() - fromMillis).toBeLessThanOrEqual(3_000)
    expect(await committed(cluster, "orders")).toBe(200)
  }

  it("gives no offsets while it has lost the others, though it still has its lease", async () => {
    const { cluster, old, oldHost } = await startWithOffset()
    cluster.network.drop(oldHost, 60_000)
    await expectNoStaleOffset(cluster, old)
  })

  it("gives no offsets while its metadata lags", async () => {
    const { cluster, next, old, oldHost } = await startWithOffset()
    for (const { host } of cluster.members) if (host !== oldHost) cluster.network.block(host, oldHost, "control")
    await moveLead(cluster, next.nodeId)
    await expectNoStaleOffset(cluster, old)
  })
})

describe("a coordinator with too few replicas in sync", () => {
  it("goes on, decides nothing that it could not write, and catches up afterwards", async () => {
    const cluster = await start({ nodes: 5, properties: { "group.initial.rebalance.delay.ms": "4000" } })
    const { nodeId } = cluster.controllerOf()!
    await moveLead(cluster, nodeId, [nodeId, 4, 5])
    const offsetsPartition = () => cluster.newest()!.metadata.topic(offsetsTopic)!.partitions[0]!
    expect(await cluster.until(() => offsetsPartition().replicas.length === 3 && offsetsPartition().isr.length === 3)).toBe(true)
    const { node } = cluster.member(nodeId)
    await createTopicOn(cluster, "orders", [1, 2, 3])
    expect(await commit(cluster, node!, "orders", 5)).toMatchObject(ok)
    const joined: Array<unknown> = []
    node!.groups.ask("joinGroup", {
      groupId: "shipping", apiVersion: 3, clientId: "c", clientHost: "/h", memberId: "", groupInstanceId: null, protocolType: "consumer",
      sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, reason: null, protocols: [{ name: "range", metadata: Buffer.from("m") }]
    }, (answer) => joined.push(answer))
    cluster.member(4).kill()
    cluster.member(5).kill()
    expect(await cluster.until(() => offsetsPartition().isr.length === 1)).toBe(true)
    const load = vi.spyOn(node!.groups.get(0)!, "load")
    await deleteTopic(cluster, "orders")
    await createTopicOn(cluster, "orders", [1, 2, 3])
    expect(await commit(cluster, node!, "orders", 1)).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    await cluster.advance(5_000)
    expect([await committed(cluster, "orders"), joined, load.mock.calls]).toEqual([-1, [], []])
    await cluster.run(Promise.all([cluster.member(4).start(), cluster.member(5).start()]))
    expect(await cluster.until(() => offsetsPartition().isr.length === 3)).toBe(true)
    await cluster.advance(1_000)
    expect(joined).toMatchObject([{ errorCode: 0, generationId: 1 }])
    expect(await committed(cluster, "orders")).toBe(-1)
    expect(await commit(cluster, node!, "orders", 1)).toMatchObject(ok)
    await cluster.advance(1_000)
    expect([await committed(cluster, "orders"), load.mock.calls]).toEqual([1, []])
  })
})
