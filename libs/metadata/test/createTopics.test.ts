import { describe, expect, it } from "vitest"
import { autoCreateTopics, createTopics, ResourceType, TopicConfig } from "../src/index.ts"
import { TestCluster } from "./cluster.ts"

type Topic = Parameters<typeof createTopics>[1]["topics"][number]
const topic = (input: Partial<Topic> = {}): Topic =>
  ({ name: "orders", numPartitions: 2, replicationFactor: 1, assignments: [], configs: [], ...input })
const create = (cluster: TestCluster, topics: ReadonlyArray<Topic>, validateOnly = false) =>
  cluster.apply(createTopics(cluster.image, { topics, timeoutMs: 0, validateOnly }, cluster.context)).topics
const assigned = (...rows: Array<[number, number[]]>) => rows.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds }))

describe("createTopics", () => {
  it("creates partitions that are led, and answers what it made", () => {
    const cluster = new TestCluster([1])
    const [answer] = create(cluster, [topic({ configs: [{ name: "retention.ms", value: "1000" }] })])
    expect(answer).toMatchObject({ name: "orders", errorCode: 0, numPartitions: 2, replicationFactor: 1 })
    expect(answer?.configs?.find((it) => it.name === "retention.ms")).toEqual({ name: "retention.ms", value: "1000", readOnly: false, configSource: 1, isSensitive: false })
    expect(answer?.configs?.find((it) => it.name === "segment.bytes")?.configSource).toBe(5)
    const created = cluster.image.topicById(answer!.topicId!)!
    expect(created.partitions).toMatchObject([
      { leader: 1, leaderEpoch: 0, partitionEpoch: 0, replicas: [1], isr: [1] },
      { leader: 1, replicas: [1], isr: [1] }
    ])
  })

  it("takes the last of several values of one key", () => {
    const cluster = new TestCluster([1])
    const values = ["1000", "2000"].map((value) => ({ name: "retention.ms", value }))
    expect(create(cluster, [topic({ configs: values })])[0]?.errorCode).toBe(0)
    expect([...cluster.image.config(ResourceType.topic, "orders")]).toEqual([["retention.ms", "2000"]])
  })

  it("takes defaults for -1", () => {
    const cluster = new TestCluster([1, 2], { "num.partitions": "5", "default.replication.factor": "2" })
    const [answer] = create(cluster, [topic({ numPartitions: -1, replicationFactor: -1 })])
    expect(answer).toMatchObject({ numPartitions: 5, replicationFactor: 2 })
  })

  it.each([
    ["an empty name", topic({ name: "" }), 17],
    ["a dot", topic({ name: "." }), 17],
    ["a slash", topic({ name: "a/b" }), 17],
    ["250 characters", topic({ name: "a".repeat(250) }), 17],
    ["249 characters", topic({ name: "a".repeat(249) }), 0],
    ["the metadata log", topic({ name: "__cluster_metadata" }), 42],
    ["an existing topic", topic({ name: "existing.topic" }), 36],
    ["a collision of . and _", topic({ name: "existing_topic" }), 17],
    ["no partitions", topic({ numPartitions: 0 }), 37],
    ["-2 partitions", topic({ numPartitions: -2 }), 37],
    ["no replicas", topic({ replicationFactor: 0 }), 38],
    ["more replicas than brokers", topic({ replicationFactor: 4 }), 38],
    ["more partitions than a request may make", topic({ numPartitions: 2_000_000_000 }), 44],
    ["an assignment with a replication factor", topic({ numPartitions: -1, assignments: assigned([0, [1]]) }), 42],
    ["an assignment with a count", topic({ replicationFactor: -1, assignments: assigned([0, [1]]) }), 42],
    ["a manual assignment", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([1, [2, 1]], [0, [3, 1]]) }), 0],
    ["a gap", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, [1]], [2, [1]]) }), 39],
    ["a partition twice", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, [1]], [0, [2]]) }), 39],
    ["an unknown broker", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, [9]]) }), 39],
    ["a broker twice", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, [1, 1]]) }), 39],
    ["no broker", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, []]) }), 39],
    ["different replication factors", topic({ numPartitions: -1, replicationFactor: -1, assignments: assigned([0, [1]], [1, [1, 2]]) }), 39],
    ["an unknown config", topic({ configs: [{ name: "retention.mss", value: "1" }] }), 40],
    ["a broker's config", topic({ configs: [{ name: "log.retention.ms", value: "1" }] }), 40],
    ["no value", topic({ configs: [{ name: "retention.ms", value: null }] }), 40],
    ["a wrong value", topic({ configs: [{ name: "retention.ms", value: "soon" }] }), 40],
    ["out of range", topic({ configs: [{ name: "retention.ms", value: "-2" }] }), 40],
    ["compaction", topic({ configs: [{ name: "cleanup.policy", value: "compact,delete" }] }), 40],
    ["a config twice of which one has no value", topic({ configs: [{ name: "retention.ms", value: null }, { name: "retention.ms", value: "2" }] }), 40],
    ["a value that no record holds", topic({ configs: [{ name: "leader.replication.throttled.replicas", value: "0:1,".repeat(9_000) + "0:1" }] }), 40],
    ["a key and a value as long as a request has them", topic({ configs: [{ name: "k".repeat(32_767), value: "1" }] }), 40],
    ["lags the wrong way round", topic({ configs: [{ name: "min.compaction.lag.ms", value: "9" }, { name: "max.compaction.lag.ms", value: "8" }] }), 40]
  ])("answers %s", (_, wanted, errorCode) => {
    const cluster = new TestCluster([1, 2, 3])
    create(cluster, [topic({ name: "existing.topic" })])
    const before = cluster.image.partitionCount
    const [answer] = create(cluster, [wanted])
    expect(answer?.errorCode).toBe(errorCode)
    // Any longer, and the answer could not be written.
    expect(answer?.errorMessage?.length ?? 0).toBeLessThan(2_000)
    if (errorCode === 0) expect(answer?.errorMessage).toBeNull()
    else expect([answer?.errorMessage === null, cluster.image.partitionCount]).toEqual([false, before])
  })

  it("refuses duplicates and collisions within one request, and creates the rest", () => {
    const cluster = new TestCluster()
    const answers = create(cluster, [topic({ name: "twice" }), topic({ name: "a.b" }), topic({ name: "twice" }), topic({ name: "a_b" }), topic({ name: "fine" })])
    expect(answers.map((it) => [it.name, it.errorCode])).toEqual([["twice", 42], ["a.b", 0], ["a_b", 17], ["fine", 0]])
    expect([...cluster.image.topics].map((it) => it.name)).toEqual(["a.b", "fine"])
  })

  it("validates without creating", () => {
    const cluster = new TestCluster()
    const [answer] = create(cluster, [topic({ numPartitions: 7 })], true)
    expect(answer).toMatchObject({ errorCode: 0, numPartitions: 7, topicId: "AAAAAAAAAAAAAAAAAAAAAA" })
    expect(cluster.image.topicCount).toBe(0)
  })

  it("keeps the limits over all topics of a request and of the cluster", () => {
    const cluster = new TestCluster()
    cluster.limits = { partitionsPerRequestMax: 5, partitionsMax: 8 }
    expect(create(cluster, [topic({ name: "a", numPartitions: 3 }), topic({ name: "b", numPartitions: 3 })]).map((it) => it.errorCode)).toEqual([0, 44])
    expect(create(cluster, [topic({ name: "b", numPartitions: 5 })]).map((it) => it.errorCode)).toEqual([0])
    expect(create(cluster, [topic({ name: "c", numPartitions: 1 })]).map((it) => it.errorCode)).toEqual([44])
  })

  it("never takes an id twice, nor one with a meaning of its own", () => {
    const cluster = new TestCluster()
    const ids = ["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ", "b".repeat(22), "b".repeat(22), "c".repeat(22)]
    const context = { ...cluster.context, newUuid: () => ids.shift()! }
    const { topics } = createTopics(cluster.image, { topics: [topic({ name: "a" }), topic({ name: "b" })], timeoutMs: 0, validateOnly: false }, context).response
    expect(topics.map((it) => it.topicId)).toEqual(["b".repeat(22), "c".repeat(22)])
  })

  it("spreads leaders and replicas evenly", () => {
    const cluster = new TestCluster([1, 2, 3])
    for (const name of ["a", "b", "c", "d"]) create(cluster, [topic({ name, numPartitions: 3, replicationFactor: 2 })])
    const partitions = [...cluster.image.topics].flatMap((it) => it.partitions)
    for (const id of [1, 2, 3]) {
      expect(partitions.filter((it) => it.leader === id)).toHaveLength(4)
      expect(partitions.filter((it) => it.replicas.includes(id))).toHaveLength(8)
    }
    for (const { replicas } of partitions) expect(new Set(replicas).size).toBe(2)
  })
})

describe("autoCreateTopics", () => {
  const auto = (cluster: TestCluster, ...names: string[]) => cluster.apply(autoCreateTopics(cluster.image, names, cluster.context))

  it("creates what is missing and legal", () => {
    const cluster = new TestCluster([1], { "num.partitions": "3" })
    expect(auto(cluster, "a", "a", "b/c").map((it) => [it.name, it.errorCode])).toEqual([["a", 0], ["b/c", 17]])
    expect(cluster.image.topic("a")?.partitions).toHaveLength(3)
    expect(auto(cluster, "a")).toEqual([])
  })

  it("creates only the brokers' own topics when it is switched off", () => {
    const cluster = new TestCluster([1], { "auto.create.topics.enable": "false", "offsets.topic.num.partitions": "4" })
    expect(auto(cluster, "a", "__consumer_offsets").map((it) => [it.name, it.errorCode])).toEqual([["__consumer_offsets", 0], ["a", 3]])
    expect(cluster.image.topic("__consumer_offsets")?.partitions).toHaveLength(4)
    expect(Object.fromEntries(cluster.image.config(ResourceType.topic, "__consumer_offsets")))
      .toEqual({ "cleanup.policy": "compact", "compression.type": "producer", "segment.bytes": "104857600" })
    expect(TopicConfig.of(cluster.image, cluster.config, "__consumer_offsets").isCompacted).toBe(true)
  })

  it("gives the other topics of brokers what Kafka gives them", () => {
    const cluster = new TestCluster([1])
    auto(cluster, "__transaction_state", "__share_group_state")
    const configOf = (name: string) => Object.fromEntries(cluster.image.config(ResourceType.topic, name))
    const sizes = { "segment.bytes": "104857600", "min.insync.replicas": "2" }
    expect(configOf("__transaction_state")).toEqual({ ...sizes, "cleanup.policy": "compact", "compression.type": "uncompressed", "unclean.leader.election.enable": "false" })
    expect(configOf("__share_group_state")).toEqual({ ...sizes, "cleanup.policy": "delete", "compression.type": "producer", "retention.ms": "-1" })
  })

  const replicasOfOffsets = (cluster: TestCluster) => cluster.image.topic("__consumer_offsets")?.partitions[0]?.replicas.length

  it("takes as many replicas for internal topics as there are brokers, unless told", () => {
    const four = new TestCluster([1, 2, 3, 4])
    auto(four, "__consumer_offsets")
    expect(replicasOfOffsets(four)).toBe(3)
    const told = new TestCluster([1], { "offsets.topic.replication.factor": "2" })
    expect(auto(told, "__consumer_offsets")[0]?.errorCode).toBe(15)
  })

  it("does not create internal topics with fewer replicas because brokers are late or gone", () => {
    const cluster = new TestCluster([1], { "controller.quorum.voters": "1,2,3" })
    expect(auto(cluster, "__consumer_offsets")[0]?.errorCode).toBe(15)
    cluster.register(2)
    expect(auto(cluster, "__consumer_offsets")[0]?.errorCode).toBe(15)
    cluster.register(3)
    cluster.fence(2)
    cluster.fence(3)
    expect(auto(cluster, "__consumer_offsets")[0]?.errorCode).toBe(15)
    cluster.unfence(2)
    expect(auto(cluster, "__consumer_offsets")[0]?.errorCode).toBe(0)
    expect(cluster.image.topic("__consumer_offsets")!.partitions.map((it) => [it.replicas.toSorted(), it.isr.toSorted()]))
      .toEqual(Array.from({ length: 50 }, () => [[1, 2, 3], [1, 2]]))
  })
})
