import type { Bench } from "../Bench.ts"
import type { LoadResult } from "../loads/Load.ts"
import { pause } from "../harness/network.ts"
import { cpuDifference, cpuSeconds } from "../harness/processUsage.ts"
import type { MeasuredServer } from "../harness/Server.ts"

const recordsPerSecond = 1_000
const recordBytes = 1024

interface Line {
  readonly table: string
  readonly line: string
}

/** What a thousand replicated partitions cost while nobody uses them, and while a few records trickle over all of them. */
export async function manyPartitions(bench: Bench): Promise<void> {
  const { manyPartitions: partitions, manySeconds: seconds } = bench.options
  const table = `${partitions.toLocaleString("en")} partitions x 3 replicas, ${seconds} s`
  const trickle = `${recordsPerSecond.toLocaleString("en")} x 1 KiB/s over all of them`
  const at = (line: string): Line => ({ table, line })
  const lines = ["create, until all replicas are in sync", "idle", trickle].map(at)
  const generator = bench.librdkafka.missing === undefined ? bench.librdkafka : bench.java
  for (const kind of bench.rotated(0)) {
    await bench.turn(kind, lines, async (server) => {
      const produce = (forSeconds: number): Promise<LoadResult> => generator.produce(server.bootstrap, {
        topic: "many", records: forSeconds * recordsPerSecond, recordBytes, ratePerSecond: recordsPerSecond, lingerMillis: 0
      })
      const since = performance.now()
      await bench.createTopic(server, "many", partitions)
      bench.add({ ...lines[0]!, server: server.id, runs: [{ values: { millis: performance.now() - since } }] })
      // What follows the creation (flushes, compilers, first elections) is not idling.
      await pause(bench.options.settleMillis)
      await share(bench, server, lines[1]!, () => pause(seconds * 1_000))
      // The first batch of each partition is measured by nobody: compilers and new files are not the trickle.
      await produce(bench.options.settleMillis / 1_000)
      await share(bench, server, lines[2]!, async () => {
        const result = await produce(seconds)
        bench.add({
          ...at(`${trickle}: send to acknowledgement, ${generator.title}`), server: server.id,
          runs: [{ values: { p50Millis: result.p50Millis ?? 0, p99Millis: result.p99Millis ?? 0 } }]
        })
      })
    })
  }
}

/** The share of a core that each process took during the body: the mean over the nodes, and over their bus servers. */
async function share(bench: Bench, server: MeasuredServer, line: Line, body: () => Promise<void>): Promise<void> {
  const groups = [
    { suffix: ", each node", ids: server.nodes.map(({ node }) => node) },
    { suffix: ", each bus server", ids: server.nodes.flatMap(({ bus }) => bus ?? []) }
  ].filter(({ ids }) => ids.length > 0)
  const before = groups.map(({ ids }) => ids.map(cpuSeconds))
  const since = performance.now()
  try {
    await body()
  } catch (error) {
    bench.add({ ...line, server: server.id, runs: [], error: error instanceof Error ? error.message : String(error) })
    return
  }
  const elapsedSeconds = (performance.now() - since) / 1_000
  for (const [group, { suffix, ids }] of groups.entries()) {
    const runs = ids.map((id, index) => {
      const { user, system } = cpuDifference(cpuSeconds(id), before[group]![index]!)
      return { values: { corePercent: 100 * (user + system) / elapsedSeconds } }
    })
    bench.add({ table: line.table, line: `${line.line}${suffix}`, server: server.id, runs })
  }
}
