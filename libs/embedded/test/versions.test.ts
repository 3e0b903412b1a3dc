import { apis, ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { type ApiName, codecs, versionsOf } from "./support/codecs.ts"
import { batchOf, createTopic, produce, recordsIn } from "./support/requests.ts"
import { type SimulatedClient, SimulatedNode } from "./support/SimulatedNode.ts"

const topic = "orders"
const unknownId = "zzzzzzzzzzzzzzzzzzzzzw"
const group = "billing"

interface Given {
  readonly node: SimulatedNode
  readonly client: SimulatedClient
  readonly topicId: string
}

type Check = (given: Given, version: number) => Promise<void>

/** A member that has joined alone and has its assignment. */
async function member({ client }: Given, groupId: string) {
  const join = { groupId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, memberId: "", protocolType: "consumer", protocols: [{ name: "range", metadata: Buffer.from("m") }] }
  const { generationId, memberId } = await client.ask("JoinGroup", 3, join)
  await client.ask("SyncGroup", 3, { groupId, generationId, memberId, assignments: [{ memberId, assignment: Buffer.from("a") }] })
  return { generationId, memberId }
}

/** For each API: sensible requests in one version, answered as Kafka answers them. */
const checks: { readonly [Name in ApiName]: Check } = {
  Produce: async ({ client, topicId }, version) => {
    const byId = version >= 13
    const row = (records: Buffer | null, index = 0, name = topic, id = topicId) => ({
      ...(byId ? { topicId: id } : { name }),
      partitionData: [{ index, records }]
    })
    const response = await client.ask("Produce", version, {
      acks: version % 2 === 0 ? -1 : 1,
      timeoutMs: 1_000,
      topicData: [row(batchOf([`v${version}`])), row(batchOf(["x"]), 9), row(batchOf(["x"]), 0, "missing", unknownId)]
    })
    const [written, noPartition, noTopic] = response.responses.map(({ partitionResponses }) => partitionResponses[0]!)
    if (version < 3) {
      expect(response.responses.map((it) => it.partitionResponses[0]!.errorCode)).toEqual([43, 43, 43])
      return
    }
    expect(written).toMatchObject({ errorCode: 0, logAppendTimeMs: -1, logStartOffset: version >= 5 ? 0 : -1 })
    expect(written!.baseOffset).toBeGreaterThanOrEqual(0)
    expect(noPartition!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(noTopic!.errorCode).toBe(byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(response.responses[0]!.topicId).toBe(byId ? topicId : zeroUuid)
  },

  Fetch: async ({ client, topicId }, version) => {
    const byId = version >= 13
    const row = (partition: number, name = topic, id = topicId) => ({
      ...(byId ? { topicId: id } : { topic: name }),
      partitions: [{ partition, fetchOffset: 0, partitionMaxBytes: 1_000_000 }]
    })
    const response = await client.ask("Fetch", version, {
      maxWaitMs: 10,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: version % 2,
      topics: [row(0), row(9), row(0, "missing", unknownId)]
    })
    // Partitions of one topic that follow each other share its entry.
    const [found, noPartition, noTopic] = response.responses.flatMap(({ partitions }) => partitions)
    expect(response.errorCode).toBe(0)
    expect(found!.errorCode).toBe(0)
    expect(recordsIn(found!.records)[0]).toEqual([0, "first"])
    expect(found!.highWatermark).toBe(found!.lastStableOffset)
    expect(found!.abortedTransactions).toEqual(version % 2 === 0 ? null : [])
    expect(noPartition!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(noTopic!.errorCode).toBe(byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(noTopic!.highWatermark).toBe(-1)
  },

  ListOffsets: async ({ client }, version) => {
    const ask = async (timestamp: number, name = topic, partitionIndex = 0) => {
      const topics = [{ name, partitions: [{ partitionIndex, timestamp }] }]
      return (await client.ask("ListOffsets", version, { replicaId: -1, topics })).topics[0]!.partitions[0]!
    }
    expect(await ask(-2)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1, leaderEpoch: version >= 4 ? 0 : -1 })
    expect(await ask(-1)).toMatchObject({ errorCode: 0, timestamp: -1 })
    expect((await ask(-1)).offset).toBeGreaterThan(0)
    const special = [[-3, 7], [-4, 8], [-5, 9], [-6, 99]] as const
    for (const [timestamp, versionMin] of special) {
      expect((await ask(timestamp)).errorCode).toBe(version >= versionMin ? 0 : ErrorCode.UNSUPPORTED_VERSION)
    }
    expect(await ask(0)).toMatchObject({ errorCode: 0, offset: 0 })
    expect(await ask(8_000_000_000_000)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1, leaderEpoch: -1 })
    expect((await ask(-1, "missing")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await ask(-1, topic, 9)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  Metadata: async ({ client, node, topicId }, version) => {
    const response = await client.ask("Metadata", version, {
      topics: [{ name: topic }, { name: "not valid" }],
      ...(version >= 8 ? { includeTopicAuthorizedOperations: true } : {})
    })
    expect(response.brokers).toEqual([{ nodeId: 1, host: "localhost", port: 9092, rack: null }])
    expect(response.clusterId).toBe(version >= 2 ? node.node.clusterId : null)
    expect(response.controllerId).toBe(version >= 1 ? 1 : -1)
    const [known, invalid] = response.topics
    expect(known).toMatchObject({ errorCode: 0, name: topic, isInternal: false, topicId: version >= 10 ? topicId : zeroUuid })
    expect(known!.partitions).toMatchObject([{ errorCode: 0, partitionIndex: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] }])
    expect(known!.partitions[0]!.leaderEpoch).toBe(version >= 7 ? 0 : -1)
    expect(known!.topicAuthorizedOperations).toBe(-2_147_483_648)
    expect(invalid).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, name: "not valid", partitions: [] })
  },

  OffsetCommit: async ({ client }, version) => {
    const partition = (partitionIndex: number) => ({ partitionIndex, committedOffset: 7, committedMetadata: "m" })
    const response = await client.ask("OffsetCommit", version, {
      groupId: `${group}-${version}`,
      topics: [{ name: topic, partitions: [partition(0), partition(9)] }, { name: "missing", partitions: [partition(0)] }]
    })
    expect(response.topics).toEqual([
      { name: topic, partitions: [{ partitionIndex: 0, errorCode: 0 }, { partitionIndex: 9, errorCode: 3 }] },
      { name: "missing", partitions: [{ partitionIndex: 0, errorCode: 3 }] }
    ])
  },

  OffsetFetch: async ({ client }, version) => {
    const groupId = "fetches"
    const partitions = [{ partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: 3, committedMetadata: "here" }]
    await client.ask("OffsetCommit", 8, { groupId, topics: [{ name: topic, partitions }] })
    const asked = [{ name: topic, partitionIndexes: [0, 1] }]
    const epoch = version >= 5 ? 3 : -1
    const committed = { partitionIndex: 0, committedOffset: 5, committedLeaderEpoch: epoch, metadata: "here", errorCode: 0 }
    const nothing = { partitionIndex: 1, committedOffset: -1, committedLeaderEpoch: -1, metadata: "", errorCode: 0 }
    if (version < 8) {
      const { errorCode, topics } = await client.ask("OffsetFetch", version, { groupId, topics: asked })
      expect([errorCode, topics]).toEqual([0, [{ name: topic, partitions: [committed, nothing] }]])
      if (version < 2) return
      const all = await client.ask("OffsetFetch", version, { groupId, topics: null })
      expect(all.topics).toEqual([{ name: topic, partitions: [committed] }])
      return
    }
    const { groups } = await client.ask("OffsetFetch", version, {
      groups: [{ groupId, topics: asked }, { groupId: "nobody", topics: asked }, { groupId, topics: null }]
    })
    expect(groups).toEqual([
      { groupId, errorCode: 0, topics: [{ name: topic, partitions: [committed, nothing] }] },
      { groupId: "nobody", errorCode: 0, topics: [{ name: topic, partitions: [{ ...nothing, partitionIndex: 0 }, nothing] }] },
      { groupId, errorCode: 0, topics: [{ name: topic, partitions: [committed] }] }
    ])
  },

  FindCoordinator: async ({ client }, version) => {
    const find = async (key: string, keyType = 0) => {
      if (version >= 4) return (await client.ask("FindCoordinator", version, { keyType, coordinatorKeys: [key] })).coordinators[0]!
      return client.ask("FindCoordinator", version, { key, ...(version >= 1 ? { keyType } : {}) })
    }
    const found = { errorCode: 0, nodeId: 1, host: "localhost", port: 9092 }
    expect(await find(group)).toMatchObject(version >= 4 ? { ...found, key: group } : found)
    expect((await find("")).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
    if (version < 1) return
    expect(await find("tx", 1)).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, nodeId: -1, host: "", port: -1 })
    expect((await find("g:id:0", 2)).errorCode).toBe(ErrorCode.INVALID_REQUEST)
    if (version < 4) return
    const { coordinators } = await client.ask("FindCoordinator", version, { keyType: 0, coordinatorKeys: ["a", "b", ""] })
    expect(coordinators.map(({ errorCode, key }) => [key, errorCode])).toEqual([["a", 0], ["b", 0], ["", 24]])
  },

  JoinGroup: async ({ client }, version) => {
    const join = (memberId: string, groupId = `join-${version}`) =>
      client.ask("JoinGroup", version, {
        groupId,
        memberId,
        sessionTimeoutMs: 10_000,
        ...(version >= 1 ? { rebalanceTimeoutMs: 10_000 } : {}),
        protocolType: "consumer",
        protocols: [{ name: "range", metadata: Buffer.from("subscription") }]
      })
    let answer = await join("")
    if (version >= 4) {
      expect(answer.errorCode).toBe(ErrorCode.MEMBER_ID_REQUIRED)
      answer = await join(answer.memberId)
    }
    expect(answer).toMatchObject({ errorCode: 0, generationId: 1, protocolName: "range", leader: answer.memberId, skipAssignment: false })
    expect(answer.protocolType).toBe(version >= 7 ? "consumer" : null)
    expect(answer.memberId).toMatch(/^test-/)
    expect(answer.members).toEqual([{ memberId: answer.memberId, groupInstanceId: null, metadata: Buffer.from("subscription") }])
    const refused = await join("somebody", "another")
    expect(refused).toMatchObject({ errorCode: ErrorCode.UNKNOWN_MEMBER_ID, protocolName: version >= 7 ? null : "", leader: "", members: [] })
    expect((await join("", "")).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  },

  SyncGroup: async ({ client }, version) => {
    const groupId = `sync-${version}`
    const { generationId, memberId } = await client.ask("JoinGroup", 3, {
      groupId,
      memberId: "",
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      protocolType: "consumer",
      protocols: [{ name: "range", metadata: Buffer.from("m") }]
    })
    const named = version >= 5 ? { protocolType: "consumer", protocolName: "range" } : {}
    const sync = (generation: number, other = {}) =>
      client.ask("SyncGroup", version, {
        groupId, generationId: generation, memberId, ...named, ...other, assignments: [{ memberId, assignment: Buffer.from("all of it") }]
      })
    expect((await sync(generationId + 1)).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    if (version >= 5) expect((await sync(generationId, { protocolName: "other" })).errorCode).toBe(ErrorCode.INCONSISTENT_GROUP_PROTOCOL)
    const { assignment, errorCode, protocolName } = await sync(generationId)
    expect([errorCode, assignment.toString(), protocolName]).toEqual([0, "all of it", version >= 5 ? "range" : null])
    expect((await sync(generationId, { memberId: "nobody" })).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  },

  Heartbeat: async (given, version) => {
    const groupId = `heartbeat-${version}`
    const { generationId, memberId } = await member(given, groupId)
    const beat = (generation: number, id: string) => given.client.ask("Heartbeat", version, { groupId, generationId: generation, memberId: id })
    expect((await beat(generationId, memberId)).errorCode).toBe(0)
    expect((await beat(generationId + 1, memberId)).errorCode).toBe(ErrorCode.ILLEGAL_GENERATION)
    expect((await beat(generationId, "nobody")).errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
  },

  LeaveGroup: async (given, version) => {
    const groupId = `leave-${version}`
    const { memberId } = await member(given, groupId)
    const leave = (id: string) =>
      given.client.ask("LeaveGroup", version, version >= 3 ? { groupId, members: [{ memberId: id }] } : { groupId, memberId: id })
    const unknown = await leave("nobody")
    expect(version >= 3 ? unknown.members[0]!.errorCode : unknown.errorCode).toBe(ErrorCode.UNKNOWN_MEMBER_ID)
    const left = await leave(memberId)
    expect(left.errorCode).toBe(0)
    expect(left.members).toEqual(version >= 3 ? [{ memberId, groupInstanceId: null, errorCode: 0 }] : [])
    expect((await given.client.ask("LeaveGroup", version, { groupId: "" })).errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
  },

  DescribeGroups: async (given, version) => {
    const groupId = `describe-${version}`
    const { memberId } = await member(given, groupId)
    const { groups } = await given.client.ask("DescribeGroups", version, { groups: [groupId, "nobody"] })
    expect(groups[0]).toMatchObject({ errorCode: 0, groupId, groupState: "Stable", protocolType: "consumer", protocolData: "range" })
    expect(groups[0]!.members).toEqual([{
      memberId,
      groupInstanceId: null,
      clientId: "test",
      clientHost: "/127.0.0.1",
      memberMetadata: Buffer.from("m"),
      memberAssignment: Buffer.from("a")
    }])
    expect(groups[1]).toMatchObject({ errorCode: version >= 6 ? ErrorCode.GROUP_ID_NOT_FOUND : 0, groupId: "nobody", groupState: "Dead" })
  },

  ListGroups: async (given, version) => {
    await member(given, `list-${version}`)
    const { errorCode, groups } = await given.client.ask("ListGroups", version, version >= 4 ? { statesFilter: ["Stable"] } : {})
    const found = groups.find(({ groupId }) => groupId === `list-${version}`)
    expect([errorCode, found]).toEqual([0, {
      groupId: `list-${version}`,
      protocolType: "consumer",
      groupState: version >= 4 ? "Stable" : "",
      groupType: version >= 5 ? "classic" : ""
    }])
    if (version < 4) return
    const { groups: dead } = await given.client.ask("ListGroups", version, { statesFilter: ["Dead"] })
    expect(dead).toEqual([])
    if (version < 5) return
    const { groups: ofShare } = await given.client.ask("ListGroups", version, { typesFilter: ["share"] })
    expect(ofShare).toEqual([])
  },

  ApiVersions: async ({ client }, version) => {
    const named = version >= 3 ? { clientSoftwareName: "test", clientSoftwareVersion: "1.0" } : {}
    const response = await client.ask("ApiVersions", version, named)
    expect(response.errorCode).toBe(0)
    for (const { apiKey, maxVersion, minVersion } of response.apiKeys) {
      expect(apis.find(({ key }) => key === apiKey)).toMatchObject({ versionMin: minVersion, versionMax: maxVersion })
    }
    expect([response.supportedFeatures, response.finalizedFeatures]).toEqual([[], []])
  },

  CreateTopics: async ({ client }, version) => {
    const name = `created.${version}`
    const create = (validateOnly: boolean) =>
      client.ask("CreateTopics", version, {
        topics: [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [{ name: "retention.ms", value: "1000" }] }],
        timeoutMs: 1_000,
        ...(version >= 1 ? { validateOnly } : {})
      })
    if (version >= 1) expect((await create(true)).topics[0]!.errorCode).toBe(0)
    const [created] = (await create(false)).topics
    expect(created).toMatchObject({ name, errorCode: 0, numPartitions: version >= 5 ? 2 : -1, replicationFactor: version >= 5 ? 1 : -1 })
    expect(created!.topicId !== zeroUuid).toBe(version >= 7)
    const retention = created!.configs?.find((it) => it.name === "retention.ms")
    expect(retention?.value).toBe(version >= 5 ? "1000" : undefined)
    const [again] = (await create(false)).topics
    expect(again).toMatchObject({ errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, errorMessage: version >= 1 ? expect.stringContaining(name) : "" })
  },

  DeleteTopics: async ({ client }, version) => {
    const name = `deleted-${version}`
    const topicId = await createTopic(client, name)
    const remove = (names: ReadonlyArray<string>) =>
      client.ask("DeleteTopics", version, {
        timeoutMs: 1_000,
        ...(version >= 6 ? { topics: names.map((it) => ({ name: it, topicId: zeroUuid })) } : { topicNames: names })
      })
    const { responses } = await remove([name, "missing"])
    expect(responses.map((it) => [it.name, it.errorCode])).toEqual([[name, 0], ["missing", 3]])
    expect(responses[0]!.topicId).toBe(version >= 6 ? topicId : zeroUuid)
    expect((await remove([name])).responses[0]!.errorCode).toBe(3)
  },

  InitProducerId: async ({ client }, version) => {
    const init = (transactionalId: string | null) => client.ask("InitProducerId", version, { transactionalId, transactionTimeoutMs: 60_000 })
    const first = await init(null)
    const second = await init(null)
    expect([first.errorCode, first.producerEpoch, second.errorCode]).toEqual([0, 0, 0])
    expect(second.producerId).not.toBe(first.producerId)
    expect(await init("tx")).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, producerId: -1, producerEpoch: -1 })
    expect((await init("")).errorCode).toBe(ErrorCode.INVALID_REQUEST)
  },

  DescribeConfigs: async ({ client }, version) => {
    const { results } = await client.ask("DescribeConfigs", version, {
      resources: [
        { resourceType: 2, resourceName: topic, configurationKeys: ["retention.ms"] },
        { resourceType: 4, resourceName: "1", configurationKeys: null },
        { resourceType: 2, resourceName: "missing", configurationKeys: null }
      ],
      ...(version >= 1 ? { includeSynonyms: true } : {}),
      ...(version >= 3 ? { includeDocumentation: true } : {})
    })
    expect(results.map((it) => it.errorCode)).toEqual([0, 0, 3])
    const [retention] = results[0]!.configs
    expect(retention).toMatchObject({ name: "retention.ms", value: "604800000", readOnly: false, isSensitive: false })
    expect(version === 0 ? retention!.isDefault : retention!.configSource === 5).toBe(true)
    expect(retention!.synonyms.map(({ name }) => name)).toEqual(version >= 1 ? ["log.retention.hours"] : [])
    expect(retention!.documentation !== "").toBe(version >= 3)
    expect(results[1]!.configs.length).toBeGreaterThan(100)
  },

  CreatePartitions: async ({ client }, version) => {
    const name = `grows-${version}`
    await createTopic(client, name)
    const grow = async (count: number, of = name) => {
      const topics = [{ name: of, count, assignments: null }]
      return (await client.ask("CreatePartitions", version, { topics, timeoutMs: 1_000, validateOnly: false })).results
    }
    expect(await grow(3)).toEqual([{ name, errorCode: 0, errorMessage: null }])
    expect((await produce(client, name, batchOf(["x"]), { index: 2 })).errorCode).toBe(0)
    expect((await grow(2))[0]!.errorCode).toBe(ErrorCode.INVALID_PARTITIONS)
    expect((await grow(3))[0]!.errorCode).toBe(ErrorCode.INVALID_PARTITIONS)
    expect((await grow(2, "missing"))[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  DeleteGroups: async (given, version) => {
    const { client } = given
    const empty = `empty-${version}`
    const busy = `busy-${version}`
    await client.ask("OffsetCommit", 8, {
      groupId: empty,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }]
    })
    await member(given, busy)
    const { results } = await client.ask("DeleteGroups", version, { groupsNames: [empty, busy, "nobody"] })
    expect(results).toEqual([
      { groupId: empty, errorCode: 0 },
      { groupId: busy, errorCode: ErrorCode.NON_EMPTY_GROUP },
      { groupId: "nobody", errorCode: ErrorCode.GROUP_ID_NOT_FOUND }
    ])
  },

  IncrementalAlterConfigs: async ({ client }, version) => {
    const name = `altered-${version}`
    await createTopic(client, name)
    const alter = async (key: string, value: string | null, configOperation = 0, resourceName = name) => {
      const resources = [{ resourceType: 2, resourceName, configs: [{ name: key, configOperation, value }] }]
      return (await client.ask("IncrementalAlterConfigs", version, { resources, validateOnly: false })).responses[0]!
    }
    expect(await alter("retention.ms", "5")).toMatchObject({ errorCode: 0, errorMessage: null, resourceType: 2, resourceName: name })
    expect((await alter("retention.ms", "many")).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect((await alter("retention.ms", "1", 2)).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect((await alter("retention.ms", "5", 0, "missing")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  AlterConfigs: async ({ client }, version) => {
    const name = `replaced-${version}`
    await createTopic(client, name)
    const replace = async (configs: ReadonlyArray<{ name: string; value: string | null }>) => {
      const resources = [{ resourceType: 2, resourceName: name, configs }]
      return (await client.ask("AlterConfigs", version, { resources, validateOnly: false })).responses[0]!
    }
    const own = async () => {
      const { results } = await client.ask("DescribeConfigs", 4, {
        resources: [{ resourceType: 2, resourceName: name, configurationKeys: null }]
      })
      return results[0]!.configs.filter(({ configSource }) => configSource === 1).map((it) => `${it.name}=${it.value}`)
    }
    expect(await replace([{ name: "retention.ms", value: "5" }])).toMatchObject({ errorCode: 0, resourceName: name })
    expect(await replace([{ name: "segment.bytes", value: "2000000" }])).toMatchObject({ errorCode: 0 })
    expect(await own()).toEqual(["segment.bytes=2000000"])
    expect((await replace([{ name: "retention.ms", value: "many" }])).errorCode).toBe(ErrorCode.INVALID_CONFIG)
    expect(await own()).toEqual(["segment.bytes=2000000"])
  },

  DeleteRecords: async ({ client }, version) => {
    const name = `trimmed-${version}`
    await createTopic(client, name)
    await produce(client, name, batchOf(["a", "b", "c"]))
    const trim = async (offset: number, partitionIndex = 0, topicName = name) => {
      const topics = [{ name: topicName, partitions: [{ partitionIndex, offset }] }]
      return (await client.ask("DeleteRecords", version, { topics, timeoutMs: 1_000 })).topics[0]!.partitions[0]!
    }
    expect(await trim(2)).toEqual({ partitionIndex: 0, lowWatermark: 2, errorCode: 0 })
    expect(await trim(1)).toMatchObject({ lowWatermark: 2, errorCode: 0 })
    expect(await trim(4)).toMatchObject({ lowWatermark: -1, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE })
    expect(await trim(-1)).toMatchObject({ lowWatermark: 3, errorCode: 0 })
    expect((await trim(0, 7)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await trim(0, 0, "missing")).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect((await trim(0, 0, "__consumer_offsets")).errorCode).toBe(ErrorCode.POLICY_VIOLATION)
  },

  OffsetForLeaderEpoch: async ({ client, node }, version) => {
    const epoch = node.node.metadata.topic(topic)!.partitions[0]!.leaderEpoch
    const ask = async (leaderEpoch: number, currentLeaderEpoch = -1, partition = 0) => {
      const topics = [{ topic, partitions: [{ partition, currentLeaderEpoch, leaderEpoch }] }]
      return (await client.ask("OffsetForLeaderEpoch", version, { topics })).topics[0]!.partitions[0]!
    }
    expect(await ask(epoch)).toEqual({ errorCode: 0, partition: 0, leaderEpoch: epoch, endOffset: 2 })
    expect(await ask(epoch + 1)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 })
    expect((await ask(epoch, epoch + 1)).errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
    expect((await ask(epoch, epoch - 1 < 0 ? -1 : epoch - 1)).errorCode).toBe(epoch === 0 ? 0 : ErrorCode.FENCED_LEADER_EPOCH)
    expect((await ask(epoch, -1, 9)).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  OffsetDelete: async ({ client }, version) => {
    const groupId = `forgetful-${version}`
    await client.ask("OffsetCommit", 8, {
      groupId,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, committedOffset: 1, committedMetadata: null }] }]
    })
    const forget = (id: string) =>
      client.ask("OffsetDelete", version, { groupId: id, topics: [{ name: topic, partitions: [{ partitionIndex: 0 }] }] })
    expect(await forget(groupId)).toMatchObject({ errorCode: 0, topics: [{ name: topic, partitions: [{ errorCode: 0 }] }] })
    const { groups } = await client.ask("OffsetFetch", 8, { groups: [{ groupId, topics: null }] })
    expect(groups[0]!.topics).toEqual([])
    expect((await forget("nobody")).errorCode).toBe(ErrorCode.GROUP_ID_NOT_FOUND)
  },

  DescribeCluster: async ({ client, node }, version) => {
    const ask = (endpointType = 1) =>
      client.ask("DescribeCluster", version, { includeClusterAuthorizedOperations: false, ...(version >= 1 ? { endpointType } : {}) })
    expect(await ask()).toMatchObject({ errorCode: 0, clusterId: node.node.clusterId, controllerId: 1 })
    expect((await ask()).brokers).toEqual([{ brokerId: 1, host: "localhost", port: 9092, rack: null, isFenced: false }])
    if (version >= 1) expect((await ask(2)).errorCode).toBe(ErrorCode.MISMATCHED_ENDPOINT_TYPE)
  }
}

describe("every version of every advertised API", () => {
  it("is covered here", async () => {
    const { apiKeys } = await (await (await SimulatedNode.start()).connect()).ask("ApiVersions", 0, {})
    const names = apiKeys.map(({ apiKey }) => apis.find(({ key }) => key === apiKey)?.name)
    expect(Object.keys(codecs).toSorted()).toEqual(names.toSorted())
  })

  it.each(Object.keys(checks) as Array<ApiName>)("%s", async (name) => {
    const node = await SimulatedNode.start()
    const client = await node.connect()
    const given: Given = { node, client, topicId: await createTopic(client, topic) }
    await produce(client, topic, batchOf(["first", "second"]))
    await client.ask("FindCoordinator", 4, { keyType: 0, coordinatorKeys: [group] })
    for (const version of versionsOf(name)) {
      await checks[name](given, version).catch((cause: unknown) => {
        throw new Error(`version ${version}: ${String(cause)}`, { cause })
      })
    }
    expect(client.raw.isClosed).toBe(false)
  })
})
