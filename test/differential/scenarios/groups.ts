import type { AnswerOf, InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

type Join = InputOf<"JoinGroup">

/** Classic groups from the first member to the last, in each version of JoinGroup with the versions of the others that came along. */
export const groups: Scenario = {
  name: "groups",
  async run(peer) {
    for (const version of peer.versions("JoinGroup")) await life(peer, version)
  }
}

/** A tie between protocols is broken by a hash in Kafka, so all prefer the same one. */
const protocols = (who: string, names: ReadonlyArray<string> = ["range", "sticky"]): Join["protocols"] => names.map((name) => ({ name, metadata: subscription(`${who} ${name}`) }))

const named = { protocolType: "consumer", protocolName: "range" }

async function join(peer: Peer, label: string, version: number, change: Partial<Join> & { readonly groupId: string }, on: string): Promise<AnswerOf<"JoinGroup"> | undefined> {
  const input: Join = { sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: "", protocolType: "consumer", protocols: protocols("one"), ...change }
  const first = await peer.ask(label, "JoinGroup", version, input, { on })
  if (first?.errorCode !== 79) return first
  return peer.ask(`${label}, with its id`, "JoinGroup", version, { ...input, memberId: first.memberId }, { on })
}

async function life(peer: Peer, version: number): Promise<void> {
  const groupId = `groups-${version}`
  const at = { heartbeat: Math.min(version, peer.newest("Heartbeat")), sync: Math.min(version, peer.newest("SyncGroup")), leave: Math.min(version, peer.newest("LeaveGroup")) }
  const one = await join(peer, "first", version, { groupId }, "one")
  const [memberId, generationId] = [one?.memberId ?? "", one?.generationId ?? 0]
  await describe(peer, "before sync", groupId)
  await peer.ask("before sync", "Heartbeat", at.heartbeat, { groupId, generationId, memberId })
  await wrongSyncs(peer, groupId, memberId, generationId, at.sync)
  await peer.ask("sync", "SyncGroup", at.sync, { ...named, groupId, generationId, memberId, assignments: [{ memberId, assignment: Buffer.from("a-1") }] }, { on: "one" })
  await peer.ask("sync again", "SyncGroup", at.sync, { ...named, groupId, generationId, memberId, assignments: [] }, { on: "one" })
  await describe(peer, "stable", groupId)
  await members(peer, groupId, memberId, generationId, at.heartbeat)
  await commits(peer, groupId, memberId, generationId)
  await joinsOfStable(peer, groupId, version)
  await peer.ask("leader joins again", "JoinGroup", version, { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId, protocolType: "consumer", protocols: protocols("one") }, { on: "one" })
  await peer.ask("sync after it", "SyncGroup", at.sync, { ...named, groupId, generationId: generationId + 1, memberId, assignments: [{ memberId, assignment: Buffer.from("a-2") }, { memberId: "nobody", assignment: Buffer.from("a-3") }] }, { on: "one" })
  await second(peer, groupId, version, memberId, generationId + 1, at)
}

async function second(peer: Peer, groupId: string, version: number, memberId: string, generationId: number, at: { heartbeat: number; sync: number; leave: number }): Promise<void> {
  const joining = join(peer, "second", version, { groupId, protocols: protocols("two") }, "two")
  await peer.until("Heartbeat", { groupId, generationId, memberId }, ({ errorCode }) => errorCode === 27)
  await peer.ask("while it rebalances", "Heartbeat", at.heartbeat, { groupId, generationId, memberId })
  await peer.ask("while it rebalances", "SyncGroup", at.sync, { ...named, groupId, generationId, memberId, assignments: [] })
  await peer.ask("while it rebalances", "OffsetCommit", 8, { groupId, generationIdOrMemberEpoch: generationId, memberId, topics: [] })
  await describe(peer, "while it rebalances", groupId)
  const again = await peer.ask("first joins again", "JoinGroup", version, { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId, protocolType: "consumer", protocols: protocols("one") }, { on: "one" })
  const two = await joining
  const other = two?.memberId ?? ""
  const next = again?.generationId ?? 0
  const waiting = peer.ask("second waits", "SyncGroup", at.sync, { ...named, groupId, generationId: next, memberId: other, assignments: [] }, { on: "two" })
  await peer.ask("while it completes", "Heartbeat", at.heartbeat, { groupId, generationId: next, memberId })
  await peer.ask("while it completes", "OffsetCommit", 8, { groupId, generationIdOrMemberEpoch: next, memberId, topics: [] })
  await peer.ask("leader", "SyncGroup", at.sync, { ...named, groupId, generationId: next, memberId, assignments: [{ memberId, assignment: Buffer.from("a-4") }, { memberId: other, assignment: Buffer.from("a-5") }] }, { on: "one" })
  await waiting
  await peer.ask("second, of the generation before", "Heartbeat", at.heartbeat, { groupId, generationId: next - 1, memberId: other })
  await peer.ask("delete", "DeleteGroups", 2, { groupsNames: [groupId] })
  await peer.ask("second leaves", "LeaveGroup", at.leave, { groupId, ...(at.leave < 3 ? { memberId: other } : { members: [{ memberId: other }, { memberId: "nobody" }] }) })
  await peer.ask("after it left", "Heartbeat", at.heartbeat, { groupId, generationId: next, memberId: other })
  await peer.ask("the first must join", "Heartbeat", at.heartbeat, { groupId, generationId: next, memberId })
  await peer.ask("first leaves", "LeaveGroup", at.leave, { groupId, ...(at.leave < 3 ? { memberId } : { members: [{ memberId }, { memberId }] }) })
  await describe(peer, "empty", groupId)
  await peer.ask("offsets stay", "OffsetFetch", 7, { groupId, topics: null, requireStable: true })
  await peer.ask("delete", "DeleteGroups", 2, { groupsNames: [groupId, groupId, "groups-none"] })
  await describe(peer, "deleted", groupId)
}

async function describe(peer: Peer, label: string, groupId: string): Promise<void> {
  for (const version of [0, 3, 4, 6]) await peer.ask(label, "DescribeGroups", version, { groups: [groupId], includeAuthorizedOperations: version === 3 })
}

async function wrongSyncs(peer: Peer, groupId: string, memberId: string, generationId: number, version: number): Promise<void> {
  const base = { ...named, groupId, generationId, memberId, assignments: [] }
  await peer.ask("generation too high", "SyncGroup", version, { ...base, generationId: generationId + 1 })
  await peer.ask("generation -1", "SyncGroup", version, { ...base, generationId: -1 })
  await peer.ask("nobody", "SyncGroup", version, { ...base, memberId: "nobody" })
  await peer.ask("wrong type", "SyncGroup", 5, { ...base, protocolType: "connect", protocolName: "range" })
  await peer.ask("wrong protocol", "SyncGroup", 5, { ...base, protocolType: "consumer", protocolName: "sticky" })
  await peer.ask("empty type", "SyncGroup", 5, { ...base, protocolType: "", protocolName: "" })
  await peer.ask("without type", "SyncGroup", 5, { ...base, protocolType: null, protocolName: null })
  await peer.ask("instance of nobody", "SyncGroup", 5, { ...base, groupInstanceId: "i" })
}

async function members(peer: Peer, groupId: string, memberId: string, generationId: number, version: number): Promise<void> {
  const base = { groupId, generationId, memberId }
  await peer.ask("good", "Heartbeat", version, base)
  for (const wrong of [-1, 0, generationId + 1, generationId - 1]) await peer.ask(`generation ${wrong - generationId}`, "Heartbeat", version, { ...base, generationId: wrong })
  await peer.ask("nobody", "Heartbeat", version, { ...base, memberId: "nobody" })
  await peer.ask("no member", "Heartbeat", version, { ...base, memberId: "" })
  await peer.ask("instance of nobody", "Heartbeat", 4, { ...base, groupInstanceId: "i" })
  await peer.ask("nobody", "LeaveGroup", 5, { groupId, members: [{ memberId: "nobody" }, { memberId, groupInstanceId: "i" }, { memberId: "", groupInstanceId: "i" }] })
  await peer.ask("with the topic id of another", "OffsetDelete", 0, { groupId, topics: [{ name: "t", partitions: [{ partitionIndex: 0 }] }] })
}

async function commits(peer: Peer, groupId: string, memberId: string, generationId: number): Promise<void> {
  const topics = [{ name: "groups-none", partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: "m" }] }]
  const base = { groupId, topics, generationIdOrMemberEpoch: generationId, memberId }
  for (const version of peer.versions("OffsetCommit")) {
    await peer.ask("unknown topic", "OffsetCommit", version, base)
    await peer.ask("generation + 1", "OffsetCommit", version, { ...base, generationIdOrMemberEpoch: generationId + 1 })
    await peer.ask("generation -1", "OffsetCommit", version, { ...base, generationIdOrMemberEpoch: -1 })
    await peer.ask("nobody", "OffsetCommit", version, { ...base, memberId: "nobody" })
    await peer.ask("without member", "OffsetCommit", version, { ...base, memberId: "" })
    await peer.ask("without both", "OffsetCommit", version, { ...base, memberId: "", generationIdOrMemberEpoch: -1 })
    await peer.ask("instance of nobody", "OffsetCommit", version, { ...base, groupInstanceId: "i" })
  }
}

async function joinsOfStable(peer: Peer, groupId: string, version: number): Promise<void> {
  const base: Join = { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: "", protocolType: "consumer", protocols: protocols("other") }
  await peer.ask("another type", "JoinGroup", version, { ...base, protocolType: "connect" }, { on: "other" })
  await peer.ask("another protocol", "JoinGroup", version, { ...base, protocols: protocols("other", ["else"]) }, { on: "other" })
  await peer.ask("no protocols", "JoinGroup", version, { ...base, protocols: [] }, { on: "other" })
  await peer.ask("nobody", "JoinGroup", version, { ...base, memberId: "nobody" }, { on: "other" })
  await peer.ask("empty type", "JoinGroup", version, { ...base, protocolType: "" }, { on: "other" })
}
