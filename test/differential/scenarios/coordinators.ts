import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

/** FindCoordinator, and every request to a group that nobody has or that names nobody. */
export const coordinators: Scenario = {
  name: "coordinators",
  // Another script gives offsets to the group without a name.
  when: "first",
  async run(peer) {
    for (const key of ["coordinators", "", "ü", "a b"]) {
      for (const keyType of [0, 1, 2, 3, -1]) {
        // Transactions would make Kafka create the topic of their coordinator, which its other answers show.
        if (keyType === 1) continue
        await peer.askAll(`key "${key}" type ${keyType}`, "FindCoordinator", (version) => version >= 4 ? { coordinatorKeys: [key], keyType } : { key, keyType })
      }
    }
    await peer.askAll("no keys", "FindCoordinator", { coordinatorKeys: [], keyType: 0 })
    await peer.askAll("keys twice", "FindCoordinator", { coordinatorKeys: ["a", "b", "a"], keyType: 0 })
    await peer.askAll("a good and an empty key", "FindCoordinator", { coordinatorKeys: ["a", "", "b"], keyType: 0 })
    for (const groupId of ["coordinators-none", ""]) await nobody(peer, groupId)
    await joins(peer)
  }
}

async function nobody(peer: Peer, groupId: string): Promise<void> {
  const label = `of "${groupId}"`
  for (const memberId of ["", "nobody"]) {
    for (const generationId of [-1, 0, 1]) {
      const as = `${label} "${memberId}" ${generationId}`
      await peer.askAll(as, "Heartbeat", { groupId, generationId, memberId })
      await peer.askAll(as, "SyncGroup", { groupId, generationId, memberId, assignments: [] })
      await peer.askAll(`${as} static`, "Heartbeat", { groupId, generationId, memberId, groupInstanceId: "i" })
      await peer.askAll(`${as} static`, "SyncGroup", { groupId, generationId, memberId, groupInstanceId: "i", assignments: [] })
    }
    await peer.askAll(`${label} "${memberId}"`, "LeaveGroup", (version) => ({ groupId, ...(version < 3 ? { memberId } : { members: [{ memberId }] }) }))
    await peer.askAll(`${label} "${memberId}" static`, "LeaveGroup", { groupId, members: [{ memberId, groupInstanceId: "i" }] })
  }
  await peer.askAll(`${label} no members`, "LeaveGroup", { groupId, members: [] })
  await peer.askAll(label, "DescribeGroups", { groups: [groupId] })
  await peer.askAll(`${label} operations`, "DescribeGroups", { groups: [groupId], includeAuthorizedOperations: true })
  await peer.askAll(label, "DeleteGroups", { groupsNames: [groupId] })
  await peer.askAll(label, "OffsetDelete", { groupId, topics: [{ name: "t", partitions: [{ partitionIndex: 0 }] }] })
  await peer.askAll(`${label} no topics`, "OffsetDelete", { groupId, topics: [] })
  await peer.askAll(`${label} twice`, "DescribeGroups", { groups: [groupId, groupId] })
  await peer.askAll(`${label} twice`, "DeleteGroups", { groupsNames: [groupId, groupId] })
}

async function joins(peer: Peer): Promise<void> {
  await peer.askAll("none", "DescribeGroups", { groups: [] })
  await peer.askAll("none", "DeleteGroups", { groupsNames: [] })
  const base = { groupId: "coordinators-joins", sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, memberId: "", protocolType: "consumer", protocols: [{ name: "range", metadata: subscription("m") }] }
  const wrong = {
    "empty group": { groupId: "" }, "unknown member": { memberId: "nobody" }, "session 0": { sessionTimeoutMs: 0 }, "session 5999": { sessionTimeoutMs: 5_999 }, "session too long": { sessionTimeoutMs: 1_800_001 }, "session -1": { sessionTimeoutMs: -1 },
    "no protocols": { protocols: [] }, "no type": { protocolType: "" }, "empty group and session 0": { groupId: "", sessionTimeoutMs: 0 }, "unknown static member": { memberId: "nobody", groupInstanceId: "i" },
    "empty instance": { groupInstanceId: "", memberId: "nobody" }, "bad instance": { groupInstanceId: "a b", memberId: "nobody" }, "long instance": { groupInstanceId: "x".repeat(250), memberId: "nobody" }, "instance .": { groupInstanceId: ".", memberId: "nobody" },
    "nothing but a type": { protocols: [], protocolType: "x", memberId: "nobody" }
  }
  for (const [label, change] of Object.entries(wrong)) await peer.askAll(label, "JoinGroup", { ...base, ...change })
  for (const instance of ["a b", "", ".", "..", "x".repeat(250), "ü"]) {
    await peer.askAll(`instance "${instance.slice(0, 5)}"`, "Heartbeat", { groupId: "coordinators-joins", generationId: 1, memberId: "nobody", groupInstanceId: instance })
    await peer.askAll(`instance "${instance.slice(0, 5)}"`, "LeaveGroup", { groupId: "coordinators-joins", members: [{ memberId: "", groupInstanceId: instance }] })
  }
}
