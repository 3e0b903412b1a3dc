// The benchmark: our node and a real Apache Kafka under the same load from outside. `--help` names the options, README.md the method.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { KafkaKind } from "../cluster/KafkaKind.ts"
import { TailraceKind } from "../cluster/TailraceKind.ts"
import { Bench } from "./Bench.ts"
import { ClusterServer } from "./ClusterServer.ts"
import { onExit } from "./harness/cleanup.ts"
import { KafkaServer } from "./harness/KafkaServer.ts"
import { kafkaJars } from "./harness/kafkaJars.ts"
import { librdkafka } from "./harness/librdkafka.ts"
import type { MeasuredKind, ServerKind } from "./harness/Server.ts"
import { TailraceServer } from "./harness/TailraceServer.ts"
import { JavaLoad } from "./loads/JavaLoad.ts"
import { LibrdkafkaLoad } from "./loads/LibrdkafkaLoad.ts"
import { MemoryWarmer } from "./loads/MemoryWarmer.ts"
import { readOptions, usage, type BenchOptions } from "./options.ts"
import { report } from "./report.ts"
import { commandLine } from "./scenarios/commandLine.ts"
import { latency } from "./scenarios/latency.ts"
import { manyPartitions } from "./scenarios/manyPartitions.ts"
import { startUp } from "./scenarios/startUp.ts"
import { throughput } from "./scenarios/throughput.ts"

async function main(options: BenchOptions): Promise<number> {
  const since = performance.now()
  const workDirectory = mkdtempSync(join(tmpdir(), "tailrace-bench-"))
  const dataDirectory = join(workDirectory, "data")
  mkdirSync(dataDirectory)
  onExit(() => rmSync(dataDirectory, { recursive: true, force: true }))
  console.error(`work directory: ${workDirectory}`)

  const jars = await kafkaJars()
  const library = await librdkafka()
  const kinds: ServerKind[] = [new KafkaServer(jars, "default"), new KafkaServer(jars, "everyMessage"), new TailraceServer()]
  if (options.before !== undefined) kinds.push(new TailraceServer(options.before))
  const clusters = [new KafkaKind(jars, "default"), new KafkaKind(jars, "everyMessage"), new TailraceKind()].map((kind) => new ClusterServer(kind))
  const warmer = new MemoryWarmer(dataDirectory)
  const warmBytes = options.isMemoryWarmed ? warmer.create() : 0
  console.error(options.isMemoryWarmed ? `warmed ${(warmBytes / 1e9).toFixed(1)} GB of page cache in ${((performance.now() - since) / 1000).toFixed(0)} s` : "memory is not warmed: do not quote the figures")

  const chosen = <Kind extends MeasuredKind>(all: ReadonlyArray<Kind>): Kind[] => options.servers.map((id) => all.find((kind) => kind.id === id)!)
  const brokers = chosen(kinds)
  const servers = options.isCluster ? chosen(clusters) : brokers
  const bench = new Bench(options, dataDirectory, servers, { java: new JavaLoad(jars), librdkafka: new LibrdkafkaLoad(library) }, warmer)
  if (options.only.has("start")) await startUp(bench, brokers)
  if (options.only.has("cli")) await commandLine(bench, jars)
  if (options.only.has("latency")) await latency(bench)
  if (options.only.has("partitions")) await manyPartitions(bench)
  if (options.only.has("produce") || options.only.has("consume")) await throughput(bench)

  const { markdown, json } = report(bench, { warmBytes, seconds: (performance.now() - since) / 1000 })
  writeFileSync(join(workDirectory, "report.md"), markdown)
  writeFileSync(join(workDirectory, "report.json"), JSON.stringify(json, undefined, 2))
  console.log(markdown)
  console.log(`written to ${workDirectory}/report.md and report.json`)
  const failed = bench.measurements.filter((measurement) => measurement.error !== undefined).length
  console.log(`${bench.measurements.length - failed} passed, ${failed} failed`)
  return failed === 0 && bench.measurements.length > 0 ? 0 : 1
}

const options = readOptions(process.argv.slice(2))
if (options === undefined) {
  console.log(usage)
  process.exit(0)
}
process.exit(await main(options))
