import { anomalies, type AnomalyName, type Severity } from "../Anomaly.ts"
import type { Operation } from "../Operation.ts"

export interface Finding {
  readonly anomaly: AnomalyName
  readonly severity: Severity
  /** The partition, or the group, that it is about. */
  readonly key: string
  readonly message: string
  readonly evidence: ReadonlyArray<Operation>
}

export interface AnomalyCount {
  readonly bad: number
  readonly report: number
}

/** Collects what checks find: all of it is counted, and so much of each anomaly is kept as a reader can look at. */
export class Findings {
  readonly #keptMax: number
  readonly #kept: Array<Finding> = []
  readonly #counts = new Map<AnomalyName, { bad: number; report: number }>()

  constructor(keptMax: number) {
    this.#keptMax = keptMax
  }

  add(anomaly: AnomalyName, severity: Severity, key: string, message: string, evidence: ReadonlyArray<Operation>): void {
    const count = this.#counts.get(anomaly) ?? { bad: 0, report: 0 }
    this.#counts.set(anomaly, count)
    if (count[severity] < this.#keptMax) this.#kept.push({ anomaly, severity, key, message, evidence })
    count[severity]++
  }

  /** Bad ones first. */
  get list(): ReadonlyArray<Finding> {
    return this.#kept.toSorted((a, b) => a.severity === b.severity ? 0 : a.severity === "bad" ? -1 : 1)
  }

  /** Anomalies that were found, in the order in which they are defined. */
  get counts(): Readonly<Partial<Record<AnomalyName, AnomalyCount>>> {
    const names = Object.keys(anomalies) as Array<AnomalyName>
    return Object.fromEntries(names.flatMap((name) => this.#counts.has(name) ? [[name, this.#counts.get(name)]] : []))
  }

  get badCount(): number {
    let total = 0
    for (const { bad } of this.#counts.values()) total += bad
    return total
  }
}
