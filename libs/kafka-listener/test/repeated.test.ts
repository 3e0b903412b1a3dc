import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey } from "@tailrace/kafka-protocol"
import { expect, it, vi } from "vitest"
import { Fixture } from "./Fixture.ts"
import { topic } from "./StubBroker.ts"

const describeLogDirs = { encode: protocol.encodeDescribeLogDirsRequest, decode: protocol.decodeDescribeLogDirsResponse }

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
