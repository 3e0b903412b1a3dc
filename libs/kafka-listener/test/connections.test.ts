import { NotAvailable } from "@tailrace/contracts"
import {
  ApiKey,
  encodeApiVersionsRequest,
  encodeCreateTopicsRequest,
  encodeFetchRequest,
  encodeHeartbeatRequest,
  encodeInitProducerIdRequest,
  encodeJoinGroupRequest,
  encodeProduceRequest
} from "@tailrace/kafka-protocol"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { KafkaListener } from "../src/index.ts"
import { Fixture } from "./Fixture.ts"
import { frameOf, type RawClient } from "./RawClient.ts"
import { topic } from "./StubBroker.ts"

const apiVersions = (client: RawClient) => client.send(ApiKey.ApiVersions, 0, encodeApiVersionsRequest, {})

const produceRequest = (acks: number, name: string, bytes: number) => ({
  acks, timeoutMs: 1_000, topicData: [{ name, partitionData: [{ index: 0, records: Buffer.alloc(bytes) }] }]
})

const produce = (client: RawClient, acks = -1, { name = topic, bytes = 100 } = {}) =>
  client.send(ApiKey.Produce, 9, encodeProduceRequest, produceRequest(acks, name, bytes))

const fetch = (client: RawClient, maxWaitMs = 60_000) =>
  client.send(ApiKey.Fetch, 12, encodeFetchRequest, {
    maxWaitMs, minBytes: 1, topics: [{ topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1 << 20 }] }]
  })

const join = (client: RawClient) =>
  client.send(ApiKey.JoinGroup, 3, encodeJoinGroupRequest, {
    groupId: "g", memberId: "", sessionTimeoutMs: 10_000, protocolType: "consumer", protocols: []
  })

const createTopics = (client: RawClient) =>
  client.send(ApiKey.CreateTopics, 5, encodeCreateTopicsRequest, {
    topics: [{ name: "new", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }]
  })

describe("answers", () => {
  it("leave in the order of the requests, however long the first one takes", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    fetch(client)
    apiVersions(client)
    produce(client)
    apiVersions(client)
    produce(client, 0)
    await fixture.settle()
    // What follows a parked fetch is worked on, and only its answer waits.
    expect([client.answers, fixture.orders.appends.length]).toEqual([[], 1])
    fixture.orders.appends[0]!.done()
    await fixture.settle()
    expect(client.answers).toEqual([])
    fixture.orders.wake([Buffer.alloc(10)])
    await fixture.settle()
    expect([client.answers, fixture.listener.frameBytesInFlight]).toEqual([[1, 2, 3, 4], 0])
  })

  it("leave in order where the requests are answered in any order", async () => {
    const fixture = await Fixture.start({ requestsInFlightMax: 1_000 })
    const client = await fixture.connect()
    const random = new SeededRandom(3)
    for (let i = 0; i < 500; i++) produce(client)
    await fixture.settle()
    const open = fixture.orders.appends.splice(0)
    expect(open).toHaveLength(500)
    while (open.length > 0) {
      open.splice(random.nextInt(open.length), 1)[0]!.done()
      if (random.nextInt(10) === 0) await fixture.settle()
      expect(client.answers).toEqual(client.answers.map((_, index) => index + 1))
    }
    await fixture.settle()
    expect(client.answers).toHaveLength(500)
  })

  it("leave in order where thousands of requests, each answered at once, waited for the first one", async () => {
    const fixture = await Fixture.start({}, { windowBytes: 256 * 1024 })
    const client = await fixture.connect()
    const first = fetch(client)
    await fixture.settle()
    const count = 4_000
    const frames = Array.from({ length: count }, (_, i) => frameOf(ApiKey.ApiVersions, 0, first + 1 + i, encodeApiVersionsRequest, {}))
    client.connection.write([Buffer.concat(frames.flat())])
    await fixture.settle()
    expect(client.answers).toEqual([])
    fixture.orders.wake([Buffer.alloc(10)])
    await fixture.settle()
    expect(fixture.log.lines).toEqual([])
    expect(client.answers).toEqual(Array.from({ length: count + 1 }, (_, i) => first + i))
    expect([client.isClosed, fixture.listener.frameBytesInFlight]).toEqual([false, 0])
  })
})

describe("one connection", () => {
  it("has no more requests in work than the limit, and goes on as they are answered", async () => {
    const fixture = await Fixture.start({ requestsInFlightMax: 5 })
    const client = await fixture.connect()
    for (let i = 0; i < 200; i++) produce(client)
    for (let answered = 0; answered < 200; answered++) {
      await fixture.settle()
      expect(fixture.orders.appends.length).toBe(Math.min(5, 200 - answered))
      fixture.orders.appends.shift()!.done()
    }
    await fixture.settle()
    expect([client.answers.length, fixture.listener.frameBytesInFlight]).toEqual([200, 0])
  })

  it("whose peer does not read is not read either: 10,000 requests stay bounded on both ends", async () => {
    const outputBytesMax = 10_000
    const fixture = await Fixture.start({ outputBytesMax })
    const client = await fixture.connect()
    client.connection.pause()
    for (let i = 0; i < 10_000; i++) apiVersions(client)
    fixture.clock.advance(0)
    const [server] = fixture.accepted
    expect(server!.bufferedBytes).toBeGreaterThan(outputBytesMax)
    expect(server!.bufferedBytes).toBeLessThan(outputBytesMax + 1_000)
    expect(fixture.listener.metrics.requests).toBeLessThan(200)
    // A network's window of frames that were read and not begun.
    expect(fixture.listener.frameBytesInFlight).toBeLessThan(2 * 4_096)
    client.connection.resume()
    fixture.clock.advance(0)
    expect(client.answers).toEqual(Array.from({ length: 10_000 }, (_, index) => index + 1))
    expect(fixture.listener.frameBytesInFlight).toBe(0)
  }, 30_000)

  it("holds no more answers behind a long poll than it may send to a peer that does not read", async () => {
    const fixture = await Fixture.start({ outputBytesMax: 100_000 }, { windowBytes: 1 << 18 })
    const client = await fixture.connect()
    join(client)
    fixture.orders.chunks = [Buffer.alloc(30_000)]
    for (let i = 0; i < 50; i++) fetch(client)
    await fixture.settle()
    expect(fixture.orders.reads).toBe(4)
    fixture.broker.groupCalls[0]!.answer(16)
    await fixture.settle()
    expect([client.answers.length, fixture.listener.frameBytesInFlight]).toEqual([51, 0])
  })

  it("may not be silent at first, nor for long", async () => {
    const fixture = await Fixture.start({ firstRequestMillisMax: 10_000, idleMillisMax: 60_000 })
    const silent = await fixture.connect()
    const busy = await fixture.connect()
    const waiting = await fixture.connect()
    apiVersions(busy)
    produce(waiting)
    await fixture.clock.advanceSettled(10_000)
    expect([silent.isClosed, busy.isClosed]).toEqual([false, false])
    await fixture.clock.advanceSettled(1_000)
    expect([silent.isClosed, busy.isClosed]).toEqual([true, false])
    await fixture.clock.advanceSettled(49_000)
    apiVersions(busy)
    await fixture.clock.advanceSettled(59_000)
    expect(busy.isClosed).toBe(false)
    await fixture.clock.advanceSettled(2_000)
    // Who waits for an answer is not idle.
    expect([busy.isClosed, waiting.isClosed, fixture.listener.metrics.closedForIdleness]).toEqual([true, false, 2])
  })

  it("that sends a byte now and then is too slow all the same", async () => {
    const fixture = await Fixture.start({ firstRequestMillisMax: 10_000 })
    const client = await fixture.connect()
    const [frame] = frameOf(ApiKey.ApiVersions, 0, 1, encodeApiVersionsRequest, {})
    for (let second = 0; second < 12; second++) {
      client.connection.write([frame!.subarray(second, second + 1)])
      await fixture.clock.advanceSettled(1_000)
    }
    expect([client.isClosed, fixture.listener.frameBytesInFlight]).toEqual([true, 0])
  })
})

describe("the frames of a connection that ends", () => {
  const cases: ReadonlyArray<readonly [string, (client: RawClient, fixture: Fixture) => unknown]> = [
    ["half a frame", (client) => client.connection.write([Buffer.from([0, 0, 1, 0, 0, 3])])],
    ["a produce in work", (client) => produce(client)],
    ["a fetch that is parked", (client) => fetch(client)],
    ["a member that is joining", (client) => join(client)],
    ["a request to the controller", (client) => createTopics(client)],
    ["a mixture", (client) => {
      for (const send of [fetch, produce, join, createTopics, apiVersions, produce]) send(client)
    }],
    ["more requests than are worked on", (client) => {
      for (let i = 0; i < 200; i++) produce(client)
    }]
  ]

  it.each(cases)("are given back once: %s", async (_, send) => {
    const fixture = await Fixture.start({ requestsInFlightMax: 10 })
    const client = await fixture.connect()
    send(client, fixture)
    await fixture.settle()
    expect(fixture.listener.frameBytesInFlight).toBeGreaterThan(0)
    client.connection.destroy()
    await fixture.settle()
    // Answers that come now find nobody. A connection that is not read is seen to have ended when it is read again.
    while (fixture.orders.appends.length > 0) {
      for (const { done } of fixture.orders.appends.splice(0)) done()
      await fixture.settle()
    }
    for (const { resolve } of fixture.broker.controllerCalls.splice(0)) resolve({ topics: [] })
    for (const call of fixture.broker.groupCalls) expect(call.isAbandoned).toBe(true)
    fixture.orders.wake([Buffer.alloc(1)])
    await fixture.settle()
    expect([fixture.listener.frameBytesInFlight, fixture.orders.waiters.size, fixture.listener.metrics.connections]).toEqual([0, 0, 0])
    expect(fixture.log.lines).toEqual([])
  })

  it("are given back where a pending read ends after the connection", async () => {
    const fixture = await Fixture.start()
    fixture.orders.pendingReads = []
    const clients = [await fixture.connect(), await fixture.connect()]
    fetch(clients[0]!, 0)
    fetch(clients[1]!)
    await fixture.settle()
    expect(fixture.orders.pendingReads).toHaveLength(2)
    for (const { connection } of clients) connection.destroy()
    await fixture.settle()
    for (const finish of fixture.orders.pendingReads.splice(0)) finish()
    await fixture.clock.advanceSettled(60_000)
    expect([fixture.listener.frameBytesInFlight, fixture.orders.waiters.size, fixture.log.lines]).toEqual([0, 0, []])
  })

  it("are given back where the listener closes it: an error with acks=0, a request that is none", async () => {
    const fixture = await Fixture.start()
    for (const send of [
      (client: RawClient) => produce(client, 0, { name: "missing" }),
      (client: RawClient) => client.connection.write([Buffer.from([0, 0, 0, 2, 0, 3])]),
      (client: RawClient) => client.connection.write([Buffer.from([0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 1, 255, 255])])
    ]) {
      const client = await fixture.connect()
      fetch(client)
      send(client)
      await fixture.settle()
      expect([client.isClosed, fixture.listener.frameBytesInFlight, fixture.orders.waiters.size]).toEqual([true, 0, 0])
    }
  })
})

describe("request bytes of the whole process", () => {
  it("are bounded: who would go beyond is read on when others are answered", async () => {
    const fixture = await Fixture.start({ frameBytesInFlightMax: 10_000 })
    const clients = [await fixture.connect(), await fixture.connect(), await fixture.connect()]
    for (const client of clients) for (let i = 0; i < 10; i++) produce(client, -1, { bytes: 1_000 })
    await fixture.settle()
    expect(fixture.orders.appends.length).toBeLessThan(11)
    // One frame at a time may go beyond, so that halves of frames cannot block each other.
    let most = 0
    for (let answered = 0; answered < 30; answered++) {
      most = Math.max(most, fixture.listener.frameBytesInFlight)
      fixture.orders.appends.shift()!.done()
      await fixture.settle()
    }
    expect(most).toBeLessThan(12_000)
    expect(clients.map((it) => it.answers.length)).toEqual([10, 10, 10])
    expect(fixture.listener.frameBytesInFlight).toBe(0)
  })

  it("are free again for others when one that waits for them goes", async () => {
    const fixture = await Fixture.start({ frameBytesInFlightMax: 3_000 })
    const first = await fixture.connect()
    const second = await fixture.connect()
    for (let i = 0; i < 10; i++) produce(first, -1, { bytes: 1_000 })
    await fixture.settle()
    apiVersions(second)
    first.connection.destroy()
    await fixture.settle()
    while (fixture.orders.appends.length > 0) {
      for (const { done } of fixture.orders.appends.splice(0)) done()
      await fixture.settle()
    }
    expect([second.answers, fixture.listener.frameBytesInFlight]).toEqual([[1], 0])
  })
})

describe("requests that wait for something to come", () => {
  it("keep nobody else's from being read, however long they wait", async () => {
    const fixture = await Fixture.start({ frameBytesInFlightMax: 1_000 })
    const [waiting, joining, other] = [await fixture.connect(), await fixture.connect(), await fixture.connect()]
    for (let i = 0; i < 20; i++) fetch(waiting)
    for (let i = 0; i < 20; i++) join(joining)
    await fixture.settle()
    expect([fixture.orders.waiters.size, fixture.broker.groupCalls.length]).toEqual([1, 20])
    expect(fixture.listener.frameBytesInFlight).toBeGreaterThan(2_000)
    apiVersions(other)
    await fixture.settle()
    expect(other.answers).toEqual([1])
    for (const { answer } of fixture.broker.groupCalls) answer(16)
    await fixture.clock.advanceSettled(60_000)
    expect([waiting.answers.length, joining.answers.length, fixture.listener.frameBytesInFlight]).toEqual([20, 20, 0])
  })

  it("close their connection where too many bytes of them wait", async () => {
    const fixture = await Fixture.start({ parkedBytesMax: 1_000 })
    const [first, second] = [await fixture.connect(), await fixture.connect()]
    fetch(first)
    for (let i = 0; i < 20; i++) fetch(second)
    await fixture.settle()
    expect([first.isClosed, second.isClosed, fixture.orders.waiters.size]).toEqual([false, true, 1])
    join(first)
    await fixture.settle()
    fixture.orders.wake([Buffer.alloc(1)])
    for (const { answer } of fixture.broker.groupCalls) answer(16)
    await fixture.settle()
    expect([first.answers, fixture.listener.frameBytesInFlight, fixture.orders.waiters.size, fixture.log.lines]).toEqual([[1, 2], 0, 0, []])
  })
})

describe("an error of ours", () => {
  it("ends the connection of its request alone, and is logged", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const other = await fixture.connect()
    client.send(ApiKey.InitProducerId, 0, encodeInitProducerIdRequest, { transactionalId: null, transactionTimeoutMs: 1 })
    await fixture.settle()
    apiVersions(other)
    await fixture.settle()
    expect([client.isClosed, other.answers, fixture.listener.frameBytesInFlight]).toEqual([true, [1], 0])
    expect(fixture.log.lines).toHaveLength(1)
    expect(fixture.log.lines[0]).toContain("a defect")
  })

  it("in an answer does not reach the actor that gave it", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    client.send(ApiKey.Heartbeat, 3, encodeHeartbeatRequest, { groupId: "g", generationId: 1, memberId: "m" })
    await fixture.settle()
    fixture.broker.groupCalls[0]!.answer({ errorCode: 1_000_000 })
    await fixture.settle()
    expect([client.isClosed, fixture.listener.frameBytesInFlight, fixture.log.lines.length]).toEqual([true, 0, 1])
  })

  it("is none where an actor is not available", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    createTopics(client)
    await fixture.settle()
    fixture.broker.controllerCalls[0]!.reject(new NotAvailable("controller", 41))
    await fixture.settle()
    expect([client.answers, client.isClosed, fixture.log.lines]).toEqual([[1], false, []])
  })
})

describe("the listener", () => {
  it("binds every address or none", async () => {
    const { clock, net } = new Fixture()
    const bind = (ports: ReadonlyArray<number>) =>
      KafkaListener.bind({
        net, clock, random: new SeededRandom(1), logger: new LineLogger({ clock, sink: new MemorySink() }),
        addresses: ports.map((port) => ({ name: `L${port}`, host: "127.0.0.1", port }))
      })
    await bind([9000])
    await expect(bind([8999, 9000])).rejects.toMatchObject({ code: "EADDRINUSE" })
    const second = await bind([8999, 0])
    expect(second.addresses.map(({ name, port }) => [name, port > 0])).toEqual([["L8999", true], ["L0", true]])
  })

  it("lets connections wait that come before the node serves", async () => {
    const fixture = await Fixture.start({}, { isServing: false })
    const client = await fixture.connect()
    apiVersions(client)
    await fixture.settle()
    expect([client.answers, fixture.listener.metrics.requests]).toEqual([[], 0])
    fixture.listener.serve(fixture.broker)
    await fixture.settle()
    expect(client.answers).toEqual([1])
  })

  it("forgets a connection that breaks before the node serves, and closes without it", async () => {
    const fixture = await Fixture.start({}, { isServing: false })
    await fixture.connect()
    await fixture.settle()
    fixture.net.cut("127.0.0.1")
    await fixture.settle()
    fixture.listener.serve(fixture.broker)
    expect(fixture.listener.metrics.connections).toBe(0)
    await Promise.all([fixture.listener.close(), fixture.settle()])
  })

  it("takes no more connections than it may", async () => {
    const fixture = await Fixture.start({ connectionsMax: 2 })
    const clients = [await fixture.connect(), await fixture.connect(), await fixture.connect()]
    await fixture.settle()
    expect(clients.map((it) => it.isClosed)).toEqual([false, false, true])
    clients[0]!.connection.destroy()
    await fixture.settle()
    expect((await fixture.connect()).isClosed).toBe(false)
  })

  it("closes when what it has read is answered; long polls do not hold it up", async () => {
    const fixture = await Fixture.start()
    const producer = await fixture.connect()
    const consumer = await fixture.connect()
    produce(producer)
    fetch(consumer)
    await fixture.settle()
    let isClosed = false
    const closed = fixture.listener.close().then(() => void (isClosed = true))
    produce(producer)
    await fixture.clock.advanceSettled(1_000)
    expect([isClosed, fixture.orders.appends.length]).toEqual([false, 1])
    fixture.orders.appends[0]!.done()
    await fixture.settle()
    await closed
    expect([producer.answers, producer.isClosed, consumer.answers, consumer.isClosed]).toEqual([[1], true, [], true])
    const refused = expect(fixture.net.dial({ host: "127.0.0.1", port: 9092 })).rejects.toMatchObject({ code: "ECONNREFUSED" })
    await fixture.settle()
    await refused
    expect([fixture.listener.frameBytesInFlight, fixture.clock.nextDueMillis]).toEqual([0, undefined])
  })

  it("does not wait for ever", async () => {
    const fixture = await Fixture.start({ requestsInFlightMax: 5 })
    const client = await fixture.connect()
    // In one piece, so that frames are cut which nobody has begun to work on.
    const frames = Array.from({ length: 30 }, (_, i) => frameOf(ApiKey.Produce, 9, i, encodeProduceRequest, produceRequest(-1, topic, 100)))
    client.connection.write([Buffer.concat(frames.flat())])
    await fixture.settle()
    let isClosed = false
    void fixture.listener.close().then(() => void (isClosed = true))
    await fixture.clock.advanceSettled(4_999)
    expect(isClosed).toBe(false)
    await fixture.clock.advanceSettled(1)
    expect([isClosed, client.isClosed]).toEqual([true, true])
    for (const { done } of fixture.orders.appends.splice(0)) done()
    expect([fixture.listener.frameBytesInFlight, fixture.orders.appends.length]).toEqual([0, 0])
  })

  it("closes before it has served anybody", async () => {
    const fixture = await Fixture.start({}, { isServing: false })
    const client = await fixture.connect()
    await Promise.all([fixture.listener.close(), fixture.settle()])
    await fixture.settle()
    expect(client.isClosed).toBe(true)
  })
})
