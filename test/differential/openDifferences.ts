import type { KnownDifference } from "./differences.ts"

/** Differences that wait for their repair. Whoever repairs one takes its line away. */
export const open: ReadonlyArray<Omit<KnownDifference, "kind">> = [
  { step: /^configs: (Incremental)?AlterConfigs v\d+ type 32$/, path: /errorCode$/, reason: "AlterConfigs, IncrementalAlterConfigs: configurations of groups are INVALID_REQUEST; Kafka knows them" }
]
