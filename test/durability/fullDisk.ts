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
/** Ten records go to the first topic; the second one fills the disk and is deleted at the end. */
const topics = ["kept", "filler"] as const
const kafkaStorageError = 56
const value = Buffer.alloc(16 * 1024, "d")
const refusalsMin = 20

/** A disk that fills up: appends are refused with KAFKA_STORAGE_ERROR, reads go on, nothing acknowledged is missing, and room brings service back. */
export async function fullDisk(tier: Tier, kind: ServerKind, options: { readonly directory: string }): Promise<void> {
  const mountPoint = join(options.directory, "disk")
  mkdirSync(mountPoint, { recursive: true })
  const unmount = mountTmpfs(mountPoint)
  if (typeof unmount === "string") {
    tier.skip(`full disk of ${diskMebibytes} MiB`, unmount)
    return
  }
  const ballast = join(mountPoint, "ballast")
  writeFileSync(ballast, Buffer.alloc(ballastMebibytes << 20, 1))
  const start = { directory: mountPoint, port: await freePort(), logFile: join(options.directory, "full-disk.log") }
  let server: RunningServer | undefined
  try {
    const acknowledged: Acknowledged = { kept: [], filler: [] }
    let running: RunningServer
    if (!await tier.check("full disk: starts on a small disk", 60_000, async () => {
      server = await kind.start(start)
      const client = await WireClient.connect(start.port)
      for (const topic of topics) await client.createTopic(topic, 1)
      client.close()
    })) return
    running = server!
    await tier.check("full disk: appends are refused with KAFKA_STORAGE_ERROR (56) and nothing else", 60_000, async () => {
      await fill(running, acknowledged)
      return `${acknowledged.kept.length + acknowledged.filler.length} records acknowledged, ${freeMebibytes(mountPoint)} MiB of the disk free`
    })
    await tier.check("full disk: reads go on, everything acknowledged is there", 30_000, () => readAll(start.port, acknowledged))
    await tier.check("full disk: everything acknowledged is there after kill -9 and a start on the full disk", 60_000, async () => {
      await running.child.kill()
      running = await kind.start(start)
      server = running
      return readAll(start.port, acknowledged)
    })
    await tier.check("full disk: service resumes when a file of somebody else is removed", 60_000, async () => {
      rmSync(ballast)
      if (running.child.exit !== undefined) {
        running = await kind.start(start)
        server = running
      }
      return resumes(running, acknowledged)
    })
    await tier.check("full disk: service resumes when a topic is deleted", 90_000, async () => {
      await fill(running, acknowledged)
      const client = await WireClient.connect(start.port)
      await client.deleteTopic("filler")
      client.close()
      acknowledged.filler = []
      return resumes(running, acknowledged)
    })
  } finally {
    await server?.child.stop()
    unmount()
  }
}

type Acknowledged = Record<(typeof topics)[number], number[]>

const keptRecords = 10

/** Produces until the broker has refused a number of times in a row, and adds the acknowledged offsets. */
async function fill(server: RunningServer, acknowledged: Acknowledged): Promise<void> {
  const client = await WireClient.connect(server.port)
  let taken = 0
  try {
    for (let refusals = 0; refusals < refusalsMin;) {
      const topic = acknowledged.kept.length < keptRecords ? "kept" : "filler"
      const result = await client.produce(topic, 0, { values: [value] }).catch((error: unknown) => {
        throw new Error(`${String(error)}${server.child.exit === undefined ? "" : `; the broker ended:\n${server.child.tail}`}`)
      })
      if (result.errorCode === 0) {
        refusals = 0
        taken += 1
        acknowledged[topic].push(result.baseOffset)
      } else if (result.errorCode === kafkaStorageError) {
        refusals += 1
        await pause(20)
      } else throw new Error(`produce was refused with error ${result.errorCode}`)
      if (taken * value.length > diskMebibytes << 20) throw new Error("more was acknowledged than the disk holds")
    }
  } finally {
    client.close()
  }
  if (taken < keptRecords * 2) throw new Error(`only ${taken} records were acknowledged before the refusals`)
}

/** The first append that is taken again, and everything before it is still there. */
async function resumes(server: RunningServer, acknowledged: Acknowledged): Promise<string> {
  const since = performance.now()
  acknowledged.kept.push(await appendUntilTaken(server))
  const millis = performance.now() - since
  return `after ${millis.toFixed(0)} ms, ${await readAll(server.port, acknowledged)}`
}

async function readAll(port: number, acknowledged: Acknowledged): Promise<string> {
  const client = await WireClient.connect(port)
  let count = 0
  try {
    for (const topic of topics) {
      if (acknowledged[topic].length === 0) continue
      const records = await client.fetchAll(topic, 0)
      count += records.length
      const offsets = new Set(records.map((record) => record.offset))
      const missing = acknowledged[topic].filter((offset) => !offsets.has(offset))
      if (missing.length > 0) throw new Error(`${missing.length} acknowledged records of ${topic} are missing, the first at offset ${missing[0]}`)
      if (records.length !== acknowledged[topic].length) throw new Error(`${topic} holds ${records.length} records, ${acknowledged[topic].length} were acknowledged and the others refused`)
      if (records.some((record) => !record.value.equals(value))) throw new Error(`a record of ${topic} came back changed`)
    }
    return `${count} records read`
  } finally {
    client.close()
  }
}

async function appendUntilTaken(server: RunningServer): Promise<number> {
  const client = await WireClient.connect(server.port)
  try {
    for (const until = performance.now() + 45_000; performance.now() < until; await pause(100)) {
      const result = await client.produce("kept", 0, { values: [value] })
      if (result.errorCode === 0) return result.baseOffset
      if (result.errorCode !== kafkaStorageError) throw new Error(`produce was refused with error ${result.errorCode}`)
    }
    throw new Error("appends are still refused after 45 s")
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
