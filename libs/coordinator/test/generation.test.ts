import { describe, expect, it } from "vitest"
import { Shell, stableGroup, text } from "./Shell.ts"

/** Two members that have joined generation 1 and have not asked for their assignment. */
function joined(shell: Shell): { leader: string, follower: string } {
  const joins = [shell.joinDynamic(), shell.joinDynamic()] as const
  shell.until(joins[0])
  return { leader: joins[0].memberId, follower: joins[1].memberId }
}

describe("SyncGroup", () => {
  it("answers nobody before the assignment is committed", () => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    const early = shell.sync(follower, 1)
    shell.autoCommit = false
    const led = shell.sync(leader, 1, { [leader]: "a", [follower]: "b", stranger: "c" })
    const again = shell.sync(follower, 1)
    expect([early.response, led.response, again.response]).toEqual([undefined, undefined, undefined])
    shell.commit()
    expect([early, led, again].map(({ answer }) => text(answer.assignment))).toEqual(["b", "a", "b"])
  })

  it("gives members whom the leader forgot an empty assignment", () => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    shell.sync(leader, 1, { [leader]: "a" })
    expect(shell.sync(follower, 1).answer).toMatchObject({ errorCode: 0, protocolType: "consumer", protocolName: "range" })
    expect(text(shell.sync(follower, 1).answer.assignment)).toBe("")
  })

  it.each([
    ["an unknown group", { groupId: "none" }, 25],
    ["no group", { groupId: "" }, 24],
    ["another protocol type", { protocolType: "connect" }, 23],
    ["another protocol", { protocolName: "sticky" }, 23],
    ["the right protocol", { protocolType: "consumer", protocolName: "range" }, 0],
    ["an unknown instance id", { groupInstanceId: "i" }, 25]
  ])("%s: %o gets %i", (_name, options, errorCode) => {
    const shell = new Shell()
    const { leader } = joined(shell)
    expect(shell.sync(leader, 1, {}, options).answer.errorCode).toBe(errorCode)
  })

  it("refuses another generation, another member, and one that is being replaced", () => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    expect(shell.sync(leader, 2).answer.errorCode).toBe(22)
    expect(shell.sync("stranger", 1).answer.errorCode).toBe(25)
    shell.leave([{ memberId: follower }])
    expect(shell.sync(leader, 1).answer.errorCode).toBe(27)
  })

  it("puts out members that never ask, and lets the others go on", () => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    shell.sync(leader, 1, {})
    for (let i = 0; i < 3; i += 1) {
      shell.advance(9000)
      expect(shell.heartbeat(leader, 1).answer.errorCode).toBe(0)
      expect(shell.heartbeat(follower, 1).answer.errorCode).toBe(0)
    }
    shell.advance(3000)
    expect(shell.describe()).toMatchObject({ groupState: "PreparingRebalance", members: [{ memberId: leader }] })
    expect(shell.heartbeat(follower, 1).answer.errorCode).toBe(25)
  })

  it("sends the request that waited away when its member asks again", () => {
    const shell = new Shell()
    const { follower } = joined(shell)
    const first = shell.sync(follower, 1)
    const second = shell.sync(follower, 1)
    expect([first.answer.errorCode, second.response]).toEqual([27, undefined])
  })

  it.each(["the leader assigns", "the connection closes"])("starts a session when a member stops waiting because %s", (why) => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    const waiting = shell.sync(follower, 1)
    for (let i = 0; i < 2; i += 1) {
      shell.advance(9000)
      shell.heartbeat(leader, 1)
    }
    const session = () => shell.shard.inspect("group")?.members.find(({ memberId }) => memberId === follower)?.sessionDeadlineMillis
    expect(session()).toBe(Infinity)
    if (why === "the leader assigns") shell.sync(leader, 1)
    else shell.abandon(waiting)
    expect(session()).toBe(shell.monotonicMillis + 10_000)
  })

  it("sends waiting members to rejoin when the leader dies", () => {
    const shell = new Shell()
    const { leader, follower } = joined(shell)
    const waiting = shell.sync(follower, 1)
    shell.advance(10_000)
    expect(waiting.answer.errorCode).toBe(27)
    expect(shell.join({ memberId: follower }).answer).toMatchObject({ errorCode: 0, generationId: 2, leader: follower })
    expect(shell.heartbeat(leader, 1).answer.errorCode).toBe(25)
  })

  it("starts over when the assignment is too large to be written", () => {
    const shell = new Shell({ recordsBytesMax: 1000 })
    const { leader, follower } = joined(shell)
    const waiting = shell.sync(follower, 1)
    const led = shell.sync(leader, 1, { [leader]: "x".repeat(1000) })
    expect([led.answer.errorCode, waiting.answer.errorCode]).toEqual([-1, -1])
    expect(shell.describe().groupState).toBe("PreparingRebalance")
    expect(shell.log).toHaveLength(0)
    shell.join({ memberId: leader })
    expect(shell.join({ memberId: follower }).answer.generationId).toBe(2)
  })
})

describe("Heartbeat", () => {
  it.each([
    ["the member", {}, 0],
    ["an older generation", { generationId: 0 }, 22],
    ["a stranger", { memberId: "stranger" }, 25],
    ["an unknown group", { groupId: "none" }, 25],
    ["no group", { groupId: "" }, 24],
    ["an unknown instance id", { groupInstanceId: "i" }, 25]
  ])("%s: %o gets %i", (_name, options, errorCode) => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const request = { memberId: a, generationId: 1, groupInstanceId: null, groupId: "group", ...options }
    expect(shell.heartbeat(request.memberId, request.generationId, request.groupInstanceId, request.groupId).answer.errorCode).toBe(errorCode)
  })

  it("keeps a session alive, and its absence ends it", () => {
    const shell = new Shell()
    const { ids: [a = "", b = ""] } = stableGroup(shell, 2)
    for (let i = 0; i < 5; i += 1) {
      shell.advance(9000)
      shell.heartbeat(a, 1)
      shell.heartbeat(b, 1)
    }
    expect(shell.describe().groupState).toBe("Stable")
    shell.advance(9000)
    shell.heartbeat(a, 1)
    shell.advance(1000)
    expect(shell.describe()).toMatchObject({ groupState: "PreparingRebalance", members: [{ memberId: a }] })
    expect(shell.join({ memberId: a }).answer.generationId).toBe(2)
  })

  it("of a rebalance keeps the session too", () => {
    const shell = new Shell()
    const { ids: [a = "", b = ""] } = stableGroup(shell, 2)
    const waiting = shell.join({ memberId: a })
    for (let i = 0; i < 2; i += 1) {
      shell.advance(9000)
      expect(shell.heartbeat(b, 1).answer.errorCode).toBe(27)
    }
    expect(waiting.response).toBeUndefined()
    shell.advance(12_000)
    expect(waiting.answer.members).toHaveLength(1)
  })

  it("counts a commit of offsets as one", () => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    for (let i = 0; i < 3; i += 1) {
      shell.advance(9000)
      shell.commitOffsets({ 0: i }, { memberId: a, generationIdOrMemberEpoch: 1 })
    }
    expect(shell.describe().groupState).toBe("Stable")
  })
})

describe("LeaveGroup", () => {
  it("answers each member of a batch, and at the top before version 3", () => {
    const shell = new Shell()
    const { ids: [a = "", b = ""] } = stableGroup(shell, 2)
    expect(shell.leave([{ memberId: "stranger" }], 2).answer).toEqual({ errorCode: 25 })
    expect(shell.leave([{ memberId: a }], 2).answer).toEqual({ errorCode: 0 })
    expect(shell.leave([{ memberId: b }, { memberId: b }]).answer).toMatchObject({ errorCode: 0, members: [{ errorCode: 0 }, { errorCode: 25 }] })
    expect(shell.describe().groupState).toBe("Empty")
  })

  it.each([[5, { errorCode: 0, members: [{ memberId: "a", groupInstanceId: null, errorCode: 25 }] }], [2, { errorCode: 25 }]])(
    "of an unknown group, version %i", (version, response) => {
      expect(new Shell().leave([{ memberId: "a" }], version).answer).toEqual(response)
    })

  it("takes an id back that was given out, and ends the phase that waited for it", () => {
    const shell = new Shell()
    const { ids: [a = ""] } = stableGroup(shell, 1)
    const pending = shell.join().answer.memberId
    const waiting = shell.join({ memberId: a })
    expect(waiting.response).toBeUndefined()
    expect(shell.leave([{ memberId: pending }]).answer.members?.[0]?.errorCode).toBe(0)
    expect(waiting.answer.generationId).toBe(2)
  })
})

describe("a coordinator that takes over", () => {
  it("knows generation, leader, members and assignments, and gives each member a session", () => {
    const shell = new Shell()
    const { ids: [a = "", b = ""] } = stableGroup(shell, 2)
    shell.failOver()
    expect(shell.describe()).toMatchObject({ groupState: "Stable", protocolType: "consumer", protocolData: "range" })
    expect(shell.heartbeat(a, 1).answer.errorCode).toBe(0)
    expect(text(shell.sync(b, 1).answer.assignment)).toBe("part1")
    expect(shell.join({ memberId: b }).answer).toMatchObject({ errorCode: 0, generationId: 1, leader: a })
    shell.advance(9999)
    expect(shell.describe().groupState).toBe("Stable")
    shell.advance(1)
    expect(shell.describe().members).toHaveLength(0)
  })

  it("does not know an assignment that was not committed", () => {
    const shell = new Shell()
    const { ids: [a = ""], generationId } = stableGroup(shell, 1)
    shell.autoCommit = false
    shell.join({ memberId: a })
    const led = shell.sync(a, generationId + 1, { [a]: "new" })
    shell.failOver()
    expect(led.response).toBeUndefined()
    expect(shell.heartbeat(a, generationId + 1).answer.errorCode).toBe(22)
    expect(shell.heartbeat(a, generationId).answer.errorCode).toBe(0)
  })

  it("answers those that wait when it resigns", () => {
    const shell = new Shell()
    shell.joinDynamic()
    const replies = shell.shard.resign()
    expect(replies.map(({ response }) => response)).toMatchObject([{ errorCode: 16 }])
    expect(() => shell.tick()).toThrow("only a loaded shard decides")
  })

  it("refuses to decide before the records of the last decision were replayed", () => {
    const shell = new Shell()
    const { now, shard } = shell
    const request = { groupId: "g", generationIdOrMemberEpoch: -1, memberId: "", groupInstanceId: null, retentionTimeMs: -1, apiVersion: 9 }
    const partitions = [{ partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: null }]
    const call = shell.fetchOffsets()
    expect(shard.commitOffsets(now, { ...request, topics: [{ name: "t", partitions }] }, call).records).toHaveLength(1)
    expect(() => shard.tick(now)).toThrow("is replayed before the next decision")
  })
})
