import { afterEach, beforeEach, describe, expect, it } from "vitest"
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
})
