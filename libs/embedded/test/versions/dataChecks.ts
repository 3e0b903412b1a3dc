import { apis, ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { supportedFeatures } from "@tailrace/metadata"
import { expect } from "vitest"
import { batchOf, recordsIn } from "../support/requests.ts"
import { type Check, topic, unknownId } from "./Check.ts"

/** Records, and what a client asks before it sends or reads any. */
export const dataChecks = {
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
    expect(known!.topicAuthorizedOperations).toBe(version >= 8 ? 3_576 : -2_147_483_648)
    expect(invalid).toMatchObject({ errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, name: "not valid", partitions: [] })
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

  InitProducerId: async ({ client }, version) => {
    const init = (transactionalId: string | null) => client.ask("InitProducerId", version, { transactionalId, transactionTimeoutMs: 60_000 })
    const first = await init(null)
    const second = await init(null)
    expect([first.errorCode, first.producerEpoch, second.errorCode]).toEqual([0, 0, 0])
    expect(second.producerId).not.toBe(first.producerId)
    expect(await init("tx")).toMatchObject({ errorCode: ErrorCode.UNSUPPORTED_VERSION, producerId: -1, producerEpoch: -1 })
    expect((await init("")).errorCode).toBe(ErrorCode.INVALID_REQUEST)
  },

  ApiVersions: async ({ client }, version) => {
    const named = version >= 3 ? { clientSoftwareName: "test", clientSoftwareVersion: "1.0" } : {}
    const response = await client.ask("ApiVersions", version, named)
    expect(response.errorCode).toBe(0)
    for (const { apiKey, maxVersion, minVersion } of response.apiKeys) {
      expect(apis.find(({ key }) => key === apiKey)).toMatchObject({ versionMin: minVersion, versionMax: maxVersion })
    }
    const names = (features: ReadonlyArray<{ readonly name: string }>) => features.map(({ name }) => name).toSorted()
    expect(names(response.supportedFeatures)).toEqual(version >= 3 ? names(supportedFeatures) : [])
    expect(names(response.finalizedFeatures)).toEqual(version >= 3 ? names(supportedFeatures) : [])
  },

  DescribeCluster: async ({ client, node }, version) => {
    const ask = (endpointType = 1) =>
      client.ask("DescribeCluster", version, { includeClusterAuthorizedOperations: false, ...(version >= 1 ? { endpointType } : {}) })
    expect(await ask()).toMatchObject({ errorCode: 0, clusterId: node.node.clusterId, controllerId: 1 })
    expect((await ask()).brokers).toEqual([{ brokerId: 1, host: "localhost", port: 9092, rack: null, isFenced: false }])
    if (version >= 1) expect((await ask(2)).errorCode).toBe(ErrorCode.MISMATCHED_ENDPOINT_TYPE)
  }
} satisfies Readonly<Record<string, Check>>
