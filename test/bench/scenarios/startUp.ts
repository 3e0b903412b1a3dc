import { mkdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import type { Bench } from "../Bench.ts"
import { Child } from "../harness/Child.ts"
import { freePort, pause, waitForApiVersions } from "../harness/network.ts"
import { nodeEnvironment } from "../harness/paths.ts"
import { memory } from "../harness/processUsage.ts"
import type { ServerKind, StartOptions } from "../harness/Server.ts"
import { TailraceServer } from "../harness/TailraceServer.ts"
import type { Run } from "../Measurement.ts"

const table = "Start"
const idleLine = "idle, some seconds after the start"

interface Variant {
  readonly line: string
  readonly kind: ServerKind
  readonly spawn: (options: StartOptions, cacheDirectory: string) => Child
  readonly keepsCaches: boolean
}

/** From exec with empty data to the first ApiVersions answer. Kafka's formatting of its storage, a step of its own, is not counted. */
export async function startUp(bench: Bench, servers: ReadonlyArray<ServerKind>): Promise<void> {
  const variants = servers.filter((kind) => kind.id !== "kafka-flush").flatMap(variantsOf)
  const runs = new Map<Variant, Run[]>(variants.map((variant) => [variant, []]))
  const errors = new Map<Variant, string>()
  const keptCaches = bench.newDirectory("caches")
  // One round more than is counted: the first start of each variant fills the page cache (and the caches that a variant keeps).
  const rounds = bench.options.startRuns + bench.options.droppedRuns
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) {
      if (errors.has(variant)) continue
      try {
        const run = await startOnce(bench, variant, keptCaches, round === rounds - 1)
        if (round >= bench.options.droppedRuns) runs.get(variant)!.push(run)
      } catch (error) {
        errors.set(variant, error instanceof Error ? error.message : String(error))
      }
    }
  }
  for (const variant of variants) {
    const error = errors.get(variant)
    bench.add({ table, line: variant.line, server: variant.kind.id, runs: error === undefined ? runs.get(variant)! : [], ...(error === undefined ? {} : { error }) })
  }
  rmSync(keptCaches, { recursive: true, force: true })
}

function variantsOf(kind: ServerKind): Variant[] {
  if (!(kind instanceof TailraceServer)) return [{ line: "exec to first ApiVersions answer, empty data", kind, spawn: (options) => kind.spawn(options), keepsCaches: false }]
  const npmStart = (options: StartOptions, cacheDirectory: string): Child => new Child({
    command: "npm", args: ["start", "--silent", "--", ...TailraceServer.overrides(options)], cwd: kind.root, env: nodeEnvironment(cacheEnvironment(cacheDirectory))
  })
  const direct = (options: StartOptions, cacheDirectory: string): Child => kind.spawn({ ...options, env: cacheEnvironment(cacheDirectory) })
  return [
    { line: "exec to first ApiVersions answer, empty data", kind, spawn: npmStart, keepsCaches: false },
    { line: "same, `npm start` with Node's compile cache kept", kind, spawn: npmStart, keepsCaches: true },
    { line: "same, `node` without npm, compile cache kept", kind, spawn: direct, keepsCaches: true }
  ]
}

/** Node's compile cache lives below the temporary directory unless it is told otherwise. */
function cacheEnvironment(directory: string): NodeJS.ProcessEnv {
  return { NODE_COMPILE_CACHE: join(directory, "node"), TMPDIR: directory }
}

async function startOnce(bench: Bench, variant: Variant, keptCaches: string, isLast: boolean): Promise<Run> {
  const directory = bench.newDirectory("start")
  const caches = variant.keepsCaches ? keptCaches : join(directory, "caches")
  mkdirSync(caches, { recursive: true })
  const options = { directory, port: await freePort() }
  await variant.kind.prepare(options)
  const since = performance.now()
  const child = variant.spawn(options, caches)
  try {
    const millis = await waitForApiVersions(options.port, since, 60_000, () => child.exit === undefined)
    // Without npm, so that the figure is the server's alone; Kafka has one variant only.
    if (isLast && (!(variant.kind instanceof TailraceServer) || variant.keepsCaches)) {
      await pause(bench.options.isQuick ? 1_000 : 5_000)
      const idle = memory(child.pid)
      if (!variant.line.includes("npm start")) {
        bench.add({ table: "Resident memory", line: idleLine, server: variant.kind.id, runs: [{ values: { residentBytes: idle.residentBytes, anonymousBytes: idle.anonymousBytes } }] })
      }
    }
    return { values: { millis } }
  } catch (error) {
    throw new Error(`${String(error)}\n${child.tail}`)
  } finally {
    await child.stop()
    rmSync(directory, { recursive: true, force: true })
  }
}
