import { NotAvailable } from "@tailrace/contracts"
import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, apiOf, ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { servedApis } from "../src/internal/dispatch.ts"
import { type Codec, Fixture } from "./Fixture.ts"
import { elsewhere, elsewhereId, inside, topic, topicId } from "./StubBroker.ts"

const voter = { voterId: 4, voterDirectoryId: topicId }
const electLeaders = { encode: protocol.encodeElectLeadersRequest, decode: protocol.decodeElectLeadersResponse }
const reassign = { encode: protocol.encodeAlterPartitionReassignmentsRequest, decode: protocol.decodeAlterPartitionReassignmentsResponse }
const reassignments = { encode: protocol.encodeListPartitionReassignmentsRequest, decode: protocol.decodeListPartitionReassignmentsResponse }
const describeQuorum = { encode: protocol.encodeDescribeQuorumRequest, decode: protocol.decodeDescribeQuorumResponse }
const unregister = { encode: protocol.encodeUnregisterBrokerRequest, decode: protocol.decodeUnregisterBrokerResponse }
const addVoter = { encode: protocol.encodeAddRaftVoterRequest, decode: protocol.decodeAddRaftVoterResponse }
const removeVoter = { encode: protocol.encodeRemoveRaftVoterRequest, decode: protocol.decodeRemoveRaftVoterResponse }
const deleteTopics = { encode: protocol.encodeDeleteTopicsRequest, decode: protocol.decodeDeleteTopicsResponse }
const describeLogDirs = { encode: protocol.encodeDescribeLogDirsRequest, decode: protocol.decodeDescribeLogDirsResponse }
const metadata = { encode: protocol.encodeMetadataRequest, decode: protocol.decodeMetadataResponse }
const describeCluster = { encode: protocol.encodeDescribeClusterRequest, decode: protocol.decodeDescribeClusterResponse }
const deleteRecords = { encode: protocol.encodeDeleteRecordsRequest, decode: protocol.decodeDeleteRecordsResponse }
const describeTopicPartitions = {
  encode: protocol.encodeDescribeTopicPartitionsRequest,
  decode: protocol.decodeDescribeTopicPartitionsResponse
}

interface ControllerCase {
  readonly kind: string
  readonly apiKey: number
  readonly codec: Codec<never, object>
  readonly request: object
  /** What the controller answers, in every field that the newest version has. */
  readonly response: object
  /** What is left of that in older versions. */
  readonly inVersion?: (version: number) => object
  /** What the client is told while no controller can be asked. */
  readonly refused: (version: number) => object
}

const quorumPartition = {
  partitionIndex: 0, errorCode: 0, errorMessage: "m", leaderId: 1, leaderEpoch: 3, highWatermark: 9,
  currentVoters: [{ replicaId: 1, replicaDirectoryId: topicId, logEndOffset: 9, lastFetchTimestamp: 5, lastCaughtUpTimestamp: 6 }],
  observers: []
}

const cases: ReadonlyArray<ControllerCase> = [
  {
    kind: "electLeaders", apiKey: ApiKey.ElectLeaders, codec: electLeaders,
    request: { topicPartitions: [{ topic, partitions: [0, 1] }], timeoutMs: 7 },
    response: { errorCode: 0, replicaElectionResults: [{ topic, partitionResult: [{ partitionId: 0, errorCode: 84, errorMessage: "m" }] }] },
    refused: (version) => ({
      errorCode: version >= 1 ? ErrorCode.NOT_CONTROLLER : 0,
      replicaElectionResults: [{ topic, partitionResult: [0, 1].map((partitionId) => ({ partitionId, errorCode: 41 })) }]
    })
  },
  {
    kind: "alterPartitionReassignments", apiKey: ApiKey.AlterPartitionReassignments, codec: reassign,
    request: { topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas: [2, 1] }, { partitionIndex: 1, replicas: null }] }] },
    response: {
      allowReplicationFactorChange: false, errorCode: 0, errorMessage: null,
      responses: [{ name: topic, partitions: [{ partitionIndex: 0, errorCode: 85, errorMessage: "m" }] }]
    },
    inVersion: (version) => version >= 1 ? {} : { allowReplicationFactorChange: true },
    refused: () => ({
      errorCode: 41, responses: [{ name: topic, partitions: [{ partitionIndex: 0, errorCode: 41 }, { partitionIndex: 1, errorCode: 41 }] }]
    })
  },
  {
    kind: "listPartitionReassignments", apiKey: ApiKey.ListPartitionReassignments, codec: reassignments,
    request: { topics: null },
    response: {
      errorCode: 0, errorMessage: null,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, replicas: [1, 2, 3], addingReplicas: [3], removingReplicas: [1] }] }]
    },
    refused: () => ({ errorCode: 41, topics: [] })
  },
  {
    kind: "describeQuorum", apiKey: ApiKey.DescribeQuorum, codec: describeQuorum,
    request: { topics: [{ topicName: "__cluster_metadata", partitions: [{ partitionIndex: 0 }] }] },
    response: {
      errorCode: 0, errorMessage: "m", topics: [{ topicName: "__cluster_metadata", partitions: [quorumPartition] }],
      nodes: [{ nodeId: 1, listeners: [{ name: "CONTROLLER", host: "h", port: 9_093 }] }]
    },
    inVersion: (version) => version >= 2 ? {} : {
      errorMessage: "", nodes: [],
      topics: [{
        topicName: "__cluster_metadata",
        partitions: [{
          ...quorumPartition, errorMessage: "",
          currentVoters: [{
            replicaId: 1, replicaDirectoryId: zeroUuid, logEndOffset: 9,
            lastFetchTimestamp: version >= 1 ? 5 : -1, lastCaughtUpTimestamp: version >= 1 ? 6 : -1
          }]
        }]
      }]
    },
    refused: () => ({ errorCode: 41, topics: [] })
  },
  {
    kind: "unregisterBroker", apiKey: ApiKey.UnregisterBroker, codec: unregister, request: { brokerId: 3 },
    response: { errorCode: 102, errorMessage: "m" }, refused: () => ({ errorCode: 41 })
  },
  {
    kind: "addRaftVoter", apiKey: ApiKey.AddRaftVoter, codec: addVoter,
    request: { clusterId: "cluster", timeoutMs: 7, ...voter, listeners: [{ name: "CONTROLLER", host: "h", port: 9_093 }] },
    response: { errorCode: 126, errorMessage: "m" }, refused: () => ({ errorCode: 41 })
  },
  {
    kind: "removeRaftVoter", apiKey: ApiKey.RemoveRaftVoter, codec: removeVoter, request: { clusterId: null, ...voter },
    response: { errorCode: 127, errorMessage: "m" }, refused: () => ({ errorCode: 41 })
  }
] as ReadonlyArray<ControllerCase>

const versionsOf = (apiKey: number): ReadonlyArray<number> => {
  const { versionMax, versionMin } = apiOf(apiKey)!
  return Array.from({ length: versionMax - versionMin + 1 }, (_, index) => versionMin + index)
}

describe("calls to the controller", () => {
  it.each(cases)("$kind: in every version the request reaches it whole, and its answer the client", async (given) => {
    const { apiKey, codec, inVersion, kind, request, response } = given
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of versionsOf(apiKey)) {
      const answer = await fixture.ask(client, apiKey, version, codec, request as never, () => {
        const [asked] = fixture.broker.controllerCalls.splice(0)
        expect(asked).toMatchObject({ kind, request })
        asked!.resolve(response)
      })
      expect(answer).toEqual({ ...answer, ...response, ...inVersion?.(version) })
    }
  })

  it.each(cases)("$kind: every item says so where no controller can be asked", async ({ apiKey, codec, refused, request }) => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of versionsOf(apiKey)) {
      const answer = await fixture.ask(client, apiKey, version, codec, request as never, () => {
        fixture.broker.controllerCalls.splice(0)[0]!.reject(new NotAvailable("controller", ErrorCode.NOT_CONTROLLER))
      })
      expect(answer).toMatchObject(refused(version))
    }
    expect(fixture.log.lines).toEqual([])
  })

  it("ElectLeaders: the oldest version has no place for an error of the whole, so each partition says it", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const request = { topicPartitions: [{ topic, partitions: [0] }] }
    const { replicaElectionResults } = await fixture.ask(client, ApiKey.ElectLeaders, 0, electLeaders, request, () => {
      fixture.broker.controllerCalls[0]!.resolve({ errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED, replicaElectionResults: [] })
    })
    expect(replicaElectionResults).toMatchObject([{ topic, partitionResult: [{ partitionId: 0, errorCode: 31 }] }])
    // All partitions: which they are is not known here.
    const all = await fixture.ask(client, ApiKey.ElectLeaders, 2, electLeaders, { topicPartitions: null }, () => {
      fixture.broker.controllerCalls[1]!.reject(new NotAvailable("controller", 41))
    })
    expect(all).toMatchObject({ errorCode: 41, replicaElectionResults: [] })
  })

  it.each([
    ["AddRaftVoter", ApiKey.AddRaftVoter, addVoter, { timeoutMs: 7, ...voter, listeners: [] }],
    ["RemoveRaftVoter", ApiKey.RemoveRaftVoter, removeVoter, voter]
  ] as const)("%s: one that names another cluster does not get there", async (_, apiKey, codec, request) => {
    const fixture = await Fixture.start()
    const answer = await fixture.ask(await fixture.connect(), apiKey, 0, codec as typeof removeVoter, { clusterId: "another", ...request })
    expect([answer.errorCode, fixture.broker.controllerCalls]).toEqual([ErrorCode.INCONSISTENT_CLUSTER_ID, []])
  })

  it("DeleteTopics: names of old versions are passed on as the newest version has them", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const response = await fixture.ask(client, ApiKey.DeleteTopics, 3, deleteTopics, { topicNames: ["a", "b"], timeoutMs: 1 }, () => {
      const { request, resolve } = fixture.broker.controllerCalls[0]!
      expect(request).toMatchObject({ topics: [{ name: "a", topicId: zeroUuid }, { name: "b", topicId: zeroUuid }], topicNames: [] })
      resolve({ responses: [{ name: "a", topicId: zeroUuid, errorCode: 3, errorMessage: null }] })
    })
    expect(response.responses).toMatchObject([{ name: "a", errorCode: 3 }])
  })
})

describe("DescribeLogDirs", () => {
  const replica = (name: string, partition: number, sizeBytes: number) => ({ topic: name, partition, sizeBytes, offsetLag: partition })
  const dirs = [
    { path: "/data/1", errorCode: 0, totalBytes: 1_000, usableBytes: 400, replicas: [replica("a", 0, 10), replica("b", 2, 30), replica("a", 1, 20)] },
    { path: "/data/2", errorCode: 56, totalBytes: -1, usableBytes: -1, replicas: [] }
  ]
  const row = (partitionIndex: number, partitionSize: number) => ({ partitionIndex, partitionSize, offsetLag: partitionIndex, isFutureKey: false })

  it("shows what is there, all of it or what is asked for", async () => {
    const fixture = await Fixture.start()
    fixture.broker.dirs = dirs
    const client = await fixture.connect()
    for (const version of versionsOf(ApiKey.DescribeLogDirs)) {
      const ask = (topics: protocol.DescribeLogDirsRequestInput["topics"]) =>
        fixture.ask(client, ApiKey.DescribeLogDirs, version, describeLogDirs, { topics })
      const all = await ask(null)
      expect(all).toEqual({
        throttleTimeMs: 0, errorCode: 0,
        results: [
          {
            errorCode: 0, logDir: "/data/1", totalBytes: version >= 4 ? 1_000 : -1, usableBytes: version >= 4 ? 400 : -1,
            topics: [{ name: "a", partitions: [row(0, 10), row(1, 20)] }, { name: "b", partitions: [row(2, 30)] }]
          },
          { errorCode: 56, logDir: "/data/2", totalBytes: -1, usableBytes: -1, topics: [] }
        ]
      })
      const some = await ask([{ topic: "a", partitions: [1, 7] }, { topic: "missing", partitions: [0] }, { topic: "a", partitions: [9] }])
      expect(some.results[0]!.topics).toEqual([{ name: "a", partitions: [row(1, 20)] }])
      expect((await ask([])).results[0]!.topics).toEqual([])
    }
  })
})

describe("DescribeTopicPartitions", () => {
  const ask = async (request: protocol.DescribeTopicPartitionsRequestInput) => {
    const fixture = await Fixture.start()
    return fixture.ask(await fixture.connect(), ApiKey.DescribeTopicPartitions, 0, describeTopicPartitions, request)
  }
  /** Topic, partition and error of every row; a topic without rows by its name alone. */
  const rows = ({ topics }: protocol.DescribeTopicPartitionsResponse) =>
    topics.flatMap(({ name, partitions }) => partitions.length === 0 ? [`${name}`] : partitions.map(({ errorCode, partitionIndex }) =>
      `${name}/${partitionIndex}:${errorCode}`))

  it("names leaders, replicas that are offline, and who may be elected", async () => {
    const { nextCursor, topics } = await ask({ topics: [{ name: elsewhere }] })
    expect([nextCursor, topics]).toEqual([null, [{
      errorCode: 0, name: elsewhere, topicId: elsewhereId, isInternal: false, topicAuthorizedOperations: 3_576,
      partitions: [
        {
          errorCode: 0, partitionIndex: 0, leaderId: 2, leaderEpoch: 4, replicaNodes: [2, 3], isrNodes: [2],
          eligibleLeaderReplicas: [3], lastKnownElr: [], offlineReplicas: [3]
        },
        {
          errorCode: 0, partitionIndex: 1, leaderId: -1, leaderEpoch: 5, replicaNodes: [3], isrNodes: [],
          eligibleLeaderReplicas: [], lastKnownElr: [3], offlineReplicas: [3]
        }
      ]
    }]])
  })

  it("answers page by page, each with the cursor of the next", async () => {
    const seen: Array<ReadonlyArray<string>> = []
    let cursor: protocol.DescribeTopicPartitionsRequestInput["cursor"] = null
    do {
      const answer: protocol.DescribeTopicPartitionsResponse = await ask({ topics: [], responsePartitionLimit: 1, cursor })
      seen.push(rows(answer))
      cursor = answer.nextCursor
    } while (cursor !== null)
    expect(seen).toEqual([["orders/0:0"], ["payments/0:0"], ["payments/1:0"]])
    expect(rows(await ask({ topics: [], responsePartitionLimit: 2 }))).toEqual(["orders/0:0", "payments/0:0"])
    // A limit that allows nothing would never end.
    expect(rows(await ask({ topics: [], responsePartitionLimit: 0 }))).toEqual(["orders/0:0"])
    // The cursor's topic is gone, or has fewer partitions.
    expect(rows(await ask({ topics: [], cursor: { topicName: "other", partitionIndex: 1 } }))).toEqual(["payments/0:0", "payments/1:0"])
    expect(rows(await ask({ topics: [], cursor: { topicName: topic, partitionIndex: 7 } }))).toEqual(["orders", "payments/0:0", "payments/1:0"])
    expect(rows(await ask({ topics: [{ name: elsewhere }, { name: topic }], cursor: { topicName: elsewhere, partitionIndex: 1 } })))
      .toEqual(["payments/1:0"])
  })

  it("says which topics do not exist, and refuses a cursor before the first partition", async () => {
    const codes = async (request: protocol.DescribeTopicPartitionsRequestInput) =>
      (await ask(request)).topics.map(({ errorCode, name }) => `${name}:${errorCode}`)
    expect(await codes({ topics: [{ name: "zz" }, { name: "not legal" }, { name: "zz" }, { name: topic }] }))
      .toEqual(["not legal:17", "orders:0", "zz:3"])
    expect(await codes({ topics: [{ name: topic }], cursor: { topicName: topic, partitionIndex: -1 } })).toEqual(["orders:42"])
  })

  it("refuses a cursor that names none of the topics it asks for, as Kafka", async () => {
    const { nextCursor, topics } = await ask({
      topics: [{ name: elsewhere }, { name: "__consumer_offsets" }], cursor: { topicName: topic, partitionIndex: 0 }
    })
    const refused = { errorCode: 42, topicId: zeroUuid, isInternal: false, partitions: [], topicAuthorizedOperations: -2_147_483_648 }
    expect([nextCursor, topics]).toEqual([null, [{ name: elsewhere, ...refused }, { name: "__consumer_offsets", ...refused }]])
  })
})

describe("authorized operations", () => {
  const groups = { encode: protocol.encodeDescribeGroupsRequest, decode: protocol.decodeDescribeGroupsResponse }
  const unset = -2_147_483_648

  it("are all that there are for topics, where a version has a place for them and a client asks", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of versionsOf(ApiKey.Metadata)) {
      const ask = (includes: boolean) => fixture.ask(client, ApiKey.Metadata, version, metadata, {
        topics: [{ name: topic }, { name: "missing" }],
        ...(version >= 8 ? { includeTopicAuthorizedOperations: includes } : {}),
        ...(version >= 8 && version <= 10 ? { includeClusterAuthorizedOperations: includes } : {})
      })
      for (const includes of [true, false]) {
        const { clusterAuthorizedOperations, topics } = await ask(includes)
        const ofTopic = includes && version >= 8 ? 3_576 : unset
        expect(topics.map((it) => it.topicAuthorizedOperations)).toEqual([ofTopic, ofTopic])
        expect(clusterAuthorizedOperations).toBe(includes && version >= 8 && version <= 10 ? 8_096 : unset)
      }
    }
  })

  it("are all that there are for the cluster", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of versionsOf(ApiKey.DescribeCluster)) {
      const ask = async (includeClusterAuthorizedOperations: boolean) =>
        (await fixture.ask(client, ApiKey.DescribeCluster, version, describeCluster, { includeClusterAuthorizedOperations })).clusterAuthorizedOperations
      expect([await ask(true), await ask(false)]).toEqual([8_096, unset])
    }
  })

  it("are all that there are for a group that could be described", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of versionsOf(ApiKey.DescribeGroups)) {
      const ask = async (includeAuthorizedOperations: boolean) => {
        const request = { groups: ["g", "lost"], ...(version >= 3 ? { includeAuthorizedOperations } : {}) }
        const answer = await fixture.ask(client, ApiKey.DescribeGroups, version, groups, request, () => {
          const [known, lost] = fixture.broker.groupCalls.splice(0)
          known!.answer({ errorCode: 0, groupId: "g", groupState: "Empty", protocolType: "", protocolData: "", members: [] })
          lost!.answer(ErrorCode.NOT_COORDINATOR)
        })
        return answer.groups.map((it) => it.authorizedOperations)
      }
      expect([await ask(true), await ask(false)]).toEqual([[version >= 3 ? 3_400 : unset, unset], [unset, unset]])
    }
  })
})

describe("a request that asks for what there is not", () => {
  it("Metadata: a topic without a name, or with an id before ids count, is refused with the rest of the request", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    for (const version of [10, 11]) {
      for (const asked of [{ name: null }, { name: "orders", topicId }]) {
        const { brokers, topics } = await fixture.ask(client, ApiKey.Metadata, version, metadata, { topics: [asked, { name: elsewhere }] })
        const rows = topics.map((it) => [it.name, it.topicId, it.errorCode])
        const id = "topicId" in asked ? topicId : zeroUuid
        expect([brokers, rows]).toEqual([[], [[asked.name ?? "", id, 42], [elsewhere, zeroUuid, 42]]])
      }
    }
    const { topics } = await fixture.ask(client, ApiKey.Metadata, 12, metadata, { topics: [{ name: null }] })
    expect(topics).toMatchObject([{ name: null, errorCode: ErrorCode.UNKNOWN_TOPIC_ID }])
    expect([client.isClosed, fixture.log.lines]).toEqual([false, []])
  })

  it("Metadata: a topic is answered once, however often it is named", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const named = async (...topics: ReadonlyArray<{ name: string | null; topicId?: string }>) => {
      const answer = await fixture.ask(client, ApiKey.Metadata, 12, metadata, { topics })
      return answer.topics.map(({ errorCode, name }) => [name, errorCode])
    }
    expect(await named({ name: topic }, { name: "missing" }, { name: topic }, { name: "missing" })).toEqual([[topic, 0], ["missing", 3]])
    expect(await named({ name: null, topicId }, { name: null, topicId })).toEqual([[topic, 0]])
    // Where ids are asked for, names say nothing.
    expect(await named({ name: "missing" }, { name: "another", topicId }, { name: "", topicId })).toEqual([[topic, 0]])
  })

  it("Metadata: a leader that lacks the listener of its client is not named", async () => {
    const fixture = await Fixture.start()
    fixture.broker.addInside()
    const client = await fixture.connect()
    for (const version of versionsOf(ApiKey.Metadata)) {
      const { topics } = await fixture.ask(client, ApiKey.Metadata, version, metadata, { topics: [{ name: inside }] })
      const expected = { errorCode: version >= 6 ? ErrorCode.LISTENER_NOT_FOUND : ErrorCode.LEADER_NOT_AVAILABLE, leaderId: -1 }
      expect(topics[0]!.partitions).toMatchObject([expected])
    }
    const described = await fixture.ask(client, ApiKey.DescribeTopicPartitions, 0, describeTopicPartitions, { topics: [{ name: inside }] })
    expect(described.topics[0]!.partitions).toMatchObject([{ errorCode: 0, leaderId: -1, isrNodes: [4], offlineReplicas: [4] }])
  })

  it("DescribeCluster: tells an endpoint that brokers do not have from one that nobody has", async () => {
    const fixture = await Fixture.start()
    const client = await fixture.connect()
    const ask = async (endpointType: number) =>
      (await fixture.ask(client, ApiKey.DescribeCluster, 1, describeCluster, { includeClusterAuthorizedOperations: false, endpointType })).errorCode
    expect([await ask(1), await ask(2), await ask(7), await ask(0)])
      .toEqual([0, ErrorCode.MISMATCHED_ENDPOINT_TYPE, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE, ErrorCode.UNSUPPORTED_ENDPOINT_TYPE])
  })

  it("DeleteRecords: internal topics are the coordinators' own", async () => {
    const fixture = await Fixture.start()
    fixture.broker.addInside()
    const client = await fixture.connect()
    const ask = async (name: string, partitionIndex: number) => {
      const request = { timeoutMs: 1, topics: [{ name, partitions: [{ partitionIndex, offset: 0 }] }] }
      return (await fixture.ask(client, ApiKey.DeleteRecords, 2, deleteRecords, request)).topics[0]!.partitions[0]
    }
    expect(await ask("__consumer_offsets", 0)).toEqual({ partitionIndex: 0, errorCode: ErrorCode.INVALID_TOPIC_EXCEPTION, lowWatermark: -1 })
    expect(await ask("__consumer_offsets", 7)).toMatchObject({ errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION })
  })
})

it("everything that is defined has a handler", () => {
  expect(servedApis).toEqual(protocol.apis)
})
