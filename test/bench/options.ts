import { resolve } from "node:path"
import { parseArgs } from "node:util"
import type { ServerId } from "./harness/Server.ts"
import type { ClientId } from "./loads/Load.ts"

export type Part = "produce" | "consume" | "latency" | "start" | "cli" | "partitions"

/** What one node is measured by, and what a cluster is. */
const nodeParts: ReadonlyArray<Part> = ["produce", "consume", "latency", "start", "cli"]
const clusterParts: ReadonlyArray<Part> = ["produce", "consume", "latency", "partitions"]

export interface Workload {
  readonly partitions: number
  readonly batchBytes: number
  readonly recordBytes: number
  readonly records: number
  /** The one client that makes it; without it each does. */
  readonly client?: ClientId
  /** Its records are also read from the start: once for each size of records, not for each size of batches. */
  readonly isReadBack: boolean
}

export interface BenchOptions {
  readonly isQuick: boolean
  /** Three nodes of each product instead of one. */
  readonly isCluster: boolean
  readonly only: ReadonlySet<Part>
  readonly servers: ReadonlyArray<ServerId>
  /** An installed workspace of an earlier commit, measured beside ours. */
  readonly before: string | undefined
  readonly workloads: ReadonlyArray<Workload>
  /** Runs of each workload on one server, the dropped ones among them. */
  readonly runs: number
  /** How many runs at the beginning are dropped: none in the smoke test, whose figures mean nothing. */
  readonly droppedRuns: number
  readonly latencyRates: ReadonlyArray<number>
  readonly latencySeconds: number
  readonly endToEndRecords: number
  readonly startRuns: number
  readonly cliRuns: number
  readonly manyPartitions: number
  readonly manySeconds: number
  readonly settleMillis: number
  readonly isMemoryWarmed: boolean
  /** No new turn begins after this; what is left out is named in the report. */
  readonly minutesMax: number
}

export const usage = `usage: npm run bench -- [options]
  --cluster              three nodes of each, replication factor 3, min.insync.replicas 2
  --quick                small sizes, one workload, two servers, for a smoke test (less than 90 s)
  --only LIST            some of: ${nodeParts.join(",")}; in a cluster: ${clusterParts.join(",")}
  --servers LIST         some of: kafka,kafka-flush,tailrace
  --before DIR           measure an earlier commit beside it: DIR is its workspace, with npm ci done; not in a cluster
  --records N            records per produce run instead of the workload's own number
  --partitions LIST      default 1,6; in a cluster 6
  --batch LIST           batch.size in KiB, default 16,128; in a cluster for the Java client, librdkafka has its own 1,000,000 B
  --record-size LIST     bytes, default 100,1024; in a cluster 1024
  --runs N               runs per workload, the first is dropped (default 3)
  --minutes N            begin no new turn after so long (default 24)
  --no-warm              do not fill the page cache first (figures of a virtual machine are then noise)
  --help`

/** librdkafka's own default. */
const librdkafkaBatchBytes = 1_000_000

/** Half a gigabyte of small records and one of large ones: some seconds for each run. */
const defaultRecords = (recordBytes: number): number => Math.max(10_000, Math.min(4_000_000, Math.round((recordBytes <= 200 ? 4e8 : 1.024e9) / recordBytes)))

export function readOptions(argv: ReadonlyArray<string>): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      "cluster": { type: "boolean", default: false },
      "quick": { type: "boolean", default: false },
      "only": { type: "string" },
      "servers": { type: "string" },
      "before": { type: "string" },
      "records": { type: "string" },
      "partitions": { type: "string" },
      "batch": { type: "string" },
      "record-size": { type: "string" },
      "runs": { type: "string" },
      "minutes": { type: "string" },
      "no-warm": { type: "boolean", default: false },
      "help": { type: "boolean", default: false }
    }
  })
  if (values.help) return undefined
  const isQuick = values.quick
  const isCluster = values.cluster
  if (isCluster && values.before !== undefined) throw new Error("--before is for one node")
  const numbers = (text: string | undefined, fallback: ReadonlyArray<number>): ReadonlyArray<number> => text === undefined ? fallback : text.split(",").map(positive)
  const partitions = numbers(values.partitions, isCluster ? [6] : isQuick ? [1] : [1, 6])
  const batches = numbers(values.batch, isQuick ? [128] : [16, 128])
  const sizes = numbers(values["record-size"], isQuick || isCluster ? [1024] : [100, 1024])
  const records = values.records === undefined ? (isQuick ? 50_000 : undefined) : positive(values.records)
  return {
    isQuick,
    isCluster,
    only: new Set(chosen(values.only, isCluster ? clusterParts : nodeParts)),
    servers: [
      ...values.servers === undefined && isQuick ? ["kafka", "tailrace"] as const : chosen(values.servers, ["kafka", "kafka-flush", "tailrace"] as const),
      ...values.before === undefined ? [] : ["tailrace-before"] as const
    ],
    before: values.before === undefined ? undefined : resolve(values.before),
    workloads: partitions.flatMap((count) => sizes.flatMap((recordBytes) => {
      const workload = { partitions: count, recordBytes, records: records ?? defaultRecords(recordBytes) }
      const bySize = batches.map((kibibytes) => ({ ...workload, batchBytes: kibibytes * 1024, isReadBack: kibibytes === Math.max(...batches) }))
      // The smoke test takes one turn for both clients: starting three JVMs is most of its time.
      if (!isCluster || isQuick) return bySize
      return [...bySize.map((each) => ({ ...each, client: "java" as const })), { ...workload, batchBytes: librdkafkaBatchBytes, client: "librdkafka" as const, isReadBack: true }]
    })),
    runs: values.runs === undefined ? (isQuick ? 1 : 3) : positive(values.runs) + (isQuick || positive(values.runs) > 1 ? 0 : 1),
    droppedRuns: isQuick ? 0 : 1,
    latencyRates: isQuick || isCluster ? [2_000] : [2_000, 10_000],
    latencySeconds: isQuick ? 2 : 5,
    endToEndRecords: isQuick ? 200 : 3_000,
    startRuns: isQuick ? 1 : 10,
    cliRuns: isQuick ? 1 : 10,
    manyPartitions: isQuick ? 60 : 1_000,
    manySeconds: isQuick ? 3 : 60,
    settleMillis: isQuick ? 1_000 : 20_000,
    isMemoryWarmed: !isQuick && !values["no-warm"],
    minutesMax: values.minutes === undefined ? 24 : positive(values.minutes)
  }
}

function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new Error(`a positive whole number was expected, not "${text}"`)
  return value
}

function chosen<T extends string>(text: string | undefined, all: ReadonlyArray<T>): ReadonlyArray<T> {
  if (text === undefined) return all
  return text.split(",").map((name) => {
    const found = all.find((candidate) => candidate === name)
    if (found === undefined) throw new Error(`"${name}" is none of ${all.join(", ")}`)
    return found
  })
}
