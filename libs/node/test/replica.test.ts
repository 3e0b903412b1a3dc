import { recordCodecs } from "@tailrace/codecs"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { Batch, BatchBuilder } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

const small = { payloadBytesMax: 4_096, limits: { pieceBytesMax: 2_048, repliesInFlightBytesMax: 16_384, partitionBytesMax: 4_096 } }

/** Node, then log start, high watermark, durable and appended end. */
const all = (ends: string, nodes = 3): Array<string> => Array.from({ length: nodes }, (_, i) => `${i + 1}: ${ends}`)

const errors = (outcomes: ReadonlyArray<{ readonly errorCode: number }>): Array<number> => outcomes.map((it) => it.errorCode)

async function isSame(world: ReplicaWorld, partition = 0): Promise<boolean> {
  const logs = await Promise.all([...world.nodes.values()].map((node) => node.batches(partition)))
  return logs.every((log) => Buffer.concat(log).equals(Buffer.concat(logs[0]!)))
}

/** Nodes that do not replicate yet, with one batch of one record for each epoch. */
async function withLogs(...logs: ReadonlyArray<ReadonlyArray<number>>): Promise<ReplicaWorld> {
  const world = await ReplicaWorld.start({ nodes: logs.length, isIdle: true })
  logs.forEach((epochs, i) => {
    const { log } = world.node(i + 1).actors[0]!
    log.onDurable = () => {}
    epochs.forEach((epoch, offset) => {
      const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset: offset, leaderEpoch: epoch })
      builder.append({ timestamp: 1, value: `${epoch} at ${offset}` })
      log.append(builder.build())
    })
  })
  await world.advance(10)
  // As after a restart: what a log holds is known when its replica is made.
  for (const id of Array.from(world.nodes.keys())) {
    world.crash(id)
    await world.startNode(id)
  }
  return world
}

describe("replicas of one partition", () => {
  it("follow what the leader stages, and acks=all waits for the flush of the followers", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.node(2).store.holdFlushes()
    const first = world.produce(1, "a")
    const one = world.produce(1, "b", { acks: 1 })
    await world.advance(50)
    expect(world.ends()).toEqual(["1: 0 0 2 2", "2: 0 0 0 2", "3: 0 0 2 2"])
    expect([first.length, errors(one)]).toEqual([0, [0]])
    world.node(2).store.releaseFlushes()
    await world.advance(10)
    expect(first.map((it) => [it.errorCode, it.baseOffset])).toEqual([[0, 0]])
    await world.advance(200)
    expect(world.ends()).toEqual(all("0 2 2 2"))
    expect(await isSame(world)).toBe(true)
  })

  it("acknowledge within a round trip and a flush, and cost next to nothing while nothing happens", async () => {
    const world = await ReplicaWorld.start({ partitions: 50 })
    let messages = 0
    world.hub.setFaults(() => {
      messages++
      return [1]
    })
    await world.advance(2_000)
    messages = 0
    await world.advance(10_000)
    // Two followers, a poll and its answer each, twice a second.
    expect(messages).toBeLessThanOrEqual(84)
    const outcome = world.produce(1, "a", { partition: 7 })
    await world.advance(3)
    expect(errors(outcome)).toEqual([0])
  })

  it("get more partitions than fit into one poll, each its turn", async () => {
    const world = await ReplicaWorld.start({ ...small, partitions: 80 })
    await world.advance(50)
    for (let partition = 0; partition < 80; partition++) {
      for (let i = 0; i < 3; i++) world.produce(1, Buffer.alloc(700, partition), { partition })
    }
    await world.advance(400)
    for (let partition = 0; partition < 80; partition++) {
      expect(world.ends(partition)).toEqual(all("0 3 3 3"))
      expect(await isSame(world, partition)).toBe(true)
    }
  })

  it.each([0, 60])("take batches that are larger than a message in parts, also with %i of a thousand messages lost", async (loss) => {
    const world = await ReplicaWorld.start(small)
    world.badNetwork(loss, loss, 3)
    const outcomes = [70_000, 100, 1_900, 2_100, 300_000, 10].map((bytes) => world.produce(1, Buffer.alloc(bytes, bytes), { timeoutMillis: 60_000 }))
    await world.advance(30_000)
    expect(outcomes.flatMap(errors)).toEqual([0, 0, 0, 0, 0, 0])
    expect(await isSame(world)).toBe(true)
  })

  it("wait where the disk of a follower is behind, and go on in order", async () => {
    const world = await ReplicaWorld.start({ ...small, directory: { backlogBytesMax: 8_000 } })
    await world.advance(10)
    world.node(2).store.holdFlushes()
    for (let i = 0; i < 12; i++) {
      world.produce(1, Buffer.alloc(1_500, i), { acks: 1 })
      await world.advance(5)
    }
    const [, behind] = world.ends()
    expect(behind).toMatch(/^2: 0 0 0 [3-6]$/)
    await world.advance(3_000)
    expect(world.ends()[1]).toBe(behind)
    world.node(2).store.releaseFlushes()
    await world.advance(1_000)
    expect(world.ends()).toEqual(all("0 12 12 12"))
    expect(await isSame(world)).toBe(true)
  })

  it("are served from the disk what memory does not have any more, but nothing that is damaged there", async () => {
    const world = await ReplicaWorld.start({ nodes: 2, ...small, directory: { tailCacheBytesMax: 0 }, store: { hasPendingReads: true } })
    world.hub.setFaults(() => [])
    for (let i = 0; i < 20; i++) {
      world.produce(1, Buffer.alloc(1_000, i), { acks: 1 })
      await world.advance(5)
    }
    const { log } = world.node(1).actors[0]!
    // The simulated disk answers by reference.
    const { chunks } = await world.clock.runUntilSettled(Promise.resolve(log.read(11, 1, 20, true)))
    chunks[0]![100]! ^= 1
    world.goodNetwork()
    await world.advance(5_000)
    expect(world.ends()[1]).toBe("2: 0 11 11 11")
    expect(new Set(world.node(1).corruptions)).toEqual(new Set([11]))
  })

  it("start afresh where the leader's log starts, in the middle of a batch too", async () => {
    const world = await ReplicaWorld.start({ nodes: 2 })
    world.elect(1, { isr: [1], minIsr: 1 })
    world.hub.setFaults(() => [])
    for (let i = 0; i < 4; i++) world.produce(1, "x", { records: 5 })
    await world.advance(10)
    const deletion = world.node(1).actors[0]!.deleteRecords(13, 10_000)
    expect(await world.clock.runUntilSettled(deletion)).toEqual({ errorCode: 0, lowWatermark: 13 })
    world.goodNetwork()
    await world.advance(3_000)
    expect(world.ends()).toEqual(all("13 20 20 20", 2))
    expect((await world.node(2).batches()).map((it) => Batch.baseOffset(it, 0))).toEqual([10, 15])
    // Followers follow a start that moves.
    await world.clock.runUntilSettled(world.node(1).actors[0]!.deleteRecords(-1, 10_000))
    await world.advance(500)
    expect(world.ends()).toEqual(all("20 20 20 20", 2))
    world.produce(1, "y")
    await world.advance(500)
    expect(world.ends()).toEqual(all("20 21 21 21", 2))
  })

  it("go on when one of the partitions is deleted in the midst of it", async () => {
    const world = await ReplicaWorld.start({ partitions: 2 })
    world.hub.setFaults(() => [4])
    for (let i = 0; i < 10; i++) for (const partition of [0, 1]) world.produce(1, Buffer.alloc(2_000, i), { partition })
    await world.advance(6)
    const waiting = world.produce(1, "late")
    for (const id of [1, 3]) {
      const { actors, directory, replication } = world.node(id)
      replication.forget(actors[0]!)
      actors[0]!.close(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      directory.deleteLog(actors[0]!.topicId, 0)
    }
    await world.advance(2_000)
    expect(errors(waiting)).toEqual([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION])
    expect(world.ends(1)).toEqual(all("0 10 10 10"))
  })
})

describe("logs that part", () => {
  const cases: ReadonlyArray<[name: string, leader: Array<number>, follower: Array<number>, cuts: number]> = [
    ["A: behind in the same epoch", [1, 1, 1, 1], [1, 1], 0],
    ["B: behind in an earlier epoch", [1, 1, 2, 2], [1, 1], 0],
    ["C: ahead in the same epoch", [1, 1], [1, 1, 1, 1], 1],
    ["D: ahead in a later epoch", [1, 1], [1, 1, 2, 2], 1],
    ["E: forked, each in an epoch of its own", [1, 1, 3, 3], [1, 1, 2, 2], 1],
    ["F: forked, the leader in the common epoch", [1, 1], [1, 2, 2], 1],
    ["G: nothing in common", [1, 1], [2, 2, 2], 1],
    ["by turns, which takes two cuts", [1, 1, 3, 3, 3, 5], [1, 2, 2, 2, 4, 4, 4], 2],
    ["an empty leader", [], [1, 2], 1],
    ["an empty follower", [1, 2, 3], [], 0]
  ]
  it.each(cases)("%s", async (_, leader, follower, cuts) => {
    const world = await withLogs(leader, follower)
    world.elect(1, { leaderEpoch: 9, isr: [1], minIsr: 1 })
    await world.advance(300)
    expect(await isSame(world)).toBe(true)
    expect(world.ends()).toEqual(all(`0 ${leader.length} ${leader.length} ${leader.length}`, 2))
    expect(world.node(2).replication.counters.truncations).toBe(cuts)
    const next = world.produce(1, "next")
    await world.advance(300)
    expect(errors(next)).toEqual([0])
    expect(await isSame(world)).toBe(true)
  })

  it("take only what continues them, in their epoch and undamaged", async () => {
    const world = await withLogs([1, 1], [1, 1, 2])
    world.hub.setFaults(() => [])
    world.elect(1, { leaderEpoch: 9 })
    const follower = world.node(2).actors[0]!
    const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset: 3, leaderEpoch: 9 })
    builder.append({ timestamp: 1, value: "next" })
    const batches = builder.build()
    const fetched = { leaderEpoch: 9, baseOffset: 3, prevEpoch: 2, batches, highWatermark: 0, logStartOffset: 0 }
    const damaged = Buffer.from(batches)
    damaged[70]! ^= 1
    const later = Buffer.from(batches)
    Batch.assign(later, 0, 3, 10)
    const outcomes = [
      { ...fetched, leaderEpoch: 8 }, { ...fetched, baseOffset: 2 }, { ...fetched, baseOffset: 4 }, { ...fetched, prevEpoch: 1 },
      { ...fetched, batches: damaged }, { ...fetched, batches: batches.subarray(1) }, { ...fetched, batches: later }, fetched, fetched
    ].map((it) => follower.appendFetched(it))
    expect(outcomes).toEqual(["stale", "stale", "stale", "refused", "corrupt", "corrupt", "corrupt", "appended", "stale"])
    expect(follower.fetchPosition()).toMatchObject({ fetchOffset: 4, lastFetchedEpoch: 9, durableEnd: 3 })
  })

  it("keep what is committed, but for an unclean election", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.hub.setFaults(({ to }) => to === "3" ? [] : [0])
    world.produce(1, "committed", { acks: -1 })
    world.change({ isr: [1, 2] })
    world.applyAll()
    world.produce(1, "more")
    await world.advance(1_000)
    expect(world.ends()).toEqual(["1: 0 2 2 2", "2: 0 2 2 2", "3: 0 0 0 0"])
    world.goodNetwork()
    // A leader that lacks what was committed, by mistake.
    world.elect(3, { isr: [3], minIsr: 1 })
    world.produce(3, "other")
    await world.advance(3_000)
    expect(world.ends()).toEqual(["1: 0 2 2 2", "2: 0 2 2 2", "3: 0 1 1 1"])
    expect(world.log.lines.join()).toContain("lacks what is committed")
    world.elect(3, { isr: [3], minIsr: 1, isUnclean: true })
    await world.advance(3_000)
    expect(world.ends()).toEqual(all("0 1 1 1"))
    expect(world.log.lines.join()).toContain("cost committed records")
  })
})

describe("roles", () => {
  it("change any number of times; whoever waited is told, and nothing acknowledged is lost", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    const acknowledged: Array<number> = []
    for (let i = 0; i < 12; i++) {
      const leader = 1 + (i % 3)
      world.elect(leader)
      const sure = world.produce(leader, `sure ${i}`)
      await world.advance(100)
      expect(errors(sure)).toEqual([0])
      acknowledged.push(sure[0]!.baseOffset)
      world.hub.setFaults(() => [])
      const open = world.produce(leader, `open ${i}`)
      let isWoken = false
      const actor = world.node(leader).actors[0]!
      actor.awaitReadable(1_000, () => (isWoken = true))
      world.elect(1 + ((i + 1) % 3))
      expect([errors(open), isWoken]).toEqual([[ErrorCode.NOT_LEADER_OR_FOLLOWER], true])
      expect(errors(world.produce(leader, "late"))).toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER])
      const { leaderEpoch } = actor
      const read = (epoch: number) => (actor.read(0, epoch, 100, true) as { errorCode: number }).errorCode
      expect([read(-1), read(leaderEpoch - 1), read(leaderEpoch + 1)])
        .toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER, ErrorCode.FENCED_LEADER_EPOCH, ErrorCode.UNKNOWN_LEADER_EPOCH])
      world.goodNetwork()
    }
    await world.advance(2_000)
    const values = (await world.node(2).batches()).map((it) => Batch.baseOffset(it, 0))
    for (const offset of acknowledged) expect(values).toContain(offset)
    expect(await isSame(world)).toBe(true)
    world.change({ leader: -1 })
    world.applyAll()
    expect(world.node(2).actors[0]!.fetchPosition()).toBeUndefined()
  })

  it("drop what is on its way from an epoch that is over, and fetch it again in the new one", async () => {
    const world = await ReplicaWorld.start({ nodes: 2 })
    await world.advance(600)
    world.hub.setFaults(({ subject }) => subject.endsWith("batches") ? [20] : [1])
    world.produce(1, "a", { acks: 1 })
    await world.advance(10)
    world.elect(1)
    await world.advance(12)
    expect(world.ends()[1]).toBe("2: 0 0 0 0")
    await world.advance(100)
    expect(world.ends()[1]).toMatch(/^2: 0 \d 1 1$/)
    const epochs = (await world.node(2).batches()).map((it) => Batch.leaderEpoch(it, 0))
    expect(epochs).toEqual([1])
  })

  it("begin at once, whoever of the two nodes hears of the new epoch first", async () => {
    const world = await ReplicaWorld.start({ nodes: 2 })
    for (const first of [1, 2]) {
      await world.advance(700)
      world.change({ leader: 1 })
      world.node(first).apply(world.views, world.brokerEpochs)
      await world.advance(30)
      world.node(3 - first).apply(world.views, world.brokerEpochs)
      await world.advance(2)
      const outcome = world.produce(1, "a")
      await world.advance(2)
      expect(errors(outcome)).toEqual([0])
    }
  })

  it("are told the high watermark again in each epoch", async () => {
    const world = await ReplicaWorld.start({ nodes: 2 })
    world.elect(1, { isr: [1], minIsr: 1 })
    await world.advance(10)
    world.node(2).store.holdFlushes()
    world.produce(1, "a")
    await world.advance(700)
    expect(world.ends()).toEqual(["1: 0 1 1 1", "2: 0 0 0 1"])
    world.elect(1)
    await world.advance(10)
    world.node(2).store.releaseFlushes()
    await world.advance(700)
    expect(world.ends()).toEqual(all("0 1 1 1", 2))
  })

  it("end with the node's lease: nothing is acknowledged, read or promised", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    const node = world.node(1)
    const actor = node.actors[0]!
    expect(errors(world.produce(1, "a"))).toEqual([])
    await world.advance(50)
    node.store.holdFlushes()
    const open = [world.produce(1, "b"), world.produce(1, "c", { acks: 1 })]
    await world.advance(5)
    node.isFenced = true
    // The flush and the followers' acknowledgements come before anybody notices that the lease is over.
    node.store.releaseFlushes()
    await world.advance(50)
    expect(open.map(errors)).toEqual([[ErrorCode.NOT_LEADER_OR_FOLLOWER], [ErrorCode.NOT_LEADER_OR_FOLLOWER]])
    const codes = [
      actor.read(0, -1, 100, true), actor.offsetForTimestamp(-1, -1), actor.endOffsetForEpoch(1, -1), await actor.deleteRecords(0, 0), ...world.produce(1, "d")
    ].map((it) => (it as { errorCode: number }).errorCode)
    expect(codes).toEqual(Array.from({ length: 5 }, () => ErrorCode.NOT_LEADER_OR_FOLLOWER))
    expect(actor.proposeIsr(0, 0)).toBeUndefined()
    node.isFenced = false
    const waiting = (node.store.holdFlushes(), world.produce(1, "e"))
    node.isFenced = true
    actor.leaseChanged()
    expect(errors(waiting)).toEqual([ErrorCode.NOT_LEADER_OR_FOLLOWER])
  })
})

describe("a disk that failed", () => {
  it("ends the role of whoever had staged something, and of who is to lead while it takes nothing", async () => {
    const world = await ReplicaWorld.start({ partitions: 2 })
    await world.advance(10)
    const node = world.node(2)
    node.store.failCommits(1)
    node.store.failReopens(1_000)
    const outcome = world.produce(1, "a")
    await world.advance(50)
    expect([node.actors.map((it) => it.hasFailed), node.storageFailures]).toEqual([[true, false], 1])
    expect(outcome).toEqual([])
    world.elect(2, {}, 1)
    expect([node.actors.map((it) => it.hasFailed), node.storageFailures]).toEqual([[true, true], 2])
    expect(errors(world.produce(2, "b", { partition: 1 }))).toEqual([ErrorCode.KAFKA_STORAGE_ERROR])
  })
})

describe("uptimes", () => {
  it("a follower that comes back is one with a new broker epoch; what is late from the old one counts no more", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.produce(1, "a")
    await world.advance(50)
    const leader = world.node(1).actors[0]!
    // Polls and acknowledgements of the old uptime are on their way for a long time.
    world.hub.setFaults(({ from }) => from === "3" ? [300] : [0])
    world.produce(1, "b", { acks: 1 })
    await world.advance(20)
    world.crash(3)
    world.hub.setFaults(({ from }) => from === "3" ? [] : [0])
    await world.startNode(3)
    world.change({ isr: [1, 2] })
    world.applyAll()
    await world.advance(1_000)
    expect(leader.proposeIsr(world.clock.monotonicMillis(), 100)).toBeUndefined()
    world.goodNetwork()
    await world.advance(1_500)
    expect(leader.proposeIsr(world.clock.monotonicMillis(), 1_000)?.isr)
      .toEqual([{ brokerId: 1, brokerEpoch: -1 }, { brokerId: 2, brokerEpoch: 2 }, { brokerId: 3, brokerEpoch: 4 }])
  })

  it("a poll of an uptime that is over does not disturb the one that follows", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.hub.setFaults(({ from }) => from === "3" ? [300] : [0])
    world.produce(1, "a", { acks: 1 })
    await world.advance(5)
    world.crash(3)
    world.goodNetwork()
    await world.startNode(3)
    world.change({})
    world.applyAll()
    // The poll that followed "a" comes within this time.
    for (let i = 0; i < 40; i++) {
      world.produce(1, "b", { acks: 1 })
      await world.advance(10)
    }
    expect(world.ends()[2]).toMatch(/41 41$/)
    expect(world.node(3).replication.counters.resyncs).toBe(0)
  })

  it("polls that are ahead of the metadata are answered when that has come", async () => {
    const world = await ReplicaWorld.start({ nodes: 2 })
    await world.advance(10)
    world.crash(2)
    await world.startNode(2)
    world.change({})
    world.node(2).apply(world.views, world.brokerEpochs)
    await world.advance(20)
    world.produce(1, "a", { acks: 1 })
    await world.advance(20)
    expect(world.ends()[1]).toBe("2: 0 0 0 0")
    world.node(1).apply(world.views, world.brokerEpochs)
    await world.advance(20)
    expect(world.ends()[1]).toMatch(/1 1$/)
  })

  it("a leader that slept judges lag one round later", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.hub.setFaults(({ from }) => from === "3" ? [] : [0])
    world.produce(1, "a", { acks: 1 })
    await world.advance(900)
    const actor = world.node(1).actors[0]!
    const isr = () => actor.proposeIsr(world.clock.monotonicMillis(), 1_000)?.isr.map((it) => it.brokerId)
    expect(isr()).toBeUndefined()
    await world.advance(2_000)
    actor.stalled(2_000)
    expect(isr()).toBeUndefined()
    await world.advance(600)
    expect(isr()).toEqual([1, 2])
  })
})
