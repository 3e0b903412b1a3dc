import type { Random } from "@tailrace/runtime"

/** Where pauses and partitions come from that are left to chance. */
export type ChoiceSource = Pick<Random, "nextInt">
