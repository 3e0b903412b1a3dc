import { describe, expect, it } from "vitest"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { recordCodecs } from "@tailrace/codecs"
import { Batch, readRecords } from "@tailrace/record"
import { type Clock, SystemClock } from "@tailrace/runtime"
import { Cluster, murmur2, partitionForKey, Producer, type ProducerSettings } from "../src/index.ts"
import { hangUp, type ReceivedRequest, ScriptedBroker, ScriptedCluster, silence } from "./ScriptedBroker.ts"

const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "success", (error: any) => error.reason ?? error.codeName ?? String(error))

const setUp = async (settings: ProducerSettings & Record<string, unknown> = {}, partitions = 1) => {
  const cluster = new ScriptedCluster()
  const broker = await ScriptedBroker.start(cluster)
  cluster.addTopic("t", partitions)
  const producer = new Producer({ bootstrapServers: broker.address, retryBackoffMillis: 5, retryBackoffMillisMax: 20, lingerMillis: 0, ...settings })
  return {
    cluster, broker, producer,
    async [Symbol.asyncDispose]() {
      await producer.close({ timeoutMillis: 100 })
      await cluster[Symbol.asyncDispose]()
    }
  }
}

/** What is in the log, in order. */
const stored = (cluster: ScriptedCluster, partition = 0): ReadonlyArray<string> => cluster.log("t", partition).batches
  .flatMap((batch) => [...readRecords(batch, 0, recordCodecs)].map((record) => record.value?.toString() ?? "null"))

const batchOf = (request: ReceivedRequest): Buffer => request.body.topicData[0].partitionData[0].records
const sequenceOf = (request: ReceivedRequest) => {
  const batch = batchOf(request)
  return [Batch.producerEpoch(batch, 0), Batch.baseSequence(batch, 0)]
}
const refusing = (errorCode: number) => ({ body }: ReceivedRequest) => ({
  responses: body.topicData.map((topic: any) => ({
    name: topic.name, partitionResponses: topic.partitionData.map(({ index }: any) => ({ index, errorCode, baseOffset: -1 }))
  }))
})

describe("murmur2", () => {
  it("is Java's", () => {
    const vectors: ReadonlyArray<readonly [string, number, number]> = [
      ["", 275646681, 2], ["a", -1563381124, 5], ["ab", 316155434, 0], ["abc", 479470107, 4], ["abcd", -1323649548, 5],
      ["abcde", 461995741, 4], ["21", -973932308, 3], ["foobar", -790332482, 0], ["ünïcödé", 201421315, 4],
      ["a-little-bit-long-string", -985981536, 1], ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971, 3]
    ]
    for (const [text, hash, ofSeven] of vectors) {
      expect([murmur2(Buffer.from(text)), partitionForKey(Buffer.from(text), 7)]).toEqual([hash, ofSeven])
    }
    expect(murmur2(Uint8Array.from({ length: 256 }, (_, index) => index))).toBe(-1948347274)
  })
})

describe("Producer", () => {
  it("asks for its id again after a pause, also where each attempt is the only one", async () => {
    await using set = await setUp({ attemptsMax: 1, retryBackoffMillis: 40, retryBackoffMillisMax: 40, deliveryTimeoutMillis: 200 })
    set.broker.on(ApiKey.InitProducerId, () => ({ errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, producerId: -1, producerEpoch: -1 }))
    expect(await failure(set.producer.send({ topic: "t", value: "a" }))).toBe("timeout")
    expect(set.broker.received(ApiKey.InitProducerId).length).toBeLessThan(12)
  })

  it("sends what arrives in one turn as one request with a batch per partition", async () => {
    await using set = await setUp({}, 2)
    await set.producer.partitionsFor("t")
    const results = await Promise.all(Array.from({ length: 100 }, (_, index) =>
      set.producer.send({ topic: "t", partition: index % 2, value: `${index}`, timestamp: 1000 + index, headers: [{ key: "h", value: "1" }] })))
    expect(results[7]).toEqual({ topic: "t", partition: 1, offset: 3, timestamp: 1007 })
    expect(set.broker.received(ApiKey.Produce).length).toBe(1)
    expect(stored(set.cluster, 1)).toEqual(Array.from({ length: 50 }, (_, index) => `${index * 2 + 1}`))
    expect(set.producer.bufferedBytes).toBe(0)
  })

  it("keeps the order of sends that wait for metadata", async () => {
    await using set = await setUp()
    set.broker.next(ApiKey.Metadata, () => ({ brokers: [], topics: [{ name: "t", errorCode: ErrorCode.LEADER_NOT_AVAILABLE, partitions: [] }] }))
    await Promise.all(["a", "b", "c"].map((value) => set.producer.send({ topic: "t", value })))
    expect(stored(set.cluster)).toEqual(["a", "b", "c"])
  })

  it("chooses partitions by key as Java does, by itself without one, and never one that is not there", async () => {
    await using set = await setUp({ batchBytes: 400 }, 4)
    const sent = await Promise.all(["a", "ab", "abc", "foobar"].map((key) => set.producer.send({ topic: "t", key, value: "v" })))
    expect(sent.map(({ partition }) => partition)).toEqual(["a", "ab", "abc", "foobar"].map((key) => partitionForKey(Buffer.from(key), 4)))
    const free: Array<number> = []
    for (let index = 0; index < 12; index++) free.push((await set.producer.send({ topic: "t", value: "x".repeat(150) })).partition)
    // A partition gets a batch's worth, then it is the turn of another one.
    expect(new Set(free).size).toBeGreaterThan(1)
    expect(free.filter((partition, index) => index > 0 && partition === free[index - 1]).length).toBeGreaterThan(3)
    expect(await failure(set.producer.send({ topic: "t", partition: 4, value: "v" }))).toBe("configuration")
  })

  it("waits for more records as long as it may linger, and not when it is flushed", async () => {
    await using set = await setUp({ lingerMillis: 60_000 })
    await set.producer.partitionsFor("t")
    const first = set.producer.send({ topic: "t", value: "1" })
    const second = set.producer.send({ topic: "t", value: "2" })
    await new Promise((resolve) => setImmediate(resolve))
    expect(set.broker.received(ApiKey.Produce).length).toBe(0)
    await set.producer.flush()
    expect((await Promise.all([first, second])).map(({ offset }) => offset)).toEqual([0, 1])
    expect(set.broker.received(ApiKey.Produce).length).toBe(1)
  })

  it.each(["gzip", "snappy", "lz4", "zstd"] as const)("compresses with %s", async (compression) => {
    await using set = await setUp({ compression })
    await set.producer.send({ topic: "t", value: "x".repeat(1000) })
    const batch = batchOf(set.broker.received(ApiKey.Produce)[0] as ReceivedRequest)
    expect([Batch.compressionType(batch, 0) > 0, batch.length < 500]).toEqual([true, true])
    expect(stored(set.cluster)).toEqual(["x".repeat(1000)])
  })

  it("follows the leader to another broker", async () => {
    await using set = await setUp()
    const other = await ScriptedBroker.start(set.cluster)
    await set.producer.send({ topic: "t", value: "1" })
    Object.assign(set.cluster.log("t"), { leader: other.nodeId, leaderEpoch: 1 })
    await set.producer.send({ topic: "t", value: "2" })
    expect(stored(set.cluster)).toEqual(["1", "2"])
    expect(other.received(ApiKey.Produce).map(sequenceOf)).toEqual([[0, 1]])
  })

  it("stores nothing twice when answers are lost", async () => {
    await using set = await setUp()
    for (const _ of [1, 2]) {
      set.broker.next(ApiKey.Produce, (request) => {
        set.broker.usual(request)
        return hangUp
      })
    }
    const sent = await Promise.all(["a", "b"].map((value) => set.producer.send({ topic: "t", value })))
    expect(sent.map(({ offset }) => offset)).toEqual([0, 1])
    expect(stored(set.cluster)).toEqual(["a", "b"])
    expect(set.broker.received(ApiKey.Produce).map(sequenceOf)).toEqual([[0, 0], [0, 0], [0, 0]])
  })

  it("keeps the order when the first of several requests under way fails", async () => {
    await using set = await setUp({ batchBytes: 100 })
    await set.producer.send({ topic: "t", value: "0" })
    set.broker.next(ApiKey.Produce, refusing(ErrorCode.NOT_ENOUGH_REPLICAS))
    const values = Array.from({ length: 8 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    await Promise.all(values.map((value) => set.producer.send({ topic: "t", value })))
    expect(stored(set.cluster)).toEqual(["0", ...values])
  })

  it("sends nothing behind its first batch before that is acknowledged, since a broker takes any sequence of a producer that it does not know", async () => {
    await using set = await setUp({ batchBytes: 100 })
    set.broker.next(ApiKey.Produce, refusing(ErrorCode.NOT_ENOUGH_REPLICAS))
    const values = Array.from({ length: 4 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    await Promise.all(values.map((value) => set.producer.send({ topic: "t", value })))
    expect(stored(set.cluster)).toEqual(values)
    expect(set.broker.received(ApiKey.Produce).map(sequenceOf)).toEqual([[0, 0], [0, 0], [0, 1], [0, 2], [0, 3]])
  })

  it("goes on under a new epoch when a batch is refused for good", async () => {
    await using set = await setUp({ batchBytes: 100 })
    await set.producer.send({ topic: "t", value: "0" })
    set.broker.next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
    const values = Array.from({ length: 4 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    const results = await Promise.all(values.map((value) => failure(set.producer.send({ topic: "t", value }))))
    expect(results).toEqual(["MESSAGE_TOO_LARGE", "success", "success", "success"])
    expect(stored(set.cluster)).toEqual(["0", ...values.slice(1)])
    expect(set.broker.received(ApiKey.Produce).slice(-3).map(sequenceOf)).toEqual([[1, 0], [1, 1], [1, 2]])
  })

  it("leaves no partition waiting behind others that always have something to send", async () => {
    await using set = await setUp({ batchBytes: 100, requestBytesMax: 160 }, 2)
    const busy = (): Promise<unknown> => set.producer.send({ topic: "t", partition: 0, value: "x".repeat(60) })
    await busy()
    let rounds = 0
    let isDone = false
    const goOn = async (): Promise<void> => {
      while (!isDone && rounds++ < 400) await busy()
    }
    const others = Array.from({ length: 20 }, goOn)
    await set.broker.arrival(ApiKey.Produce)
    await set.producer.send({ topic: "t", partition: 1, value: "rare" })
    isDone = true
    await Promise.all(others)
    expect(rounds).toBeLessThan(100)
  })

  it("never lets more batches pass a repeated one than a broker remembers", async () => {
    await using set = await setUp({ batchBytes: 100 })
    await set.producer.send({ topic: "t", value: "0" })
    let losses = 3
    set.broker.on(ApiKey.Produce, (request) => {
      const isFirst = sequenceOf(request)[1] === 1
      return isFirst && losses-- > 0 ? (set.broker.usual(request), refusing(ErrorCode.REQUEST_TIMED_OUT)(request)) : undefined
    })
    const values = Array.from({ length: 20 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    await Promise.all(values.map((value) => set.producer.send({ topic: "t", value })))
    expect(stored(set.cluster)).toEqual(["0", ...values])
  })

  it("numbers nothing anew that may be in the log before a batch that is refused for good", async () => {
    await using set = await setUp({ batchBytes: 100 })
    await set.producer.send({ topic: "t", value: "0" })
    set.broker.next(ApiKey.Produce, (request) => (set.broker.usual(request), refusing(ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND)(request)))
    set.broker.next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
    const values = Array.from({ length: 4 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    const results = await Promise.all(values.map((value) => failure(set.producer.send({ topic: "t", value }))))
    expect(results).toEqual(["success", "MESSAGE_TOO_LARGE", "success", "success"])
    expect(stored(set.cluster)).toEqual(["0", ...values.filter((_, index) => index !== 1)])
  })

  it("does not repeat what may be in the log behind a batch that timed out", async () => {
    await using set = await setUp({ batchBytes: 100, deliveryTimeoutMillis: 150, requestTimeoutMillis: 60 })
    await set.producer.send({ topic: "t", value: "0" })
    let isSilent = true
    set.broker.on(ApiKey.Produce, () => isSilent ? silence : undefined)
    const values = Array.from({ length: 3 }, (_, index) => `${index + 1}`.padEnd(60, "."))
    const results = await Promise.all(values.map((value) => failure(set.producer.send({ topic: "t", value }))))
    for (const reason of results) expect(["timeout", "disconnected", "outcome-unknown"]).toContain(reason)
    isSilent = false
    expect(await failure(set.producer.send({ topic: "t", value: "later" }))).toBe("success")
    expect(stored(set.cluster)).toEqual(["0", "later"])
  })

  it("sends nothing under a new id before what has the old one has ended", async () => {
    await using set = await setUp({ batchBytes: 100 }, 2)
    const there = await ScriptedBroker.start(set.cluster)
    set.cluster.log("t", 1).leader = there.nodeId
    for (const broker of [set.broker, there]) {
      broker.next(ApiKey.InitProducerId, () => ({ errorCode: 0, producerId: 3999, producerEpoch: 32_767 }))
    }
    const send = (partition: number, value: string): Promise<unknown> => set.producer.send({ topic: "t", partition, value })
    await Promise.all([send(0, "0"), send(1, "0")])
    let refuse = (): void => undefined
    const isRefused = new Promise<void>((resolve) => {
      refuse = resolve
    })
    const hasCome = there.arrival(ApiKey.Produce)
    there.on(ApiKey.Produce, async (request) => {
      there.on(ApiKey.Produce, () => undefined)
      await isRefused
      return refusing(ErrorCode.NOT_ENOUGH_REPLICAS)(request)
    })
    const values = ["1", "2"].map((value) => value.padEnd(60, "."))
    const first = send(1, values[0] as string)
    await hasCome
    // The last epoch is used up at the other partition, so that the whole producer gets another id.
    set.broker.next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
    expect(await failure(send(0, "large"))).toBe("MESSAGE_TOO_LARGE")
    await send(0, "new id")
    const second = send(1, values[1] as string)
    await send(0, "later")
    refuse()
    await Promise.all([first, second])
    expect(stored(set.cluster, 1)).toEqual(["0", ...values])
  })

  it("sends without acknowledgement", async () => {
    await using set = await setUp({ acks: 0 })
    expect(await set.producer.send({ topic: "t", value: "a", timestamp: 5 })).toEqual({ topic: "t", partition: 0, offset: -1, timestamp: 5 })
    await set.producer.close()
    if (stored(set.cluster).length === 0) await set.cluster.changed(2_000)
    expect(stored(set.cluster)).toEqual(["a"])
    expect(set.broker.received(ApiKey.InitProducerId)).toEqual([])
  })

  it("makes callers wait for room, and fails them when there is none in time", async () => {
    await using set = await setUp({ bufferBytesMax: 1000, maxBlockMillis: 60, batchBytes: 500 })
    await set.producer.partitionsFor("t")
    const large = { topic: "t", value: "x".repeat(600) }
    set.broker.next(ApiKey.Produce, async (request) => {
      await set.cluster.changed(20)
      return set.broker.usual(request)
    })
    const sends = [set.producer.send(large), set.producer.send(large), set.producer.send(large)]
    expect(set.producer.isFull).toBe(true)
    await set.producer.ready()
    expect((await Promise.all(sends)).map(({ offset }) => offset)).toEqual([0, 1, 2])
    set.broker.on(ApiKey.Produce, () => silence)
    const stuck = [1, 2, 3].map(() => failure(set.producer.send(large)))
    expect(await stuck[2]).toBe("buffer-full")
    await set.producer.close({ timeoutMillis: 1 })
    expect(await Promise.all(stuck)).toEqual(["closed", "closed", "buffer-full"])
  })

  it("leaves nothing behind that waits when it is closed, though the cluster lives on", async () => {
    const timers = new Set<object>()
    const clock = new SystemClock()
    const counting: Clock = {
      wallMillis: () => clock.wallMillis(), monotonicMillis: () => clock.monotonicMillis(), endOfTurn: (callback) => clock.endOfTurn(callback),
      after: (millis, callback) => {
        const timer = {}
        timers.add(timer)
        const cancel = clock.after(millis, () => (timers.delete(timer), callback()))
        return () => (timers.delete(timer), cancel())
      }
    }
    await using set = await setUp()
    using cluster = new Cluster({ bootstrapServers: set.broker.address, retryBackoffMillis: 5, ports: { clock: counting } })
    const producer = new Producer({ cluster, lingerMillis: 0, bufferBytesMax: 500, enableIdempotence: false })
    const hasCome = set.broker.arrival(ApiKey.Produce)
    set.broker.on(ApiKey.Produce, () => silence)
    await producer.partitionsFor("t")
    const sends = ["t", "t", "missing"].map((topic) => failure(producer.send({ topic, value: "x".repeat(600) })))
    await hasCome
    const ready = producer.ready()
    await producer.close({ timeoutMillis: 1 })
    expect(await Promise.all(sends)).toEqual(["closed", "closed", "closed"])
    set.broker.hangUpAll()
    await expect.poll(() => timers.size).toBe(0)
    await ready
    expect(producer.bufferedBytes).toBe(0)
  })

  it("is closed for everybody who closes it when the records have been sent", async () => {
    await using set = await setUp({ lingerMillis: 60_000 })
    await set.producer.partitionsFor("t")
    const sent = set.producer.send({ topic: "t", value: "x" })
    void set.producer.close()
    await set.producer.close()
    expect(stored(set.cluster)).toEqual(["x"])
    expect((await sent).offset).toBe(0)
  })

  it("is closed at once for whoever does not wait, and then for everybody", async () => {
    await using set = await setUp()
    set.broker.on(ApiKey.Produce, () => silence)
    await set.producer.partitionsFor("t")
    const sent = failure(set.producer.send({ topic: "t", value: "x" }))
    const patient = set.producer.close()
    await set.producer.close({ timeoutMillis: 1 })
    await patient
    expect(await sent).toBe("closed")
  })

  it("fails what can never be sent", async () => {
    await using set = await setUp({ requestBytesMax: 2000, maxBlockMillis: 30 })
    expect(await failure(set.producer.send({ topic: "t", value: "x".repeat(3000) }))).toBe("record-too-large")
    expect(await failure(set.producer.send({ topic: "missing", value: "x" }))).toBe("UNKNOWN_TOPIC_OR_PARTITION")
    await set.producer.close()
    expect(await failure(set.producer.send({ topic: "t", value: "x" }))).toBe("closed")
    expect(() => new Producer({ bootstrapServers: "h:1", acks: 1, enableIdempotence: true })).toThrow("enableIdempotence")
    expect(() => new Producer({ bootstrapServers: "h:1", maxInFlightRequestsPerConnection: 6 })).toThrow("at most 5")
    expect(() => new Producer({ bootstrapServers: "h:1", lingerMillis: 120_000 })).toThrow("lingerMillis")
    expect(() => new Producer({ bootstrapServers: "h:1", compression: "brotli" as never })).toThrow("compression: brotli is none of none, gzip")
  })

  it("refuses what is no record, and sends what is beside it", async () => {
    await using set = await setUp()
    await set.producer.send({ topic: "t", value: "first" })
    const wrong: ReadonlyArray<Record<string, unknown>> = [
      { timestamp: 1000.5 }, { timestamp: -1 }, { timestamp: Infinity }, { timestamp: new Date() }, { value: 42 }, { value: { total: 42 } },
      { key: ["k"] }, { value: new Uint16Array(1) }, { headers: [{ key: "h" }] }, { headers: [{ key: null, value: "h" }] }
    ]
    const results = wrong.map((record) => failure(set.producer.send({ topic: "t", value: "x", ...record })))
    const right = set.producer.send({ topic: "t", key: Buffer.from("k"), value: null, headers: [{ key: "h", value: null }], timestamp: 0 })
    expect(await Promise.all(results)).toEqual(wrong.map(() => "configuration"))
    expect((await right).offset).toBe(1)
  })

  it("refuses what is no topic, and does not ask for it beside others", async () => {
    await using set = await setUp()
    const wrong = [undefined, null, 42, {}, "x".repeat(40_000)].map((topic) => failure(set.producer.send({ topic: topic as never, value: "x" })))
    const right = set.producer.send({ topic: "t", value: "x" })
    expect(await Promise.all(wrong)).toEqual(wrong.map(() => "configuration"))
    expect((await right).offset).toBe(0)
  })

  it("keeps records in order and once through a storm of failures (5 seeds)", async () => {
    for (let seed = 1; seed <= 5; seed++) {
      await using set = await setUp({ batchBytes: 200, requestTimeoutMillis: 5_000 }, 2)
      let state = seed
      const next = (bound: number): number => {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0
        return (state >>> 8) % bound
      }
      let faults = 12
      set.broker.on(ApiKey.Produce, (request) => {
        if (faults <= 0 || next(3) > 0) return undefined
        faults--
        switch (next(4)) {
          case 0: return hangUp
          case 1: return (set.broker.usual(request), hangUp)
          case 2: return refusing(ErrorCode.NOT_LEADER_OR_FOLLOWER)(request)
          default: return (set.broker.usual(request), refusing(ErrorCode.REQUEST_TIMED_OUT)(request))
        }
      })
      const values = Array.from({ length: 60 }, (_, index) => `${index}`)
      const sends: Array<Promise<unknown>> = []
      for (const value of values) {
        sends.push(set.producer.send({ topic: "t", partition: Number(value) % 2, value: value.padEnd(50, ".") }))
        if (next(4) === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await Promise.all(sends)
      for (const partition of [0, 1]) {
        expect(stored(set.cluster, partition).map((value) => value.replaceAll(".", "")), `seed ${seed}`)
          .toEqual(values.filter((value) => Number(value) % 2 === partition))
      }
    }
  })
})
