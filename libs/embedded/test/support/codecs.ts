import * as protocol from "@tailrace/kafka-protocol"

const codec = <Request, Response>(
  encode: (writer: protocol.Writer, version: number, value: Request) => void,
  decode: (reader: protocol.Reader, version: number) => Response
) => ({ encode, decode })

/** What a client needs of each API that is advertised. */
export const codecs = {
  Produce: codec(protocol.encodeProduceRequest, protocol.decodeProduceResponse),
  Fetch: codec(protocol.encodeFetchRequest, protocol.decodeFetchResponse),
  ListOffsets: codec(protocol.encodeListOffsetsRequest, protocol.decodeListOffsetsResponse),
  Metadata: codec(protocol.encodeMetadataRequest, protocol.decodeMetadataResponse),
  OffsetCommit: codec(protocol.encodeOffsetCommitRequest, protocol.decodeOffsetCommitResponse),
  OffsetFetch: codec(protocol.encodeOffsetFetchRequest, protocol.decodeOffsetFetchResponse),
  FindCoordinator: codec(protocol.encodeFindCoordinatorRequest, protocol.decodeFindCoordinatorResponse),
  JoinGroup: codec(protocol.encodeJoinGroupRequest, protocol.decodeJoinGroupResponse),
  Heartbeat: codec(protocol.encodeHeartbeatRequest, protocol.decodeHeartbeatResponse),
  LeaveGroup: codec(protocol.encodeLeaveGroupRequest, protocol.decodeLeaveGroupResponse),
  SyncGroup: codec(protocol.encodeSyncGroupRequest, protocol.decodeSyncGroupResponse),
  DescribeGroups: codec(protocol.encodeDescribeGroupsRequest, protocol.decodeDescribeGroupsResponse),
  ListGroups: codec(protocol.encodeListGroupsRequest, protocol.decodeListGroupsResponse),
  ApiVersions: codec(protocol.encodeApiVersionsRequest, protocol.decodeApiVersionsResponse),
  CreateTopics: codec(protocol.encodeCreateTopicsRequest, protocol.decodeCreateTopicsResponse),
  DeleteTopics: codec(protocol.encodeDeleteTopicsRequest, protocol.decodeDeleteTopicsResponse),
  InitProducerId: codec(protocol.encodeInitProducerIdRequest, protocol.decodeInitProducerIdResponse),
  DescribeConfigs: codec(protocol.encodeDescribeConfigsRequest, protocol.decodeDescribeConfigsResponse),
  CreatePartitions: codec(protocol.encodeCreatePartitionsRequest, protocol.decodeCreatePartitionsResponse),
  DeleteGroups: codec(protocol.encodeDeleteGroupsRequest, protocol.decodeDeleteGroupsResponse),
  IncrementalAlterConfigs: codec(
    protocol.encodeIncrementalAlterConfigsRequest,
    protocol.decodeIncrementalAlterConfigsResponse
  ),
  DeleteRecords: codec(protocol.encodeDeleteRecordsRequest, protocol.decodeDeleteRecordsResponse),
  OffsetForLeaderEpoch: codec(protocol.encodeOffsetForLeaderEpochRequest, protocol.decodeOffsetForLeaderEpochResponse),
  AlterConfigs: codec(protocol.encodeAlterConfigsRequest, protocol.decodeAlterConfigsResponse),
  OffsetDelete: codec(protocol.encodeOffsetDeleteRequest, protocol.decodeOffsetDeleteResponse),
  DescribeCluster: codec(protocol.encodeDescribeClusterRequest, protocol.decodeDescribeClusterResponse),
  DescribeLogDirs: codec(protocol.encodeDescribeLogDirsRequest, protocol.decodeDescribeLogDirsResponse),
  ElectLeaders: codec(protocol.encodeElectLeadersRequest, protocol.decodeElectLeadersResponse),
  AlterPartitionReassignments: codec(
    protocol.encodeAlterPartitionReassignmentsRequest,
    protocol.decodeAlterPartitionReassignmentsResponse
  ),
  ListPartitionReassignments: codec(
    protocol.encodeListPartitionReassignmentsRequest,
    protocol.decodeListPartitionReassignmentsResponse
  ),
  DescribeQuorum: codec(protocol.encodeDescribeQuorumRequest, protocol.decodeDescribeQuorumResponse),
  UnregisterBroker: codec(protocol.encodeUnregisterBrokerRequest, protocol.decodeUnregisterBrokerResponse),
  DescribeTopicPartitions: codec(
    protocol.encodeDescribeTopicPartitionsRequest,
    protocol.decodeDescribeTopicPartitionsResponse
  ),
  AddRaftVoter: codec(protocol.encodeAddRaftVoterRequest, protocol.decodeAddRaftVoterResponse),
  RemoveRaftVoter: codec(protocol.encodeRemoveRaftVoterRequest, protocol.decodeRemoveRaftVoterResponse)
} as const

export type ApiName = keyof typeof codecs
export type RequestOf<Name extends ApiName> = Parameters<(typeof codecs)[Name]["encode"]>[2]
export type ResponseOf<Name extends ApiName> = ReturnType<(typeof codecs)[Name]["decode"]>

export const apiNamed = (name: ApiName): protocol.Api => {
  const api = protocol.apis.find((it) => it.name === name)
  if (api === undefined) throw new Error(`${name} is not advertised`)
  return api
}

/** Every version of an API that a client may send. */
export const versionsOf = (name: ApiName): ReadonlyArray<number> => {
  const { versionMax, versionMin } = apiNamed(name)
  return Array.from({ length: versionMax - versionMin + 1 }, (_, index) => versionMin + index)
}
