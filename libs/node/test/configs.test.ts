import { recordCodecs } from "@tailrace/codecs"
import { ResourceType } from "@tailrace/metadata"
import { BatchBuilder } from "@tailrace/record"
import { expect, it } from "vitest"
import { replicationLimitsDefault } from "../src/replica/ReplicationLimits.ts"
import { TestNode } from "./TestNode.ts"

const alter = (test: TestNode, resourceType: number, resourceName: string, name: string, value: string) =>
  test.run(test.node.controller.ask("incrementalAlterConfigs", {
    resources: [{ resourceType, resourceName, configs: [{ name, configOperation: 0, value }] }], validateOnly: false
  }))

it("a changed configuration takes hold of the topics that it is about, and of no others", async () => {
  const test = await TestNode.start()
  const { controller } = test.node
  const topics = ["a", "b"].map((name) => ({ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }))
  await test.run(controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const [a, b] = topics.map(({ name }) => test.node.partition(test.node.metadata.topic(name)!.topicId, 0)!)
  const { rules } = b!
  await alter(test, ResourceType.topic, "a", "max.message.bytes", "5000")
  expect([a!.rules.batchBytesMax, b!.rules === rules]).toEqual([5_000, true])
  await alter(test, ResourceType.broker, "", "message.max.bytes", "6000")
  expect([a!.rules.batchBytesMax, b!.rules.batchBytesMax]).toEqual([5_000, 6_000])
})

it("how long producers are remembered can be changed while the node runs", async () => {
  const test = await TestNode.start()
  const topics = [{ name: "a", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const partition = test.node.partition(test.node.metadata.topic("a")!.topicId, 0)!
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 1_000 })
  builder.append({ timestamp: test.clock.wallMillis(), value: "a" })
  const batch = builder.build({ producerId: 1, producerEpoch: 0, baseSequence: 0 })
  partition.append(batch, { acks: 1, timeoutMillis: 1_000, produceVersion: 9 }, () => {})
  await test.advance(1_200_000)
  expect(partition.log.producers.size).toBe(1)
  await alter(test, ResourceType.broker, "", "producer.id.expiration.ms", "600000")
  await test.advance(600_000)
  expect(partition.log.producers.size).toBe(0)
})

it("no batch is taken that is too large for followers, whatever a topic admits", async () => {
  const test = await TestNode.start()
  const configs = [{ name: "max.message.bytes", value: "2000000000" }]
  const topics = [{ name: "a", numPartitions: 1, replicationFactor: 1, assignments: [], configs }]
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const partition = test.node.partition(test.node.metadata.topic("a")!.topicId, 0)!
  expect(partition.rules.batchBytesMax).toBe(replicationLimitsDefault.assemblyBytesMax)
})
