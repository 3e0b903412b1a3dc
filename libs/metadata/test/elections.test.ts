import { describe, expect, it } from "vitest"
import { alterPartition, BrokerSessions, createTopics, electLeaders, incrementalAlterConfigs, LeaderMoves, probeIntervalMillis, registerBroker } from "../src/index.ts"
import type { AlterPartitionOptions } from "../src/index.ts"
import { TestCluster, uuid } from "./cluster.ts"
import { state, withTopic } from "./withTopic.ts"

const setConfig = (cluster: TestCluster, name: string, value: string) => cluster.apply(incrementalAlterConfigs(cluster.image, {
  validateOnly: false, resources: [{ resourceType: 2, resourceName: "t", configs: [{ name, configOperation: 0, value }] }]
}, cluster.context)).responses[0]?.errorCode

describe("fencing and elections", () => {
  it("makes eligible leaders of those that leave below the minimum, and none at or above it", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.fence(3)
    expect(state(cluster)).toEqual([1, [1, 2], [], []])
    cluster.fence(1)
    expect(state(cluster)).toEqual([2, [2], [1], []])
    cluster.fence(2)
    expect(state(cluster)).toEqual([-1, [2], [1], []])
    // Not complete, so of no use.
    cluster.unfence(3)
    expect(state(cluster)).toEqual([-1, [2], [1], []])
    // An eligible leader is the whole in-sync set, and the last one becomes eligible in its place.
    cluster.unfence(1)
    expect(state(cluster)).toEqual([1, [1], [2], []])
    cluster.unfence(2)
    expect(state(cluster)).toEqual([1, [1], [2], []])
  })

  it("elects the last in-sync replica before an eligible one", () => {
    const cluster = withTopic([1, 2, 3])
    for (const id of [3, 2, 1]) cluster.fence(id)
    expect(state(cluster)).toEqual([-1, [1], [2], []])
    cluster.unfence(1)
    expect(state(cluster)).toEqual([1, [1], [2], []])
  })

  it("stays offline without a complete replica, unless the topic prefers losing data", () => {
    const cluster = withTopic([1, 2, 3], { "min.insync.replicas": "1" })
    cluster.fence(2)
    cluster.fence(3)
    cluster.fence(1)
    cluster.unfence(2)
    expect(state(cluster)).toEqual([-1, [1], [], []])
    const { leaderEpoch } = cluster.partition("t")
    expect(setConfig(cluster, "unclean.leader.election.enable", "true")).toBe(0)
    expect(state(cluster)).toEqual([2, [2], [], []])
    expect(cluster.partition("t")).toMatchObject({ leaderRecoveryState: 1, leaderEpoch: leaderEpoch + 1 })
    // From now on by itself.
    cluster.fence(2)
    cluster.unfence(3)
    expect(state(cluster)[0]).toBe(3)
  })

  it("goes by what the cluster prefers once the topic says nothing else any more", () => {
    const unclean = "unclean.leader.election.enable"
    const cluster = withTopic([1, 2], { [unclean]: "false" })
    cluster.apply(incrementalAlterConfigs(cluster.image, {
      resources: [{ resourceType: 4, resourceName: "", configs: [{ name: unclean, value: "true", configOperation: 0 }] }], validateOnly: false
    }, cluster.context))
    cluster.fence(2)
    cluster.fence(1)
    cluster.unfence(2)
    expect(state(cluster)[0]).toBe(-1)
    const configs = [{ name: unclean, value: null, configOperation: 1 }]
    cluster.apply(incrementalAlterConfigs(cluster.image, { resources: [{ resourceType: 2, resourceName: "t", configs }], validateOnly: false }, cluster.context))
    expect(state(cluster)).toEqual([2, [2], [], []])
  })

  it("prefers, among those that may have lost something, who led last", () => {
    const cluster = withTopic([1, 2, 3], { "unclean.leader.election.enable": "true", "min.insync.replicas": "2" })
    cluster.fence(1)
    cluster.fence(2)
    expect(state(cluster)).toEqual([3, [3], [2], []])
    cluster.fence(3)
    cluster.restart(2, 2, { startClass: 3 })
    cluster.restart(3, 2, { startClass: 3 })
    expect(state(cluster)).toEqual([-1, [], [], [2, 3]])
    cluster.unfence(3)
    expect([state(cluster), cluster.partition("t").leaderRecoveryState]).toEqual([[3, [3], [], []], 1])
  })
})

describe("restart classes", () => {
  const restarted = (more: Parameters<TestCluster["restart"]>[2], sets: { last: boolean }) => {
    const cluster = withTopic([1, 2, 3])
    for (const id of [1, 2, 3]) cluster.heartbeat(id)
    cluster.fence(3)
    cluster.fence(2)
    if (sets.last) cluster.fence(1)
    cluster.restart(sets.last ? 1 : 2, 2, more)
    return state(cluster)
  }

  it.each([
    ["closed in order", { startClass: 1 }, true],
    ["crashed with its storage intact", { startClass: 2 }, true],
    ["crashed with an older broker epoch", { startClass: 2, previousBrokerEpoch: 0 - 1 }, true],
    ["closed in order with another broker epoch", { startClass: 1, previousBrokerEpoch: -2 }, false],
    ["with fewer commits than it reported", { startClass: 1, commitSequence: 99 }, false],
    ["suspect", { startClass: 3 }, false]
  ] as const)("%s: in its sets %#", (_, more, isKept) => {
    // -1 is the epoch of a broker that was never unfenced by a heartbeat, as here.
    expect(restarted(more, { last: false })).toEqual([1, [1], isKept ? [2] : [], isKept ? [] : [2]])
    expect(restarted(more, { last: true })).toEqual(isKept ? [-1, [1], [2], []] : [-1, [], [2], [1]])
  })

  it("empty or with another directory: in no set and not even the last known", () => {
    expect(restarted({ startClass: 0 }, { last: true })).toEqual([-1, [], [2], []])
    expect(restarted({ startClass: 1, logDirs: [uuid(5)] }, { last: true })).toEqual([-1, [], [2], []])
  })

  it("empty as the last one in sync: an administrator's election takes who has some of it before who has nothing", () => {
    const cluster = withTopic([1, 2, 3], { "min.insync.replicas": "1" })
    for (const id of [2, 3, 1]) cluster.fence(id)
    expect(state(cluster)).toEqual([-1, [1], [], []])
    cluster.restart(1, 2, { startClass: 0 })
    expect(state(cluster)).toEqual([-1, [], [], [2, 3]])
    cluster.heartbeat(1)
    cluster.unfence(3)
    expect(state(cluster)[0]).toBe(-1)
    cluster.apply(electLeaders(cluster.image, { electionType: 1, topicPartitions: [{ topic: "t", partitions: [0] }], timeoutMs: 0 }, cluster.context))
    expect([state(cluster), cluster.partition("t").leaderRecoveryState]).toEqual([[3, [3], [], []], 1])
  })

  it("records the directory of a replica that has another one", () => {
    const cluster = withTopic([1, 2])
    cluster.fence(2)
    cluster.restart(2, 2, { startClass: 0, logDirs: [uuid(5)] })
    expect(cluster.partition("t").directories).toEqual([uuid(9001), uuid(5)])
  })

  it("lets the epoch before the last one pass only while the last one was never in service", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.fence(3)
    const first = cluster.restart(2, 2)
    cluster.heartbeat(2)
    expect(cluster.image.storageEpoch(2)).toBe(first)
    // Registered, and dead before it had stored the new epoch.
    cluster.restart(2, 3)
    cluster.restart(2, 4, { previousBrokerEpoch: first })
    expect(state(cluster)).toEqual([1, [1], [2], []])
    cluster.heartbeat(2)
    cluster.restart(2, 5, { previousBrokerEpoch: first })
    expect(state(cluster)).toEqual([1, [1], [], [2]])
  })

  it("keeps a cluster electable that lost its power as a whole", () => {
    const cluster = withTopic([1, 2, 3])
    for (const id of [1, 2, 3]) cluster.restart(id, 2)
    expect(state(cluster)).toEqual([-1, [3], [2], []])
    cluster.heartbeat(1)
    cluster.heartbeat(2)
    expect(state(cluster)).toEqual([2, [2], [3], []])
  })

  it("elects nobody who may have lost something where others had a copy", () => {
    const cluster = withTopic([1, 2], { "min.insync.replicas": "2" })
    for (const id of [2, 1]) {
      cluster.restart(id, 2, { startClass: 3 })
      cluster.heartbeat(id)
    }
    expect(state(cluster)).toEqual([-1, [], [], [1, 2]])
  })

  it("lets the only replica go on with what is left of it, and never with nothing", () => {
    const cluster = withTopic([1], {}, [1, 2])
    cluster.restart(1, 2, { startClass: 3 })
    cluster.heartbeat(1)
    expect([state(cluster), cluster.partition("t").leaderRecoveryState]).toEqual([[1, [1], [], []], 1])
    cluster.restart(1, 3, { startClass: 0 })
    cluster.heartbeat(1)
    expect(state(cluster)).toEqual([-1, [], [], []])
  })

  it("proves by the directory that the old process is dead; another directory has to wait", () => {
    const cluster = withTopic([1, 2, 3])
    const request = (logDir: number) => ({ brokerId: 1, incarnationId: uuid(7), endPoints: [], rack: null, logDirs: [uuid(logDir)], startClass: 1, previousBrokerEpoch: cluster.epochOf(1), commitSequence: 0 })
    expect(registerBroker(cluster.image, request(5), cluster.context).response.errorCode).toBe(101)
    const before = cluster.epochOf(1)
    expect(cluster.apply(registerBroker(cluster.image, request(9001), cluster.context)).brokerEpoch).toBeGreaterThan(before)
    expect([cluster.image.isUnfenced(1), state(cluster)]).toEqual([false, [2, [2, 3], [], []]])
  })
})

describe("brokerHeartbeat", () => {
  it("unfences a broker that has applied its registration, and not before", () => {
    const cluster = withTopic([1, 2])
    const epoch = cluster.restart(2, 2)
    expect(cluster.heartbeat(2, { metadataOffset: epoch })).toEqual({ errorCode: 0, isCaughtUp: false, isFenced: true, shouldShutDown: false })
    expect(cluster.heartbeat(2, { metadataOffset: epoch + 1 })).toEqual({ errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false })
    const before = cluster.records
    expect([cluster.heartbeat(2).isFenced, cluster.records]).toEqual([false, before])
    expect([cluster.heartbeat(2, { wantFence: true }).isFenced, cluster.image.isUnfenced(2)]).toEqual([true, false])
    expect(cluster.heartbeat(2, { brokerEpoch: 0 }).errorCode).toBe(77)
    expect(cluster.heartbeat(9).errorCode).toBe(102)
  })

  it("leaves a broker that asks to be fenced what it alone has, and nothing else", () => {
    const cluster = withTopic([1, 2])
    const alone = { name: "alone", numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [1] }], configs: [] }
    cluster.apply(createTopics(cluster.image, { topics: [alone], timeoutMs: 0, validateOnly: false }, cluster.context))
    expect(cluster.heartbeat(1, { wantFence: true }).isFenced).toBe(false)
    expect(["t", "alone"].map((topic) => cluster.partition(topic).isr)).toEqual([[2], [1]])
    const before = cluster.records
    expect([cluster.heartbeat(1, { wantFence: true }).isFenced, cluster.records]).toEqual([false, before])
  })

  it("does not take back into a set whom it has just led out of it because its disk takes nothing", () => {
    const cluster = withTopic([1, 2])
    const alone = { name: "alone", numPartitions: -1, replicationFactor: -1, assignments: [{ partitionIndex: 0, brokerIds: [1] }], configs: [] }
    cluster.apply(createTopics(cluster.image, { topics: [alone], timeoutMs: 0, validateOnly: false }, cluster.context))
    cluster.heartbeat(1, { wantFence: true })
    // Nothing is written to the partition, so the replica is where its leader is.
    expect([propose(cluster, [1, 2]).errorCode, state(cluster)]).toEqual([107, [2, [2], [], []]])
    cluster.heartbeat(1)
    expect([propose(cluster, [1, 2]).errorCode, state(cluster)]).toEqual([0, [2, [1, 2], [], []]])
  })

  it("lets a broker whose disk takes nothing serve what it alone has, also one that was fenced when it asked", () => {
    const cluster = withTopic([1], {}, [1, 2])
    cluster.restart(1, 2)
    expect(state(cluster)).toEqual([-1, [1], [], []])
    expect([cluster.heartbeat(1, { wantFence: true }).isFenced, state(cluster)]).toEqual([false, [1, [1], [], []]])
    cluster.restart(2, 2)
    expect(cluster.heartbeat(2, { wantFence: true }).isFenced).toBe(true)
  })

  it("takes nothing from a heartbeat that shows less than an earlier one", () => {
    const cluster = withTopic([1, 2])
    cluster.heartbeat(2)
    cluster.now = 2999
    expect(cluster.heartbeat(2, { commitSequence: 99 }).errorCode).toBe(77)
    expect(cluster.heartbeat(2, { metadataOffset: cluster.records - 1 }).errorCode).toBe(77)
    cluster.now = 3000
    expect(cluster.sessions.expired(cluster.image, cluster.now).map((it) => it.brokerId)).toEqual([2])
  })

  it("hands over portion by portion, and lets go when the others know", () => {
    const cluster = new TestCluster([1, 2, 3])
    const assignments = Array.from({ length: 5 }, (_, partitionIndex) => ({ partitionIndex, brokerIds: [1, 2, 3] }))
    cluster.apply(createTopics(cluster.image, { topics: [{ name: "t", numPartitions: -1, replicationFactor: -1, assignments, configs: [] }], timeoutMs: 0, validateOnly: false }, cluster.context))
    cluster.limits = { movesPerDecisionMax: 2 }
    const led = () => cluster.image.topic("t")!.partitions.filter((it) => it.isr.includes(1)).length
    for (const left of [3, 1, 0]) {
      expect([cluster.heartbeat(1, { wantShutDown: true }), led()]).toEqual([{ errorCode: 0, isCaughtUp: true, isFenced: false, shouldShutDown: false }, left])
    }
    expect(cluster.image.topic("t")!.partitions.every((it) => it.leader === 2)).toBe(true)
    cluster.heartbeat(2)
    cluster.heartbeat(3, { metadataOffset: cluster.records - 1 })
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(false)
    cluster.heartbeat(3)
    expect(cluster.heartbeat(1, { wantShutDown: true })).toMatchObject({ shouldShutDown: true, isFenced: true })
    expect([cluster.image.isUnfenced(1), cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown]).toEqual([false, true])
  })

  it("keeps a stopping broker in sync while it is needed and somebody is catching up", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.restart(3, 2)
    for (const id of [2, 3]) cluster.heartbeat(id)
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(false)
    expect(state(cluster)).toEqual([2, [1, 2], [], []])
    expect(propose(cluster, [1, 2, 3])).toMatchObject({ errorCode: 0, isr: [1, 2, 3] })
    cluster.heartbeat(1, { wantShutDown: true })
    expect(state(cluster)).toEqual([2, [2, 3], [], []])
    // Out, and not to come back.
    expect(propose(cluster, [1, 2, 3]).errorCode).toBe(107)
    for (const id of [2, 3]) cluster.heartbeat(id)
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(true)
  })

  it("does not wait for who is not there", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.fence(3)
    cluster.heartbeat(1, { wantShutDown: true })
    expect(state(cluster)).toEqual([2, [2], [1], []])
    cluster.heartbeat(2)
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(true)
  })

  it("lets the last one lead until it stops", () => {
    const cluster = withTopic([1])
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(false)
    expect(state(cluster)).toEqual([1, [1], [], []])
    expect(cluster.heartbeat(1, { wantShutDown: true }).shouldShutDown).toBe(true)
    expect(state(cluster)).toEqual([-1, [1], [], []])
  })
})

describe("BrokerSessions", () => {
  it("ends a session that nothing renewed, and gives a new controller's brokers and those of a stalled one another", () => {
    const cluster = withTopic([1, 2, 3])
    const expired = (now: number) => sessions.expired(cluster.image, now).map((it) => it.brokerId)
    const sessions = new BrokerSessions(3000)
    sessions.grantAll(cluster.image.brokers, 100)
    sessions.heard({ brokerId: 2, brokerEpoch: cluster.epochOf(2), metadataOffset: 1, commitSequence: 1, wantFence: false, wantShutDown: false }, 1000)
    expect([expired(3099), expired(3100), expired(4000)]).toEqual([[], [1, 3], [1, 2, 3]])
    sessions.stalled(500)
    expect([expired(3599), expired(3600)]).toEqual([[], [1, 3]])
    cluster.fence(1)
    expect(expired(3600)).toEqual([3])
  })

  it("takes a suspect for gone after three probes that found nobody, and not when one of them found somebody", () => {
    const cluster = withTopic([1, 2])
    const { sessions } = cluster
    sessions.grantAll(cluster.image.brokers, 0)
    sessions.suspect(1, 0)
    sessions.suspect(2, 0)
    // Its connection may only be moving to another server: it is asked in a while.
    expect([sessions.probesDue(0), sessions.probesDue(probeIntervalMillis), sessions.probesDue(probeIntervalMillis + 1)]).toEqual([[], [1, 2], []])
    for (const id of [1, 2]) sessions.probedInVain(id)
    expect(sessions.probesDue(2 * probeIntervalMillis)).toEqual([1, 2])
    for (const id of [1, 2]) sessions.probedInVain(id)
    expect([sessions.isSuspect(1), sessions.expired(cluster.image, 2 * probeIntervalMillis)]).toEqual([true, []])
    sessions.cleared(1)
    expect([sessions.isSuspect(1), sessions.probesDue(3 * probeIntervalMillis)]).toEqual([false, [2]])
    sessions.probedInVain(2)
    expect(sessions.expired(cluster.image, 3 * probeIntervalMillis).map((it) => it.brokerId)).toEqual([2])
    expect(sessions.probesDue(4 * probeIntervalMillis)).toEqual([])
    cluster.now = 3 * probeIntervalMillis
    cluster.heartbeat(2)
    expect(sessions.expired(cluster.image, cluster.now)).toEqual([])
  })
})

let sequence = 0
const propose = (
  cluster: TestCluster, ids: number[],
  more: { leaderEpoch?: number; partitionEpoch?: number; brokerEpochs?: number[]; from?: number; options?: Partial<AlterPartitionOptions>; sequence?: number } = {}
) => {
  const { leader, leaderEpoch, partitionEpoch } = cluster.partition("t")
  const brokerId = more.from ?? leader
  const partition = {
    partitionIndex: 0, leaderEpoch: more.leaderEpoch ?? leaderEpoch, partitionEpoch: more.partitionEpoch ?? partitionEpoch,
    newIsr: ids.map((id, at) => ({ brokerId: id, brokerEpoch: more.brokerEpochs?.[at] ?? cluster.epochOf(id) }))
  }
  const request = {
    brokerId, brokerEpoch: cluster.epochOf(brokerId), controllerEpoch: 1, sequence: more.sequence ?? ++sequence,
    topics: [{ topicId: cluster.image.topic("t")!.topicId, partitions: [partition] }]
  }
  const options = { sessions: cluster.sessions, nowMillis: cluster.now, ...more.options }
  const response = cluster.apply(alterPartition(cluster.image, request, cluster.context, options))
  return response.errorCode === 0 ? response.topics[0]!.partitions[0]! : { errorCode: response.errorCode, isr: [] }
}

describe("alterPartition", () => {
  it("shrinks and grows, and confirms what is in force", () => {
    const cluster = withTopic([1, 2, 3])
    const { leaderEpoch } = cluster.partition("t")
    expect(propose(cluster, [1, 3])).toEqual({ partitionIndex: 0, errorCode: 0, leaderId: 1, leaderEpoch, isr: [1, 3], partitionEpoch: 1 })
    expect(propose(cluster, [1])).toMatchObject({ errorCode: 0, isr: [1], partitionEpoch: 2 })
    expect(state(cluster)).toEqual([1, [1], [3], []])
    const before = cluster.records
    expect(propose(cluster, [1], { partitionEpoch: 1 })).toMatchObject({ errorCode: 0, isr: [1], partitionEpoch: 2 })
    expect(propose(cluster, [1])).toMatchObject({ errorCode: 0, partitionEpoch: 2 })
    expect(cluster.records).toBe(before)
    expect(propose(cluster, [2, 1])).toMatchObject({ errorCode: 0, isr: [1, 2] })
    expect(state(cluster)).toEqual([1, [1, 2], [], []])
  })

  it("refuses what is old, foreign, impossible or not eligible, for good", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.register(2, 2)
    propose(cluster, [1, 3])
    cluster.fence(3)
    const before = cluster.records
    const { leaderEpoch, partitionEpoch } = cluster.partition("t")
    expect([
      propose(cluster, [1, 2], { leaderEpoch: leaderEpoch - 1 }), propose(cluster, [1, 2], { leaderEpoch: leaderEpoch + 1 }),
      propose(cluster, [1, 2], { partitionEpoch: partitionEpoch - 1 }), propose(cluster, [1, 2], { partitionEpoch: partitionEpoch + 1 }),
      propose(cluster, [1, 2], { from: 2 }), propose(cluster, [2]), propose(cluster, []), propose(cluster, [1, 1]), propose(cluster, [1, 9], { brokerEpochs: [cluster.epochOf(1), 0] }),
      propose(cluster, [1, 3]), propose(cluster, [1, 2], { brokerEpochs: [cluster.epochOf(1), cluster.epochOf(2) - 1] })
    ].map((it) => it.errorCode)).toEqual([74, 41, 95, 41, 42, 42, 42, 42, 42, 107, 107])
    const refused = sequence - 1
    cluster.unfence(3)
    expect(propose(cluster, [1, 3], { sequence: refused }).errorCode).toBe(95)
    expect(cluster.records).toBe(before + 2)
  })

  it("takes a member that its leader has not heard yet", () => {
    const cluster = withTopic([1, 2, 3])
    expect(propose(cluster, [1, 3], { brokerEpochs: [cluster.epochOf(1), -1] })).toMatchObject({ errorCode: 0, isr: [1, 3] })
    expect(propose(cluster, [1, 2, 3], { brokerEpochs: [cluster.epochOf(1), -1, -1] }).errorCode).toBe(107)
  })

  it("moves the leader away from one that reaches nobody, at most once to each", () => {
    const cluster = withTopic([1, 2, 3])
    const moves = new LeaderMoves(10_000)
    const alone = (now: number) => {
      cluster.now = now
      return propose(cluster, [cluster.partition("t").leader], { options: { moves } }).errorCode
    }
    expect([alone(0), state(cluster)]).toEqual([108, [2, [1, 2, 3], [], []]])
    expect([alone(1), state(cluster)]).toEqual([108, [1, [1, 2, 3], [], []]])
    expect([alone(2), state(cluster)]).toEqual([0, [1, [1], [2, 3], []]])
    propose(cluster, [1, 2])
    expect([alone(10_000), state(cluster)]).toEqual([108, [2, [1, 2], [], []]])
  })

  it("says that a leader has recovered from an unclean election when all replicas are in sync: who is away may hold what was given up", () => {
    const cluster = withTopic([1, 2, 3], { "unclean.leader.election.enable": "true", "min.insync.replicas": "1" })
    for (const id of [3, 2, 1]) cluster.fence(id)
    cluster.unfence(2)
    expect([state(cluster)[0], cluster.partition("t").leaderRecoveryState]).toEqual([2, 1])
    cluster.unfence(1)
    propose(cluster, [1, 2])
    expect([state(cluster), cluster.partition("t").leaderRecoveryState]).toEqual([[2, [1, 2], [], []], 1])
    cluster.unfence(3)
    propose(cluster, [1, 2, 3])
    expect([state(cluster), cluster.partition("t").leaderRecoveryState]).toEqual([[2, [1, 2, 3], [], []], 0])
  })

  it("clears eligible leaders with the minimum they were chosen by", () => {
    const cluster = withTopic([1, 2, 3])
    propose(cluster, [1])
    expect(state(cluster)).toEqual([1, [1], [2, 3], []])
    const { partitionEpoch } = cluster.partition("t")
    setConfig(cluster, "min.insync.replicas", "1")
    expect([state(cluster), cluster.partition("t").partitionEpoch]).toEqual([[1, [1], [], []], partitionEpoch + 1])
  })

  it("keeps, where nobody is in sync, who had everything last: an unclean election chooses by it", () => {
    const cluster = withTopic([1, 2, 3])
    for (const id of [1, 2, 3]) cluster.heartbeat(id)
    for (const id of [3, 2, 1]) cluster.fence(id)
    cluster.restart(1, 2, { startClass: 3 })
    expect(state(cluster)).toEqual([-1, [], [2], [1]])
    setConfig(cluster, "min.insync.replicas", "1")
    expect(state(cluster)).toEqual([-1, [], [], [1, 2]])
  })
})
