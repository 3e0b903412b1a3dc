import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey } from "@tailrace/kafka-protocol"
import { expect, it, vi } from "vitest"
import { Fixture } from "./Fixture.ts"
import { topic } from "./StubBroker.ts"

const describeLogDirs = { encode: protocol.encodeDescribeLogDirsRequest, decode: protocol.decodeDescribeLogDirsResponse }
const deleteRecords = { encode: protocol.encodeDeleteRecordsRequest, decode: protocol.decodeDeleteRecordsResponse }

it("DescribeLogDirs: a topic that is named again adds its partitions to those before", async () => {
  const fixture = await Fixture.start({}, { windowBytes: 1 << 20 })
  fixture.broker.dirs = [{
    path: "/data", errorCode: 0, totalBytes: 1_000, usableBytes: 400,
    replicas: [0, 499, 500].map((partition) => ({ topic, partition, sizeBytes: 1, offsetLag: 0 }))
  }]
  const client = await fixture.connect()
  const visited = vi.spyOn(Set.prototype, Symbol.iterator)
  const topics = Array.from({ length: 500 }, (_, i) => ({ topic, partitions: [i] }))
  const answer = await fixture.ask(client, ApiKey.DescribeLogDirs, 4, describeLogDirs, { topics })
  const copies = visited.mock.calls.length
  visited.mockRestore()
  expect(answer.results[0]!.topics[0]!.partitions.map(({ partitionIndex }) => partitionIndex)).toEqual([0, 499])
  expect(copies).toBeLessThan(100)
})

it("DeleteRecords: a partition that is named again is deleted from once, up to the last offset, as in Kafka", async () => {
  const fixture = await Fixture.start({}, { windowBytes: 1 << 20 })
  const client = await fixture.connect()
  const deleted = vi.spyOn(fixture.orders, "deleteRecords")
  const partitions = Array.from({ length: 1_000 }, (_, i) => ({ partitionIndex: 0, offset: i }))
  const topics = [{ name: topic, partitions }, { name: "missing", partitions: [{ partitionIndex: 1, offset: 0 }] }, { name: topic, partitions: [{ partitionIndex: 0, offset: 7 }] }]
  const answer = await fixture.ask(client, ApiKey.DeleteRecords, 2, deleteRecords, { timeoutMs: 1_000, topics })
  expect(answer.topics).toEqual([
    { name: topic, partitions: [{ partitionIndex: 0, errorCode: 0, lowWatermark: 7 }] },
    { name: "missing", partitions: [{ partitionIndex: 1, errorCode: 3, lowWatermark: -1 }] }
  ])
  expect(deleted.mock.calls).toEqual([[7, 1_000]])
})
