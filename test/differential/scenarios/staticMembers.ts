import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

/** Members with an instance id, their replacement and their end. */
export const staticMembers: Scenario = {
  name: "static members",
  async run(peer) {
    for (const version of peer.versions("JoinGroup", 5)) await replaced(peer, version)
  }
}

async function replaced(peer: Peer, version: number): Promise<void> {
  const groupId = `static-${version}`
  const base: InputOf<"JoinGroup"> = { groupId, sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: "", groupInstanceId: "one", protocolType: "consumer", protocols: [{ name: "range", metadata: subscription("m") }] }
  const first = await peer.ask("first", "JoinGroup", version, base, { on: "one" })
  const [memberId, generationId] = [first?.memberId ?? "", first?.generationId ?? 0]
  const sync = (label: string, change: Partial<InputOf<"SyncGroup">> = {}, on = "one") =>
    peer.ask(label, "SyncGroup", 5, { groupId, generationId, memberId, groupInstanceId: "one", protocolType: "consumer", protocolName: "range", assignments: [], ...change }, { on })
  await sync("first", { assignments: [{ memberId, assignment: Buffer.from("a") }] })
  await sync("without its instance", { groupInstanceId: null })
  await sync("wrong instance", { groupInstanceId: "two" })
  await peer.ask("good", "Heartbeat", 4, { groupId, generationId, memberId, groupInstanceId: "one" })
  await peer.ask("another member id", "Heartbeat", 4, { groupId, generationId, memberId: "nobody", groupInstanceId: "one" })
  await peer.ask("empty member id", "Heartbeat", 4, { groupId, generationId, memberId: "", groupInstanceId: "one" })
  await peer.ask("another member id", "JoinGroup", version, { ...base, memberId: "nobody" }, { on: "two" })
  const again = await peer.ask("comes back", "JoinGroup", version, base, { on: "two" })
  const newId = again?.memberId ?? ""
  await peer.ask("of the old id", "Heartbeat", 4, { groupId, generationId, memberId, groupInstanceId: "one" })
  await peer.ask("of the old id, without instance", "Heartbeat", 4, { groupId, generationId, memberId })
  await peer.ask("of the new id", "Heartbeat", 4, { groupId, generationId: again?.generationId ?? 0, memberId: newId, groupInstanceId: "one" })
  await sync("of the old id")
  await sync("of the new id", { memberId: newId, generationId: again?.generationId ?? 0 }, "two")
  await peer.ask("stable", "DescribeGroups", 6, { groups: [groupId] })
  const commit = { groupId, generationIdOrMemberEpoch: generationId, groupInstanceId: "one", topics: [] }
  await peer.ask("of the old id", "OffsetCommit", 8, { ...commit, memberId })
  await peer.ask("of the new id", "OffsetCommit", 8, { ...commit, memberId: newId })
  const changed = await peer.ask("comes back with other protocols", "JoinGroup", version, { ...base, protocols: [{ name: "range", metadata: subscription("changed") }] }, { on: "three" })
  await peer.ask("after a change", "DescribeGroups", 6, { groups: [groupId] })
  await sync("after a change", { memberId: changed?.memberId ?? "", generationId: changed?.generationId ?? 0, assignments: [{ memberId: changed?.memberId ?? "", assignment: Buffer.from("b") }] }, "three")
  await peer.ask("members by instance", "LeaveGroup", 5, { groupId, members: [{ memberId: "nobody", groupInstanceId: "one" }, { memberId: "", groupInstanceId: "two" }, { memberId: "nobody" }] })
  await peer.ask("by instance alone", "LeaveGroup", 5, { groupId, members: [{ memberId: "", groupInstanceId: "one", reason: "done" }] })
  await peer.ask("empty", "DescribeGroups", 6, { groups: [groupId] })
}
