import { recordCodecs } from "@tailrace/codecs"
import type { GroupCalls } from "@tailrace/contracts"
import { BatchBuilder } from "@tailrace/record"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis

const jumps = ({ log }: TestNode): number => log.lines.filter((line) => line.includes("the wall clock jumped")).length

/** A partition to which a producer with an id has written. */
const partitionWithProducer = async (test: TestNode) => {
  const topics = [{ name: "t", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const partition = test.node.partition(test.node.metadata.topic("t")!.topicId, 0)!
  const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 1_000 })
  builder.append({ timestamp: test.clock.wallMillis(), value: "a" })
  const batch = builder.build({ producerId: 1, producerEpoch: 0, baseSequence: 0 })
  partition.append(batch, { acks: -1, timeoutMillis: 1_000, produceVersion: 9 }, () => {})
  await test.settle()
  return { producers: () => Array.from(partition.log.producers.describe(), ({ producerId }) => producerId) }
}

it("a wall clock that jumps ahead makes no producer forgotten while it can be set right", async () => {
  const test = await TestNode.start()
  const { producers } = await partitionWithProducer(test)
  test.clock.jumpWall(30 * dayMillis)
  await test.advance(hourMillis / 2)
  expect([producers(), jumps(test)]).toEqual([[1], 1])
  test.clock.jumpWall(-30 * dayMillis)
  await test.advance(2 * hourMillis)
  expect([producers(), jumps(test)]).toEqual([[1], 1])
  await test.advance(dayMillis)
  expect(producers()).toEqual([])
})

it("a wall clock that stays where it jumped to is believed in the end", async () => {
  const test = await TestNode.start()
  const { producers } = await partitionWithProducer(test)
  test.clock.jumpWall(30 * dayMillis)
  await test.advance(2 * hourMillis)
  expect([producers(), jumps(test)]).toEqual([[], 1])
})

it("a wall clock that jumps ahead takes no group's offsets before it has stayed there for a while", async () => {
  const test = await TestNode.start()
  await test.run(test.node.groups.find(["g"]))
  const topics = [{ name: "t", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await test.run(test.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  const commit: GroupCalls["commitOffsets"]["request"] = {
    groupId: "g", apiVersion: 8, memberId: "", generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1,
    topics: [{ name: "t", partitions: [{ partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: -1, committedMetadata: "" }] }]
  }
  test.node.groups.ask("commitOffsets", commit, () => {})
  const offset = async (): Promise<number | undefined> => {
    let found: number | undefined
    test.node.groups.ask("fetchOffsets", { groupId: "g", memberId: null, memberEpoch: -1, topics: null }, (answer) => {
      found = typeof answer === "number" ? -answer : answer.topics[0]?.partitions[0]?.committedOffset
    })
    await test.settle()
    return found
  }
  await test.settle()
  test.clock.jumpWall(30 * dayMillis)
  await test.advance(hourMillis / 2)
  expect([await offset(), jumps(test)]).toEqual([5, 1])
  await test.advance(2 * hourMillis)
  expect([await offset(), jumps(test)]).toEqual([undefined, 1])
})
