import { ErrorCode } from "@tailrace/kafka-protocol"
import { Batch, CompressionType } from "@tailrace/record"
import { recordCodecs } from "@tailrace/codecs"
import { beforeEach, describe, expect, it } from "vitest"
import { batchOf, createTopic, fetch, outcomeOf, produce, produceRequest, recordsIn } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode } from "./support/SimulatedNode.ts"

let node: SimulatedNode
let client: SimulatedClient

beforeEach(async () => {
  node = await SimulatedNode.start()
  client = await node.connect()
  await createTopic(client, "a", 2)
})

const now = () => node.clock.wallMillis()
const signed = (batch: Buffer): Buffer => {
  batch.writeUInt32BE(recordCodecs.crc32c(batch.subarray(21)), 17)
  return batch
}

describe("acks", () => {
  it("of 0 are never answered, and the records are there", async () => {
    client.raw.send("Produce", 9, produceRequest("a", batchOf(["x"]), { acks: 0 }))
    await client.ask("ApiVersions", 0, {})
    expect(client.raw.answers).toHaveLength(2)
    expect(recordsIn((await fetch(client, "a")).records)).toEqual([[0, "x"]])
    expect(node.listener.frameBytesInFlight).toBe(0)
  })

  it.each([
    ["unknown topic", "missing", batchOf(["x"])],
    ["batch that is damaged", "a", Buffer.alloc(100)],
    ["batch that is missing", "a", null]
  ])("of 0 close the connection for an %s", async (_, topic, records) => {
    const other = await node.connect()
    other.raw.send("Produce", 9, produceRequest(topic, records, { acks: 0 }))
    await node.settle()
    expect([other.raw.isClosed, client.raw.isClosed, node.listener.frameBytesInFlight]).toEqual([true, false, 0])
  })

  it("of anything but -1, 0 and 1 are refused", async () => {
    for (const acks of [2, -2]) {
      expect(await produce(client, "a", batchOf(["x"]), { acks })).toMatchObject({ errorCode: ErrorCode.INVALID_REQUIRED_ACKS, baseOffset: -1 })
    }
    expect((await fetch(client, "a")).highWatermark).toBe(0)
  })
})

describe("a produce", () => {
  it("writes each partition's batch by itself: one that is refused leaves the others", async () => {
    const { responses } = await client.ask("Produce", 9, {
      acks: -1,
      timeoutMs: 1_000,
      topicData: [
        { name: "a", partitionData: [{ index: 0, records: batchOf(["x"]) }, { index: 1, records: Buffer.alloc(80) }] },
        { name: "b", partitionData: [{ index: 0, records: batchOf(["x"]) }] }
      ]
    })
    expect(responses.map(({ partitionResponses }) => partitionResponses.map((it) => it.errorCode))).toEqual([[0, 2], [3]])
  })

  it("gives every batch its offset and epoch and leaves its checksum true", async () => {
    const first = batchOf(["x", "y"])
    await produce(client, "a", first)
    await produce(client, "a", batchOf(["z"]))
    const { records } = await fetch(client, "a")
    expect(recordsIn(records)).toEqual([[0, "x"], [1, "y"], [2, "z"]])
    Batch.forEach(records!, 0, records!.length, (at) => {
      expect(Batch.check(records!, at, records!.length, recordCodecs.crc32c)).toBeUndefined()
      expect(Batch.leaderEpoch(records!, at)).toBe(0)
    })
    expect(records!.subarray(16, first.length)).toEqual(first.subarray(16))
  })

  const changed = (change: (batch: Buffer) => void): Buffer => {
    const batch = batchOf(["x", "y"])
    change(batch)
    return signed(batch)
  }
  it.each([
    ["a wrong checksum", 2, () => { const it = batchOf(["x"]); it[17]! ^= 1; return it }],
    ["no bytes", 87, () => Buffer.alloc(0)],
    ["two batches", 87, () => Buffer.concat([batchOf(["x"]), batchOf(["y"])])],
    ["magic 1", 87, () => changed((it) => it.writeInt8(1, 16))],
    ["a control batch", 87, () => changed((it) => it.writeInt16BE(32, 21))],
    ["a wrong count", 87, () => changed((it) => it.writeInt32BE(3, 57))],
    ["a base offset", 87, () => changed((it) => it.writeBigInt64BE(5n, 0))],
    ["a timestamp type", 32, () => changed((it) => it.writeInt16BE(8, 21))],
    ["a codec that does not exist", 76, () => changed((it) => it.writeInt16BE(5, 21))],
    ["a transaction", 48, () => changed((it) => it.writeInt16BE(16, 21))]
  ])("is refused with %s: %i", async (_, errorCode, records) => {
    expect(await produce(client, "a", records())).toMatchObject({ errorCode, baseOffset: -1 })
    expect((await produce(client, "a", batchOf(["ok"]))).baseOffset).toBe(0)
  })

  it("may carry zstd from version 7 on", async () => {
    const records = () => { const it = batchOf(["x"]); it.writeInt16BE(CompressionType.zstd, 21); return signed(it) }
    expect(outcomeOf(await client.ask("Produce", 6, produceRequest("a", records()))).errorCode).toBe(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE)
    expect(outcomeOf(await client.ask("Produce", 7, produceRequest("a", records()))).errorCode).toBe(0)
  })

  it("of a transaction is refused by a code that no client retries", async () => {
    const response = await client.ask("Produce", 9, { ...produceRequest("a", batchOf(["x"])), transactionalId: "tx" })
    expect(outcomeOf(response).errorCode).toBe(ErrorCode.INVALID_TXN_STATE)
  })

  it("to an internal topic is for the admin client alone", async () => {
    await client.ask("FindCoordinator", 0, { key: "g" })
    const request = () => produceRequest("__consumer_offsets", batchOf(["x"]))
    expect(outcomeOf(await client.ask("Produce", 9, request())).errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
    expect(outcomeOf(await client.ask("Produce", 9, request(), { clientId: "__admin_client" })).errorCode).toBe(0)
  })

  it("by topic id never reaches a topic that took the name", async () => {
    const old = await createTopic(client, "b")
    await client.ask("DeleteTopics", 5, { topicNames: ["b"], timeoutMs: 1_000 })
    await createTopic(client, "b")
    const response = await client.ask("Produce", 13, {
      acks: -1, timeoutMs: 1_000, topicData: [{ topicId: old, partitionData: [{ index: 0, records: batchOf(["x"]) }] }]
    })
    expect(outcomeOf(response).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })
})

describe("an idempotent producer", () => {
  const send = (baseSequence: number, values = ["x"], producerEpoch = 0, index = 0) =>
    produce(client, "a", batchOf(values, { producer: { producerId: 7, producerEpoch, baseSequence }, timestamp: now() }), { index })

  it("has its repetitions answered with the old offset, and nothing written twice", async () => {
    expect((await send(0, ["a", "b"])).baseOffset).toBe(0)
    expect((await send(2, ["c"])).baseOffset).toBe(2)
    expect(await send(0, ["a", "b"])).toMatchObject({ errorCode: 0, baseOffset: 0 })
    expect(await send(2, ["c"])).toMatchObject({ errorCode: 0, baseOffset: 2 })
    expect(recordsIn((await fetch(client, "a")).records)).toEqual([[0, "a"], [1, "b"], [2, "c"]])
  })

  it("may not leave a gap", async () => {
    await send(0)
    expect((await send(2)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect((await send(1)).errorCode).toBe(0)
    // Sequences count per partition.
    expect((await send(5, ["x"], 0, 1)).errorCode).toBe(0)
  })

  it("that comes back with an older epoch is fenced, and a new epoch begins at 0", async () => {
    await send(0, ["x"], 3)
    expect((await send(1, ["x"], 2)).errorCode).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    expect((await send(1, ["x"], 4)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect((await send(0, ["x"], 4)).errorCode).toBe(0)
  })

  it("gets the time of the original for a repetition where the log stamps", async () => {
    await createTopic(client, "stamped", 1, { "message.timestamp.type": "LogAppendTime" })
    const send = () => produce(client, "stamped", batchOf(["x"], { producer: { producerId: 7, producerEpoch: 0, baseSequence: 0 }, timestamp: 5 }))
    const { logAppendTimeMs } = await send()
    await node.advance(1_000)
    expect(await send()).toMatchObject({ errorCode: 0, baseOffset: 0, logAppendTimeMs })
  })

  it("keeps its order where several of its batches arrive in one turn", async () => {
    const requests = [0, 1, 2, 1, 3].map((baseSequence) =>
      client.raw.request("Produce", 9, produceRequest("a", batchOf([`${baseSequence}`], { producer: { producerId: 9, producerEpoch: 0, baseSequence } }))))
    const outcomes = (await node.run(Promise.all(requests))).map(outcomeOf)
    expect(outcomes.map((it) => [it.errorCode, it.baseOffset])).toEqual([[0, 0], [0, 1], [0, 2], [0, 1], [0, 3]])
  })
})

describe("ListOffsets by timestamp", () => {
  it("finds the first record at or after a time, inside of a batch too, and the record with the newest time", async () => {
    await produce(client, "a", batchOf(["0", "1", "2"], { timestamp: 1_000 }))
    await produce(client, "a", batchOf(["3", "4"], { timestamp: 5_000 }))
    await produce(client, "a", batchOf(["5"], { timestamp: 4_000 }))
    const find = async (timestamp: number) => {
      const topics = [{ name: "a", partitions: [{ partitionIndex: 0, timestamp }] }]
      const { offset, timestamp: found } = (await client.ask("ListOffsets", 7, { replicaId: -1, topics })).topics[0]!.partitions[0]!
      return [offset, found]
    }
    expect(await find(0)).toEqual([0, 1_000])
    expect(await find(1_001)).toEqual([1, 1_001])
    expect(await find(1_003)).toEqual([3, 5_000])
    expect(await find(5_001)).toEqual([4, 5_001])
    expect(await find(5_002)).toEqual([-1, -1])
    expect(await find(-3)).toEqual([4, 5_001])
    expect(await find(-1)).toEqual([6, -1])
    expect(await find(-2)).toEqual([0, -1])
  })

  it("answers for an empty partition", async () => {
    const ask = async (timestamp: number) => {
      const topics = [{ name: "a", partitions: [{ partitionIndex: 1, timestamp }] }]
      const { errorCode, offset } = (await client.ask("ListOffsets", 8, { replicaId: -1, topics })).topics[0]!.partitions[0]!
      return [errorCode, offset]
    }
    expect(await Promise.all([-1, -2, -3, -4, 0].map(ask))).toEqual([[0, 0], [0, 0], [0, -1], [0, 0], [0, -1]])
  })

  it("says of a partition alone that a batch in it holds no readable records, and answers for the others", async () => {
    for (const compression of [CompressionType.none, CompressionType.gzip, CompressionType.snappy, CompressionType.lz4, CompressionType.zstd]) {
      const name = `unreadable-${compression}`
      await createTopic(client, name, 2)
      const batch = batchOf(["0", "1"], { timestamp: 1_000 })
      batch.fill(0xff, Batch.headerBytes).writeInt16BE(compression, 21)
      expect((await produce(client, name, signed(batch))).errorCode).toBe(0)
      await produce(client, name, batchOf(["2"], { timestamp: 1_000 }), { index: 1 })
      for (const timestamp of [1_000, -3]) {
        const topics = [{ name, partitions: [0, 1].map((partitionIndex) => ({ partitionIndex, timestamp })) }]
        const { partitions } = (await client.ask("ListOffsets", 7, { replicaId: -1, topics })).topics[0]!
        expect(partitions.map(({ errorCode, offset }) => [errorCode, offset])).toEqual([[ErrorCode.UNKNOWN_SERVER_ERROR, -1], [0, 0]])
      }
    }
    expect(node.log.lines).toEqual([])
  })

  it("checks the leader epoch that the client knows", async () => {
    const ask = async (currentLeaderEpoch: number) => {
      const topics = [{ name: "a", partitions: [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch }] }]
      return (await client.ask("ListOffsets", 4, { replicaId: -1, topics })).topics[0]!.partitions[0]!.errorCode
    }
    expect([await ask(-1), await ask(0), await ask(1)]).toEqual([0, 0, ErrorCode.UNKNOWN_LEADER_EPOCH])
  })
})
