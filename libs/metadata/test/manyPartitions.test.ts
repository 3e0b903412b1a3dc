import { expect, it } from "vitest"
import { AlterConfigOp, createTopics, incrementalAlterConfigs, unregisterBroker } from "../src/index.ts"
import { TestCluster } from "./cluster.ts"

/** More than a call takes arguments. */
const partitionCount = 130_000

function clusterOf(brokerIds: ReadonlyArray<number>): TestCluster {
  const cluster = new TestCluster(brokerIds)
  cluster.limits = { partitionsMax: 2 * partitionCount, partitionsPerRequestMax: partitionCount }
  const topic = { name: "t", numPartitions: partitionCount, replicationFactor: brokerIds.length, assignments: [], configs: [] }
  const { topics } = cluster.apply(createTopics(cluster.image, { topics: [topic], timeoutMs: 0, validateOnly: false }, cluster.context))
  expect(topics[0]?.errorCode).toBe(0)
  return cluster
}

const setConfig = (cluster: TestCluster, name: string, value: string) => cluster.apply(incrementalAlterConfigs(cluster.image, {
  resources: [{ resourceType: 2, resourceName: "t", configs: [{ name, configOperation: AlterConfigOp.set, value }] }], validateOnly: false
}, cluster.context))

it("a topic with more partitions than a call takes arguments is made, loses its leaders and gets them back", () => {
  const cluster = clusterOf([1])
  cluster.fence(1)
  expect(cluster.partition("t", partitionCount - 1).leader).toBe(-1)
  cluster.unfence(1)
  expect(cluster.partition("t", partitionCount - 1).leader).toBe(1)
  expect(cluster.apply(unregisterBroker(cluster.image, { brokerId: 1 }, cluster.context)).errorCode).toBe(0)
  expect(cluster.partition("t", partitionCount - 1).leader).toBe(-1)
})

it("such a topic is led by whoever is there where it may lose something, and its minimum changes", () => {
  const cluster = clusterOf([1, 2])
  cluster.fence(1)
  cluster.fence(2)
  cluster.unfence(1)
  expect(cluster.partition("t", partitionCount - 1).leader).toBe(-1)
  setConfig(cluster, "unclean.leader.election.enable", "true")
  const { leader, partitionEpoch } = cluster.partition("t", partitionCount - 1)
  expect(leader).toBe(1)
  setConfig(cluster, "min.insync.replicas", "2")
  expect(cluster.partition("t", partitionCount - 1).partitionEpoch).toBe(partitionEpoch + 1)
})
