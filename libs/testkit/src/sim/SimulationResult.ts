import type { PlannedFault } from "./faults/FaultPlan.ts"

/** What came of one seed. */
export interface SimulationResult {
  readonly seed: number
  /** What went wrong, undefined where nothing did. */
  readonly failure?: { readonly rule: string; readonly message: string; readonly stack: string }
  readonly simulatedMillis: number
  readonly turns: number
  readonly events: number
  readonly traceHash: string
  readonly acknowledged: number
  readonly operations: Readonly<Record<string, number>>
  readonly coverage: Readonly<Record<string, number>>
  /** The faults that were planned, for shrinking and for replay. */
  readonly plan: ReadonlyArray<PlannedFault>
}
