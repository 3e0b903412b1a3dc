import { execFile } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { Producer } from "@tailrace/client"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { afterEach, assert, describe, it, vi } from "vitest"
import { Cluster, ClusterError, type FaultSchedule, generateFaults, HistoryText } from "../src/index.ts"
import { all, start, topic } from "./support/clusterContract.ts"

afterEach(() => {
  vi.unstubAllEnvs()
})

describe("Cluster", () => {
  it.each([0, -1, 4, 1.5, Number.NaN])("has no %d controllers among three nodes", async (voters) => {
    const error = await Cluster.start(3, { mode: "simulated", voters }).then(() => "it started", (cause: unknown) => cause)
    assert.instanceOf(error, RangeError)
    assert.include(String(error), `voters: ${voters} `)
  })

  it("takes a seed from the environment, and an empty one for none", async () => {
    const seeds: Array<number> = []
    for (const text of ["", " ", "12"]) {
      vi.stubEnv("TAILRACE_SEED", text)
      await using cluster = await Cluster.start({ mode: "simulated", nodes: 1 })
      seeds.push(cluster.seed)
    }
    assert.strictEqual(seeds[2], 12)
    assert.isAbove(new Set(seeds.slice(0, 2)).size, 1)
    for (const text of ["many", "1.5"]) {
      vi.stubEnv("TAILRACE_SEED", text)
      assert.include(await Cluster.start({ mode: "simulated", nodes: 1 }).then(() => "it started", String), `TAILRACE_SEED: "${text}"`)
    }
  })

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

  it("does not hide a failure behind a report that cannot be written", async () => {
    const directory = mkdtempSync(join(tmpdir(), "tailrace-report-"))
    const reportDirectory = join(directory, "file", "reports")
    try {
      writeFileSync(join(directory, "file"), "no directory")
      await using cluster = await Cluster.start({ mode: "simulated", nodes: 1, reportDirectory })
      const failure = new TypeError("of the test")
      assert.strictEqual(await cluster.run(() => Promise.reject(failure)).catch((cause: unknown) => cause), failure)
      assert.isTrue(cluster.report().startsWith(reportDirectory))
      cluster.history.record({ process: "c", f: "poll", records: [{ key: `${topic}/0`, offset: 0, value: "never sent" }] })
      const error: unknown = await cluster.checkHistory().catch((cause: unknown) => cause)
      assert.instanceOf(error, ClusterError)
      assert.include((error as Error).message, "unsent-read orders/0")
      assert.include((error as Error).message, "the report could not be written: ENOTDIR")
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })

  it("leaves nothing open that would hold the process, and clients of a killed node are cut off", async () => {
    const child = fileURLToPath(new URL("support/closeCluster.child.ts", import.meta.url))
    const { stdout } = await promisify(execFile)(process.execPath, [child], { timeout: 30_000 })
    assert.strictEqual(stdout, "cut off\nclosed\n")
  }, 40_000)

  it("does not take a history in which nothing was acknowledged for a good one", async () => {
    await using cluster = await start({ mode: "simulated", nodes: 1 })
    const check = (acknowledgedMin?: number): Promise<unknown> =>
      cluster.checkHistory(acknowledgedMin === undefined ? {} : { acknowledgedMin }).then(() => "good", (error: unknown) => error)
    const error = await check()
    assert.instanceOf(error, ClusterError)
    assert.strictEqual((error as ClusterError).reason, "too-little")
    assert.include((error as ClusterError).message, "0 records were acknowledged, at least 1")
    assert.strictEqual(await check(0), "good")
    await cluster.run(async () => {
      const producer = new Producer(cluster.clientOptions())
      await cluster.recordSend({ topic, value: "a" }, async () => (await producer.send({ topic, partition: 0, value: "a" })).offset)
      await producer.close()
    })
    assert.strictEqual(await check(), "good")
    assert.include(String(await check(2)), "1 record was acknowledged, at least 2")
  })

  it("refuses a schedule for other nodes than it has, before it does any of it", async () => {
    await using cluster = await Cluster.start({ mode: "simulated", nodes: 4 })
    const refusal = (schedule: FaultSchedule): Promise<string> => cluster.faults(schedule).then(() => "done", (error: unknown) => String(error))
    assert.include(await refusal(generateFaults({ seed: 1, random: new SeededRandom(1) })), "RangeError: the schedule is for 3 nodes, and the cluster has 4")
    const strange = { atMillis: 0, fault: "kill", target: { nodes: [1, 5] }, unit: 1 } as const
    assert.include(await refusal({ seed: 1, nodes: 4, durationMillis: 1_000, faults: [strange] }), "RangeError: there is no node 5")
    assert.strictEqual(cluster.history.size, 0)
    assert.strictEqual(await refusal(generateFaults({ seed: 1, random: new SeededRandom(1), nodes: 4, durationMillis: 10_000 })), "done")
  })

  it("pauses the bus for nodes too that start meanwhile, until it is healed", async () => {
    await using cluster = await start({ mode: "simulated" })
    const startsAfter = async (change: () => void): Promise<number> => {
      await all(cluster, (node) => node.kill())
      const fromMillis = cluster.nowMillis
      change()
      await all(cluster, (node) => node.restart())
      return cluster.nowMillis - fromMillis
    }
    assert.isAtLeast(await startsAfter(() => cluster.pauseBus(20_000)), 20_000)
    assert.isBelow(await startsAfter(() => {
      cluster.pauseBus(50_000)
      cluster.heal()
    }), 20_000)
    // The last word counts.
    assert.isBelow(await startsAfter(() => {
      cluster.pauseBus(50_000)
      cluster.pauseBus(500)
    }), 20_000)
    await cluster.settled()
  })

  it("measures long histories, and takes sends whose client names no offset", async () => {
    await using cluster = await start({ mode: "simulated", nodes: 1 })
    const { offset } = await cluster.recordSend({ topic, value: "a" }, async () => undefined as never).then(() => cluster.history.operations.at(-1)!.records[0]!)
    assert.strictEqual(offset, -1)
    for (let at = 0; at < 200_000; at++) cluster.history.record({ process: "p", f: "send", records: [{ key: `${topic}/0`, offset: at, value: `${at}` }] })
    await cluster.sleep(7)
    cluster.history.record({ process: "p", f: "send", records: [{ key: `${topic}/0`, offset: 200_000, value: "last" }] })
    assert.isAtLeast(cluster.longestAckGap().millis, 7)
  }, 60_000)

  it("takes for a promise only what a send asked to be acknowledged", async () => {
    await using cluster = await start({ mode: "simulated", nodes: 1 })
    await cluster.run(async () => {
      const recordSend = (value: string, acks: "all" | 1 | 0 | undefined, offset: number | undefined) =>
        cluster.recordSend({ topic, value, ...acks === undefined ? {} : { acks } }, async () => offset)
      const producer = new Producer(cluster.clientOptions())
      await cluster.recordSend({ topic, value: "kept" }, async () => (await producer.send({ topic, partition: 0, value: "kept" })).offset)
      await producer.close()
      // None of these was stored.
      await recordSend("by-the-leader-alone", 1, 1)
      await recordSend("by-nobody", 0, undefined)
      await recordSend("by-nobody-with-an-offset", 0, 0)
      await recordSend("without-a-word", undefined, undefined)
      const { acknowledged, counts } = await cluster.checkHistory()
      assert.deepStrictEqual(counts, { "lost-write": { bad: 0, report: 1 } })
      assert.strictEqual(acknowledged, 2)
      assert.deepStrictEqual(cluster.history.operations.filter(({ f }) => f === "send").map(({ meta }) => meta.acks), ["all", 1, 0, 0, 0])
      await recordSend("promised", "all", undefined)
      const error: unknown = await cluster.checkHistory().catch((cause: unknown) => cause)
      assert.include(String(error), "lost-write orders/0: promised is nowhere")
    })
  })

  it("measures an outage that still lasts up to now, but no silence behind the last send", async () => {
    await using cluster = await start({ mode: "simulated", nodes: 1 })
    const send = () => cluster.history.invoke({ process: "p", f: "send", records: [{ key: `${topic}/0`, offset: -1, value: "v" }] })
    const fromMillis = cluster.nowMillis
    send().complete({ type: "ok" })
    await cluster.sleep(10)
    send().complete({ type: "ok" })
    cluster.history.invoke({ process: "c", f: "poll" })
    await cluster.sleep(1_000)
    assert.isBelow(cluster.longestAckGap().millis, 1_000)
    const last = send()
    await cluster.sleep(30_000)
    const { key, millis, toMillis } = cluster.longestAckGap()
    assert.strictEqual(key, `${topic}/0`)
    assert.isAtLeast(millis, 31_000)
    assert.strictEqual(toMillis, cluster.nowMillis)
    // Of other partitions it says nothing.
    assert.isBelow(cluster.longestAckGap({ keys: [`${topic}/1`] }).toMillis, cluster.nowMillis)
    last.complete({ type: "ok" })
    await cluster.sleep(1_000)
    assert.isBelow(cluster.longestAckGap().toMillis, cluster.nowMillis)
    assert.isAtLeast(cluster.longestAckGap({ fromMillis }).millis, 31_000)
  })

  it("takes several workloads of each kind on one topic, beside and behind each other", async () => {
    await using cluster = await start({ mode: "simulated" })
    await cluster.run(async () => {
      const load = { topic, durationMillis: 1_000, intervalMillis: 50 }
      const group = { ...load, group: "g", tailMillis: 500, churnMillis: 400 }
      await Promise.all([cluster.sendWorkload(load), cluster.sendWorkload(load), cluster.groupWorkload(group), cluster.groupWorkload(group)])
      await Promise.all([cluster.sendWorkload(load), cluster.groupWorkload(group)])
      const { findings, operations } = await cluster.checkHistory()
      assert.isAbove(operations["send ok"] ?? 0, 200)
      assert.deepStrictEqual(findings.filter(({ anomaly }) => anomaly === "repeated-value"), [])
    })
  })

  it("lives beside others in one process", async () => {
    const clusters = await Promise.all([Cluster.start(3), Cluster.start(1)])
    assert.strictEqual(new Set(clusters.flatMap(({ nodes }) => nodes.map(({ address }) => address))).size, 4)
    await Promise.all(clusters.map((cluster) => cluster.createTopic(topic)))
    await Promise.all(clusters.map((cluster) => cluster.close()))
  })
})
