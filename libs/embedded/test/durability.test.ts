import { ErrorCode } from "@tailrace/kafka-protocol"
import { SimulatedDisk } from "@tailrace/log"
import { describe, expect, it } from "vitest"
import { batchOf, createTopic, fetch, outcomeOf, produce, produceRequest, recordsIn } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode, type SimulatedNodeOptions } from "./support/SimulatedNode.ts"

const groupId = "billing"

async function start(options?: SimulatedNodeOptions) {
  const node = await SimulatedNode.start(options)
  return { node, client: await node.connect() }
}

/** The next run on the same disk, some time later. */
const restart = (node: SimulatedNode, options: SimulatedNodeOptions = {}) =>
  start({ ...options, disk: node.disk, wallMillis: node.clock.wallMillis() + 5_000 })

const values = async (client: SimulatedClient, topic = "a") => recordsIn((await fetch(client, topic)).records).map(([, value]) => value)

const leaderEpoch = async (client: SimulatedClient, name = "a") =>
  (await client.ask("Metadata", 12, { topics: [{ name }] })).topics[0]!.partitions[0]!.leaderEpoch

const commitRequest = (committedOffset: number) => ({
  groupId, topics: [{ name: "a", partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: "" }] }]
})

const commit = async (client: SimulatedClient, offset: number) =>
  (await client.ask("OffsetCommit", 8, commitRequest(offset))).topics[0]!.partitions[0]!.errorCode

async function committed(client: SimulatedClient) {
  const { errorCode, topics } = await client.ask("OffsetFetch", 7, { groupId, topics: [{ name: "a", partitionIndexes: [0] }] })
  return errorCode === 0 ? topics[0]!.partitions[0]!.committedOffset : `error ${errorCode}`
}

const names = async (client: SimulatedClient) => (await client.ask("Metadata", 12, { topics: null })).topics.map((it) => it.name)

const newTopic = (name: string) => ({
  topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }], timeoutMs: 1_000
})

describe("an acknowledgement", () => {
  it("never leaves before the flush, whatever the acks", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    const durable = node.store.flushCount
    node.store.holdFlushes()
    const answers = [1, -1].map((acks) => client.raw.request("Produce", 9, produceRequest("a", batchOf([`${acks}`]), { acks })))
    const created = (await node.connect()).raw.request("CreateTopics", 7, newTopic("b"))
    await node.advance(4_000)
    expect([client.raw.openRequests, await values(await node.connect())]).toEqual([2, []])
    node.store.releaseFlushes()
    const outcomes = (await node.run(Promise.all(answers), 0)).map(outcomeOf)
    expect(outcomes.map((it) => [it.errorCode, it.baseOffset])).toEqual([[0, 0], [0, 1]])
    expect((await node.run(created, 0)).topics[0]!.errorCode).toBe(0)
    expect(node.store.flushCount).toBeGreaterThan(durable)
  })

  it("comes from the flush of its own records, not from one before", async () => {
    const { client, node } = await start({ store: { flushMillis: () => 10 } })
    await createTopic(client, "a")
    await node.advance(100)
    const first = client.raw.request("Produce", 9, produceRequest("a", batchOf(["0"]), { acks: 1 }))
    await node.settle()
    const second = [1, -1].map((acks) => client.raw.request("Produce", 9, produceRequest("a", batchOf(["1"]), { acks })))
    await node.advance(10)
    expect(client.raw.openRequests).toBe(2)
    await node.run(first, 0)
    await node.run(Promise.all(second), 10)
  })

  it("of produces that arrive together comes from one flush", async () => {
    const { client, node } = await start({ store: { flushMillis: () => 5 } })
    await createTopic(client, "a", 2)
    const before = node.store.flushCount
    const answers = Array.from({ length: 20 }, (_, i) => client.raw.request("Produce", 9, produceRequest("a", batchOf([`${i}`]), { index: i % 2 })))
    await node.run(Promise.all(answers), 10)
    // The bytes arrive in a few pieces: what comes behind a commit in flight shares the next one.
    expect(node.store.flushCount - before).toBe(2)
  })

  it("waits for the flush, however short the request's time-out, which is for other replicas", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    node.store.holdFlushes()
    const answer = client.raw.request("Produce", 9, produceRequest("a", batchOf(["x"]), { timeoutMs: 0 }))
    await node.advance(60_000)
    expect(client.raw.openRequests).toBe(1)
    node.store.releaseFlushes()
    expect(outcomeOf(await node.run(answer)).errorCode).toBe(0)
    expect([await values(client), node.listener.frameBytesInFlight]).toEqual([["x"], 0])
  })

  it("waits for room where the disk falls behind, and every producer keeps its order", async () => {
    const { client, node } = await start({ directory: { backlogBytesMax: 4_000 } })
    await createTopic(client, "a")
    node.store.holdFlushes()
    const answers = Array.from({ length: 12 }, (_, baseSequence) =>
      client.raw.request("Produce", 9, produceRequest("a", batchOf([`${baseSequence}`], {
        valueBytes: 1_000, producer: { producerId: 1, producerEpoch: 0, baseSequence }
      }))))
    await node.settle()
    expect(node.directory.backlog.bytes).toBeLessThan(6_000)
    node.store.releaseFlushes()
    const outcomes = (await node.run(Promise.all(answers), 0)).map(outcomeOf)
    expect(outcomes.map((it) => [it.errorCode, it.baseOffset])).toEqual(answers.map((_, i) => [0, i]))
  })

  it("of a group's commit waits for room and flush like every other", async () => {
    const { client, node } = await start({ directory: { backlogBytesMax: 4_000 } })
    await createTopic(client, "a")
    await client.ask("FindCoordinator", 0, { key: groupId })
    node.store.holdFlushes()
    for (let i = 0; i < 4; i++) client.raw.send("Produce", 9, produceRequest("a", batchOf(["x"], { valueBytes: 1_000 })))
    await node.settle()
    expect(node.directory.backlog.isFull).toBe(true)
    const other = (await node.connect()).raw
    const commits = [1, 2, 3].map((offset) => other.request("OffsetCommit", 8, commitRequest(offset)))
    const read = other.request("OffsetFetch", 7, { groupId, topics: null })
    await node.advance(1_000)
    expect(other.openRequests).toBe(4)
    node.store.releaseFlushes()
    const answers = await node.run(Promise.all(commits), 0)
    expect(answers.map((it) => it.topics[0]!.partitions[0]!.errorCode)).toEqual([0, 0, 0])
    expect((await node.run(read, 0)).topics[0]!.partitions[0]!.committedOffset).toBe(3)
  })

  it("of a group's commit that the disk holds up is COORDINATOR_NOT_AVAILABLE, and the group goes on afterwards", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    await client.ask("FindCoordinator", 0, { key: groupId })
    node.store.holdFlushes()
    const held = client.raw.request("OffsetCommit", 8, commitRequest(5))
    const { topics } = await node.run(held, 10_000)
    expect(topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.COORDINATOR_NOT_AVAILABLE)
    const read = client.raw.request("OffsetFetch", 7, { groupId, topics: null })
    await node.advance(1_000)
    expect(client.raw.openRequests).toBe(1)
    node.store.releaseFlushes()
    expect((await node.run(read, 0)).topics[0]!.partitions[0]!.committedOffset).toBe(5)
    expect(await committed(client)).toBe(5)
    expect(await commit(client, 6)).toBe(0)
  })
})

describe("a flush that fails", () => {
  it("is told to everybody who waits; reads go on; after the repair the node leads with a new epoch", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    await createTopic(client, "b")
    await produce(client, "a", batchOf(["kept"]))
    await client.ask("FindCoordinator", 0, { key: groupId })
    expect(await commit(client, 1)).toBe(0)

    node.store.holdFlushes()
    const other = await node.connect()
    const produced = ["a", "a", "b"].map((topic) => client.raw.request("Produce", 9, produceRequest(topic, batchOf(["lost"]))))
    const committing = other.raw.request("OffsetCommit", 8, commitRequest(2))
    const creating = (await node.connect()).raw.request("CreateTopics", 7, newTopic("c"))
    await node.settle()
    node.store.failCommits(3)
    node.store.releaseFlushes()
    await node.settle()
    expect((await Promise.all(produced)).map((it) => outcomeOf(it).errorCode)).toEqual([56, 56, 56])
    expect((await committing).topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect((await creating).topics[0]!.errorCode).toBe(ErrorCode.NOT_CONTROLLER)

    expect(node.directory.writeGate.reason).toBe("failed")
    expect(await values(client)).toEqual(["kept"])
    // A replica that lost nothing refuses too, as its directory takes nothing.
    for (const topic of ["a", "b"]) expect((await produce(client, topic, batchOf(["x"]))).errorCode).toBeOneOf([6, 56])
    const poll = (await node.connect()).raw
    const parked = poll.request("Fetch", 12, {
      maxWaitMs: 600_000, minBytes: 1, topics: [{ topic: "a", partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: 1_000 }] }]
    })

    await node.advance(3_000)
    expect(node.directory.writeGate.isOpen).toBe(true)
    expect([await leaderEpoch(client), await leaderEpoch(client, "b")]).toEqual([1, 1])
    // Whoever waited at the old epoch learns that it is over.
    expect((await node.run(parked, 0)).responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(await values(client)).toEqual(["kept"])
    expect(await committed(client)).toBe(1)
    expect(await commit(client, 3)).toBe(0)
    expect(await names(client)).toEqual(["a", "b", "__consumer_offsets"])
    expect((await produce(client, "a", batchOf(["next"]))).baseOffset).toBe(1)
    await createTopic(client, "c")
    expect([await values(client), node.listener.frameBytesInFlight]).toEqual([["kept", "next"], 0])
  })

  it("leaves no trace of an idempotent producer's lost batch, so that its retry is taken", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    const send = (baseSequence: number) => produce(client, "a", batchOf([`${baseSequence}`], { producer: { producerId: 1, producerEpoch: 0, baseSequence } }))
    await send(0)
    node.store.failCommits(1)
    expect((await send(1)).errorCode).toBe(56)
    await node.advance(2_000)
    expect([(await send(1)).errorCode, (await send(2)).baseOffset]).toEqual([0, 2])
    expect(await values(client)).toEqual(["0", "1", "2"])
  })

  it("whose bytes were written all the same brings nothing into disorder: not in this run, not in the next", async () => {
    const { client, node } = await start({ store: { flushMillis: () => 10 } })
    await createTopic(client, "a")
    const other = await node.connect()
    // Behind a commit in flight both get into the next one.
    other.raw.send("Produce", 9, produceRequest("a", batchOf(["sure"])))
    await node.settle()
    const creating = client.raw.request("CreateTopics", 7, newTopic("b"))
    const producing = other.raw.request("Produce", 9, produceRequest("a", batchOf(["unsure"])))
    await node.advance(10)
    node.store.failCommits(1, 1)
    await node.advance(10)
    expect((await creating).topics[0]!.errorCode).toBe(ErrorCode.NOT_CONTROLLER)
    expect(outcomeOf(await producing).errorCode).toBe(56)
    await node.advance(2_000)
    // Nobody was told that it failed for ever: what is found now stays.
    expect(await names(client)).toEqual(["a", "b"])
    expect((await client.ask("CreateTopics", 7, newTopic("b"))).topics[0]!.errorCode).toBe(ErrorCode.TOPIC_ALREADY_EXISTS)
    expect((await produce(client, "b", batchOf(["x"]))).baseOffset).toBe(0)
    expect(await values(client)).toEqual(["sure", "unsure"])
    await node.close()
    const next = await restart(node)
    expect(await names(next.client)).toEqual(["a", "b"])
    expect([await values(next.client), await values(next.client, "b")]).toEqual([["sure", "unsure"], ["x"]])
  })

  it("with the partition's very making in it makes the partition once the disk is well", async () => {
    const { client, node } = await start()
    await client.ask("FindCoordinator", 0, { key: groupId })
    await createTopic(client, "a")
    // Metadata is committed, then the partition's log is made; that commit fails.
    const creating = client.raw.request("CreateTopics", 7, newTopic("b"))
    await node.run(creating, 0)
    node.store.failCommits(1)
    expect((await produce(client, "b", batchOf(["x"]))).errorCode).toBe(56)
    await node.advance(2_000)
    expect((await produce(client, "b", batchOf(["x"]))).errorCode).toBe(0)
  })
})

describe("a disk that is full", () => {
  it("refuses writes with 56, serves reads, and takes writes again when there is room", async () => {
    const disk = new SimulatedDisk("full", 1_000_000)
    const { client, node } = await start({ disk, directory: { reserveBytesMax: 1_000, reserveFraction: 1, spaceProbeMillis: 1_000 } })
    await createTopic(client, "a")
    await client.ask("FindCoordinator", 0, { key: groupId })
    await produce(client, "a", batchOf(["kept"]))
    await commit(client, 1)
    disk.capacityBytes = disk.image.bytes + 500
    await node.advance(1_000)
    expect(node.directory.writeGate.reason).toBe("space")
    expect((await produce(client, "a", batchOf(["x"]))).errorCode).toBe(56)
    expect(await commit(client, 2)).toBe(ErrorCode.NOT_COORDINATOR)
    // Metadata may use the reserve, or nobody could make room by deleting topics.
    await createTopic(client, "b")
    expect((await produce(client, "b", batchOf(["x"]))).errorCode).toBe(56)
    const { responses } = await client.ask("DeleteTopics", 5, { topicNames: ["b"], timeoutMs: 1_000 })
    expect(responses[0]!.errorCode).toBe(0)
    expect(await values(client)).toEqual(["kept"])
    disk.capacityBytes = 1_000_000
    await node.advance(1_000)
    // Nothing that was staged is lost, so nobody has to lead anew.
    expect(await leaderEpoch(client)).toBe(0)
    expect((await produce(client, "a", batchOf(["next"]))).baseOffset).toBe(1)
    expect([await committed(client), await commit(client, 3)]).toEqual([1, 0])
    await createTopic(client, "b")
  })
})

describe("the next run", () => {
  it("after a power loss has everything that was acknowledged and nothing that could not be", async () => {
    const { client, node } = await start()
    expect(node.directory.startClass).toBe("new")
    await createTopic(client, "a")
    for (const value of ["0", "1"]) await produce(client, "a", batchOf([value]))
    await client.ask("FindCoordinator", 0, { key: groupId })
    await commit(client, 2)
    node.store.holdFlushes()
    client.raw.send("Produce", 9, produceRequest("a", batchOf(["unflushed"])))
    client.raw.send("OffsetCommit", 8, commitRequest(3))
    client.raw.send("CreateTopics", 7, newTopic("b"))
    await node.settle()
    node.crash()

    const next = await restart(node)
    expect(next.node.directory.startClass).toBe("unclean")
    expect(await names(next.client)).toEqual(["a", "__consumer_offsets"])
    expect(await values(next.client)).toEqual(["0", "1"])
    expect(await committed(next.client)).toBe(2)
    expect((await produce(next.client, "a", batchOf(["2"]))).baseOffset).toBe(2)
  })

  it("after a flush that just made it has its records, though nobody was told", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    node.store.holdFlushes()
    client.raw.send("Produce", 9, produceRequest("a", batchOf(["just"])))
    await node.settle()
    node.crash(true)
    expect(await values((await restart(node)).client)).toEqual(["just"])
  })

  it("knows topics, configurations, offsets, producers and its cluster; and leads with a higher epoch", async () => {
    const { client, node } = await start()
    const topicId = await createTopic(client, "a", 2, { "retention.ms": "123456789" })
    const { producerId } = await client.ask("InitProducerId", 4, { transactionalId: null, transactionTimeoutMs: 1_000 })
    const send = (to: SimulatedClient, baseSequence: number) =>
      produce(to, "a", batchOf([`${baseSequence}`], { producer: { producerId, producerEpoch: 0, baseSequence }, timestamp: node.clock.wallMillis() }))
    await send(client, 0)
    await send(client, 1)
    await client.ask("FindCoordinator", 0, { key: groupId })
    await commit(client, 2)
    const { clusterId } = node.node
    await node.close()

    const next = await restart(node)
    expect([next.node.directory.startClass, next.node.node.clusterId]).toEqual(["clean", clusterId])
    const { topics } = await next.client.ask("Metadata", 12, { topics: [{ name: "a" }] })
    expect(topics[0]).toMatchObject({ topicId, partitions: [{ leaderEpoch: 1 }, { leaderEpoch: 1 }] })
    const { results } = await next.client.ask("DescribeConfigs", 4, {
      resources: [{ resourceType: 2, resourceName: "a", configurationKeys: ["retention.ms"] }]
    })
    expect(results[0]!.configs[0]).toMatchObject({ value: "123456789", configSource: 1 })
    expect(await committed(next.client)).toBe(2)
    expect(await send(next.client, 1)).toMatchObject({ errorCode: 0, baseOffset: 1 })
    expect((await send(next.client, 3)).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect((await send(next.client, 2)).baseOffset).toBe(2)
    const again = await next.client.ask("InitProducerId", 4, { transactionalId: null, transactionTimeoutMs: 1_000 })
    expect(again.producerId).toBeGreaterThan(producerId)
    // Each batch carries the epoch of its leader, for clients that ask where an epoch ended.
    const { records } = await fetch(next.client, "a")
    expect([records!.readInt32BE(12), records!.readInt32BE(records!.length - (records!.length / 3) + 12)]).toEqual([0, 1])
  })

  it("does not bring back a topic that was deleted, not even after a power loss", async () => {
    const { client, node } = await start()
    const old = await createTopic(client, "a")
    await produce(client, "a", batchOf(["old"]))
    await client.ask("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })
    node.crash()
    const next = await restart(node)
    expect(await names(next.client)).toEqual([])
    const renewed = await createTopic(next.client, "a")
    expect([renewed === old, await leaderEpoch(next.client), await values(next.client)]).toEqual([false, 1, []])
    expect([...next.node.directory.logs()].map((it) => it.topic).toSorted()).toEqual(["__cluster_metadata", "a"])
  })

  it("begins where DeleteRecords had moved the start, and answered once that was durable", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    for (const value of ["0", "1", "2"]) await produce(client, "a", batchOf([value]))
    node.store.holdFlushes()
    const partitions = [{ partitionIndex: 0, offset: 2 }]
    const trimming = client.raw.request("DeleteRecords", 2, { topics: [{ name: "a", partitions }], timeoutMs: 10_000 })
    await node.advance(1_000)
    expect(client.raw.openRequests).toBe(1)
    node.store.releaseFlushes()
    expect((await node.run(trimming, 0)).topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 2 })
    node.crash()
    const next = await restart(node)
    expect(await fetch(next.client, "a", { offset: 1 })).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect(await fetch(next.client, "a", { offset: 2 })).toMatchObject({ errorCode: 0, logStartOffset: 2, highWatermark: 3 })
  })

  it("tells where each leader's epoch ended", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    for (const value of ["0", "1"]) await produce(client, "a", batchOf([value]))
    await node.close()
    const next = await restart(node)
    await produce(next.client, "a", batchOf(["2"]))
    const ask = async (leaderEpoch: number) => {
      const topics = [{ topic: "a", partitions: [{ partition: 0, leaderEpoch }] }]
      const found = (await next.client.ask("OffsetForLeaderEpoch", 4, { topics })).topics[0]!.partitions[0]!
      return [found.leaderEpoch, found.endOffset]
    }
    expect([await ask(0), await ask(1), await ask(2)]).toEqual([[0, 2], [1, 3], [-1, -1]])
  })

  it("removes the log of a topic whose deletion was decided and not carried out", async () => {
    const { client, node } = await start({ store: { flushMillis: () => 10 } })
    await createTopic(client, "a")
    await produce(client, "a", batchOf(["x"]))
    await node.advance(100)
    const before = node.store.flushCount
    client.raw.send("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })
    await node.advance(10)
    expect(node.store.flushCount).toBe(before + 1)
    node.crash()
    const next = await restart(node)
    expect([...next.node.directory.logs()].map((it) => it.topic)).toEqual(["__cluster_metadata"])
  })

  it("survives power losses at every point of a busy run with all that was acknowledged", async () => {
    const disk = new SimulatedDisk()
    const acknowledged: Array<string> = []
    let wallMillis = Date.UTC(2026, 0, 1)
    for (let run = 0; run < 8; run++) {
      const { client, node } = await start({ disk, wallMillis, seed: run + 1, store: { flushMillis: () => run } })
      if (run === 0) await createTopic(client, "a")
      expect(await values(client)).toEqual(expect.arrayContaining(acknowledged))
      for (let i = 0; i < 10; i++) {
        const value = `${run}.${i}`
        client.raw.request("Produce", 9, produceRequest("a", batchOf([value]))).then((response) => {
          if (outcomeOf(response).errorCode === 0) acknowledged.push(value)
        }, () => undefined)
        await node.advance(run % 3)
      }
      node.crash(run % 2 === 0)
      wallMillis = node.clock.wallMillis() + 1_000
    }
    expect(acknowledged.length).toBeGreaterThan(20)
    const { client } = await start({ disk, wallMillis })
    const found = await values(client)
    expect(found).toEqual(expect.arrayContaining(acknowledged))
    expect(new Set(found).size).toBe(found.length)
  })
})
