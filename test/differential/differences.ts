import type { Difference } from "./compare.ts"
import { intended } from "./intendedDifferences.ts"
import { open } from "./openDifferences.ts"

/** A place where we are known to answer otherwise than Kafka. */
export interface KnownDifference {
  /** `intended` is to stay; `open` is a fault that waits for its repair. */
  readonly kind: "intended" | "open"
  /** The script and the step, as in the report. */
  readonly step: RegExp
  readonly path: RegExp
  readonly reason: string
  /** What else must hold, where step and path alone would let other differences pass. */
  readonly when?: (difference: Difference) => boolean
}

/** All of them. A run of everything fails when one is not seen any more. The first that fits counts. */
export const differences: ReadonlyArray<KnownDifference> = [
  ...intended.map((each) => ({ kind: "intended" as const, ...each })),
  ...open.map((each) => ({ kind: "open" as const, ...each }))
]
