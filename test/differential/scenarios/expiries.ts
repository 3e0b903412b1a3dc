import type { InputOf } from "../codec.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

type Join = InputOf<"JoinGroup">

const sessionMillis = 6_000
const rebalanceMillis = 1_500

const joinInput = (groupId: string, change: Partial<Join> = {}): Join => ({
  groupId, sessionTimeoutMs: sessionMillis, rebalanceTimeoutMs: rebalanceMillis, memberId: "", protocolType: "consumer", protocols: [{ name: "range", metadata: subscription("m") }], ...change
})
const describe = (peer: Peer, label: string, groupId: string) => peer.ask(label, "DescribeGroups", 6, { groups: [groupId] })

/** Waits for a state, and notes whether it came in the time that it should take. */
async function reaches(peer: Peer, groupId: string, state: string, aboutMillis: number): Promise<void> {
  const since = performance.now()
  await peer.until("DescribeGroups", { groups: [groupId] }, (answer) => answer.groups[0]?.groupState === state)
  const millis = performance.now() - since
  peer.note(`${state} after about ${aboutMillis} ms`, millis < aboutMillis * 0.7 ? "earlier" : millis > aboutMillis + 3_000 ? "later" : "yes")
}

async function silentMember(peer: Peer): Promise<void> {
  const groupId = "expiries-silent"
  const one = await peer.ask("one", "JoinGroup", 3, joinInput(groupId), { on: "one" })
  const [generationId, memberId] = [one?.generationId ?? 0, one?.memberId ?? ""]
  await peer.ask("one", "SyncGroup", 2, { groupId, generationId, memberId, assignments: [] }, { on: "one" })
  await reaches(peer, groupId, "Empty", sessionMillis)
  await describe(peer, "expired", groupId)
  await peer.ask("expired", "Heartbeat", 3, { groupId, generationId, memberId })
  await peer.ask("expired", "OffsetCommit", 7, { groupId, generationIdOrMemberEpoch: generationId, memberId, topics: [] })
  await peer.ask("with its old id", "JoinGroup", 3, joinInput(groupId, { memberId }), { on: "one" })
}

/** One of two does not join again within the rebalance's time. */
async function lateJoiner(peer: Peer): Promise<void> {
  const groupId = "expiries-late"
  const one = await peer.ask("one", "JoinGroup", 3, joinInput(groupId), { on: "one" })
  const [generationId, memberId] = [one?.generationId ?? 0, one?.memberId ?? ""]
  await peer.ask("one", "SyncGroup", 2, { groupId, generationId, memberId, assignments: [] }, { on: "one" })
  await peer.ask("two, without one", "JoinGroup", 3, joinInput(groupId), { on: "two" })
  await describe(peer, "two alone", groupId)
  await peer.ask("one was left behind", "Heartbeat", 3, { groupId, generationId, memberId })
  await peer.ask("one comes back", "JoinGroup", 3, joinInput(groupId, { memberId }), { on: "one" })
}

/** Nobody syncs within the rebalance's time; and a member that took its id but never joined by it. */
async function silentLeader(peer: Peer): Promise<void> {
  const groupId = "expiries-leader"
  const pending = await peer.ask("pending", "JoinGroup", 5, joinInput(groupId), { on: "pending" })
  const one = await peer.ask("one", "JoinGroup", 3, joinInput(groupId), { on: "one" })
  await describe(peer, "one joined", groupId)
  await reaches(peer, groupId, "Empty", rebalanceMillis)
  await peer.ask("one was sent away", "Heartbeat", 3, { groupId, generationId: one?.generationId ?? 0, memberId: one?.memberId ?? "" })
  await peer.ask("pending never joined", "Heartbeat", 3, { groupId, generationId: 1, memberId: pending?.memberId ?? "" })
}

async function staticMember(peer: Peer): Promise<void> {
  const groupId = "expiries-static"
  const input = joinInput(groupId, { groupInstanceId: "i" })
  const one = await peer.ask("one", "JoinGroup", 5, input, { on: "one" })
  const [generationId, memberId] = [one?.generationId ?? 0, one?.memberId ?? ""]
  await peer.ask("one", "SyncGroup", 3, { groupId, generationId, memberId, groupInstanceId: "i", assignments: [] }, { on: "one" })
  peer.drop("one")
  await describe(peer, "its connection is gone", groupId)
  await reaches(peer, groupId, "Empty", sessionMillis)
  await peer.ask("expired", "Heartbeat", 3, { groupId, generationId, memberId, groupInstanceId: "i" })
  await peer.ask("expired", "LeaveGroup", 3, { groupId, members: [{ memberId: "", groupInstanceId: "i" }] })
  await peer.ask("with its old id", "JoinGroup", 5, { ...input, memberId }, { on: "two" })
  await peer.ask("anew", "JoinGroup", 5, input, { on: "three" })
}

/** Members that do not come back in time: who is sent away, and what the others see. Each waits for seconds, so each is a script of its own. */
export const expiries: ReadonlyArray<Scenario> = Object.entries({ silentMember, lateJoiner, silentLeader, staticMember })
  .map(([name, run]) => ({ name: `expiries ${name}`, run }))
