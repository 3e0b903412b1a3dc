import type { AppendOutcome } from "@tailrace/contracts"
import { BatchBuilder } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

it("appends that waited for the disk keep their order, also before those that their answers bring in", async () => {
  const test = await TestNode.start()
  const configs = [{ name: "max.message.bytes", value: "40000000" }, { name: "segment.bytes", value: "100000000" }]
  const topics = [{ name: "a", numPartitions: 1, replicationFactor: 1, assignments: [], configs }]
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const partition = test.node.partition(test.node.metadata.topic("a")!.topicId, 0)!
  const order: Array<string> = []
  const send = (name: string, bytes: number, onAnswer: () => void = () => {}) => {
    const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 40_000_000 })
    builder.append({ timestamp: test.clock.wallMillis(), value: Buffer.alloc(bytes) })
    partition.append(builder.build(), { acks: 0, timeoutMillis: 30_000, produceVersion: 9 }, ({ baseOffset }: AppendOutcome) => {
      order.push(`${name}@${baseOffset}`)
      onAnswer()
    })
  }
  test.store.holdFlushes()
  send("in flight", 17_000_000)
  await test.settle()
  send("fills the backlog", 17_000_000)
  send("first", 10, () => send("fourth", 10))
  send("second", 10)
  send("third", 10)
  test.store.releaseFlushes()
  await test.settle()
  await test.settle()
  expect(order).toEqual(["in flight@0", "fills the backlog@1", "first@2", "second@3", "third@4", "fourth@5"])
})
