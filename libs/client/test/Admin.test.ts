import { describe, expect, it } from "vitest"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { Admin } from "../src/index.ts"
import { encodeAssignment } from "../src/internal/consumerProtocol.ts"
import { hangUp, ScriptedBroker, ScriptedCluster } from "./ScriptedBroker.ts"

const someDirectory = "AAAAAAAAAAAAAAAAAAAAAQ"

const setUp = async (brokers = 1) => {
  const cluster = new ScriptedCluster()
  const started: Array<ScriptedBroker> = []
  for (let index = 0; index < brokers; index++) started.push(await ScriptedBroker.start(cluster))
  const broker = started[0] as ScriptedBroker
  const admin = new Admin({ bootstrapServers: broker.address, retryBackoffMillis: 5, retryBackoffMillisMax: 10 })
  return {
    cluster, broker, admin, brokers: started,
    async [Symbol.asyncDispose]() {
      await admin.close()
      await cluster[Symbol.asyncDispose]()
    }
  }
}

describe("Admin", () => {
  it("creates topics at the controller, and answers one result for each", async () => {
    await using set = await setUp()
    set.broker.next(ApiKey.CreateTopics, () => ({ topics: [{ name: "a", errorCode: ErrorCode.NOT_CONTROLLER, errorMessage: null, configs: null }] }))
    set.broker.next(ApiKey.CreateTopics, () => ({ topics: [
      { name: "a", errorCode: 0, errorMessage: null, numPartitions: 3, replicationFactor: 1, configs: null },
      { name: "b", errorCode: ErrorCode.TOPIC_ALREADY_EXISTS, errorMessage: "there is one", configs: null }
    ] }))
    const [a, b] = await set.admin.createTopics([{ name: "a", numPartitions: 3, configs: { "retention.ms": "5" } }, { name: "b" }])
    expect(a).toMatchObject({ name: "a", numPartitions: 3, error: undefined })
    expect([b?.error?.codeName, b?.error?.message]).toEqual(["TOPIC_ALREADY_EXISTS", "TOPIC_ALREADY_EXISTS (b): there is one"])
    expect(set.broker.received(ApiKey.CreateTopics).at(-1)?.body).toMatchObject({
      validateOnly: false, topics: [{ name: "a", numPartitions: 3, replicationFactor: -1, configs: [{ name: "retention.ms", value: "5" }] }, { name: "b", numPartitions: -1 }]
    })
  })

  it("leaves no connection open behind calls that began at once", async () => {
    await using set = await setUp()
    set.broker.on(ApiKey.DescribeGroups, ({ body }) => ({
      groups: body.groups.map((groupId: string) => ({ errorCode: 0, groupId, groupState: "Dead", protocolType: "", protocolData: "", members: [] }))
    }))
    await set.admin.describeGroups(["a", "b", "c"])
    await set.admin.close()
    await expect.poll(() => set.broker.openConnections, { timeout: 5_000 }).toBe(0)
  })

  it("describes and deletes more groups than requests may wait on one connection", async () => {
    await using set = await setUp()
    set.broker.on(ApiKey.DescribeGroups, ({ body }) => ({
      groups: body.groups.map((groupId: string) => ({ errorCode: 0, groupId, groupState: "Dead", protocolType: "", protocolData: "", members: [] }))
    }))
    set.broker.on(ApiKey.DeleteGroups, ({ body }) => ({ results: body.groupsNames.map((groupId: string) => ({ groupId, errorCode: 0 })) }))
    const groupIds = Array.from({ length: set.admin.cluster.options.pendingRequestsMax + 1 }, (_, index) => `g${index}`)
    expect((await set.admin.describeGroups(groupIds)).map(({ groupId }) => groupId)).toEqual(groupIds)
    expect(await set.admin.deleteGroups(groupIds)).toEqual(groupIds.map((name) => ({ name, error: undefined })))
  })

  it("deletes topics by name in every version, and repeats after a lost connection", async () => {
    await using set = await setUp()
    for (const maxVersion of [6, 5]) {
      set.broker.hangUpAll()
      set.broker.versions = set.broker.versions.map((api) => api.apiKey === ApiKey.DeleteTopics ? { ...api, maxVersion } : api)
      set.broker.next(ApiKey.DeleteTopics, () => hangUp)
      set.broker.next(ApiKey.DeleteTopics, () => ({ responses: [{ name: "a", errorCode: 0 }] }))
      expect(await set.admin.deleteTopics(["a"])).toEqual([{ name: "a", error: undefined }])
    }
    expect(set.broker.received(ApiKey.DeleteTopics).map(({ version, body }) => [version, body.topics[0]?.name ?? body.topicNames[0]]))
      .toEqual([[6, "a"], [6, "a"], [5, "a"], [5, "a"]])
  })

  it("lists and describes topics", async () => {
    await using set = await setUp()
    for (const name of ["b", "a", "__internal"]) set.cluster.addTopic(name, 2)
    expect((await set.admin.listTopics()).map(({ name }) => name)).toEqual(["a", "b"])
    expect((await set.admin.listTopics({ listInternal: true })).length).toBe(3)
    const [a, none] = await set.admin.describeTopics(["a", "none"])
    expect([a?.partitions.length, a?.partitions[1]?.isr, none?.error?.codeName]).toEqual([2, [0], "UNKNOWN_TOPIC_OR_PARTITION"])
  })

  it("describes topics page by page, and by metadata where a broker has no pages", async () => {
    await using set = await setUp()
    for (const name of ["b", "a"]) set.cluster.addTopic(name, 2)
    const shape = async (names: ReadonlyArray<string> | null) =>
      (await set.admin.describeTopics(names)).map(({ name, partitions }) => [name, partitions.map(({ elr, partition }) => [partition, elr])])
    expect(await shape(null)).toEqual([["a", [[0, [7]], [1, [7]]]], ["b", [[0, [7]], [1, [7]]]]])
    expect(await shape(["b", "a"])).toEqual([["b", [[0, [7]], [1, [7]]]], ["a", [[0, [7]], [1, [7]]]]])
    expect(await shape([])).toEqual([])
    set.broker.versions = set.broker.versions.filter(({ apiKey }) => apiKey !== ApiKey.DescribeTopicPartitions)
    set.broker.hangUpAll()
    expect(await shape(null)).toEqual([["a", [[0, undefined], [1, undefined]]], ["b", [[0, undefined], [1, undefined]]]])
    expect((await set.admin.describeTopics(["none"]))[0]?.error?.codeName).toBe("UNKNOWN_TOPIC_OR_PARTITION")
  })

  it("elects leaders and moves replicas at the controller, with one result for each partition", async () => {
    await using set = await setUp()
    set.broker.next(ApiKey.ElectLeaders, () => ({ errorCode: ErrorCode.NOT_CONTROLLER, replicaElectionResults: [] }))
    set.broker.next(ApiKey.ElectLeaders, () => ({ errorCode: 0, replicaElectionResults: [{ topic: "t", partitionResult: [
      { partitionId: 0, errorCode: 0, errorMessage: null }, { partitionId: 2, errorCode: ErrorCode.ELECTION_NOT_NEEDED, errorMessage: "no need" }
    ] }] }))
    const elected = await set.admin.electLeaders("unclean", [{ topic: "t", partition: 0 }, { topic: "t", partition: 2 }])
    expect(elected.map(({ error, partition }) => [partition, error?.message])).toEqual([[0, undefined], [2, "ELECTION_NOT_NEEDED (t-2): no need"]])
    expect(set.broker.received(ApiKey.ElectLeaders).map(({ body }) => [body.electionType, body.topicPartitions]))
      .toEqual([[1, [{ topic: "t", partitions: [0, 2] }]], [1, [{ topic: "t", partitions: [0, 2] }]]])

    set.broker.next(ApiKey.AlterPartitionReassignments, () => ({ errorCode: 0, errorMessage: null, responses: [{ name: "t", partitions: [
      { partitionIndex: 0, errorCode: 0, errorMessage: null }, { partitionIndex: 1, errorCode: ErrorCode.NO_REASSIGNMENT_IN_PROGRESS, errorMessage: null }
    ] }] }))
    const moved = await set.admin.alterPartitionReassignments([{ topic: "t", partition: 0, replicas: [1, 2] }, { topic: "t", partition: 1, replicas: null }])
    expect(moved.map(({ error, partition }) => [partition, error?.codeName])).toEqual([[0, undefined], [1, "NO_REASSIGNMENT_IN_PROGRESS"]])
    expect(set.broker.received(ApiKey.AlterPartitionReassignments)[0]?.body.topics)
      .toEqual([{ name: "t", partitions: [{ partitionIndex: 0, replicas: [1, 2] }, { partitionIndex: 1, replicas: null }] }])
    set.broker.next(ApiKey.ListPartitionReassignments, () => ({ errorCode: 0, errorMessage: null, topics: [
      { name: "t", partitions: [{ partitionIndex: 0, replicas: [1, 2, 3], addingReplicas: [2], removingReplicas: [3] }] }
    ] }))
    expect(await set.admin.listPartitionReassignments()).toEqual([{ topic: "t", partition: 0, replicas: [1, 2, 3], adding: [2], removing: [3] }])
  })

  it("takes a voter that is there after a lost answer for added, and one that was there before for an error", async () => {
    await using set = await setUp()
    const duplicate = () => ({ errorCode: ErrorCode.DUPLICATE_VOTER, errorMessage: "a voter already" })
    set.broker.on(ApiKey.AddRaftVoter, duplicate)
    await expect(set.admin.addVoter(4, "AAAAAAAAAAAAAAAAAAAAAQ")).rejects.toThrow("DUPLICATE_VOTER (node 4): a voter already")
    set.broker.next(ApiKey.AddRaftVoter, () => hangUp)
    await set.admin.addVoter(4, "AAAAAAAAAAAAAAAAAAAAAQ")
    set.broker.on(ApiKey.UnregisterBroker, () => ({ errorCode: ErrorCode.BROKER_ID_NOT_REGISTERED, errorMessage: null }))
    await expect(set.admin.unregisterBroker(4)).rejects.toThrow("BROKER_ID_NOT_REGISTERED (node 4)")
  })

  it("describes the quorum, and the directories of every broker", async () => {
    await using set = await setUp(2)
    const replica = (replicaId: number, logEndOffset: number) => ({ replicaId, replicaDirectoryId: someDirectory, logEndOffset, lastFetchTimestamp: 5, lastCaughtUpTimestamp: -1 })
    set.broker.on(ApiKey.DescribeQuorum, () => ({ errorCode: 0, nodes: [], topics: [{ topicName: "__cluster_metadata", partitions: [{
      partitionIndex: 0, errorCode: 0, leaderId: 1, leaderEpoch: 3, highWatermark: 9, currentVoters: [replica(1, 10)], observers: [replica(2, 8)]
    }] }] }))
    expect(await set.admin.describeQuorum()).toEqual({
      leaderId: 1, leaderEpoch: 3, highWatermark: 9,
      voters: [{ nodeId: 1, directoryId: someDirectory, logEndOffset: 10, lastFetchTimestamp: 5, lastCaughtUpTimestamp: -1 }],
      observers: [{ nodeId: 2, directoryId: someDirectory, logEndOffset: 8, lastFetchTimestamp: 5, lastCaughtUpTimestamp: -1 }]
    })
    for (const broker of set.brokers) {
      broker.on(ApiKey.DescribeLogDirs, () => ({ errorCode: 0, results: [{ errorCode: 0, logDir: `/d${broker.nodeId}`, totalBytes: 9, usableBytes: 4, topics: [
        { name: "t", partitions: [{ partitionIndex: 1, partitionSize: 100, offsetLag: 0, isFutureKey: false }] }
      ] }] }))
    }
    expect((await set.admin.describeLogDirs()).map(({ brokerId, path, replicas }) => [brokerId, path, replicas[0]?.sizeBytes])).toEqual([[0, "/d0", 100], [1, "/d1", 100]])
  })

  it("asks brokers for their own configuration, and any broker for the rest", async () => {
    await using set = await setUp(2)
    for (const broker of set.brokers) {
      broker.on(ApiKey.DescribeConfigs, ({ body }) => ({
        results: body.resources.map((resource: any) => ({
          errorCode: 0, errorMessage: null, resourceType: resource.resourceType, resourceName: resource.resourceName,
          configs: [{ name: "from", value: `${broker.nodeId}`, readOnly: false, configSource: 1, isSensitive: false }]
        }))
      }))
      broker.on(ApiKey.IncrementalAlterConfigs, ({ body }) => ({
        responses: body.resources.map((resource: any) => ({ ...resource, errorCode: ErrorCode.INVALID_CONFIG, errorMessage: "no" }))
      }))
    }
    const described = await set.admin.describeConfigs([{ type: "topic", name: "t" }, { type: "broker", name: "1" }])
    expect(described.map(({ type, name, entries }) => [type, name, entries[0]?.value, entries[0]?.source]))
      .toEqual([["topic", "t", "0", "DYNAMIC_TOPIC_CONFIG"], ["broker", "1", "1", "DYNAMIC_TOPIC_CONFIG"]])
    const [altered] = await set.admin.incrementalAlterConfigs([{ type: "topic", name: "t", operations: [{ name: "x", operation: "append", value: "1" }, { name: "y", operation: "delete" }] }])
    expect(altered?.error?.codeName).toBe("INVALID_CONFIG")
    expect(set.broker.received(ApiKey.IncrementalAlterConfigs)[0]?.body.resources[0].configs)
      .toEqual([{ name: "x", configOperation: 2, value: "1" }, { name: "y", configOperation: 1, value: null }])
  })

  it("puts the groups of all brokers together, and describes them at their coordinators", async () => {
    await using set = await setUp(2)
    for (const broker of set.brokers) {
      broker.on(ApiKey.ListGroups, () => ({ errorCode: 0, groups: [{ groupId: `g${1 - broker.nodeId}`, protocolType: "consumer", groupState: "Stable", groupType: "classic" }] }))
    }
    expect((await set.admin.listGroups()).map(({ groupId, state }) => [groupId, state])).toEqual([["g0", "Stable"], ["g1", "Stable"]])
    const coordinator = { key: "g0", nodeId: 0, host: "127.0.0.1", port: set.broker.port, errorCode: 0 }
    for (const broker of set.brokers) broker.on(ApiKey.FindCoordinator, () => ({ coordinators: [coordinator] }))
    const member = (memberId: string, memberAssignment: Buffer) =>
      ({ memberId, clientId: "c", clientHost: "/h", memberMetadata: Buffer.alloc(0), memberAssignment })
    set.broker.next(ApiKey.DescribeGroups, () => ({ groups: [{ errorCode: ErrorCode.NOT_COORDINATOR, groupId: "g0", groupState: "", protocolType: "", protocolData: "", members: [] }] }))
    set.broker.next(ApiKey.DescribeGroups, () => ({
      groups: [{
        errorCode: 0, groupId: "g0", groupState: "Stable", protocolType: "consumer", protocolData: "range",
        members: [member("m1", encodeAssignment([{ topic: "t", partition: 2 }])), member("m2", Buffer.from("what is this"))]
      }]
    }))
    const [group] = await set.admin.describeGroups(["g0"])
    expect(group).toMatchObject({ state: "Stable", partitionAssignor: "range", coordinator: 0, members: [{ assignment: [{ topic: "t", partition: 2 }] }, { assignment: [] }] })
    set.broker.next(ApiKey.DeleteGroups, () => ({ results: [{ groupId: "g0", errorCode: ErrorCode.NON_EMPTY_GROUP }] }))
    expect((await set.admin.deleteGroups(["g0"]))[0]?.error?.codeName).toBe("NON_EMPTY_GROUP")
  })

  it("lists the groups of the brokers that are left when one goes meanwhile", async () => {
    await using cluster = new ScriptedCluster()
    const broker = await ScriptedBroker.start(cluster)
    const gone = await ScriptedBroker.start(cluster)
    await gone.stop()
    broker.on(ApiKey.ListGroups, () => {
      // The others notice that it is gone.
      cluster.brokers.splice(1)
      return { errorCode: 0, groups: [{ groupId: "g", protocolType: "consumer", groupState: "Empty", groupType: "classic" }] }
    })
    await using admin = new Admin({ bootstrapServers: broker.address, retryBackoffMillis: 5, apiTimeoutMillis: 1_000 })
    expect((await admin.listGroups()).map(({ groupId }) => groupId)).toEqual(["g"])
  })

  it("looks offsets up at the leaders, also while they move, and says what does not exist", async () => {
    await using set = await setUp(2)
    set.cluster.addTopic("t", 2)
    set.cluster.log("t", 1).leader = 1
    await set.admin.cluster.refresh(["t"])
    set.cluster.log("t", 0).leader = 1
    set.cluster.log("t", 0).leaderEpoch = 1
    const specs = [{ topic: "t", partition: 1, spec: "latest" }, { topic: "t", partition: 0, spec: "earliest" }, { topic: "t", partition: 7, spec: "latest" }, { topic: "none", partition: 0, spec: "latest" }] as const
    const found = await set.admin.listOffsets(specs)
    expect(found.map(({ topic, partition, offset, leaderEpoch, error }) => [topic, partition, offset, leaderEpoch, error?.codeName])).toEqual([
      ["t", 1, 0, 0, undefined], ["t", 0, 0, 1, undefined],
      ["t", 7, -1, -1, "UNKNOWN_TOPIC_OR_PARTITION"], ["none", 0, -1, -1, "UNKNOWN_TOPIC_OR_PARTITION"]
    ])
  })

  it("says of a partition that a leader's answer leaves out that nothing is known", async () => {
    await using set = await setUp()
    set.cluster.addTopic("t", 2)
    set.broker.on(ApiKey.ListOffsets, () => ({ topics: [{ name: "t", partitions: [{ partitionIndex: 0, errorCode: 0, offset: 5, timestamp: -1, leaderEpoch: 0 }] }] }))
    const found = await set.admin.listOffsets([0, 1].map((partition) => ({ topic: "t", partition, spec: "latest" })))
    expect(found.map(({ offset, error }) => [offset, error?.codeName])).toEqual([[5, undefined], [-1, "UNKNOWN_SERVER_ERROR"]])
  })

  it("refuses the name of a broker that is no number at once", async () => {
    await using set = await setUp()
    const broker = { type: "broker", name: "one" } as const
    await expect(set.admin.describeConfigs([broker])).rejects.toMatchObject({ reason: "configuration" })
    await expect(set.admin.incrementalAlterConfigs([{ ...broker, operations: [] }])).rejects.toMatchObject({ reason: "configuration" })
    expect(set.broker.requests).toEqual([])
  })

  it("reads and sets the offsets of a group", async () => {
    await using set = await setUp()
    expect(await set.admin.alterGroupOffsets("g", [{ topic: "t", partition: 1, offset: 4, metadata: "m" }]))
      .toEqual([{ topic: "t", partition: 1, error: undefined }])
    expect(await set.admin.listGroupOffsets("g", { partitions: [{ topic: "t", partition: 1 }, { topic: "t", partition: 2 }] })).toMatchObject([
      { topic: "t", partition: 1, offset: 4, metadata: "m" }, { topic: "t", partition: 2, offset: -1 }
    ])
    expect(set.broker.received(ApiKey.OffsetCommit)[0]?.body).toMatchObject({ generationIdOrMemberEpoch: -1, memberId: "" })
    set.broker.next(ApiKey.OffsetCommit, () => ({ topics: [{ name: "t", partitions: [{ partitionIndex: 1, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }] }] }))
    expect((await set.admin.alterGroupOffsets("g", [{ topic: "t", partition: 1, offset: 4 }]))[0]?.error?.codeName).toBe("UNKNOWN_MEMBER_ID")
  })
})
