import { Admin, Cluster, Consumer, GroupConsumer, Producer } from "@tailrace/client"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { NodeNet, SystemClock } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { assert, describe, it } from "vitest"
import { FaultyProxy } from "../src/index.ts"
import { SimulatedCluster } from "../src/SimulatedCluster.ts"

const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "success", (error: any) => error.reason ?? error.codeName ?? String(error))

const setUp = async () => {
  const cluster = new SimulatedCluster({ seed: 5 })
  await cluster.start()
  const { clock } = cluster
  const net = cluster.net.at("proxy")
  const proxy = await cluster.run(FaultyProxy.start({ net, clock, host: "proxy", brokers: [cluster.bootstrapServers.split(",")[0] as string] }))
  const options = { bootstrapServers: proxy.bootstrapServers, ports: { clock, random: new SeededRandom(5), dialer: cluster.net.at("client") } }
  const admin = new Admin(options)
  await cluster.run(admin.createTopics([{ name: "t", numPartitions: 3, replicationFactor: 3 }]))
  admin.cluster.close()
  return { cluster, clock, proxy, options, [Symbol.asyncDispose]: async () => {
    await cluster.run(proxy.close())
    await cluster.close()
  } }
}

describe("FaultyProxy", () => {
  it("keeps a client behind it, whichever brokers it hears of", async () => {
    await using set = await setUp()
    const producer = new Producer(set.options)
    await set.cluster.run(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: "t", partition, value: "v" }))))
    const addresses = [...producer.cluster.metadata.brokers.values()].map(({ host }) => host)
    assert.deepStrictEqual(addresses, ["proxy", "proxy", "proxy"])
    assert.isAtLeast(set.proxy.openConnections, 3)
    const consumer = new GroupConsumer({ ...set.options, groupId: "g", autoOffsetReset: "earliest" })
    consumer.subscribe(["t"])
    const read = async (): Promise<number> => {
      let count = 0
      while (count < 3) count += (await consumer.poll(1_000)).length
      return count
    }
    assert.strictEqual(await set.cluster.run(read()), 3)
    await set.cluster.run(Promise.all([consumer.close(), producer.close()]))
  })

  it("loses the answer to what the broker has done: stored once with idempotence, twice without", async () => {
    await using set = await setUp()
    for (const [partition, enableIdempotence, expected] of [[0, true, 1], [1, false, 2]] as const) {
      const producer = new Producer({ ...set.options, enableIdempotence })
      await set.cluster.run(producer.partitionsFor("t"))
      set.proxy.dropNextAnswer(ApiKey.Produce)
      assert.strictEqual((await set.cluster.run(producer.send({ topic: "t", partition, value: "v" }))).offset, expected - 1)
      const consumer = new Consumer({ cluster: producer.cluster })
      const [end] = await set.cluster.run(consumer.endOffsets([{ topic: "t", partition }]))
      assert.strictEqual(end?.offset, expected)
      await set.cluster.run(producer.close())
    }
  })

  it("answers once in place of the broker, for each API that it knows", async () => {
    await using set = await setUp()
    const producer = new Producer(set.options)
    set.proxy.answerNext(ApiKey.Produce, ErrorCode.MESSAGE_TOO_LARGE)
    assert.strictEqual(await set.cluster.run(failure(producer.send({ topic: "t", partition: 0, value: "v" }))), "MESSAGE_TOO_LARGE")
    assert.strictEqual((await set.cluster.run(producer.send({ topic: "t", partition: 0, value: "v" }))).offset, 0)
    const consumer = new Consumer({ ...set.options, groupId: "g", autoOffsetReset: "earliest" })
    consumer.assign([{ topic: "t", partition: 0 }])
    for (const api of [ApiKey.Metadata, ApiKey.FindCoordinator, ApiKey.OffsetFetch, ApiKey.ListOffsets, ApiKey.Fetch, ApiKey.OffsetCommit]) {
      set.proxy.answerNext(api, api === ApiKey.Fetch || api === ApiKey.ListOffsets ? ErrorCode.NOT_LEADER_OR_FOLLOWER : ErrorCode.COORDINATOR_NOT_AVAILABLE)
    }
    assert.strictEqual((await set.cluster.run(consumer.poll(30_000))).length, 1)
    await set.cluster.run(consumer.commit())
    assert.throws(() => set.proxy.answerNext(ApiKey.DescribeQuorum, 42))
    await set.cluster.run(Promise.all([consumer.close(), producer.close()]))
  })

  it("passes over what asks for no answer, and breaks the next request that does", async () => {
    await using set = await setUp()
    const { cluster, proxy } = set
    const silent = new Producer({ ...set.options, acks: 0, enableIdempotence: false, lingerMillis: 0 })
    const heard = new Producer({ ...set.options, enableIdempotence: false, lingerMillis: 0 })
    const record = { topic: "t", partition: 0, value: "v" }
    const consumer = new Consumer({ cluster: heard.cluster })
    // Nobody tells when a broker has what asked for no answer.
    const stored = async (end: number): Promise<void> => {
      while ((await consumer.endOffsets([{ topic: "t", partition: 0 }]))[0]?.offset !== end) await new Promise<void>((resolve) => set.clock.after(10, resolve))
    }
    await cluster.run(Promise.all([silent.partitionsFor("t"), heard.partitionsFor("t")]))
    proxy.answerNext(ApiKey.Produce, ErrorCode.MESSAGE_TOO_LARGE)
    await cluster.run(silent.send(record))
    await cluster.run(stored(1))
    assert.strictEqual(await cluster.run(failure(heard.send(record))), "MESSAGE_TOO_LARGE")
    proxy.dropNextAnswer(ApiKey.Produce)
    await cluster.run(silent.send(record))
    await cluster.run(stored(2))
    // Stored before its answer is lost, and once more when it is repeated.
    assert.strictEqual((await cluster.run(heard.send(record))).offset, 3)
    await cluster.run(Promise.all([silent.close(), heard.close()]))
  })

  it("cuts, refuses and delays", async () => {
    await using set = await setUp()
    const producer = new Producer({ ...set.options, lingerMillis: 0 })
    const send = (): Promise<unknown> => producer.send({ topic: "t", partition: 0, value: "v" })
    await set.cluster.run(send())
    set.proxy.cut()
    assert.strictEqual(set.proxy.openConnections, 0)
    await set.cluster.run(send())
    set.proxy.refuse()
    const waiting = send()
    await set.cluster.advance(3_000)
    assert.strictEqual(set.proxy.openConnections, 0)
    set.proxy.accept()
    await set.cluster.run(waiting)
    set.proxy.delayMillis = 400
    const before = set.clock.monotonicMillis()
    await set.cluster.run(send())
    assert.isAtLeast(set.clock.monotonicMillis() - before, 400)
    set.proxy.delayMillis = 0
    await set.cluster.run(producer.close())
  })

  it("works on real sockets, and says what it did not understand", async () => {
    const clock = new SystemClock()
    const net = new NodeNet()
    // A broker that answers nonsense to everything.
    const nonsense = await net.listen({ host: "127.0.0.1", port: 0, connectionsMax: 10 }, (connection) => {
      connection.onData = () => connection.write([Buffer.from([0, 0, 0, 8, 0, 0, 0, 99, 1, 2, 3, 4])])
    })
    const proxy = await FaultyProxy.start({ net, clock, brokers: [`127.0.0.1:${nonsense.port}`] })
    const client = new Cluster({ bootstrapServers: proxy.bootstrapServers, apiTimeoutMillis: 1 })
    assert.strictEqual(await failure(client.refresh([])), "disconnected")
    client.close()
    assert.include(await failure(proxy.close()), "an answer 99 without a request")
    await nonsense.close()
    assert.include(await failure(FaultyProxy.start({ net, clock, brokers: ["nowhere"] })), "is not host:port")
  })
})
