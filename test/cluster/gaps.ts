// The longest silence that a producer hears in each partition when a node fails. README.md says how to read the table.
import { parseArgs } from "node:util"
import type { ClusterKind } from "./ClusterKind.ts"
import { clusterNamed } from "./clusterNamed.ts"
import { loadClients, type LoadClient, type LoadClientName } from "./loadClients.ts"
import { gapFaults, gapVictims, measureGaps, type GapFault, type GapOptions, type GapResult, type GapVictim } from "./measureGaps.ts"
import { ProcessCluster } from "./ProcessCluster.ts"
import { percentilesOf } from "./silences.ts"

interface GapRow extends GapOptions {
  readonly client: LoadClient
  readonly result: GapResult
}

function gapTable(kind: ClusterKind, rows: ReadonlyArray<GapRow>): string {
  const digits = (value: number): string => value.toFixed(0)
  return [
    `| ${kind.title}: fault | victim | client | partitions | p50 ms | p99 ms | max ms | acknowledged | failed sends | lost, doubled or reordered |`,
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows.map(({ fault, victim, client, partitions, rounds, requestMillis, result }) => {
      const { p50, p99, max } = percentilesOf(result.silences)
      const limit = requestMillis === 0 ? "its defaults" : `requests ${requestMillis} ms`
      return `| ${[fault, fault === "rolling" ? "every node" : victim, `${client.title}, ${limit}`, `${partitions} x ${rounds}`, digits(p50), digits(p99), digits(max), result.acknowledged, result.failed, result.faults.length].join(" | ")} |`
    })
  ].join("\n")
}

const usage = `usage: node test/cluster/gaps.ts [options]
  --server NAME        tailrace (default), kafka or kafka-flush
  --profile NAME       timer.profile of Tailrace: default or ci
  --layout NAME        loopback (default) or namespaces, which isolate and peer-only need
  --fault LIST         some of ${gapFaults.join(",")}; default kill
  --victim LIST        some of ${gapVictims.join(",")}; default leader
  --client LIST        some of librdkafka,java; default librdkafka
  --request-timeout N  the client's limit for one request in ms; default 1500, 0 for the client's own
  --rounds N           default 1
  --partitions N       default 30`

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      "server": { type: "string", default: "tailrace" }, "profile": { type: "string", default: "default" }, "layout": { type: "string", default: "loopback" },
      "fault": { type: "string", default: "kill" }, "victim": { type: "string", default: "leader" }, "client": { type: "string", default: "librdkafka" },
      "request-timeout": { type: "string", default: "1500" }, "rounds": { type: "string", default: "1" }, "partitions": { type: "string", default: "30" },
      "help": { type: "boolean", default: false }
    }
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const kind = await clusterNamed(values.server, values.profile)
  const layout = values.layout === "namespaces" ? "namespaces" : "loopback"
  const clients = await loadClients(values.client.split(",") as LoadClientName[])
  await using cluster = await ProcessCluster.start({ kind, layout })
  const rows: GapRow[] = []
  const broken: string[] = []
  for (const client of clients) {
    for (const fault of values.fault.split(",") as GapFault[]) {
      for (const victim of values.victim.split(",") as GapVictim[]) {
        const options = { fault, victim, rounds: Number(values.rounds), partitions: Number(values.partitions), requestMillis: Number(values["request-timeout"]) }
        const name = `${fault} ${victim} ${client.title}`
        try {
          const result = await measureGaps(cluster, client, options)
          rows.push({ ...options, client, result })
          console.error(`${name}: ${JSON.stringify(percentilesOf(result.silences))} ${result.faults.slice(0, 3).join("; ")}`)
        } catch (error) {
          broken.push(`${name}: ${error instanceof Error ? error.message : String(error)}`)
          console.error(broken.at(-1))
        }
      }
    }
  }
  console.log(gapTable(kind, rows))
  for (const words of broken) console.log(`not measured: ${words.split("\n")[0]}`)
  return broken.length > 0 || rows.some((row) => row.result.faults.length > 0) ? 1 : 0
}

process.exit(await main())
