import type { Scenario } from "../Scenario.ts"
import { subscription } from "../subscription.ts"

/** ListGroups with its filters, and DescribeGroups of groups in each state. */
export const listGroups: Scenario = {
  name: "list groups",
  when: "first",
  async run(peer) {
    await peer.askAll("nothing there", "ListGroups", {})
    await peer.topic("listed", 1)
    await peer.quietly("OffsetCommit", { groupId: "listed-simple", generationIdOrMemberEpoch: -1, memberId: "", topics: [{ name: "listed", partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: "" }] }] }, 8)
    const joined = await peer.quietly("JoinGroup", { groupId: "listed-consumer", sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: "", protocolType: "consumer", protocols: [{ name: "range", metadata: subscription("") }] }, 3, "one")
    await peer.quietly("SyncGroup", { groupId: "listed-consumer", generationId: joined.generationId, memberId: joined.memberId, assignments: [{ memberId: joined.memberId, assignment: Buffer.alloc(0) }] }, 2, "one")
    await peer.quietly("JoinGroup", { groupId: "listed-connect", sessionTimeoutMs: 30_000, rebalanceTimeoutMs: 30_000, memberId: "", protocolType: "connect", protocols: [{ name: "v1", metadata: subscription("") }] }, 3, "two")
    await peer.askAll("three", "ListGroups", {})
    for (const statesFilter of [["Stable"], ["stable"], ["STABLE", "Empty"], ["Empty"], ["CompletingRebalance"], ["PreparingRebalance"], ["Dead"], ["Unknown"], [""], ["nonsense"], ["Stable", "nonsense"], ["Assigning"], ["Reconciling"], ["NotReady"]]) {
      await peer.askAll(`states ${statesFilter.join(" ")}`, "ListGroups", { statesFilter })
    }
    for (const typesFilter of [["classic"], ["Classic"], ["consumer"], ["share"], ["streams"], ["unknown"], [""], ["nonsense"], ["classic", "consumer"]]) {
      await peer.askAll(`types ${typesFilter.join(" ")}`, "ListGroups", { typesFilter })
    }
    await peer.askAll("state and type", "ListGroups", { statesFilter: ["Stable"], typesFilter: ["classic"] })
    await peer.askAll("each state", "DescribeGroups", { groups: ["listed-simple", "listed-consumer", "listed-connect", "listed-none", ""] })
    await peer.quietly("LeaveGroup", { groupId: "listed-consumer", members: [{ memberId: joined.memberId }] }, 4)
    await peer.askAll("after it left", "ListGroups", {})
    await peer.askAll("after it left", "DescribeGroups", { groups: ["listed-consumer"] })
    await peer.askAll("each state", "DeleteGroups", { groupsNames: ["listed-connect"] })
  }
}
