import { describe, expect, it } from "vitest"
import type { JoinOptions } from "./Shell.ts"
import { Shell, stableGroup, subscriptionBytes, text } from "./Shell.ts"

const range = [{ name: "range", metadata: subscriptionBytes("topic") }]
const sticky = [{ name: "sticky", metadata: subscriptionBytes("topic") }]
const both = [...range, ...sticky]
const noDelay = { groupInitialRebalanceDelayMillis: 0 }

describe("a first join", () => {
  it.each<[string, JoinOptions, number]>([
    ["no group id", { groupId: "" }, 24],
    ["session time-out too short", { sessionTimeoutMs: 5999 }, 26],
    ["session time-out too long", { sessionTimeoutMs: 1_800_001 }, 26],
    ["no protocol type", { protocolType: "" }, 23],
    ["no protocols", { protocols: [] }, 23],
    ["no protocols, as an unknown member", { protocols: [], memberId: "gone" }, 23],
    ["a member id of a group that is not there", { memberId: "gone" }, 25],
    ["more metadata than allowed", { protocols: [{ name: "range", metadata: Buffer.alloc(1001) }] }, 42],
    ["as much in a name", { protocols: [{ name: "r".repeat(1001), metadata: Buffer.alloc(0) }] }, 42],
    ["as much in many small protocols", { protocols: Array.from({ length: 20 }, (_, index) => ({ name: `${index}`, metadata: Buffer.alloc(0) })) }, 42],
    ["a dynamic member from version 4 on", { apiVersion: 4 }, 79]
  ])("%s: %o gets %i", (_name, options, errorCode) => {
    const shell = new Shell({ memberMetadataBytesMax: 1000 })
    const { answer } = shell.join(options)
    expect(answer).toMatchObject({ errorCode, generationId: -1, leader: "", members: [] })
    if (errorCode !== 79) expect(shell.shard.usage()).toMatchObject({ liveGroups: 0, members: 0, timers: 0 })
    expect(shell.log).toHaveLength(0)
  })

  it("spells an absent protocol name as the version wants it", () => {
    const shell = new Shell()
    expect(shell.join({ groupId: "", apiVersion: 6 }).answer.protocolName).toBe("")
    expect(shell.join({ groupId: "", apiVersion: 7 }).answer.protocolName).toBeNull()
  })

  it("joins without a second step before version 4 and as a static member", () => {
    const shell = new Shell(noDelay)
    expect(shell.join({ apiVersion: 3 }).answer).toMatchObject({ errorCode: 0, generationId: 1, memberId: "client-1", leader: "client-1" })
    expect(shell.join({ groupId: "other", apiVersion: 5, groupInstanceId: "i" }).answer).toMatchObject({ errorCode: 0, memberId: "i-2" })
  })

  it("takes the session time-out for the rebalance time-out where version 0 has none", () => {
    const shell = new Shell(noDelay)
    const a = shell.join({ apiVersion: 0, rebalanceTimeoutMs: -1, sessionTimeoutMs: 7000 }).answer
    shell.sync(a.memberId, 1, {})
    shell.join({ apiVersion: 0, rebalanceTimeoutMs: -1, sessionTimeoutMs: 6000 })
    expect(shell.shard.inspect("group")?.joinDeadlineMillis).toBe(shell.monotonicMillis + 7000)
  })

  it("forgets an id that was given out and not used within the session time-out", () => {
    const shell = new Shell()
    const { memberId } = shell.join().answer
    shell.advance(9999)
    expect(shell.shard.usage().members).toBe(1)
    shell.advance(1)
    expect(shell.shard.usage()).toMatchObject({ members: 0, liveGroups: 0, timers: 0 })
    expect(shell.join({ memberId }).answer.errorCode).toBe(25)
  })

  it("keeps no more bytes for its members, and for ids it gave out, than the limit", () => {
    const clientId = "c".repeat(1_000)
    const shell = new Shell({ memberBytesMax: 5_000 })
    const fill = (options: JoinOptions): number => {
      let joined = 0
      while (shell.join({ clientId, ...options }).answer.errorCode === 79) joined += 1
      return joined
    }
    expect(fill({})).toBe(4)
    shell.advance(10_000)
    expect(shell.shard.usage()).toMatchObject({ members: 0, memberBytes: 0 })
    const { memberId } = shell.joinDynamic({ clientId })
    expect(shell.shard.usage().memberBytes).toBeGreaterThan(2_000)
    expect(fill({})).toBe(2)
    shell.leave([{ memberId }])
    shell.advance(60_000)
    expect(shell.shard.usage()).toMatchObject({ members: 0, memberBytes: 0 })
  })

  it("fences nobody who claims an instance id with an id that was given out for a dynamic member", () => {
    const shell = new Shell()
    const { memberId } = shell.join().answer
    expect(shell.join({ memberId, groupInstanceId: "i" }).answer.errorCode).toBe(25)
  })
})

describe("the initial delay", () => {
  it("starts over with each new member, up to the rebalance time-out", () => {
    const shell = new Shell()
    const a = shell.join({ apiVersion: 1, rebalanceTimeoutMs: 7000 })
    for (let i = 0; i < 6; i += 1) {
      shell.advance(1000)
      shell.join({ apiVersion: 1, rebalanceTimeoutMs: 7000 })
    }
    shell.advance(999)
    expect(a.response).toBeUndefined()
    shell.advance(1)
    expect(a.answer).toMatchObject({ errorCode: 0, generationId: 1 })
    expect(a.answer.members).toHaveLength(7)
  })

  it("ends after one delay when nobody else comes", () => {
    const shell = new Shell()
    const a = shell.join({ apiVersion: 1 })
    shell.advance(2999)
    expect(a.response).toBeUndefined()
    shell.advance(1)
    expect(a.answer.errorCode).toBe(0)
  })

  it("leaves an empty next generation behind when all members left meanwhile", () => {
    const shell = new Shell()
    const a = shell.joinDynamic()
    expect(shell.leave([{ memberId: a.memberId }]).answer.members?.[0]?.errorCode).toBe(0)
    expect(a.answer).toMatchObject({ errorCode: 25, memberId: "" })
    shell.advance(3000)
    expect(shell.describe()).toMatchObject({ groupState: "Empty", protocolType: "consumer" })
  })
})

describe("the choice of a protocol", () => {
  it.each<[string, ReadonlyArray<typeof range>, string]>([
    ["the only common one", [both, sticky], "sticky"],
    ["the first choice of most", [[...sticky, ...range], both, both], "range"],
    ["the first named on a draw", [both, [...sticky, ...range]], "range"]
  ])("is %s", (_name, members, selected) => {
    const shell = new Shell()
    const joins = members.map((protocols) => shell.join({ apiVersion: 1, protocols }))
    shell.advance(60_000)
    for (const join of joins) expect(join.answer).toMatchObject({ errorCode: 0, protocolName: selected })
  })

  it("refuses a member that shares no protocol, or comes with another type", () => {
    const shell = new Shell()
    shell.join({ apiVersion: 1, protocols: range })
    expect(shell.join({ apiVersion: 1, protocols: sticky }).answer.errorCode).toBe(23)
    expect(shell.join({ apiVersion: 1, protocols: range, protocolType: "connect" }).answer.errorCode).toBe(23)
  })

  it("counts the first of two protocols with one name", () => {
    const shell = new Shell(noDelay)
    const metadata = Buffer.from("first")
    const { answer } = shell.join({ apiVersion: 1, protocols: [{ name: "range", metadata }, { name: "range", metadata: Buffer.from("second") }] })
    expect(answer.members.map((member) => text(member.metadata))).toEqual(["first"])
  })

  it("keeps no view of the request's bytes", () => {
    const shell = new Shell(noDelay)
    const frame = Buffer.from("subscribed")
    const { memberId } = shell.join({ apiVersion: 1, protocols: [{ name: "range", metadata: frame.subarray(0, 4) }] }).answer
    frame.fill(0)
    expect(shell.sync(memberId, 1, {}).answer.errorCode).toBe(0)
    expect(text(shell.describe().members[0]?.memberMetadata ?? Buffer.alloc(0))).toBe("subs")
  })
})

describe("joining again", () => {
  const changed = { protocols: [{ name: "range", metadata: subscriptionBytes("topic,more") }] }

  it.each<[string, 0 | 1, JoinOptions, boolean]>([
    ["Stable, the leader, nothing new", 0, {}, true],
    ["Stable, a follower, nothing new", 1, {}, false],
    ["Stable, a follower, new metadata", 1, changed, true]
  ])("%s", (_name, index, options, rebalances) => {
    const shell = new Shell()
    const { ids, generationId } = stableGroup(shell, 2)
    const join = shell.join({ memberId: ids[index] ?? "", ...options })
    expect(shell.describe().groupState).toBe(rebalances ? "PreparingRebalance" : "Stable")
    if (!rebalances) expect(join.answer).toMatchObject({ errorCode: 0, generationId, members: [] })
  })

  it.each<[string, 0 | 1, JoinOptions, boolean]>([
    ["CompletingRebalance, the leader, nothing new", 0, {}, false],
    ["CompletingRebalance, a follower, nothing new", 1, {}, false],
    ["CompletingRebalance, a follower, new metadata", 1, changed, true]
  ])("%s", (_name, index, options, rebalances) => {
    const shell = new Shell()
    const joins = [shell.joinDynamic(), shell.joinDynamic()]
    shell.until(joins[0]!)
    const ids = joins.map(({ memberId }) => memberId)
    expect(shell.describe().groupState).toBe("CompletingRebalance")
    const waiting = shell.sync(ids[1] ?? "", 1)
    const join = shell.join({ memberId: ids[index] ?? "", ...options })
    if (rebalances) {
      expect(shell.describe().groupState).toBe("PreparingRebalance")
      expect(waiting.answer.errorCode).toBe(27)
    } else {
      expect(join.answer).toMatchObject({ errorCode: 0, generationId: 1 })
      expect(join.answer.members).toHaveLength(index === 0 ? 2 : 0)
      expect(waiting.response).toBeUndefined()
    }
  })

  it("sends the request that waited away when its member asks again", () => {
    const shell = new Shell()
    const first = shell.joinDynamic()
    const second = shell.join({ memberId: first.memberId })
    expect(first.answer.errorCode).toBe(27)
    shell.advance(3000)
    expect(second.answer.errorCode).toBe(0)
  })

  it("is refused to a member that is not in the group", () => {
    const shell = new Shell()
    stableGroup(shell, 1)
    expect(shell.join({ memberId: "stranger" }).answer).toMatchObject({ errorCode: 25, memberId: "stranger" })
    expect(shell.join({ memberId: "stranger", groupInstanceId: "i" }).answer.errorCode).toBe(25)
  })
})

describe("a rebalance", () => {
  it("ends as soon as all have joined again", () => {
    const shell = new Shell()
    const { ids, generationId } = stableGroup(shell, 2)
    const third = shell.joinDynamic()
    expect(shell.heartbeat(ids[0] ?? "", generationId).answer.errorCode).toBe(27)
    shell.join({ memberId: ids[0] ?? "" })
    expect(third.response).toBeUndefined()
    const last = shell.join({ memberId: ids[1] ?? "" })
    expect(last.answer).toMatchObject({ errorCode: 0, generationId: generationId + 1, leader: ids[0] })
    expect(third.answer.generationId).toBe(generationId + 1)
  })

  it("goes on without those that did not come back within the longest rebalance time-out", () => {
    const shell = new Shell()
    const { ids, generationId } = stableGroup(shell, 2, { sessionTimeoutMs: 60_000 })
    const third = shell.joinDynamic({ rebalanceTimeoutMs: 40_000 })
    shell.advance(39_999)
    expect(third.response).toBeUndefined()
    shell.advance(1)
    expect(third.answer).toMatchObject({ errorCode: 0, generationId: generationId + 1, leader: third.memberId })
    expect(third.answer.members.map(({ memberId }) => memberId)).toEqual([third.memberId])
    expect(shell.heartbeat(ids[0] ?? "", generationId).answer.errorCode).toBe(25)
  })

  it("waits for an id that was given out, until that expires", () => {
    const shell = new Shell()
    const { ids } = stableGroup(shell, 1)
    shell.join()
    const again = shell.join({ memberId: ids[0] ?? "" })
    shell.advance(9999)
    expect(again.response).toBeUndefined()
    shell.advance(1)
    expect(again.answer.errorCode).toBe(0)
  })

  it("keeps the ordinary members of a full group and turns others away", () => {
    const shell = new Shell({ groupMaxSize: 2 })
    const { ids, generationId } = stableGroup(shell, 2)
    expect(shell.join().answer).toMatchObject({ errorCode: 81, memberId: "" })
    expect(shell.describe().groupState).toBe("Stable")
    shell.join({ memberId: ids[0] ?? "" })
    expect(shell.join({ memberId: ids[1] ?? "" }).answer.generationId).toBe(generationId + 1)
  })

  it("turns the last ones away after the limit was lowered, and does not wait for them", () => {
    const shell = new Shell()
    const { ids, generationId } = stableGroup(shell, 3)
    Object.assign(shell.config, { groupMaxSize: 2 })
    shell.failOver()
    expect(shell.describe().groupState).toBe("PreparingRebalance")
    const joins = ids.map((memberId) => shell.join({ memberId }))
    expect(joins.map(({ answer }) => [answer.errorCode, answer.generationId])).toEqual([[0, generationId + 1], [0, generationId + 1], [81, -1]])
  })

  it("bounds members and ids given out over all groups of the shard", () => {
    const shell = new Shell({ membersMax: 3 })
    for (const groupId of ["a", "b", "c"]) expect(shell.join({ groupId }).answer.errorCode).toBe(79)
    expect(shell.join({ groupId: "a" }).answer.errorCode).toBe(81)
    expect(shell.join({ groupId: "d" }).answer.errorCode).toBe(81)
    expect(shell.shard.usage()).toMatchObject({ members: 3, liveGroups: 3 })
  })

  it("bounds groups", () => {
    const shell = new Shell({ groupsMax: 1 })
    expect(shell.join({ groupId: "a" }).answer.errorCode).toBe(79)
    expect(shell.join({ groupId: "b" }).answer.errorCode).toBe(81)
    expect(shell.commitOffsets({ 0: 1 }, { groupId: "a" }).answer.topics[0]?.partitions[0]?.errorCode).toBe(0)
    expect(shell.commitOffsets({ 0: 1 }, { groupId: "b" }).answer.topics[0]?.partitions[0]?.errorCode).toBe(28)
  })
})

describe("a connection that closes", () => {
  it("takes a new member with it, so that nobody is assigned to a ghost", () => {
    const shell = new Shell()
    const a = shell.joinDynamic()
    const b = shell.joinDynamic()
    shell.abandon(b)
    shell.until(a)
    expect(a.answer.members.map(({ memberId }) => memberId)).toEqual([a.memberId])
    expect(b.response).toBeUndefined()
  })

  it("leaves a member of a generation its place until its session ends", () => {
    const shell = new Shell()
    const { ids } = stableGroup(shell, 2)
    const gone = shell.join({ memberId: ids[0] ?? "" })
    shell.abandon(gone)
    const other = shell.join({ memberId: ids[1] ?? "" })
    expect(other.answer).toMatchObject({ errorCode: 0, leader: ids[0] })
    expect(shell.join({ memberId: ids[0] ?? "" }).answer.members).toHaveLength(2)
    expect(gone.response).toBeUndefined()
  })
})
