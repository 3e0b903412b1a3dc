import { anomalies, type AnomalyName } from "./Anomaly.ts"
import type { CheckResult } from "./checkHistory.ts"
import type { Percentiles } from "./internal/percentilesOf.ts"

/** One scenario, checked. */
export interface ScenarioResult {
  readonly scenario: string
  readonly seed?: number | string
  readonly check: CheckResult
  /** Of the longest silence of each partition during the fault. */
  readonly gaps?: Percentiles
  /** Operations attempted during each fault. */
  readonly attemptsPerFault?: Readonly<Record<string, number>>
  /** Why the run says nothing although nothing was found, such as too little traffic. */
  readonly invalidBecause?: ReadonlyArray<string>
}

/** Fewer attempts during a fault say nothing about it. */
const attemptsPerFaultMin = 100

const sumOf = (check: CheckResult, names: ReadonlyArray<AnomalyName>): number =>
  names.reduce((sum, name) => sum + (check.counts[name]?.bad ?? 0) + (check.counts[name]?.report ?? 0), 0)

const millis = (value: number | undefined): string => value === undefined ? "" : `${Math.round(value)}`

/** Scenarios side by side: for people as a table, for programs as JSON. */
export class Report {
  readonly #results: Array<ScenarioResult> = []

  add(result: ScenarioResult): void {
    this.#results.push(result)
  }

  /** Reasons why a run does not count, besides what its checks found. */
  static reasonsAgainst({ attemptsPerFault = {}, invalidBecause = [] }: ScenarioResult): ReadonlyArray<string> {
    const quiet = Object.entries(attemptsPerFault).filter(([, count]) => count < attemptsPerFaultMin)
    return [...invalidBecause, ...quiet.map(([fault, count]) => `${count} operations during ${fault}, at least ${attemptsPerFaultMin} are needed`)]
  }

  /** Every run counts, and none found anything bad. */
  get isGood(): boolean {
    return this.#results.every((result) => result.check.isValid && Report.reasonsAgainst(result).length === 0)
  }

  toMarkdown(): string {
    const rows = this.#results.map((result) => {
      const { check, gaps } = result
      const isGood = check.isValid && Report.reasonsAgainst(result).length === 0
      return [
        result.scenario, result.seed ?? "", check.acknowledged, check.read,
        sumOf(check, ["lost-write", "unrepeatable-read", "undelivered"]), sumOf(check, ["duplicate"]),
        sumOf(check, ["high-watermark-regression", "stale-commit", "stale-committed-offset"]),
        millis(gaps?.p50), millis(gaps?.p99), millis(gaps?.max), millis(check.sendMillis.p99), isGood ? "good" : "BAD"
      ]
    })
    const head = ["scenario", "seed", "acknowledged", "read", "lost", "duplicated", "stale", "gap p50 ms", "gap p99 ms", "gap max ms", "send p99 ms", ""]
    const table = [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")
    const details = this.#results.flatMap((result) => this.#details(result))
    return details.length === 0 ? `${table}\n` : `${table}\n\n${details.join("\n")}\n`
  }

  toJSON(): unknown {
    return {
      isGood: this.isGood,
      scenarios: this.#results.map((result) => ({
        ...result, check: { ...result.check, lag: Object.fromEntries(result.check.lag) }, reasonsAgainst: Report.reasonsAgainst(result)
      }))
    }
  }

  #details(result: ScenarioResult): ReadonlyArray<string> {
    const reasons = Report.reasonsAgainst(result).map((reason) => `- ${result.scenario} does not count: ${reason}`)
    const found = Object.entries(result.check.counts).map(([name, count]) =>
      `- ${result.scenario}: ${name} ${count.bad} bad, ${count.report} allowed: ${anomalies[name as AnomalyName]}`)
    const first = result.check.findings.filter(({ severity }) => severity === "bad").slice(0, 5)
      .map(({ anomaly, key, message }) => `  - ${anomaly} in ${key}: ${message}`)
    return [...reasons, ...found, ...first]
  }
}
