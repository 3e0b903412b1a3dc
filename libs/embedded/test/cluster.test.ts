import { MetadataImage } from "@tailrace/metadata"
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { batchOf } from "./support/requests.ts"
import { SimulatedCluster } from "./support/SimulatedCluster.ts"

let cluster: SimulatedCluster

beforeEach(async () => {
  cluster = new SimulatedCluster()
  await cluster.start()
})

afterEach(() => cluster.close())

describe("three nodes", () => {
  it("become one cluster with one controller, and all of them may lead", async () => {
    const nodes = cluster.members.map(({ node }) => node!)
    expect(new Set(nodes.map((node) => node.controllerId)).size).toBe(1)
    expect(new Set(nodes.map((node) => node.clusterId)).size).toBe(1)
    await cluster.advance(1_000)
    for (const node of nodes) {
      expect([...node.metadata.brokers].map(({ brokerId, fenced }) => [brokerId, fenced]).toSorted()).toEqual([[1, false], [2, false], [3, false]])
    }
  })

  it("replicate what is produced with acks=all", async () => {
    const [first] = cluster.members
    const { topics } = await cluster.run(first!.node!.controller.ask("createTopics", {
      topics: [{ name: "orders", numPartitions: 3, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs: 1_000, validateOnly: false
    }, 7))
    expect(topics[0]!.errorCode).toBe(0)
    const { topicId } = first!.node!.metadata.topic("orders")!
    for (let partition = 0; partition < 3; partition++) {
      const leader = first!.node!.metadata.partition(topicId, partition)!.leader
      const ref = cluster.members[leader - 1]!.node!.partition(topicId, partition)!
      const outcome = await cluster.run(new Promise<{ errorCode: number }>((resolve) =>
        ref.append(batchOf(["a", "b"]), { acks: -1, timeoutMillis: 5_000, produceVersion: 9 }, resolve)))
      expect(outcome.errorCode).toBe(0)
      for (const { node } of cluster.members) expect(node!.partition(topicId, partition)!.log.durableEnd).toBe(2)
    }
  })

  it("say of a partition that nobody can lead it, which is no election", async () => {
    const controller = cluster.members.find(({ node }) => node!.quorum.isActive)!
    const [last, behind] = cluster.members.filter((member) => member !== controller)
    const { topics } = await cluster.run(controller.node!.controller.ask("createTopics", {
      topics: [{ name: "orders", numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [last!.nodeId, behind!.nodeId] }], configs: [] }],
      timeoutMs: 1_000, validateOnly: false
    }, 7))
    expect(topics[0]!.errorCode).toBe(0)
    await cluster.run(behind!.close())
    await cluster.advance(5_000)
    await cluster.run(last!.close())
    await cluster.advance(5_000)
    behind!.log.lines.length = 0
    const started = behind!.start()
    await cluster.run(started)
    await cluster.advance(5_000)
    const told = behind!.log.lines.map((line) => JSON.parse(line) as { level: string; message: string; topic?: string })
      .filter(({ topic }) => topic === "orders").map(({ level, message }) => [level, message])
    expect(told).toEqual([["info", "a partition has no leader"]])
  })
})

describe("a node that cannot apply what the others have decided", () => {
  it("ends its start with the cause, and does not wait to be registered", async () => {
    const controller = cluster.members.find(({ node }) => node!.quorum.isActive)!
    const { topics } = await cluster.run(controller.node!.controller.ask("createTopics", {
      topics: [{ name: "orders", numPartitions: 1, replicationFactor: 3, assignments: [], configs: [] }], timeoutMs: 1_000, validateOnly: false
    }, 7))
    expect(topics[0]!.errorCode).toBe(0)
    await cluster.advance(1_000)
    const late = cluster.members.find((member) => member !== controller)!
    await cluster.run(late.close())
    for (const disk of [late.disk, late.metadataDisk]) disk.wipe()
    const { replay } = MetadataImage.prototype
    const planted = new Error("a record of a newer version")
    // The others have applied it long ago.
    const replaying = vi.spyOn(MetadataImage.prototype, "replay").mockImplementation(function(this: MetadataImage, record) {
      if (record.type === "TopicRecord") throw planted
      replay.call(this, record)
    })
    onTestFinished(() => replaying.mockRestore())
    await expect(cluster.run(late.start())).rejects.toMatchObject({ _tag: "StartError", part: "registration", cause: planted })
  })
})
