import { expect } from "vitest"
import { createTopics } from "../src/index.ts"
import { TestCluster } from "./cluster.ts"

/** Partition 0 of "t", on the brokers in this order. */
export const withTopic = (replicas: number[], configs: Record<string, string> = {}, brokers = replicas): TestCluster => {
  const cluster = new TestCluster(brokers)
  const topic = {
    name: "t", numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: replicas }],
    configs: Object.entries(configs).map(([name, value]) => ({ name, value }))
  }
  const { topics } = cluster.apply(createTopics(cluster.image, { topics: [topic], timeoutMs: 0, validateOnly: false }, cluster.context))
  expect(topics[0]?.errorCode).toBe(0)
  return cluster
}

/** Leader, in-sync set, eligible leaders and last known ones of that partition. */
export const state = (cluster: TestCluster) => {
  const { leader, isr, eligibleLeaderReplicas, lastKnownElr } = cluster.partition("t")
  return [leader, isr, eligibleLeaderReplicas ?? [], lastKnownElr ?? []]
}
