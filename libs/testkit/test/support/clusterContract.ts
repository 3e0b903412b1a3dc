import { Producer } from "@tailrace/client"
import { ApiKey } from "@tailrace/kafka-protocol"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { assert, describe, it, onTestFailed } from "vitest"
import { Cluster, type ClusterMode, type ClusterNode, type ClusterOptions, generateFaults } from "../../src/index.ts"

export const topic = "orders"

export const start = async (options: ClusterOptions): Promise<Cluster> => {
  const cluster = await Cluster.start(3, options)
  onTestFailed(() => void cluster.report())
  await cluster.createTopic(topic, { partitions: 3 })
  return cluster
}

/** Sends and reads while something is done to the cluster; then it has to be whole again, and to have kept all it promised. */
export const survives = async (cluster: Cluster, breaking: () => Promise<unknown>, durationMillis = 4_000): Promise<void> => {
  await cluster.run(async () => {
    const load = cluster.sendWorkload({ topic, durationMillis, intervalMillis: 20, valueBytes: 100 })
    await cluster.sleep(500)
    await breaking()
    await load
    await cluster.settled()
    const { acknowledged } = await cluster.checkHistory()
    assert.isAbove(acknowledged, 200)
    const afterwards = cluster.history.operations.filter(({ f, type }) => f === "send" && type === "ok").at(-1)!.completeMillis
    const lastFault = cluster.history.operations.findLast(({ f }) => f === "fault")!.completeMillis
    assert.isAbove(afterwards, lastFault)
  })
}

export const all = (cluster: Cluster, change: (node: ClusterNode) => Promise<void>): Promise<unknown> => Promise.all(cluster.nodes.map(change))

/** What a cluster of nodes in this process survives, in real and in virtual time. */
export const clusterContract = (mode: ClusterMode): unknown => describe(`a cluster ${mode}`, { timeout: 90_000 }, () => {
  it("goes on when the leader is killed", async () => {
    await using cluster = await start({ mode })
    let first = 0
    await survives(cluster, async () => {
      const leader = await cluster.leaderOf(topic)
      first = leader.id
      await leader.kill()
      assert.isFalse(leader.isUp)
      assert.notStrictEqual((await cluster.leaderOf(topic)).id, first)
      await cluster.sleep(500)
      await leader.restart()
    })
    const gap = cluster.longestAckGap({ keys: [`${topic}/0`] })
    assert.isBelow(gap.millis, 5_000)
    assert.isTrue(cluster.node(first).logLines.length > 0)
  })

  it("goes on when the leader stands still, and when it wakes", async () => {
    await using cluster = await start({ mode })
    await survives(cluster, async () => {
      const leader = await cluster.leaderOf(topic)
      await leader.pause()
      assert.notStrictEqual((await cluster.leaderOf(topic)).id, leader.id)
      await cluster.sleep(1_000)
      await leader.resume()
    })
  })

  it("goes on when the leader is cut off, in one direction and in both", async () => {
    await using cluster = await start({ mode })
    await survives(cluster, async () => {
      const leader = await cluster.leaderOf(topic)
      cluster.isolate(leader.id)
      await cluster.sleep(2_000)
      cluster.heal()
      const [a, b] = cluster.nodes.map(({ id }) => id).filter((id) => id !== leader.id)
      cluster.partition([leader.id], [a!, b!], { oneWay: true })
      await cluster.sleep(1_500)
      cluster.heal()
    }, 6_000)
  })

  it("keeps what was acknowledged when all nodes lose their power", async () => {
    await using cluster = await start({ mode })
    await survives(cluster, async () => {
      await all(cluster, (node) => node.powerLoss())
      await cluster.sleep(200)
      await all(cluster, (node) => node.restart())
    })
  })

  it("fills a node again whose directory is empty, old or damaged", async () => {
    await using cluster = await start({ mode })
    await survives(cluster, async () => {
      await cluster.node(2).kill()
      await cluster.node(2).wipe()
      await cluster.node(2).restart()
      await cluster.settled()
      await cluster.node(3).saveCopy()
      await cluster.sleep(300)
      await cluster.node(3).kill()
      await cluster.node(3).restoreOldCopy()
      await cluster.node(3).restart()
      await cluster.settled()
      await cluster.node(1).kill()
      await cluster.node(1).corrupt(topic, 0, 0)
      await cluster.node(1).restart()
    })
  })

  it("takes full and slow disks, and a bus that is away", async () => {
    await using cluster = await start({ mode })
    await survives(cluster, async () => {
      const leader = await cluster.leaderOf(topic)
      leader.slowFlush(30)
      await cluster.sleep(500)
      leader.slowFlush(undefined)
      leader.fillDisk()
      await cluster.sleep(500)
      leader.freeDisk()
      cluster.pauseBus(500)
      await cluster.sleep(600)
    })
  })

  it("moves leaders and coordinators where it is told", async () => {
    await using cluster = await start({ mode })
    await cluster.run(async () => {
      const before = await cluster.leaderOf(topic, 1)
      const target = before.id % 3 + 1
      assert.strictEqual((await cluster.electLeader(topic, 1, target)).id, target)
      assert.strictEqual((await cluster.leaderOf(topic, 1)).id, target)
      await cluster.groupWorkload({ topic, group: "g", durationMillis: 1_000 })
      const coordinator = await cluster.coordinatorOf("g")
      const moved = await cluster.moveCoordinator("g")
      assert.notStrictEqual(moved.id, coordinator.id)
      assert.strictEqual((await cluster.coordinatorOf("g")).id, moved.id)
      const controller = await cluster.controllerOf()
      await controller.stop()
      assert.notStrictEqual((await cluster.controllerOf()).id, controller.id)
      await controller.restart()
      await cluster.isrFull()
    })
  })

  it("survives the faults of a schedule", async () => {
    await using cluster = await start({ mode })
    await cluster.run(async () => {
      const schedule = generateFaults({
        seed: cluster.seed, random: new SeededRandom(cluster.seed), durationMillis: 6_000, gapMillisMean: 1_000
      })
      await Promise.all([cluster.sendWorkload({ topic, durationMillis: 6_000, intervalMillis: 20 }), cluster.faults(schedule)])
      await cluster.checkHistory()
    })
  })

  it("stores a record once whose answer is lost", async () => {
    await using cluster = await start({ mode })
    await cluster.run(async () => {
      const proxy = await cluster.connectionFaults()
      const producer = new Producer({ ...cluster.clientOptions(), bootstrapServers: proxy.bootstrapServers })
      await producer.partitionsFor(topic)
      proxy.dropNextAnswer(ApiKey.Produce)
      const send = async () => (await producer.send({ topic, partition: 0, value: "once" })).offset
      assert.strictEqual(await cluster.recordSend({ topic, value: "once", isIdempotent: true }, send), 0)
      await producer.close()
      const { read } = await cluster.checkHistory()
      assert.strictEqual(read, 1)
    })
  })
})
