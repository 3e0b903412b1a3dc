import type { GroupCallName, GroupCalls } from "@tailrace/contracts"
import type { Decision, GroupResponse, GroupShard, Now } from "@tailrace/coordinator"

/** A request that waits for its answer; its identity is the shard's token. */
export interface Asked {
  readonly answer: (response: GroupResponse | number) => void
}

/** What decisions need of the world around the shard. */
export interface Surroundings {
  readonly randomId: () => string
  readonly topicIdOf: (topic: string) => string | undefined
}

export type Decide<K extends GroupCallName> = (
  shard: GroupShard<Asked>,
  now: Now,
  request: GroupCalls[K]["request"],
  asked: Asked,
  surroundings: Surroundings
) => Decision<Asked>

export const decisions: { readonly [K in GroupCallName]: Decide<K> } = {
  joinGroup: (shard, now, request, asked, { randomId }) => shard.joinGroup(now, request, randomId, asked),
  syncGroup: (shard, now, request, asked) => shard.syncGroup(now, request, asked),
  heartbeat: (shard, now, request, asked) => shard.heartbeat(now, request, asked),
  leaveGroup: (shard, now, request, asked) => shard.leaveGroup(now, request, asked),
  commitOffsets: (shard, now, request, asked, { topicIdOf }) => shard.commitOffsets(now, request, asked, topicIdOf),
  fetchOffsets: (shard, now, request, asked, { topicIdOf }) => shard.fetchOffsets(now, [request], asked, topicIdOf),
  deleteOffsets: (shard, now, request, asked) => shard.deleteOffsets(now, request, asked),
  describeGroup: (shard, now, { apiVersion, groupId }, asked) => shard.describeGroups(now, [groupId], apiVersion, asked),
  deleteGroup: (shard, now, { groupId }, asked) => shard.deleteGroups(now, [groupId], asked)
}

/** Everything else may write. */
export const writesNothing: ReadonlySet<GroupCallName | "listGroups"> = new Set(["heartbeat", "fetchOffsets", "describeGroup", "listGroups"])
