import { afterEach, beforeEach, describe, expect, it } from "vitest"
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
    for (const node of nodes) expect([...node.metadata.brokers].map(({ brokerId, fenced }) => [brokerId, fenced]).toSorted()).toEqual([[1, false], [2, false], [3, false]])
  })
})
