// The same scripts of requests to Apache Kafka and to our node; README.md says what is compared.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { onExit } from "../bench/harness/cleanup.ts"
import { kafkaJars } from "../bench/harness/kafkaJars.ts"
import { KafkaServer } from "../bench/harness/KafkaServer.ts"
import { freePort } from "../bench/harness/network.ts"
import type { RunningServer } from "../bench/harness/Server.ts"
import { TailraceServer } from "../bench/harness/TailraceServer.ts"
import { commonVersions } from "./commonVersions.ts"
import { Peer, type Versions } from "./Peer.ts"
import { Report } from "./Report.ts"
import type { Scenario } from "./Scenario.ts"
import { scenarios } from "./scenarios/index.ts"
import { warmUp } from "./warmUp.ts"

const scriptMillisMax = 60_000
const scriptsAtOnce = 6

const { values: options } = parseArgs({
  options: { only: { type: "string", default: "" }, verbose: { type: "boolean", default: false }, report: { type: "string" }, times: { type: "boolean", default: false } }
})
const chosen = scenarios.filter(({ name }) => name.includes(options.only))
const directory = mkdtempSync(join(tmpdir(), "tailrace-differential-"))
onExit(() => rmSync(directory, { recursive: true, force: true }))
const began = performance.now()

const [kafka, ours] = await startBoth()
const versions = await commonVersions(kafka.port, ours.port)
await Promise.all([warmUp(new Peer("Kafka", kafka.port, versions)), warmUp(new Peer("Tailrace", ours.port, versions))])
note(`both servers are ready`)
const report = new Report(options.verbose)
await runScripts(chosen.filter(({ when }) => when === "first"), 1, versions)
await runScripts(chosen.filter(({ when }) => when === undefined), scriptsAtOnce, versions)
await runScripts(chosen.filter(({ when }) => when === "last"), scriptsAtOnce, versions)
await Promise.all([kafka.stop(), ours.stop()])
note("both servers have stopped")
if (options.report !== undefined) writeFileSync(options.report, report.allDifferences())
process.exitCode = report.finish(options.only === "", versions) ? 0 : 1

async function startBoth(): Promise<[RunningServer, RunningServer]> {
  const jars = await kafkaJars()
  const kafkaPort = await freePort()
  // As in the server.properties that Kafka ships, which our defaults follow.
  const properties = { "group.initial.rebalance.delay.ms": "0" }
  const kafkaStart = new KafkaServer(jars, "default").start({ directory: join(directory, "kafka"), port: kafkaPort, properties, timeoutMillis: 120_000 })
  let oursPort = await freePort()
  while (Math.abs(oursPort - kafkaPort) < 2) oursPort = await freePort()
  const oursStart = new TailraceServer().start({ directory: join(directory, "tailrace"), port: oursPort })
  return Promise.all([kafkaStart, oursStart])
}

async function runScripts(scripts: ReadonlyArray<Scenario>, atOnce: number, common: Versions): Promise<void> {
  const waiting = [...scripts]
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await runScript(next, common)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

async function runScript(scenario: Scenario, common: Versions): Promise<void> {
  const since = performance.now()
  const [one, other] = [new Peer("Kafka", kafka.port, common), new Peer("Tailrace", ours.port, common)]
  const ends = await Promise.all([endOf(scenario, one), endOf(scenario, other)])
  report.take(scenario.name, one.steps, other.steps, ends)
  if (options.times) note(`${scenario.name}: ${one.steps.length} steps in ${Math.round(performance.now() - since)} ms`)
}

/** How a script ended on one server: nothing, or why it did not come to its end. */
async function endOf(scenario: Scenario, peer: Peer): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`${peer.title}: not finished in ${scriptMillisMax} ms, after ${peer.steps.at(-1)?.name}`), scriptMillisMax)
  })
  const run = scenario.run(peer).then(() => undefined, (error: unknown) => `${peer.title}: ${error instanceof Error ? error.stack : String(error)}`)
  const end = await Promise.race([run, limit])
  clearTimeout(timer)
  peer.close()
  return end
}

function note(text: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s  ${text}`)
}
