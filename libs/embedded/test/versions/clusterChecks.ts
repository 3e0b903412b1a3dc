import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import { expect } from "vitest"
import { type Check, topic } from "./Check.ts"

const metadataLog = "__cluster_metadata"

/** What an admin client asks about replicas, leaders and the quorum: of one node, in the shape that each version has. */
export const clusterChecks = {
  DescribeLogDirs: async ({ client }, version) => {
    const ask = (topics: ReadonlyArray<{ topic: string; partitions: ReadonlyArray<number> }> | null) =>
      client.ask("DescribeLogDirs", version, { topics })
    const { errorCode, results } = await ask([{ topic, partitions: [0, 9] }, { topic: "missing", partitions: [0] }])
    expect([errorCode, results.map((it) => it.errorCode)]).toEqual([0, [0]])
    const [row] = results[0]!.topics[0]!.partitions
    expect(results[0]!.topics).toEqual([{ name: topic, partitions: [{ partitionIndex: 0, partitionSize: row!.partitionSize, offsetLag: 0, isFutureKey: false }] }])
    expect(row!.partitionSize).toBeGreaterThan(0)
    expect(results[0]!.logDir).not.toBe("")
    expect((await ask(null)).results[0]!.topics.map(({ name }) => name)).toContain(topic)
  },

  ElectLeaders: async ({ client }, version) => {
    const elect = (topicPartitions: ReadonlyArray<{ topic: string; partitions: ReadonlyArray<number> }> | null) =>
      client.ask("ElectLeaders", version, { topicPartitions, timeoutMs: 1_000, ...(version >= 1 ? { electionType: 0 } : {}) })
    const { errorCode, replicaElectionResults } = await elect([{ topic, partitions: [0, 9] }, { topic: "missing", partitions: [0] }])
    const codes = replicaElectionResults.map((it) => [it.topic, it.partitionResult.map((row) => [row.partitionId, row.errorCode])])
    expect([errorCode, codes]).toEqual([0, [[topic, [[0, ErrorCode.ELECTION_NOT_NEEDED], [9, 3]]], ["missing", [[0, 3]]]]])
    // All partitions: every topic is named, but those that need no election are not worth a row.
    const all = await elect(null)
    expect(all.replicaElectionResults).toContainEqual({ topic, partitionResult: [] })
    expect([all.errorCode, all.replicaElectionResults.flatMap((it) => it.partitionResult)]).toEqual([0, []])
  },

  AlterPartitionReassignments: async ({ client }, version) => {
    const move = async (replicas: ReadonlyArray<number> | null, name = topic) => {
      const topics = [{ name, partitions: [{ partitionIndex: 0, replicas }] }]
      const { errorCode, responses } = await client.ask("AlterPartitionReassignments", version, { topics, timeoutMs: 1_000 })
      expect(errorCode).toBe(0)
      return responses[0]!.partitions[0]!.errorCode
    }
    expect(await move([1])).toBe(0)
    expect(await move([1, 7])).toBe(ErrorCode.INVALID_REPLICA_ASSIGNMENT)
    expect(await move(null)).toBe(ErrorCode.NO_REASSIGNMENT_IN_PROGRESS)
    expect(await move([1], "missing")).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  ListPartitionReassignments: async ({ client }, version) => {
    const list = (topics: ReadonlyArray<{ name: string; partitionIndexes: ReadonlyArray<number> }> | null) =>
      client.ask("ListPartitionReassignments", version, { topics, timeoutMs: 1_000 })
    expect(await list(null)).toEqual({ throttleTimeMs: 0, errorCode: 0, errorMessage: null, topics: [] })
    expect(await list([{ name: topic, partitionIndexes: [0] }])).toMatchObject({ errorCode: 0, topics: [] })
  },

  DescribeQuorum: async ({ client }, version) => {
    const ask = (topicName: string) => client.ask("DescribeQuorum", version, { topics: [{ topicName, partitions: [{ partitionIndex: 0 }] }] })
    const { errorCode, nodes, topics } = await ask(metadataLog)
    const [row] = topics[0]!.partitions
    expect([errorCode, topics[0]!.topicName, row!.errorCode, row!.leaderId, row!.observers]).toEqual([0, metadataLog, 0, 1, []])
    expect(row!.highWatermark).toBeGreaterThan(0)
    const [voter] = row!.currentVoters
    expect([row!.currentVoters.length, voter!.replicaId, voter!.logEndOffset]).toEqual([1, 1, row!.highWatermark])
    expect(voter!.replicaDirectoryId !== zeroUuid).toBe(version >= 2)
    expect(voter!.lastCaughtUpTimestamp > 0).toBe(version >= 1)
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(version >= 2 ? [1] : [])
    expect((await ask(topic)).topics[0]!.partitions[0]!.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  },

  UnregisterBroker: async ({ client }, version) => {
    expect((await client.ask("UnregisterBroker", version, { brokerId: 9 })).errorCode).toBe(ErrorCode.BROKER_ID_NOT_REGISTERED)
  },

  DescribeTopicPartitions: async ({ client, topicId }, version) => {
    const { nextCursor, topics } = await client.ask("DescribeTopicPartitions", version, { topics: [{ name: topic }, { name: "missing" }] })
    expect(nextCursor).toBe(null)
    expect(topics.map(({ errorCode, name }) => [name, errorCode])).toEqual([["missing", 3], [topic, 0]])
    expect(topics[1]).toMatchObject({ topicId, isInternal: false })
    expect(topics[1]!.partitions[0]).toEqual({
      errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 0, replicaNodes: [1], isrNodes: [1],
      eligibleLeaderReplicas: [], lastKnownElr: [], offlineReplicas: []
    })
  },

  AddRaftVoter: async ({ client }, version) => {
    const add = async (voterId: number, clusterId: string | null) => {
      const listeners = [{ name: "CONTROLLER", host: "127.0.0.1", port: 9_093 }]
      return (await client.ask("AddRaftVoter", version, { clusterId, timeoutMs: 1_000, voterId, voterDirectoryId: zeroUuid, listeners })).errorCode
    }
    expect(await add(2, "another")).toBe(ErrorCode.INCONSISTENT_CLUSTER_ID)
    expect(await add(1, null)).not.toBe(0)
  },

  RemoveRaftVoter: async ({ client }, version) => {
    const remove = async (voterId: number, clusterId: string | null) =>
      (await client.ask("RemoveRaftVoter", version, { clusterId, voterId, voterDirectoryId: zeroUuid })).errorCode
    expect(await remove(1, "another")).toBe(ErrorCode.INCONSISTENT_CLUSTER_ID)
    expect(await remove(9, null)).toBe(ErrorCode.VOTER_NOT_FOUND)
  }
} satisfies Readonly<Record<string, Check>>
