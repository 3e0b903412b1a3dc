import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { Fixture } from "./Fixture.ts"
import { elsewhere, elsewhereId, topic, topicId } from "./StubBroker.ts"

const produce = { encode: protocol.encodeProduceRequest, decode: protocol.decodeProduceResponse }
const fetch = { encode: protocol.encodeFetchRequest, decode: protocol.decodeFetchResponse }
const listOffsets = { encode: protocol.encodeListOffsetsRequest, decode: protocol.decodeListOffsetsResponse }
const epochEnd = { encode: protocol.encodeOffsetForLeaderEpochRequest, decode: protocol.decodeOffsetForLeaderEpochResponse }
const deleteRecords = { encode: protocol.encodeDeleteRecordsRequest, decode: protocol.decodeDeleteRecordsResponse }
const findCoordinator = { encode: protocol.encodeFindCoordinatorRequest, decode: protocol.decodeFindCoordinatorResponse }
const apiVersions = { encode: protocol.encodeApiVersionsRequest, decode: protocol.decodeApiVersionsResponse }

const nobody = { leaderId: -1, leaderEpoch: -1 }
const node2 = { nodeId: 2, host: "host2", port: 9_092, rack: "r2" }
const notHere = ErrorCode.NOT_LEADER_OR_FOLLOWER
const unknown = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION

const named = (version: number, byIdMin: number, name: string, id: string) => version >= byIdMin ? { topicId: id } : { name }

describe("a partition that others lead", () => {
  it("is refused to producers; from version 10 on they are told who leads it", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (let version = 3; version <= 13; version++) {
      const records = Buffer.alloc(100)
      const partitionData = [0, 1, 2].map((index) => ({ index, records }))
      const request = { acks: -1, timeoutMs: 10, topicData: [{ ...named(version, 13, elsewhere, elsewhereId), partitionData }] }
      const { nodeEndpoints, responses } = await fixture.ask(client, ApiKey.Produce, version, produce, request)
      const rows = responses[0]!.partitionResponses
      expect(rows.map(({ errorCode }) => errorCode)).toEqual([notHere, notHere, unknown])
      const hint = version >= 10 ? { leaderId: 2, leaderEpoch: 4 } : nobody
      expect(rows.map(({ currentLeader }) => currentLeader)).toEqual([hint, nobody, nobody])
      expect(nodeEndpoints).toEqual(version >= 10 ? [node2] : [])
    }
    expect(fixture.orders.appends).toEqual([])
  })

  it("is refused to consumers; from version 16 on they are told who leads it", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (let version = 4; version <= 17; version++) {
      const name = version >= 13 ? { topicId: elsewhereId } : { topic: elsewhere }
      const partitions = [0, 1, 2].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1_000 }))
      const request = { maxWaitMs: 60_000, minBytes: 1, topics: [{ ...name, partitions }] }
      const { nodeEndpoints, responses } = await fixture.ask(client, ApiKey.Fetch, version, fetch, request)
      const rows = responses[0]!.partitions
      expect(rows.map(({ errorCode }) => errorCode)).toEqual([notHere, notHere, unknown])
      expect(rows.map(({ currentLeader }) => currentLeader)).toEqual([version >= 16 ? { leaderId: 2, leaderEpoch: 4 } : nobody, nobody, nobody])
      expect(nodeEndpoints).toEqual(version >= 16 ? [node2] : [])
    }
  })

  it("is refused to everybody else", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const listed = await fixture.ask(client, ApiKey.ListOffsets, 7, listOffsets, {
      replicaId: -1, topics: [{ name: elsewhere, partitions: [0, 2].map((partitionIndex) => ({ partitionIndex, timestamp: -1 })) }]
    })
    expect(listed.topics[0]!.partitions.map(({ errorCode, offset }) => [errorCode, offset])).toEqual([[notHere, -1], [unknown, -1]])
    const ended = await fixture.ask(client, ApiKey.OffsetForLeaderEpoch, 4, epochEnd, {
      topics: [{ topic: elsewhere, partitions: [0, 2].map((partition) => ({ partition, leaderEpoch: 1 })) }]
    })
    expect(ended.topics[0]!.partitions.map(({ errorCode, endOffset }) => [errorCode, endOffset])).toEqual([[notHere, -1], [unknown, -1]])
    const trimmed = await fixture.ask(client, ApiKey.DeleteRecords, 2, deleteRecords, {
      timeoutMs: 1, topics: [{ name: elsewhere, partitions: [0, 2].map((partitionIndex) => ({ partitionIndex, offset: 1 })) }]
    })
    expect(trimmed.topics[0]!.partitions.map(({ errorCode, lowWatermark }) => [errorCode, lowWatermark])).toEqual([[notHere, -1], [unknown, -1]])
  })

  it("is looked up and answered once for each request, and says in old versions that its leader cannot tell yet", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    fixture.orders.lookup = { errorCode: ErrorCode.OFFSET_NOT_AVAILABLE, offset: -1, timestamp: -1, leaderEpoch: -1 }
    const codes = async (version: number, ...partitions: ReadonlyArray<number>) => {
      const topics = [{ name: topic, partitions: partitions.map((partitionIndex) => ({ partitionIndex, timestamp: -1 })) }]
      const answer = await fixture.ask(client, ApiKey.ListOffsets, version, listOffsets, { replicaId: -1, topics })
      return answer.topics.flatMap((it) => it.partitions.map(({ errorCode }) => errorCode))
    }
    for (let version = 1; version <= 10; version++) {
      expect(await codes(version, 0)).toEqual([version < 5 ? ErrorCode.LEADER_NOT_AVAILABLE : ErrorCode.OFFSET_NOT_AVAILABLE])
    }
    fixture.orders.lookups = 0
    expect(await codes(7, 0, 1, 0)).toEqual([ErrorCode.INVALID_REQUEST, unknown])
    expect(fixture.orders.lookups).toBe(0)
  })

  it("is never said to be led here by a node that does not lead it; who is behind with the epoch is told the new one", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const ask = async (errorCode: number) => {
      fixture.orders.errorCode = errorCode
      const topics = [{ topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }] }]
      const { nodeEndpoints, responses } = await fixture.ask(client, ApiKey.Fetch, 17, fetch, { maxWaitMs: 60_000, minBytes: 1, topics })
      return [responses[0]!.partitions[0]!.currentLeader, nodeEndpoints.map(({ nodeId }) => nodeId)]
    }
    expect(await ask(notHere)).toEqual([nobody, []])
    expect(await ask(ErrorCode.FENCED_LEADER_EPOCH)).toEqual([{ leaderId: 1, leaderEpoch: 0 }, [1]])
    expect(await ask(ErrorCode.OFFSET_OUT_OF_RANGE)).toEqual([nobody, []])
  })

  it("closes the connection of a producer with acks=0", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    client.send(ApiKey.Produce, 9, protocol.encodeProduceRequest, {
      acks: 0, timeoutMs: 10, topicData: [{ name: elsewhere, partitionData: [{ index: 0, records: Buffer.alloc(9) }] }]
    })
    await fixture.settle()
    expect([client.isClosed, client.answers, fixture.log.lines]).toEqual([true, [], []])
  })
})

describe("a consumer that says in which epoch it read its last record", () => {
  const ask = async (epochOutcome: Fixture["orders"]["epochEnd"], fetchOffset: number, version: number) => {
    const fixture = await Fixture.start()
    fixture.orders.highWatermark = 50
    fixture.orders.chunks = [Buffer.alloc(70)]
    fixture.orders.epochEnd = epochOutcome
    const name = version >= 13 ? { topicId } : { topic }
    const partitions = [{ partition: 0, fetchOffset, lastFetchedEpoch: 3, partitionMaxBytes: 1_000 }]
    const { responses } = await fixture.ask(await fixture.connect(), ApiKey.Fetch, version, fetch, {
      maxWaitMs: 60_000, minBytes: 1, topics: [{ ...name, partitions }]
    })
    const { divergingEpoch, errorCode, highWatermark, records } = responses[0]!.partitions[0]!
    return { divergingEpoch, errorCode, highWatermark, bytes: records?.length ?? -1, reads: fixture.orders.reads }
  }
  const none = { epoch: -1, endOffset: -1 }

  it.each([
    ["reads on where the logs are the same", { errorCode: 0, leaderEpoch: 3, endOffset: 40 }, 40, { divergingEpoch: none, bytes: 70 }],
    ["learns that its epoch ended before what it has", { errorCode: 0, leaderEpoch: 3, endOffset: 39 }, 40,
      { divergingEpoch: { epoch: 3, endOffset: 39 }, errorCode: 0, highWatermark: 50, bytes: 0, reads: 0 }],
    ["learns that nobody here knows its epoch", { errorCode: 0, leaderEpoch: 2, endOffset: 45 }, 40,
      { divergingEpoch: { epoch: 2, endOffset: 45 }, errorCode: 0, bytes: 0, reads: 0 }],
    ["is out of range where its epoch is older than the log", { errorCode: 0, leaderEpoch: -1, endOffset: -1 }, 40,
      { divergingEpoch: none, errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, bytes: 0 }],
    ["hears of an epoch that does not lead any more", { errorCode: ErrorCode.FENCED_LEADER_EPOCH, leaderEpoch: -1, endOffset: -1 }, 40,
      { divergingEpoch: none, errorCode: ErrorCode.FENCED_LEADER_EPOCH, bytes: 0 }]
  ])("%s", async (_, outcome, fetchOffset, expected) => {
    for (const version of [12, 17]) expect(await ask(outcome, fetchOffset, version)).toMatchObject(expected)
  })

  it("learns it in a later fetch of a session too", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const step = (sessionId: number, sessionEpoch: number, topics: protocol.FetchRequestInput["topics"]) =>
      fixture.ask(client, ApiKey.Fetch, 17, fetch, { maxWaitMs: 0, minBytes: 1, sessionId, sessionEpoch, topics })
    const row = { partition: 0, fetchOffset: 10, partitionMaxBytes: 1_000 }
    const { sessionId } = await step(0, 0, [{ topicId, partitions: [row] }])
    expect((await step(sessionId, 1, [])).responses).toEqual([])
    fixture.orders.epochEnd = { errorCode: 0, leaderEpoch: 1, endOffset: 8 }
    const { responses } = await step(sessionId, 2, [{ topicId, partitions: [{ ...row, lastFetchedEpoch: 2 }] }])
    expect(responses[0]!.partitions[0]!.divergingEpoch).toEqual({ epoch: 1, endOffset: 8 })
  })
})

describe("who claims to be a follower", () => {
  it("is refused in every version (CVE-2018-1288)", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (let version = 4; version <= 17; version++) {
      const who = version >= 15 ? { replicaState: { replicaId: 2, replicaEpoch: 2 } } : { replicaId: 2 }
      const name = version >= 13 ? { topicId } : { topic }
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000 }]
      const request = { ...who, maxWaitMs: 60_000, minBytes: 1, topics: [{ ...name, partitions }] }
      const { responses } = await fixture.ask(client, ApiKey.Fetch, version, fetch, request)
      expect(responses[0]!.partitions[0]!.errorCode).toBe(ErrorCode.CLUSTER_AUTHORIZATION_FAILED)
    }
    expect(fixture.orders.reads).toBe(0)
  })
})

describe("FindCoordinator", () => {
  it("names another node, or nobody while the coordinator cannot be reached", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (let version = 0; version <= 6; version++) {
      const ask = async (coordinatorId: number) => {
        fixture.broker.coordinatorId = coordinatorId
        const request = version >= 4 ? { keyType: 0, coordinatorKeys: ["g"] } : { key: "g" }
        const answer = await fixture.ask(client, ApiKey.FindCoordinator, version, findCoordinator, request)
        const { errorCode, host, nodeId, port } = version >= 4 ? answer.coordinators[0]! : answer
        return { errorCode, host, nodeId, port }
      }
      expect(await ask(2)).toEqual({ errorCode: 0, host: "host2", nodeId: 2, port: 9_092 })
      // It is fenced: clients must not be sent to a node that the cluster has given up.
      expect(await ask(3)).toEqual({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, host: "", nodeId: -1, port: -1 })
    }
  })
})

describe("ApiVersions", () => {
  it("names the features that this node can do, and their levels as the cluster has agreed on them", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const software = { clientSoftwareName: "test", clientSoftwareVersion: "1" }
    const ask = (version: number) => fixture.ask(client, ApiKey.ApiVersions, version, apiVersions, version >= 3 ? software : {})
    const finalized = [{ name: "metadata.version", maxVersionLevel: 25, minVersionLevel: 25 }]
    for (const version of [3, 4]) {
      const answer = await ask(version)
      expect(answer).toMatchObject({ finalizedFeatures: finalized, finalizedFeaturesEpoch: 8 })
      expect(answer.supportedFeatures).toContainEqual({ name: "metadata.version", minVersion: 25, maxVersion: 25 })
      // Clients of version 3 take a lowest level of 0 for malformed (KIP-1022).
      for (const { minVersion } of answer.supportedFeatures) expect(minVersion).toBeGreaterThan(0)
    }
    expect(await ask(2)).toMatchObject({ supportedFeatures: [], finalizedFeatures: [], finalizedFeaturesEpoch: -1 })
  })
})

describe("a node that hears nothing of the controller", () => {
  const metadata = { encode: protocol.encodeMetadataRequest, decode: protocol.decodeMetadataResponse }

  it("does not say that it leads: it ends the connection, so that its client asks another node", async () => {
    const fixture = await Fixture.start()
    fixture.broker.isCutOff = true
    const client = await fixture.connect()
    const { topics } = await fixture.ask(client, ApiKey.Metadata, 9, metadata, { topics: [{ name: elsewhere }] })
    expect(topics[0]!.partitions[0]!.leaderId).toBe(2)
    client.send(ApiKey.Metadata, 9, metadata.encode, { topics: [{ name: topic }] })
    await fixture.settle()
    expect(client.isClosed).toBe(true)
  })
})
