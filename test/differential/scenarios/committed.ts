import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

/** OffsetCommit, OffsetFetch, OffsetDelete and ListGroups of groups without members. */
export const committed: Scenario = {
  name: "committed offsets",
  async run(peer) {
    await peer.topic("committed", 3)
    await peer.topic("committed-b", 1)
    for (const version of peer.versions("OffsetCommit")) await commit(peer, version)
    await fetchAll(peer)
    await erase(peer)
  }
}

async function commit(peer: Peer, version: number): Promise<void> {
  const groupId = `committed-${version}`
  const partition = (partitionIndex: number, committedOffset: number, more: object = {}) => ({ partitionIndex, committedOffset, committedMetadata: "", ...more })
  const ask = (label: string, partitions: ReadonlyArray<ReturnType<typeof partition>>, change: Partial<InputOf<"OffsetCommit">> = {}) =>
    peer.ask(label, "OffsetCommit", version, { groupId, generationIdOrMemberEpoch: -1, memberId: "", topics: [{ name: "committed", partitions }], ...change })
  await ask("no topics", [], { topics: [] })
  await ask("no partitions", [])
  await ask("good", [partition(0, 5, { committedMetadata: "meta" }), partition(1, 0, { committedLeaderEpoch: 0 })])
  await ask("null metadata", [partition(2, 3, { committedMetadata: null })])
  await ask("unknown partition", [partition(9, 1), partition(-1, 1)])
  await ask("negative offset", [partition(0, -1)])
  await ask("very negative offset", [partition(0, -100)])
  await ask("long metadata", [partition(0, 1, { committedMetadata: "x".repeat(4_096) }), partition(1, 1, { committedMetadata: "x".repeat(4_097) })])
  await ask("leader epoch -2", [partition(0, 7, { committedLeaderEpoch: -2 })])
  await ask("leader epoch 100", [partition(0, 7, { committedLeaderEpoch: 100 })])
  await ask("partition twice", [partition(0, 8), partition(0, 9)])
  await ask("unknown topic", [], { topics: [{ name: "committed-none", partitions: [partition(0, 1)] }, { name: "committed", partitions: [partition(1, 4)] }] })
  await ask("empty topic", [], { topics: [{ name: "", partitions: [partition(0, 1)] }] })
  await ask("topic twice", [], { topics: [{ name: "committed", partitions: [partition(0, 10)] }, { name: "committed", partitions: [partition(1, 11)] }] })
  await ask("internal topic", [], { topics: [{ name: "__consumer_offsets", partitions: [partition(0, 1)] }] })
  await ask("retention", [partition(0, 12)], { retentionTimeMs: 1_000_000 })
  await ask("generation 0", [partition(0, 13)], { generationIdOrMemberEpoch: 0 })
  await ask("generation 1", [partition(0, 13)], { generationIdOrMemberEpoch: 1 })
  await ask("generation -2", [partition(0, 13)], { generationIdOrMemberEpoch: -2 })
  await ask("member", [partition(0, 13)], { memberId: "m" })
  await ask("instance", [partition(0, 13)], { groupInstanceId: "i" })
  await ask("new group with a generation", [partition(0, 13)], { groupId: "committed-none", generationIdOrMemberEpoch: 3, memberId: "m" })
  await ask("empty group", [partition(0, 13)], { groupId: "" })
}

async function fetchAll(peer: Peer): Promise<void> {
  const groupId = "committed-8"
  const topics = [{ name: "committed", partitionIndexes: [0, 1, 2, 9, -1] }]
  const ask = (label: string, change: { groupId?: string; topics?: typeof topics | null; requireStable?: boolean }) => peer.askAll(label, "OffsetFetch", (version) => {
    const group = { groupId, topics, ...change }
    return version < 8 ? { groupId: group.groupId, topics: group.topics, ...(change.requireStable === true ? { requireStable: true } : {}) }
      : { groups: [{ groupId: group.groupId, topics: group.topics }], requireStable: change.requireStable ?? false }
  })
  await ask("good", {})
  await ask("stable", { requireStable: true })
  await ask("all", { topics: null })
  await ask("none", { topics: [] })
  await ask("no partitions", { topics: [{ name: "committed", partitionIndexes: [] }] })
  await ask("unknown topic", { topics: [{ name: "committed-none", partitionIndexes: [0] }, { name: "", partitionIndexes: [0] }] })
  await ask("twice", { topics: [{ name: "committed", partitionIndexes: [0, 0] }, { name: "committed", partitionIndexes: [1] }] })
  await ask("unknown group", { groupId: "committed-nobody" })
  await ask("unknown group, all", { groupId: "committed-nobody", topics: null })
  await ask("empty group", { groupId: "" })
  await ask("empty group, all", { groupId: "", topics: null })
  for (const version of peer.versions("OffsetFetch", 8)) {
    const groups = [{ groupId, topics }, { groupId: "committed-nobody", topics: null }, { groupId, topics: null }, { groupId: "", topics: [] }]
    await peer.ask("many groups", "OffsetFetch", version, { groups, requireStable: false })
    await peer.ask("no groups", "OffsetFetch", version, { groups: [], requireStable: false })
    await peer.ask("as a member", "OffsetFetch", version, { groups: [{ groupId, topics, memberId: "m", memberEpoch: 1 }], requireStable: false })
    await peer.ask("as a member without an epoch", "OffsetFetch", version, { groups: [{ groupId, topics, memberId: "m", memberEpoch: -1 }], requireStable: false })
    await peer.ask("as a member of nothing", "OffsetFetch", version, { groups: [{ groupId: "committed-nobody", topics, memberId: "m", memberEpoch: 0 }], requireStable: false })
  }
}

async function erase(peer: Peer): Promise<void> {
  const groupId = "committed-7"
  const ask = (label: string, topics: InputOf<"OffsetDelete">["topics"]) => peer.askAll(label, "OffsetDelete", { groupId, topics })
  await ask("good", [{ name: "committed", partitions: [{ partitionIndex: 0 }] }])
  await ask("again", [{ name: "committed", partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }, { partitionIndex: 1 }] }])
  await ask("unknown partition", [{ name: "committed", partitions: [{ partitionIndex: 77 }, { partitionIndex: -1 }] }])
  await ask("unknown topic", [{ name: "committed-none", partitions: [{ partitionIndex: 0 }] }, { name: "committed", partitions: [] }])
  await ask("empty topic", [{ name: "", partitions: [{ partitionIndex: 0 }] }])
  await peer.ask("after", "OffsetFetch", 7, { groupId, topics: null })
  await peer.ask("of an empty group", "DescribeGroups", 6, { groups: [groupId] })
  await peer.askAll("several", "DeleteGroups", { groupsNames: ["committed-2", "committed-nobody", ""] })
  await peer.askAll("of a deleted group", "OffsetFetch", (version) => version < 8 ? { groupId: "committed-2", topics: null } : { groups: [{ groupId: "committed-2", topics: null }], requireStable: false })
}
