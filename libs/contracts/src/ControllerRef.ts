import type {
  AddRaftVoterRequest,
  AddRaftVoterResponseInput,
  AlterConfigsRequest,
  AlterConfigsResponseInput,
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponseInput,
  CreatePartitionsRequest,
  CreatePartitionsResponseInput,
  CreateTopicsRequest,
  CreateTopicsResponseInput,
  DeleteTopicsRequest,
  DeleteTopicsResponseInput,
  DescribeQuorumRequest,
  DescribeQuorumResponseInput,
  ElectLeadersRequest,
  ElectLeadersResponseInput,
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponseInput,
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponseInput,
  RemoveRaftVoterRequest,
  RemoveRaftVoterResponseInput,
  UnregisterBrokerRequest,
  UnregisterBrokerResponseInput
} from "@tailrace/kafka-protocol"

/** What clients may ask the controller, by the name of Kafka's API. Answers have every field; the listener fits them to the version. */
export interface ControllerCalls {
  readonly createTopics: { request: CreateTopicsRequest; response: CreateTopicsResponseInput }
  readonly deleteTopics: { request: DeleteTopicsRequest; response: DeleteTopicsResponseInput }
  readonly createPartitions: { request: CreatePartitionsRequest; response: CreatePartitionsResponseInput }
  readonly alterConfigs: { request: AlterConfigsRequest; response: AlterConfigsResponseInput }
  readonly incrementalAlterConfigs: {
    request: IncrementalAlterConfigsRequest
    response: IncrementalAlterConfigsResponseInput
  }
  readonly electLeaders: { request: ElectLeadersRequest; response: ElectLeadersResponseInput }
  readonly alterPartitionReassignments: {
    request: AlterPartitionReassignmentsRequest
    response: AlterPartitionReassignmentsResponseInput
  }
  readonly listPartitionReassignments: {
    request: ListPartitionReassignmentsRequest
    response: ListPartitionReassignmentsResponseInput
  }
  readonly unregisterBroker: { request: UnregisterBrokerRequest; response: UnregisterBrokerResponseInput }
  readonly describeQuorum: { request: DescribeQuorumRequest; response: DescribeQuorumResponseInput }
  readonly addRaftVoter: { request: AddRaftVoterRequest; response: AddRaftVoterResponseInput }
  readonly removeRaftVoter: { request: RemoveRaftVoterRequest; response: RemoveRaftVoterResponseInput }
}

/**
 * The cluster's controller, wherever it lives. A promise resolves once what was decided is committed and this node
 * has applied it, so that the next request of the same client finds it. It rejects with `NotAvailable`.
 */
export interface ControllerRef {
  ask<K extends keyof ControllerCalls>(
    kind: K,
    request: ControllerCalls[K]["request"],
    apiVersion: number
  ): Promise<ControllerCalls[K]["response"]>
  /** Creates topics as a client's Metadata request may ask for, with the broker's defaults; answers a code for each name. */
  autoCreateTopics(names: ReadonlyArray<string>): Promise<ReadonlyMap<string, number>>
}
