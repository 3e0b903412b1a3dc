import type { Scenario } from "../Scenario.ts"
import { buses } from "./buses.ts"
import { disks } from "./disks.ts"
import { kills } from "./kills.ts"
import { partitions } from "./partitions.ts"
import { pauses } from "./pauses.ts"

export const scenarios: ReadonlyArray<Scenario> = [...kills, ...pauses, ...partitions, ...buses, ...disks]
