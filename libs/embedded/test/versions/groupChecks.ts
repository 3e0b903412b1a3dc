import { ErrorCode } from "@tailrace/kafka-protocol"
import { expect } from "vitest"
import { type Check, type Given, group, topic } from "./Check.ts"

/** A member that has joined alone and has its assignment. */
async function member({ client }: Given, groupId: string) {
  const join = { groupId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, memberId: "", protocolType: "consumer", protocols: [{ name: "range", metadata: Buffer.from("m") }] }
  const { generationId, memberId } = await client.ask("JoinGroup", 3, join)
  await client.ask("SyncGroup", 3, { groupId, generationId, memberId, assignments: [{ memberId, assignment: Buffer.from("a") }] })
  return { generationId, memberId }
}

/** Consumer groups and their offsets. */
export const groupChecks = {
  OffsetCommit: async ({ client }, version) => {
    const partition = (partitionIndex: number) => ({ partitionIndex, committedOffset: 7, committedMetadata: "m" })
    const response = await client.ask("OffsetCommit", version, {
      groupId: `${group}-${version}`,
      topics: [{ name: topic, partitions: [partition(0), partition(9)] }, { name: "missing", partitions: [partition(0)] }]
    })
    expect(response.topics).toEqual([
      { name: topic, partitions: [{ partitionIndex: 0, errorCode: 0 }, { partitionIndex: 9, errorCode: 3 }] },
      { name: "missing", partitions: [{ partitionIndex: 0, errorCode: 3 }] }
    ])
  },

  OffsetFetch: async ({ client }, version) => {
    const groupId = "fetches"
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: 3, committedMetadata: "here" }]
    await client.ask("OffsetCommit", 8, { groupId, topics: [{ name: topic, partitions }] })
    const asked = [{ name: topic, partitionIndexes: [0, 1] }]
    const epoch = version >= 5 ? 3 : -1
    const committed = { partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: epoch, metadata: "here", errorCode: 0 }
    const nothing = { partitionIndex: 1, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: 0 }
    if (version < 8) {
      const { errorCode, topics } = await client.ask("OffsetFetch", version, { groupId, topics: asked })
      expect([errorCode, topics]).toEqual([0, [{ name: topic, partitions: [committed, nothing] }]])
      if (version < 2) return
      const all = await client.ask("OffsetFetch", version, { groupId, topics: null })
      expect(all.topics).toEqual([{ name: topic, partitions: [committed] }])
      return
    }
    const { groups } = await client.ask("OffsetFetch", version, {
      groups: [{ groupId, topics: asked }, { groupId: "nobody", topics: asked }, { groupId, topics: null }]
    })
    expect(groups).toEqual([
      { groupId, errorCode: 0, topics: [{ name: topic, partitions: [committed, nothing] }] },
      { groupId: "nobody", errorCode: 0, topics: [{ name: topic, partitions: [{ ...nothing, partitionIndex: 0 }, nothing] }] },
      { groupId, errorCode: 0, topics: [{ name: topic, partitions: [committed] }] }
    ])
  },

  OffsetDelete: async ({ client }, version) => {
    const groupId = `forgetful-${version}`
    await client.ask("OffsetCommit", 8, {
      groupId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }]
    })
    const forget = (id: string) =>
      client.ask("OffsetDelete", version, { groupId: id, topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }] })
    expect(await forget(groupId)).toMatchObject({ errorCode: 0, topics: [{ name: topic, partitions: [{ errorCode: 0 }] }] })
    const { groups } = await client.ask("OffsetFetch", 8, { groups: [{ groupId, topics: null }] })
    expect(groups[0]!.topics).toEqual([])
    expect((await forget("nobody")).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
    expect((await forget("")).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  },

  FindCoordinator: async ({ client }, version) => {
    const find = async (key: string, keyType = 0) => {
      if (version >= 4) return (await client.ask("FindCoordinator", version, { keyType, coordinatorKeys: [key] })).coordinators[0]!
      return client.ask("FindCoordinator", version, { key, ...(version >= 1 ? { keyType } : {}) })
    }
    const found = { errorCode: 0, nodeId: 1, host: "localhost", port: 9092 }
    expect(await find(group)).toMatchObject(version >= 4 ? { ...found, key: group } : found)
    expect(await find("")).toMatchObject(found)
    if (version < 1) return
    expect(await find("tx", 1)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, nodeId: -1, host: "", port: -1 })
    expect((await find("g:id:0", 2)).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    if (version < 4) return
    const { coordinators } = await client.ask("FindCoordinator", version, { keyType: 0, coordinatorKeys: ["a", "b", ""] })
    expect(coordinators.map(({ errorCode, key }) => [key, errorCode])).toEqual([["a", 0], ["b", 0], ["", 0]])
  },

  JoinGroup: async ({ client }, version) => {
    const join = (memberId: string, groupId = `join-${version}`) =>
      client.ask("JoinGroup", version, {
        groupId,
        memberId,
        sessionTimeoutMs: 10_000,
        ...(version >= 1 ? { rebalanceTimeoutMs: 10_000 } : {}),
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: Buffer.from("subscription") }]
      })
    let answer = await join("")
    if (version >= 4) {
      expect(answer.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
      answer = await join(answer.memberId)
    }
    expect(answer).toMatchObject({ errorCode: 0, generationId: 1, protocolName: "range", leader: answer.memberId, skipAssignment: false })
    expect(answer.protocolType).toBe(version >= 7 ? "consumer" : null)
    expect(answer.memberId).toMatch(/^test-/)
    expect(answer.members).toEqual([{ memberId: answer.memberId, groupInstanceId: null, metadata: Buffer.from("subscription") }])
    const refused = await join("somebody", "another")
    expect(refused).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, protocolName: version >= 7 ? null : "", leader: "", members: [] })
    expect((await join("", "")).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  },

  SyncGroup: async ({ client }, version) => {
    const groupId = `sync-${version}`
    const { generationId, memberId } = await client.ask("JoinGroup", 3, {
      groupId,
      memberId: "",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: Buffer.from("m") }]
    })
    const named = version >= 5 ? { protocolType: "consumer", protocolName: "range" } : {}
    const sync = (generation: number, other = {}) =>
      client.ask("SyncGroup", version, {
        groupId, generationId: generation, memberId, ...named, ...other, assignments: [{ memberId, assignment: Buffer.from("all of it") }]
      })
    expect((await sync(generationId + 1)).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    if (version >= 5) expect((await sync(generationId, { protocolName: "other" })).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    const { assignment, errorCode, protocolName } = await sync(generationId)
    expect([errorCode, assignment.toString(), protocolName]).toEqual([0, "all of it", version >= 5 ? "range" : null])
    expect((await sync(generationId, { memberId: "nobody" })).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  },

  Heartbeat: async (given, version) => {
    const groupId = `heartbeat-${version}`
    const { generationId, memberId } = await member(given, groupId)
    const beat = (generation: number, id: string) => given.client.ask("Heartbeat", version, { groupId, generationId: generation, memberId: id })
    expect((await beat(generationId, memberId)).errorCode).toBe(0)
    expect((await beat(generationId + 1, memberId)).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect((await beat(generationId, "nobody")).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  },

  LeaveGroup: async (given, version) => {
    const groupId = `leave-${version}`
    const { memberId } = await member(given, groupId)
    const leave = (id: string) =>
      given.client.ask("LeaveGroup", version, version >= 3 ? { groupId, members: [{ memberId: id }] } : { groupId, memberId: id })
    const unknown = await leave("nobody")
    expect(version >= 3 ? unknown.members[0]!.errorCode : unknown.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    const left = await leave(memberId)
    expect(left.errorCode).toBe(0)
    expect(left.members).toEqual(version >= 3 ? [{ memberId, groupInstanceId: null, errorCode: 0 }] : [])
    expect((await given.client.ask("LeaveGroup", version, { groupId: "" })).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  },

  DescribeGroups: async (given, version) => {
    const groupId = `describe-${version}`
    const { memberId } = await member(given, groupId)
    const { groups } = await given.client.ask("DescribeGroups", version, { groups: [groupId, "nobody"] })
    expect(groups[0]).toMatchObject({ errorCode: 0, groupId, groupState: "Stable", protocolType: "consumer", protocolData: "range" })
    expect(groups[0]!.members).toEqual([{
      memberId,
      groupInstanceId: null,
      clientId: "test",
      clientHost: "/127.0.0.1",
      memberMetadata: Buffer.from("m"),
      memberAssignment: Buffer.from("a")
    }])
    expect(groups[1]).toMatchObject({ errorCode: version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : 0, groupId: "nobody", groupState: "Dead" })
  },

  ListGroups: async (given, version) => {
    await member(given, `list-${version}`)
    const { errorCode, groups } = await given.client.ask("ListGroups", version, version >= 4 ? { statesFilter: ["Stable"] } : {})
    const found = groups.find(({ groupId }) => groupId === `list-${version}`)
    expect([errorCode, found]).toEqual([0, {
      groupId: `list-${version}`,
      protocolType: "consumer",
      groupState: version >= 4 ? "Stable" : "",
      groupType: version >= 5 ? "classic" : ""
    }])
    if (version < 4) return
    const { groups: dead } = await given.client.ask("ListGroups", version, { statesFilter: ["Dead"] })
    expect(dead).toEqual([])
    if (version < 5) return
    const { groups: ofShare } = await given.client.ask("ListGroups", version, { typesFilter: ["share"] })
    expect(ofShare).toEqual([])
  },

  DeleteGroups: async (given, version) => {
    const { client } = given
    const empty = `empty-${version}`
    const busy = `busy-${version}`
    await client.ask("OffsetCommit", 8, {
      groupId: empty,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }]
    })
    await member(given, busy)
    const { results } = await client.ask("DeleteGroups", version, { groupsNames: [empty, busy, "nobody"] })
    expect(results).toEqual([
      { groupId: empty, errorCode: 0 },
      { groupId: busy, errorCode: ErrorCode.NON_EMPTY_GROUP },
      { groupId: "nobody", errorCode: ErrorCode.GROUP_ID_NOT_FOUND }
    ])
  }
} satisfies Readonly<Record<string, Check>>
