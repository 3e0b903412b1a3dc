import * as protocol from "@tailrace/kafka-protocol"

/** One API as the client calls it: codecs, and the versions that the client can speak. */
export interface ClientApi<Input, Output> {
  readonly key: number
  readonly name: string
  readonly versionMin: number
  readonly versionMax: number
  readonly encode: (writer: protocol.Writer, version: number, input: Input) => void
  readonly decode: (reader: protocol.Reader, version: number) => Output
}

const define = <Input, Output>(
  key: number,
  encode: (writer: protocol.Writer, version: number, input: Input) => void,
  decode: (reader: protocol.Reader, version: number) => Output,
  limits: { readonly min?: number; readonly max?: number } = {}
): ClientApi<Input, Output> => {
  const api = protocol.apiOf(key)
  if (api === undefined) throw new Error(`assertion: API ${key} has no codec`)
  return {
    key, name: api.name, encode, decode,
    versionMin: Math.max(api.versionMin, limits.min ?? 0), versionMax: Math.min(api.versionMax, limits.max ?? api.versionMax)
  }
}

const { ApiKey } = protocol

// Version 13 of produce and fetch name topics by id only. The client keeps to names: they work with every broker.
export const produceApi = define(ApiKey.Produce, protocol.encodeProduceRequest, protocol.decodeProduceResponse, { min: 3, max: 12 })
export const fetchApi = define(ApiKey.Fetch, protocol.encodeFetchRequest, protocol.decodeFetchResponse, { min: 4, max: 12 })
export const listOffsetsApi = define(ApiKey.ListOffsets, protocol.encodeListOffsetsRequest, protocol.decodeListOffsetsResponse)
// Before version 3 only brokers may ask.
export const offsetForLeaderEpochApi = define(
  ApiKey.OffsetForLeaderEpoch, protocol.encodeOffsetForLeaderEpochRequest, protocol.decodeOffsetForLeaderEpochResponse, { min: 3 })
export const metadataApi = define(ApiKey.Metadata, protocol.encodeMetadataRequest, protocol.decodeMetadataResponse, { min: 1 })
export const apiVersionsApi = define(ApiKey.ApiVersions, protocol.encodeApiVersionsRequest, protocol.decodeApiVersionsResponse, { max: 3 })
export const initProducerIdApi =
  define(ApiKey.InitProducerId, protocol.encodeInitProducerIdRequest, protocol.decodeInitProducerIdResponse)
export const findCoordinatorApi =
  define(ApiKey.FindCoordinator, protocol.encodeFindCoordinatorRequest, protocol.decodeFindCoordinatorResponse)
export const joinGroupApi = define(ApiKey.JoinGroup, protocol.encodeJoinGroupRequest, protocol.decodeJoinGroupResponse)
export const syncGroupApi = define(ApiKey.SyncGroup, protocol.encodeSyncGroupRequest, protocol.decodeSyncGroupResponse)
export const heartbeatApi = define(ApiKey.Heartbeat, protocol.encodeHeartbeatRequest, protocol.decodeHeartbeatResponse)
export const leaveGroupApi = define(ApiKey.LeaveGroup, protocol.encodeLeaveGroupRequest, protocol.decodeLeaveGroupResponse)
// Version 10 names topics by id only, as for produce and fetch.
export const offsetCommitApi =
  define(ApiKey.OffsetCommit, protocol.encodeOffsetCommitRequest, protocol.decodeOffsetCommitResponse, { max: 9 })
export const offsetFetchApi =
  define(ApiKey.OffsetFetch, protocol.encodeOffsetFetchRequest, protocol.decodeOffsetFetchResponse, { max: 9 })
export const describeGroupsApi =
  define(ApiKey.DescribeGroups, protocol.encodeDescribeGroupsRequest, protocol.decodeDescribeGroupsResponse)
export const listGroupsApi = define(ApiKey.ListGroups, protocol.encodeListGroupsRequest, protocol.decodeListGroupsResponse)
export const deleteGroupsApi = define(ApiKey.DeleteGroups, protocol.encodeDeleteGroupsRequest, protocol.decodeDeleteGroupsResponse)
export const createTopicsApi = define(ApiKey.CreateTopics, protocol.encodeCreateTopicsRequest, protocol.decodeCreateTopicsResponse)
export const deleteTopicsApi = define(ApiKey.DeleteTopics, protocol.encodeDeleteTopicsRequest, protocol.decodeDeleteTopicsResponse)
export const createPartitionsApi =
  define(ApiKey.CreatePartitions, protocol.encodeCreatePartitionsRequest, protocol.decodeCreatePartitionsResponse)
export const describeConfigsApi =
  define(ApiKey.DescribeConfigs, protocol.encodeDescribeConfigsRequest, protocol.decodeDescribeConfigsResponse)
export const incrementalAlterConfigsApi = define(
  ApiKey.IncrementalAlterConfigs, protocol.encodeIncrementalAlterConfigsRequest, protocol.decodeIncrementalAlterConfigsResponse)
export const describeClusterApi =
  define(ApiKey.DescribeCluster, protocol.encodeDescribeClusterRequest, protocol.decodeDescribeClusterResponse)
export const describeTopicPartitionsApi =
  define(ApiKey.DescribeTopicPartitions, protocol.encodeDescribeTopicPartitionsRequest, protocol.decodeDescribeTopicPartitionsResponse)
export const describeLogDirsApi =
  define(ApiKey.DescribeLogDirs, protocol.encodeDescribeLogDirsRequest, protocol.decodeDescribeLogDirsResponse)
export const electLeadersApi = define(ApiKey.ElectLeaders, protocol.encodeElectLeadersRequest, protocol.decodeElectLeadersResponse)
export const alterPartitionReassignmentsApi = define(
  ApiKey.AlterPartitionReassignments, protocol.encodeAlterPartitionReassignmentsRequest, protocol.decodeAlterPartitionReassignmentsResponse)
export const listPartitionReassignmentsApi = define(
  ApiKey.ListPartitionReassignments, protocol.encodeListPartitionReassignmentsRequest, protocol.decodeListPartitionReassignmentsResponse)
export const describeQuorumApi =
  define(ApiKey.DescribeQuorum, protocol.encodeDescribeQuorumRequest, protocol.decodeDescribeQuorumResponse)
export const addRaftVoterApi = define(ApiKey.AddRaftVoter, protocol.encodeAddRaftVoterRequest, protocol.decodeAddRaftVoterResponse)
export const removeRaftVoterApi =
  define(ApiKey.RemoveRaftVoter, protocol.encodeRemoveRaftVoterRequest, protocol.decodeRemoveRaftVoterResponse)
export const unregisterBrokerApi =
  define(ApiKey.UnregisterBroker, protocol.encodeUnregisterBrokerRequest, protocol.decodeUnregisterBrokerResponse)
