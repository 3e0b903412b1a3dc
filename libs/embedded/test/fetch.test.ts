import { ErrorCode, type FetchResponse } from "@tailrace/kafka-protocol"
import { beforeEach, describe, expect, it, vi } from "vitest"
import type { RequestOf } from "./support/codecs.ts"
import { batchOf, createTopic, fetch, fetchRequest, produce, produceRequest, recordsIn } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode } from "./support/SimulatedNode.ts"

let node: SimulatedNode
let client: SimulatedClient
let topicId: string

beforeEach(async () => {
  node = await SimulatedNode.start()
  client = await node.connect()
  topicId = await createTopic(client, "a", 3)
})

const at = (partition: number, fetchOffset = 0, partitionMaxBytes = 1 << 20) => ({ partition, fetchOffset, partitionMaxBytes })

/** What came of each partition: its number, error and records. */
const rows = ({ responses }: FetchResponse) =>
  responses.flatMap(({ partitions, topic }) =>
    partitions.map((it) => [`${topic}-${it.partitionIndex}`, it.errorCode, recordsIn(it.records).map(([, value]) => value)]))

describe("a fetch", () => {
  it("answers the batch that holds the offset, whole", async () => {
    await produce(client, "a", batchOf(["0", "1", "2"]))
    await produce(client, "a", batchOf(["3"]))
    expect(recordsIn((await fetch(client, "a", { offset: 1 })).records).map(([offset]) => offset)).toEqual([0, 1, 2, 3])
    expect(recordsIn((await fetch(client, "a", { offset: 3 })).records)).toEqual([[3, "3"]])
  })

  it("answers one batch even where it is larger than every limit (KIP-74), and no second one", async () => {
    const large = batchOf(["x"], { valueBytes: 1_000 })
    for (const index of [0, 0, 1]) await produce(client, "a", Buffer.from(large), { index })
    const ask = async (maxBytes: number, partitionMaxBytes: number) => {
      const topics = [{ topic: "a", partitions: [at(2), at(0, 0, partitionMaxBytes), at(1, 0, partitionMaxBytes)] }]
      const { responses } = await client.ask("Fetch", 12, { maxWaitMs: 0, minBytes: 1, maxBytes, topics })
      return responses[0]!.partitions.map((it) => it.records!.length / large.length)
    }
    expect(await ask(1, 1)).toEqual([0, 1, 0])
    expect(await ask(0, 0)).toEqual([0, 1, 0])
    expect(await ask(1 << 20, 1)).toEqual([0, 1, 0])
    expect(await ask(2.5 * large.length, 1 << 20)).toEqual([0, 2, 0])
    expect(await ask(1 << 20, 1 << 20)).toEqual([0, 2, 1])
  })

  it("does not wait for more than its limits let it take", async () => {
    const batch = batchOf(["x"], { valueBytes: 1_000 })
    for (let i = 0; i < 4; i++) await produce(client, "a", Buffer.from(batch))
    const before = node.clock.monotonicMillis()
    const topics = [{ topic: "a", partitions: [at(0, 0, 2.5 * batch.length)] }]
    const { responses } = await client.ask("Fetch", 12, { maxWaitMs: 10_000, minBytes: 1_000_000, maxBytes: 1 << 20, topics })
    expect(responses[0]!.partitions[0]!.records!.length).toBe(2 * batch.length)
    expect(node.clock.monotonicMillis() - before).toBeLessThan(1_000)
  })

  it("outside of the log is told so, and nothing else, as Kafka does it", async () => {
    await produce(client, "a", batchOf(["0", "1"]))
    for (const offset of [-1, 3]) {
      expect(await fetch(client, "a", { offset })).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, highWatermark: -1, logStartOffset: -1 })
    }
    expect(await fetch(client, "a", { offset: 2 })).toMatchObject({ errorCode: 0, highWatermark: 2 })
  })

  it("is answered OFFSET_OUT_OF_RANGE where retention was faster than a read that waited for the disk", async () => {
    node = await SimulatedNode.start({ store: { hasPendingReads: true }, directory: { tailCacheBytesMax: 0 } })
    client = await node.connect()
    await createTopic(client, "b")
    await produce(client, "b", batchOf(["0"]))
    await produce(client, "b", batchOf(["1"]))
    const log = [...node.node.partitions].find((it) => it.topic === "b")!.log
    const answer = client.raw.request("Fetch", 12, fetchRequest("b"))
    const read = log.read.bind(log)
    log.read = (...given) => {
      const pending = read(...given)
      log.advanceStartOffset(1)
      return pending
    }
    const { responses } = await node.run(answer)
    expect(responses[0]!.partitions[0]).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
  })

  it("by someone who claims to be a follower is refused", async () => {
    await produce(client, "a", batchOf(["0"]))
    const older = await client.ask("Fetch", 12, { ...fetchRequest("a"), replicaId: 1 })
    const newer = await client.ask("Fetch", 15, {
      maxWaitMs: 0, minBytes: 1, replicaState: { replicaId: 1, replicaEpoch: 1 }, topics: [{ topicId, partitions: [at(0)] }]
    })
    for (const { responses } of [older, newer]) {
      expect(responses[0]!.partitions[0]).toMatchObject({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, highWatermark: -1 })
    }
  })

  it("checks the leader epoch that the client knows (KIP-320)", async () => {
    await node.close()
    node = await SimulatedNode.start({ disk: node.disk })
    client = await node.connect()
    const ask = async (currentLeaderEpoch: number) => (await fetch(client, "a", { currentLeaderEpoch })).errorCode
    expect([await ask(-1), await ask(0), await ask(1), await ask(2)]).toEqual([0, ErrorCode.FENCED_LEADER_EPOCH, 0, ErrorCode.UNKNOWN_LEADER_EPOCH])
  })
})

describe("a long poll", () => {
  const poll = (more: Partial<RequestOf<"Fetch">> = {}) => client.raw.request("Fetch", 12, { ...fetchRequest("a"), maxWaitMs: 500, ...more })

  it("is answered when a record comes, and not before", async () => {
    const answer = poll()
    await node.advance(499)
    expect(client.raw.openRequests).toBe(1)
    const producer = await node.connect()
    await produce(producer, "a", batchOf(["x"]))
    expect(rows(await node.run(answer, 0))).toEqual([["a-0", 0, ["x"]]])
  })

  it("is answered without records when its time is up", async () => {
    const answer = poll()
    await node.advance(499)
    expect(client.raw.openRequests).toBe(1)
    expect(rows(await node.run(answer, 1))).toEqual([["a-0", 0, []]])
  })

  it("waits for as many bytes as it asks for, over all of its partitions", async () => {
    const producer = await node.connect()
    const batch = batchOf(["x"], { valueBytes: 100 })
    const answer = poll({ minBytes: 2 * batch.length, topics: [{ topic: "a", partitions: [at(0), at(1)] }] })
    await produce(producer, "a", Buffer.from(batch), { index: 1 })
    await node.settle()
    expect(client.raw.openRequests).toBe(1)
    await produce(producer, "a", Buffer.from(batch), { index: 0 })
    expect(rows(await node.run(answer, 0)).map(([name]) => name)).toEqual(["a-0", "a-1"])
  })

  it("does not read again what it has found too little of, while too little comes", async () => {
    const producer = await node.connect()
    const { log } = [...node.node.partitions].find((it) => it.topic === "a" && it.partition === 0)!
    const read = vi.spyOn(log, "read")
    const batch = batchOf(["x"], { valueBytes: 100 })
    const answer = poll({ maxWaitMs: 60_000, minBytes: 50 * batch.length, topics: [{ topic: "a", partitions: [at(0), at(1)] }] })
    for (let i = 0; i < 50; i++) {
      expect(client.raw.openRequests).toBe(1)
      await produce(producer, "a", Buffer.from(batch), { index: i % 2 })
      await node.settle()
    }
    expect(rows(await node.run(answer, 0)).map(([, , values]) => values)).toMatchObject({ 0: { length: 25 }, 1: { length: 25 } })
    expect(read.mock.calls.length).toBeLessThan(3)
    read.mockRestore()
  })

  it("reads what is cut off by a limit of its own, though it asks for more than that", async () => {
    const producer = await node.connect()
    const batch = batchOf(["x"], { valueBytes: 100 })
    const partition = { ...at(0), partitionMaxBytes: batch.length }
    const answer = poll({ maxWaitMs: 60_000, minBytes: 50 * batch.length, topics: [{ topic: "a", partitions: [partition] }] })
    await produce(producer, "a", Buffer.from(batch))
    await node.settle()
    expect(client.raw.openRequests).toBe(1)
    await produce(producer, "a", Buffer.from(batch))
    expect(rows(await node.run(answer, 0))[0]![2]).toHaveLength(1)
  })

  it("answers what there is when its time is up with less than it asks for", async () => {
    await produce(client, "a", batchOf(["x"]))
    const answer = poll({ minBytes: 100_000 })
    await node.advance(499)
    expect(client.raw.openRequests).toBe(1)
    expect(rows(await node.run(answer, 1))[0]![2]).toHaveLength(1)
  })

  it("waits beside a partition that does not exist, so that a client which still asks for a deleted topic has its rest", async () => {
    const answer = poll({ topics: [{ topic: "a", partitions: [at(0), at(9)] }] })
    await node.advance(499)
    expect(client.raw.openRequests).toBe(1)
    expect(rows(await node.run(answer, 1)).map(([, error]) => error)).toEqual([0, 3])
    const both = poll({ topics: [{ topic: "a", partitions: [at(0), at(9)] }] })
    await produce(await node.connect(), "a", batchOf(["x"]))
    expect(rows(await node.run(both, 0)).map(([, error, values]) => [error, values])).toEqual([[0, ["x"]], [3, []]])
  })

  it("is answered at once when one of its partitions is deleted, however many it waits for", async () => {
    await createTopic(client, "b")
    const admin = await node.connect()
    const ofTwoTopics = poll({ topics: [{ topic: "a", partitions: [at(0)] }, { topic: "b", partitions: [at(0)] }] })
    await node.settle()
    expect((await admin.ask("DeleteTopics", 5, { topicNames: ["b"], timeoutMs: 1_000 })).responses[0]!.errorCode).toBe(0)
    expect(rows(await node.run(ofTwoTopics, 0)).map(([name, error]) => [name, error])).toEqual([["a-0", 0], ["b-0", 3]])
    const ofOneTopic = poll({ topics: [{ topic: "a", partitions: [at(0), at(1), at(2)] }] })
    await node.settle()
    expect((await admin.ask("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })).responses[0]!.errorCode).toBe(0)
    expect(rows(await node.run(ofOneTopic, 0)).map(([, error]) => error)).toContain(3)
    await createTopic(client, "a")
    expect((await produce(client, "a", batchOf(["x"]))).errorCode).toBe(0)
  })

  it("is answered at once where one of its partitions was deleted while the read of another one waited for the disk", async () => {
    await createTopic(client, "b")
    await produce(client, "a", batchOf(["x"]))
    const { log } = [...node.node.partitions].find((it) => it.topic === "a" && it.partition === 0)!
    const read = log.read.bind(log)
    const held: Array<() => void> = []
    log.read = (...given) => new Promise((resolve) => held.push(() => resolve(read(...given))))
    const answer = poll({ maxWaitMs: 60_000, minBytes: 100_000, topics: [{ topic: "b", partitions: [at(0)] }, { topic: "a", partitions: [at(0)] }] })
    await node.settle()
    const admin = await node.connect()
    expect((await admin.ask("DeleteTopics", 5, { topicNames: ["b"], timeoutMs: 1_000 })).responses[0]!.errorCode).toBe(0)
    expect([client.raw.openRequests, held.length]).toEqual([1, 1])
    held[0]!()
    expect(rows(await node.run(answer, 0))).toEqual([["b-0", ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, []], ["a-0", 0, ["x"]]])
    expect(held).toHaveLength(1)
  })

  it("is answered at once where a partition has an error, none exists, or nothing is asked", async () => {
    expect(rows(await node.run(poll({ topics: [{ topic: "a", partitions: [at(0), at(1, 7)] }] }), 0)).map(([, error]) => error)).toEqual([0, 1])
    expect(rows(await node.run(poll({ topics: [{ topic: "a", partitions: [at(9)] }] }), 0)).map(([, error]) => error)).toEqual([3])
    expect(rows(await node.run(poll({ topics: [] }), 0))).toEqual([])
    expect(rows(await node.run(poll({ minBytes: 0 }), 0))).toHaveLength(1)
  })

  it("does not see what is not committed", async () => {
    node.store.holdFlushes()
    client.raw.send("Produce", 9, produceRequest("a", batchOf(["x"])))
    const reader = await node.connect()
    const answer = reader.raw.request("Fetch", 12, { ...fetchRequest("a"), maxWaitMs: 500 })
    await node.advance(400)
    expect(reader.raw.openRequests).toBe(1)
    node.store.releaseFlushes()
    expect(rows(await node.run(answer, 0))).toEqual([["a-0", 0, ["x"]]])
  })

  it("is forgotten when its connection ends", async () => {
    const timers = node.clock.nextDueMillis
    for (let i = 0; i < 3; i++) {
      const reader = await node.connect()
      reader.raw.send("Fetch", 12, { ...fetchRequest("a"), maxWaitMs: 1 })
      reader.raw.close()
      await node.settle()
    }
    expect([node.listener.metrics.connections, node.listener.frameBytesInFlight]).toEqual([1, 0])
    expect(node.clock.nextDueMillis).toBe(timers)
    expect((await produce(client, "a", batchOf(["x"]))).errorCode).toBe(0)
  })
})

describe("a fetch session (KIP-227)", () => {
  const session = (sessionId: number, sessionEpoch: number, more: Partial<RequestOf<"Fetch">> = {}, version = 12) =>
    client.ask("Fetch", version, { maxWaitMs: 0, minBytes: 1, topics: [], ...more, sessionId, sessionEpoch })
  const both = { topics: [{ topic: "a", partitions: [at(0), at(1)] }] }

  it("answers only what has changed", async () => {
    await produce(client, "a", batchOf(["x"]))
    const first = await session(0, 0, both)
    expect(first.sessionId).toBeGreaterThan(0)
    expect(rows(first)).toEqual([["a-0", 0, ["x"]], ["a-1", 0, []]])
    // Offsets that move are named; what is not named stays as it was.
    const second = await session(first.sessionId, 1, { topics: [{ topic: "a", partitions: [at(0, 1)] }] })
    expect([second.sessionId, rows(second)]).toEqual([first.sessionId, []])
    await produce(client, "a", batchOf(["y"]), { index: 1 })
    expect(rows(await session(first.sessionId, 2))).toEqual([["a-1", 0, ["y"]]])
    // Without a new offset the same records come again.
    expect(rows(await session(first.sessionId, 3))).toEqual([["a-1", 0, ["y"]]])
    expect(rows(await session(first.sessionId, 4, { forgottenTopicsData: [{ topic: "a", partitions: [1] }] }))).toEqual([])
    await produce(client, "a", batchOf(["z"]), { index: 0 })
    expect(rows(await session(first.sessionId, 5))).toEqual([["a-0", 0, ["z"]]])
  })

  it("refuses ids and epochs that it does not know, and goes on with the right ones", async () => {
    const { sessionId } = await session(0, 0, both)
    expect(await session(sessionId, 2)).toMatchObject({ errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH, sessionId: 0, responses: [] })
    expect(await session(sessionId + 1, 1)).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] })
    expect(await session(sessionId, 1, {}, 13)).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR })
    expect(await session(sessionId, 1)).toMatchObject({ errorCode: 0, sessionId })
    expect(await session(sessionId, 1)).toMatchObject({ errorCode: ErrorCode.INVALID_FETCH_SESSION_EPOCH })
  })

  it("ends when it is closed, made anew, or has nothing left", async () => {
    const first = await session(0, 0, both)
    expect(await session(first.sessionId, -1, both)).toMatchObject({ errorCode: 0, sessionId: 0 })
    expect((await session(first.sessionId, 1)).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    const second = await session(0, 0, both)
    const third = await session(second.sessionId, 0, both)
    expect((await session(second.sessionId, 1)).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    const emptied = await session(third.sessionId, 1, { forgottenTopicsData: [{ topic: "a", partitions: [0, 1] }] })
    expect(emptied).toMatchObject({ errorCode: 0, sessionId: 0, responses: [] })
  })

  it("works by topic id, and notices that a topic is gone", async () => {
    const byId = { topics: [{ topicId, partitions: [at(0)] }] }
    const { responses, sessionId } = await session(0, 0, byId, 13)
    expect(responses[0]!.topicId).toBe(topicId)
    await client.ask("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })
    const after = await session(sessionId, 1, {}, 13)
    expect(after.responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })

  it("gives every partition its turn where a limit lets few answer", async () => {
    const batch = batchOf(["x"], { valueBytes: 1_000 })
    for (const index of [0, 1, 2]) await produce(client, "a", Buffer.from(batch), { index })
    const { sessionId } = await session(0, 0, { maxBytes: 1, topics: [{ topic: "a", partitions: [at(0), at(1), at(2)] }] })
    const served: Array<number> = []
    for (const epoch of [1, 2, 3]) {
      const next = await session(sessionId, epoch, { maxBytes: 1 })
      served.push(next.responses.flatMap((it) => it.partitions).find((it) => it.records!.length > 0)!.partitionIndex)
    }
    expect(served.toSorted()).toEqual([0, 1, 2])
  })

  it("is given up for another only when it was idle for long; otherwise the other one has none", async () => {
    node = await SimulatedNode.start({ properties: { "max.incremental.fetch.session.cache.slots": "1" } })
    client = await node.connect()
    await createTopic(client, "a", 3)
    const first = await session(0, 0, both)
    expect((await session(0, 0, both)).sessionId).toBe(0)
    await node.advance(119_000)
    expect((await session(first.sessionId, 1)).errorCode).toBe(0)
    await node.advance(119_000)
    expect((await session(0, 0, both)).sessionId).toBe(0)
    await node.advance(1_000)
    expect((await session(0, 0, both)).sessionId).toBeGreaterThan(0)
    expect((await session(first.sessionId, 2)).errorCode).toBe(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
  })
})
