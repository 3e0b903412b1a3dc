import { describe, expect, it } from "vitest"
import { ApiKey, ErrorCode } from "@tailrace/kafka-protocol"
import { Admin } from "../src/index.ts"
import { encodeAssignment } from "../src/internal/consumerProtocol.ts"
import { hangUp, ScriptedBroker, ScriptedCluster } from "./ScriptedBroker.ts"

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

  it("looks offsets up at the leaders, also while they move, and says what does not exist", async () => {
    await using set = await setUp(2)
    set.cluster.addTopic("t", 2)
    set.cluster.log("t", 1).leader = 1
    await set.admin.describeTopics(["t"])
    set.cluster.log("t", 0).leader = 1
    set.cluster.log("t", 0).leaderEpoch = 1
    const specs = [{ topic: "t", partition: 1, spec: "latest" }, { topic: "t", partition: 0, spec: "earliest" }, { topic: "t", partition: 7, spec: "latest" }, { topic: "none", partition: 0, spec: "latest" }] as const
    const found = await set.admin.listOffsets(specs)
    expect(found.map(({ topic, partition, offset, leaderEpoch, error }) => [topic, partition, offset, leaderEpoch, error?.codeName])).toEqual([
      ["t", 1, 0, 0, undefined], ["t", 0, 0, 1, undefined],
      ["t", 7, -1, -1, "UNKNOWN_TOPIC_OR_PARTITION"], ["none", 0, -1, -1, "UNKNOWN_TOPIC_OR_PARTITION"]
    ])
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
