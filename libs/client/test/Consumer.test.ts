import { describe, expect, it } from "vitest"
import { recordCodecs } from "@tailrace/codecs"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { BatchBuilder, type BatchBuilderOptions, type ProducerFields } from "@tailrace/record"
import { type Clock, SystemClock } from "@tailrace/runtime"
import { Consumer, type ConsumerRecord, type ConsumerSettings } from "../src/index.ts"
import { hangUp, type ReceivedRequest, ScriptedBroker, ScriptedCluster, silence } from "./ScriptedBroker.ts"

const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(() => "success", (error: any) => error.reason ?? error.codeName ?? String(error))

const setUp = async (settings: ConsumerSettings & Record<string, unknown> = {}, partitions = 1) => {
  const cluster = new ScriptedCluster()
  const broker = await ScriptedBroker.start(cluster)
  cluster.addTopic("t", partitions)
  const consumer = new Consumer({
    bootstrapServers: broker.address, autoOffsetReset: "earliest", fetchMaxWaitMillis: 30, retryBackoffMillis: 5, retryBackoffMillisMax: 10, ...settings
  })
  consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic: "t", partition })))
  return {
    cluster, broker, consumer,
    async [Symbol.asyncDispose]() {
      await consumer.close()
      await cluster[Symbol.asyncDispose]()
    }
  }
}

const batchOf = (values: ReadonlyArray<string>, options: Partial<BatchBuilderOptions> = {}, producer?: ProducerFields): Buffer => {
  const builder = new BatchBuilder({ codecs: recordCodecs, ...options })
  for (const value of values) builder.append({ timestamp: 1000, key: options.isControl === true ? Buffer.from(value, "hex") : null, value })
  return builder.build(producer)
}

const append = (cluster: ScriptedCluster, values: ReadonlyArray<string>, partition = 0): void => {
  cluster.log("t", partition).append(batchOf(values))
  cluster.notify()
}

/** Polls until `count` records came. */
const take = async (consumer: Consumer, count: number): Promise<ReadonlyArray<ConsumerRecord>> => {
  const records: Array<ConsumerRecord> = []
  while (records.length < count) records.push(...await consumer.poll(2_000))
  return records
}

const valuesOf = (records: ReadonlyArray<ConsumerRecord>) => records.map((record) => record.value?.toString())
const first = { topic: "t", partition: 0 }

describe("Consumer", () => {
  it("answers records in order, no more than asked for, from the middle of a batch on", async () => {
    await using set = await setUp({ maxPollRecords: 2 })
    append(set.cluster, ["a", "b", "c"])
    append(set.cluster, ["d", "e"])
    set.consumer.seek(first, 1)
    expect(valuesOf(await set.consumer.poll(2_000))).toEqual(["b", "c"])
    expect(await set.consumer.position(first)).toBe(3)
    expect(valuesOf(await set.consumer.poll(2_000))).toEqual(["d", "e"])
    expect([await set.consumer.position(first), set.consumer.lag(first)]).toEqual([5, 0])
    expect(await set.consumer.poll(0)).toEqual([])
    const waiting = set.consumer.poll(2_000)
    append(set.cluster, ["f"])
    expect((await waiting).map(({ offset, timestamp, timestampType }) => [offset, timestamp, timestampType])).toEqual([[5, 1000, "CreateTime"]])
  })

  it("sleeps while positions are looked up, however long that takes", async () => {
    let timers = 0
    const system = new SystemClock()
    const clock: Clock = {
      monotonicMillis: () => system.monotonicMillis(), wallMillis: () => system.wallMillis(), endOfTurn: (callback) => system.endOfTurn(callback),
      after: (millis, callback) => {
        timers++
        return system.after(millis, callback)
      }
    }
    await using set = await setUp({ ports: { clock } })
    set.broker.on(ApiKey.ListOffsets, () => silence)
    await set.consumer.poll(50)
    timers = 0
    for (let i = 0; i < 4; i++) await set.consumer.poll(50)
    expect(timers).toBeLessThan(20)
  })

  it("begins where it is told, where the group was, or by the reset", async () => {
    await using set = await setUp({ groupId: "g", autoOffsetReset: "latest" }, 3)
    for (const partition of [0, 1, 2]) append(set.cluster, ["x", "y", "z"], partition)
    set.cluster.committed.set("g/t/1", { offset: 2, metadata: "" })
    set.consumer.seekToBeginning([{ topic: "t", partition: 2 }])
    const positions = await Promise.all([0, 1, 2].map((partition) => set.consumer.position({ topic: "t", partition })))
    expect(positions).toEqual([3, 2, 0])
    await set.consumer.commit()
    expect([0, 1, 2].map((partition) => set.cluster.committed.get(`g/t/${partition}`)?.offset)).toEqual([3, 2, 0])
    await set.consumer.commit([{ topic: "t", partition: 0, offset: 1, metadata: "note" }])
    expect((await set.consumer.committed([first]))[0]).toMatchObject({ offset: 1, metadata: "note" })
  })

  it("takes for read only what a loop was given, and goes on behind it", async () => {
    await using set = await setUp({ groupId: "g" }, 2)
    append(set.cluster, ["a", "b", "c", "d", "e"])
    append(set.cluster, ["z"], 1)
    const read = async (last: string, step: (value: string) => unknown = () => undefined): Promise<string> => {
      let all = ""
      for await (const { partition, value } of set.consumer) {
        if (partition !== 0) continue
        all += value?.toString()
        await step(String(value))
        if (value?.toString() === last) break
      }
      return all
    }
    const committed: Array<unknown> = []
    const commit = async (): Promise<void> => {
      await set.consumer.commit()
      committed.push(set.cluster.committed.get("g/t/0")?.offset)
    }
    expect(await read("b", commit)).toBe("ab")
    expect(await set.consumer.position(first)).toBe(2)
    await commit()
    expect(await read("c", commit)).toBe("c")
    expect(committed).toEqual([1, 2, 2, 3])
    // A seek concerns the very next record.
    let hasSought = false
    const seekOnce = (value: string): void => {
      if (value === "d" && !hasSought) set.consumer.seek(first, 1)
      hasSought ||= value === "d"
    }
    expect(await read("e", seekOnce)).toBe("dbcde")
  })

  it("commits in the order in which it was told to, though one has to be tried again", async () => {
    await using set = await setUp({ groupId: "g" })
    let letGo = (): void => undefined
    const notCoordinator = { topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: ErrorCode.NOT_COORDINATOR }] }] }
    set.broker.next(ApiKey.OffsetCommit, () => new Promise((resolve) => {
      letGo = () => resolve(notCoordinator)
    }))
    const givenUp = new AbortController()
    const commit = (offset: number, signal?: AbortSignal) => failure(set.consumer.commit([{ ...first, offset }], { signal }))
    const committed = () => set.cluster.committed.get("g/t/0")?.offset
    const commits = [
      commit(100).then((result) => [result, committed()]),
      commit(300, givenUp.signal).then((result) => [result, committed()]),
      commit(200).then((result) => [result, committed()])
    ]
    while (set.broker.received(ApiKey.OffsetCommit).length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    givenUp.abort(new Error("given up"))
    await commits[1]
    letGo()
    expect(await Promise.all(commits)).toEqual([["success", 100], ["Error: given up", undefined], ["success", 200]])
    expect(committed()).toBe(200)
  })

  it("commits on behind a commit that failed", async () => {
    await using set = await setUp({ groupId: "g" })
    set.broker.next(ApiKey.OffsetCommit, () => ({ topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }] }] }))
    const commit = (offset: number) => failure(set.consumer.commit([{ ...first, offset }]))
    expect(await Promise.all([commit(1), commit(2)])).toEqual(["GROUP_AUTHORIZATION_FAILED", "success"])
  })

  it("refuses options that cannot be meant", () => {
    for (const wrong of [{ autoOffsetReset: "erliest" }, { isolationLevel: "read_comitted" }, { maxPollRecords: 0 }, { fetchMinBytes: -1 }]) {
      expect(() => new Consumer({ bootstrapServers: "h:1", ...wrong as ConsumerSettings })).toThrow(expect.objectContaining({ reason: "configuration" }))
    }
  })

  it("throws when there is nowhere to begin", async () => {
    await using set = await setUp({ autoOffsetReset: "none" })
    expect(await failure(set.consumer.position(first))).toBe("no-offset")
    expect(await failure(set.consumer.poll(2_000))).toBe("no-offset")
    set.consumer.seek(first, 9)
    append(set.cluster, ["a"])
    expect(await failure(set.consumer.poll(2_000))).toBe("no-offset")
  })

  it("goes back to what is in the log when the log was cut", async () => {
    await using set = await setUp()
    append(set.cluster, ["a"])
    set.consumer.seek(first, 7)
    expect(valuesOf(await take(set.consumer, 1))).toEqual(["a"])
  })

  it("follows the leader, through lost connections and brokers that are not ready", async () => {
    await using set = await setUp()
    const other = await ScriptedBroker.start(set.cluster)
    append(set.cluster, ["a"])
    expect(valuesOf(await take(set.consumer, 1))).toEqual(["a"])
    Object.assign(set.cluster.log("t"), { leader: other.nodeId, leaderEpoch: 3 })
    other.next(ApiKey.Fetch, () => hangUp)
    append(set.cluster, ["b"])
    const [record] = await take(set.consumer, 1)
    expect([record?.value?.toString(), record?.leaderEpoch]).toEqual(["b", 3])
    expect(other.received(ApiKey.Fetch).at(-1)?.body.topics[0].partitions[0].currentLeaderEpoch).toBe(3)
  })

  it("drops answers to requests from before a seek", async () => {
    await using set = await setUp()
    for (const value of ["a", "b", "c"]) append(set.cluster, [value])
    set.consumer.seek(first, 2)
    let release = (): void => undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const arrived = new Promise<void>((resolve) => set.broker.next(ApiKey.Fetch, async (request: ReceivedRequest) => {
      resolve()
      await held
      return set.broker.usual(request)
    }))
    const polling = set.consumer.poll(2_000)
    await arrived
    set.consumer.seek(first, 1)
    release()
    expect(valuesOf(await polling)).toEqual(["b", "c"])
  })

  it("leaves paused partitions out, and serves the others in turn", async () => {
    await using set = await setUp({ maxPollRecords: 1 }, 3)
    for (const partition of [0, 1, 2]) append(set.cluster, ["1", "2"], partition)
    set.consumer.pause([{ topic: "t", partition: 1 }])
    const records = await take(set.consumer, 4)
    expect(records.map((record) => record.partition).toSorted()).toEqual([0, 0, 2, 2])
    set.consumer.resume([{ topic: "t", partition: 1 }])
    expect((await take(set.consumer, 2)).map((record) => record.partition)).toEqual([1, 1])
  })

  it("reports damaged batches once and reads on behind them", async () => {
    await using set = await setUp()
    append(set.cluster, ["a"])
    append(set.cluster, ["b"])
    const damaged = set.cluster.log("t").batches[0] as Buffer
    damaged.writeUInt8(damaged.readUInt8(65) ^ 1, 65)
    expect(await failure(set.consumer.poll(2_000))).toBe("corrupt-records")
    expect(await failure(set.consumer.poll(2_000))).toBe("corrupt-records")
    set.consumer.seek(first, 1)
    expect(valuesOf(await take(set.consumer, 1))).toEqual(["b"])
  })

  it("takes a batch that is cut off at the end of an answer the next time", async () => {
    await using set = await setUp()
    append(set.cluster, ["a"])
    append(set.cluster, ["b"])
    set.broker.next(ApiKey.Fetch, (request) => {
      const answer = set.broker.usual(request) as Promise<any>
      return answer.then((body) => {
        const partition = body.responses[0].partitions[0]
        partition.records = partition.records.subarray(0, partition.records.length - 3)
        return body
      })
    })
    expect(valuesOf(await take(set.consumer, 2))).toEqual(["a", "b"])
  })

  it("throws what the caller may not do, and reads the other partitions", async () => {
    await using set = await setUp({}, 2)
    append(set.cluster, ["a"], 1)
    set.broker.next(ApiKey.Fetch, () => ({
      responses: [{ topic: "t", partitions: [{ partitionIndex: 0, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, highWatermark: -1, records: null, abortedTransactions: null }] }]
    }))
    expect(await failure(set.consumer.poll(2_000))).toBe("TOPIC_AUTHORIZATION_FAILED")
    expect(valuesOf(await take(set.consumer, 1))).toEqual(["a"])
  })

  it.each(["read_committed", "read_uncommitted"] as const)("%s", async (isolationLevel) => {
    await using set = await setUp({ isolationLevel })
    const log = set.cluster.log("t")
    const producer = (producerId: number): ProducerFields => ({ producerId, producerEpoch: 0, baseSequence: -1 })
    const [abort, commit] = ["00000000", "00000001"]
    log.append(batchOf(["aborted"], { isTransactional: true }, producer(1)))
    log.append(batchOf(["kept"], { isTransactional: true }, producer(2)))
    log.append(batchOf(["plain"]))
    log.append(batchOf([abort], { isTransactional: true, isControl: true }, producer(1)))
    log.append(batchOf(["second"], { isTransactional: true }, producer(1)))
    log.append(batchOf([commit], { isTransactional: true, isControl: true }, producer(2)))
    log.append(batchOf([commit], { isTransactional: true, isControl: true }, producer(1)))
    log.append(batchOf(["end"]))
    set.broker.on(ApiKey.Fetch, (request) => (set.broker.usual(request) as Promise<any>).then((body) => {
      body.responses[0].partitions[0].abortedTransactions = [{ producerId: 1, firstOffset: 0 }]
      return body
    }))
    const all = ["aborted", "kept", "plain", "second", "end"]
    const expected = isolationLevel === "read_committed" ? all.slice(1) : all
    expect(valuesOf(await take(set.consumer, expected.length))).toEqual(expected)
    expect(await set.consumer.position(first)).toBe(8)
    expect(set.broker.received(ApiKey.Fetch)[0]?.body.isolationLevel).toBe(isolationLevel === "read_committed" ? 1 : 0)
  })

  it("looks the offsets of very many partitions up", async () => {
    await using set = await setUp({}, 120_000)
    append(set.cluster, ["a"], 119_999)
    const ends = await set.consumer.endOffsets(set.consumer.assignment())
    expect([ends.length, ends.at(-2)?.offset, ends.at(-1)?.offset]).toEqual([120_000, 0, 1])
  })

  it("looks offsets up, and iterates until it is closed", async () => {
    await using set = await setUp()
    append(set.cluster, ["a", "b"])
    expect((await set.consumer.endOffsets([first])).map(({ offset }) => offset)).toEqual([2])
    expect((await set.consumer.offsetsForTimes([{ ...first, timestampMillis: 5000 }])).map(({ offset }) => offset)).toEqual([-1])
    const seen: Array<string | undefined> = []
    for await (const record of set.consumer) {
      seen.push(record.value?.toString())
      if (seen.length === 2) await set.consumer.close()
    }
    expect(seen).toEqual(["a", "b"])
    expect(await failure(set.consumer.poll(0))).toBe("closed")
  })

  it("allows one poll at a time, for assigned partitions, and says when no broker can be reached", async () => {
    await using set = await setUp()
    const abort = new AbortController()
    const polling = failure(set.consumer.poll(10_000, { signal: abort.signal }))
    expect(await failure(set.consumer.poll(0))).toBe("in-use")
    abort.abort(new Error("enough"))
    expect(await polling).toBe("Error: enough")
    expect(() => set.consumer.seek({ topic: "other", partition: 0 }, 1)).toThrow(expect.objectContaining({ reason: "not-assigned" }))
    const { address } = set.broker
    await set.broker.stop()
    await using alone = new Consumer({ bootstrapServers: address })
    alone.assign([first])
    expect(await failure(alone.poll(100))).toBe("disconnected")
  })
})
