import type {
  LogDirDescription, PartitionResult, QuorumDescription, QuorumReplica, Reassignment, ReassignmentUnderWay, TopicPartition
} from "../AdminTypes.ts"
import { ElectionType } from "../AdminTypes.ts"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import { KafkaError } from "../KafkaError.ts"
import {
  addRaftVoterApi, alterPartitionReassignmentsApi, describeLogDirsApi, describeQuorumApi, electLeadersApi, listPartitionReassignmentsApi,
  removeRaftVoterApi, unregisterBrokerApi
} from "./apis.ts"

const metadataTopic = "__cluster_metadata"
/** DUPLICATE_VOTER and VOTER_NOT_FOUND: what a repeated change finds when the first attempt was carried out. */
const isThereAlready = { add: 126, remove: 127 } as const

/** Calls the controller until one answers; `run` throws for a code that concerns the whole answer. */
const atController = <T>(cluster: Cluster, signal: AbortSignal | undefined, run: (timeoutMs: number) => Promise<T>): Promise<T> =>
  cluster.retry(signal, (remainingMillis) => run(Math.ceil(Math.min(remainingMillis, cluster.options.requestTimeoutMillis))))

const byTopic = (partitions: ReadonlyArray<TopicPartition>): ReadonlyArray<readonly [string, ReadonlyArray<number>]> =>
  [...Map.groupBy(partitions, ({ topic }) => topic)].map(([topic, group]) => [topic, group.map(({ partition }) => partition)])

export const electLeaders = (
  cluster: Cluster, type: ElectionType, partitions: ReadonlyArray<TopicPartition> | null, signal: AbortSignal | undefined
): Promise<ReadonlyArray<PartitionResult>> => atController(cluster, signal, async (timeoutMs) => {
  const response = await cluster.call(electLeadersApi, "controller", (version) => {
    if (version < 1 && type !== "preferred") throw new ClientError("unsupported", "the broker can only elect preferred leaders")
    return {
      ...(version >= 1 ? { electionType: ElectionType[type] } : {}), timeoutMs,
      topicPartitions: partitions === null ? null : byTopic(partitions).map(([topic, indexes]) => ({ topic, partitions: indexes }))
    }
  }, { signal })
  KafkaError.check(response.errorCode)
  return response.replicaElectionResults.flatMap(({ partitionResult, topic }) => partitionResult.map((result) => ({
    topic, partition: result.partitionId, error: KafkaError.of(result.errorCode, `${topic}-${result.partitionId}`, result.errorMessage)
  })))
})

export const alterReassignments = (
  cluster: Cluster, changes: ReadonlyArray<Reassignment>, signal: AbortSignal | undefined
): Promise<ReadonlyArray<PartitionResult>> => atController(cluster, signal, async (timeoutMs) => {
  const response = await cluster.call(alterPartitionReassignmentsApi, "controller", {
    timeoutMs, topics: [...Map.groupBy(changes, ({ topic }) => topic)].map(([name, group]) => ({
      name, partitions: group.map(({ partition, replicas }) => ({ partitionIndex: partition, replicas }))
    }))
  }, { signal })
  KafkaError.check(response.errorCode, undefined, response.errorMessage)
  return response.responses.flatMap(({ name, partitions }) => partitions.map(({ errorCode, errorMessage, partitionIndex }) =>
    ({ topic: name, partition: partitionIndex, error: KafkaError.of(errorCode, `${name}-${partitionIndex}`, errorMessage) })))
})

export const listReassignments = (
  cluster: Cluster, partitions: ReadonlyArray<TopicPartition> | null, signal: AbortSignal | undefined
): Promise<ReadonlyArray<ReassignmentUnderWay>> => atController(cluster, signal, async (timeoutMs) => {
  const response = await cluster.call(listPartitionReassignmentsApi, "controller", {
    timeoutMs, topics: partitions === null ? null : byTopic(partitions).map(([name, partitionIndexes]) => ({ name, partitionIndexes }))
  }, { signal })
  KafkaError.check(response.errorCode, undefined, response.errorMessage)
  return response.topics.flatMap(({ name, partitions: found }) => found.map((it) => ({
    topic: name, partition: it.partitionIndex, replicas: it.replicas, adding: it.addingReplicas, removing: it.removingReplicas
  })))
})

export const describeQuorum = (cluster: Cluster, signal: AbortSignal | undefined): Promise<QuorumDescription> =>
  atController(cluster, signal, async () => {
    const response = await cluster.call(describeQuorumApi, "any", {
      topics: [{ topicName: metadataTopic, partitions: [{ partitionIndex: 0 }] }]
    }, { signal })
    KafkaError.check(response.errorCode, undefined, response.errorMessage)
    const partition = response.topics[0]?.partitions[0]
    if (partition === undefined) throw new ClientError("protocol", `the answer is not about ${metadataTopic}`)
    KafkaError.check(partition.errorCode, metadataTopic, partition.errorMessage)
    const { currentVoters, highWatermark, leaderEpoch, leaderId, observers } = partition
    return { leaderId, leaderEpoch, highWatermark, voters: currentVoters.map(quorumReplica), observers: observers.map(quorumReplica) }
  })

const quorumReplica = (
  { lastCaughtUpTimestamp, lastFetchTimestamp, logEndOffset, replicaDirectoryId, replicaId }: {
    readonly replicaId: number; readonly replicaDirectoryId: string; readonly logEndOffset: number
    readonly lastFetchTimestamp: number; readonly lastCaughtUpTimestamp: number
  }
): QuorumReplica => ({ nodeId: replicaId, directoryId: replicaDirectoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp })

/** One change of the voters. Where an earlier attempt got no answer, finding it made is a success. */
export const changeVoter = (
  cluster: Cluster, change: "add" | "remove", nodeId: number, directoryId: string, signal: AbortSignal | undefined
): Promise<void> => {
  let attempts = 0
  return atController(cluster, signal, async (timeoutMs) => {
    const voter = () => {
      attempts++
      return { clusterId: null, voterId: nodeId, voterDirectoryId: directoryId }
    }
    const response = change === "remove"
      ? await cluster.call(removeRaftVoterApi, "controller", voter, { signal })
      : await cluster.call(addRaftVoterApi, "controller", () => ({ ...voter(), timeoutMs, listeners: [] }), { signal })
    if (attempts > 1 && response.errorCode === isThereAlready[change]) return
    KafkaError.check(response.errorCode, `node ${nodeId}`, response.errorMessage)
  })
}

export const unregisterBroker = (cluster: Cluster, nodeId: number, signal: AbortSignal | undefined): Promise<void> =>
  atController(cluster, signal, async () => {
    const response = await cluster.call(unregisterBrokerApi, "controller", { brokerId: nodeId }, { signal })
    KafkaError.check(response.errorCode, `node ${nodeId}`, response.errorMessage)
  })

export const describeLogDirs = async (
  cluster: Cluster, brokerIds: ReadonlyArray<number> | undefined, signal: AbortSignal | undefined
): Promise<ReadonlyArray<LogDirDescription>> => {
  if (brokerIds === undefined) await cluster.retry(signal, () => cluster.refresh([]))
  const ids = brokerIds ?? (await cluster.brokerIds(signal)).toSorted((a, b) => a - b)
  const answers = await Promise.all(ids.map(async (brokerId): Promise<ReadonlyArray<LogDirDescription>> => {
    const response = await cluster.call(describeLogDirsApi, brokerId, { topics: null }, { signal })
    KafkaError.check(response.errorCode, `node ${brokerId}`)
    return response.results.map(({ errorCode, logDir, topics, totalBytes, usableBytes }) => ({
      brokerId, path: logDir, error: KafkaError.of(errorCode, logDir), totalBytes, usableBytes,
      replicas: topics.flatMap(({ name, partitions }) => partitions.map((it) => ({
        topic: name, partition: it.partitionIndex, sizeBytes: it.partitionSize, offsetLag: it.offsetLag, isFuture: it.isFutureKey
      })))
    }))
  }))
  return answers.flat()
}
