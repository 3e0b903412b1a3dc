import { expect, onTestFinished } from "vitest"
import { SimulatedCluster, type SimulatedClusterOptions } from "../../src/SimulatedCluster.ts"

/** A cluster that has formed, and ends with the test. */
export async function startCluster(options: SimulatedClusterOptions): Promise<SimulatedCluster> {
  const cluster = new SimulatedCluster(options)
  onTestFinished(() => cluster.close())
  await cluster.start()
  return cluster
}

/** Partition 0 alone, on these nodes in this order. Answers the topic's id. */
export async function createTopicOn(cluster: SimulatedCluster, name: string, replicas: ReadonlyArray<number>): Promise<string> {
  const { topics } = await cluster.run(cluster.controllerOf()!.node!.controller.ask("createTopics", {
    topics: [{ name, numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [...replicas] }], configs: [] }],
    timeoutMs: 1_000, validateOnly: false
  }))
  expect(topics[0]!.errorCode).toBe(0)
  return topics[0]!.topicId!
}
