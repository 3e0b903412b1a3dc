import type { SimulationResult } from "../SimulationResult.ts"

/** Without these a thousand good seeds say little; each is wanted in at least one of a hundred. */
export const wantedCoverage: ReadonlyArray<string> = [
  "truncation", "ELR election", "AlterPartition lost across a controller change", "coordinator move", "session resync"
]

/** What many seeds came to. */
export class SimulationSummary {
  seeds = 0
  simulatedMillis = 0
  turns = 0
  events = 0
  acknowledged = 0
  readonly failures: Array<SimulationResult> = []
  /** By name: how often in all, and in how many seeds. */
  readonly coverage = new Map<string, { times: number; seeds: number }>()

  add(result: SimulationResult): void {
    this.seeds++
    this.simulatedMillis += result.simulatedMillis
    this.turns += result.turns
    this.events += result.events
    this.acknowledged += result.acknowledged
    if (result.failure !== undefined) this.failures.push(result)
    for (const [name, times] of Object.entries(result.coverage)) {
      const seen = this.coverage.get(name) ?? { times: 0, seeds: 0 }
      seen.times += times
      seen.seeds++
      this.coverage.set(name, seen)
    }
  }

  /** What was to be covered and is not, with its share of the seeds. */
  get uncovered(): ReadonlyArray<string> {
    return wantedCoverage.filter((name) => (this.coverage.get(name)?.seeds ?? 0) < this.seeds / 100)
  }

  toString(): string {
    const rows = [...this.coverage].toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, { seeds, times }]) =>
      `  ${name.padEnd(48)} ${String(times).padStart(9)} ${String(seeds).padStart(7)} seeds ${(100 * seeds / this.seeds).toFixed(1).padStart(6)} %`)
    return [...rows, `${this.seeds} seeds, ${this.failures.length} failed; ${Math.round(this.simulatedMillis / 1_000)} simulated seconds, ${
      this.acknowledged} acknowledged records, ${this.events} messages and store operations, ${this.turns} turns`].join("\n")
  }
}
