import { describe, expect, it } from "vitest"
import { OffsetFetch } from "../src/index.ts"
import { Shell, stableGroup } from "./Shell.ts"

const dayMillis = 24 * 3600_000
const topicId = (n: number): string => Buffer.alloc(16, n).toString("base64url")
const codes = (call: ReturnType<Shell["commitOffsets"]>) => call.answer.topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))

describe("OffsetCommit", () => {
  it("round-trips offset, leader epoch and metadata, and overwrites", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 5, 1: 6 })
    shell.commitOffsets({ 0: 7 }, { leaderEpoch: 3, metadata: "note" })
    expect(shell.fetchOffsets([{ name: "topic", partitionIndexes: [0, 1, 2] }]).answer[0]?.topics[0]?.partitions).toEqual([
      { partitionIndex: 0, committedOffset: 7, committedLeaderEpoch: 3, metadata: "note", errorCode: 0 },
      { partitionIndex: 1, committedOffset: 6, committedLeaderEpoch: -1, metadata: "", errorCode: 0 },
      { partitionIndex: 2, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: 0 }
    ])
  })

  it.each([
    ["no generation, unknown group", {}, 9, 0],
    ["a generation, unknown group", { memberId: "a", generationIdOrMemberEpoch: 1 }, 8, 22],
    ["a generation, unknown group, new version", { memberId: "a", generationIdOrMemberEpoch: 1 }, 9, 69]
  ])("%s", (_name, options, apiVersion, errorCode) => {
    expect(codes(new Shell().commitOffsets({ 0: 1 }, { ...options, apiVersion }))).toEqual([errorCode])
  })

  it("of members is bound to the member and the generation", () => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const commit = (options: Parameters<Shell["commitOffsets"]>[1]) => codes(shell.commitOffsets({ 0: 1 }, options))[0]
    expect(commit({ memberId: a, generationIdOrMemberEpoch: 1 })).toBe(0)
    expect(commit({ memberId: a, generationIdOrMemberEpoch: 0 })).toBe(22)
    expect(commit({ memberId: "b", generationIdOrMemberEpoch: 1 })).toBe(25)
    expect(commit({})).toBe(25)
    shell.join({ memberId: a })
    expect(shell.describe().groupState).toBe("CompletingRebalance")
    expect(commit({ memberId: a, generationIdOrMemberEpoch: 2 })).toBe(27)
    shell.sync(a, 2, {})
    shell.join({ groupId: "group" })
    shell.join({ memberId: a })
    expect(shell.describe().groupState).toBe("PreparingRebalance")
    expect(commit({ memberId: a, generationIdOrMemberEpoch: 2 })).toBe(0)
  })

  it("refuses long metadata for its partition alone", () => {
    const shell = new Shell({ offsetMetadataMaxBytes: 3 })
    expect(codes(shell.commitOffsets({ 0: 1 }, { metadata: "four" }))).toEqual([12])
    expect(codes(shell.commitOffsets({ 0: 1 }, { metadata: "abc" }))).toEqual([0])
  })

  it("refuses what a batch or the shard cannot hold, as a whole", () => {
    const shell = new Shell({ offsetsMax: 2, recordsBytesMax: 200 })
    expect(codes(shell.commitOffsets({ 0: 1, 1: 1, 2: 1 }))).toEqual([28, 28, 28])
    expect(codes(shell.commitOffsets({ 0: 1, 1: 1 }))).toEqual([0, 0])
    expect(codes(shell.commitOffsets({ 0: 2 }))).toEqual([0])
    expect(codes(shell.commitOffsets({ 0: 2 }, { metadata: "x".repeat(200) }))).toEqual([28])
    expect(shell.offsets()).toEqual({ "topic-0": 2, "topic-1": 1 })
  })

  it("is visible only when committed: reads wait behind it", () => {
    const shell = new Shell()
    shell.autoCommit = false
    const commit = shell.commitOffsets({ 0: 1 })
    const read = shell.fetchOffsets()
    expect([commit.response, read.response]).toEqual([undefined, undefined])
    shell.failOver()
    expect([commit.response, read.response]).toEqual([undefined, undefined])
    expect(shell.offsets()).toEqual({})
  })
})

describe("OffsetFetch", () => {
  it("gives nothing for an unknown group, without an error", () => {
    const shell = new Shell()
    expect(shell.fetchOffsets(null, "none").answer).toEqual([{ groupId: "none", topics: [], errorCode: 0 }])
    expect(shell.fetchOffsets([{ name: "t", partitionIndexes: [4] }], "none").answer[0]?.topics[0]?.partitions[0]).toMatchObject({ committedOffset: -1, errorCode: 0 })
  })

  it("fits every version", () => {
    const request = { groupId: "g", topics: [{ name: "t", partitionIndexes: [0] }], groups: [], requireStable: false }
    const groups = OffsetFetch.groupsOf(request, 7)
    expect(groups).toEqual([{ groupId: "g", memberId: null, memberEpoch: -1, topics: request.topics }])
    expect(OffsetFetch.groupsOf({ ...request, groups }, 8)).toBe(groups)
    const failed = [{ groupId: "g", topics: [], errorCode: 16 }]
    expect(OffsetFetch.response(request, 8, failed)).toEqual({ groups: failed })
    expect(OffsetFetch.response(request, 7, failed)).toEqual({ topics: [], errorCode: 16 })
    expect(OffsetFetch.response(request, 1, failed).topics?.[0]?.partitions[0]).toMatchObject({ errorCode: 16, committedOffset: -1, metadata: "" })
  })
})

describe("offsets expire", () => {
  it("a simple group's, a retention time after each was committed", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1 })
    shell.advance(3 * dayMillis)
    shell.commitOffsets({ 1: 1 })
    shell.advance(4 * dayMillis - 600_000)
    expect(shell.offsets()).toEqual({ "topic-0": 1, "topic-1": 1 })
    shell.advance(1_200_000)
    expect(shell.offsets()).toEqual({ "topic-1": 1 })
    shell.advance(3 * dayMillis)
    expect(shell.list()).toEqual([])
    expect(shell.shard.nextDeadlineMillis()).toBe(Infinity)
  })

  it("an emptied group's, a retention time after it became empty", () => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    shell.commitOffsets({ 0: 1 }, { memberId: a, generationIdOrMemberEpoch: 1 })
    for (let i = 0; i < 10_000; i += 1) {
      shell.advance(9000)
      shell.heartbeat(a, 1)
    }
    shell.leave([{ memberId: a }])
    shell.advance(7 * dayMillis - 1_000_000)
    expect(shell.offsets()).toEqual({ "topic-0": 1 })
    shell.advance(2_000_000)
    expect(shell.list()).toEqual([])
  })

  it("a running group's, only of topics it no longer reads", () => {
    const shell = new Shell({ offsetsRetentionMinutes: 1, offsetsRetentionCheckIntervalMillis: 5000 })
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const member = { memberId: a, generationIdOrMemberEpoch: 1 }
    shell.commitOffsets({ 0: 1 }, member)
    shell.commitOffsets({ 0: 1 }, { ...member, topic: "former" })
    for (let i = 0; i < 10; i += 1) {
      shell.advance(9000)
      shell.heartbeat(a, 1)
    }
    expect(shell.offsets()).toEqual({ "topic-0": 1 })
  })

  it.each(["connect", "consumer"])("a running %s group's never, if what it reads cannot be known", (protocolType) => {
    const shell = new Shell({ offsetsRetentionMinutes: 1, offsetsRetentionCheckIntervalMillis: 5000 })
    const { ids: [a = ""] } = stableGroup(shell, 1, { protocolType, protocols: [{ name: "own", metadata: Buffer.from([1, 2, 3]) }] })
    shell.commitOffsets({ 0: 1 }, { memberId: a, generationIdOrMemberEpoch: 1 })
    for (let i = 0; i < 10; i += 1) {
      shell.advance(9000)
      shell.heartbeat(a, 1)
    }
    expect(shell.offsets()).toEqual({ "topic-0": 1 })
  })

  it("at a time of their own, if an old client said so", () => {
    const shell = new Shell({ offsetsRetentionCheckIntervalMillis: 1000 })
    shell.commitOffsets({ 0: 1 }, { retentionTimeMs: 5000, apiVersion: 4 })
    shell.failOver()
    shell.advance(4000)
    expect(shell.offsets()).toEqual({ "topic-0": 1 })
    shell.advance(3000)
    expect(shell.offsets()).toEqual({})
  })

  it("not by a wall clock that nobody believes yet", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1 })
    shell.commitOffsets({ 1: 1 }, { retentionTimeMs: 5000, apiVersion: 4 })
    shell.isWallTrusted = false
    shell.wallMillis += 30 * dayMillis
    shell.advance(1_200_000)
    expect(shell.offsets()).toEqual({ "topic-0": 1, "topic-1": 1 })
    shell.isWallTrusted = true
    shell.advance(600_000)
    expect(shell.list()).toEqual([])
  })

  it("in portions", () => {
    const shell = new Shell({ cleanupOffsetsPerTick: 3, offsetsRetentionMinutes: 1, offsetsRetentionCheckIntervalMillis: 60_000 })
    for (let i = 0; i < 10; i += 1) shell.commitOffsets({ 0: 1 }, { groupId: `g${i}` })
    let ticks = 0
    shell.onDecision = (isTick) => ticks += isTick ? 1 : 0
    shell.advance(60_000)
    expect(shell.shard.usage()).toMatchObject({ groups: 0, offsets: 0 })
    expect(ticks).toBe(5)
  })
})

describe("deleting", () => {
  it("DeleteGroups takes empty groups with their offsets, once", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1, 1: 1 }, { groupId: "simple" })
    const { ids: [a = ""] } = stableGroup(shell, 1)
    expect(shell.deleteGroups("simple", "simple", "group", "none")).toEqual({ simple: 0, group: 68, none: 69 })
    shell.leave([{ memberId: a }])
    expect(shell.deleteGroups("group")).toEqual({ group: 0 })
    expect(shell.deleteGroups("group")).toEqual({ group: 69 })
    expect(shell.shard.usage()).toMatchObject({ groups: 0, offsets: 0, liveGroups: 0 })
    expect(shell.replayed().durableState()).toEqual([])
  })

  it("DeleteGroups forgets ids given out for the group", () => {
    const shell = new Shell()
    const { memberId } = shell.join().answer
    expect(shell.deleteGroups("group")).toEqual({ group: 0 })
    expect(shell.log).toHaveLength(0)
    expect(shell.shard.usage()).toMatchObject({ liveGroups: 0, members: 0, timers: 0 })
    expect(shell.join({ memberId }).answer.errorCode).toBe(25)
  })

  it("OffsetDelete leaves the topics that a running group reads", () => {
    const shell = new Shell()
    expect(shell.deleteOffsets("topic", [0])).toMatchObject({ errorCode: 69 })
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const member = { memberId: a, generationIdOrMemberEpoch: 1 }
    shell.commitOffsets({ 0: 1 }, member)
    shell.commitOffsets({ 0: 1, 1: 2 }, { ...member, topic: "former" })
    expect(shell.deleteOffsets("topic", [0]).topics[0]?.partitions).toEqual([{ partitionIndex: 0, errorCode: 86 }])
    expect(shell.deleteOffsets("former", [0, 9]).topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([0, 0])
    expect(shell.offsets()).toEqual({ "topic-0": 1, "former-1": 2 })
  })

  it("OffsetDelete refuses a running group of another protocol type", () => {
    const shell = new Shell()
    stableGroup(shell, 1, { protocolType: "connect" })
    expect(shell.deleteOffsets("topic", [0])).toMatchObject({ errorCode: 68, topics: [] })
  })

  it("a deleted topic takes its offsets out of all groups", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1 }, { groupId: "a", topic: "gone" })
    shell.commitOffsets({ 0: 1 }, { groupId: "b", topic: "gone" })
    shell.commitOffsets({ 0: 1 }, { groupId: "b", topic: "kept" })
    shell.topicsDeleted(["gone", "other"])
    expect([shell.offsets("a"), shell.offsets("b")]).toEqual([{}, { "kept-0": 1 }])
  })

  it("a topic whose deletion is heard of late takes its own offsets, and none that were committed for the next one of that name", () => {
    const shell = new Shell()
    shell.commitOffsets({ 0: 1, 1: 1 }, { topic: "again", topicId: topicId(1) })
    shell.commitOffsets({ 0: 1 }, { topic: "gone", topicId: topicId(2) })
    shell.commitOffsets({ 0: 7 }, { topic: "again", topicId: topicId(3) })
    shell.topicsDeleted(["again", "gone"], (topic) => topic === "again" ? topicId(3) : undefined)
    expect(shell.offsets()).toEqual({ "again-0": 7 })
  })

  it("offsets of topics that went unheard, or gave their name to another, are forgotten; those of the others do not count before", () => {
    const shell = new Shell()
    for (const [i, topic] of ["gone", "again", "kept"].entries()) shell.commitOffsets({ 0: 1 }, { topic, topicId: topicId(i + 1) })
    for (const topic of ["old", "older"]) shell.commitOffsets({ 0: 1 }, { topic })
    const present = new Map([["again", topicId(4)], ["kept", topicId(3)], ["old", topicId(5)]])
    const topicIdOf = (topic: string): string | undefined => present.get(topic)
    const fetched = shell.fetchOffsets(null, "group", topicIdOf).answer[0]!.topics
    expect(fetched.map(({ name, partitions }) => [name, partitions[0]!.committedOffset]))
      .toEqual([["gone", 1], ["again", -1], ["kept", 1], ["old", 1], ["older", 1]])
    shell.forgetStaleOffsets(topicIdOf)
    expect(shell.offsets()).toEqual({ "kept-0": 1, "old-0": 1 })
  })
})
