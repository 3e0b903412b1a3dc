import { describe, expect, it } from "vitest"
import { Shell, subscriptionBytes, text } from "./Shell.ts"

/** A stable group of the static members i1 (leader) and i2. */
function staticGroup(shell: Shell): { ids: [string, string], generationId: number } {
  const joins = ["i1", "i2"].map((groupInstanceId) => shell.join({ groupInstanceId }))
  shell.until(joins[0]!)
  const [one, two] = joins.map(({ answer }) => answer.memberId) as [string, string]
  shell.sync(one, 1, { [one]: "left", [two]: "right" })
  shell.sync(two, 1)
  return { ids: [one, two], generationId: 1 }
}

describe("a static member that comes back to a stable group", () => {
  it.each([
    ["a follower", 1, 9, { leaderIndex: 0, skipAssignment: false, members: 0 }],
    ["the leader, told to skip the assignment", 0, 9, { leaderIndex: "itself", skipAssignment: true, members: 2 }],
    ["the leader of an older version, told that its former self leads", 0, 5, { leaderIndex: 0, skipAssignment: false, members: 0 }]
  ] as const)("%s: takes its place without a rebalance", (_name, index, apiVersion, expected) => {
    const shell = new Shell()
    const { ids, generationId } = staticGroup(shell)
    const records = shell.log.length
    const { answer } = shell.join({ groupInstanceId: `i${index + 1}`, apiVersion })
    expect(answer).toMatchObject({ errorCode: 0, generationId, skipAssignment: expected.skipAssignment })
    expect(answer.memberId).not.toBe(ids[index])
    expect(answer.leader).toBe(expected.leaderIndex === "itself" ? answer.memberId : ids[expected.leaderIndex])
    expect(answer.members).toHaveLength(expected.members)
    expect(shell.describe().groupState).toBe("Stable")
    expect(shell.log.length).toBe(records + 1)
    const sync = shell.sync(answer.memberId, generationId, {}, { groupInstanceId: `i${index + 1}` })
    expect(text(sync.answer.assignment)).toBe(index === 0 ? "left" : "right")
  })

  it("is answered only once its new id is committed, and fences the old one", () => {
    const shell = new Shell()
    const { ids, generationId } = staticGroup(shell)
    shell.autoCommit = false
    const back = shell.join({ groupInstanceId: "i2" })
    expect(back.response).toBeUndefined()
    shell.commit()
    expect(back.answer.errorCode).toBe(0)
    shell.autoCommit = true
    expect(shell.heartbeat(ids[1], generationId, "i2").answer.errorCode).toBe(82)
    expect(shell.heartbeat(ids[1], generationId).answer.errorCode).toBe(25)
    expect(shell.sync(ids[1], generationId, {}, { groupInstanceId: "i2" }).answer.errorCode).toBe(82)
    expect(shell.join({ memberId: ids[1], groupInstanceId: "i2" }).answer.errorCode).toBe(82)
    expect(shell.leave([{ memberId: ids[1], groupInstanceId: "i2" }]).answer.members?.[0]?.errorCode).toBe(82)
    const commit = shell.commitOffsets({ 0: 1 }, { memberId: ids[1], groupInstanceId: "i2", generationIdOrMemberEpoch: generationId })
    expect(commit.answer.topics[0]?.partitions[0]?.errorCode).toBe(82)
    expect(shell.heartbeat(back.answer.memberId, generationId, "i2").answer.errorCode).toBe(0)
  })

  it("does not keep the shard busy while nobody joins, even if it allows a rebalance no time at all", () => {
    const shell = new Shell()
    staticGroup(shell)
    for (const groupInstanceId of ["i1", "i2"]) shell.join({ groupInstanceId, rebalanceTimeoutMs: 0 })
    shell.leave([{ groupInstanceId: "i2" }])
    let ticks = 0
    shell.onDecision = () => {
      ticks += 1
      if (ticks > 20) throw new Error("the shard does not come to rest")
    }
    shell.advance(5_000)
    expect(shell.describe().groupState).toBe("PreparingRebalance")
    shell.advance(5_000)
    expect(shell.describe().groupState).toBe("Empty")
  })

  it("starts a rebalance if the group would now choose another protocol", () => {
    const shell = new Shell()
    const metadata = subscriptionBytes("topic")
    const both = [{ name: "range", metadata }, { name: "sticky", metadata }]
    const first = shell.join({ groupInstanceId: "i1", protocols: both })
    shell.advance(3000)
    shell.sync(first.answer.memberId, 1, {})
    const back = shell.join({ groupInstanceId: "i1", protocols: [...both].reverse() })
    expect(back.answer).toMatchObject({ errorCode: 0, generationId: 2, protocolName: "sticky" })
  })

  it("owes the SyncGroup that its former self did not send", () => {
    const shell = new Shell()
    const joins = [shell.join({ groupInstanceId: "i1" }), shell.join({ groupInstanceId: "i2" })] as const
    shell.until(joins[0])
    shell.sync(joins[0].answer.memberId, 1)
    const back = shell.join({ groupInstanceId: "i2" }).answer
    expect(shell.shard.inspect("group")?.members.map(({ memberId, needsSync }) => [memberId, needsSync])).toEqual([[joins[0].answer.memberId, false], [back.memberId, true]])
    shell.sync(back.memberId, 1)
    expect(shell.shard.inspect("group")?.syncDeadlineMillis).toBe(Infinity)
  })

  it("takes no place of its own in a full group", () => {
    const shell = new Shell({ groupMaxSize: 2 })
    staticGroup(shell)
    expect(shell.join({ groupInstanceId: "i2" }).answer.errorCode).toBe(0)
    expect(shell.join({ groupInstanceId: "i3" }).answer.errorCode).toBe(81)
  })

  it.each([["under a new id", false], ["under the id it had", true]])("finds its place in a full group that others have joined meanwhile, %s", (_name, keepsId) => {
    const shell = new Shell({ groupMaxSize: 3 })
    const { ids } = staticGroup(shell)
    // A dynamic member fills the group and leaves it again: who is quick may have its place, and nobody else's.
    const dynamic = shell.joinDynamic()
    const first = shell.joinDynamic()
    shell.join({ memberId: ids[0], groupInstanceId: "i1" })
    const second = shell.joinDynamic()
    const back = shell.join({ groupInstanceId: "i2", ...(keepsId && { memberId: ids[1] }) })
    shell.until(back)
    expect(back.answer).toMatchObject({ errorCode: 0, generationId: 2 })
    expect([dynamic.answer.errorCode, first.answer.errorCode, second.answer.errorCode]).toEqual([0, 81, 81])
    expect(shell.describe().members).toHaveLength(3)
  })
})

describe("a static member elsewhere", () => {
  it("fences the request that waits under its instance id", () => {
    const shell = new Shell()
    const first = shell.join({ groupInstanceId: "i1" })
    const second = shell.join({ groupInstanceId: "i1" })
    expect(first.answer.errorCode).toBe(82)
    shell.advance(3000)
    expect(second.answer).toMatchObject({ errorCode: 0, leader: second.answer.memberId })
  })

  it("starts a rebalance when it comes back while the assignment is being made", () => {
    const shell = new Shell()
    const joins = [shell.join({ groupInstanceId: "i1" }), shell.join({ groupInstanceId: "i2" })]
    shell.advance(6000)
    const waiting = shell.sync(joins[1]?.answer.memberId ?? "", 1, {}, { groupInstanceId: "i2" })
    const back = shell.join({ groupInstanceId: "i2" })
    expect(waiting.answer.errorCode).toBe(82)
    expect(shell.describe().groupState).toBe("PreparingRebalance")
    shell.join({ memberId: joins[0]?.answer.memberId ?? "", groupInstanceId: "i1" })
    expect(back.answer).toMatchObject({ errorCode: 0, generationId: 2 })
  })

  it("stays in the group when it misses a rebalance, and loses the lead", () => {
    const shell = new Shell()
    const { ids } = staticGroup(shell)
    for (let i = 0; i < 2; i += 1) shell.heartbeat(ids[0], 1, "i1")
    const follower = shell.join({ memberId: ids[1], groupInstanceId: "i2", protocols: [{ name: "range", metadata: Buffer.from("new") }], rebalanceTimeoutMs: 8000 })
    shell.join({ groupInstanceId: "i3", rebalanceTimeoutMs: 8000 })
    for (let i = 0; i < 4; i += 1) {
      shell.heartbeat(ids[0], 1, "i1")
      shell.advance(8000)
    }
    expect(follower.answer).toMatchObject({ errorCode: 0, leader: ids[1] })
    expect(follower.answer.members.map(({ groupInstanceId }) => groupInstanceId)).toContain("i1")
  })

  it("leaves when an administrator names its instance id, and when its session ends", () => {
    const shell = new Shell()
    staticGroup(shell)
    expect(shell.leave([{ groupInstanceId: "i1" }, { groupInstanceId: "i9" }]).answer.members?.map(({ errorCode }) => errorCode)).toEqual([0, 25])
    expect(shell.describe().members.map(({ groupInstanceId }) => groupInstanceId)).toEqual(["i2"])
    shell.advance(10_000)
    expect(shell.describe().groupState).toBe("Empty")
  })
})
