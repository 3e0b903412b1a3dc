import { ErrorCode } from "@tailrace/kafka-protocol"
import { beforeEach, describe, expect, it } from "vitest"
import type { RequestOf } from "./support/codecs.ts"
import { createTopic } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode } from "./support/SimulatedNode.ts"

const groupId = "billing"
let node: SimulatedNode
let client: SimulatedClient

beforeEach(async () => {
  node = await SimulatedNode.start()
  client = await node.connect()
  await createTopic(client, "orders", 2)
  await client.ask("FindCoordinator", 0, { key: groupId })
})

const joinRequest = (memberId = ""): RequestOf<"JoinGroup"> => ({
  groupId,
  memberId,
  sessionTimeoutMs: 10_000,
  rebalanceTimeoutMs: 5_000,
  protocolType: "consumer",
  protocols: [{ name: "range", metadata: Buffer.from("m") }]
})

const syncRequest = (generationId: number, memberId: string, assigned: ReadonlyArray<string> = []): RequestOf<"SyncGroup"> => ({
  groupId, generationId, memberId, assignments: assigned.map((it) => ({ memberId: it, assignment: Buffer.from(`for ${it}`) }))
})

const commit = (committedOffset: number, more: Partial<RequestOf<"OffsetCommit">> = {}) =>
  client.ask("OffsetCommit", 8, {
    groupId, topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset, committedMetadata: null }] }], ...more
  }).then((it) => it.topics[0]!.partitions[0]!.errorCode)

const committed = async (asked = client) => {
  const topics = [{ name: "orders", partitionIndexes: [0] }]
  return (await asked.ask("OffsetFetch", 7, { groupId, topics })).topics[0]!.partitions[0]!.committedOffset
}

const stateOf = async () => {
  const { groups } = await client.ask("DescribeGroups", 5, { groups: [groupId] })
  return [groups[0]!.groupState, groups[0]!.members.length]
}

describe("a group", () => {
  it("lives: two members join, one leads, both get their part, one leaves, the other goes on", async () => {
    const other = await node.connect()
    const first = await client.ask("JoinGroup", 3, joinRequest())
    await client.ask("SyncGroup", 3, syncRequest(1, first.memberId, [first.memberId]))

    const joining = other.raw.request("JoinGroup", 3, joinRequest())
    await node.settle()
    const beat = (generationId: number) => client.ask("Heartbeat", 3, { groupId, generationId, memberId: first.memberId })
    expect((await beat(1)).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    const again = await client.ask("JoinGroup", 3, joinRequest(first.memberId))
    const second = await node.run(joining, 0)
    expect([again.generationId, second.generationId, again.leader, second.leader]).toEqual([2, 2, first.memberId, first.memberId])
    expect([again.members.length, second.members.length]).toEqual([2, 0])

    const waiting = other.raw.request("SyncGroup", 3, syncRequest(2, second.memberId))
    await node.settle()
    expect(other.raw.openRequests).toBe(1)
    expect(await commit(3, { generationIdOrMemberEpoch: 2, memberId: first.memberId })).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    const mine = await client.ask("SyncGroup", 3, syncRequest(2, first.memberId, [first.memberId, second.memberId]))
    expect(mine.assignment.toString()).toBe(`for ${first.memberId}`)
    expect((await node.run(waiting, 0)).assignment.toString()).toBe(`for ${second.memberId}`)
    expect(await stateOf()).toEqual(["Stable", 2])
    expect(await commit(3, { generationIdOrMemberEpoch: 2, memberId: second.memberId })).toBe(0)
    expect(await commit(4, { generationIdOrMemberEpoch: 1, memberId: second.memberId })).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect(await commit(4)).toBe(ErrorCode.UNKNOWN_MEMBER_ID)

    await other.ask("LeaveGroup", 3, { groupId, members: [{ memberId: second.memberId }] })
    expect((await beat(2)).errorCode).toBe(ErrorCode.REBALANCE_IN_PROGRESS)
    expect((await client.ask("JoinGroup", 3, joinRequest(first.memberId))).generationId).toBe(3)
    expect(await committed()).toBe(3)
  })

  it("drops a member that is silent for its session", async () => {
    const { memberId } = await client.ask("JoinGroup", 3, joinRequest())
    await client.ask("SyncGroup", 3, syncRequest(1, memberId, [memberId]))
    await node.advance(9_999)
    expect(await stateOf()).toEqual(["Stable", 1])
    await node.advance(1)
    expect(await stateOf()).toEqual(["Empty", 0])
  })

  it("does not wait for a member whose connection closed while it was joining", async () => {
    const { memberId } = await client.ask("JoinGroup", 3, joinRequest())
    await client.ask("SyncGroup", 3, syncRequest(1, memberId, [memberId]))
    const gone = await node.connect()
    gone.raw.send("JoinGroup", 3, joinRequest())
    await node.settle()
    expect(await stateOf()).toEqual(["PreparingRebalance", 2])
    gone.raw.close()
    await node.settle()
    const alone = await node.run(client.raw.request("JoinGroup", 3, joinRequest(memberId)), 0)
    expect(alone.members.map((it) => it.memberId)).toEqual([memberId])
    expect(node.listener.frameBytesInFlight).toBe(0)
  })

  it("forgets the offsets of a topic that is deleted", async () => {
    expect(await commit(5)).toBe(0)
    await client.ask("DeleteTopics", 5, { topicNames: ["orders"], timeoutMs: 1_000 })
    expect(await committed()).toBe(-1)
  })

  it("has one of its requests lost with the connection, and answers the others", async () => {
    const gone = await node.connect()
    gone.raw.send("Heartbeat", 3, { groupId, generationId: 1, memberId: "x" })
    gone.raw.send("OffsetCommit", 8, { groupId, topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset: 9, committedMetadata: "" }] }] })
    gone.raw.close()
    await node.settle()
    expect(await commit(10)).toBe(0)
    expect(await committed()).toBe(10)
    expect(node.listener.frameBytesInFlight).toBe(0)
  })
})

describe("coordinators", () => {
  it("take an empty name from whoever keeps offsets without being a member, as old consumers do", async () => {
    expect((await client.ask("FindCoordinator", 4, { keyType: 0, coordinatorKeys: [""] })).coordinators[0]).toMatchObject({ errorCode: 0, nodeId: 1 })
    expect(await commit(5, { groupId: "" })).toBe(0)
    const { groups } = await client.ask("OffsetFetch", 8, { groups: [{ groupId: "", topics: null }] })
    expect(groups[0]).toMatchObject({ errorCode: 0, topics: [{ partitions: [{ committedOffset: 5 }] }] })
    expect((await client.ask("DescribeGroups", 6, { groups: [""] })).groups[0]).toMatchObject({ errorCode: 0, groupState: "Empty" })
    expect((await client.ask("OffsetDelete", 0, { groupId: "", topics: [] })).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
    for (const errorCode of [0, ErrorCode.GROUP_ID_NOT_FOUND]) {
      expect((await client.ask("DeleteGroups", 2, { groupsNames: [""] })).results).toEqual([{ groupId: "", errorCode }])
    }
    expect((await client.ask("Heartbeat", 3, { groupId: "", generationId: 1, memberId: "m" })).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  })

  it("are nobody before somebody looks for one", async () => {
    const fresh = await SimulatedNode.start()
    const asking = await fresh.connect()
    expect((await asking.ask("Heartbeat", 3, { groupId, generationId: 1, memberId: "x" })).errorCode).toBe(ErrorCode.NOT_COORDINATOR)
    expect(await asking.ask("ListGroups", 3, {})).toMatchObject({ errorCode: 0, groups: [] })
    expect((await asking.ask("FindCoordinator", 0, { key: "g" })).errorCode).toBe(0)
    expect((await asking.ask("Heartbeat", 3, { groupId, generationId: 1, memberId: "x" })).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  })

  it("list the groups of all partitions", async () => {
    const names = Array.from({ length: 12 }, (_, i) => `group-${i}`)
    for (const name of names) {
      await commit(1, { groupId: name })
    }
    const { groups } = await client.ask("ListGroups", 4, {})
    expect(groups.map((it) => it.groupId).toSorted()).toEqual(names.toSorted())
    expect(new Set(groups.map((it) => it.groupState))).toEqual(new Set(["Empty"]))
  })

  it("say that they load, and let heartbeats pass meanwhile, so that nobody leaves", async () => {
    await commit(7)
    await node.close()
    node = await SimulatedNode.start({ disk: node.disk })
    client = await node.connect()
    const reads = holdReads(node)
    for (const shard of node.node.groups.all()) shard.load()
    await node.settle()
    const requests = [
      client.raw.request("OffsetFetch", 7, { groupId, topics: null }),
      client.raw.request("OffsetFetch", 1, { groupId, topics: [{ name: "orders", partitionIndexes: [0] }] }),
      client.raw.request("JoinGroup", 3, joinRequest()),
      client.raw.request("SyncGroup", 3, syncRequest(1, "x")),
      client.raw.request("ListGroups", 3, {}),
      client.raw.request("DescribeGroups", 3, { groups: [groupId] }),
      client.raw.request("DeleteGroups", 1, { groupsNames: [groupId] }),
      client.raw.request("Heartbeat", 3, { groupId, generationId: 1, memberId: "x" })
    ] as const
    await node.settle()
    const [fetched, old, joined, synced, listed, described, deleted, beaten] = await Promise.all(requests)
    const loading = ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
    expect([fetched.errorCode, old.topics[0]!.partitions[0]!.errorCode, joined.errorCode]).toEqual([loading, loading, loading])
    expect([listed.errorCode, described.groups[0]!.errorCode, deleted.results[0]!.errorCode]).toEqual([loading, loading, loading])
    expect([synced.errorCode, beaten.errorCode]).toEqual([ErrorCode.REBALANCE_IN_PROGRESS, 0])
    reads.release()
    await node.settle()
    expect(await committed()).toBe(7)
  })
})

/** Reads of the coordinators' logs wait until they are released. */
function holdReads(node: SimulatedNode) {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  for (const { log, topic } of node.node.partitions) {
    if (topic !== "__consumer_offsets") continue
    const read = log.readVerified.bind(log)
    log.readVerified = (...given) => held.then(() => read(...given))
  }
  return { release }
}
