import { describe, expect, it } from "vitest"
import { GroupShard } from "../src/index.ts"
import { Shell, text } from "./Shell.ts"

const string16 = (value: string) => `${value.length.toString(16).padStart(4, "0")}${Buffer.from(value).toString("hex")}`
const int64 = (value: number) => value.toString(16).padStart(16, "0")
const int32 = (value: number) => (value >>> 0).toString(16).padStart(8, "0")
const bytes32 = (value: string) => `${int32(value.length)}${Buffer.from(value).toString("hex")}`
const bytes = (hex: string) => Buffer.from(hex, "hex")

// Spelled out from Kafka 4.3's OffsetCommitKey, OffsetCommitValue, GroupMetadataKey and GroupMetadataValue.
const offsetKey = `0001${string16("group")}${string16("topic")}${int32(3)}`
const groupKey = `0002${string16("group")}`

describe("records are Kafka's, byte by byte", () => {
  it("an offset, version 4", () => {
    const shell = new Shell()
    shell.commitOffsets({ 3: 77 }, { leaderEpoch: 5, metadata: "note" })
    expect(shell.log.map(({ key, value }) => [key.toString("hex"), value?.toString("hex")])).toEqual([
      [offsetKey, `0004${int64(77)}${int32(5)}05${Buffer.from("note").toString("hex")}${int64(shell.wallMillis)}00`]
    ])
  })

  it("an offset with an expiry of its own, version 1", () => {
    const shell = new Shell()
    shell.commitOffsets({ 3: 77 }, { retentionTimeMs: 1000, leaderEpoch: -1 })
    expect(shell.log[0]?.value?.toString("hex")).toBe(`0001${int64(77)}${string16("")}${int64(shell.wallMillis)}${int64(shell.wallMillis + 1000)}`)
  })

  it("a generation, version 3, its members with subscription and assignment", () => {
    const shell = new Shell({ groupInitialRebalanceDelayMillis: 0 })
    const join = shell.join({ groupInstanceId: "i", protocols: [{ name: "range", metadata: Buffer.from("meta") }] }).answer
    shell.sync(join.memberId, 1, { [join.memberId]: "assigned" }, { groupInstanceId: "i" })
    const member = `${string16("i-1")}${string16("i")}${string16("client")}${string16("/127.0.0.1")}${int32(30_000)}${int32(10_000)}${bytes32("meta")}${bytes32("assigned")}`
    const value = `0003${string16("consumer")}${int32(1)}${string16("range")}${string16("i-1")}${int64(shell.wallMillis)}${int32(1)}${member}`
    expect(shell.log.map((record) => [record.key.toString("hex"), record.value?.toString("hex")])).toEqual([[groupKey, value]])
  })

  it("an empty generation, and tombstones", () => {
    const shell = new Shell({ groupInitialRebalanceDelayMillis: 0 })
    const { memberId } = shell.join({ apiVersion: 1 }).answer
    shell.sync(memberId, 1)
    shell.commitOffsets({ 3: 1 }, { memberId, generationIdOrMemberEpoch: 1 })
    shell.leave([{ memberId }])
    shell.deleteGroups("group")
    const empty = `0003${string16("consumer")}${int32(2)}ffffffff${int64(shell.wallMillis)}${int32(0)}`
    expect(shell.log.slice(2).map(({ key, value }) => [key.toString("hex"), value?.toString("hex") ?? null])).toEqual([
      [groupKey, empty], [offsetKey, null], [groupKey, null]
    ])
  })
})

describe("replay", () => {
  it("reads what older brokers wrote", () => {
    const shard = new GroupShard()
    shard.replay({ key: bytes(`0000${string16("group")}${string16("topic")}${int32(3)}`), value: bytes(`0000${int64(9)}${string16("m")}${int64(5)}`) }, 0)
    const member = `${string16("m")}${string16("client")}${string16("/h")}${int32(6000)}${bytes32("sub")}${bytes32("part")}`
    shard.replay({ key: bytes(groupKey), value: bytes(`0000${string16("consumer")}${int32(4)}${string16("range")}${string16("m")}${int32(1)}${member}`) }, 1)
    shard.loaded({ monotonicMillis: 0, wallMillis: 0, isWallTrusted: true })
    expect(shard.inspect("group")).toMatchObject({ state: "Stable", generationId: 4, leaderId: "m", members: [{ memberId: "m", sessionDeadlineMillis: 6000 }] })
    expect(shard.durableState()).toMatchObject([{ groupId: "group", offsets: [{ topic: "topic", partition: 3, offset: 9, metadata: "m", leaderEpoch: -1 }] }])
  })

  it("passes over kinds of the newer group protocols, and refuses damaged records", () => {
    const shard = new GroupShard()
    shard.replay({ key: bytes(`0003${string16("group")}`), value: bytes("000000000001") }, 0)
    shard.replay({ key: null, value: bytes("00") }, 1)
    expect(shard.usage()).toMatchObject({ groups: 0, ignoredRecords: 2 })
    expect(() => shard.replay({ key: bytes(groupKey), value: bytes("0003ffff") }, 2)).toThrow()
    expect(() => shard.replay({ key: bytes(groupKey), value: null }, 1)).toThrow("in order")
  })

  it("keeps no view of the log's bytes", () => {
    const shell = new Shell({ groupInitialRebalanceDelayMillis: 0 })
    const { memberId } = shell.join({ apiVersion: 1 }).answer
    shell.sync(memberId, 1, { [memberId]: "assigned" })
    const { key = bytes(""), value = null } = shell.log[0] ?? {}
    const copy = Buffer.from(value ?? bytes(""))
    const shard = new GroupShard()
    shard.replay({ key, value: copy }, 0)
    copy.fill(0)
    const [group] = shard.durableState() as Array<{ metadata: { members: Array<{ assignment: Buffer }> } }>
    expect(text(group?.metadata.members[0]?.assignment ?? bytes(""))).toBe("assigned")
  })
})
