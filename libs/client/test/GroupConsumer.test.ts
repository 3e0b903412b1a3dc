import { describe, expect, it } from "vitest"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { GroupConsumer } from "../src/index.ts"
import { numbers, type Running, type RunningGroup, setUp } from "./RunningGroup.ts"
import { hangUp, type ScriptedCluster } from "./ScriptedBroker.ts"

const committedAt = (cluster: ScriptedCluster, partition: number) => cluster.committed.get(`g/t/${partition}`)?.offset

describe("GroupConsumer", () => {
  it("joins alone, reads everything, commits what it answered, and leaves", async () => {
    await using set = await setUp({ autoCommitIntervalMillis: 1 })
    for (const partition of [0, 1, 2, 3]) set.append(partition, `${partition}`)
    const a = set.start()
    await a.until(() => a.values.length === 4)
    expect(a.events).toEqual(["+0123"])
    expect([a.consumer.memberId, a.consumer.generationId]).toEqual(["member-1", 1])
    await a.stop()
    await a.consumer.close()
    expect([0, 1, 2, 3].map((partition) => committedAt(set.cluster, partition))).toEqual([1, 1, 1, 1])
    const commit = set.broker.received(ApiKey.OffsetCommit).at(-1)
    expect(commit?.body).toMatchObject({ memberId: "member-1", generationIdOrMemberEpoch: 1 })
    expect(set.broker.received(ApiKey.LeaveGroup).length).toBe(1)
    expect(set.group.members.size).toBe(0)
  })

  it("gives everything up and divides anew when a member comes (eager)", async () => {
    await using set = await setUp({ partitionAssignors: ["range"] })
    const a = set.start()
    set.append(3, "early")
    await a.until(() => a.values.length === 1)
    const b = set.start()
    await b.until(() => b.events.length === 1)
    await a.until(() => a.events.length === 3)
    expect([a.events, b.events]).toEqual([["+0123", "-0123", "+01"], ["+23"]])
    // What the first one read was committed before the second one began.
    set.append(3, "late")
    await b.until(() => b.values.length === 1)
    expect(b.values).toEqual(["late"])
    await b.stop()
    await b.consumer.close()
    await a.until(() => a.events.length === 5)
    expect(a.events.slice(3)).toEqual(["-01", "+0123"])
  })

  it("gives up only what moves (cooperative)", async () => {
    await using set = await setUp({ partitionAssignors: ["cooperative-sticky"] })
    const a = set.start()
    await a.until(() => a.events.length === 1)
    const b = set.start()
    await b.until(() => b.consumer.assignment().length === 2)
    await a.until(() => a.events.length >= 4)
    expect(a.events.filter((event) => event.length > 1)).toEqual(["+0123", "-23"])
    expect(b.events.filter((event) => event.length > 1)).toEqual(["+23"])
  })

  it("loses its partitions when the group has thrown it out, and joins again", async () => {
    await using set = await setUp()
    const a = set.start()
    await a.until(() => a.events.length === 1)
    const commits = set.broker.received(ApiKey.OffsetCommit).length
    set.group.expel("member-1")
    await a.until(() => a.events.length === 3)
    expect(a.events).toEqual(["+0123", "!0123", "+0123"])
    expect(a.consumer.memberId).toBe("member-2")
    expect(set.broker.received(ApiKey.OffsetCommit).length).toBe(commits)
  })

  // UNKNOWN_MEMBER_ID is told by the group itself, once the member is out.
  it.each([ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.ILLEGAL_GENERATION, ErrorCode.FENCED_INSTANCE_ID])(
    "loses what it kept when it learns by its join that it is out (%i)", async (errorCode) => {
      await using set = await setUp({ partitionAssignors: ["cooperative-sticky"], autoCommitIntervalMillis: 1 }, 1)
      for (let i = 0; i < 5; i++) set.append(0, "old")
      const a = set.start()
      await a.until(() => a.values.length === 5)
      const id = a.consumer.memberId
      // A rebalance went on without it; others have read and committed what was there, and left.
      set.broker.next(ApiKey.Heartbeat, () => {
        set.group.expel(id)
        set.cluster.committed.set("g/t/0", { offset: 20, metadata: "" })
        if (errorCode !== ErrorCode.UNKNOWN_MEMBER_ID) {
          set.broker.next(ApiKey.JoinGroup, () => ({ errorCode, memberId: "", protocolName: "", leader: "", members: [], skipAssignment: false }))
        }
        return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS }
      })
      for (let i = 5; i < 20; i++) set.append(0, "theirs")
      if (errorCode === ErrorCode.FENCED_INSTANCE_ID) {
        await expect(a.until(() => false)).rejects.toMatchObject({ codeName: "FENCED_INSTANCE_ID" })
        await a.consumer.poll(50)
      } else await a.until(() => a.events.length === 3)
      expect(a.events).toEqual(["+0", "!0", "+0"])
      expect(set.broker.received(ApiKey.JoinGroup).at(-1)?.body.memberId).not.toBe(id)
      set.append(0, "new")
      if (errorCode === ErrorCode.FENCED_INSTANCE_ID) expect((await a.consumer.poll(1_000)).map(({ offset }) => offset)).toEqual([20])
      else await a.until(() => a.values.includes("new"))
      await a.stop()
      await a.consumer.close()
      expect(committedAt(set.cluster, 0)).toBe(21)
      const later = set.broker.received(ApiKey.OffsetCommit).filter(({ body }) => body.memberId !== id)
      expect(later.map(({ body }) => body.topics[0].partitions[0].committedOffset).filter((offset: number) => offset < 20)).toEqual([])
    }
  )

  it("commits nothing of what it has lost, though it has joined again meanwhile", async () => {
    await using set = await setUp({ partitionAssignors: ["cooperative-sticky"], enableAutoCommit: false }, 1)
    for (let i = 0; i < 5; i++) set.append(0, "old")
    const a = set.start()
    await a.until(() => a.values.length === 5)
    const id = a.consumer.memberId
    set.broker.next(ApiKey.Heartbeat, () => {
      set.group.expel(id)
      set.cluster.committed.set("g/t/0", { offset: 20, metadata: "" })
      return { errorCode: ErrorCode.REBALANCE_IN_PROGRESS }
    })
    let answer = (): void => undefined
    await new Promise<void>((resolve) => set.broker.next(ApiKey.JoinGroup, () => {
      resolve()
      return new Promise((resolveAnswer) => {
        answer = () => resolveAnswer({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, memberId: "", protocolName: "", leader: "", members: [], skipAssignment: false })
      })
    }))
    // The caller works on what it got while the group takes it in again.
    await a.stop()
    answer()
    while (a.consumer.memberId === id || a.consumer.generationId < 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await expect(a.consumer.commit()).rejects.toMatchObject({ codeName: "UNKNOWN_MEMBER_ID" })
    expect(committedAt(set.cluster, 0)).toBe(20)
  })

  it("commits nothing while it is no member", async () => {
    await using set = await setUp({ enableAutoCommit: false }, 1)
    set.append(0, "old")
    const a = set.start()
    await a.until(() => a.values.length === 1)
    await a.stop()
    set.group.expel(a.consumer.memberId)
    set.cluster.committed.set("g/t/0", { offset: 20, metadata: "" })
    while (a.consumer.generationId >= 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await expect(a.consumer.commit()).rejects.toMatchObject({ codeName: "UNKNOWN_MEMBER_ID" })
    await a.consumer.commit([])
    expect([committedAt(set.cluster, 0), set.broker.received(ApiKey.OffsetCommit).length]).toEqual([20, 0])
  })

  it("ends loops over its records when it is closed from elsewhere, also while it joins", async () => {
    await using set = await setUp({}, 1)
    set.append(0, "first")
    const read = async (consumer: GroupConsumer, values: Array<string>): Promise<void> => {
      consumer.subscribe(["t"])
      for await (const record of consumer) values.push(record.value?.toString() ?? "")
    }
    const options = { bootstrapServers: set.broker.address, groupId: "g", autoOffsetReset: "earliest", retryBackoffMillis: 5 } as const
    const a = new GroupConsumer(options)
    const values: Array<string> = []
    const reading = read(a, values)
    while (values.length === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    // The first one does not join again before its next heartbeat, so the second one waits.
    const b = new GroupConsumer(options)
    const joining = read(b, values)
    while (set.broker.received(ApiKey.JoinGroup).length < 4) await new Promise((resolve) => setTimeout(resolve, 1))
    await b.close()
    await joining
    await a.close()
    await reading
    expect([values, set.group.members.size]).toEqual([["first"], 0])
  })

  it("commits at its end only what a loop over its records was given", async () => {
    await using set = await setUp({}, 1)
    for (const value of ["a", "b", "c"]) set.append(0, value)
    const consumer = new GroupConsumer({ bootstrapServers: set.broker.address, groupId: "g", autoOffsetReset: "earliest" })
    consumer.subscribe(["t"])
    const values: Array<string> = []
    for await (const record of consumer) {
      values.push(String(record.value))
      if (values.length === 2) await consumer.close()
    }
    expect([values, committedAt(set.cluster, 0)]).toEqual([["a", "b"], 2])
  })

  it.each(["range", "cooperative-sticky"] as const)("takes part and leaves though its listener throws (%s)", async (assignor) => {
    await using set = await setUp({ partitionAssignors: [assignor] }, 2)
    const a = new GroupConsumer({
      bootstrapServers: set.broker.address, groupId: "g", partitionAssignors: [assignor], heartbeatIntervalMillis: 10, retryBackoffMillis: 5
    })
    const told: Array<string> = []
    a.subscribe(["t"], {
      onPartitionsRevoked: (partitions) => {
        told.push(numbers(partitions))
        throw new Error("the listener's own")
      }
    })
    while (a.assignment().length < 2) await a.poll(20)
    const b = set.start()
    const failures: Array<string> = []
    while (b.consumer.assignment().length === 0 || a.assignment().length !== 1) {
      await a.poll(20).catch((error: Error) => failures.push(error.message))
    }
    await expect(a.close()).rejects.toThrow("the listener's own")
    expect([failures, told]).toEqual([["the listener's own"], [assignor === "range" ? "01" : "1", "0"]])
    await b.until(() => b.consumer.assignment().length === 2)
  })

  it("tells its listener what it has lost before it is closed", async () => {
    await using set = await setUp({}, 1)
    const a = set.start()
    await a.until(() => a.events.length === 1)
    await a.stop()
    set.group.expel(a.consumer.memberId)
    while (a.consumer.generationId >= 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await a.consumer.close()
    expect(a.events).toEqual(["+0", "!0"])
  })

  it("leaves when nobody polls for too long", async () => {
    await using set = await setUp({ maxPollIntervalMillis: 60 })
    const a = set.start()
    await a.until(() => a.events.length === 1)
    await a.stop()
    while (set.group.members.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await a.consumer.poll(200)
    expect(a.events).toEqual(["+0123", "!0123", "+0123"])
  })

  /** Reads on while it joins, and does not poll any more when that join ends. */
  const joinedUnseen = async (set: RunningGroup): Promise<Running> => {
    const a = set.start({ partitionAssignors: ["cooperative-sticky"] })
    await a.until(() => a.events.length === 1)
    const joining = set.broker.arrival(ApiKey.JoinGroup)
    set.group.admitSilent("slow")
    await joining
    await a.stop()
    const beating = set.broker.arrival(ApiKey.Heartbeat, ({ body }) => body.generationId === 2)
    set.group.expel("slow")
    await beating
    return a
  }

  it("keeps its place between the end of a join and the poll that hears of it", async () => {
    await using set = await setUp()
    const a = await joinedUnseen(set)
    await a.consumer.poll(20)
    expect([a.events, a.consumer.generationId]).toEqual([["+0123", "+"], 2])
  })

  it("takes nothing from a join whose generation is over before a poll hears of it", async () => {
    await using set = await setUp()
    const a = await joinedUnseen(set)
    set.group.expel(a.consumer.memberId)
    while (a.consumer.generationId >= 0) await new Promise((resolve) => setTimeout(resolve, 1))
    while (a.events.length < 3) await a.consumer.poll(20)
    expect([a.events, a.consumer.memberId]).toEqual([["+0123", "!0123", "+0123"], "member-2"])
  })

  it("joins once though a commit comes too late while it does", async () => {
    await using set = await setUp({ partitionAssignors: ["cooperative-sticky"], enableAutoCommit: false }, 1)
    set.append(0, "a")
    const a = set.start()
    await a.until(() => a.values.length === 1)
    const joining = set.broker.arrival(ApiKey.JoinGroup)
    set.group.admitSilent("slow")
    await joining
    // The group has moved on, and this member's join is about to tell it so.
    set.broker.next(ApiKey.OffsetCommit, () => ({ topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: ErrorCode.ILLEGAL_GENERATION }] }] }))
    await expect(a.consumer.commit()).rejects.toMatchObject({ codeName: "ILLEGAL_GENERATION" })
    set.group.expel("slow")
    await a.until(() => a.events.length === 2)
    await set.broker.arrival(ApiKey.Heartbeat)
    expect([a.events, a.consumer.generationId]).toEqual([["+0", "+"], 2])
  })

  it("tries again while the coordinator is not ready or cannot be reached", async () => {
    await using set = await setUp()
    const notYet = (errorCode: number) => () => ({ errorCode, memberId: "", protocolName: "", leader: "", members: [], skipAssignment: false })
    set.broker.next(ApiKey.JoinGroup, notYet(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS))
    set.broker.next(ApiKey.JoinGroup, notYet(ErrorCode.NOT_COORDINATOR))
    set.broker.next(ApiKey.JoinGroup, () => hangUp)
    set.broker.next(ApiKey.SyncGroup, () => ({ errorCode: ErrorCode.REBALANCE_IN_PROGRESS, assignment: Buffer.alloc(0) }))
    const a = set.start()
    await a.until(() => a.events.length === 1)
    expect(a.events).toEqual(["+0123"])
  })

  it("throws what will not pass", async () => {
    await using set = await setUp()
    set.broker.next(ApiKey.JoinGroup, () => ({ errorCode: ErrorCode.INCONSISTENT_GROUP_PROTOCOL, memberId: "", protocolName: "", leader: "", members: [], skipAssignment: false }))
    const a = set.start()
    await expect(a.until(() => false)).rejects.toMatchObject({ codeName: "INCONSISTENT_GROUP_PROTOCOL" })
    const b = set.start()
    await b.until(() => b.events.length === 1)
    set.broker.next(ApiKey.Heartbeat, () => ({ errorCode: ErrorCode.FENCED_INSTANCE_ID }))
    await expect(b.until(() => false)).rejects.toMatchObject({ codeName: "FENCED_INSTANCE_ID" })
  })

  it("stays in the group as a static member", async () => {
    await using set = await setUp({ groupInstanceId: "one" })
    const a = set.start()
    await a.until(() => a.events.length === 1)
    await a.stop()
    await a.consumer.close()
    expect([set.group.members.size, set.broker.received(ApiKey.LeaveGroup).length]).toEqual([1, 0])
    expect(set.broker.received(ApiKey.JoinGroup)[0]?.body.groupInstanceId).toBe("one")
    expect(set.broker.received(ApiKey.Heartbeat).every(({ body }) => body.groupInstanceId === "one")).toBe(true)
  })

  it("refuses options that cannot be meant", async () => {
    const options = { bootstrapServers: "h:1", groupId: "g" }
    expect(() => new GroupConsumer({ ...options, heartbeatIntervalMillis: 50_000 })).toThrow("heartbeatIntervalMillis")
    expect(() => new GroupConsumer({ ...options, partitionAssignors: ["nope" as never] })).toThrow("nope")
    expect(() => new GroupConsumer({ ...options, groupId: "" })).toThrow("groupId")
    const consumer = new GroupConsumer(options)
    expect(() => consumer.assign()).toThrow("subscribe")
    await expect(consumer.poll(0)).rejects.toThrow("subscribe")
    await consumer.close()
  })
})
