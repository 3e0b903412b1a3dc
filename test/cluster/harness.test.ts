import { spawnSync } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { Child } from "../bench/harness/Child.ts"
import { pause } from "../bench/harness/network.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import { dataFaults } from "./dataFaults.ts"
import type { Endpoint } from "./Layout.ts"
import { Ledger } from "./Ledger.ts"
import { NamespaceLayout } from "./NamespaceLayout.ts"
import { ProcessCluster } from "./ProcessCluster.ts"
import { TailraceKind } from "./TailraceKind.ts"

const directory = mkdtempSync(join(tmpdir(), "tailrace-harness-"))
afterAll(() => rmSync(directory, { recursive: true }))

/** A small generator with a seed, so that the same places are damaged in every run. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return state / 2 ** 32
  }
}

describe("damage to data", () => {
  it("flips the bits that it names and no other, never in a hole", () => {
    const data = join(directory, "flips")
    const file = join(data, "data.mdb")
    dataFaults.saveCopy(join(import.meta.dirname), data)
    const before = Buffer.concat([Buffer.alloc(1 << 20), Buffer.alloc(1 << 20, 7), Buffer.alloc(1 << 20)])
    writeFileSync(file, before)
    const flips = dataFaults.flipBits(data, { bits: 5, random: seeded(1) })
    const after = readFileSync(file)
    const expected = Buffer.from(before)
    for (const { position, bit } of flips) expected[position]! ^= 1 << bit
    assert.isTrue(after.equals(expected))
    assert.isTrue(flips.every(({ file: flipped, position }) => flipped === file && position >> 20 === 1))
    assert.notDeepEqual(after, before)
  })

  it("brings an old copy back whole, and a wiped directory is empty", () => {
    const [data, copy] = [join(directory, "data"), join(directory, "copy")]
    dataFaults.saveCopy(import.meta.dirname, data)
    writeFileSync(join(data, "a"), "old")
    dataFaults.saveCopy(data, copy)
    writeFileSync(join(data, "a"), "new")
    writeFileSync(join(data, "b"), "new")
    dataFaults.restoreCopy(copy, data)
    assert.strictEqual(readFileSync(join(data, "a"), "utf8"), "old")
    assert.isFalse(existsSync(join(data, "b")))
    dataFaults.truncateTail(data, 1, /\/a$/)
    assert.strictEqual(readFileSync(join(data, "a"), "utf8"), "ol")
    dataFaults.wipe(data)
    assert.isFalse(existsSync(join(data, "a")))
  })
})

/** The harness reads /proc. */
const isLinux = process.platform === "linux"

describe.skipIf(!isLinux)("a runner that is killed", () => {
  it("leaves no process, and what else it made is taken back by the next one", async () => {
    const made = join(directory, "made")
    const script = `
      const { Ledger } = await import(${JSON.stringify(join(import.meta.dirname, "Ledger.ts"))})
      const { Child } = await import(${JSON.stringify(join(import.meta.dirname, "../bench/harness/Child.ts"))})
      const fs = await import("node:fs")
      const ledger = new Ledger("harness-test-" + process.pid)
      ledger.add("directories", ${JSON.stringify(made)})
      fs.mkdirSync(${JSON.stringify(made)})
      const child = new Child({ command: process.execPath, args: ["-e", "setInterval(() => {}, 1000)"], diesWithUs: true })
      ledger.addProcess(child.pid)
      fs.writeSync(1, String(child.pid))
      process.kill(process.pid, "SIGKILL")`
    const runner = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" })
    assert.strictEqual(runner.signal, "SIGKILL", runner.stderr)
    assert.isTrue(existsSync(made))
    Ledger.sweep()
    assert.isFalse(existsSync(made))
    await until(() => !isAlive(Number(runner.stdout)))
  })
})

/** The kernel takes a moment; on a busy machine a long one. */
async function until(isTrue: () => boolean): Promise<void> {
  for (const since = performance.now(); !isTrue(); await pause(5)) assert.isBelow(performance.now() - since, 10_000)
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}

const echoServer = (port: number): string => `require("node:net").createServer((socket) => { socket.on("error", () => {}); socket.pipe(socket) }).listen(${port}, () => console.log("open"))`
type Answer = "passes" | "refused" | "silence"

/** Silence is heard out for a moment; for an answer that should come a busy machine gets its time. */
const patienceMillis = (expected: Answer): number => expected === "silence" ? 400 : 10_000

/** From inside a namespace: prints whether a byte comes back. */
const echoClient = ({ host, port }: Endpoint, expected: Answer): string => `
  const socket = require("node:net").connect({ host: "${host}", port: ${port} })
  const end = (word) => { console.log(word); process.exit() }
  socket.on("connect", () => socket.write("x")); socket.on("data", () => end("passes")); socket.on("error", () => end("refused")); setTimeout(() => end("silence"), ${patienceMillis(expected)})`

const missing = NamespaceLayout.missing()

describe.skipIf(missing !== undefined)("network namespaces", { timeout: 60_000 }, () => {
  it("break between exactly the ends that were named, in silence, and heal", async () => {
    const ledger = new Ledger(`namespaces-test-${process.pid}`)
    const layout = NamespaceLayout.create([1, 2, 3], ledger)
    const children: Child[] = []
    try {
      for (const node of layout.nodeIds) {
        for (const port of ["nats", "natsRoute"] as const) {
          const [command, ...args] = layout.placed(node, [process.execPath, "-e", echoServer(layout.endpoint(node, port).port)])
          const child = new Child({ command: command!, args, diesWithUs: true })
          children.push(child)
          await child.waitForOutput(/open/, 10_000)
        }
      }
      const way = (from: number, to: number, expected: Answer, port: "nats" | "natsRoute" = "nats"): void => {
        const [command, ...args] = layout.placed(from, [process.execPath, "-e", echoClient(layout.endpoint(to, port), expected)])
        assert.strictEqual(spawnSync(command!, args, { encoding: "utf8" }).stdout.trim(), expected, `${from} to ${to}, ${port}`)
      }
      const client = async (to: number, expected: Answer): Promise<void> =>
        assert.strictEqual(await fromClient(layout.endpoint(to, "nats"), expected), expected, `the client to ${to}`)

      way(1, 2, "passes")
      way(2, 3, "passes")
      await client(1, "passes")

      layout.partition([1], [2, 3])
      way(1, 2, "silence")
      way(3, 1, "silence")
      way(2, 3, "passes")
      await client(1, "passes")
      layout.heal()
      way(1, 2, "passes")

      layout.cutRoute(1, 2)
      way(1, 2, "silence", "natsRoute")
      way(2, 1, "silence", "natsRoute")
      way(1, 2, "passes")
      way(1, 3, "passes", "natsRoute")
      layout.heal()

      layout.isolate(2)
      way(1, 2, "silence")
      way(1, 3, "passes")
      await client(2, "silence")
      layout.heal()

      layout.clientOnly(2)
      way(1, 2, "passes")
      await client(2, "silence")
      await client(3, "passes")
      layout.linkDown(3)
      way(1, 3, "refused")
      way(3, 1, "silence")
      way(1, 2, "passes")
      layout.heal()
      way(1, 3, "passes")
      await client(2, "passes")
    } finally {
      for (const child of children) await child.kill()
      layout.close()
      ledger.close()
    }
  })
})

function fromClient({ host, port }: Endpoint, expected: Answer): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const end = (word: Answer): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(word)
    }
    const timer = setTimeout(() => end("silence"), patienceMillis(expected))
    socket.on("connect", () => socket.write("x"))
    socket.on("data", () => end("passes"))
    socket.on("error", () => end("refused"))
  })
}

describe.skipIf(!isLinux)("a cluster of one process", { timeout: 60_000 }, () => {
  it("is killed, paused, wiped and brought back", async () => {
    await using cluster = await ProcessCluster.start({ kind: new TailraceKind(), nodes: 1 })
    const node = cluster.node(1)
    await cluster.client.createTopic({ name: "kept", partitions: 3 })
    const first = node.process.child!.pid
    await node.kill()
    node.saveCopy()
    await node.start()
    assert.notStrictEqual(node.process.child!.pid, first)
    await cluster.client.isrFull(["kept"])
    node.pause()
    node.resume()
    await node.stop()
    node.wipe()
    await node.start()
    assert.isFalse((await cluster.client.view()).topics.has("kept"))
    await node.kill()
    node.restoreCopy()
    await cluster.startAll()
    assert.strictEqual((await cluster.client.view()).topics.get("kept")?.length, 3)
  })
})

const canMount = missing === undefined && spawnSync("strace", ["--version"]).status === 0

describe.skipIf(!isLinux || !canMount)("a node's disk", { timeout: 90_000 }, () => {
  it("is filled and freed, gets slow, and fails", async () => {
    await using cluster = await ProcessCluster.start({ kind: new TailraceKind(), nodes: 1, diskMebibytes: 64 })
    const node = cluster.node(1)
    await cluster.client.createTopic({ name: "kept" })
    const client = await WireClient.connect(node.kafka.port)
    const append = async (): Promise<number> => (await client.produce("kept", 0, { values: [Buffer.alloc(16 << 10, 1)] })).errorCode
    assert.strictEqual(await append(), 0)

    node.disk.fill()
    let refused = await append()
    for (const since = performance.now(); refused === 0; refused = await append()) assert.isBelow(performance.now() - since, 30_000)
    assert.strictEqual(refused, 56)
    node.disk.free()
    for (const since = performance.now(); await append() !== 0; await pause(20)) assert.isBelow(performance.now() - since, 30_000)

    await node.startFlushFault({ delayMillis: 300 })
    const since = performance.now()
    assert.strictEqual(await append(), 0)
    // The answer comes after the flush, and that cannot be faster than its delay.
    assert.isAbove(performance.now() - since, 290)
    await node.endFlushFault()
    assert.isTrue(node.process.isRunning)

    await node.startFlushFault({ fails: true })
    const word = await append().catch((error: unknown) => String(error))
    assert.notStrictEqual(word, 0)
    client.close()
    await node.kill()
    await node.start()
    assert.isAbove((await cluster.client.readAll("kept", 0)).length, 2)
  })
})
