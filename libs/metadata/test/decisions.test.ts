import { describe, expect, it } from "vitest"
import {
  allocateProducerIds, alterConfigs, AlterConfigOp, autoCreateTopics, createPartitions, createTopics, deleteTopics, describeConfigs, effectiveBrokerConfig,
  effectiveMinIsr, fenceBroker, incrementalAlterConfigs, metadataBrokers, type MetadataImage, metadataTopics, registerBroker, ResourceType,
  type TopicReference, unfenceBroker
} from "../src/index.ts"
import { TestCluster, uuid } from "./cluster.ts"

/** What clients of one listener are told. */
const topicsOn = (listenerName: string, image: MetadataImage, asked: ReadonlyArray<TopicReference> | null) =>
  metadataTopics(image, asked, { brokers: metadataBrokers(image, listenerName), noListenerCode: 72 })
const plaintext = "PLAINTEXT"
const zeroUuid = "A".repeat(22)
const withTopics = (brokers: number[], ...names: string[]): TestCluster => {
  const cluster = new TestCluster(brokers, { "default.replication.factor": String(brokers.length), "num.partitions": "2" })
  cluster.apply(autoCreateTopics(cluster.image, names, cluster.context))
  return cluster
}

describe("deleteTopics", () => {
  const remove = (cluster: TestCluster, topics: Array<{ name: string | null; topicId: string }>) =>
    cluster.apply(deleteTopics(cluster.image, { topics, topicNames: [], timeoutMs: 0 }, cluster.context)).responses

  it("deletes by name and by id, and answers both", () => {
    const cluster = withTopics([1], "a", "b", "c")
    const { topicId } = cluster.image.topic("b")!
    const answers = remove(cluster, [{ name: "a", topicId: zeroUuid }, { name: null, topicId }])
    expect(answers).toMatchObject([{ name: "a", errorCode: 0 }, { name: "b", topicId, errorCode: 0, errorMessage: null }])
    expect([...cluster.image.topics].map((it) => it.name)).toEqual(["c"])
  })

  it("answers what is named twice in the words of the request", () => {
    const cluster = withTopics([1], "a", "b")
    const { topicId } = cluster.image.topic("b")!
    const byName = { name: "a", topicId: zeroUuid }
    const byId = { name: null, topicId }
    expect(remove(cluster, [byName, byName, byId, byId])).toMatchObject([{ ...byName, errorCode: 42 }, { ...byId, errorCode: 42 }])
    expect(remove(cluster, [byId, { name: "b", topicId: zeroUuid }])).toMatchObject([{ name: "b", topicId, errorCode: 42 }])
    expect(cluster.image.topicCount).toBe(2)
  })

  it.each([
    ["an unknown name", [{ name: "x", topicId: zeroUuid }], [3]],
    ["an unknown id", [{ name: null, topicId: uuid(77) }], [100]],
    ["name and id", [{ name: "a", topicId: uuid(77) }], [42]],
    ["neither", [{ name: null, topicId: zeroUuid }], [42]],
    ["a topic twice", [{ name: "a", topicId: zeroUuid }, { name: "a", topicId: zeroUuid }], [42]],
    ["an internal topic", [{ name: "__consumer_offsets", topicId: zeroUuid }], [44]]
  ])("refuses %s", (_, topics, codes) => {
    const cluster = withTopics([1], "a", "__consumer_offsets")
    expect(remove(cluster, topics).map((it) => it.errorCode)).toEqual(codes)
    expect(cluster.image.topicCount).toBe(2)
  })

  it("refuses everything when it is switched off", () => {
    const cluster = new TestCluster([1], { "delete.topic.enable": "false" })
    cluster.apply(autoCreateTopics(cluster.image, ["a"], cluster.context))
    expect(remove(cluster, [{ name: "a", topicId: zeroUuid }]).map((it) => it.errorCode)).toEqual([73])
  })

  it("makes leader epochs grow over a new creation", () => {
    const cluster = withTopics([1], "a")
    cluster.register(1, 2)
    expect(cluster.image.topic("a")?.partitions[0]?.leaderEpoch).toBe(1)
    remove(cluster, [{ name: "a", topicId: zeroUuid }])
    cluster.apply(autoCreateTopics(cluster.image, ["a"], cluster.context))
    expect(cluster.image.topic("a")?.partitions[0]?.leaderEpoch).toBe(2)
  })
})

describe("createPartitions", () => {
  const grow = (cluster: TestCluster, name: string, count: number, assignments: number[][] | null = null, validateOnly = false) =>
    cluster.apply(createPartitions(cluster.image, { topics: [{ name, count, assignments: assignments?.map((brokerIds) => ({ brokerIds })) ?? null }], timeoutMs: 0, validateOnly }, cluster.context)).results

  it.each([
    ["more", "a", 5, null, 0],
    ["the same", "a", 2, null, 37],
    ["fewer", "a", 1, null, 37],
    ["far too many", "a", 2_000_000_000, null, 44],
    ["an unknown topic", "x", 5, null, 3],
    ["an internal topic", "__consumer_offsets", 60, null, 44],
    ["an assignment", "a", 3, [[2, 1]], 0],
    ["too few assignments", "a", 4, [[2, 1]], 39],
    ["other replicas", "a", 3, [[2]], 39],
    ["an unknown broker", "a", 3, [[2, 7]], 39]
  ] as const)("answers %s", (_, name, count, assignments, errorCode) => {
    const cluster = withTopics([1, 2], "a", "__consumer_offsets")
    expect(grow(cluster, name, count, assignments as number[][] | null)).toMatchObject([{ name, errorCode }])
    if (name === "a") expect(cluster.image.topic("a")?.partitions).toHaveLength(errorCode === 0 ? count : 2)
  })

  it("answers duplicates once, and changes nothing when it only validates", () => {
    const cluster = withTopics([1], "a")
    const twice = [{ name: "a", count: 4, assignments: null }, { name: "a", count: 5, assignments: null }]
    expect(createPartitions(cluster.image, { topics: twice, timeoutMs: 0, validateOnly: false }, cluster.context).response.results).toMatchObject([{ name: "a", errorCode: 42 }])
    expect(grow(cluster, "a", 9, null, true)).toMatchObject([{ errorCode: 0 }])
    expect(cluster.image.topic("a")?.partitions).toHaveLength(2)
  })
})

describe("incrementalAlterConfigs", () => {
  const alter = (cluster: TestCluster, resourceType: number, resourceName: string, ...configs: Array<[string, number, string | null]>) =>
    cluster.apply(incrementalAlterConfigs(cluster.image, { validateOnly: false, resources: [{
      resourceType, resourceName, configs: configs.map(([name, configOperation, value]) => ({ name, configOperation, value }))
    }] }, cluster.context)).responses[0]!
  const { set, append, subtract } = AlterConfigOp

  it.each([
    ["set", 2, "a", ["retention.ms", set, "5"], 0],
    ["a wrong value", 2, "a", ["retention.ms", set, "x"], 40],
    ["an unknown key", 2, "a", ["retention", set, "5"], 40],
    ["a value that no record holds", 2, "a", ["leader.replication.throttled.replicas", set, "0:1,".repeat(9_000) + "0:1"], 40],
    ["a broker's key that no record holds", 4, "1", [`listener.name.${"a".repeat(32_767)}.max.connections`, set, "5"], 40],
    ["a broker's value that no record holds", 4, "1", ["max.connections.per.ip.overrides", set, "a".repeat(32_768)], 40],
    ["a text that is too long for an answer", 2, "a", ["retention.ms", set, "x".repeat(32_767)], 40],
    ["deleting what is not set", 2, "a", ["retention.ms", AlterConfigOp.delete, null], 0],
    ["setting nothing", 2, "a", ["retention.ms", set, null], 42],
    ["appending to a number", 2, "a", ["retention.ms", append, "5"], 40],
    ["compaction", 2, "a", ["cleanup.policy", append, "compact"], 40],
    ["compaction of an internal topic", 2, "__consumer_offsets", ["cleanup.policy", append, "delete"], 0],
    ["an unknown operation", 2, "a", ["retention.ms", 9, "5"], 42],
    ["an unknown topic", 2, "x", ["retention.ms", set, "5"], 3],
    ["an illegal topic", 2, "x y", ["retention.ms", set, "5"], 17],
    ["all brokers", 4, "", ["log.retention.ms", set, "5"], 0],
    ["one broker", 4, "1", ["message.max.bytes", set, "5"], 0],
    ["an unknown broker", 4, "9", ["message.max.bytes", set, "5"], 102],
    ["a broker id with a zero before it", 4, "01", ["message.max.bytes", set, "5"], 42],
    ["no broker id", 4, "one", ["message.max.bytes", set, "5"], 42],
    ["a read-only key", 4, "", ["log.dirs", set, "/x"], 42],
    ["a key that counts at the start alone", 4, "1", ["log.cleaner.backoff.ms", set, "5"], 42],
    ["appending to a broker's number", 4, "", ["log.retention.ms", append, "5"], 40],
    ["removing the minimum of one broker", 4, "1", ["min.insync.replicas", AlterConfigOp.delete, null], 40],
    ["another key for the whole cluster on one broker", 4, "1", ["num.partitions", set, "2"], 42],
    ["a key for the whole cluster on one broker", 4, "1", ["min.insync.replicas", set, "2"], 40],
    ["a broker's unknown key", 4, "", ["log.retention", set, "5"], 42],
    ["a wrong value of a broker", 4, "", ["log.retention.ms", set, "x"], 42],
    ["another kind of resource", 8, "1", ["root", set, "DEBUG"], 42]
  ] as const)("answers %s", (_, type, name, config, errorCode) => {
    const cluster = withTopics([1], "a", "__consumer_offsets")
    const before = cluster.records
    const answer = alter(cluster, type, name, config as unknown as [string, number, string | null])
    expect(answer).toMatchObject({ resourceType: type, resourceName: name, errorCode })
    expect(answer.errorMessage?.length ?? 0).toBeLessThan(2_000)
    if (errorCode !== 0) expect([cluster.records, answer.errorMessage === null]).toEqual([before, false])
  })

  it.each([
    ["an unknown key of a topic", 2, "a", "message.format.version"], ["a key that is not set", 2, "a", "retention.ms"],
    ["a read-only key", 4, "", "log.dirs"], ["an unknown key of a broker", 4, "1", "log.retention"], ["a key for the whole cluster", 4, "1", "num.partitions"]
  ] as const)("deletes %s without a word", (_, type, name, key) => {
    const cluster = withTopics([1], "a")
    const before = cluster.records
    expect(alter(cluster, type, name, [key, AlterConfigOp.delete, null])).toMatchObject({ errorCode: 0, errorMessage: null })
    expect(cluster.records).toBe(before)
  })

  it("appends no further than a record holds", () => {
    const cluster = withTopics([1], "a")
    const throttled = "leader.replication.throttled.replicas"
    const replicas = (from: number) => Array.from({ length: 3_000 }, (_, at) => `${from + at}:1`).join(",")
    expect(alter(cluster, 2, "a", [throttled, append, replicas(10_000)]).errorCode).toBe(0)
    const stored = cluster.image.config(ResourceType.topic, "a").get(throttled)
    expect(alter(cluster, 2, "a", [throttled, append, replicas(20_000)])).toMatchObject({
      errorCode: 40, errorMessage: "The configuration value cannot be added because it exceeds the maximum value size of 32767 bytes."
    })
    expect(cluster.image.config(ResourceType.topic, "a").get(throttled)).toBe(stored)
  })

  it.each([
    ["num.io.threads", "4"], ["num.network.threads", "4"], ["num.replica.fetchers", "2"], ["num.recovery.threads.per.data.dir", "1"], ["background.threads", "5"],
    ["log.cleaner.threads", "2"], ["log.cleaner.dedupe.buffer.size", "1000000"], ["log.cleaner.io.buffer.size", "1000"], ["log.cleaner.io.buffer.load.factor", "0.5"],
    ["log.cleaner.io.max.bytes.per.second", "1.5e6"], ["metric.reporters", "a.B"], ["transaction.partition.verification.enable", "false"]
  ])("takes %s, which Kafka changes while it runs, and shows it", (name, value) => {
    const cluster = withTopics([1], "a")
    expect(alter(cluster, 4, "1", [name, set, value]).errorCode).toBe(0)
    const asked = { resources: [{ resourceType: 4, resourceName: "1", configurationKeys: [name] }], includeSynonyms: false, includeDocumentation: true }
    const shown = describeConfigs(cluster.image, cluster.config, asked).results[0]!.configs
    expect(shown).toMatchObject([{ name, value, readOnly: false, configSource: 2, documentation: expect.stringContaining("without effect") }])
  })

  it("appends to and subtracts from lists, starting from what counts now", () => {
    const cluster = withTopics([1], "a")
    const policy = () => cluster.image.config(ResourceType.topic, "a").get("cleanup.policy")
    const throttled = () => cluster.image.config(ResourceType.topic, "a").get("leader.replication.throttled.replicas")
    alter(cluster, 2, "a", ["cleanup.policy", append, "delete"])
    expect(policy()).toBe("delete")
    alter(cluster, 2, "a", ["cleanup.policy", subtract, "delete"])
    expect(policy()).toBe("")
    alter(cluster, 2, "a", ["leader.replication.throttled.replicas", append, "0:1,1:1"])
    alter(cluster, 2, "a", ["leader.replication.throttled.replicas", append, "1:1,2:1"])
    expect(throttled()).toBe("0:1,1:1,2:1")
    alter(cluster, 2, "a", ["leader.replication.throttled.replicas", subtract, "1:1"])
    expect(throttled()).toBe("0:1,2:1")
  })

  it("changes a resource as a whole or not at all", () => {
    const cluster = withTopics([1], "a")
    expect(alter(cluster, 2, "a", ["retention.ms", set, "5"], ["segment.ms", set, "x"]).errorCode).toBe(40)
    expect(alter(cluster, 2, "a", ["retention.ms", set, "5"], ["retention.ms", set, "6"]).errorCode).toBe(42)
    expect(cluster.image.config(ResourceType.topic, "a").size).toBe(0)
  })

  it("gives a changed minimum to leaders with a new partition epoch, only where it means something", () => {
    const cluster = withTopics([1, 2, 3], "a", "b")
    alter(cluster, 2, "b", ["min.insync.replicas", set, "2"])
    const epochs = (name: string) => cluster.image.topic(name)!.partitions.map((it) => [it.partitionEpoch, it.leaderEpoch])
    expect(epochs("b")).toEqual([[0, 0], [0, 0]])
    alter(cluster, 4, "", ["min.insync.replicas", set, "3"])
    expect(effectiveMinIsr(cluster.image, cluster.config, "a", 3)).toBe(3)
    expect([epochs("a"), epochs("b")]).toEqual([[[1, 0], [1, 0]], [[0, 0], [0, 0]]])
    alter(cluster, 2, "b", ["min.insync.replicas", AlterConfigOp.delete, null])
    expect(epochs("b")).toEqual([[1, 0], [1, 0]])
  })

  it("replaces the whole configuration by AlterConfigs", () => {
    const cluster = withTopics([1], "a")
    alter(cluster, 2, "a", ["retention.ms", set, "5"], ["segment.ms", set, "6"])
    const configs = [{ name: "segment.ms", value: "7" }, { name: "max.message.bytes", value: "8" }]
    cluster.apply(alterConfigs(cluster.image, { resources: [{ resourceType: 2, resourceName: "a", configs }], validateOnly: false }, cluster.context))
    expect(Object.fromEntries(cluster.image.config(ResourceType.topic, "a"))).toEqual({ "segment.ms": "7", "max.message.bytes": "8" })
  })

  it("replaces the configuration of all brokers by AlterConfigs only where min.insync.replicas is named", () => {
    const cluster = withTopics([1], "a")
    alter(cluster, 4, "", ["log.retention.ms", set, "5"], ["min.insync.replicas", set, "1"])
    const replace = (...configs: Array<{ name: string; value: string }>) => cluster.apply(alterConfigs(cluster.image, {
      resources: [{ resourceType: 4, resourceName: "", configs }], validateOnly: false
    }, cluster.context)).responses[0]!.errorCode
    expect([replace(), replace({ name: "log.segment.bytes", value: "6000" })]).toEqual([40, 40])
    expect(Object.fromEntries(cluster.image.config(ResourceType.broker, ""))).toEqual({ "log.retention.ms": "5", "min.insync.replicas": "1" })
    expect(replace({ name: "log.segment.bytes", value: "6000" }, { name: "min.insync.replicas", value: "1" })).toBe(0)
    expect(Object.fromEntries(cluster.image.config(ResourceType.broker, ""))).toEqual({ "log.segment.bytes": "6000", "min.insync.replicas": "1" })
  })

  it("answers a resource as often as it is named, and leaves it as it is when that is twice", () => {
    const cluster = withTopics([1], "a")
    const resources = ["1", "2"].map((value) => ({ resourceType: 2, resourceName: "a", configs: [{ name: "retention.ms", configOperation: set, value }] }))
    const { responses } = cluster.apply(incrementalAlterConfigs(cluster.image, { resources, validateOnly: false }, cluster.context))
    expect(responses.map((it) => it.errorCode)).toEqual([42, 42])
    expect(cluster.image.config(ResourceType.topic, "a").size).toBe(0)
  })

  it("sets dynamic broker values over the node's own", () => {
    const cluster = withTopics([1], "a")
    alter(cluster, 4, "", ["num.partitions", set, "9"], ["message.max.bytes", set, "100"])
    alter(cluster, 4, "1", ["message.max.bytes", set, "200"])
    const effective = effectiveBrokerConfig(cluster.image, cluster.config)
    expect([effective.get("num.partitions"), effective.get("message.max.bytes")]).toEqual([9, 200])
    const topics = [{ name: "b", numPartitions: -1, replicationFactor: -1, assignments: [], configs: [] }]
    expect(createTopics(cluster.image, { topics, timeoutMs: 0, validateOnly: true }, cluster.context).response.topics).toMatchObject([{ numPartitions: 9 }])
  })
})

describe("brokers", () => {
  const partition = (cluster: TestCluster) => cluster.image.topic("a")!.partitions[0]!

  it("starts a new leader epoch for every run of a leader", () => {
    const cluster = withTopics([1], "a")
    const first = cluster.image.broker(1)!.brokerEpoch
    expect(cluster.register(1)).toBe(first)
    expect(partition(cluster)).toMatchObject({ leaderEpoch: 0 })
    expect(cluster.register(1, 2)).toBeGreaterThan(first)
    expect(partition(cluster)).toMatchObject({ leader: 1, leaderEpoch: 1, isr: [1] })
  })

  it("keeps the last in-sync member when it is gone, and lets it lead again", () => {
    const cluster = withTopics([1], "a")
    const { brokerEpoch } = cluster.image.broker(1)!
    cluster.apply(fenceBroker(cluster.image, 1, brokerEpoch, cluster.context))
    expect(partition(cluster)).toMatchObject({ leader: -1, isr: [1], leaderEpoch: 1 })
    expect(topicsOn(plaintext, cluster.image, [{ name: "a", topicId: zeroUuid }])[0]?.partitions[0])
      .toMatchObject({ errorCode: 5, leaderId: -1, offlineReplicas: [1], isrNodes: [1] })
    cluster.apply(unfenceBroker(cluster.image, 1, brokerEpoch, cluster.context))
    expect(partition(cluster)).toMatchObject({ leader: 1, isr: [1], leaderEpoch: 2 })
  })

  it("moves leadership to another in-sync member", () => {
    const cluster = withTopics([1, 2], "a")
    cluster.apply(fenceBroker(cluster.image, 1, cluster.image.broker(1)!.brokerEpoch, cluster.context))
    expect(partition(cluster)).toMatchObject({ leader: 2, isr: [2], leaderEpoch: 1 })
    expect(metadataBrokers(cluster.image, "PLAINTEXT")).toEqual([{ nodeId: 2, host: "host2", port: 9092, rack: null }])
  })

  it("refuses a second broker with the same id, and another run's epoch", () => {
    const cluster = withTopics([1], "a")
    const stranger = { brokerId: 1, incarnationId: "other", endPoints: [], rack: null, logDirs: [uuid(5)] }
    expect(registerBroker(cluster.image, stranger, cluster.context).response.errorCode).toBe(101)
    expect(fenceBroker(cluster.image, 1, 99, cluster.context).response.errorCode).toBe(77)
    expect(unfenceBroker(cluster.image, 2, 0, cluster.context).response.errorCode).toBe(102)
    expect(allocateProducerIds(cluster.image, 1, 99)).toEqual({ records: [], response: { errorCode: 77, producerIdStart: -1, producerIdLen: 0 } })
  })

  it("never gives a producer id twice", () => {
    const cluster = withTopics([1, 2])
    const block = (id: number) => cluster.apply(allocateProducerIds(cluster.image, id, cluster.image.broker(id)!.brokerEpoch))
    expect([block(1), block(2), block(1)].map((it) => [it.producerIdStart, it.producerIdLen])).toEqual([[0, 1000], [1000, 1000], [2000, 1000]])
  })
})

describe("metadataTopics", () => {
  it("names nobody where the leader lacks the listener of who asks", () => {
    const cluster = withTopics([1], "a")
    const inside = "INSIDE"
    expect(topicsOn(inside, cluster.image, null)[0]!.partitions[0])
      .toMatchObject({ errorCode: 72, leaderId: -1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1], offlineReplicas: [1] })
    cluster.fence(1)
    expect(topicsOn(inside, cluster.image, null)[0]!.partitions[0]!.errorCode).toBe(5)
  })

  it("answers all topics, none, by name, by id, and those that do not exist", () => {
    const cluster = withTopics([1], "a", "__consumer_offsets")
    const { topicId } = cluster.image.topic("a")!
    expect(topicsOn(plaintext, cluster.image, null).map((it) => [it.name, it.isInternal])).toEqual([["a", false], ["__consumer_offsets", true]])
    expect(topicsOn(plaintext, cluster.image, [])).toEqual([])
    const asked = [{ name: "x", topicId: zeroUuid }, { name: null, topicId }, { name: null, topicId: uuid(5) }, { name: "b ad", topicId: zeroUuid }]
    expect(topicsOn(plaintext, cluster.image, asked).map((it) => [it.name, it.topicId, it.errorCode]))
      .toEqual([["x", zeroUuid, 3], ["a", topicId, 0], [null, uuid(5), 100], ["b ad", zeroUuid, 17]])
  })

  it("names the leader while its broker is shutting down, and nobody once it is fenced", () => {
    const cluster = withTopics([1, 2], "a")
    const { brokerEpoch } = cluster.image.broker(1)!
    const change = (fenced: number, inControlledShutdown: number) => cluster.image.replay({
      type: "BrokerRegistrationChangeRecord",
      value: { brokerId: 1, brokerEpoch, fenced, inControlledShutdown, logDirs: [], cordonedLogDirs: null }
    })
    const described = () => topicsOn(plaintext, cluster.image, null)[0]!.partitions[0]
    change(0, 1)
    expect(described()).toMatchObject({ errorCode: 0, leaderId: 1, offlineReplicas: [] })
    change(1, 0)
    expect(described()).toMatchObject({ errorCode: 5, leaderId: -1, offlineReplicas: [1] })
  })
})
