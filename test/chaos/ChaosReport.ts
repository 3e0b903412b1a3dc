import { anomalies, type AnomalyName, type CheckResult, type Percentiles } from "@tailrace/testkit"
import type { FaultWindow } from "./Chaos.ts"

/** What became of one scenario. */
export interface Outcome {
  readonly scenario: string
  readonly title: string
  readonly seed: number
  readonly layout: string
  /** Processes that waited for a processor when it began: figures of a busy machine are no figures of ours. */
  readonly load: number
  readonly directory: string
  readonly check: CheckResult
  /** Changes of leader epochs over all partitions, and of the controller's epoch. */
  readonly elections: { readonly leaders: number; readonly controller: number }
  readonly windows: ReadonlyArray<FaultWindow>
  readonly gaps: Percentiles
  /** From the end of a fault until every partition was acknowledged again. */
  readonly recovery: Percentiles
  readonly notes: ReadonlyArray<string>
  /** Broken besides what the history shows. */
  readonly faults: ReadonlyArray<string>
  readonly invalidBecause: ReadonlyArray<string>
}

const columns: Readonly<Record<"lost" | "duplicated" | "stale", ReadonlyArray<AnomalyName>>> = {
  lost: ["lost-write", "unseen", "unrepeatable-read", "undelivered"],
  duplicated: ["duplicate"],
  stale: ["high-watermark-regression", "stale-commit", "stale-committed-offset", "read-above-high-watermark"]
}
const counted = new Set(Object.values(columns).flat())
/** Operations of clients; what this tier does itself is none. */
const clientOperations = /^(send|poll|commit|committed|offsets) (ok|info|fail)$/
const findingsShownMax = 5

/** Scenarios side by side: for people as a table, for programs as JSON. */
export const chaosReport = {
  isGood: (outcome: Outcome): boolean => outcome.check.isValid && outcome.faults.length === 0 && outcome.invalidBecause.length === 0,

  /** Every reason why it is not good, with the worst first. */
  reasons(outcome: Outcome): string[] {
    const found = outcome.check.findings.filter(({ severity }) => severity === "bad").slice(0, findingsShownMax)
      .map(({ anomaly, key, message }) => `${anomaly} in ${key}: ${message}`)
    return [...found, ...outcome.faults, ...outcome.invalidBecause.map((reason) => `does not count: ${reason}`)]
  },

  markdown(outcomes: ReadonlyArray<Outcome>): string {
    const head = [
      "scenario", "faults", "attempted", "ok", "info", "fail", "lost", "duplicated", "stale", "other anomalies",
      "gap p50 ms", "gap p99 ms", "gap max ms", "served again max ms", "elections", "controllers", "load", "layout", ""
    ]
    const rows = outcomes.map((outcome) => {
      const { check, elections, gaps, recovery } = outcome
      const operations = operationsOf(check)
      return [
        outcome.scenario, outcome.windows.length, operations.ok + operations.info + operations.fail, operations.ok, operations.info, operations.fail,
        ...Object.values(columns).map((names) => badCount(check, (name) => names.includes(name))), badCount(check, (name) => !counted.has(name)),
        Math.round(gaps.p50), Math.round(gaps.p99), Math.round(gaps.max), Math.round(recovery.max), elections.leaders, elections.controller,
        outcome.load.toFixed(1), outcome.layout, chaosReport.isGood(outcome) ? "good" : "BAD"
      ]
    })
    return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")
  },

  json: (outcomes: ReadonlyArray<Outcome>): string => `${JSON.stringify({
    isGood: outcomes.every(chaosReport.isGood),
    scenarios: outcomes.map((outcome) => ({ ...outcome, check: { ...outcome.check, lag: Object.fromEntries(outcome.check.lag) }, reasons: chaosReport.reasons(outcome) })),
    anomalies
  }, undefined, 2)}\n`
}

function operationsOf(check: CheckResult): Record<"ok" | "info" | "fail", number> {
  const sums = { ok: 0, info: 0, fail: 0 }
  for (const [name, count] of Object.entries(check.operations)) {
    const outcome = clientOperations.exec(name)?.[2] as keyof typeof sums | undefined
    if (outcome !== undefined) sums[outcome] += count
  }
  return sums
}

const badCount = (check: CheckResult, isMeant: (name: AnomalyName) => boolean): number =>
  Object.entries(check.counts).reduce((sum, [name, { bad }]) => sum + (isMeant(name as AnomalyName) ? bad : 0), 0)
