import { execFileSync } from "node:child_process"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { freePort } from "../bench/harness/network.ts"
import type { ServerKind } from "../bench/harness/Server.ts"
import type { Tier } from "../bench/harness/Tier.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import { checkAnswerOrder } from "./answerOrder.ts"
import { parseStraceLog } from "./straceLog.ts"

const name = "with every flush 200 ms late, no produce is answered before its flush"
const connections = 4
const producesPerConnection = 5

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
      return checkAnswerOrder(parseStraceLog(readFileSync(traceFile, "latin1")), ports)
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

function whyStraceCannotRun(): string | undefined {
  try {
    execFileSync("strace", ["-f", "--seccomp-bpf", "-e", "trace=fdatasync", "-e", "inject=fdatasync:delay_enter=1", "true"], { stdio: "ignore", timeout: 10_000 })
    return undefined
  } catch (error) {
    return `strace with fault injection does not run here (${String(error).split("\n")[0]})`
  }
}
