import type { CpuSeconds } from "./harness/processUsage.ts"
import type { ServerId } from "./harness/Server.ts"

/** One run of one workload on one server. */
export interface Run {
  /** In the unit of its measurement: megabytes a second, milliseconds or bytes. */
  readonly values: Readonly<Record<string, number>>
  readonly cpu?: CpuSeconds
  readonly gigabytes?: number
}

/** One cell of a table: a line, a server, and its runs without the dropped first one. */
export interface Measurement {
  readonly table: string
  readonly line: string
  readonly server: ServerId
  readonly runs: ReadonlyArray<Run>
  readonly error?: string
}

export interface Summary {
  readonly median: number
  readonly min: number
  readonly max: number
}

export function summarise(values: ReadonlyArray<number>): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
  return { median, min: sorted[0]!, max: sorted.at(-1)! }
}

/** The summary of one named value over the runs, where they have it. */
export function summaryOf(measurement: Measurement | undefined, name: string): Summary | undefined {
  const values = measurement?.runs.flatMap((run) => run.values[name] ?? []) ?? []
  return values.length === 0 ? undefined : summarise(values)
}

/** Processor seconds of the server for each gigabyte of record values, user and system apart. */
export function cpuPerGigabyte(measurement: Measurement | undefined): CpuSeconds | undefined {
  const runs = measurement?.runs.flatMap((run) => run.cpu === undefined || run.gigabytes === undefined ? [] : [{ cpu: run.cpu, gigabytes: run.gigabytes }]) ?? []
  if (runs.length === 0) return undefined
  return {
    user: summarise(runs.map((run) => run.cpu.user / run.gigabytes)).median,
    system: summarise(runs.map((run) => run.cpu.system / run.gigabytes)).median
  }
}
