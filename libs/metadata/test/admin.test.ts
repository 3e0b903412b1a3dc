import { describe, expect, it } from "vitest"
import {
  alterPartition, alterPartitionReassignments, balanceLeaders, createTopics, effectiveMinIsr, electLeaders, fenceBroker, incrementalAlterConfigs,
  listPartitionReassignments, nameCluster, partitionRoles, registerBroker, supportedFeatures, unregisterBroker
} from "../src/index.ts"
import { seeded } from "./seeded.ts"
import { TestCluster, uuid } from "./cluster.ts"

const withPartitions = (assignments: number[][], brokers: number[], configs: Array<{ name: string; value: string }> = []): TestCluster => {
  const cluster = new TestCluster(brokers)
  const topic = {
    name: "t", numPartitions: -1, replicationFactor: -1, configs,
    assignments: assignments.map((brokerIds, partitionIndex) => ({ partitionIndex, brokerIds }))
  }
  cluster.apply(createTopics(cluster.image, { topics: [topic], timeoutMs: 0, validateOnly: false }, cluster.context))
  return cluster
}
const setIsr = (cluster: TestCluster, ids: number[], partitionIndex = 0) => {
  const { leader, leaderEpoch, partitionEpoch } = cluster.partition("t", partitionIndex)
  return cluster.apply(alterPartition(cluster.image, {
    brokerId: leader, brokerEpoch: cluster.epochOf(leader), controllerEpoch: 1, sequence: 1,
    topics: [{ topicId: cluster.image.topic("t")!.topicId, partitions: [{
      partitionIndex, leaderEpoch, partitionEpoch, newIsr: ids.map((id) => ({ brokerId: id, brokerEpoch: cluster.epochOf(id) }))
    }] }]
  }, cluster.context)).topics[0]!.partitions[0]!.errorCode
}

describe("electLeaders", () => {
  const elect = (cluster: TestCluster, electionType: number, partitions: number[] | null, topic = "t") => {
    const response = cluster.apply(electLeaders(cluster.image, { electionType, timeoutMs: 0, topicPartitions: partitions === null ? null : [{ topic, partitions }] }, cluster.context))
    if (response.errorCode === 0) expect(response.replicaElectionResults.map((it) => it.topic)).toEqual([topic])
    return response.errorCode === 0 ? response.replicaElectionResults.flatMap((it) => it.partitionResult.map((result) => [result.partitionId, result.errorCode])) : response.errorCode
  }
  /** 0 and 1 are led by 2 in place of 1; 2 and 3 by their preferred replica. */
  const moved = () => {
    const cluster = withPartitions([[1, 2], [1, 2], [2, 3], [3, 2]], [1, 2, 3])
    cluster.fence(1)
    cluster.unfence(1)
    return cluster
  }

  it("elects preferred leaders where they are in sync", () => {
    const cluster = moved()
    expect(elect(cluster, 0, [0, 2, 9, 0])).toEqual([[0, 80], [2, 84], [9, 3], [0, 80]])
    setIsr(cluster, [1, 2], 0)
    const { leaderEpoch } = cluster.partition("t")
    expect(elect(cluster, 0, [0])).toEqual([[0, 0]])
    expect(cluster.partition("t")).toMatchObject({ leader: 1, isr: [1, 2], leaderEpoch: leaderEpoch + 1 })
    expect(elect(cluster, 0, [0])).toEqual([[0, 84]])
    expect([elect(cluster, 0, [0], "x"), elect(cluster, 7, [0])]).toEqual([[[0, 3]], 42])
  })

  it("answers every partition of an unknown election, and elects what is named twice once", () => {
    const cluster = moved()
    const topicPartitions = [{ topic: "t", partitions: [0, 9] }, { topic: "x", partitions: [0] }]
    const { records, response } = electLeaders(cluster.image, { electionType: 2, timeoutMs: 0, topicPartitions }, cluster.context)
    expect(records).toEqual([])
    expect(response.replicaElectionResults.map(({ topic, partitionResult }) => [topic, ...partitionResult.map((it) => [it.partitionId, it.errorCode])]))
      .toEqual([["t", [0, 42], [9, 42]], ["x", [0, 42]]])
    setIsr(cluster, [1, 2], 0)
    const { leaderEpoch } = cluster.partition("t")
    expect(elect(cluster, 0, [0, 0])).toEqual([[0, 0], [0, 0]])
    expect(cluster.partition("t")).toMatchObject({ leader: 1, leaderEpoch: leaderEpoch + 1 })
  })

  it("does not give a leader back to who is on its way out", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3])
    cluster.restart(3, 2)
    cluster.heartbeat(3)
    cluster.heartbeat(1, { wantShutDown: true })
    expect(cluster.partition("t")).toMatchObject({ leader: 2, isr: [1, 2] })
    expect([elect(cluster, 0, [0]), balanceLeaders(cluster.image, cluster.context).records]).toEqual([[[0, 80]], []])
  })

  it("answers every topic, with what needed an election, when all partitions are meant", () => {
    const cluster = moved()
    setIsr(cluster, [1, 2], 0)
    expect(elect(cluster, 0, null)).toEqual([[0, 0], [1, 80]])
    expect(elect(cluster, 1, null)).toEqual([])
  })

  it("elects uncleanly when an operator asks, and nobody complete is there", () => {
    const cluster = withPartitions([[1, 2]], [1, 2])
    expect(elect(cluster, 1, [0])).toEqual([[0, 84]])
    cluster.fence(2)
    cluster.fence(1)
    expect(elect(cluster, 1, [0])).toEqual([[0, 83]])
    cluster.unfence(2)
    expect(elect(cluster, 0, [0])).toEqual([[0, 80]])
    expect(elect(cluster, 1, [0])).toEqual([[0, 0]])
    expect(cluster.partition("t")).toMatchObject({ leader: 2, isr: [2], leaderRecoveryState: 1 })
  })

  it("balances leaders in portions, unless it is switched off", () => {
    const cluster = moved()
    cluster.limits = { movesPerDecisionMax: 1 }
    const balance = () => cluster.apply(balanceLeaders(cluster.image, cluster.context))
    expect(balance()).toEqual({ moved: 0, hasMore: false })
    setIsr(cluster, [1, 2], 0)
    setIsr(cluster, [1, 2], 1)
    expect([balance(), balance(), balance()]).toEqual([{ moved: 1, hasMore: true }, { moved: 1, hasMore: true }, { moved: 0, hasMore: false }])
    expect([0, 1, 2, 3].map((it) => cluster.partition("t", it).leader)).toEqual([1, 1, 2, 3])
    const off = new TestCluster([1, 2], { "auto.leader.rebalance.enable": "false" })
    off.image = moved().image
    expect(balanceLeaders(off.image, off.context).records).toEqual([])
  })
})

describe("reassignments", () => {
  const reassign = (cluster: TestCluster, replicas: number[] | null, more: { allow?: boolean; partition?: number } = {}) =>
    cluster.apply(alterPartitionReassignments(cluster.image, {
      timeoutMs: 0, allowReplicationFactorChange: more.allow ?? true,
      topics: [{ name: "t", partitions: [{ partitionIndex: more.partition ?? 0, replicas }] }]
    }, cluster.context)).responses[0]!.partitions[0]!.errorCode
  const listed = (cluster: TestCluster, names: Array<{ name: string; partitionIndexes: number[] }> | null = null) =>
    cluster.apply(listPartitionReassignments(cluster.image, { timeoutMs: 0, topics: names })).topics
      .flatMap((it) => it.partitions.map((partition) => [partition.replicas, partition.addingReplicas, partition.removingReplicas]))

  it("adds, waits for those that come, and lets go of those that go", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3, 4, 5])
    expect(reassign(cluster, [4, 5, 3])).toBe(0)
    expect(listed(cluster)).toEqual([[[4, 5, 3, 1, 2], [4, 5], [1, 2]]])
    expect(cluster.partition("t")).toMatchObject({ leader: 1, isr: [1, 2, 3], leaderEpoch: 0 })
    expect(setIsr(cluster, [1, 2, 3, 4])).toBe(0)
    expect(listed(cluster)).toHaveLength(1)
    // The leader itself goes.
    expect(setIsr(cluster, [1, 2, 3, 4, 5])).toBe(108)
    expect(listed(cluster)).toEqual([])
    expect(cluster.partition("t")).toMatchObject({
      leader: 4, replicas: [4, 5, 3], isr: [4, 5, 3], leaderEpoch: 1, directories: [uuid(9004), uuid(9005), uuid(9003)]
    })
  })

  it("keeps the minimum of the old number of replicas until it is over", () => {
    const cluster = withPartitions([[1]], [1, 2, 3])
    const minIsr = () => partitionRoles(cluster.image, cluster.config, cluster.image.topic("t")!, cluster.partition("t")).minIsr
    expect([reassign(cluster, [1, 2, 3]), minIsr()]).toEqual([0, 1])
    setIsr(cluster, [1, 2])
    expect(minIsr()).toBe(1)
    setIsr(cluster, [1, 2, 3])
    expect([minIsr(), cluster.partition("t").addingReplicas]).toEqual([2, []])
    expect([reassign(cluster, [1]), minIsr(), cluster.partition("t").isr]).toEqual([0, 1, [1]])
  })

  it("gives a new leader epoch when replicas are let go, so that they cannot fetch on", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3])
    expect(reassign(cluster, [1, 2])).toBe(0)
    expect(cluster.partition("t")).toMatchObject({ leader: 1, leaderEpoch: 1, replicas: [1, 2], isr: [1, 2] })
  })

  it.each([
    ["goes back", null, [3, 1, 2]], ["has another target", [5, 2, 3], [5, 2, 3, 1]]
  ])("gives a new leader epoch when one that was being added is let go, since it may come back with nothing: %s", (_, target, replicas) => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3, 4, 5])
    reassign(cluster, [4, 5, 3])
    setIsr(cluster, [1, 2, 3, 4])
    expect(cluster.partition("t").leaderEpoch).toBe(0)
    expect(reassign(cluster, target)).toBe(0)
    expect(cluster.partition("t")).toMatchObject({ leader: 1, leaderEpoch: 1, replicas })
  })

  it("waits with the end until all that stay are in sync, as those that go may be what makes up for them", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3, 4])
    for (const id of [2, 3]) cluster.fence(id)
    reassign(cluster, [2, 3, 4])
    expect(setIsr(cluster, [1, 4])).toBe(0)
    expect(listed(cluster)).toHaveLength(1)
    cluster.unfence(3)
    expect(setIsr(cluster, [1, 4, 3])).toBe(0)
    expect(listed(cluster)).toHaveLength(1)
    cluster.unfence(2)
    expect(setIsr(cluster, [1, 4, 3, 2])).toBe(108)
    expect(cluster.partition("t")).toMatchObject({ replicas: [2, 3, 4], isr: [2, 3, 4], leader: 2 })
    const other = withPartitions([[1, 2, 3]], [1, 2, 3])
    other.fence(2)
    reassign(other, [1, 2])
    expect(other.partition("t")).toMatchObject({ replicas: [1, 2, 3], isr: [1, 3], removingReplicas: [3] })
  })

  it("goes back on null, and to another target on the way", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3, 4, 5])
    expect(reassign(cluster, null)).toBe(85)
    reassign(cluster, [1, 2, 4])
    setIsr(cluster, [1, 2, 3])
    reassign(cluster, [1, 2, 5])
    expect(listed(cluster)).toEqual([[[1, 2, 5, 3], [5], [3]]])
    expect(reassign(cluster, null)).toBe(0)
    expect(cluster.partition("t")).toMatchObject({ replicas: [1, 2, 3], isr: [1, 2, 3], leader: 1, addingReplicas: [], removingReplicas: [] })
  })

  it("keeps the number of replicas that it leads to, where no other is allowed", () => {
    const cluster = withPartitions([[1]], [1, 2, 3, 4])
    expect(reassign(cluster, [1, 2, 3])).toBe(0)
    expect(reassign(cluster, [1], { allow: false })).toBe(38)
    expect(reassign(cluster, [1, 2, 4], { allow: false })).toBe(0)
    expect(listed(cluster)).toEqual([[[1, 2, 4], [2, 4], []]])
  })

  it("does not go back to replicas of which none is complete", () => {
    const cluster = withPartitions([[1, 2]], [1, 2, 3], [{ name: "min.insync.replicas", value: "1" }])
    reassign(cluster, [3, 2])
    setIsr(cluster, [1, 2, 3])
    cluster.fence(2)
    expect(cluster.partition("t")).toMatchObject({ replicas: [3, 2], isr: [3], leader: 3 })
    reassign(cluster, [1, 2])
    expect(listed(cluster)).toEqual([[[1, 2, 3], [1], [3]]])
    const other = withPartitions([[1, 2]], [1, 2, 3, 4], [{ name: "min.insync.replicas", value: "1" }])
    reassign(other, [3, 4])
    setIsr(other, [1, 3])
    other.fence(1)
    expect(other.partition("t")).toMatchObject({ isr: [3], leader: 3 })
    expect(reassign(other, null)).toBe(39)
    expect(reassign(other, [2, 1])).toBe(39)
    expect(other.partition("t")).toMatchObject({ replicas: [3, 4, 1, 2], leader: 3 })
  })

  it.each([
    ["an unknown partition", [1, 2, 3], { partition: 9 }, 3], ["nobody", [], {}, 39], ["a broker twice", [1, 1], {}, 39], ["an unknown broker", [1, 2, 9], {}, 39],
    ["another number of replicas", [1, 2], { allow: false }, 38], ["the same number", [3, 2, 1], { allow: false }, 0], ["what is there", [1, 2, 3], {}, 0]
  ] as const)("answers %s", (_, replicas, more, errorCode) => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3])
    const before = cluster.records
    expect(reassign(cluster, [...replicas], more)).toBe(errorCode)
    if (errorCode !== 0) expect(cluster.records).toBe(before)
    expect(listed(cluster)).toEqual([])
  })

  it("changes a partition once in one request", () => {
    const cluster = withPartitions([[1, 2]], [1, 2, 3])
    const twice = (...targets: number[][]) => cluster.apply(alterPartitionReassignments(cluster.image, {
      timeoutMs: 0, allowReplicationFactorChange: true, topics: [{ name: "t", partitions: targets.map((replicas) => ({ partitionIndex: 0, replicas })) }]
    }, cluster.context)).responses[0]!.partitions.map((it) => it.errorCode)
    expect(twice([1, 2], [1, 9])).toEqual([0, 39])
    expect(twice([2, 3], [1, 3])).toEqual([0, 42])
    expect(listed(cluster)).toEqual([[[2, 3, 1], [3], [1]]])
  })

  it("lists those that are asked for", () => {
    const cluster = withPartitions([[1, 2], [2, 1]], [1, 2, 3])
    reassign(cluster, [1, 3])
    reassign(cluster, [3, 1], { partition: 1 })
    expect(listed(cluster)).toHaveLength(2)
    expect(listed(cluster, [{ name: "t", partitionIndexes: [1, 7] }, { name: "x", partitionIndexes: [0] }])).toEqual([[[3, 1, 2], [3], [2]]])
  })
})

describe("unregisterBroker", () => {
  it("takes a broker out of everything but the replicas", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3])
    cluster.apply(incrementalAlterConfigs(cluster.image, { validateOnly: false, resources: [{ resourceType: 4, resourceName: "1", configs: [{ name: "message.max.bytes", configOperation: 0, value: "5" }] }] }, cluster.context))
    const unregister = () => cluster.apply(unregisterBroker(cluster.image, { brokerId: 1 }, cluster.context)).errorCode
    expect([unregister(), unregister()]).toEqual([0, 102])
    expect([cluster.image.broker(1), cluster.image.config(4, "1").size]).toEqual([undefined, 0])
    expect(cluster.partition("t")).toMatchObject({ leader: 2, replicas: [1, 2, 3], isr: [2, 3] })
    // Nothing is known of what it has when it comes again.
    cluster.fence(2)
    cluster.fence(3)
    cluster.register(1, 9, { isCaughtUp: false, startClass: 1, previousBrokerEpoch: -1, commitSequence: 0 })
    cluster.heartbeat(1)
    expect(cluster.partition("t")).toMatchObject({ leader: -1, isr: [3], eligibleLeaderReplicas: [2] })
  })
})

describe("nameCluster", () => {
  it("gives a cluster its id, levels and minimum once, and files no say in the minimum after that", () => {
    const cluster = withPartitions([[1, 2, 3]], [1, 2, 3])
    const other = new TestCluster([1], { "min.insync.replicas": "3" })
    expect(effectiveMinIsr(cluster.image, other.config, "t", 3)).toBe(3)
    expect(cluster.apply(nameCluster(cluster.image, "one", cluster.context))).toBe("one")
    expect(effectiveMinIsr(cluster.image, other.config, "t", 3)).toBe(2)
    expect(cluster.apply(nameCluster(cluster.image, "two", other.context))).toBe("one")
    expect([cluster.image.clusterId, [...cluster.image.features.keys()]]).toEqual(["one", supportedFeatures.map((it) => it.name)])
    other.apply(nameCluster(other.image, "x", other.context))
    expect(effectiveMinIsr(other.image, cluster.config, "t", 3)).toBe(3)
  })

  it("keeps brokers out that lack a feature", () => {
    const cluster = new TestCluster([1])
    cluster.apply(nameCluster(cluster.image, "one", cluster.context))
    const join = (features: typeof supportedFeatures) => registerBroker(cluster.image, {
      brokerId: 2, incarnationId: uuid(5), endPoints: [], rack: null, logDirs: [uuid(6)], startClass: 0, features
    }, cluster.context).response.errorCode
    const [first, ...rest] = supportedFeatures
    expect([join(supportedFeatures), join(rest), join([{ ...first!, minSupportedVersion: 99, maxSupportedVersion: 99 }, ...rest])]).toEqual([0, 35, 35])
  })
})

describe("placement", () => {
  it("never has two replicas on a rack while another has none, and spreads leaders evenly", () => {
    const next = seeded(11)
    for (let round = 0; round < 60; round++) {
      const brokers = Array.from({ length: 1 + next(9) }, (_, at) => at + 1)
      const racks = 1 + next(4)
      const rackOf = new Map(brokers.map((id) => [id, next(6) === 0 ? null : `r${next(racks)}`]))
      const cluster = new TestCluster(brokers, {}, (id) => rackOf.get(id) ?? null)
      const fenced = brokers.filter((id) => id > 1 && next(4) === 0)
      for (const id of fenced) cluster.apply(fenceBroker(cluster.image, id, cluster.epochOf(id), cluster.context))
      const live = brokers.length - fenced.length
      const replicationFactor = 1 + next(brokers.length)
      const { topics } = cluster.apply(createTopics(cluster.image, { timeoutMs: 0, validateOnly: false, topics: [
        { name: "t", numPartitions: live * 4, replicationFactor, assignments: [], configs: [] }
      ] }, cluster.context))
      expect(topics[0]?.errorCode).toBe(0)
      const { partitions } = cluster.image.topic("t")!
      const rackNames = new Set(brokers.map((id) => rackOf.get(id)))
      for (const { replicas, leader } of partitions) {
        expect([new Set(replicas).size, leader]).toEqual([replicationFactor, replicas[0]])
        expect(new Set(replicas.map((id) => rackOf.get(id))).size).toBe(Math.min(replicationFactor, rackNames.size))
        for (const id of replicas.filter((it) => fenced.includes(it))) {
          const rack = brokers.filter((it) => rackOf.get(it) === rackOf.get(id) && !fenced.includes(it))
          expect(rack.every((it) => replicas.includes(it))).toBe(true)
        }
      }
      for (const id of brokers) expect(partitions.filter((it) => it.leader === id)).toHaveLength(fenced.includes(id) ? 0 : 4)
    }
  })

  it("needs a live broker, and as many as there are to be replicas", () => {
    const cluster = new TestCluster([1, 2])
    const create = (replicationFactor: number) => createTopics(cluster.image, { timeoutMs: 0, validateOnly: true, topics: [
      { name: "t", numPartitions: 1, replicationFactor, assignments: [], configs: [] }
    ] }, cluster.context).response.topics[0]!.errorCode
    expect([create(2), create(3)]).toEqual([0, 38])
    cluster.fence(1)
    expect(create(2)).toBe(0)
    cluster.fence(2)
    expect(create(1)).toBe(38)
  })
})
