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

/** Made when a request comes, applied when its turn has come. */
export type Rule = (shard: GroupShard<Asked>, now: Now) => Decision<Asked>

export type Decide<K extends GroupCallName> = (request: GroupCalls[K]["request"], asked: Asked, surroundings: Surroundings) => Rule

export const decisions: { readonly [K in GroupCallName]: Decide<K> } = {
  joinGroup: (request, asked, { randomId }) => (shard, now) => shard.joinGroup(now, request, randomId, asked),
  syncGroup: (request, asked) => (shard, now) => shard.syncGroup(now, request, asked),
  heartbeat: (request, asked) => (shard, now) => shard.heartbeat(now, request, asked),
  leaveGroup: (request, asked) => (shard, now) => shard.leaveGroup(now, request, asked),
  commitOffsets: (request, asked, { topicIdOf }) => {
    // It is for the topics that have these names now, not for those that may have them when it is decided.
    const topicIds = new Map(request.topics.map(({ name }) => [name, topicIdOf(name)]))
    return (shard, now) => shard.commitOffsets(now, request, asked, (topic) => topicIds.get(topic))
  },
  fetchOffsets: (request, asked, { topicIdOf }) => (shard, now) => shard.fetchOffsets(now, [request], asked, topicIdOf),
  deleteOffsets: (request, asked) => (shard, now) => shard.deleteOffsets(now, request, asked),
  describeGroup: ({ apiVersion, groupId }, asked) => (shard, now) => shard.describeGroups(now, [groupId], apiVersion, asked),
  deleteGroup: ({ groupId }, asked) => (shard, now) => shard.deleteGroups(now, [groupId], asked)
}

/** Everything else may write. */
export const writesNothing: ReadonlySet<GroupCallName | "listGroups"> = new Set(["heartbeat", "fetchOffsets", "describeGroup", "listGroups"])
