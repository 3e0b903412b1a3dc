import type { PlannedFault } from "../faults/FaultPlan.ts"

/** What a process of the simulator is asked to run. */
export interface SeedTask {
  readonly seed: number
  /** Instead of what the seed draws. */
  readonly plan?: ReadonlyArray<PlannedFault>
  readonly isVerbose?: boolean
  /** Where histories and traces of failures go; nowhere without it. */
  readonly directory?: string
}
