import { execFileSync } from "node:child_process"
import { mkdirSync, rmSync, statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { onExit } from "../bench/harness/cleanup.ts"
import { freePort, pause } from "../bench/harness/network.ts"
import type { RunningServer, ServerKind } from "../bench/harness/Server.ts"
import type { Tier } from "../bench/harness/Tier.ts"
import { WireClient } from "../bench/harness/WireClient.ts"

const diskMebibytes = 24
const ballastMebibytes = 6
const topic = "full-disk"
const kafkaStorageError = 56
const value = Buffer.alloc(16 * 1024, "d")
const refusalsMin = 20

/** A disk that fills up: appends are refused with KAFKA_STORAGE_ERROR, reads go on, nothing acknowledged is missing, and room brings service back. */
export async function fullDisk(tier: Tier, kind: ServerKind, options: { readonly directory: string; readonly properties: Readonly<Record<string, string>> }): Promise<void> {
  const mountPoint = join(options.directory, "disk")
  mkdirSync(mountPoint, { recursive: true })
  const unmount = mountTmpfs(mountPoint)
  if (typeof unmount === "string") {
    tier.skip(`full disk of ${diskMebibytes} MiB`, unmount)
    return
  }
  const ballast = join(mountPoint, "ballast")
  writeFileSync(ballast, Buffer.alloc(ballastMebibytes << 20, 1))
  const start = { directory: mountPoint, port: await freePort(), properties: options.properties, logFile: join(options.directory, "full-disk.log") }
  let server: RunningServer | undefined
  try {
    let acknowledged: number[] = []
    let running: RunningServer
    if (!await tier.check("full disk: starts on a small disk", 60_000, async () => {
      server = await kind.start(start)
      const client = await WireClient.connect(start.port)
      await client.createTopic(topic, 1)
      client.close()
    })) return
    running = server!
    await tier.check("full disk: appends are refused with KAFKA_STORAGE_ERROR (56) and nothing else", 60_000, async () => {
      acknowledged = await fill(running)
      return `${acknowledged.length} records acknowledged, ${freeMebibytes(mountPoint)} MiB of the disk free`
    })
    await tier.check("full disk: reads go on, everything acknowledged is there", 30_000, () => readAll(start.port, acknowledged))
    await tier.check("full disk: everything acknowledged is there after kill -9 and a start on the full disk", 60_000, async () => {
      await running.child.kill()
      running = await kind.start(start)
      server = running
      return readAll(start.port, acknowledged)
    })
    await tier.check("full disk: service resumes when room is made", 60_000, async () => {
      rmSync(ballast)
      const since = performance.now()
      acknowledged.push(await appendUntilTaken(running))
      const millis = performance.now() - since
      await readAll(start.port, acknowledged)
      return `after ${millis.toFixed(0)} ms`
    })
  } finally {
    await server?.child.stop()
    unmount()
  }
}

/** Produces until the broker has refused a number of times in a row, and returns the acknowledged offsets. */
async function fill(server: RunningServer): Promise<number[]> {
  const client = await WireClient.connect(server.port)
  const acknowledged: number[] = []
  try {
    for (let refusals = 0; refusals < refusalsMin;) {
      const result = await client.produce(topic, 0, { values: [value] }).catch((error: unknown) => {
        throw new Error(`${String(error)}${server.child.exit === undefined ? "" : `; the broker ended:\n${server.child.tail}`}`)
      })
      if (result.errorCode === 0) {
        refusals = 0
        acknowledged.push(result.baseOffset)
      } else if (result.errorCode === kafkaStorageError) {
        refusals += 1
        await pause(20)
      } else throw new Error(`produce was refused with error ${result.errorCode}`)
      if (acknowledged.length * value.length > diskMebibytes << 20) throw new Error("more was acknowledged than the disk holds")
    }
  } finally {
    client.close()
  }
  if (acknowledged.length < 10) throw new Error(`only ${acknowledged.length} records were acknowledged before the refusals`)
  return acknowledged
}

async function readAll(port: number, acknowledged: ReadonlyArray<number>): Promise<string> {
  const client = await WireClient.connect(port)
  try {
    const records = await client.fetchAll(topic, 0)
    const offsets = new Set(records.map((record) => record.offset))
    const missing = acknowledged.filter((offset) => !offsets.has(offset))
    if (missing.length > 0) throw new Error(`${missing.length} acknowledged records are missing, the first at offset ${missing[0]}`)
    if (records.some((record) => !record.value.equals(value))) throw new Error("a record came back changed")
    return `${records.length} records`
  } finally {
    client.close()
  }
}

async function appendUntilTaken(server: RunningServer): Promise<number> {
  const client = await WireClient.connect(server.port)
  try {
    for (;;) {
      const result = await client.produce(topic, 0, { values: [value] })
      if (result.errorCode === 0) return result.baseOffset
      if (result.errorCode !== kafkaStorageError) throw new Error(`produce was refused with error ${result.errorCode}`)
      await pause(100)
    }
  } finally {
    client.close()
  }
}

function freeMebibytes(path: string): string {
  const disk = statfsSync(path)
  return ((disk.bavail * disk.bsize) / (1 << 20)).toFixed(1)
}

/** Mounts a small file system in memory; a string says why that is not possible. */
function mountTmpfs(mountPoint: string): (() => void) | string {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${diskMebibytes}m`, "tailrace-durability", mountPoint], { stdio: "pipe" })
  } catch (error) {
    return `mounting is not allowed here (${String(error).split("\n")[0]})`
  }
  const unmount = (): void => {
    execFileSync("umount", ["-l", mountPoint], { stdio: "ignore" })
  }
  const forget = onExit(unmount)
  return () => {
    forget()
    unmount()
  }
}
