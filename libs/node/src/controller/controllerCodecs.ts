import * as protocol from "@tailrace/kafka-protocol"
import { ApiKey, type Reader, type Writer } from "@tailrace/kafka-protocol"
import type { ControllerCallName, ControllerCalls } from "./ControllerCalls.ts"

/** How one call travels by the bus: Kafka's own bytes in the newest version, or ours for what only nodes ask. */
export interface ControllerCodec<Request, Response> {
  readonly apiKey: number
  readonly version: number
  readonly encodeRequest: (writer: Writer, version: number, value: Request) => void
  readonly decodeRequest: (reader: Reader, version: number) => Request
  readonly encodeResponse: (writer: Writer, version: number, value: Response) => void
  readonly decodeResponse: (reader: Reader, version: number) => Response
}

type Codecs = {
  readonly [K in ControllerCallName]: ControllerCodec<ControllerCalls[K]["request"], ControllerCalls[K]["response"]>
}

export const controllerCodecs: Codecs = {
  createTopics: {
    apiKey: ApiKey.CreateTopics, version: 7,
    encodeRequest: protocol.encodeCreateTopicsRequest, decodeRequest: protocol.decodeCreateTopicsRequest,
    encodeResponse: protocol.encodeCreateTopicsResponse, decodeResponse: protocol.decodeCreateTopicsResponse
  },
  deleteTopics: {
    apiKey: ApiKey.DeleteTopics, version: 6,
    encodeRequest: protocol.encodeDeleteTopicsRequest, decodeRequest: protocol.decodeDeleteTopicsRequest,
    encodeResponse: protocol.encodeDeleteTopicsResponse, decodeResponse: protocol.decodeDeleteTopicsResponse
  },
  createPartitions: {
    apiKey: ApiKey.CreatePartitions, version: 3,
    encodeRequest: protocol.encodeCreatePartitionsRequest, decodeRequest: protocol.decodeCreatePartitionsRequest,
    encodeResponse: protocol.encodeCreatePartitionsResponse, decodeResponse: protocol.decodeCreatePartitionsResponse
  },
  alterConfigs: {
    apiKey: ApiKey.AlterConfigs, version: 2,
    encodeRequest: protocol.encodeAlterConfigsRequest, decodeRequest: protocol.decodeAlterConfigsRequest,
    encodeResponse: protocol.encodeAlterConfigsResponse, decodeResponse: protocol.decodeAlterConfigsResponse
  },
  incrementalAlterConfigs: {
    apiKey: ApiKey.IncrementalAlterConfigs, version: 1,
    encodeRequest: protocol.encodeIncrementalAlterConfigsRequest, decodeRequest: protocol.decodeIncrementalAlterConfigsRequest,
    encodeResponse: protocol.encodeIncrementalAlterConfigsResponse, decodeResponse: protocol.decodeIncrementalAlterConfigsResponse
  },
  electLeaders: {
    apiKey: ApiKey.ElectLeaders, version: 2,
    encodeRequest: protocol.encodeElectLeadersRequest, decodeRequest: protocol.decodeElectLeadersRequest,
    encodeResponse: protocol.encodeElectLeadersResponse, decodeResponse: protocol.decodeElectLeadersResponse
  },
  alterPartitionReassignments: {
    apiKey: ApiKey.AlterPartitionReassignments, version: 1,
    encodeRequest: protocol.encodeAlterPartitionReassignmentsRequest, decodeRequest: protocol.decodeAlterPartitionReassignmentsRequest,
    encodeResponse: protocol.encodeAlterPartitionReassignmentsResponse, decodeResponse: protocol.decodeAlterPartitionReassignmentsResponse
  },
  listPartitionReassignments: {
    apiKey: ApiKey.ListPartitionReassignments, version: 0,
    encodeRequest: protocol.encodeListPartitionReassignmentsRequest, decodeRequest: protocol.decodeListPartitionReassignmentsRequest,
    encodeResponse: protocol.encodeListPartitionReassignmentsResponse, decodeResponse: protocol.decodeListPartitionReassignmentsResponse
  },
  unregisterBroker: {
    apiKey: ApiKey.UnregisterBroker, version: 0,
    encodeRequest: protocol.encodeUnregisterBrokerRequest, decodeRequest: protocol.decodeUnregisterBrokerRequest,
    encodeResponse: protocol.encodeUnregisterBrokerResponse, decodeResponse: protocol.decodeUnregisterBrokerResponse
  },
  describeQuorum: {
    apiKey: ApiKey.DescribeQuorum, version: 2,
    encodeRequest: protocol.encodeDescribeQuorumRequest, decodeRequest: protocol.decodeDescribeQuorumRequest,
    encodeResponse: protocol.encodeDescribeQuorumResponse, decodeResponse: protocol.decodeDescribeQuorumResponse
  },
  addRaftVoter: {
    apiKey: ApiKey.AddRaftVoter, version: 1,
    encodeRequest: protocol.encodeAddRaftVoterRequest, decodeRequest: protocol.decodeAddRaftVoterRequest,
    encodeResponse: protocol.encodeAddRaftVoterResponse, decodeResponse: protocol.decodeAddRaftVoterResponse
  },
  removeRaftVoter: {
    apiKey: ApiKey.RemoveRaftVoter, version: 0,
    encodeRequest: protocol.encodeRemoveRaftVoterRequest, decodeRequest: protocol.decodeRemoveRaftVoterRequest,
    encodeResponse: protocol.encodeRemoveRaftVoterResponse, decodeResponse: protocol.decodeRemoveRaftVoterResponse
  },
  registerBroker: {
    apiKey: 1001, version: 0,
    encodeRequest: protocol.encodeRegisterBrokerRequest, decodeRequest: protocol.decodeRegisterBrokerRequest,
    encodeResponse: protocol.encodeRegisterBrokerResponse, decodeResponse: protocol.decodeRegisterBrokerResponse
  },
  brokerHeartbeat: {
    apiKey: 1002, version: 0,
    encodeRequest: protocol.encodeBrokerHeartbeatRequest, decodeRequest: protocol.decodeBrokerHeartbeatRequest,
    encodeResponse: protocol.encodeBrokerHeartbeatResponse, decodeResponse: protocol.decodeBrokerHeartbeatResponse
  },
  alterPartition: {
    apiKey: 1003, version: 0,
    encodeRequest: protocol.encodeAlterPartitionRequest, decodeRequest: protocol.decodeAlterPartitionRequest,
    encodeResponse: protocol.encodeAlterPartitionResponse, decodeResponse: protocol.decodeAlterPartitionResponse
  },
  allocateProducerIds: {
    apiKey: 1004, version: 0,
    encodeRequest: protocol.encodeAllocateProducerIdsRequest, decodeRequest: protocol.decodeAllocateProducerIdsRequest,
    encodeResponse: protocol.encodeAllocateProducerIdsResponse, decodeResponse: protocol.decodeAllocateProducerIdsResponse
  },
  autoCreateTopics: {
    apiKey: 1005, version: 0,
    encodeRequest: protocol.encodeAutoCreateTopicsRequest, decodeRequest: protocol.decodeAutoCreateTopicsRequest,
    encodeResponse: protocol.encodeAutoCreateTopicsResponse, decodeResponse: protocol.decodeAutoCreateTopicsResponse
  }
}

const names = new Map(Object.entries(controllerCodecs).map(([name, { apiKey }]) => [apiKey, name as ControllerCallName]))

/** Undefined for a key that no call has. */
export const controllerCallOf = (apiKey: number): ControllerCallName | undefined => names.get(apiKey)
