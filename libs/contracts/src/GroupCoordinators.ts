import type { GroupCalls } from "./GroupCalls.ts"

/** Calls that name the one group they concern. */
export type GroupCallName = Exclude<keyof GroupCalls, "listGroups">

/**
 * The coordinators of the groups of this node: one shard for each partition of `__consumer_offsets` that is led here.
 * A call is answered exactly once, either with the response or with the error code that stands for the whole call
 * (NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE).
 */
export interface GroupCoordinators {
  /**
   * The nodes that coordinate the groups, in their order, -1 where nobody does at present. Creates `__consumer_offsets` on first use, once for
   * all of the groups. Rejects with `NotAvailable`.
   */
  find(groupIds: ReadonlyArray<string>): Promise<ReadonlyArray<number>>
  /** The returned function abandons a call whose connection has closed: no answer follows. */
  ask<K extends GroupCallName>(
    kind: K,
    request: GroupCalls[K]["request"],
    answer: (response: GroupCalls[K]["response"] | number) => void
  ): () => void
  /** The groups of all shards of this node, or the error code of a shard that cannot say. */
  listGroups(
    request: GroupCalls["listGroups"]["request"],
    answer: (response: GroupCalls["listGroups"]["response"] | number) => void
  ): void
}
