import { recordCodecs } from "@tailrace/codecs"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { BatchBuilder, readRecords } from "@tailrace/record"
import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import { describe, expect, it } from "vitest"
import { Cluster, Consumer, type ConsumerSettings, GroupConsumer, Producer, type ProducerSettings } from "../src/index.ts"
import { hangUp, type ReceivedRequest, ScriptedBroker, ScriptedCluster, silence } from "./ScriptedBroker.ts"
import { ScriptedGroup } from "./ScriptedGroup.ts"

const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "success", (error: any) => error.reason ?? error.codeName ?? String(error))

const settings = { retryBackoffMillis: 5, retryBackoffMillisMax: 20, requestTimeoutMillis: 200, connectTimeoutMillis: 200 }

/** Several brokers, each with a partition of "t" of its own. */
const start = async (count = 2) => {
  const cluster = new ScriptedCluster()
  const brokers: Array<ScriptedBroker> = []
  for (let nodeId = 0; nodeId < count; nodeId++) brokers.push(await ScriptedBroker.start(cluster))
  cluster.addTopic("t", count)
  for (let nodeId = 0; nodeId < count; nodeId++) cluster.log("t", nodeId).leader = nodeId
  return {
    cluster, brokers, broker: (nodeId: number) => brokers[nodeId] as ScriptedBroker,
    options: { ...settings, bootstrapServers: brokers.map((broker) => broker.address) },
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]()
  }
}

const abortMarker = Buffer.from("00000000", "hex")

/** Of producer 7 where it is one of a transaction. */
const batchOf = (values: ReadonlyArray<string | Buffer>, options: { readonly isTransactional?: boolean; readonly isControl?: boolean } = {}): Buffer => {
  const builder = new BatchBuilder({ codecs: recordCodecs, ...options })
  for (const value of values) builder.append({ timestamp: 1, key: options.isControl === true ? value : null, value })
  return builder.build(options.isTransactional === true ? { producerId: 7, producerEpoch: 0, baseSequence: -1 } : undefined)
}

const append = (cluster: ScriptedCluster, values: ReadonlyArray<string>, partition = 0): void => {
  cluster.log("t", partition).append(batchOf(values))
  cluster.notify()
}

const stored = (cluster: ScriptedCluster, partition = 0): ReadonlyArray<string> => cluster.log("t", partition).batches
  .flatMap((batch) => [...readRecords(batch, 0, recordCodecs)].map((record) => record.value?.toString() ?? "null"))

const take = async (consumer: Consumer, count: number): Promise<ReadonlyArray<string>> => {
  const values: Array<string> = []
  while (values.length < count) values.push(...(await consumer.poll(2_000)).map((record) => record.value?.toString() ?? ""))
  return values
}

const refusing = (errorCode: number) => ({ body }: ReceivedRequest) => ({
  responses: body.topicData.map((topic: any) => ({
    name: topic.name, partitionResponses: topic.partitionData.map(({ index }: any) => ({ index, errorCode, baseOffset: -1 }))
  }))
})

const consumerOf = (options: ConsumerSettings & { readonly bootstrapServers: ReadonlyArray<string> }, partitions: ReadonlyArray<number> = [0]): Consumer => {
  const consumer = new Consumer({ autoOffsetReset: "earliest", fetchMaxWaitMillis: 20, ...options })
  consumer.assign(partitions.map((partition) => ({ topic: "t", partition })))
  return consumer
}

/** Answers the next fetch when it is told to, as usual but for partition 0. Resolves when that fetch has come. */
const answerNext = (broker: ScriptedBroker, held: Promise<void>, change: object): Promise<void> => new Promise((resolve) => {
  broker.next(ApiKey.Fetch, async (request) => {
    resolve()
    await held
    const answer = await broker.usual(request) as { readonly responses: ReadonlyArray<{ readonly partitions: ReadonlyArray<{ readonly partitionIndex: number }> }> }
    Object.assign(answer.responses[0]?.partitions.find(({ partitionIndex }) => partitionIndex === 0) ?? {}, change)
    return answer
  })
})

describe("metadata", () => {
  it("is asked of another broker when it was wrong: one that is cut off would tell the same for ever", async () => {
    await using set = await start(3)
    await using producer = new Producer({ ...set.options, bootstrapServers: set.broker(0).address, lingerMillis: 0 })
    await producer.send({ topic: "t", partition: 0, value: "a" })
    // From here on broker 0 believes that it still leads, and fences itself.
    const log = set.cluster.log("t", 0)
    const stale = { brokers: set.brokers.map(({ nodeId, port }) => ({ nodeId, host: "127.0.0.1", port })), controllerId: 0, topics: [{
      name: "t", errorCode: 0, isInternal: false, partitions: [{ errorCode: 0, partitionIndex: 0, leaderId: 0, leaderEpoch: 0, replicaNodes: [0], isrNodes: [0], offlineReplicas: [] }]
    }] }
    set.broker(0).on(ApiKey.Metadata, () => stale)
    log.elect(2)
    await producer.send({ topic: "t", partition: 0, value: "b" })
    expect(stored(set.cluster)).toEqual(["a", "b"])
  })

  it("does not wait long for a broker that has stopped to answer", async () => {
    await using set = await start(3)
    const cluster = new Cluster(set.options)
    await cluster.refresh(["t"])
    for (const api of [ApiKey.Metadata, ApiKey.FindCoordinator]) set.broker(1).on(api, () => silence)
    for (let round = 0; round < 6; round++) await cluster.retry(undefined, () => cluster.refreshStale(["t"]))
    // It was tried, and then left out.
    expect(set.broker(1).received(ApiKey.Metadata).length).toBeLessThanOrEqual(2)
    cluster.close()
  })
})

describe("a coordinator that moves", () => {
  it("is looked for at another broker than the one that named the wrong one", async () => {
    await using set = await start(2)
    const here = (nodeId: number) => ({ body, version }: ReceivedRequest) => {
      const found = { nodeId, host: "127.0.0.1", port: set.broker(nodeId).port, errorCode: 0 }
      return version >= 4 ? { coordinators: body.coordinatorKeys.map((key: string) => ({ key, ...found })) } : found
    }
    set.broker(0).on(ApiKey.FindCoordinator, here(0))
    set.broker(1).on(ApiKey.FindCoordinator, here(1))
    set.broker(0).on(ApiKey.OffsetFetch, () => ({ groups: [{ groupId: "g", errorCode: ErrorCode.NOT_COORDINATOR, topics: [] }] }))
    set.cluster.committed.set("g/t/0", { offset: 7, metadata: "" })
    await using consumer = consumerOf({ ...set.options, groupId: "g" })
    expect((await consumer.committed([{ topic: "t", partition: 0 }]))[0]?.offset).toBe(7)
  })
})

describe("a commit", () => {
  it("is tried once where that is asked for, so that its error is that of the only attempt", async () => {
    await using set = await start(1)
    await using consumer = consumerOf({ ...set.options, groupId: "g" })
    const commit = (once: boolean): Promise<string> => {
      // Carried out, and not acknowledged; by the next attempt the group has moved on.
      set.broker(0).next(ApiKey.OffsetCommit, (request) => {
        set.broker(0).usual(request)
        return hangUp
      })
      set.broker(0).next(ApiKey.OffsetCommit, ({ body }) => ({ topics: body.topics.map((topic: any) => ({
        name: topic.name, partitions: topic.partitions.map(({ partitionIndex }: any) => ({ partitionIndex, errorCode: ErrorCode.ILLEGAL_GENERATION }))
      })) }))
      return failure(consumer.commit([{ topic: "t", partition: 0, offset: 5 }], { once }))
    }
    expect(await commit(false)).toBe("ILLEGAL_GENERATION")
    expect(await commit(true)).toBe("disconnected")
    expect(set.broker(0).received(ApiKey.OffsetCommit).length).toBe(3)
  })
})

describe("a producer", () => {
  const setUp = async (more: ProducerSettings = {}) => {
    const set = await start(2)
    const producer = new Producer({ ...set.options, lingerMillis: 0, ...more })
    return {
      ...set, producer,
      async [Symbol.asyncDispose]() {
        await producer.close({ timeoutMillis: 100 })
        await set.cluster[Symbol.asyncDispose]()
      }
    }
  }

  it("says that the outcome is unknown where an earlier attempt may be in the log", async () => {
    await using set = await setUp()
    await set.producer.send({ topic: "t", partition: 0, value: "a" })
    for (const code of [ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.KAFKA_STORAGE_ERROR, ErrorCode.UNKNOWN_SERVER_ERROR]) {
      const isRetried = code !== ErrorCode.UNKNOWN_SERVER_ERROR
      set.broker(0).next(ApiKey.Produce, refusing(code))
      if (isRetried) set.broker(0).next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
      expect(await failure(set.producer.send({ topic: "t", partition: 0, value: "b" }))).toBe(isRetried ? "outcome-unknown" : "UNKNOWN_SERVER_ERROR")
    }
    set.broker(0).next(ApiKey.Produce, () => hangUp)
    set.broker(0).next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
    expect(await failure(set.producer.send({ topic: "t", partition: 0, value: "c" }))).toBe("outcome-unknown")
    set.broker(0).next(ApiKey.Produce, refusing(ErrorCode.NOT_ENOUGH_REPLICAS))
    set.broker(0).next(ApiKey.Produce, refusing(ErrorCode.MESSAGE_TOO_LARGE))
    expect(await failure(set.producer.send({ topic: "t", partition: 0, value: "d" }))).toBe("MESSAGE_TOO_LARGE")
  })

  it("stores once what the old leader appended and the new one has, and sends again what was cut off", async () => {
    await using set = await setUp()
    const log = set.cluster.log("t", 0)
    await set.producer.send({ topic: "t", partition: 0, value: "a" })
    // Appended, replicated, and the leader dies before it answers.
    set.broker(0).next(ApiKey.Produce, (request) => {
      set.broker(0).usual(request)
      log.elect(1)
      return hangUp
    })
    const b = set.producer.send({ topic: "t", partition: 0, value: "b" })
    expect((await b).offset).toBe(1)
    expect(stored(set.cluster)).toEqual(["a", "b"])
  })

  it("waits for an id as long as its records may wait", async () => {
    await using set = await setUp({ deliveryTimeoutMillis: 5_000 })
    let refusals = 3
    for (const broker of set.brokers) broker.on(ApiKey.InitProducerId, () => refusals-- > 0 ? { errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, producerId: -1, producerEpoch: -1 } : undefined)
    const impatient = new Producer({ ...set.options, apiTimeoutMillis: 20, lingerMillis: 0, deliveryTimeoutMillis: 5_000 })
    expect((await impatient.send({ topic: "t", partition: 0, value: "a" })).offset).toBe(0)
    await impatient.close()
  })

  it("does not sit out its pause once there is a new leader", async () => {
    await using set = await setUp({})
    const patient = new Producer({ ...set.options, lingerMillis: 0, retryBackoffMillis: 60_000, retryBackoffMillisMax: 60_000 })
    await patient.send({ topic: "t", partition: 0, value: "a" })
    set.cluster.log("t", 0).elect(1)
    expect((await patient.send({ topic: "t", partition: 0, value: "b" })).offset).toBe(1)
    await patient.close()
  })

  it("goes on when brokers are killed and come back, one after the other", async () => {
    await using set = await setUp({})
    for (let round = 0; round < 6; round++) {
      const [from, to] = round % 2 === 0 ? [0, 1] : [1, 0]
      const before = set.producer.send({ topic: "t", partition: 0, value: `${round}-before` })
      const killed = set.broker(from).stop()
      set.cluster.log("t", 0).elect(to)
      await killed
      await Promise.all([before, set.producer.send({ topic: "t", partition: 0, value: `${round}-after` })])
      await set.broker(from).listen()
    }
    expect(stored(set.cluster)).toEqual(Array.from({ length: 6 }, (_, round) => [`${round}-before`, `${round}-after`]).flat())
  })
})

describe("a consumer", () => {
  it("goes back when a leader of a new epoch has less than it has read", async () => {
    await using set = await start(2)
    const log = set.cluster.log("t", 0)
    append(set.cluster, ["a"])
    append(set.cluster, ["b"])
    await using consumer = consumerOf(set.options)
    expect(await take(consumer, 2)).toEqual(["a", "b"])
    log.elect(1, 1)
    append(set.cluster, ["c"])
    append(set.cluster, ["d"])
    expect(await take(consumer, 2)).toEqual(["c", "d"])
    expect(set.broker(1).received(ApiKey.OffsetForLeaderEpoch).map(({ body }) => body.topics[0].partitions[0]))
      .toEqual([{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }])
  })

  it("goes back once more when the next leader has still less, before anything was read behind the first step back", async () => {
    await using set = await start(2)
    const log = set.cluster.log("t", 0)
    for (const value of ["a", "b", "c"]) append(set.cluster, [value])
    await using consumer = consumerOf(set.options)
    expect(await take(consumer, 3)).toEqual(["a", "b", "c"])
    set.broker(1).next(ApiKey.Fetch, () => {
      log.elect(0, 1)
      for (const value of ["d", "e", "f"]) append(set.cluster, [value])
      return { responses: [{ topic: "t", partitions: [{
        partitionIndex: 0, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, highWatermark: -1, records: null, abortedTransactions: null
      }] }] }
    })
    log.elect(1, 2)
    set.cluster.notify()
    expect((await take(consumer, 2)).slice(0, 2)).toEqual(["d", "e"])
    const asked = set.brokers.map((broker) => broker.received(ApiKey.OffsetForLeaderEpoch).map(({ body }) => body.topics[0].partitions[0]))
    expect(asked).toEqual([[{ partition: 0, currentLeaderEpoch: 2, leaderEpoch: 0 }], [{ partition: 0, currentLeaderEpoch: 1, leaderEpoch: 0 }]])
  })

  it("asks for nothing under an epoch that it heard of while it connected, before its position is confirmed", async () => {
    await using set = await start(1)
    const broker = set.broker(0)
    const log = set.cluster.log("t", 0)
    append(set.cluster, ["a"])
    append(set.cluster, ["b"])
    await using consumer = consumerOf(set.options)
    expect(await take(consumer, 2)).toEqual(["a", "b"])
    broker.on(ApiKey.Fetch, ({ body }) => body.topics[0]?.partitions[0].currentLeaderEpoch >= log.leaderEpoch ? undefined : {
      responses: [{ topic: "t", partitions: [{ partitionIndex: 0, errorCode: ErrorCode.FENCED_LEADER_EPOCH, highWatermark: -1, records: null, abortedTransactions: null }] }]
    })
    broker.next(ApiKey.Fetch, () => hangUp)
    broker.next(ApiKey.ApiVersions, async (request) => {
      log.elect(0, 1)
      append(set.cluster, ["c"])
      append(set.cluster, ["d"])
      await consumer.cluster.refresh(["t"])
      return broker.usual(request)
    })
    expect(await take(consumer, 2)).toEqual(["c", "d"])
  })

  it("says so where it may not move its position itself, and goes on unasked where brokers cannot tell", async () => {
    await using set = await start(2)
    append(set.cluster, ["a"])
    append(set.cluster, ["b"])
    await using consumer = consumerOf({ ...set.options, autoOffsetReset: "none" })
    consumer.seek({ topic: "t", partition: 0 }, 0)
    expect(await take(consumer, 2)).toEqual(["a", "b"])
    set.cluster.log("t", 0).elect(1, 1)
    append(set.cluster, ["c"])
    expect(await failure(take(consumer, 1))).toBe("no-offset")
    const old = set.broker(0).versions.filter(({ apiKey }) => apiKey !== ApiKey.OffsetForLeaderEpoch)
    for (const broker of set.brokers) broker.versions = old
    set.broker(1).hangUpAll()
    append(set.cluster, ["d"])
    expect(await take(consumer, 1)).toEqual(["d"])
  })

  it.each([0, ErrorCode.OFFSET_OUT_OF_RANGE])("heeds nothing that a former leader answers late (%i)", async (errorCode) => {
    await using set = await start(2)
    set.cluster.log("t", 1).leader = 0
    append(set.cluster, ["other"], 1)
    const log = set.cluster.log("t", 0)
    log.append(batchOf(["aborted"], { isTransactional: true }))
    log.append(batchOf([abortMarker], { isTransactional: true, isControl: true }))
    log.append(batchOf(["committed"], { isTransactional: true }))
    const abortedTransactions = [{ producerId: 7, firstOffset: 0 }]
    const [late, last] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const asked = answerNext(set.broker(0), late.promise, { errorCode, abortedTransactions, records: errorCode === 0 ? Buffer.concat(log.batches) : null })
    const options = { ...set.options, requestTimeoutMillis: 10_000 }
    await using consumer = consumerOf({ ...options, isolationLevel: "read_committed" }, [0, 1])
    const abort = new AbortController()
    const polling = failure(consumer.poll(5_000, { signal: abort.signal }))
    await asked
    abort.abort(new Error("enough"))
    await polling

    log.elect(1)
    await consumer.cluster.refresh(["t"])
    // The new leader's first answer takes the position behind the transaction that was aborted.
    void answerNext(set.broker(1), Promise.resolve(), { abortedTransactions, records: Buffer.concat(log.batches.slice(0, 2)) })
    const askedAgain = answerNext(set.broker(1), last.promise, {})
    const others = take(consumer, 1)
    await askedAgain
    late.resolve()
    expect(await others).toEqual(["other"])
    append(set.cluster, ["end"])
    last.resolve()
    const values: Array<string> = []
    while (!values.includes("end")) values.push(...await take(consumer, 1))
    expect(values).toEqual(["committed", "end"])
  })

  it("reads the partitions whose leaders answer while another leader does not", async () => {
    await using set = await start(2)
    append(set.cluster, ["a"], 0)
    append(set.cluster, ["b"], 1)
    await set.broker(1).stop()
    await using consumer = consumerOf(set.options, [0, 1])
    expect(await take(consumer, 1)).toEqual(["a"])
    await set.broker(1).listen()
    expect(await take(consumer, 1)).toEqual(["b"])
  })

  it("waits where the end is not known yet, and where leader and client know different epochs", async () => {
    await using set = await start(2)
    append(set.cluster, ["a"])
    const answering = (errorCode: number) => ({ body }: ReceivedRequest) => ({ topics: body.topics.map((topic: any) => ({
      name: topic.name, partitions: topic.partitions.map(({ partitionIndex }: any) => ({ partitionIndex, errorCode, offset: -1, timestamp: -1, leaderEpoch: -1 }))
    })) })
    for (const code of [ErrorCode.OFFSET_NOT_AVAILABLE, ErrorCode.UNKNOWN_LEADER_EPOCH, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION]) {
      set.broker(0).next(ApiKey.ListOffsets, answering(code))
    }
    await using consumer = consumerOf(set.options)
    const [end] = await consumer.endOffsets([{ topic: "t", partition: 0 }])
    expect([end?.offset, end?.error]).toEqual([1, undefined])
    expect(set.broker(0).received(ApiKey.ListOffsets)[0]?.body.topics[0].partitions[0].currentLeaderEpoch).toBe(0)
  })
})

describe("the whole client in virtual time", () => {
  /** A day of trouble, in no time: everything that happens is decided by the seed. */
  const run = async (seed: number): Promise<ReadonlyArray<string>> => {
    const random = new SeededRandom(seed)
    const clock = new VirtualClock({ random: random.fork() })
    const net = new SimulatedNet({ clock, random: random.fork(), delayMillis: () => 1 + random.nextInt(20) })
    const cluster = new ScriptedCluster({ clock, netOf: (nodeId) => ({ net: net.at(`node${nodeId}`), host: `node${nodeId}` }) })
    const log: Array<string> = []
    const main = async (): Promise<void> => {
      const brokers = [await ScriptedBroker.start(cluster), await ScriptedBroker.start(cluster)]
      cluster.addTopic("t", 1)
      new ScriptedGroup(brokers[0] as ScriptedBroker)
      const options = {
        bootstrapServers: brokers.map((broker) => broker.address), requestTimeoutMillis: 1_500,
        ports: { clock, random: random.fork(), dialer: net.at("client") }
      }
      const producer = new Producer(options)
      const consumer = new GroupConsumer({ ...options, groupId: "g", autoOffsetReset: "earliest" })
      consumer.subscribe(["t"])
      for (let round = 0; round < 20; round++) {
        const sends = Promise.all([0, 1, 2].map((item) => producer.send({ topic: "t", value: `${round}.${item}` })))
        if (round % 4 === 3) {
          cluster.log("t").elect(1 - cluster.log("t").leader)
          net.cut("client", `node${random.nextInt(2)}`)
        }
        for (const { offset } of await sends) log.push(`${Math.round(clock.monotonicMillis())} sent ${offset}`)
        for (const record of await consumer.poll(1_000)) log.push(`${Math.round(clock.monotonicMillis())} got ${record.offset} ${record.value}`)
      }
      while (log.filter((line) => line.includes("got")).length < 60) {
        for (const record of await consumer.poll(5_000)) log.push(`${Math.round(clock.monotonicMillis())} got ${record.offset} ${record.value}`)
      }
      await producer.close()
      await consumer.close()
      await cluster[Symbol.asyncDispose]()
    }
    await clock.runUntilSettled(main())
    return log
  }

  it("keeps to its buffer and to the time that sends wait for room, however many topics want it", async () => {
    const clock = new VirtualClock({ random: new SeededRandom(1) })
    const net = new SimulatedNet({ clock, random: new SeededRandom(2) })
    const cluster = new ScriptedCluster({ clock, netOf: (nodeId) => ({ net: net.at(`node${nodeId}`), host: `node${nodeId}` }) })
    let outcomes: ReadonlyArray<string> = []
    const main = async (): Promise<void> => {
      const broker = await ScriptedBroker.start(cluster)
      const topics = Array.from({ length: 6 }, (_, index) => `t${index}`)
      for (const topic of topics) cluster.addTopic(topic)
      broker.on(ApiKey.Produce, async (request) => {
        await new Promise<void>((resolve) => void clock.after(25_000, resolve))
        return broker.usual(request)
      })
      const producer = new Producer({
        bootstrapServers: broker.address, bufferBytesMax: 1_000, maxBlockMillis: 60_000,
        ports: { clock, random: new SeededRandom(3), dialer: net.at("client") }
      })
      outcomes = await Promise.all(topics.map((topic) => failure(producer.send({ topic, value: "x".repeat(2_000) }))))
      await producer.close()
      await cluster[Symbol.asyncDispose]()
    }
    await clock.runUntilSettled(main())
    // There is room at once, and after 25 and 50 seconds.
    expect(outcomes.toSorted()).toEqual(["buffer-full", "buffer-full", "buffer-full", "success", "success", "success"])
  })

  it("does the same for the same seed", async () => {
    const once = await run(7)
    expect(once.filter((line) => line.includes("got")).map((line) => line.split(" ")[2])).toEqual(Array.from({ length: 60 }, (_, offset) => `${offset}`))
    expect(await run(7)).toEqual(once)
    expect(await run(8)).not.toEqual(once)
  })
})
