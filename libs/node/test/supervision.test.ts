import type { GroupCallName, GroupCalls } from "@tailrace/contracts"
import { recordCodecs } from "@tailrace/codecs"
import { encodeGroupMetadataKey, encodeGroupMetadataValue, ErrorCode, Versioned } from "@tailrace/kafka-protocol"
import { StoreError } from "@tailrace/log"
import { BatchBuilder } from "@tailrace/record"
import { beforeEach, describe, expect, it, vi } from "vitest"
import { TestNode } from "./TestNode.ts"

let test: TestNode

beforeEach(async () => {
  test = await TestNode.start()
})

const newTopic = (name: string) => ({
  topics: [{ name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }], timeoutMs: 0, validateOnly: false
})

/** The code that a topic was created with, or the code of the refusal. */
const create = (name: string): Promise<number> =>
  test.node.controller.ask("createTopics", newTopic(name), 7).then(
    ({ topics }) => topics[0]!.errorCode,
    (cause: { readonly errorCode: number }) => cause.errorCode
  )

/** A request that no decision is prepared for: the actor dies of it. */
const poison = (): Promise<number> =>
  test.node.controller.ask("createTopics", undefined as never, 7).then(() => 0, (cause: { readonly errorCode: number }) => cause.errorCode)

describe("the controller", () => {
  it("comes back from a defect; whoever queued is answered, and only the request behind it hears of it", async () => {
    const answers = [create("a"), poison(), create("b"), create("a")]
    expect(await test.run(Promise.all(answers), 1_000)).toEqual([0, ErrorCode.UNKNOWN_SERVER_ERROR, 0, ErrorCode.TOPIC_ALREADY_EXISTS])
    expect([...test.node.metadata.topics].map((it) => it.name)).toEqual(["a", "b"])
    expect(test.failure).toBeUndefined()
  })

  it("still knows after a defect what it has decided and the disk has not confirmed", async () => {
    test.store.holdFlushes()
    const created = create("a")
    await test.settle()
    const poisoned = poison()
    const again = create("a")
    await test.advance(1_000)
    expect(test.node.metadata.topic("a")).toBeUndefined()
    test.store.releaseFlushes()
    expect(await test.run(Promise.all([created, poisoned, again]))).toEqual([0, ErrorCode.UNKNOWN_SERVER_ERROR, ErrorCode.TOPIC_ALREADY_EXISTS])
    expect(test.node.partition(test.node.metadata.topic("a")!.topicId, 0)?.leaderEpoch).toBe(0)
  })

  it("answers in the order of its decisions, and none before it is durable", async () => {
    test.store.holdFlushes()
    const order: Array<string> = []
    for (const name of ["a", "b", "a"]) void create(name).then((code) => order.push(`${name} ${code}`))
    await test.advance(1_000)
    // That "a" exists already is no answer as long as it may be lost.
    expect(order).toEqual([])
    test.store.releaseFlushes()
    await test.settle()
    expect(order).toEqual(["a 0", "b 0", "a 36"])
  })

  it("that dies again and again ends the node", async () => {
    for (let i = 0; i < 6; i++) {
      expect(await test.run(poison())).toBe(ErrorCode.UNKNOWN_SERVER_ERROR)
    }
    await test.advance(10_000)
    expect(test.failure).toMatchObject({ _tag: "ActorCrashed", address: "controller" })
    expect(await test.run(create("a"))).toBe(ErrorCode.NOT_CONTROLLER)
  })

  it("gives every node's producers ids of their own", async () => {
    const ids = await test.run(Promise.all(Array.from({ length: 2_500 }, () => test.node.nextProducerId())))
    expect(new Set(ids).size).toBe(2_500)
  })
})

describe("a shard of group coordinators", () => {
  const groupId = "billing"

  beforeEach(async () => {
    await test.run(test.node.groups.find([groupId]))
    await test.run(create("orders"))
  })

  interface Question<A> {
    readonly answers: Array<A | number>
    readonly abandon: () => void
  }

  function ask<K extends GroupCallName>(kind: K, request: GroupCalls[K]["request"]): Question<GroupCalls[K]["response"]> {
    const answers: Array<GroupCalls[K]["response"] | number> = []
    const abandon = test.node.groups.ask(kind, request, (answer) => answers.push(answer))
    return { answers, abandon }
  }

  const commit = (committedOffset: number, group = groupId) =>
    ask("commitOffsets", {
      groupId: group, apiVersion: 8, memberId: "", generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1,
      topics: [{ name: "orders", partitions: [{ partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: "" }] }]
    })
  const ok = { topics: [{ name: "orders", partitions: [{ partitionIndex: 0, errorCode: 0 }] }] }

  const fetchOffset = () => ask("fetchOffsets", { groupId, memberId: null, memberEpoch: -1, topics: null })
  const offsetIn = ({ answers }: ReturnType<typeof fetchOffset>) => {
    const [answer] = answers
    return typeof answer === "object" ? answer.topics[0]?.partitions[0]?.committedOffset : answer
  }

  const subscription = [{ name: "range", metadata: Buffer.from("m") }]
  const join = (protocols: unknown = subscription, memberId = "") =>
    ask("joinGroup", {
      groupId, apiVersion: 3, clientId: "c", clientHost: "/h", memberId, groupInstanceId: null, protocolType: "consumer",
      sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, reason: null, protocols: protocols as never
    })

  it("comes back from a defect with everything that was committed; the others are told to look again", async () => {
    const committed = commit(5)
    await test.settle()
    expect(committed.answers).toEqual([ok])
    test.store.holdFlushes()
    const waiting = commit(6)
    await test.settle()
    const poisoned = join(null)
    const behind = fetchOffset()
    await test.settle()
    expect([poisoned.answers, waiting.answers, behind.answers]).toEqual([
      [ErrorCode.UNKNOWN_SERVER_ERROR], [ErrorCode.NOT_COORDINATOR], [ErrorCode.NOT_COORDINATOR]
    ])
    await test.advance(1_000)
    // The new life has to know what the old one has appended, and the disk has not confirmed that yet.
    const early = fetchOffset()
    await test.settle()
    expect(early.answers).toEqual([ErrorCode.COORDINATOR_LOAD_IN_PROGRESS])
    test.store.releaseFlushes()
    await test.settle()
    const after = fetchOffset()
    await test.settle()
    expect([offsetIn(after), waiting.answers.length]).toEqual([6, 1])
    const next = commit(7)
    await test.settle()
    expect(next.answers).toEqual([ok])
  })

  it("that dies again and again comes back more and more rarely, and ends nothing but itself", async () => {
    for (let deaths = 0; deaths < 12; deaths++) {
      const poisoned = join(null)
      await test.settle()
      const early = commit(5)
      await test.settle()
      expect([poisoned.answers, early.answers]).toEqual([[ErrorCode.UNKNOWN_SERVER_ERROR], [ErrorCode.COORDINATOR_LOAD_IN_PROGRESS]])
      await test.advance(Math.min(100 * 2 ** deaths, 30_000) + 10)
    }
    expect(test.failure).toBeUndefined()
    const committed = commit(6)
    await test.settle()
    expect(committed.answers).toEqual([ok])
  })

  it("whose log says what cannot be is not available, and the node lives on", async () => {
    const member = {
      memberId: "m", groupInstanceId: null, clientId: "c", clientHost: "/h", rebalanceTimeout: 1, sessionTimeout: 1,
      subscription: Buffer.alloc(0), assignment: Buffer.alloc(0)
    }
    const twice = { protocolType: "consumer", generation: 1, protocol: "range", leader: "m", currentStateTimestamp: 1, members: [member, member] }
    const builder = new BatchBuilder({ codecs: recordCodecs, bytesMax: 10_000 })
    builder.append({
      timestamp: 1, key: Versioned.encode(encodeGroupMetadataKey, 2, { group: "twice" }), value: Versioned.encode(encodeGroupMetadataValue, 3, twice)
    })
    const partition = test.node.partition(test.node.metadata.topic("__consumer_offsets")!.topicId, 0)!
    partition.append(builder.build(), { acks: -1, timeoutMillis: 1_000, produceVersion: 9 }, () => undefined)
    await test.settle()
    const [shard] = test.node.groups.all()
    shard!.load()
    await test.advance(30_000)
    const fetched = fetchOffset()
    expect([test.failure, fetched.answers]).toEqual([undefined, [ErrorCode.COORDINATOR_NOT_AVAILABLE]])
    // At once, and after 1, 3, 7 and 15 seconds.
    expect(test.log.lines.filter((line) => line.includes("cannot read its log"))).toHaveLength(5)
  })

  it("that could not read its log tries again by itself, less and less often", async () => {
    const committed = commit(5)
    await test.settle()
    expect(committed.answers).toEqual([ok])
    const [shard] = test.node.groups.all()
    const { log } = test.node.partition(test.node.metadata.topic("__consumer_offsets")!.topicId, 0)!
    const read = vi.spyOn(log, "readVerified").mockImplementation(() => Promise.reject(new StoreError("disk", "read", new Error("EIO"))))
    shard!.load()
    await test.advance(100)
    const early = fetchOffset()
    expect([early.answers, read.mock.calls.length]).toEqual([[ErrorCode.COORDINATOR_NOT_AVAILABLE], 1])
    await test.advance(3_600_000)
    const { length } = read.mock.calls
    expect(length).toBeGreaterThan(60)
    expect(length).toBeLessThan(70)
    read.mockRestore()
    await test.advance(60_000)
    const after = fetchOffset()
    await test.settle()
    expect([offsetIn(after), test.failure]).toEqual([5, undefined])
  })

  it("lives on whatever a client calls its group", async () => {
    const grown = Buffer.alloc(20_000, 0xff).toString()
    for (let i = 0; i < 6; i++) {
      const refused = commit(5, grown)
      await test.advance(5_000)
      const errorCode = ErrorCode.INVALID_GROUP_ID
      expect(refused.answers).toEqual([{ topics: [{ name: "orders", partitions: [{ partitionIndex: 0, errorCode }] }] }])
    }
    expect(test.failure).toBeUndefined()
  })

  it("answers who finds its mailbox full, and hears all the same that it must load", async () => {
    const questions = Array.from({ length: 1_100 }, () => ask("describeGroup", { groupId, apiVersion: 5 }))
    const refused = questions.filter(({ answers }) => answers[0] === ErrorCode.COORDINATOR_NOT_AVAILABLE)
    expect(refused).toHaveLength(1_100 - 1_024)
    const [shard] = test.node.groups.all()
    shard!.resign()
    shard!.load()
    expect(shard!.isLoaded).toBe(false)
    await test.settle()
    expect(shard!.isLoaded).toBe(true)
    for (const { answers } of questions) expect(answers).toHaveLength(1)
  })

  it("starts anew when a write was refused, after a pause", async () => {
    const shard = [...test.node.groups.all()][0]!
    const partition = test.node.partition(test.node.metadata.topic("__consumer_offsets")!.topicId, 0)!
    const { rules } = partition
    partition.rules = { ...rules, batchBytesMax: 10 }
    const refused = commit(5)
    await test.advance(900)
    // Of UNKNOWN_SERVER_ERROR the consumers of every group here would die.
    expect([refused.answers, shard.isLoaded]).toEqual([[ErrorCode.COORDINATOR_NOT_AVAILABLE], false])
    partition.rules = rules
    await test.advance(200)
    const accepted = commit(5)
    await test.settle()
    expect(accepted.answers).toEqual([ok])
  })

  it("refuses commits that fit no batch by themselves, whatever the batches of its log may hold now", async () => {
    const shard = [...test.node.groups.all()][0]!
    const partition = test.node.partition(test.node.metadata.topic("__consumer_offsets")!.topicId, 0)!
    const commitMany = (count: number) => {
      const partitions = Array.from({ length: count }, (_, partitionIndex) =>
        ({ partitionIndex, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: "" }))
      return ask("commitOffsets", {
        groupId, apiVersion: 8, memberId: "", generationIdOrMemberEpoch: -1, groupInstanceId: null, retentionTimeMs: -1,
        topics: [{ name: "orders", partitions }]
      })
    }
    const codesOf = ({ answers: [answer] }: ReturnType<typeof commitMany>) =>
      typeof answer === "object" ? [...new Set(answer.topics[0]!.partitions.map(({ errorCode }) => errorCode))] : answer
    const outcomes: Array<unknown> = []
    for (const count of [10_000, 15_000]) {
      const asked = commitMany(count)
      await test.settle()
      outcomes.push(codesOf(asked))
    }
    expect([outcomes, shard.isLoaded]).toEqual([[[0], [ErrorCode.INVALID_COMMIT_OFFSET_SIZE]], true])
    partition.rules = { ...partition.rules, batchBytesMax: 2_000 }
    shard.load()
    await test.settle()
    const [large, small] = [commitMany(100), commitMany(10)]
    await test.settle()
    expect([codesOf(large), codesOf(small), shard.isLoaded]).toEqual([[ErrorCode.INVALID_COMMIT_OFFSET_SIZE], [0], true])
  })

  it("of a node that is alone gives offsets while the metadata waits for the disk", async () => {
    const committed = commit(5)
    await test.settle()
    expect(committed.answers).toEqual([ok])
    test.store.holdFlushes()
    const created = create("payments")
    await test.settle()
    const fetched = fetchOffset()
    await test.settle()
    expect(offsetIn(fetched)).toBe(5)
    test.store.releaseFlushes()
    await test.run(created)
  })

  it("gives no answer to who has abandoned the question, and does not wait for them", async () => {
    const first = join()
    await test.settle()
    const { memberId } = first.answers[0] as GroupCalls["joinGroup"]["response"]
    const sync = ask("syncGroup", { groupId, generationId: 1, memberId, groupInstanceId: null, protocolType: null, protocolName: null, assignments: [] })
    await test.settle()
    expect(sync.answers).toHaveLength(1)
    // Abandoned in the mailbox, and abandoned while it is held.
    const unread = join()
    unread.abandon()
    const held = join()
    await test.settle()
    expect(held.answers).toEqual([])
    held.abandon()
    await test.settle()
    const again = join(subscription, memberId)
    await test.settle()
    expect((again.answers[0] as GroupCalls["joinGroup"]["response"]).members).toHaveLength(1)
    expect([unread.answers, held.answers]).toEqual([[], []])
    unread.abandon()
    held.abandon()
  })
})
