import { readFileSync } from "node:fs"
import { SystemClock } from "@tailrace/runtime"
import type { Bus } from "../src/index.ts"
import { MemoryHub } from "../src/memory.ts"
import { NatsBus } from "../src/nats.ts"
import { findNatsServer, NatsCluster, natsServerHelp } from "../src/natsServer/index.ts"

// node bench/nats.ts [megabytes]: round trips and one-way throughput, in memory and over one nats-server, both ends in this process.
const totalBytes = Number(process.argv[2] ?? 1_000) * 1_000_000
const windowBytesMax = 4 * 1024 * 1024
const requests = 20_000

interface Cpu {
  readonly node: number
  readonly server: number
}

/** Seconds; a clock tick of Linux is 10 ms. */
function cpuOf(serverPid: number | undefined): Cpu {
  const { user, system } = process.cpuUsage()
  const fields = serverPid === undefined ? [] : readFileSync(`/proc/${serverPid}/stat`, "utf8").split(") ")[1]!.split(" ")
  return { node: (user + system) / 1e6, server: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100 }
}

/** Keeps a window of messages on their way, as a follower's fetches do. */
function stream(near: Bus, far: Bus, payload: Buffer, count: number): Promise<void> {
  return new Promise((resolve) => {
    let sent = 0
    let received = 0
    const pump = (): void => {
      while (sent < count && (sent - received) * payload.length < windowBytesMax) {
        near.publish("bench.bytes", payload)
        sent++
      }
    }
    const stop = far.subscribe("bench.bytes", () => {
      received++
      if (received === count) {
        stop()
        resolve()
      } else pump()
    }, { messagesMax: 1_000_000 })
    // The subscription has to arrive before the first message.
    void far.request("bench.echo", Buffer.alloc(0), 5_000).then(pump)
  })
}

async function roundTrips(near: Bus, parallel: number): Promise<ReadonlyArray<number>> {
  const payload = Buffer.alloc(200)
  const millis: Array<number> = []
  let left = requests
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const start = performance.now()
      await near.request("bench.echo", payload, 5_000)
      millis.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: parallel }, one))
  return millis.sort((a, b) => a - b)
}

async function bench(name: string, near: Bus, far: Bus, serverPid?: number): Promise<void> {
  far.serve("bench.echo", (payload) => payload)
  await far.request("bench.echo", Buffer.alloc(0), 5_000)
  for (const parallel of [1, 64]) {
    await roundTrips(near, parallel)
    const before = cpuOf(serverPid)
    const start = performance.now()
    const millis = await roundTrips(near, parallel)
    const seconds = (performance.now() - start) / 1_000
    const after = cpuOf(serverPid)
    const micros = (seconds: number): string => (seconds / millis.length * 1e6).toFixed(1)
    console.log(`${name}: ${parallel} request(s) in flight of 200 B: ${(millis.length / seconds).toFixed(0)}/s, p50 ${millis[millis.length >> 1]!.toFixed(3)} ms, `
      + `p99 ${millis[Math.floor(millis.length * 0.99)]!.toFixed(3)} ms; CPU-us each: node ${micros(after.node - before.node)}, server ${micros(after.server - before.server)}`)
  }
  for (const kibibytes of [64, 512]) {
    const payload = Buffer.alloc(kibibytes * 1024, 7)
    const count = Math.ceil(totalBytes / payload.length)
    await stream(near, far, payload, Math.ceil(count / 10))
    const before = cpuOf(serverPid)
    const start = performance.now()
    await stream(near, far, payload, count)
    const seconds = (performance.now() - start) / 1_000
    const after = cpuOf(serverPid)
    const gigabytes = count * payload.length / 1e9
    console.log(`${name}: ${kibibytes} KiB one way: ${(gigabytes * 1_000 / seconds).toFixed(0)} MB/s; `
      + `CPU-s/GB: node ${((after.node - before.node) / gigabytes).toFixed(2)}, server ${((after.server - before.server) / gigabytes).toFixed(2)}`)
  }
  await Promise.all([near.close(), far.close()])
}

const clock = new SystemClock()
const hub = new MemoryHub({ clock })
await bench("memory", hub.connect("1"), hub.connect("2"))

const program = await findNatsServer()
if (program === undefined) console.log(natsServerHelp)
else {
  await using cluster = await NatsCluster.start({ program, size: 1, clusterName: "bench" })
  const connect = (name: string): Promise<NatsBus> => NatsBus.connect({ clock, servers: cluster.addressesFrom(0), name, credentials: cluster.data })
  await bench("nats", await connect("1"), await connect("2"), cluster.servers[0]!.pid)
}
