import { arch, cpus, release, totalmem } from "node:os"
import type { Bench } from "./Bench.ts"
import { cpuPerGigabyte, summaryOf, type Measurement, type Summary } from "./Measurement.ts"

interface Column {
  readonly name: string
  /** Turns a value as measured into the unit of the column. */
  readonly scale: number
  readonly isLargerBetter: boolean
}

const columnsOf = (measurement: Measurement): Column[] => {
  const values = measurement.runs[0]?.values ?? {}
  if ("megabytesPerSecond" in values) return [{ name: "megabytesPerSecond", scale: 1, isLargerBetter: true }]
  if ("p50Millis" in values) return [{ name: "p50Millis", scale: 1, isLargerBetter: false }, { name: "p99Millis", scale: 1, isLargerBetter: false }]
  if ("residentBytes" in values) return [{ name: "residentBytes", scale: 1e-6, isLargerBetter: false }, { name: "anonymousBytes", scale: 1e-6, isLargerBetter: false }]
  if ("corePercent" in values) return [{ name: "corePercent", scale: 1, isLargerBetter: false }]
  return [{ name: "millis", scale: 1, isLargerBetter: false }]
}

const unitOf: Readonly<Record<string, string>> = {
  megabytesPerSecond: "MB/s", p50Millis: "p50 ms", p99Millis: "p99 ms", residentBytes: "resident MB", anonymousBytes: "of it heap and stacks MB", millis: "ms", corePercent: "% of a core"
}

/** Three digits are what a shared machine can give. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function cell(summary: Summary | undefined, scale: number): string {
  if (summary === undefined) return "-"
  const text = digits(summary.median * scale)
  return summary.min === summary.max ? text : `${text} (${digits(summary.min * scale)}-${digits(summary.max * scale)})`
}

/** How many times better we are than the other server; below 1 is worse. */
function ratio(ours: Summary | undefined, other: Summary | undefined, isLargerBetter: boolean): number | undefined {
  if (ours === undefined || other === undefined || ours.median === 0 || other.median === 0) return undefined
  return isLargerBetter ? ours.median / other.median : other.median / ours.median
}

const ratioCell = (value: number | undefined): string => value === undefined ? "-" : `${value.toFixed(2)}x`

const hasBefore = (bench: Bench): boolean => bench.servers.some(({ id }) => id === "tailrace-before")

interface Row {
  readonly table: string
  readonly line: string
  readonly value: string
  readonly servers: Record<string, { readonly summary?: Summary; readonly cpuSecondsPerGigabyte?: { user: number; system: number }; readonly error?: string }>
  readonly ratios: Record<string, number>
  readonly cells: string[]
}

function rowsOf(bench: Bench, table: string, line: string): Row[] {
  const found = bench.measurements.filter((measurement) => measurement.table === table && measurement.line === line)
  const sample = found.find((measurement) => measurement.runs.length > 0)
  const columns = sample === undefined ? [{ name: "none", scale: 1, isLargerBetter: true }] : columnsOf(sample)
  return columns.map((column) => {
    const of = (id: string): Measurement | undefined => found.find((measurement) => measurement.server === id)
    const ours = summaryOf(of("tailrace"), column.name)
    const ratios: Record<string, number> = {}
    const servers: Row["servers"] = {}
    const cells = bench.servers.map((kind) => {
      const measurement = of(kind.id)
      const summary = summaryOf(measurement, column.name)
      const cpu = cpuPerGigabyte(measurement)
      const value = ratio(ours, summary, column.isLargerBetter)
      if (kind.id !== "tailrace" && value !== undefined) ratios[kind.id] = value
      servers[kind.id] = {
        ...(summary === undefined ? {} : { summary }), ...(cpu === undefined ? {} : { cpuSecondsPerGigabyte: cpu }),
        ...(measurement?.error === undefined ? {} : { error: measurement.error })
      }
      if (measurement?.error !== undefined) return "failed"
      const isRate = column.name === "megabytesPerSecond"
      return `${cell(summary, column.scale)}${isRate && cpu !== undefined ? `; ${digits(cpu.user)}+${digits(cpu.system)}` : ""}`
    })
    return { table, line, value: column.name, servers, ratios, cells: [`${line}, ${unitOf[column.name] ?? "-"}`, ...cells, ratioCell(ratios["kafka"]), ratioCell(ratios["kafka-flush"]), ...hasBefore(bench) ? [ratioCell(ratios["tailrace-before"])] : []] }
  })
}

export interface Report {
  readonly markdown: string
  readonly json: unknown
}

/** The tables as Markdown, and everything that was measured as JSON. */
export function report(bench: Bench, machine: { readonly warmBytes: number; readonly seconds: number }): Report {
  const tables = [...new Set(bench.measurements.map((measurement) => measurement.table))]
  const rows = tables.flatMap((table) => {
    const lines = [...new Set(bench.measurements.filter((measurement) => measurement.table === table).map((measurement) => measurement.line))]
    return lines.flatMap((line) => rowsOf(bench, table, line))
  })
  const titles = bench.servers.map((kind) => kind.title)
  const facts = {
    date: new Date().toISOString(), kernel: release(), architecture: arch(), processors: `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}`,
    memoryGigabytes: Number((totalmem() / 1e9).toFixed(1)), node: process.version, warmedBytes: machine.warmBytes, seconds: Math.round(machine.seconds),
    runs: `${bench.options.runs}, ${bench.options.droppedRuns === 0 ? "none" : "the first"} dropped, median and (spread) of the rest`
  }
  const failures = bench.measurements.flatMap((measurement) => measurement.error === undefined ? [] : [`- ${measurement.table} / ${measurement.line} / ${measurement.server}: ${measurement.error.split("\n").slice(0, 4).join(" / ")}`])
  const missing = bench.generators.flatMap((generator) => generator.missing === undefined ? [] : [`${generator.title}: not measured, ${generator.missing}`])
  const isCluster = bench.options.isCluster
  const markdown = [
    `# Tailrace beside Apache Kafka 4.3.1${isCluster ? ", three nodes each" : ""}`, "",
    ...Object.entries(facts).map(([name, value]) => `- ${name}: ${value}`), "",
    ...(isCluster ? [
      "Three nodes of each, replication factor 3, min.insync.replicas 2. CPU-seconds and memory are those of all three, and of Tailrace's three NATS servers; a share of a core is",
      "that of one process, and in brackets stand the least and the most busy of the three.", ""
    ] : []),
    "One machine, client and server share its processors, traffic on loopback only. Rates are megabytes (10^6) of record values a second; behind the semicolon stand the server's",
    "CPU-seconds for each gigabyte, user+system. A ratio above 1 means that Tailrace is ahead. Kafka default acknowledges from the page cache; the other two columns flush first.", "",
    ...missing.flatMap((line) => [line, ""]),
    ...tables.flatMap((table) => [
      `## ${table}`, "",
      `| | ${titles.join(" | ")} | ours / Kafka default | ours / Kafka flushed |${hasBefore(bench) ? " ours / before |" : ""}`,
      `|---|${titles.map(() => "---").join("|")}|---|---|${hasBefore(bench) ? "---|" : ""}`,
      ...rows.filter((row) => row.table === table).map((row) => `| ${row.cells.join(" | ")} |`), ""
    ]),
    ...(bench.leftOut.length === 0 ? [] : ["## Left out, because the time was over", "", ...bench.leftOut.map((line) => `- ${line}`), ""]),
    ...(failures.length === 0 ? [] : ["## Failed", "", ...failures, ""])
  ].join("\n")
  return { markdown, json: { machine: facts, leftOut: bench.leftOut, rows: rows.map(({ table, line, value, servers, ratios }) => ({ table, line, value, servers, ratios })), measurements: bench.measurements } }
}
