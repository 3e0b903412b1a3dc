import { describe, expect, it } from "vitest"
import { AlterConfigOp, incrementalAlterConfigs, ResourceType } from "../src/index.ts"
import type { TestCluster } from "./cluster.ts"
import { state, withTopic } from "./withTopic.ts"

describe("a request that changes the configuration of a topic and of all brokers", () => {
  const alter = (cluster: TestCluster, ...changes: ReadonlyArray<readonly [resourceType: number, resourceName: string, name: string, value: string | null]>) =>
    cluster.apply(incrementalAlterConfigs(cluster.image, {
      resources: changes.map(([resourceType, resourceName, name, value]) => ({
        resourceType, resourceName,
        configs: [{ name, value, configOperation: value === null ? AlterConfigOp.delete : AlterConfigOp.set }]
      })),
      validateOnly: false
    }, cluster.context))
  const { broker, topic } = ResourceType

  it.each([["the topic first", 0], ["the brokers first", 1]])("means what both of them say together: %s", (_, first) => {
    const cluster = withTopic([1, 2, 3], { "min.insync.replicas": "2" })
    alter(cluster, [broker, "", "min.insync.replicas", "2"])
    cluster.fence(3)
    cluster.fence(2)
    expect(state(cluster)).toEqual([1, [1], [2], []])
    const { partitionEpoch } = cluster.partition("t")
    const both = [[topic, "t", "min.insync.replicas", null], [broker, "", "min.insync.replicas", "1"]] as const
    alter(cluster, both[first]!, both[1 - first]!)
    // The leader goes on alone from here, so that nobody else may be elected.
    expect([state(cluster), cluster.partition("t").partitionEpoch]).toEqual([[1, [1], [], []], partitionEpoch + 1])
  })

  it("brings a topic back that is led by anybody from then on", () => {
    const cluster = withTopic([1, 2], { "unclean.leader.election.enable": "false" })
    cluster.fence(2)
    cluster.fence(1)
    cluster.unfence(2)
    alter(cluster, [topic, "t", "unclean.leader.election.enable", null], [broker, "", "unclean.leader.election.enable", "true"])
    expect(cluster.partition("t").leader).toBe(2)
  })

  it("leaves a topic as it is that is led by nobody else from then on", () => {
    const cluster = withTopic([1, 2])
    cluster.fence(2)
    cluster.fence(1)
    cluster.unfence(2)
    alter(cluster, [topic, "t", "unclean.leader.election.enable", "false"], [broker, "", "unclean.leader.election.enable", "true"])
    expect(cluster.partition("t").leader).toBe(-1)
  })
})
