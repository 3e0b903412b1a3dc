import { assert, describe, expect, it } from "vitest"
import {
  alterPartitionReassignments, balanceLeaders, createPartitions, createTopics, deleteTopics, effectiveMinIsr, electLeaders, incrementalAlterConfigs,
  MetadataImage, nameCluster, StartClass, unregisterBroker
} from "../src/index.ts"
import { ReplicaWorld } from "./ReplicaWorld.ts"
import { seeded } from "./seeded.ts"

const topics = ["a", "b", "unclean"]

/** Something that an operator does. */
const administer = (world: ReplicaWorld, next: (bound: number) => number): void => {
  const { image, context } = world
  const pick = <Value>(from: ReadonlyArray<Value>): Value => from[next(from.length)]!
  const ids = [...world.nodes.keys()]
  const name = pick(topics)
  const setConfig = (resourceType: number, resourceName: string, key: string, value: string | null) => world.decide(incrementalAlterConfigs(image, {
    validateOnly: false, resources: [{ resourceType, resourceName, configs: [{ name: key, configOperation: value === null ? 1 : 0, value }] }]
  }, context))
  switch (next(12)) {
    case 0: case 1: case 2: case 3: {
      const configs = name === "unclean" ? [{ name: "unclean.leader.election.enable", value: "true" }] : []
      return void world.decide(createTopics(image, { topics: [{ name, numPartitions: 2, replicationFactor: 1 + next(4), assignments: [], configs }], timeoutMs: 0, validateOnly: false }, context))
    }
    case 4: return next(6) > 0 ? undefined : void world.decide(deleteTopics(image, { topics: [], topicNames: [name], timeoutMs: 0 }, context))
    case 5: return void world.decide(createPartitions(image, { topics: [{ name, count: 1 + next(4), assignments: null }], timeoutMs: 0, validateOnly: false }, context))
    case 6: return void setConfig(2, name, "min.insync.replicas", pick(["1", "2", "3", null]))
    case 7: return void setConfig(4, "", "min.insync.replicas", pick(["1", "2", null]))
    case 8: return void world.decide(electLeaders(image, { electionType: name === "unclean" ? next(2) : 0, topicPartitions: name === "unclean" ? [{ topic: name, partitions: [0, 1] }] : null, timeoutMs: 0 }, context))
    case 9: return void world.decide(balanceLeaders(image, context))
    case 10: {
      const target = next(5) === 0 ? null : ids.toSorted(() => next(3) - 1).slice(0, 1 + next(ids.length))
      return void world.decide(alterPartitionReassignments(image, { topics: [{ name, partitions: [{ partitionIndex: next(3), replicas: target }] }], allowReplicationFactorChange: true, timeoutMs: 0 }, context))
    }
    default: {
      const node = pick([...world.nodes.values()])
      // Also one that is alive, which then registers again.
      if (next(4) > 0) return
      node.beginUptime()
      return void world.decide(unregisterBroker(image, { brokerId: node.id }, context))
    }
  }
}

/** What brokers do all the time. */
const work = (world: ReplicaWorld, next: (bound: number) => number): void => {
  const node = world.nodes.get(1 + next(world.nodes.size))!
  const own = [...world.partitions(node.image)]
  const kind = next(10)
  if (kind < 2) world.learn(node, next(2) === 0)
  else if (kind < 4) for (const [key, , partition] of own) world.produce(node, key, partition)
  else if (kind < 7) for (const [key, topic, , at] of own) world.fetch(node, key, topic.name, at)
  else if (kind < 8) for (const [key, topic, partition, at] of own) if (next(3) === 0) world.propose(node, key, topic, partition, at)
  if (kind >= 8) world.deliver()
}

/** What befalls them, and what they do about it. */
const event = (world: ReplicaWorld, next: (bound: number) => number): void => {
  const node = world.nodes.get(1 + next(world.nodes.size))!
  const kind = next(40)
  if (kind === 0) world.fence(node.id)
  else if (kind === 1 && node.isUp) world.crash(node, next(10) < 7 ? StartClass.crashed : next(2) === 0 ? StartClass.suspect : StartClass.new)
  else if (kind === 2 && next(2) === 0) world.restoreOldCopy(node)
  else if (kind === 3 && next(3) === 0) world.changeController()
  else if (kind === 4) world.heartbeat(node, true)
  else if (kind < 8) administer(world, next)
  else if (kind < 20) {
    world.start(node)
    world.register(node)
  } else world.heartbeat(node, false)
}

/** What holds at every moment, whatever happened. */
const check = (world: ReplicaWorld, epochs: Map<string, { leaderEpoch: number; partitionEpoch: number }>): void => {
  const { image } = world
  for (const [key, topic, partition, at] of world.partitions(image)) {
    const { replicas, isr, leader, leaderEpoch, partitionEpoch, addingReplicas, removingReplicas, directories } = partition
    const elr = partition.eligibleLeaderReplicas ?? []
    const lastKnown = partition.lastKnownElr ?? []
    const holds = (condition: boolean, rule: string): void => {
      if (!condition) assert.fail(`${rule}: ${topic.name}-${at} leader ${leader}, isr ${isr}, elr ${elr}, last known ${lastKnown}, replicas ${replicas}`)
    }
    const minIsr = effectiveMinIsr(image, world.config, topic.name, replicas.length - addingReplicas.length)
    holds([...isr, ...elr, ...lastKnown, ...addingReplicas, ...removingReplicas].every((id) => replicas.includes(id)), "every set is one of replicas")
    holds(new Set(replicas).size === replicas.length && directories.length === replicas.length, "replicas differ and have directories")
    holds(new Set([...isr, ...elr]).size === isr.length + elr.length, "nobody is in sync and eligible at once")
    holds(isr.length < minIsr || elr.length === 0, "nobody is eligible at the minimum or above it")
    holds(leader < 0 || (isr.includes(leader) && image.isUnfenced(leader)), "a leader is in sync and unfenced")
    holds(leader >= 0 || !(isr.some((id) => image.isUnfenced(id)) || elr.some((id) => image.isAlive(id))), "somebody leads where somebody may")
    holds(isr.length <= 1 || isr.every((id) => image.isUnfenced(id)), "nobody fenced is in sync beside another")
    const before = epochs.get(key)
    holds(before === undefined || (leaderEpoch >= before.leaderEpoch && partitionEpoch >= before.partitionEpoch), "epochs grow")
    epochs.set(key, { leaderEpoch, partitionEpoch })
    for (const id of [...isr, ...elr]) holds(world.isComplete(id, key), `who may lead has everything that was acknowledged, ${id} too`)
  }
}

describe("controller and replicas together", () => {
  const total: Record<string, number> = {}

  it.each(Array.from({ length: Number(process.env["SEEDS"] ?? 12) }, (_, at) => at + 1))("lose nothing that was acknowledged, seed %i", (seed) => {
    const next = seeded(seed)
    const world = new ReplicaWorld(3 + (seed % 3), next)
    world.decide(nameCluster(world.image, "cluster", world.context))
    for (const node of world.nodes.values()) {
      world.start(node)
      world.learn(node, true)
      world.heartbeat(node, false)
    }
    const epochs = new Map<string, { leaderEpoch: number; partitionEpoch: number }>()
    for (let at = 0; at < 1000; at++) {
      world.now += next(10)
      for (let times = 0; times < 4; times++) work(world, next)
      event(world, next)
      check(world, epochs)
    }
    const again = new MetadataImage()
    for (const { records } of world.batches) for (const record of records) again.replay(record)
    expect(again.toRecords()).toEqual(world.image.toRecords())
    expect(MetadataImage.decodeSnapshot(world.image.encodeSnapshot()).toRecords()).toEqual(world.image.toRecords())
    for (const [name, count] of Object.entries(world.counts)) total[name] = (total[name] ?? 0) + count
  })

  it("have been through everything that matters", () => {
    for (const [name, count] of Object.entries(total)) expect(count, name).toBeGreaterThan(5)
  })
})
