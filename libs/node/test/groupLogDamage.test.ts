import type { GroupCallName, GroupCalls } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { SimulatedDisk } from "@tailrace/log"
import { offsetsTopic } from "@tailrace/metadata"
import { expect, it } from "vitest"
import { TestNode } from "./TestNode.ts"

const groupId = "billing"
/** Its bytes are nowhere else in the log. */
const committedOffset = 0x0001_0203_0405

async function ask<K extends GroupCallName>(test: TestNode, kind: K, request: GroupCalls[K]["request"]): Promise<GroupCalls[K]["response"] | number> {
  return test.run(new Promise((resolve) => void test.node.groups.ask(kind, request, resolve)))
}

async function committed(test: TestNode): Promise<number | undefined> {
  const answer = await ask(test, "fetchOffsets", { groupId, memberId: null, memberEpoch: -1, topics: null })
  return typeof answer === "number" ? -answer : answer.topics[0]?.partitions[0]?.committedOffset
}

/** A node that has committed an offset, and begun again since, so that its memory has nothing of the log. */
async function restarted(): Promise<{ readonly test: TestNode; readonly disk: SimulatedDisk }> {
  const disk = new SimulatedDisk()
  const first = await TestNode.start(disk)
  await first.run(first.node.groups.find([groupId]))
  const topics = [{ name: "orders", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  await first.run(first.node.controller.ask("createTopics", { topics, timeoutMs: 0, validateOnly: false }, 7))
  await ask(first, "commitOffsets", {
    groupId, apiVersion: 8, memberId: "", generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1,
    topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: "" }] }]
  })
  const copy = disk.copy()
  return { test: await TestNode.start(copy), disk: copy }
}

it("a coordinator believes nothing of a log that is not what was written", async () => {
  const { disk, test } = await restarted()
  await test.advance(100)
  expect(await committed(test)).toBe(committedOffset)
  const { log, topicId } = test.node.partition(test.node.metadata.topic(offsetsTopic)!.topicId, 0)!
  const { chunks } = await test.run(Promise.resolve(log.read(0, 1_000_000, log.appendedEnd, true)))
  const number = Buffer.alloc(8)
  number.writeBigInt64BE(BigInt(committedOffset))
  const at = chunks[0]!.indexOf(number)
  disk.corrupt(topicId, 0, 0, 8 * (at + 7))
  const [shard] = test.node.groups.all()
  shard!.load()
  await test.advance(100)
  expect(await committed(test)).toBe(-ErrorCode.COORDINATOR_NOT_AVAILABLE)
  expect(log.fault).toMatchObject({ offset: 0, reason: "crc" })
})
