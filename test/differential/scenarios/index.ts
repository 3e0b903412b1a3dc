import type { Scenario } from "../Scenario.ts"
import { cluster } from "./cluster.ts"
import { metadata } from "./metadata.ts"

/** All scripts. */
export const scenarios: ReadonlyArray<Scenario> = [cluster, metadata]
