import { ErrorCode } from "@tailrace/kafka-protocol"
import type { Node } from "@tailrace/node"
import { afterEach, describe, expect, it } from "vitest"
import { SimulatedCluster, type SimulatedClusterOptions } from "../src/SimulatedCluster.ts"
import type { SimulatedMember } from "../src/sim/world/SimulatedMember.ts"

/** Group coordinators in a cluster whose leaders move and whose topics come and go. */
const clusters: Array<SimulatedCluster> = []
const groupId = "billing"
const offsetsTopic = "__consumer_offsets"

afterEach(async () => {
  for (const cluster of clusters.splice(0)) await cluster.close()
})

/** All groups are in one partition. */
async function start(options: SimulatedClusterOptions = {}): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster({ seed: 5, ...options, properties: { "offsets.topic.num.partitions": "1", ...options.properties } })
  clusters.push(cluster)
  await cluster.start()
  await cluster.run(cluster.newest()!.groups.find(groupId))
  expect(await cluster.until(() => coordinatorOf(cluster)?.node?.groups.get(0)?.isLoaded === true)).toBe(true)
  return cluster
}

const coordinatorOf = (cluster: SimulatedCluster): SimulatedMember | undefined => cluster.leaderOf(offsetsTopic, 0)

/** This node is the preferred leader from now on, and leads. */
async function moveLead(cluster: SimulatedCluster, toNodeId: number): Promise<void> {
  const { partitions } = cluster.newest()!.metadata.topic(offsetsTopic)!
  const replicas = [toNodeId, ...partitions[0]!.replicas.filter((id) => id !== toNodeId)]
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

const listGroups = (cluster: SimulatedCluster, node: Node): Promise<unknown> =>
  cluster.run(new Promise((resolve) => node.groups.listGroups({ statesFilter: [], typesFilter: [] }, resolve)))

async function createTopic(cluster: SimulatedCluster, name: string, replicas: ReadonlyArray<number>): Promise<void> {
  const { topics } = await cluster.run(cluster.controllerOf()!.node!.controller.ask("createTopics", {
    topics: [{ name, numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [...replicas] }], configs: [] }],
    timeoutMs: 1_000, validateOnly: false
  }))
  expect(topics[0]!.errorCode).toBe(0)
}

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
    await createTopic(cluster, "orders", [1, 2, 3])
    expect(await commit(cluster, first.node!, "orders", 5)).toMatchObject({ topics: [{ partitions: [{ errorCode: 0 }] }] })
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
    await createTopic(cluster, "orders", [1, 2, 3])
    await deleteTopic(cluster, "orders")
    const abandon = node!.groups.ask("fetchOffsets", { groupId, memberId: null, memberEpoch: -1, topics: null }, () => undefined)
    expect(shard.openRequests).toBeGreaterThan(0)
    abandon()
    await cluster.advance(1_000)
    expect(shard.openRequests).toBe(0)
  })
})
