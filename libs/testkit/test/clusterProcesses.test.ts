import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { findNatsServer, natsServerHelp } from "@tailrace/bus/nats-server"
import { Admin } from "@tailrace/client"
import { NodeNet, SystemClock, SystemRandom } from "@tailrace/runtime"
import { assert, describe, it, onTestFinished } from "vitest"
import { ProcessNode } from "../src/cluster/ProcessNode.ts"
import { reservePorts } from "../src/cluster/reservePorts.ts"
import { type Cluster, UnsupportedFault } from "../src/index.ts"
import { all, start, survives, topic } from "./support/clusterContract.ts"

/** Somebody accepts connections there. */
const isOpen = (port: number): Promise<boolean> =>
  new NodeNet().dial({ host: "127.0.0.1", port, timeoutMillis: 1_000 }).then((connection) => {
    connection.destroy()
    return true
  }, () => false)

it("kills a node that does not stop in time", { timeout: 60_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-node-"))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }))
  const [port] = await reservePorts(1, new SystemRandom())
  const address = `127.0.0.1:${port}`
  const node = new ProcessNode({
    nodeId: 1, address, directory, properties: { "node.id": "1", "listeners": `PLAINTEXT://${address}`, "http.listener": "" },
    stopMillisMax: 1, onCrash: (_, cause) => assert.fail(cause)
  })
  node.begin()
  while (!node.isServing) await new Promise<void>((resolve) => void new SystemClock().after(20, resolve))
  const failure: unknown = await node.stop().catch((error: unknown) => error)
  assert.isFalse(await isOpen(port!))
  assert.include(String(failure), "did not stop within 1 ms")
})

async function votingDirectoryOf(cluster: Cluster, nodeId: number): Promise<string | undefined> {
  await using admin = new Admin({ bootstrapServers: cluster.bootstrapServers })
  const { voters } = await admin.describeQuorum()
  return voters.find((voter) => voter.nodeId === nodeId)?.directoryId
}

const program = await findNatsServer()
if (program === undefined && process.env["TAILRACE_REQUIRE_NATS"] === "1") throw new Error(natsServerHelp)

describe.skipIf(program === undefined)(`a cluster of processes${program === undefined ? ` (${natsServerHelp})` : ""}`, { timeout: 120_000 }, () => {
  it("goes on when the leader is killed, stands still, is cut off and loses its directory, and stores nothing twice", async () => {
    await using cluster = await start({ mode: "processes" })
    await survives(cluster, async () => {
      const killed = await cluster.leaderOf(topic)
      const lost = await votingDirectoryOf(cluster, killed.id)
      await killed.kill()
      assert.notStrictEqual((await cluster.leaderOf(topic)).id, killed.id)
      await killed.wipe()
      await killed.restart()
      await cluster.settled()
      assert.notStrictEqual(await votingDirectoryOf(cluster, killed.id), lost)
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
    // Who is killed clears nothing away.
    const directory = mkdtempSync(join(tmpdir(), "tailrace-orphans-"))
    onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }))
    const script = fileURLToPath(new URL("support/startCluster.child.ts", import.meta.url))
    const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, TMPDIR: directory } })
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
