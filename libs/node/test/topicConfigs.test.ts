import { ResourceType } from "@tailrace/metadata"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

it("a changed configuration takes hold of the topics that it is about, and of no others", async () => {
  const test = await TestNode.start()
  const { controller } = test.node
  const topics = ["a", "b"].map((name) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }))
  await test.run(controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const [a, b] = topics.map(({ name }) => test.node.partition(test.node.metadata.topic(name)!.topicId, 0)!)
  const alter = (resourceType: number, resourceName: string, name: string, value: string) => test.run(controller.ask("incrementalAlterConfigs", {
    resources: [{ resourceType, resourceName, configs: [{ name, configOperation: 0, value }] }], validateOnly: false
  }))
  const { rules } = b!
  await alter(ResourceType.topic, "a", "max.message.bytes", "5000")
  expect([a!.rules.batchBytesMax, b!.rules === rules]).toEqual([5_000, true])
  await alter(ResourceType.broker, "", "message.max.bytes", "6000")
  expect([a!.rules.batchBytesMax, b!.rules.batchBytesMax]).toEqual([5_000, 6_000])
})
