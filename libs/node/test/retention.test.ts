import { recordCodecs } from "@tailrace/codecs"
import { BatchBuilder } from "@tailrace/record"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

const hourMillis = 3_600_000

it("drops nothing by itself of a topic without a cleanup policy, however old it is", async () => {
  const test = await TestNode.start()
  const retention = [{ name: "retention.ms", value: String(hourMillis) }, { name: "retention.bytes", value: "0" }]
  const topics = [["kept", ""], ["dropped", "delete"]].map(([name, policy]) => ({
    name: name!, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [...retention, { name: "cleanup.policy", value: policy! }]
  }))
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const [kept, dropped] = topics.map(({ name }) => test.node.partition(test.node.metadata.topic(name)!.topicId, 0)!)
  for (const partition of [kept!, dropped!]) {
    const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 1_000 })
    builder.append({ timestamp: test.clock.wallMillis(), value: Buffer.from("a") })
    partition.append(builder.build(), { acks: 1, timeoutMillis: 1_000, produceVersion: 9 }, () => {})
  }
  await test.advance(3 * hourMillis)
  expect([kept!.logStartOffset, dropped!.logStartOffset]).toEqual([0, 1])
  // Who asks for it by hand gets it, as in Kafka.
  expect(await test.run(kept!.deleteRecords(1, 1_000))).toEqual({ errorCode: 0, lowWatermark: 1 })
})
