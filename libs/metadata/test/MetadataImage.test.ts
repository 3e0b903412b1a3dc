import { MetadataLog } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import {
  allocateProducerIds, autoCreateTopics, createPartitions, createTopics, deleteTopics, fenceBroker, incrementalAlterConfigs, MetadataImage,
  ResourceType, unfenceBroker
} from "../src/index.ts"
import type { Decision } from "../src/index.ts"
import { TestCluster, uuid } from "./cluster.ts"
import { seeded } from "./seeded.ts"

describe("MetadataImage", () => {
  it("raises the partition epoch with every change, and the leader epoch when a leader is named", () => {
    const cluster = new TestCluster([1, 2])
    cluster.apply(autoCreateTopics(cluster.image, ["t"], cluster.context))
    const topicId = cluster.image.topic("t")!.topicId
    const change = (fields: object) => cluster.image.replay({ type: "PartitionChangeRecord", value: {
      topicId, partitionId: 0, isr: null, leader: -2, replicas: null, removingReplicas: null, addingReplicas: null,
      leaderRecoveryState: -1, directories: null, eligibleLeaderReplicas: null, lastKnownElr: null, ...fields
    } })
    change({})
    expect(cluster.image.partition(topicId, 0)).toMatchObject({ leaderEpoch: 0, partitionEpoch: 1, leader: 1 })
    change({ leader: 1 })
    expect(cluster.image.partition(topicId, 0)).toMatchObject({ leaderEpoch: 1, partitionEpoch: 2, leader: 1 })
    change({ leader: -1, isr: [] })
    expect(cluster.image.partition(topicId, 0)).toMatchObject({ leaderEpoch: 2, partitionEpoch: 3, leader: -1, isr: [] })
  })

  it("takes a topic's configuration away with the topic", () => {
    const cluster = new TestCluster()
    const topic = { name: "t", numPartitions: 1, replicationFactor: 1, assignments: [], configs: [{ name: "retention.ms", value: "5" }] }
    cluster.apply(createTopics(cluster.image, { topics: [topic], timeoutMs: 0, validateOnly: false }, cluster.context))
    expect(cluster.image.config(ResourceType.topic, "t").get("retention.ms")).toBe("5")
    cluster.apply(deleteTopics(cluster.image, { topics: [], topicNames: ["t"], timeoutMs: 0 }, cluster.context))
    expect(cluster.image.config(ResourceType.topic, "t").size).toBe(0)
    expect(cluster.image.partitionCount).toBe(0)
  })

  it("does not change a configuration that somebody holds", () => {
    const image = new MetadataImage()
    const set = (value: string) => image.replay({ type: "ConfigRecord", value: { resourceType: 2, resourceName: "t", name: "retention.ms", value } })
    set("1")
    const held = image.config(ResourceType.topic, "t")
    set("2")
    expect([held.get("retention.ms"), image.config(ResourceType.topic, "t").get("retention.ms")]).toEqual(["1", "2"])
  })

  it("throws at a record that contradicts it", () => {
    const image = new MetadataImage()
    image.replay({ type: "TopicRecord", value: { name: "t", topicId: uuid(1) } })
    expect(() => image.replay({ type: "TopicRecord", value: { name: "t", topicId: uuid(2) } })).toThrow()
    expect(() => image.replay({ type: "RemoveTopicRecord", value: { topicId: uuid(2) } })).toThrow()
    expect(() => image.replay({ type: "UnfenceBrokerRecord", value: { id: 1, epoch: 1 } })).toThrow()
  })

  it("refuses a snapshot that is cut short", () => {
    const bytes = new TestCluster().image.encodeSnapshot()
    expect(() => MetadataImage.decodeSnapshot(bytes.subarray(0, bytes.length - 1))).toThrow()
    expect(() => MetadataImage.decodeSnapshot(bytes.subarray(0, 2))).toThrow()
  })
})

describe("decisions at random", () => {
  const names = ["a", "b", "a.b", "a_b", "c", "__consumer_offsets", "bad name"]
  const keys = ["retention.ms", "cleanup.policy", "min.insync.replicas", "max.message.bytes", "nonsense"]
  const values = ["1", "2", "delete", "compact", "", null]

  const decision = (cluster: TestCluster, next: (bound: number) => number, epochs: Map<number, number>): Decision<unknown> => {
    const { image, context } = cluster
    const pick = <Value>(from: ReadonlyArray<Value>): Value => from[next(from.length)]!
    const brokerId = 1 + next(3)
    const epoch = epochs.get(brokerId)! - (next(5) === 0 ? 1 : 0)
    const topic = () => ({ name: pick(names), numPartitions: next(5) - 1, replicationFactor: next(5) - 1, assignments: [],
      configs: next(3) === 0 ? [{ name: pick(keys), value: pick(values) }] : [] })
    switch (next(9)) {
      case 0: case 1: return createTopics(image, { topics: [topic(), topic()], timeoutMs: 0, validateOnly: next(5) === 0 }, context)
      case 2: return deleteTopics(image, { topics: [], topicNames: [pick(names), pick(names)], timeoutMs: 0 }, context)
      case 3: return createPartitions(image, { topics: [{ name: pick(names), count: next(8), assignments: null }], timeoutMs: 0, validateOnly: next(5) === 0 }, context)
      case 4: case 5: {
        const isTopic = next(2) === 0
        return incrementalAlterConfigs(image, { validateOnly: false, resources: [{
          resourceType: isTopic ? ResourceType.topic : ResourceType.broker, resourceName: isTopic ? pick(names) : pick(["", "1", "9"]),
          configs: [{ name: pick([...keys, "message.max.bytes"]), configOperation: next(4), value: pick(values) }]
        }] }, context)
      }
      case 6: return allocateProducerIds(image, brokerId, epoch)
      case 7: return fenceBroker(image, brokerId, epoch, context)
      default: return unfenceBroker(image, brokerId, epoch, context)
    }
  }

  it.each([1, 2, 3, 4, 5, 6, 7, 8])("give the same image everywhere, and only legal ones, seed %i", (seed) => {
    const next = seeded(seed)
    const cluster = new TestCluster([1, 2, 3])
    const epochs = new Map([...cluster.image.brokers].map((it) => [it.brokerId, it.brokerEpoch]))
    let replica = MetadataImage.decodeSnapshot(cluster.image.encodeSnapshot())
    const leaderEpochs = new Map<string, number>()
    for (let step = 0; step < 250; step++) {
      const { records } = decision(cluster, next, epochs)
      // The replica reads the records as they stand in the log.
      for (const record of records) replica.replay(MetadataLog.decode(MetadataLog.encode(record)))
      cluster.apply({ records, response: undefined })
      if (next(10) === 0) replica = MetadataImage.decodeSnapshot(replica.encodeSnapshot())
      expect(replica.toRecords()).toEqual(cluster.image.toRecords())
      checkImage(cluster.image, leaderEpochs)
    }
    expect(replica.encodeSnapshot().equals(cluster.image.encodeSnapshot())).toBe(true)
    expect(cluster.records).toBeGreaterThan(100)
  })

  /** What holds at every moment, whatever was asked. */
  const checkImage = (image: MetadataImage, leaderEpochs: Map<string, number>): void => {
    let partitionCount = 0
    for (const topic of image.topics) {
      expect(image.topicById(topic.topicId)).toBe(topic)
      for (const [index, { replicas, isr, leader, leaderEpoch }] of topic.partitions.entries()) {
        partitionCount++
        expect(isr.length).toBeGreaterThan(0)
        expect(isr.every((id) => replicas.includes(id))).toBe(true)
        expect(leader === -1 || (isr.includes(leader) && image.isAlive(leader))).toBe(true)
        // No live member of the ISR is left idle, and no fenced one stays beside a live one.
        const alive = isr.filter((id) => image.isAlive(id))
        expect(leader === -1).toBe(alive.length === 0)
        if (alive.length > 0) expect(alive).toEqual(isr)
        // By name, so that it also holds over deletion and creation.
        const key = `${topic.name}-${index}`
        expect(leaderEpoch).toBeGreaterThanOrEqual(leaderEpochs.get(key) ?? 0)
        leaderEpochs.set(key, leaderEpoch)
      }
    }
    expect(image.partitionCount).toBe(partitionCount)
  }
})
