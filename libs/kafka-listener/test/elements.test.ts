import { ApiKey, decodeListOffsetsResponse, encodeListOffsetsRequest } from "@tailrace/kafka-protocol"
import { expect, it } from "vitest"
import { defaultListenerLimits } from "../src/index.ts"
import { Fixture } from "./Fixture.ts"
import { topic } from "./StubBroker.ts"

const listOffsets = { encode: encodeListOffsetsRequest, decode: decodeListOffsetsResponse }

/** With its topic one element more than it has partitions. */
const ofPartitions = (count: number) => ({
  replicaId: -1, topics: [{ name: topic, partitions: Array.from({ length: count }, (_, partitionIndex) => ({ partitionIndex, timestamp: -1 })) }]
})

it("a request with more elements than the limit closes its connection, and nobody looks anything up for it", async () => {
  const elements = defaultListenerLimits.requestElementsMax
  const fixture = await Fixture.start({}, { windowBytes: 1 << 24 })
  const client = await fixture.connect()
  client.send(ApiKey.ListOffsets, 1, encodeListOffsetsRequest, ofPartitions(elements))
  await fixture.settle()
  expect([client.isClosed, fixture.orders.lookups, fixture.listener.metrics.closedForMalformedRequest]).toEqual([true, 0, 1])
  expect(fixture.listener.frameBytesInFlight).toBe(0)
})

it("a request with as many elements as the limit is answered", async () => {
  const fixture = await Fixture.start({ requestElementsMax: 1_000 }, { windowBytes: 1 << 20 })
  const answer = await fixture.ask(await fixture.connect(), ApiKey.ListOffsets, 1, listOffsets, ofPartitions(999))
  expect(answer.topics[0]!.partitions).toHaveLength(999)
  const other = await fixture.connect()
  other.send(ApiKey.ListOffsets, 1, encodeListOffsetsRequest, ofPartitions(1_000))
  await fixture.settle()
  expect(other.isClosed).toBe(true)
})
