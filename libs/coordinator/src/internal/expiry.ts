import type { ClassicGroup } from "./ClassicGroup.ts"
import { eraseGroup } from "./deletions.ts"
import { offsetTombstone } from "./records.ts"
import type { CommittedOffset } from "./records.ts"
import { liveGroup } from "./ShardState.ts"
import type { ShardState } from "./ShardState.ts"
import { isConsumerGroup, isSubscribed } from "./subscribedTopics.ts"

const minuteMillis = 60_000

/**
 * Looks at the groups of `pending` until it has looked at `cleanupOffsetsPerTick` offsets, and leaves the rest in it.
 * Kafka's rules (KIP-211): a simple group loses an offset that was not committed again for the retention time; a group
 * with members loses those of topics it no longer reads; an empty one loses all, counted from when it became empty.
 * An empty group without offsets goes too.
 */
export function expireOffsets(state: ShardState, pending: Array<string>): void {
  state.out.mayBeCut = true
  let budget = state.config.cleanupOffsetsPerTick
  while (budget > 0) {
    const groupId = pending.pop()
    if (groupId === undefined) return
    const group = liveGroup(state, groupId)
    if (group !== undefined) budget -= 1 + expireGroup(state, group)
  }
}

/** Returns how many offsets it looked at. */
function expireGroup(state: ShardState, group: ClassicGroup): number {
  const offsets = state.durable.groups.get(group.groupId)?.offsets ?? new Map<string, Map<number, CommittedOffset>>()
  const baseOf = expiryBase(group)
  let seen = 0
  let expired = 0
  for (const [topic, partitions] of offsets) {
    seen += partitions.size
    if (baseOf === undefined || isSubscribed(group.protocolType, group.subscribedTopics, topic)) continue
    for (const [partition, committed] of partitions) {
      if (!isExpired(state, committed, baseOf(committed))) continue
      expired += 1
      state.out.record(offsetTombstone(group.groupId, topic, partition))
    }
  }
  if (expired === seen && group.state === "Empty" && group.pendingMembers.size === 0) eraseGroup(state, group)
  return seen
}

/** From when the retention time of an offset counts; undefined if nothing of this group may expire now. */
function expiryBase(group: ClassicGroup): ((committed: CommittedOffset) => number) | undefined {
  const byCommit = (committed: CommittedOffset) => committed.commitTimestamp
  if (group.protocolType === null) return byCommit
  if (group.state === "Empty") return group.stateTimestampMillis === -1 ? byCommit : () => group.stateTimestampMillis
  const readsKnownTopics = isConsumerGroup(group.protocolType) && group.subscribedTopics !== undefined
  return group.state === "Stable" && readsKnownTopics ? byCommit : undefined
}

function isExpired(state: ShardState, committed: CommittedOffset, baseMillis: number): boolean {
  const { wallMillis } = state.now
  if (committed.expireTimestamp !== -1) return wallMillis >= committed.expireTimestamp
  return wallMillis - baseMillis >= state.config.offsetsRetentionMinutes * minuteMillis
}
