import type { AnomalyName } from "./Anomaly.ts"
import { checkCycles } from "./internal/checks/checkCycles.ts"
import { checkDrains } from "./internal/checks/checkDrains.ts"
import { checkGroups } from "./internal/checks/checkGroups.ts"
import { checkReads } from "./internal/checks/checkReads.ts"
import { checkSends } from "./internal/checks/checkSends.ts"
import { checkWatermarks } from "./internal/checks/checkWatermarks.ts"
import { checkWrites } from "./internal/checks/checkWrites.ts"
import { measureLag } from "./internal/checks/measureLag.ts"
import { type AnomalyCount, type Finding, Findings } from "./internal/Findings.ts"
import { HistoryIndex, isAcknowledged } from "./internal/HistoryIndex.ts"
import { type Percentiles, percentilesOf } from "./internal/percentilesOf.ts"
import type { Operation, Outcome } from "./Operation.ts"

export interface CheckOptions {
  /** An acknowledged record may stay unread for so long before the last poll began; default 30 s. */
  readonly recoveryMillis?: number
  /** A lag beyond is reported; default 30 s. */
  readonly lagMillisMax?: number
  /** Findings of each anomaly and severity that are kept, all are counted; default 20. */
  readonly findingsMax?: number
}

export interface CheckResult {
  /** No promise was broken. */
  readonly isValid: boolean
  readonly findings: ReadonlyArray<Finding>
  readonly counts: Readonly<Partial<Record<AnomalyName, AnomalyCount>>>
  /** Operations by kind and outcome, such as `send ok`. */
  readonly operations: Readonly<Record<string, number>>
  /** Failures by kind and name, such as `send REQUEST_TIMED_OUT`. */
  readonly errors: Readonly<Record<string, number>>
  readonly acknowledged: number
  /** Records that were read, each time they were. */
  readonly read: number
  /** By partition, in milliseconds. */
  readonly lag: ReadonlyMap<string, Percentiles>
  /** From the call to the acknowledgement of sends, in milliseconds. */
  readonly sendMillis: Percentiles
}

/**
 * Holds a history against what Kafka promises its clients: nothing acknowledged is lost, changed, stored twice or read out of
 * order, nothing that failed appears, ends do not go back, and groups keep their commits and their owners. It takes time in
 * proportion to the history, besides sorting. A history whose whole partitions were read at the end (`drain`) shows most.
 */
export const checkHistory = (history: { readonly operations: ReadonlyArray<Operation> }, options: CheckOptions = {}): CheckResult => {
  const findings = new Findings(options.findingsMax ?? 20)
  const index = new HistoryIndex(history.operations, findings)
  checkWrites(index, findings, { recoveryMillis: options.recoveryMillis ?? 30_000 })
  checkDrains(index, findings)
  checkReads(index, findings)
  checkSends(index, findings)
  checkWatermarks(index, findings)
  checkGroups(index, findings)
  checkCycles(index, findings)
  const lag = measureLag(index, findings, options.lagMillisMax ?? 30_000)
  return { isValid: findings.badCount === 0, findings: findings.list, counts: findings.counts, lag, ...statistics(index.operations) }
}

const statistics = (
  all: ReadonlyArray<Operation>
): Pick<CheckResult, "operations" | "errors" | "acknowledged" | "read" | "sendMillis"> => {
  const operations = new Map<string, number>()
  const errors = new Map<string, number>()
  const millis: Array<number> = []
  let acknowledged = 0
  let read = 0
  const count = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const operation of all) {
    const { f, type, error, errorCode, records, invokeMillis, completeMillis } = operation
    count(operations, `${f} ${type satisfies Outcome}`)
    if (type !== "ok" && (error ?? errorCode) !== undefined) count(errors, `${f} ${error ?? errorCode}`)
    if (f === "send" && isAcknowledged(operation)) {
      acknowledged += records.length
      millis.push(completeMillis - invokeMillis)
    }
    if (f === "poll") read += records.length
  }
  const sorted = (counts: Map<string, number>): Record<string, number> => Object.fromEntries([...counts].toSorted(([a], [b]) => a < b ? -1 : 1))
  return { operations: sorted(operations), errors: sorted(errors), acknowledged, read, sendMillis: percentilesOf(millis) }
}
