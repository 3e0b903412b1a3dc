import { describe, expect, it } from "vitest"
import { type Assignment, cooperativeStickyAssignor, type GroupMember, rangeAssignor, roundRobinAssignor, type TopicPartition } from "../src/index.ts"

const member = (memberId: string, topics: ReadonlyArray<string>, ownedPartitions: ReadonlyArray<TopicPartition> = [], generationId = 1): GroupMember =>
  ({ memberId, groupInstanceId: null, topics, ownedPartitions, generationId })

const shown = (assignment: Assignment) => Object.fromEntries([...assignment].map(([memberId, list]) =>
  [memberId, list.map(({ topic, partition }) => `${topic}${partition}`).toSorted().join(" ")]))

const owned = (text: string): ReadonlyArray<TopicPartition> => text.split(" ").filter(Boolean).map((item) => ({ topic: item.slice(0, 1), partition: Number(item.slice(1)) }))

describe("range", () => {
  it("gives consecutive partitions of each topic, the first members more", () => {
    const members = [member("c", ["t", "u"]), member("a", ["t", "u"]), member("b", ["t"])]
    expect(shown(rangeAssignor.assign(members, new Map([["t", 5], ["u", 3]])))).toEqual({ a: "t0 t1 u0 u1", b: "t2 t3", c: "t4 u2" })
  })

  it("puts static members first, by instance id, and gives nothing to those behind the last partition", () => {
    const members = [member("a", ["t"]), { ...member("z", ["t"]), groupInstanceId: "1" }, { ...member("y", ["t"]), groupInstanceId: "2" }]
    expect(shown(rangeAssignor.assign(members, new Map([["t", 2]])))).toEqual({ a: "", z: "t0", y: "t1" })
  })
})

describe("roundrobin", () => {
  it("gives all partitions in turn to members that subscribed to the topic", () => {
    const members = [member("a", ["t"]), member("b", ["t", "u"]), member("c", ["t", "u"])]
    expect(shown(roundRobinAssignor.assign(members, new Map([["u", 3], ["t", 4]])))).toEqual({ a: "t0 t3", b: "t1 u0 u2", c: "t2 u1" })
  })
})

describe("cooperative-sticky", () => {
  const counts = new Map([["t", 6]])
  /** All members apply what they got and join again, until nothing changes. */
  const settle = (members: ReadonlyArray<GroupMember>, of: ReadonlyMap<string, number> = counts): ReadonlyArray<GroupMember> => {
    let current = members
    for (let round = 1; round < 5; round++) {
      const assignment = cooperativeStickyAssignor.assign(current, of)
      current = current.map((item) => ({ ...item, ownedPartitions: assignment.get(item.memberId) ?? [], generationId: item.generationId + 1 }))
    }
    return current
  }

  it("leaves out what moves until its owner has given it up", () => {
    const members = [member("a", ["t"], owned("t0 t1 t2 t3 t4 t5")), member("b", ["t"])]
    const one = cooperativeStickyAssignor.assign(members, counts)
    expect(shown(one)).toEqual({ a: "t0 t1 t2", b: "" })
    const two = cooperativeStickyAssignor.assign([member("a", ["t"], owned("t0 t1 t2")), member("b", ["t"])], counts)
    expect(shown(two)).toEqual({ a: "t0 t1 t2", b: "t3 t4 t5" })
  })

  it("moves as little as possible when members come and go", () => {
    const [a, b] = settle([member("a", ["t"], owned("t0 t1 t2 t3 t4 t5")), member("b", ["t"])]) as [GroupMember, GroupMember]
    const settled = settle([a, b, member("c", ["t"])])
    expect(settled.map((item) => item.ownedPartitions.length)).toEqual([2, 2, 2])
    for (const [before, after] of [[a, settled[0]], [b, settled[1]]] as const) {
      const kept = after?.ownedPartitions.filter((item) => before.ownedPartitions.some((old) => old.partition === item.partition))
      expect(kept?.length).toBe(2)
    }
    expect(settle([a, b]).map((item) => item.ownedPartitions)).toEqual([a.ownedPartitions, b.ownedPartitions])
  })

  it("believes the later generation, and neither of two equal claims", () => {
    const later = cooperativeStickyAssignor.assign([member("a", ["t"], owned("t0"), 3), member("b", ["t"], owned("t0"), 4)], new Map([["t", 1]]))
    expect(shown(later)).toEqual({ a: "", b: "t0" })
    const equal = cooperativeStickyAssignor.assign([member("a", ["t"], owned("t0 t1")), member("b", ["t"], owned("t0"))], new Map([["t", 2]]))
    expect(shown(equal)).toEqual({ a: "t1", b: "t0" })
  })

  it("keeps to subscriptions and forgets partitions that are gone", () => {
    const members = [member("a", ["t"], owned("t0 t9 u0")), member("b", ["t", "u"])]
    expect(shown(cooperativeStickyAssignor.assign(members, new Map([["t", 2], ["u", 2]])))).toEqual({ a: "t0 t1", b: "u0 u1" })
  })
})
