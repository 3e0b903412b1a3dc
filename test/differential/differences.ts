/** A place where we are known to answer otherwise than Kafka. */
export interface KnownDifference {
  /** `intended` is to stay; `open` is a fault that waits for its repair. */
  readonly kind: "intended" | "open"
  /** The script and the step, as in the report. */
  readonly step: RegExp
  readonly path: RegExp
  readonly reason: string
}

/** One place for all of them. A run of everything fails when one of these is not seen any more. */
export const differences: ReadonlyArray<KnownDifference> = [
]
