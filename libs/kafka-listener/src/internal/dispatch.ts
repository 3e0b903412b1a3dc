import { type Api, ApiKey, apis } from "@tailrace/kafka-protocol"
import type { Call } from "./Call.ts"
import { handleApiVersions } from "./handlers/apiVersions.ts"
import { handleDescribeCluster, handleFindCoordinator } from "./handlers/cluster.ts"
import { handleDescribeConfigs } from "./handlers/configs.ts"
import { handleFetch } from "./handlers/fetch.ts"
import {
  handleDeleteGroups,
  handleDescribeGroups,
  handleHeartbeat,
  handleJoinGroup,
  handleLeaveGroup,
  handleListGroups,
  handleSyncGroup
} from "./handlers/groups.ts"
import { handleInitProducerId } from "./handlers/initProducerId.ts"
import { handleDescribeLogDirs } from "./handlers/logDirs.ts"
import { handleListOffsets } from "./handlers/listOffsets.ts"
import { handleOffsetCommit, handleOffsetDelete, handleOffsetFetch } from "./handlers/offsets.ts"
import { handleMetadata } from "./handlers/metadata.ts"
import { handleDeleteRecords, handleOffsetForLeaderEpoch } from "./handlers/partitions.ts"
import { handleProduce } from "./handlers/produce.ts"
import { handleAddRaftVoter, handleDescribeQuorum, handleRemoveRaftVoter, handleUnregisterBroker } from "./handlers/quorum.ts"
import { handleAlterPartitionReassignments, handleElectLeaders, handleListPartitionReassignments } from "./handlers/replicas.ts"
import { handleDescribeTopicPartitions } from "./handlers/topicPartitions.ts"
import {
  handleAlterConfigs,
  handleCreatePartitions,
  handleCreateTopics,
  handleDeleteTopics,
  handleIncrementalAlterConfigs
} from "./handlers/topics.ts"

export type Handler = (call: Call) => void

const handlers: ReadonlyMap<number, Handler> = new Map<number, Handler>([
  [ApiKey.Produce, handleProduce],
  [ApiKey.Fetch, handleFetch],
  [ApiKey.ListOffsets, handleListOffsets],
  [ApiKey.Metadata, handleMetadata],
  [ApiKey.OffsetCommit, handleOffsetCommit],
  [ApiKey.OffsetFetch, handleOffsetFetch],
  [ApiKey.FindCoordinator, handleFindCoordinator],
  [ApiKey.JoinGroup, handleJoinGroup],
  [ApiKey.Heartbeat, handleHeartbeat],
  [ApiKey.LeaveGroup, handleLeaveGroup],
  [ApiKey.SyncGroup, handleSyncGroup],
  [ApiKey.DescribeGroups, handleDescribeGroups],
  [ApiKey.ListGroups, handleListGroups],
  [ApiKey.ApiVersions, handleApiVersions],
  [ApiKey.CreateTopics, handleCreateTopics],
  [ApiKey.DeleteTopics, handleDeleteTopics],
  [ApiKey.DeleteRecords, handleDeleteRecords],
  [ApiKey.InitProducerId, handleInitProducerId],
  [ApiKey.OffsetForLeaderEpoch, handleOffsetForLeaderEpoch],
  [ApiKey.DescribeConfigs, handleDescribeConfigs],
  [ApiKey.AlterConfigs, handleAlterConfigs],
  [ApiKey.CreatePartitions, handleCreatePartitions],
  [ApiKey.DeleteGroups, handleDeleteGroups],
  [ApiKey.IncrementalAlterConfigs, handleIncrementalAlterConfigs],
  [ApiKey.OffsetDelete, handleOffsetDelete],
  [ApiKey.DescribeLogDirs, handleDescribeLogDirs],
  [ApiKey.ElectLeaders, handleElectLeaders],
  [ApiKey.AlterPartitionReassignments, handleAlterPartitionReassignments],
  [ApiKey.ListPartitionReassignments, handleListPartitionReassignments],
  [ApiKey.DescribeQuorum, handleDescribeQuorum],
  [ApiKey.DescribeCluster, handleDescribeCluster],
  [ApiKey.UnregisterBroker, handleUnregisterBroker],
  [ApiKey.DescribeTopicPartitions, handleDescribeTopicPartitions],
  [ApiKey.AddRaftVoter, handleAddRaftVoter],
  [ApiKey.RemoveRaftVoter, handleRemoveRaftVoter]
])

/** The APIs that are served, in every version that the protocol room has a codec for. */
export const servedApis: ReadonlyArray<Api> = apis.filter(({ key }) => handlers.has(key))

/** What serves an API; undefined for one that is not advertised. */
export const handlerOf = (apiKey: number): Handler | undefined => handlers.get(apiKey)
