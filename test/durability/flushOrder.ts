import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../bench/harness/network.ts"
import type { ServerKind } from "../bench/harness/Server.ts"
import type { Tier } from "../bench/harness/Tier.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import { parseStraceLog, type TraceEvent } from "./straceLog.ts"

const name = "with every flush 200 ms late, no produce is answered before its flush"
const connections = 4
const producesPerConnection = 5
const flushCalls = new Set(["fdatasync", "fsync", "msync"])
const writeCalls = new Set(["write", "writev", "sendto", "sendmsg"])
const fileWriteCalls = new Set(["write", "writev", "pwrite64", "pwritev", "pwritev2"])

/**
 * strace delays each flush and writes down the order of events. For each produce: its marker is read from the socket, written to a file,
 * then a flush begins and ends, and only then an answer is written to that socket.
 */
export async function flushOrder(tier: Tier, kind: ServerKind, options: { readonly directory: string }): Promise<void> {
  const missing = whyStraceCannotRun()
  if (missing !== undefined) {
    tier.skip(name, missing)
    return
  }
  await tier.check(name, 180_000, async () => {
    const traceFile = join(options.directory, "strace.log")
    const start = { directory: join(options.directory, "flush"), port: await freePort() }
    await kind.prepare(start)
    const server = await kind.start({
      ...start, timeoutMillis: 120_000,
      wrapper: ["strace", "-f", "--seccomp-bpf", "-ttt", "-yy", "-s", "70000", "-o", traceFile,
        "-e", "trace=fdatasync,fsync,msync,read,readv,recvfrom,recvmsg,write,writev,sendto,sendmsg,pwrite64,pwritev,pwritev2",
        "-e", "inject=fdatasync,fsync,msync:delay_enter=200000"]
    })
    try {
      const ports = await produceAll(server.port)
      await server.child.kill()
      return checkOrder(parseStraceLog(readFileSync(traceFile, "latin1")), ports)
    } finally {
      await server.child.kill()
      rmSync(start.directory, { recursive: true, force: true })
    }
  })
}

/** Sends the produces, one after another on each of several connections, and returns each connection's markers by its local port. */
async function produceAll(port: number): Promise<Map<number, string[]>> {
  const admin = await WireClient.connect(port)
  await admin.createTopic("flush-order", connections)
  admin.close()
  const markers = new Map<number, string[]>()
  await Promise.all(Array.from({ length: connections }, async (_, partition) => {
    const client = await WireClient.connect(port, 60_000)
    const own: string[] = []
    markers.set(client.localPort, own)
    for (let index = 0; index < producesPerConnection; index++) {
      const marker = `MARK-${partition}-${index}-MARK`
      own.push(marker)
      const result = await client.produce("flush-order", partition, { values: [Buffer.from(marker.padEnd(200, "."))] })
      if (result.errorCode !== 0) throw new Error(`produce: error ${result.errorCode}`)
    }
    client.close()
  }))
  return markers
}

function checkOrder(events: ReadonlyArray<TraceEvent>, markersByPort: ReadonlyMap<number, ReadonlyArray<string>>): string {
  let checked = 0
  for (const [port, markers] of markersByPort) {
    for (const marker of markers) {
      checkOne(events, marker, (text) => /^\d+<TCP(?:v6)?:\[(.*?)\]>/.exec(text)?.[1]?.endsWith(`:${port}`) ?? false)
      checked += 1
    }
  }
  const flushes = events.filter((event) => event.kind === "exit" && flushCalls.has(event.call)).length
  return `${checked} produces, ${flushes} flushes`
}

function checkOne(events: ReadonlyArray<TraceEvent>, marker: string, isItsSocket: (text: string) => boolean): void {
  const written = events.findIndex((event) => event.kind === "enter" && fileWriteCalls.has(event.call) && !isSocket(event.text) && event.text.includes(marker))
  // A store that writes through a memory map shows no write of the data; then the flush has to begin after the request was read.
  const received = events.findIndex((event) => event.kind === "exit" && event.call.startsWith("re") && isItsSocket(event.text) && event.text.includes(marker))
  if (received < 0) throw new Error(`the trace has no read of ${marker}: is the trace complete?`)
  const answered = events.findIndex((event, index) => index > received && event.kind === "enter" && writeCalls.has(event.call) && isItsSocket(event.text))
  if (answered < 0) throw new Error(`the trace has no answer to ${marker}`)
  if (written > answered) throw new Error(`${marker} was answered before it was written`)
  const from = Math.max(written, received)
  const began = events.findIndex((event, index) => index > from && event.kind === "enter" && flushCalls.has(event.call))
  if (began < 0 || began > answered) throw new Error(`${marker} was answered, and no flush began between its write and the answer`)
  const isCovered = events.some((event, index) => index > from && index < answered && event.kind === "enter" && flushCalls.has(event.call) && endOf(events, index) < answered)
  if (!isCovered) throw new Error(`${marker} was answered before the flush that covers it returned`)
}

const isSocket = (text: string): boolean => /^\d+<(TCP|UNIX|pipe|socket|anon_inode)/.test(text)

/** Where the call that enters at `index` returns with success. */
function endOf(events: ReadonlyArray<TraceEvent>, index: number): number {
  const enter = events[index]!
  const end = events.findIndex((event, at) => at > index && event.kind === "exit" && event.thread === enter.thread && event.call === enter.call)
  return end >= 0 && events[end]!.result === 0 ? end : Number.POSITIVE_INFINITY
}

function whyStraceCannotRun(): string | undefined {
  try {
    execFileSync("strace", ["-f", "--seccomp-bpf", "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=1", "true"], { stdio: "ignore", timeout: 10_000 })
    return undefined
  } catch (error) {
    return `strace with fault injection does not run here (${String(error).split("\n")[0]})`
  }
}
