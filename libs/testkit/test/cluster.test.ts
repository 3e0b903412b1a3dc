import { execFile, spawn } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { findNatsServer, natsServerHelp } from "@tailrace/bus/nats-server"
import { Producer } from "@tailrace/client"
import { ApiKey } from "@tailrace/kafka-protocol"
import { NodeNet, SystemClock } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { assert, describe, it, onTestFailed } from "vitest"
import { Cluster, ClusterError, type ClusterMode, type ClusterNode, type ClusterOptions, generateFaults, HistoryText, UnsupportedFault } from "../src/index.ts"

const topic = "orders"
const modes: ReadonlyArray<ClusterMode> = ["inProcess", "simulated"]

const start = async (options: ClusterOptions): Promise<Cluster> => {
  const cluster = await Cluster.start(3, options)
  onTestFailed(() => void cluster.report())
  await cluster.createTopic(topic, { partitions: 3 })
  return cluster
}

/** Sends and reads while something is done to the cluster; then it has to be whole again, and to have kept all it promised. */
const survives = async (cluster: Cluster, breaking: () => Promise<unknown>, durationMillis = 4_000): Promise<void> => {
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

/** Somebody accepts connections there. */
const isOpen = (port: number): Promise<boolean> =>
  new NodeNet().dial({ host: "127.0.0.1", port, timeoutMillis: 1_000 }).then((connection) => {
    connection.destroy()
    return true
  }, () => false)

const all = (cluster: Cluster, change: (node: ClusterNode) => Promise<void>): Promise<unknown> => Promise.all(cluster.nodes.map(change))

describe.each(modes)("a cluster %s", { timeout: 90_000 }, (mode) => {
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

const program = await findNatsServer()
if (program === undefined && process.env["TAILRACE_REQUIRE_NATS"] === "1") throw new Error(natsServerHelp)

describe.skipIf(program === undefined)(`a cluster of processes${program === undefined ? ` (${natsServerHelp})` : ""}`, { timeout: 120_000 }, () => {
  it("goes on when the leader is killed, stands still, is cut off and loses its directory, and stores nothing twice", async () => {
    await using cluster = await start({ mode: "processes" })
    await survives(cluster, async () => {
      const killed = await cluster.leaderOf(topic)
      await killed.kill()
      assert.notStrictEqual((await cluster.leaderOf(topic)).id, killed.id)
      await killed.wipe()
      await killed.restart()
      await cluster.settled()
      const paused = await cluster.leaderOf(topic)
      await paused.pause()
      assert.notStrictEqual((await cluster.leaderOf(topic)).id, paused.id)
      await paused.resume()
      await cluster.settled()
      cluster.isolate((await cluster.leaderOf(topic)).id)
      await cluster.sleep(2_000)
      cluster.heal()
      await cluster.settled()
      cluster.pauseBus(500)
      await cluster.sleep(600)
    }, 20_000)
  })

  it("keeps what was acknowledged when all are killed at once, and ends in order", async () => {
    await using cluster = await start({ mode: "processes" })
    await survives(cluster, async () => {
      await all(cluster, (node) => node.kill())
      await all(cluster, (node) => node.restart())
      const controller = await cluster.controllerOf()
      await controller.stop()
      await controller.restart()
    }, 12_000)
    assert.throws(() => cluster.node(1).fillDisk(), UnsupportedFault)
  })

  it("leaves no process when the one that started it is killed, not even one that stands still", async () => {
    const child = spawn(process.execPath, [fileURLToPath(new URL("support/startCluster.child.ts", import.meta.url))], { stdio: ["ignore", "pipe", "inherit"] })
    let said = ""
    for await (const text of child.stdout.setEncoding("utf8")) if ((said += text).includes("paused")) break
    const ports = said.split("\n")[0]!.split(",").map((address) => Number(address.split(":")[1]))
    assert.strictEqual(ports.length, 3)
    for (const port of ports) assert.isTrue(await isOpen(port))
    child.kill("SIGKILL")
    const clock = new SystemClock()
    const deadline = clock.monotonicMillis() + 10_000
    while ((await Promise.all(ports.map(isOpen))).includes(true)) {
      assert.isBelow(clock.monotonicMillis(), deadline, "nodes outlive the process that started them")
      await new Promise<void>((resolve) => void clock.after(50, resolve))
    }
  })
})

describe("Cluster", () => {
  it("kills a node so that nothing of it acts any more", async () => {
    await using cluster = await start({})
    const node = await cluster.controllerOf()
    await node.kill()
    const lines = node.logLines.length
    await cluster.sleep(1_500)
    assert.strictEqual(node.logLines.length, lines)
    assert.notStrictEqual((await cluster.controllerOf()).id, node.id)
  })

  it("says how to see a failure again, and keeps what happened", async () => {
    const reportDirectory = mkdtempSync(join(tmpdir(), "tailrace-report-"))
    try {
      await using cluster = await start({ mode: "simulated", seed: 77, reportDirectory })
      const error: unknown = await cluster.run(async () => {
        cluster.history.record({ process: "p", f: "send", records: [{ key: `${topic}/0`, offset: 5, value: "never sent" }] })
        await cluster.checkHistory()
      }).catch((cause: unknown) => cause)
      assert.instanceOf(error, ClusterError)
      assert.include((error as Error).message, "TAILRACE_SEED=77 npx vitest run")
      assert.include((error as Error).message, "cluster.test.ts")
      const [name] = readdirSync(reportDirectory)
      const { header, operations } = HistoryText.read(readFileSync(join(reportDirectory, name!, "history.jsonl"), "utf8"))
      assert.strictEqual(header["seed"], 77)
      assert.isTrue(operations.some(({ f }) => f === "send"))
      assert.include(readFileSync(join(reportDirectory, name!, "node1.log"), "utf8"), "info")
    } finally {
      rmSync(reportDirectory, { recursive: true, force: true })
    }
  })

  it("leaves nothing open that would hold the process, and clients of a killed node are cut off", async () => {
    const child = fileURLToPath(new URL("support/closeCluster.child.ts", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 30_000 })
    assert.strictEqual(stdout, "cut off\nclosed\n")
  }, 40_000)

  it("lives beside others in one process", async () => {
    const clusters = await Promise.all([Cluster.start(3), Cluster.start(1)])
    assert.strictEqual(new Set(clusters.flatMap(({ nodes }) => nodes.map(({ address }) => address))).size, 4)
    await Promise.all(clusters.map((cluster) => cluster.createTopic(topic)))
    await Promise.all(clusters.map((cluster) => cluster.close()))
  })
})
