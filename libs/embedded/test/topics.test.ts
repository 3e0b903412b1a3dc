import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import type { RequestOf } from "./support/codecs.ts"
import { batchOf, createTopic, fetch, produce } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode, type SimulatedNodeOptions } from "./support/SimulatedNode.ts"

async function start(options?: SimulatedNodeOptions) {
  const node = await SimulatedNode.start(options)
  return { node, client: await node.connect() }
}

type NewTopic = RequestOf<"CreateTopics">["topics"][number]
const newTopic = (name: string, more: Partial<NewTopic> = {}): NewTopic => ({
  name, numPartitions: -1, replicationFactor: -1, assignments: [], configs: [], ...more
})

const create = async (client: SimulatedClient, topics: ReadonlyArray<NewTopic>, validateOnly = false) =>
  (await client.ask("CreateTopics", 7, { topics, timeoutMs: 1_000, validateOnly })).topics

const alter = async (client: SimulatedClient, resourceName: string, name: string, value: string | null, configOperation = 0, resourceType = 2) =>
  (await client.ask("IncrementalAlterConfigs", 1, {
    resources: [{ resourceType, resourceName, configs: [{ name, configOperation, value }] }],
    validateOnly: false
  })).responses[0]!

const names = async (client: SimulatedClient) => (await client.ask("Metadata", 12, { topics: null })).topics.map((it) => it.name)

describe("Metadata", () => {
  it("takes an empty list for all topics in version 0, and for none afterwards", async () => {
    const { client } = await start()
    await createTopic(client, "a")
    await createTopic(client, "b")
    expect((await client.ask("Metadata", 0, { topics: [] })).topics.map((it) => it.name)).toEqual(["a", "b"])
    for (const version of [1, 8, 9, 12]) {
      expect((await client.ask("Metadata", version, { topics: [] })).topics).toEqual([])
      expect((await client.ask("Metadata", version, { topics: null })).topics.map((it) => it.name)).toEqual(["a", "b"])
    }
  })

  it("finds topics by id, and says which ids it does not know", async () => {
    const { client } = await start()
    const topicId = await createTopic(client, "a")
    const unknown = "zzzzzzzzzzzzzzzzzzzzzw"
    const { topics } = await client.ask("Metadata", 12, { topics: [{ name: null, topicId }, { name: null, topicId: unknown }] })
    expect(topics.map((it) => [it.name, it.topicId, it.errorCode])).toEqual([["a", topicId, 0], [null, unknown, ErrorCode.UNKNOWN_TOPIC_ID]])
    expect(topics).toHaveLength(2)
  })

  it("creates what is missing only where request and broker allow it", async () => {
    const { client } = await start()
    const ask = async (name: string, version: number, allowAutoTopicCreation?: boolean) =>
      (await client.ask("Metadata", version, {
        topics: [{ name }], ...(allowAutoTopicCreation === undefined ? {} : { allowAutoTopicCreation })
      })).topics[0]!
    expect((await ask("refused", 4, false)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await names(client)).toEqual([])
    // Before version 4 a client cannot say so, and means yes.
    expect(await ask("old", 3)).toMatchObject({ errorCode: 0, name: "old", partitions: [{ leaderId: 1 }] })
    expect(await ask("new", 12, true)).toMatchObject({ errorCode: 0, partitions: [{ leaderId: 1 }] })
    expect((await produce(client, "new", batchOf(["at once"]))).errorCode).toBe(0)
    const twice = await client.ask("Metadata", 12, { topics: [{ name: "twice" }, { name: "twice" }], allowAutoTopicCreation: true })
    expect(twice.topics.map((it) => it.errorCode)).toEqual([0])
    // Only one of two names that differ in '.' and '_' can be.
    const collision = await ask("a.b", 12, true).then(() => ask("a_b", 12, true))
    expect(collision).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, name: "a_b" })
    expect((await ask("..", 12, true)).errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
    expect((await produce(client, "unasked", batchOf(["x"]))).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(await names(client)).toEqual(["old", "new", "twice", "a.b"])
  })

  it("creates nothing where auto.create.topics.enable is off", async () => {
    const { client } = await start({ properties: { "auto.create.topics.enable": "false" } })
    const { topics } = await client.ask("Metadata", 1, { topics: [{ name: "a" }] })
    expect([topics[0]!.errorCode, await names(client)]).toEqual([ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, []])
  })

  it("shows the coordinators' topic as internal once somebody needs it", async () => {
    const { client } = await start()
    await client.ask("FindCoordinator", 0, { key: "g" })
    const { topics } = await client.ask("Metadata", 12, { topics: null })
    expect(topics).toMatchObject([{ name: "__consumer_offsets", isInternal: true, partitions: [{}, {}, {}] }])
  })
})

describe("CreateTopics", () => {
  it("takes the broker's defaults for -1", async () => {
    const { client } = await start({ properties: { "num.partitions": "4" } })
    expect(await create(client, [newTopic("a")])).toMatchObject([{ errorCode: 0, numPartitions: 4, replicationFactor: 1 }])
  })

  it("creates nothing with validateOnly, and finds the same faults", async () => {
    const { client } = await start()
    const [valid, invalid] = await create(client, [newTopic("a"), newTopic("b", { numPartitions: 0 })], true)
    expect(valid).toMatchObject({ errorCode: 0, topicId: zeroUuid, numPartitions: 1 })
    expect(invalid).toMatchObject({ errorCode: ErrorCode.INVALID_PARTITIONS })
    expect(await names(client)).toEqual([])
  })

  it("judges each topic by itself", async () => {
    const { client } = await start()
    await createTopic(client, "is.there")
    const answers = await create(client, [
      newTopic("good"),
      newTopic("is.there"),
      newTopic("is_there"),
      newTopic("twice"),
      newTopic("twice"),
      newTopic("bad name"),
      newTopic("replicas", { replicationFactor: 2 }),
      newTopic("config", { configs: [{ name: "retention.ms", value: "soon" }] }),
      newTopic("key", { configs: [{ name: "no.such.key", value: "1" }] }),
      newTopic("nowhere", { assignments: [{ partitionIndex: 0, brokerIds: [7] }] }),
      newTopic("here", { assignments: [{ partitionIndex: 0, brokerIds: [1] }, { partitionIndex: 1, brokerIds: [1] }] })
    ])
    expect(Object.fromEntries(answers.map((it) => [it.name, it.errorCode]))).toEqual({
      "good": 0,
      "is.there": ErrorCode.TOPIC_ALREADY_EXISTS,
      "is_there": ErrorCode.INVALID_TOPIC_EXCEPTION,
      "twice": ErrorCode.INVALID_REQUEST,
      "bad name": ErrorCode.INVALID_TOPIC_EXCEPTION,
      "replicas": ErrorCode.INVALID_REPLICATION_FACTOR,
      "config": ErrorCode.INVALID_CONFIG,
      "key": ErrorCode.INVALID_CONFIG,
      "nowhere": ErrorCode.INVALID_REPLICA_ASSIGNMENT,
      "here": 0
    })
    expect(await names(client)).toEqual(["is.there", "good", "here"])
  })
})

describe("CreatePartitions and DeleteTopics", () => {
  it("adds partitions that can be used at once, unless it is asked only to validate", async () => {
    const { client } = await start()
    await createTopic(client, "a")
    const grow = async (validateOnly: boolean) =>
      (await client.ask("CreatePartitions", 3, { topics: [{ name: "a", count: 2, assignments: null }], timeoutMs: 1_000, validateOnly })).results[0]!
    expect((await grow(true)).errorCode).toBe(0)
    expect((await produce(client, "a", batchOf(["x"]), { index: 1 })).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await grow(false)).errorCode).toBe(0)
    expect((await produce(client, "a", batchOf(["x"]), { index: 1 })).baseOffset).toBe(0)
  })

  it("deletes by id; a topic of the same name has another id, a higher leader epoch, and nothing of the old one", async () => {
    const { client } = await start()
    const first = await createTopic(client, "a", 1, { "retention.ms": "5000" })
    await produce(client, "a", batchOf(["old"]))
    const remove = async (topicId: string, name: string | null = null) =>
      (await client.ask("DeleteTopics", 6, { topics: [{ name, topicId }], timeoutMs: 1_000 })).responses[0]!
    expect((await remove("zzzzzzzzzzzzzzzzzzzzzw")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    expect((await remove(first, "a")).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    expect(await remove(first)).toMatchObject({ errorCode: 0, name: "a", topicId: first })
    expect((await produce(client, "a", batchOf(["x"]))).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)

    const second = await createTopic(client, "a")
    expect(second).not.toBe(first)
    const { topics } = await client.ask("Metadata", 12, { topics: [{ name: "a" }] })
    expect(topics[0]!.partitions[0]!.leaderEpoch).toBe(1)
    expect(await fetch(client, "a")).toMatchObject({ errorCode: 0, highWatermark: 0 })
    const { results } = await client.ask("DescribeConfigs", 4, { resources: [{ resourceType: 2, resourceName: "a", configurationKeys: ["retention.ms"] }] })
    expect(results[0]!.configs[0]!.value).toBe("604800000")
    expect((await produce(client, "a", batchOf(["new"]))).baseOffset).toBe(0)
  })

  it("refuses what belongs to the brokers", async () => {
    const { client } = await start()
    await client.ask("FindCoordinator", 0, { key: "g" })
    const { responses } = await client.ask("DeleteTopics", 5, { topicNames: ["__consumer_offsets"], timeoutMs: 1_000 })
    expect(responses[0]!.errorCode).toBe(ErrorCode.POLICY_VIOLATION)
    const disabled = await start({ properties: { "delete.topic.enable": "false" } })
    await createTopic(disabled.client, "a")
    const refused = await disabled.client.ask("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })
    expect(refused.responses[0]!.errorCode).toBe(ErrorCode.TOPIC_DELETION_DISABLED)
  })

  it("ends a parked fetch of the topic", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    const reader = await node.connect()
    const parked = reader.raw.request("Fetch", 12, {
      maxWaitMs: 600_000, minBytes: 1, topics: [{ topic: "a", partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }]
    })
    await node.settle()
    await client.ask("DeleteTopics", 5, { topicNames: ["a"], timeoutMs: 1_000 })
    expect((await node.run(parked, 0)).responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })
})

describe("configurations", () => {
  const describeOne = async (client: SimulatedClient, key: string, resourceType = 2, resourceName = "a") => {
    const { results } = await client.ask("DescribeConfigs", 4, {
      resources: [{ resourceType, resourceName, configurationKeys: [key] }], includeSynonyms: true
    })
    const [config] = results[0]!.configs
    return { value: config!.value, source: config!.configSource, synonyms: config!.synonyms.map((it) => [it.name, it.value, it.source]) }
  }

  it("say where a value comes from, and what it would be without", async () => {
    const { client } = await start({ properties: { "log.retention.hours": "2" } })
    await createTopic(client, "a")
    expect(await describeOne(client, "retention.ms")).toEqual({
      value: "7200000", source: 4, synonyms: [["log.retention.hours", "2", 4], ["log.retention.hours", "168", 5]]
    })
    expect((await alter(client, "a", "retention.ms", "60000")).errorCode).toBe(0)
    expect(await describeOne(client, "retention.ms")).toEqual({
      value: "60000", source: 1,
      synonyms: [["retention.ms", "60000", 1], ["log.retention.hours", "2", 4], ["log.retention.hours", "168", 5]]
    })
    expect((await alter(client, "a", "retention.ms", null, 1)).errorCode).toBe(0)
    expect(await describeOne(client, "retention.ms")).toMatchObject({ value: "7200000", source: 4 })
    expect(await describeOne(client, "max.message.bytes")).toMatchObject({ value: "1048588", source: 5 })
  })

  it("set for all brokers hold for every topic that says nothing itself", async () => {
    const { client } = await start()
    await createTopic(client, "a")
    expect((await alter(client, "", "message.max.bytes", "200", 0, 4)).errorCode).toBe(0)
    expect(await describeOne(client, "max.message.bytes")).toMatchObject({ value: "200", source: 3 })
    expect((await produce(client, "a", batchOf(["x"], { valueBytes: 300 }))).errorCode).toBe(ErrorCode.MESSAGE_TOO_LARGE)
    expect((await alter(client, "a", "max.message.bytes", "1000")).errorCode).toBe(0)
    expect((await produce(client, "a", batchOf(["x"], { valueBytes: 300 }))).errorCode).toBe(0)
  })

  it("take hold at once: max.message.bytes", async () => {
    const { client } = await start()
    await createTopic(client, "a")
    const large = () => produce(client, "a", batchOf(["x"], { valueBytes: 300 }))
    expect((await large()).errorCode).toBe(0)
    await alter(client, "a", "max.message.bytes", "200")
    const refused = await large()
    expect([refused.errorCode, refused.baseOffset]).toEqual([ErrorCode.MESSAGE_TOO_LARGE, -1])
    expect(refused.errorMessage).toContain("max.message.bytes")
    await alter(client, "a", "max.message.bytes", null, 1)
    expect((await large()).baseOffset).toBe(1)
  })

  it("take hold at once: message.timestamp.type", async () => {
    const { client, node } = await start()
    await createTopic(client, "a")
    await alter(client, "a", "message.timestamp.type", "LogAppendTime")
    await node.advance(1_234)
    const now = node.clock.wallMillis()
    expect((await produce(client, "a", batchOf(["x"], { timestamp: 5 }))).logAppendTimeMs).toBe(now)
    const { records } = await fetch(client, "a")
    // The CRC covers the attributes, so a client that checks it would refuse a batch that was only patched.
    expect([records!.readInt16BE(21) & 8, Number(records!.readBigInt64BE(35))]).toEqual([8, now])
    const { topics } = await client.ask("ListOffsets", 7, { replicaId: -1, topics: [{ name: "a", partitions: [{ partitionIndex: 0, timestamp: -3 }] }] })
    expect(topics[0]!.partitions[0]).toMatchObject({ offset: 0, timestamp: now })
  })

  it("take hold at once: retention.ms", async () => {
    const { client, node } = await start({ directory: { retentionCheckMillis: 1_000 } })
    await createTopic(client, "a")
    await produce(client, "a", batchOf(["x", "y"], { timestamp: node.clock.wallMillis() }))
    await node.advance(10_000)
    expect((await fetch(client, "a")).logStartOffset).toBe(0)
    await alter(client, "a", "retention.ms", "5000")
    await node.advance(2_000)
    expect(await fetch(client, "a", { offset: 0 })).toMatchObject({ errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect((await fetch(client, "a", { offset: 2 })).logStartOffset).toBe(2)
    expect((await produce(client, "a", batchOf(["z"]))).baseOffset).toBe(2)
  })

  it("append to and take from lists only", async () => {
    const { client } = await start()
    await createTopic(client, "a")
    expect((await alter(client, "a", "retention.ms", "1", 2)).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect((await alter(client, "a", "cleanup.policy", "delete", 3)).errorCode).toBe(0)
    expect((await describeOne(client, "cleanup.policy")).value).toBe("")
    expect((await alter(client, "a", "cleanup.policy", "delete", 2)).errorCode).toBe(0)
    expect((await describeOne(client, "cleanup.policy")).value).toBe("delete")
  })
})
