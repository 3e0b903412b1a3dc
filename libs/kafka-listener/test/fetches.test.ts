import { ApiKey, encodeFetchRequest, encodeJoinGroupRequest, encodeProduceRequest } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { Fixture } from "./Fixture.ts"
import type { RawClient } from "./RawClient.ts"
import { topic } from "./StubBroker.ts"

const fetch = (client: RawClient, { bytes = 1 << 20, maxWaitMs = 60_000, minBytes = 1 } = {}) =>
  client.send(ApiKey.Fetch, 12, encodeFetchRequest, {
    maxWaitMs, minBytes, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: bytes }] }]
  })

const produce = (client: RawClient) =>
  client.send(ApiKey.Produce, 9, encodeProduceRequest, {
    acks: -1, timeoutMs: 1_000, topicData: [{ name: topic, partitionData: [{ index: 0, records: Buffer.alloc(100) }] }]
  })

const join = (client: RawClient) =>
  client.send(ApiKey.JoinGroup, 3, encodeJoinGroupRequest, {
    groupId: "g", memberId: "", sessionTimeoutMs: 10_000, protocolType: "consumer", protocols: []
  })

/** A broker whose reads wait for a test, and bring so many bytes. */
async function startCold(bytes: number, limits = {}): Promise<{ fixture: Fixture; pending: Array<() => void> }> {
  const fixture = await Fixture.start(limits, { windowBytes: 1 << 16 })
  const pending: Array<() => void> = fixture.orders.pendingReads = []
  fixture.orders.chunks = [Buffer.alloc(bytes)]
  return { fixture, pending }
}

describe("the fetches of one connection", () => {
  it("are read one after the other, and other requests do not wait for them", async () => {
    const { fixture, pending } = await startCold(10)
    const client = await fixture.connect()
    for (let i = 0; i < 10; i++) fetch(client)
    produce(client)
    for (let answered = 0; answered < 10; answered++) {
      await fixture.settle()
      expect([pending.length, client.answers.length, fixture.orders.appends.length]).toEqual([1, answered, 1])
      pending.shift()!()
    }
    await fixture.settle()
    fixture.orders.appends[0]!.done()
    await fixture.settle()
    expect(client.answers).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect([fixture.listener.frameBytesInFlight, fixture.listener.answerBytesInFlight]).toEqual([0, 0])
  })

  it("wait one behind the other for records, each no longer than it says", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    fetch(client, { maxWaitMs: 100 })
    fetch(client, { maxWaitMs: 300 })
    fetch(client, { maxWaitMs: 200 })
    await fixture.settle()
    expect([fixture.orders.waiters.size, fixture.orders.reads]).toEqual([1, 1])
    await fixture.clock.advanceSettled(100)
    expect([fixture.orders.waiters.size, client.answers]).toEqual([1, [1]])
    await fixture.clock.advanceSettled(200)
    expect([fixture.orders.waiters.size, client.answers]).toEqual([0, [1, 2, 3]])
  })

  it("wait until the peer has read, all but the first thing that is to be answered", async () => {
    const { fixture, pending } = await startCold(30_000, { outputBytesMax: 20_000 })
    pending.push = (read) => {
      queueMicrotask(read)
      return 0
    }
    const client = await fixture.connect()
    join(client)
    for (let i = 0; i < 6; i++) fetch(client)
    await fixture.settle()
    // The first one's answer waits for the member that joins.
    expect(fixture.orders.reads).toBe(1)
    client.connection.pause()
    fixture.broker.groupCalls[0]!.answer(16)
    await fixture.settle()
    const [server] = fixture.accepted
    expect(server!.bufferedBytes).toBeLessThan(20_000 + 2 * 30_000)
    expect(fixture.orders.reads).toBeLessThan(6)
    client.connection.resume()
    await fixture.settle()
    expect([client.answers.length, fixture.orders.reads, fixture.listener.answerBytesInFlight]).toEqual([7, 6, 0])
  })

  it("are read no further when it has ended", async () => {
    const { fixture, pending } = await startCold(10)
    const client = await fixture.connect()
    fixture.broker.partition = () => fixture.orders
    const partitions = Array.from({ length: 50 }, (_, partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1_000 }))
    client.send(ApiKey.Fetch, 12, encodeFetchRequest, { maxWaitMs: 60_000, minBytes: 1, topics: [{ topic, partitions }] })
    await fixture.settle()
    pending.shift()!()
    await fixture.settle()
    expect(fixture.orders.reads).toBe(2)
    client.connection.destroy()
    await fixture.settle()
    expect(fixture.listener.frameBytesInFlight).toBe(0)
    for (let i = 0; i < 50; i++) {
      pending.shift()?.()
      await fixture.settle()
    }
    expect([fixture.orders.reads, fixture.listener.answerBytesInFlight, fixture.log.lines]).toEqual([2, 0, []])
  })

  it("do not hold up the end of the listener while they wait for one another", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (let i = 0; i < 5; i++) fetch(client)
    await fixture.settle()
    let isClosed = false
    void fixture.listener.close().then(() => {
      isClosed = true
    })
    await fixture.clock.advanceSettled(1_000)
    expect([isClosed, fixture.orders.waiters.size, fixture.listener.frameBytesInFlight]).toEqual([true, 0, 0])
  })
})

describe("the answers of all connections", () => {
  it("share a budget: each fetch reads what it asks for or half of what is left, until the peers have read", async () => {
    const { fixture, pending } = await startCold(1_000, { answerBytesMax: 4_000 })
    const clients = await Promise.all(Array.from({ length: 5 }, () => fixture.connect()))
    for (const client of clients) fetch(client, { bytes: 1_500 })
    await fixture.settle()
    expect(fixture.orders.asked).toEqual([1_500, 1_250, 625, 312, 156])
    expect(fixture.listener.answerBytesInFlight).toBe(3_843)
    for (const read of pending.splice(0)) read()
    await fixture.settle()
    expect([clients.map(({ answers }) => answers.length), fixture.listener.answerBytesInFlight]).toEqual([[1, 1, 1, 1, 1], 0])
  })

  it("do not shrink by what a partition brought beyond its own limit, while there is room", async () => {
    const fixture = await Fixture.start()
    fixture.broker.partition = () => fixture.orders
    fixture.orders.chunks = [Buffer.alloc(1_000)]
    const client = await fixture.connect()
    const partitions = [1, 2_500].map((partitionMaxBytes, partition) => ({ partition, fetchOffset: 0, partitionMaxBytes }))
    client.send(ApiKey.Fetch, 12, encodeFetchRequest, { maxWaitMs: 0, minBytes: 1, topics: [{ topic, partitions }] })
    await fixture.settle()
    expect(fixture.orders.asked).toEqual([1, 2_500])
  })

  it("count until the socket has taken them; beside them everybody gets one batch at once, and does not wait for more", async () => {
    const { fixture, pending } = await startCold(200_000, { answerBytesMax: 100_000 })
    const slow = await fixture.connect()
    slow.connection.pause()
    fetch(slow)
    await fixture.settle()
    pending.shift()!()
    await fixture.settle()
    expect(fixture.listener.answerBytesInFlight).toBeGreaterThan(100_000)
    const other = await fixture.connect()
    fixture.orders.chunks = [Buffer.alloc(100)]
    fetch(other, { minBytes: 50_000 })
    await fixture.settle()
    expect(fixture.orders.asked.at(-1)).toBe(0)
    pending.shift()!()
    await fixture.settle()
    expect(other.answers).toEqual([1])
    // Where there is nothing it waits, as always: its client would ask again at once.
    fixture.orders.chunks = []
    fetch(other)
    await fixture.settle()
    pending.shift()!()
    await fixture.settle()
    expect([other.answers, fixture.orders.waiters.size]).toEqual([[1], 1])
    slow.connection.resume()
    await fixture.settle()
    expect([slow.answers, fixture.listener.answerBytesInFlight]).toEqual([[1], 0])
  })

  it("do not count where a read failed, though their connection has ended", async () => {
    const { fixture } = await startCold(1_000)
    const [ended, open] = [await fixture.connect(), await fixture.connect()]
    const failures: Array<() => void> = []
    fixture.orders.read = () => new Promise((_, reject) => failures.push(() => reject(new Error("a defect"))))
    fetch(ended)
    fetch(open)
    await fixture.settle()
    ended.connection.destroy()
    await fixture.settle()
    for (const fail of failures) fail()
    await fixture.settle()
    expect([failures.length, open.isClosed, fixture.listener.answerBytesInFlight]).toEqual([2, true, 0])
  })

  it("count while they are read, though their connection has ended", async () => {
    const { fixture, pending } = await startCold(1_000, { answerBytesMax: 4_000 })
    const client = await fixture.connect()
    fetch(client, { bytes: 1_000 })
    await fixture.settle()
    client.connection.destroy()
    await fixture.settle()
    expect(fixture.listener.answerBytesInFlight).toBe(1_000)
    pending.shift()!()
    await fixture.settle()
    expect(fixture.listener.answerBytesInFlight).toBe(0)
  })
})
