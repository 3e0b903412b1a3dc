// Generated from definitions/ by `npm run generate`. Do not edit.
import type { Reader } from "../Reader.ts"
import type { Writer } from "../Writer.ts"

export interface ProduceRequestPartition {
  readonly index: number
  readonly records: Buffer | null
}
export interface ProduceRequestPartitionInput {
  readonly index: number
  readonly records: Uint8Array | ReadonlyArray<Uint8Array> | null
}

export interface ProduceRequestTopic {
  readonly name: string
  readonly topicId: string
  readonly partitionData: ReadonlyArray<ProduceRequestPartition>
}
export interface ProduceRequestTopicInput {
  readonly name?: string | undefined
  readonly topicId?: string | undefined
  readonly partitionData: ReadonlyArray<ProduceRequestPartitionInput>
}

export interface ProduceRequest {
  readonly transactionalId: string | null
  readonly acks: number
  readonly timeoutMs: number
  readonly topicData: ReadonlyArray<ProduceRequestTopic>
}
export interface ProduceRequestInput {
  readonly transactionalId?: string | null | undefined
  readonly acks: number
  readonly timeoutMs: number
  readonly topicData: ReadonlyArray<ProduceRequestTopicInput>
}

export declare function decodeProduceRequest(reader: Reader, version: number): ProduceRequest
export declare function encodeProduceRequest(writer: Writer, version: number, value: ProduceRequestInput): void

export interface ProduceResponseRecordError {
  readonly batchIndex: number
  readonly batchIndexErrorMessage: string | null
}
export interface ProduceResponseRecordErrorInput {
  readonly batchIndex: number
  readonly batchIndexErrorMessage?: string | null | undefined
}

export interface ProduceResponseLeaderIdAndEpoch {
  readonly leaderId: number
  readonly leaderEpoch: number
}
export interface ProduceResponseLeaderIdAndEpochInput {
  readonly leaderId?: number | undefined
  readonly leaderEpoch?: number | undefined
}

export interface ProduceResponsePartition {
  readonly index: number
  readonly errorCode: number
  readonly baseOffset: number
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  readonly recordErrors: ReadonlyArray<ProduceResponseRecordError>
  readonly errorMessage: string | null
  readonly currentLeader: ProduceResponseLeaderIdAndEpoch
}
export interface ProduceResponsePartitionInput {
  readonly index: number
  readonly errorCode: number
  readonly baseOffset: number
  readonly logAppendTimeMs?: number | undefined
  readonly logStartOffset?: number | undefined
  readonly recordErrors?: ReadonlyArray<ProduceResponseRecordErrorInput> | undefined
  readonly errorMessage?: string | null | undefined
  readonly currentLeader?: ProduceResponseLeaderIdAndEpochInput | undefined
}

export interface ProduceResponseTopic {
  readonly name: string
  readonly topicId: string
  readonly partitionResponses: ReadonlyArray<ProduceResponsePartition>
}
export interface ProduceResponseTopicInput {
  readonly name?: string | undefined
  readonly topicId?: string | undefined
  readonly partitionResponses: ReadonlyArray<ProduceResponsePartitionInput>
}

export interface ProduceResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
export interface ProduceResponseNodeEndpointInput {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null | undefined
}

export interface ProduceResponse {
  readonly responses: ReadonlyArray<ProduceResponseTopic>
  readonly throttleTimeMs: number
  readonly nodeEndpoints: ReadonlyArray<ProduceResponseNodeEndpoint>
}
export interface ProduceResponseInput {
  readonly responses: ReadonlyArray<ProduceResponseTopicInput>
  readonly throttleTimeMs?: number | undefined
  readonly nodeEndpoints?: ReadonlyArray<ProduceResponseNodeEndpointInput> | undefined
}

export declare function decodeProduceResponse(reader: Reader, version: number): ProduceResponse
export declare function encodeProduceResponse(writer: Writer, version: number, value: ProduceResponseInput): void

export interface FetchRequestReplicaState {
  readonly replicaId: number
  readonly replicaEpoch: number
}
export interface FetchRequestReplicaStateInput {
  readonly replicaId?: number | undefined
  readonly replicaEpoch?: number | undefined
}

export interface FetchRequestPartition {
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly fetchOffset: number
  readonly lastFetchedEpoch: number
  readonly logStartOffset: number
  readonly partitionMaxBytes: number
  readonly replicaDirectoryId: string
}
export interface FetchRequestPartitionInput {
  readonly partition: number
  readonly currentLeaderEpoch?: number | undefined
  readonly fetchOffset: number
  readonly lastFetchedEpoch?: number | undefined
  readonly logStartOffset?: number | undefined
  readonly partitionMaxBytes: number
  readonly replicaDirectoryId?: string | undefined
}

export interface FetchRequestTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: ReadonlyArray<FetchRequestPartition>
}
export interface FetchRequestTopicInput {
  readonly topic?: string | undefined
  readonly topicId?: string | undefined
  readonly partitions: ReadonlyArray<FetchRequestPartitionInput>
}

export interface FetchRequestForgottenTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: ReadonlyArray<number>
}
export interface FetchRequestForgottenTopicInput {
  readonly topic?: string | undefined
  readonly topicId?: string | undefined
  readonly partitions: ReadonlyArray<number>
}

export interface FetchRequest {
  readonly clusterId: string | null
  readonly replicaId: number
  readonly replicaState: FetchRequestReplicaState
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel: number
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly topics: ReadonlyArray<FetchRequestTopic>
  readonly forgottenTopicsData: ReadonlyArray<FetchRequestForgottenTopic>
  readonly rackId: string
}
export interface FetchRequestInput {
  readonly clusterId?: string | null | undefined
  readonly replicaId?: number | undefined
  readonly replicaState?: FetchRequestReplicaStateInput | undefined
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes?: number | undefined
  readonly isolationLevel?: number | undefined
  readonly sessionId?: number | undefined
  readonly sessionEpoch?: number | undefined
  readonly topics: ReadonlyArray<FetchRequestTopicInput>
  readonly forgottenTopicsData?: ReadonlyArray<FetchRequestForgottenTopicInput> | undefined
  readonly rackId?: string | undefined
}

export declare function decodeFetchRequest(reader: Reader, version: number): FetchRequest
export declare function encodeFetchRequest(writer: Writer, version: number, value: FetchRequestInput): void

export interface FetchResponseEpochEndOffset {
  readonly epoch: number
  readonly endOffset: number
}
export interface FetchResponseEpochEndOffsetInput {
  readonly epoch?: number | undefined
  readonly endOffset?: number | undefined
}

export interface FetchResponseLeaderIdAndEpoch {
  readonly leaderId: number
  readonly leaderEpoch: number
}
export interface FetchResponseLeaderIdAndEpochInput {
  readonly leaderId?: number | undefined
  readonly leaderEpoch?: number | undefined
}

export interface FetchResponseSnapshotId {
  readonly endOffset: number
  readonly epoch: number
}
export interface FetchResponseSnapshotIdInput {
  readonly endOffset?: number | undefined
  readonly epoch?: number | undefined
}

export interface FetchResponseAbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}
export interface FetchResponseAbortedTransactionInput {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  readonly logStartOffset: number
  readonly divergingEpoch: FetchResponseEpochEndOffset
  readonly currentLeader: FetchResponseLeaderIdAndEpoch
  readonly snapshotId: FetchResponseSnapshotId
  readonly abortedTransactions: ReadonlyArray<FetchResponseAbortedTransaction> | null
  readonly preferredReadReplica: number
  readonly records: Buffer | null
}
export interface FetchResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset?: number | undefined
  readonly logStartOffset?: number | undefined
  readonly divergingEpoch?: FetchResponseEpochEndOffsetInput | undefined
  readonly currentLeader?: FetchResponseLeaderIdAndEpochInput | undefined
  readonly snapshotId?: FetchResponseSnapshotIdInput | undefined
  readonly abortedTransactions?: ReadonlyArray<FetchResponseAbortedTransactionInput> | null | undefined
  readonly preferredReadReplica?: number | undefined
  readonly records: Uint8Array | ReadonlyArray<Uint8Array> | null
}

export interface FetchResponseTopic {
  readonly topic: string
  readonly topicId: string
  readonly partitions: ReadonlyArray<FetchResponsePartition>
}
export interface FetchResponseTopicInput {
  readonly topic?: string | undefined
  readonly topicId?: string | undefined
  readonly partitions: ReadonlyArray<FetchResponsePartitionInput>
}

export interface FetchResponseNodeEndpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
export interface FetchResponseNodeEndpointInput {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null | undefined
}

export interface FetchResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly sessionId: number
  readonly responses: ReadonlyArray<FetchResponseTopic>
  readonly nodeEndpoints: ReadonlyArray<FetchResponseNodeEndpoint>
}
export interface FetchResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode?: number | undefined
  readonly sessionId?: number | undefined
  readonly responses: ReadonlyArray<FetchResponseTopicInput>
  readonly nodeEndpoints?: ReadonlyArray<FetchResponseNodeEndpointInput> | undefined
}

export declare function decodeFetchResponse(reader: Reader, version: number): FetchResponse
export declare function encodeFetchResponse(writer: Writer, version: number, value: FetchResponseInput): void

export interface ListOffsetsRequestPartition {
  readonly partitionIndex: number
  readonly currentLeaderEpoch: number
  readonly timestamp: number
}
export interface ListOffsetsRequestPartitionInput {
  readonly partitionIndex: number
  readonly currentLeaderEpoch?: number | undefined
  readonly timestamp: number
}

export interface ListOffsetsRequestTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<ListOffsetsRequestPartition>
}
export interface ListOffsetsRequestTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<ListOffsetsRequestPartitionInput>
}

export interface ListOffsetsRequest {
  readonly replicaId: number
  readonly isolationLevel: number
  readonly topics: ReadonlyArray<ListOffsetsRequestTopic>
  readonly timeoutMs: number
}
export interface ListOffsetsRequestInput {
  readonly replicaId: number
  readonly isolationLevel?: number | undefined
  readonly topics: ReadonlyArray<ListOffsetsRequestTopicInput>
  readonly timeoutMs?: number | undefined
}

export declare function decodeListOffsetsRequest(reader: Reader, version: number): ListOffsetsRequest
export declare function encodeListOffsetsRequest(writer: Writer, version: number, value: ListOffsetsRequestInput): void

export interface ListOffsetsResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly timestamp: number
  readonly offset: number
  readonly leaderEpoch: number
}
export interface ListOffsetsResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly timestamp?: number | undefined
  readonly offset?: number | undefined
  readonly leaderEpoch?: number | undefined
}

export interface ListOffsetsResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<ListOffsetsResponsePartition>
}
export interface ListOffsetsResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<ListOffsetsResponsePartitionInput>
}

export interface ListOffsetsResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<ListOffsetsResponseTopic>
}
export interface ListOffsetsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<ListOffsetsResponseTopicInput>
}

export declare function decodeListOffsetsResponse(reader: Reader, version: number): ListOffsetsResponse
export declare function encodeListOffsetsResponse(writer: Writer, version: number, value: ListOffsetsResponseInput): void

export interface MetadataRequestTopic {
  readonly topicId: string
  readonly name: string | null
}
export interface MetadataRequestTopicInput {
  readonly topicId?: string | undefined
  readonly name: string | null
}

export interface MetadataRequest {
  readonly topics: ReadonlyArray<MetadataRequestTopic> | null
  readonly allowAutoTopicCreation: boolean
  readonly includeClusterAuthorizedOperations: boolean
  readonly includeTopicAuthorizedOperations: boolean
}
export interface MetadataRequestInput {
  readonly topics: ReadonlyArray<MetadataRequestTopicInput> | null
  readonly allowAutoTopicCreation?: boolean | undefined
  readonly includeClusterAuthorizedOperations?: boolean | undefined
  readonly includeTopicAuthorizedOperations?: boolean | undefined
}

export declare function decodeMetadataRequest(reader: Reader, version: number): MetadataRequest
export declare function encodeMetadataRequest(writer: Writer, version: number, value: MetadataRequestInput): void

export interface MetadataResponseBroker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}
export interface MetadataResponseBrokerInput {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null | undefined
}

export interface MetadataResponsePartition {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaNodes: ReadonlyArray<number>
  readonly isrNodes: ReadonlyArray<number>
  readonly offlineReplicas: ReadonlyArray<number>
}
export interface MetadataResponsePartitionInput {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch?: number | undefined
  readonly replicaNodes: ReadonlyArray<number>
  readonly isrNodes: ReadonlyArray<number>
  readonly offlineReplicas?: ReadonlyArray<number> | undefined
}

export interface MetadataResponseTopic {
  readonly errorCode: number
  readonly name: string | null
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: ReadonlyArray<MetadataResponsePartition>
  readonly topicAuthorizedOperations: number
}
export interface MetadataResponseTopicInput {
  readonly errorCode: number
  readonly name: string | null
  readonly topicId?: string | undefined
  readonly isInternal?: boolean | undefined
  readonly partitions: ReadonlyArray<MetadataResponsePartitionInput>
  readonly topicAuthorizedOperations?: number | undefined
}

export interface MetadataResponse {
  readonly throttleTimeMs: number
  readonly brokers: ReadonlyArray<MetadataResponseBroker>
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topics: ReadonlyArray<MetadataResponseTopic>
  readonly clusterAuthorizedOperations: number
  readonly errorCode: number
}
export interface MetadataResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly brokers: ReadonlyArray<MetadataResponseBrokerInput>
  readonly clusterId?: string | null | undefined
  readonly controllerId?: number | undefined
  readonly topics: ReadonlyArray<MetadataResponseTopicInput>
  readonly clusterAuthorizedOperations?: number | undefined
  readonly errorCode?: number | undefined
}

export declare function decodeMetadataResponse(reader: Reader, version: number): MetadataResponse
export declare function encodeMetadataResponse(writer: Writer, version: number, value: MetadataResponseInput): void

export interface OffsetCommitRequestPartition {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly committedMetadata: string | null
}
export interface OffsetCommitRequestPartitionInput {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch?: number | undefined
  readonly committedMetadata: string | null
}

export interface OffsetCommitRequestTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetCommitRequestPartition>
}
export interface OffsetCommitRequestTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetCommitRequestPartitionInput>
}

export interface OffsetCommitRequest {
  readonly groupId: string
  readonly generationIdOrMemberEpoch: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly retentionTimeMs: number
  readonly topics: ReadonlyArray<OffsetCommitRequestTopic>
}
export interface OffsetCommitRequestInput {
  readonly groupId: string
  readonly generationIdOrMemberEpoch?: number | undefined
  readonly memberId?: string | undefined
  readonly groupInstanceId?: string | null | undefined
  readonly retentionTimeMs?: number | undefined
  readonly topics: ReadonlyArray<OffsetCommitRequestTopicInput>
}

export declare function decodeOffsetCommitRequest(reader: Reader, version: number): OffsetCommitRequest
export declare function encodeOffsetCommitRequest(writer: Writer, version: number, value: OffsetCommitRequestInput): void

export interface OffsetCommitResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
}
export interface OffsetCommitResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
}

export interface OffsetCommitResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetCommitResponsePartition>
}
export interface OffsetCommitResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetCommitResponsePartitionInput>
}

export interface OffsetCommitResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<OffsetCommitResponseTopic>
}
export interface OffsetCommitResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<OffsetCommitResponseTopicInput>
}

export declare function decodeOffsetCommitResponse(reader: Reader, version: number): OffsetCommitResponse
export declare function encodeOffsetCommitResponse(writer: Writer, version: number, value: OffsetCommitResponseInput): void

export interface OffsetFetchRequestTopic {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}
export interface OffsetFetchRequestTopicInput {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}

export interface OffsetFetchRequestGroupTopic {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}
export interface OffsetFetchRequestGroupTopicInput {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}

export interface OffsetFetchRequestGroup {
  readonly groupId: string
  readonly memberId: string | null
  readonly memberEpoch: number
  readonly topics: ReadonlyArray<OffsetFetchRequestGroupTopic> | null
}
export interface OffsetFetchRequestGroupInput {
  readonly groupId: string
  readonly memberId?: string | null | undefined
  readonly memberEpoch?: number | undefined
  readonly topics: ReadonlyArray<OffsetFetchRequestGroupTopicInput> | null
}

export interface OffsetFetchRequest {
  readonly groupId: string
  readonly topics: ReadonlyArray<OffsetFetchRequestTopic> | null
  readonly groups: ReadonlyArray<OffsetFetchRequestGroup>
  readonly requireStable: boolean
}
export interface OffsetFetchRequestInput {
  readonly groupId?: string | undefined
  readonly topics?: ReadonlyArray<OffsetFetchRequestTopicInput> | null | undefined
  readonly groups?: ReadonlyArray<OffsetFetchRequestGroupInput> | undefined
  readonly requireStable?: boolean | undefined
}

export declare function decodeOffsetFetchRequest(reader: Reader, version: number): OffsetFetchRequest
export declare function encodeOffsetFetchRequest(writer: Writer, version: number, value: OffsetFetchRequestInput): void

export interface OffsetFetchResponsePartition {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string | null
  readonly errorCode: number
}
export interface OffsetFetchResponsePartitionInput {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch?: number | undefined
  readonly metadata: string | null
  readonly errorCode: number
}

export interface OffsetFetchResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetFetchResponsePartition>
}
export interface OffsetFetchResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetFetchResponsePartitionInput>
}

export interface OffsetFetchResponseGroupPartition {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string | null
  readonly errorCode: number
}
export interface OffsetFetchResponseGroupPartitionInput {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch?: number | undefined
  readonly metadata: string | null
  readonly errorCode: number
}

export interface OffsetFetchResponseGroupTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetFetchResponseGroupPartition>
}
export interface OffsetFetchResponseGroupTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetFetchResponseGroupPartitionInput>
}

export interface OffsetFetchResponseGroup {
  readonly groupId: string
  readonly topics: ReadonlyArray<OffsetFetchResponseGroupTopic>
  readonly errorCode: number
}
export interface OffsetFetchResponseGroupInput {
  readonly groupId: string
  readonly topics: ReadonlyArray<OffsetFetchResponseGroupTopicInput>
  readonly errorCode?: number | undefined
}

export interface OffsetFetchResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<OffsetFetchResponseTopic>
  readonly errorCode: number
  readonly groups: ReadonlyArray<OffsetFetchResponseGroup>
}
export interface OffsetFetchResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics?: ReadonlyArray<OffsetFetchResponseTopicInput> | undefined
  readonly errorCode?: number | undefined
  readonly groups?: ReadonlyArray<OffsetFetchResponseGroupInput> | undefined
}

export declare function decodeOffsetFetchResponse(reader: Reader, version: number): OffsetFetchResponse
export declare function encodeOffsetFetchResponse(writer: Writer, version: number, value: OffsetFetchResponseInput): void

export interface FindCoordinatorRequest {
  readonly key: string
  readonly keyType: number
  readonly coordinatorKeys: ReadonlyArray<string>
}
export interface FindCoordinatorRequestInput {
  readonly key?: string | undefined
  readonly keyType?: number | undefined
  readonly coordinatorKeys?: ReadonlyArray<string> | undefined
}

export declare function decodeFindCoordinatorRequest(reader: Reader, version: number): FindCoordinatorRequest
export declare function encodeFindCoordinatorRequest(writer: Writer, version: number, value: FindCoordinatorRequestInput): void

export interface FindCoordinatorResponseCoordinator {
  readonly key: string
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface FindCoordinatorResponseCoordinatorInput {
  readonly key: string
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

export interface FindCoordinatorResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly coordinators: ReadonlyArray<FindCoordinatorResponseCoordinator>
}
export interface FindCoordinatorResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode?: number | undefined
  readonly errorMessage?: string | null | undefined
  readonly nodeId?: number | undefined
  readonly host?: string | undefined
  readonly port?: number | undefined
  readonly coordinators?: ReadonlyArray<FindCoordinatorResponseCoordinatorInput> | undefined
}

export declare function decodeFindCoordinatorResponse(reader: Reader, version: number): FindCoordinatorResponse
export declare function encodeFindCoordinatorResponse(writer: Writer, version: number, value: FindCoordinatorResponseInput): void

export interface JoinGroupRequestProtocol {
  readonly name: string
  readonly metadata: Buffer
}
export interface JoinGroupRequestProtocolInput {
  readonly name: string
  readonly metadata: Uint8Array
}

export interface JoinGroupRequest {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string
  readonly protocols: ReadonlyArray<JoinGroupRequestProtocol>
  readonly reason: string | null
}
export interface JoinGroupRequestInput {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs?: number | undefined
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly protocolType: string
  readonly protocols: ReadonlyArray<JoinGroupRequestProtocolInput>
  readonly reason?: string | null | undefined
}

export declare function decodeJoinGroupRequest(reader: Reader, version: number): JoinGroupRequest
export declare function encodeJoinGroupRequest(writer: Writer, version: number, value: JoinGroupRequestInput): void

export interface JoinGroupResponseMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly metadata: Buffer
}
export interface JoinGroupResponseMemberInput {
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly metadata: Uint8Array
}

export interface JoinGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly generationId: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment: boolean
  readonly memberId: string
  readonly members: ReadonlyArray<JoinGroupResponseMember>
}
export interface JoinGroupResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly generationId?: number | undefined
  readonly protocolType?: string | null | undefined
  readonly protocolName: string | null
  readonly leader: string
  readonly skipAssignment?: boolean | undefined
  readonly memberId: string
  readonly members: ReadonlyArray<JoinGroupResponseMemberInput>
}

export declare function decodeJoinGroupResponse(reader: Reader, version: number): JoinGroupResponse
export declare function encodeJoinGroupResponse(writer: Writer, version: number, value: JoinGroupResponseInput): void

export interface HeartbeatRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}
export interface HeartbeatRequestInput {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
}

export declare function decodeHeartbeatRequest(reader: Reader, version: number): HeartbeatRequest
export declare function encodeHeartbeatRequest(writer: Writer, version: number, value: HeartbeatRequestInput): void

export interface HeartbeatResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
}
export interface HeartbeatResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
}

export declare function decodeHeartbeatResponse(reader: Reader, version: number): HeartbeatResponse
export declare function encodeHeartbeatResponse(writer: Writer, version: number, value: HeartbeatResponseInput): void

export interface LeaveGroupRequestMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly reason: string | null
}
export interface LeaveGroupRequestMemberInput {
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly reason?: string | null | undefined
}

export interface LeaveGroupRequest {
  readonly groupId: string
  readonly memberId: string
  readonly members: ReadonlyArray<LeaveGroupRequestMember>
}
export interface LeaveGroupRequestInput {
  readonly groupId: string
  readonly memberId?: string | undefined
  readonly members?: ReadonlyArray<LeaveGroupRequestMemberInput> | undefined
}

export declare function decodeLeaveGroupRequest(reader: Reader, version: number): LeaveGroupRequest
export declare function encodeLeaveGroupRequest(writer: Writer, version: number, value: LeaveGroupRequestInput): void

export interface LeaveGroupResponseMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly errorCode: number
}
export interface LeaveGroupResponseMemberInput {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly errorCode: number
}

export interface LeaveGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly members: ReadonlyArray<LeaveGroupResponseMember>
}
export interface LeaveGroupResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly members?: ReadonlyArray<LeaveGroupResponseMemberInput> | undefined
}

export declare function decodeLeaveGroupResponse(reader: Reader, version: number): LeaveGroupResponse
export declare function encodeLeaveGroupResponse(writer: Writer, version: number, value: LeaveGroupResponseInput): void

export interface SyncGroupRequestAssignment {
  readonly memberId: string
  readonly assignment: Buffer
}
export interface SyncGroupRequestAssignmentInput {
  readonly memberId: string
  readonly assignment: Uint8Array
}

export interface SyncGroupRequest {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignments: ReadonlyArray<SyncGroupRequestAssignment>
}
export interface SyncGroupRequestInput {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly protocolType?: string | null | undefined
  readonly protocolName?: string | null | undefined
  readonly assignments: ReadonlyArray<SyncGroupRequestAssignmentInput>
}

export declare function decodeSyncGroupRequest(reader: Reader, version: number): SyncGroupRequest
export declare function encodeSyncGroupRequest(writer: Writer, version: number, value: SyncGroupRequestInput): void

export interface SyncGroupResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly protocolType: string | null
  readonly protocolName: string | null
  readonly assignment: Buffer
}
export interface SyncGroupResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly protocolType?: string | null | undefined
  readonly protocolName?: string | null | undefined
  readonly assignment: Uint8Array
}

export declare function decodeSyncGroupResponse(reader: Reader, version: number): SyncGroupResponse
export declare function encodeSyncGroupResponse(writer: Writer, version: number, value: SyncGroupResponseInput): void

export interface DescribeGroupsRequest {
  readonly groups: ReadonlyArray<string>
  readonly includeAuthorizedOperations: boolean
}
export interface DescribeGroupsRequestInput {
  readonly groups: ReadonlyArray<string>
  readonly includeAuthorizedOperations?: boolean | undefined
}

export declare function decodeDescribeGroupsRequest(reader: Reader, version: number): DescribeGroupsRequest
export declare function encodeDescribeGroupsRequest(writer: Writer, version: number, value: DescribeGroupsRequestInput): void

export interface DescribeGroupsResponseMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly memberMetadata: Buffer
  readonly memberAssignment: Buffer
}
export interface DescribeGroupsResponseMemberInput {
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly clientId: string
  readonly clientHost: string
  readonly memberMetadata: Uint8Array
  readonly memberAssignment: Uint8Array
}

export interface DescribeGroupsResponseGroup {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly groupId: string
  readonly groupState: string
  readonly protocolType: string
  readonly protocolData: string
  readonly members: ReadonlyArray<DescribeGroupsResponseMember>
  readonly authorizedOperations: number
}
export interface DescribeGroupsResponseGroupInput {
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  readonly groupId: string
  readonly groupState: string
  readonly protocolType: string
  readonly protocolData: string
  readonly members: ReadonlyArray<DescribeGroupsResponseMemberInput>
  readonly authorizedOperations?: number | undefined
}

export interface DescribeGroupsResponse {
  readonly throttleTimeMs: number
  readonly groups: ReadonlyArray<DescribeGroupsResponseGroup>
}
export interface DescribeGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly groups: ReadonlyArray<DescribeGroupsResponseGroupInput>
}

export declare function decodeDescribeGroupsResponse(reader: Reader, version: number): DescribeGroupsResponse
export declare function encodeDescribeGroupsResponse(writer: Writer, version: number, value: DescribeGroupsResponseInput): void

export interface ListGroupsRequest {
  readonly statesFilter: ReadonlyArray<string>
  readonly typesFilter: ReadonlyArray<string>
}
export interface ListGroupsRequestInput {
  readonly statesFilter?: ReadonlyArray<string> | undefined
  readonly typesFilter?: ReadonlyArray<string> | undefined
}

export declare function decodeListGroupsRequest(reader: Reader, version: number): ListGroupsRequest
export declare function encodeListGroupsRequest(writer: Writer, version: number, value: ListGroupsRequestInput): void

export interface ListGroupsResponseGroup {
  readonly groupId: string
  readonly protocolType: string
  readonly groupState: string
  readonly groupType: string
}
export interface ListGroupsResponseGroupInput {
  readonly groupId: string
  readonly protocolType: string
  readonly groupState?: string | undefined
  readonly groupType?: string | undefined
}

export interface ListGroupsResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly groups: ReadonlyArray<ListGroupsResponseGroup>
}
export interface ListGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly groups: ReadonlyArray<ListGroupsResponseGroupInput>
}

export declare function decodeListGroupsResponse(reader: Reader, version: number): ListGroupsResponse
export declare function encodeListGroupsResponse(writer: Writer, version: number, value: ListGroupsResponseInput): void

export interface ApiVersionsRequest {
  readonly clientSoftwareName: string
  readonly clientSoftwareVersion: string
}
export interface ApiVersionsRequestInput {
  readonly clientSoftwareName?: string | undefined
  readonly clientSoftwareVersion?: string | undefined
}

export declare function decodeApiVersionsRequest(reader: Reader, version: number): ApiVersionsRequest
export declare function encodeApiVersionsRequest(writer: Writer, version: number, value: ApiVersionsRequestInput): void

export interface ApiVersionsResponseApiKey {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}
export interface ApiVersionsResponseApiKeyInput {
  readonly apiKey: number
  readonly minVersion: number
  readonly maxVersion: number
}

export interface ApiVersionsResponseSupportedFeature {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}
export interface ApiVersionsResponseSupportedFeatureInput {
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
}

export interface ApiVersionsResponseFinalizedFeature {
  readonly name: string
  readonly maxVersionLevel: number
  readonly minVersionLevel: number
}
export interface ApiVersionsResponseFinalizedFeatureInput {
  readonly name: string
  readonly maxVersionLevel: number
  readonly minVersionLevel: number
}

export interface ApiVersionsResponse {
  readonly errorCode: number
  readonly apiKeys: ReadonlyArray<ApiVersionsResponseApiKey>
  readonly throttleTimeMs: number
  readonly supportedFeatures: ReadonlyArray<ApiVersionsResponseSupportedFeature>
  readonly finalizedFeaturesEpoch: number
  readonly finalizedFeatures: ReadonlyArray<ApiVersionsResponseFinalizedFeature>
  readonly zkMigrationReady: boolean
}
export interface ApiVersionsResponseInput {
  readonly errorCode: number
  readonly apiKeys: ReadonlyArray<ApiVersionsResponseApiKeyInput>
  readonly throttleTimeMs?: number | undefined
  readonly supportedFeatures?: ReadonlyArray<ApiVersionsResponseSupportedFeatureInput> | undefined
  readonly finalizedFeaturesEpoch?: number | undefined
  readonly finalizedFeatures?: ReadonlyArray<ApiVersionsResponseFinalizedFeatureInput> | undefined
  readonly zkMigrationReady?: boolean | undefined
}

export declare function decodeApiVersionsResponse(reader: Reader, version: number): ApiVersionsResponse
export declare function encodeApiVersionsResponse(writer: Writer, version: number, value: ApiVersionsResponseInput): void

export interface CreateTopicsRequestAssignment {
  readonly partitionIndex: number
  readonly brokerIds: ReadonlyArray<number>
}
export interface CreateTopicsRequestAssignmentInput {
  readonly partitionIndex: number
  readonly brokerIds: ReadonlyArray<number>
}

export interface CreateTopicsRequestConfig {
  readonly name: string
  readonly value: string | null
}
export interface CreateTopicsRequestConfigInput {
  readonly name: string
  readonly value: string | null
}

export interface CreateTopicsRequestTopic {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: ReadonlyArray<CreateTopicsRequestAssignment>
  readonly configs: ReadonlyArray<CreateTopicsRequestConfig>
}
export interface CreateTopicsRequestTopicInput {
  readonly name: string
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly assignments: ReadonlyArray<CreateTopicsRequestAssignmentInput>
  readonly configs: ReadonlyArray<CreateTopicsRequestConfigInput>
}

export interface CreateTopicsRequest {
  readonly topics: ReadonlyArray<CreateTopicsRequestTopic>
  readonly timeoutMs: number
  readonly validateOnly: boolean
}
export interface CreateTopicsRequestInput {
  readonly topics: ReadonlyArray<CreateTopicsRequestTopicInput>
  readonly timeoutMs?: number | undefined
  readonly validateOnly?: boolean | undefined
}

export declare function decodeCreateTopicsRequest(reader: Reader, version: number): CreateTopicsRequest
export declare function encodeCreateTopicsRequest(writer: Writer, version: number, value: CreateTopicsRequestInput): void

export interface CreateTopicsResponseConfig {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource: number
  readonly isSensitive: boolean
}
export interface CreateTopicsResponseConfigInput {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly configSource?: number | undefined
  readonly isSensitive: boolean
}

export interface CreateTopicsResponseTopic {
  readonly name: string
  readonly topicId: string
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly topicConfigErrorCode: number
  readonly numPartitions: number
  readonly replicationFactor: number
  readonly configs: ReadonlyArray<CreateTopicsResponseConfig> | null
}
export interface CreateTopicsResponseTopicInput {
  readonly name: string
  readonly topicId?: string | undefined
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  readonly topicConfigErrorCode?: number | undefined
  readonly numPartitions?: number | undefined
  readonly replicationFactor?: number | undefined
  readonly configs?: ReadonlyArray<CreateTopicsResponseConfigInput> | null | undefined
}

export interface CreateTopicsResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<CreateTopicsResponseTopic>
}
export interface CreateTopicsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<CreateTopicsResponseTopicInput>
}

export declare function decodeCreateTopicsResponse(reader: Reader, version: number): CreateTopicsResponse
export declare function encodeCreateTopicsResponse(writer: Writer, version: number, value: CreateTopicsResponseInput): void

export interface DeleteTopicsRequestTopic {
  readonly name: string | null
  readonly topicId: string
}
export interface DeleteTopicsRequestTopicInput {
  readonly name?: string | null | undefined
  readonly topicId: string
}

export interface DeleteTopicsRequest {
  readonly topics: ReadonlyArray<DeleteTopicsRequestTopic>
  readonly topicNames: ReadonlyArray<string>
  readonly timeoutMs: number
}
export interface DeleteTopicsRequestInput {
  readonly topics?: ReadonlyArray<DeleteTopicsRequestTopicInput> | undefined
  readonly topicNames?: ReadonlyArray<string> | undefined
  readonly timeoutMs: number
}

export declare function decodeDeleteTopicsRequest(reader: Reader, version: number): DeleteTopicsRequest
export declare function encodeDeleteTopicsRequest(writer: Writer, version: number, value: DeleteTopicsRequestInput): void

export interface DeleteTopicsResponseTopic {
  readonly name: string | null
  readonly topicId: string
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface DeleteTopicsResponseTopicInput {
  readonly name: string | null
  readonly topicId?: string | undefined
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

export interface DeleteTopicsResponse {
  readonly throttleTimeMs: number
  readonly responses: ReadonlyArray<DeleteTopicsResponseTopic>
}
export interface DeleteTopicsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly responses: ReadonlyArray<DeleteTopicsResponseTopicInput>
}

export declare function decodeDeleteTopicsResponse(reader: Reader, version: number): DeleteTopicsResponse
export declare function encodeDeleteTopicsResponse(writer: Writer, version: number, value: DeleteTopicsResponseInput): void

export interface DeleteRecordsRequestPartition {
  readonly partitionIndex: number
  readonly offset: number
}
export interface DeleteRecordsRequestPartitionInput {
  readonly partitionIndex: number
  readonly offset: number
}

export interface DeleteRecordsRequestTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<DeleteRecordsRequestPartition>
}
export interface DeleteRecordsRequestTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<DeleteRecordsRequestPartitionInput>
}

export interface DeleteRecordsRequest {
  readonly topics: ReadonlyArray<DeleteRecordsRequestTopic>
  readonly timeoutMs: number
}
export interface DeleteRecordsRequestInput {
  readonly topics: ReadonlyArray<DeleteRecordsRequestTopicInput>
  readonly timeoutMs: number
}

export declare function decodeDeleteRecordsRequest(reader: Reader, version: number): DeleteRecordsRequest
export declare function encodeDeleteRecordsRequest(writer: Writer, version: number, value: DeleteRecordsRequestInput): void

export interface DeleteRecordsResponsePartition {
  readonly partitionIndex: number
  readonly lowWatermark: number
  readonly errorCode: number
}
export interface DeleteRecordsResponsePartitionInput {
  readonly partitionIndex: number
  readonly lowWatermark: number
  readonly errorCode: number
}

export interface DeleteRecordsResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<DeleteRecordsResponsePartition>
}
export interface DeleteRecordsResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<DeleteRecordsResponsePartitionInput>
}

export interface DeleteRecordsResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<DeleteRecordsResponseTopic>
}
export interface DeleteRecordsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<DeleteRecordsResponseTopicInput>
}

export declare function decodeDeleteRecordsResponse(reader: Reader, version: number): DeleteRecordsResponse
export declare function encodeDeleteRecordsResponse(writer: Writer, version: number, value: DeleteRecordsResponseInput): void

export interface InitProducerIdRequest {
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  readonly producerId: number
  readonly producerEpoch: number
}
export interface InitProducerIdRequestInput {
  readonly transactionalId: string | null
  readonly transactionTimeoutMs: number
  readonly producerId?: number | undefined
  readonly producerEpoch?: number | undefined
}

export declare function decodeInitProducerIdRequest(reader: Reader, version: number): InitProducerIdRequest
export declare function encodeInitProducerIdRequest(writer: Writer, version: number, value: InitProducerIdRequestInput): void

export interface InitProducerIdResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly producerId: number
  readonly producerEpoch: number
}
export interface InitProducerIdResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly producerId?: number | undefined
  readonly producerEpoch: number
}

export declare function decodeInitProducerIdResponse(reader: Reader, version: number): InitProducerIdResponse
export declare function encodeInitProducerIdResponse(writer: Writer, version: number, value: InitProducerIdResponseInput): void

export interface OffsetForLeaderEpochRequestPartition {
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly leaderEpoch: number
}
export interface OffsetForLeaderEpochRequestPartitionInput {
  readonly partition: number
  readonly currentLeaderEpoch?: number | undefined
  readonly leaderEpoch: number
}

export interface OffsetForLeaderEpochRequestTopic {
  readonly topic: string
  readonly partitions: ReadonlyArray<OffsetForLeaderEpochRequestPartition>
}
export interface OffsetForLeaderEpochRequestTopicInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<OffsetForLeaderEpochRequestPartitionInput>
}

export interface OffsetForLeaderEpochRequest {
  readonly replicaId: number
  readonly topics: ReadonlyArray<OffsetForLeaderEpochRequestTopic>
}
export interface OffsetForLeaderEpochRequestInput {
  readonly replicaId?: number | undefined
  readonly topics: ReadonlyArray<OffsetForLeaderEpochRequestTopicInput>
}

export declare function decodeOffsetForLeaderEpochRequest(reader: Reader, version: number): OffsetForLeaderEpochRequest
export declare function encodeOffsetForLeaderEpochRequest(writer: Writer, version: number, value: OffsetForLeaderEpochRequestInput): void

export interface OffsetForLeaderEpochResponsePartition {
  readonly errorCode: number
  readonly partition: number
  readonly leaderEpoch: number
  readonly endOffset: number
}
export interface OffsetForLeaderEpochResponsePartitionInput {
  readonly errorCode: number
  readonly partition: number
  readonly leaderEpoch?: number | undefined
  readonly endOffset?: number | undefined
}

export interface OffsetForLeaderEpochResponseTopic {
  readonly topic: string
  readonly partitions: ReadonlyArray<OffsetForLeaderEpochResponsePartition>
}
export interface OffsetForLeaderEpochResponseTopicInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<OffsetForLeaderEpochResponsePartitionInput>
}

export interface OffsetForLeaderEpochResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<OffsetForLeaderEpochResponseTopic>
}
export interface OffsetForLeaderEpochResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<OffsetForLeaderEpochResponseTopicInput>
}

export declare function decodeOffsetForLeaderEpochResponse(reader: Reader, version: number): OffsetForLeaderEpochResponse
export declare function encodeOffsetForLeaderEpochResponse(writer: Writer, version: number, value: OffsetForLeaderEpochResponseInput): void

export interface DescribeConfigsRequestResource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configurationKeys: ReadonlyArray<string> | null
}
export interface DescribeConfigsRequestResourceInput {
  readonly resourceType: number
  readonly resourceName: string
  readonly configurationKeys: ReadonlyArray<string> | null
}

export interface DescribeConfigsRequest {
  readonly resources: ReadonlyArray<DescribeConfigsRequestResource>
  readonly includeSynonyms: boolean
  readonly includeDocumentation: boolean
}
export interface DescribeConfigsRequestInput {
  readonly resources: ReadonlyArray<DescribeConfigsRequestResourceInput>
  readonly includeSynonyms?: boolean | undefined
  readonly includeDocumentation?: boolean | undefined
}

export declare function decodeDescribeConfigsRequest(reader: Reader, version: number): DescribeConfigsRequest
export declare function encodeDescribeConfigsRequest(writer: Writer, version: number, value: DescribeConfigsRequestInput): void

export interface DescribeConfigsResponseSynonym {
  readonly name: string
  readonly value: string | null
  readonly source: number
}
export interface DescribeConfigsResponseSynonymInput {
  readonly name: string
  readonly value: string | null
  readonly source: number
}

export interface DescribeConfigsResponseConfig {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly isDefault: boolean
  readonly configSource: number
  readonly isSensitive: boolean
  readonly synonyms: ReadonlyArray<DescribeConfigsResponseSynonym>
  readonly configType: number
  readonly documentation: string | null
}
export interface DescribeConfigsResponseConfigInput {
  readonly name: string
  readonly value: string | null
  readonly readOnly: boolean
  readonly isDefault?: boolean | undefined
  readonly configSource?: number | undefined
  readonly isSensitive: boolean
  readonly synonyms?: ReadonlyArray<DescribeConfigsResponseSynonymInput> | undefined
  readonly configType?: number | undefined
  readonly documentation?: string | null | undefined
}

export interface DescribeConfigsResponseResult {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<DescribeConfigsResponseConfig>
}
export interface DescribeConfigsResponseResultInput {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<DescribeConfigsResponseConfigInput>
}

export interface DescribeConfigsResponse {
  readonly throttleTimeMs: number
  readonly results: ReadonlyArray<DescribeConfigsResponseResult>
}
export interface DescribeConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly results: ReadonlyArray<DescribeConfigsResponseResultInput>
}

export declare function decodeDescribeConfigsResponse(reader: Reader, version: number): DescribeConfigsResponse
export declare function encodeDescribeConfigsResponse(writer: Writer, version: number, value: DescribeConfigsResponseInput): void

export interface AlterConfigsRequestConfig {
  readonly name: string
  readonly value: string | null
}
export interface AlterConfigsRequestConfigInput {
  readonly name: string
  readonly value: string | null
}

export interface AlterConfigsRequestResource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<AlterConfigsRequestConfig>
}
export interface AlterConfigsRequestResourceInput {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<AlterConfigsRequestConfigInput>
}

export interface AlterConfigsRequest {
  readonly resources: ReadonlyArray<AlterConfigsRequestResource>
  readonly validateOnly: boolean
}
export interface AlterConfigsRequestInput {
  readonly resources: ReadonlyArray<AlterConfigsRequestResourceInput>
  readonly validateOnly: boolean
}

export declare function decodeAlterConfigsRequest(reader: Reader, version: number): AlterConfigsRequest
export declare function encodeAlterConfigsRequest(writer: Writer, version: number, value: AlterConfigsRequestInput): void

export interface AlterConfigsResponseResource {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}
export interface AlterConfigsResponseResourceInput {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

export interface AlterConfigsResponse {
  readonly throttleTimeMs: number
  readonly responses: ReadonlyArray<AlterConfigsResponseResource>
}
export interface AlterConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly responses: ReadonlyArray<AlterConfigsResponseResourceInput>
}

export declare function decodeAlterConfigsResponse(reader: Reader, version: number): AlterConfigsResponse
export declare function encodeAlterConfigsResponse(writer: Writer, version: number, value: AlterConfigsResponseInput): void

export interface DescribeLogDirsRequestTopic {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}
export interface DescribeLogDirsRequestTopicInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}

export interface DescribeLogDirsRequest {
  readonly topics: ReadonlyArray<DescribeLogDirsRequestTopic> | null
}
export interface DescribeLogDirsRequestInput {
  readonly topics: ReadonlyArray<DescribeLogDirsRequestTopicInput> | null
}

export declare function decodeDescribeLogDirsRequest(reader: Reader, version: number): DescribeLogDirsRequest
export declare function encodeDescribeLogDirsRequest(writer: Writer, version: number, value: DescribeLogDirsRequestInput): void

export interface DescribeLogDirsResponsePartition {
  readonly partitionIndex: number
  readonly partitionSize: number
  readonly offsetLag: number
  readonly isFutureKey: boolean
}
export interface DescribeLogDirsResponsePartitionInput {
  readonly partitionIndex: number
  readonly partitionSize: number
  readonly offsetLag: number
  readonly isFutureKey: boolean
}

export interface DescribeLogDirsResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<DescribeLogDirsResponsePartition>
}
export interface DescribeLogDirsResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<DescribeLogDirsResponsePartitionInput>
}

export interface DescribeLogDirsResponseResult {
  readonly errorCode: number
  readonly logDir: string
  readonly topics: ReadonlyArray<DescribeLogDirsResponseTopic>
  readonly totalBytes: number
  readonly usableBytes: number
}
export interface DescribeLogDirsResponseResultInput {
  readonly errorCode: number
  readonly logDir: string
  readonly topics: ReadonlyArray<DescribeLogDirsResponseTopicInput>
  readonly totalBytes?: number | undefined
  readonly usableBytes?: number | undefined
}

export interface DescribeLogDirsResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly results: ReadonlyArray<DescribeLogDirsResponseResult>
}
export interface DescribeLogDirsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode?: number | undefined
  readonly results: ReadonlyArray<DescribeLogDirsResponseResultInput>
}

export declare function decodeDescribeLogDirsResponse(reader: Reader, version: number): DescribeLogDirsResponse
export declare function encodeDescribeLogDirsResponse(writer: Writer, version: number, value: DescribeLogDirsResponseInput): void

export interface CreatePartitionsRequestAssignment {
  readonly brokerIds: ReadonlyArray<number>
}
export interface CreatePartitionsRequestAssignmentInput {
  readonly brokerIds: ReadonlyArray<number>
}

export interface CreatePartitionsRequestTopic {
  readonly name: string
  readonly count: number
  readonly assignments: ReadonlyArray<CreatePartitionsRequestAssignment> | null
}
export interface CreatePartitionsRequestTopicInput {
  readonly name: string
  readonly count: number
  readonly assignments: ReadonlyArray<CreatePartitionsRequestAssignmentInput> | null
}

export interface CreatePartitionsRequest {
  readonly topics: ReadonlyArray<CreatePartitionsRequestTopic>
  readonly timeoutMs: number
  readonly validateOnly: boolean
}
export interface CreatePartitionsRequestInput {
  readonly topics: ReadonlyArray<CreatePartitionsRequestTopicInput>
  readonly timeoutMs: number
  readonly validateOnly: boolean
}

export declare function decodeCreatePartitionsRequest(reader: Reader, version: number): CreatePartitionsRequest
export declare function encodeCreatePartitionsRequest(writer: Writer, version: number, value: CreatePartitionsRequestInput): void

export interface CreatePartitionsResponseResult {
  readonly name: string
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface CreatePartitionsResponseResultInput {
  readonly name: string
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

export interface CreatePartitionsResponse {
  readonly throttleTimeMs: number
  readonly results: ReadonlyArray<CreatePartitionsResponseResult>
}
export interface CreatePartitionsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly results: ReadonlyArray<CreatePartitionsResponseResultInput>
}

export declare function decodeCreatePartitionsResponse(reader: Reader, version: number): CreatePartitionsResponse
export declare function encodeCreatePartitionsResponse(writer: Writer, version: number, value: CreatePartitionsResponseInput): void

export interface DeleteGroupsRequest {
  readonly groupsNames: ReadonlyArray<string>
}
export interface DeleteGroupsRequestInput {
  readonly groupsNames: ReadonlyArray<string>
}

export declare function decodeDeleteGroupsRequest(reader: Reader, version: number): DeleteGroupsRequest
export declare function encodeDeleteGroupsRequest(writer: Writer, version: number, value: DeleteGroupsRequestInput): void

export interface DeleteGroupsResponseResult {
  readonly groupId: string
  readonly errorCode: number
}
export interface DeleteGroupsResponseResultInput {
  readonly groupId: string
  readonly errorCode: number
}

export interface DeleteGroupsResponse {
  readonly throttleTimeMs: number
  readonly results: ReadonlyArray<DeleteGroupsResponseResult>
}
export interface DeleteGroupsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly results: ReadonlyArray<DeleteGroupsResponseResultInput>
}

export declare function decodeDeleteGroupsResponse(reader: Reader, version: number): DeleteGroupsResponse
export declare function encodeDeleteGroupsResponse(writer: Writer, version: number, value: DeleteGroupsResponseInput): void

export interface ElectLeadersRequestTopic {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}
export interface ElectLeadersRequestTopicInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}

export interface ElectLeadersRequest {
  readonly electionType: number
  readonly topicPartitions: ReadonlyArray<ElectLeadersRequestTopic> | null
  readonly timeoutMs: number
}
export interface ElectLeadersRequestInput {
  readonly electionType?: number | undefined
  readonly topicPartitions: ReadonlyArray<ElectLeadersRequestTopicInput> | null
  readonly timeoutMs?: number | undefined
}

export declare function decodeElectLeadersRequest(reader: Reader, version: number): ElectLeadersRequest
export declare function encodeElectLeadersRequest(writer: Writer, version: number, value: ElectLeadersRequestInput): void

export interface ElectLeadersResponsePartition {
  readonly partitionId: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface ElectLeadersResponsePartitionInput {
  readonly partitionId: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

export interface ElectLeadersResponseTopic {
  readonly topic: string
  readonly partitionResult: ReadonlyArray<ElectLeadersResponsePartition>
}
export interface ElectLeadersResponseTopicInput {
  readonly topic: string
  readonly partitionResult: ReadonlyArray<ElectLeadersResponsePartitionInput>
}

export interface ElectLeadersResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly replicaElectionResults: ReadonlyArray<ElectLeadersResponseTopic>
}
export interface ElectLeadersResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode?: number | undefined
  readonly replicaElectionResults: ReadonlyArray<ElectLeadersResponseTopicInput>
}

export declare function decodeElectLeadersResponse(reader: Reader, version: number): ElectLeadersResponse
export declare function encodeElectLeadersResponse(writer: Writer, version: number, value: ElectLeadersResponseInput): void

export interface IncrementalAlterConfigsRequestConfig {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}
export interface IncrementalAlterConfigsRequestConfigInput {
  readonly name: string
  readonly configOperation: number
  readonly value: string | null
}

export interface IncrementalAlterConfigsRequestResource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<IncrementalAlterConfigsRequestConfig>
}
export interface IncrementalAlterConfigsRequestResourceInput {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: ReadonlyArray<IncrementalAlterConfigsRequestConfigInput>
}

export interface IncrementalAlterConfigsRequest {
  readonly resources: ReadonlyArray<IncrementalAlterConfigsRequestResource>
  readonly validateOnly: boolean
}
export interface IncrementalAlterConfigsRequestInput {
  readonly resources: ReadonlyArray<IncrementalAlterConfigsRequestResourceInput>
  readonly validateOnly: boolean
}

export declare function decodeIncrementalAlterConfigsRequest(reader: Reader, version: number): IncrementalAlterConfigsRequest
export declare function encodeIncrementalAlterConfigsRequest(writer: Writer, version: number, value: IncrementalAlterConfigsRequestInput): void

export interface IncrementalAlterConfigsResponseResource {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}
export interface IncrementalAlterConfigsResponseResourceInput {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly resourceType: number
  readonly resourceName: string
}

export interface IncrementalAlterConfigsResponse {
  readonly throttleTimeMs: number
  readonly responses: ReadonlyArray<IncrementalAlterConfigsResponseResource>
}
export interface IncrementalAlterConfigsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly responses: ReadonlyArray<IncrementalAlterConfigsResponseResourceInput>
}

export declare function decodeIncrementalAlterConfigsResponse(reader: Reader, version: number): IncrementalAlterConfigsResponse
export declare function encodeIncrementalAlterConfigsResponse(writer: Writer, version: number, value: IncrementalAlterConfigsResponseInput): void

export interface AlterPartitionReassignmentsRequestPartition {
  readonly partitionIndex: number
  readonly replicas: ReadonlyArray<number> | null
}
export interface AlterPartitionReassignmentsRequestPartitionInput {
  readonly partitionIndex: number
  readonly replicas?: ReadonlyArray<number> | null | undefined
}

export interface AlterPartitionReassignmentsRequestTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<AlterPartitionReassignmentsRequestPartition>
}
export interface AlterPartitionReassignmentsRequestTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<AlterPartitionReassignmentsRequestPartitionInput>
}

export interface AlterPartitionReassignmentsRequest {
  readonly timeoutMs: number
  readonly allowReplicationFactorChange: boolean
  readonly topics: ReadonlyArray<AlterPartitionReassignmentsRequestTopic>
}
export interface AlterPartitionReassignmentsRequestInput {
  readonly timeoutMs?: number | undefined
  readonly allowReplicationFactorChange?: boolean | undefined
  readonly topics: ReadonlyArray<AlterPartitionReassignmentsRequestTopicInput>
}

export declare function decodeAlterPartitionReassignmentsRequest(reader: Reader, version: number): AlterPartitionReassignmentsRequest
export declare function encodeAlterPartitionReassignmentsRequest(writer: Writer, version: number, value: AlterPartitionReassignmentsRequestInput): void

export interface AlterPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface AlterPartitionReassignmentsResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly errorMessage: string | null
}

export interface AlterPartitionReassignmentsResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<AlterPartitionReassignmentsResponsePartition>
}
export interface AlterPartitionReassignmentsResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<AlterPartitionReassignmentsResponsePartitionInput>
}

export interface AlterPartitionReassignmentsResponse {
  readonly throttleTimeMs: number
  readonly allowReplicationFactorChange: boolean
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly responses: ReadonlyArray<AlterPartitionReassignmentsResponseTopic>
}
export interface AlterPartitionReassignmentsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly allowReplicationFactorChange?: boolean | undefined
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly responses: ReadonlyArray<AlterPartitionReassignmentsResponseTopicInput>
}

export declare function decodeAlterPartitionReassignmentsResponse(reader: Reader, version: number): AlterPartitionReassignmentsResponse
export declare function encodeAlterPartitionReassignmentsResponse(writer: Writer, version: number, value: AlterPartitionReassignmentsResponseInput): void

export interface ListPartitionReassignmentsRequestTopic {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}
export interface ListPartitionReassignmentsRequestTopicInput {
  readonly name: string
  readonly partitionIndexes: ReadonlyArray<number>
}

export interface ListPartitionReassignmentsRequest {
  readonly timeoutMs: number
  readonly topics: ReadonlyArray<ListPartitionReassignmentsRequestTopic> | null
}
export interface ListPartitionReassignmentsRequestInput {
  readonly timeoutMs?: number | undefined
  readonly topics?: ReadonlyArray<ListPartitionReassignmentsRequestTopicInput> | null | undefined
}

export declare function decodeListPartitionReassignmentsRequest(reader: Reader, version: number): ListPartitionReassignmentsRequest
export declare function encodeListPartitionReassignmentsRequest(writer: Writer, version: number, value: ListPartitionReassignmentsRequestInput): void

export interface ListPartitionReassignmentsResponsePartition {
  readonly partitionIndex: number
  readonly replicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
}
export interface ListPartitionReassignmentsResponsePartitionInput {
  readonly partitionIndex: number
  readonly replicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
}

export interface ListPartitionReassignmentsResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<ListPartitionReassignmentsResponsePartition>
}
export interface ListPartitionReassignmentsResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<ListPartitionReassignmentsResponsePartitionInput>
}

export interface ListPartitionReassignmentsResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly topics: ReadonlyArray<ListPartitionReassignmentsResponseTopic>
}
export interface ListPartitionReassignmentsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly topics: ReadonlyArray<ListPartitionReassignmentsResponseTopicInput>
}

export declare function decodeListPartitionReassignmentsResponse(reader: Reader, version: number): ListPartitionReassignmentsResponse
export declare function encodeListPartitionReassignmentsResponse(writer: Writer, version: number, value: ListPartitionReassignmentsResponseInput): void

export interface OffsetDeleteRequestPartition {
  readonly partitionIndex: number
}
export interface OffsetDeleteRequestPartitionInput {
  readonly partitionIndex: number
}

export interface OffsetDeleteRequestTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetDeleteRequestPartition>
}
export interface OffsetDeleteRequestTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetDeleteRequestPartitionInput>
}

export interface OffsetDeleteRequest {
  readonly groupId: string
  readonly topics: ReadonlyArray<OffsetDeleteRequestTopic>
}
export interface OffsetDeleteRequestInput {
  readonly groupId: string
  readonly topics: ReadonlyArray<OffsetDeleteRequestTopicInput>
}

export declare function decodeOffsetDeleteRequest(reader: Reader, version: number): OffsetDeleteRequest
export declare function encodeOffsetDeleteRequest(writer: Writer, version: number, value: OffsetDeleteRequestInput): void

export interface OffsetDeleteResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
}
export interface OffsetDeleteResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
}

export interface OffsetDeleteResponseTopic {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetDeleteResponsePartition>
}
export interface OffsetDeleteResponseTopicInput {
  readonly name: string
  readonly partitions: ReadonlyArray<OffsetDeleteResponsePartitionInput>
}

export interface OffsetDeleteResponse {
  readonly errorCode: number
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<OffsetDeleteResponseTopic>
}
export interface OffsetDeleteResponseInput {
  readonly errorCode: number
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<OffsetDeleteResponseTopicInput>
}

export declare function decodeOffsetDeleteResponse(reader: Reader, version: number): OffsetDeleteResponse
export declare function encodeOffsetDeleteResponse(writer: Writer, version: number, value: OffsetDeleteResponseInput): void

export interface DescribeQuorumRequestPartition {
  readonly partitionIndex: number
}
export interface DescribeQuorumRequestPartitionInput {
  readonly partitionIndex: number
}

export interface DescribeQuorumRequestTopic {
  readonly topicName: string
  readonly partitions: ReadonlyArray<DescribeQuorumRequestPartition>
}
export interface DescribeQuorumRequestTopicInput {
  readonly topicName: string
  readonly partitions: ReadonlyArray<DescribeQuorumRequestPartitionInput>
}

export interface DescribeQuorumRequest {
  readonly topics: ReadonlyArray<DescribeQuorumRequestTopic>
}
export interface DescribeQuorumRequestInput {
  readonly topics: ReadonlyArray<DescribeQuorumRequestTopicInput>
}

export declare function decodeDescribeQuorumRequest(reader: Reader, version: number): DescribeQuorumRequest
export declare function encodeDescribeQuorumRequest(writer: Writer, version: number, value: DescribeQuorumRequestInput): void

export interface DescribeQuorumResponseVoter {
  readonly replicaId: number
  readonly replicaDirectoryId: string
  readonly logEndOffset: number
  readonly lastFetchTimestamp: number
  readonly lastCaughtUpTimestamp: number
}
export interface DescribeQuorumResponseVoterInput {
  readonly replicaId: number
  readonly replicaDirectoryId?: string | undefined
  readonly logEndOffset: number
  readonly lastFetchTimestamp?: number | undefined
  readonly lastCaughtUpTimestamp?: number | undefined
}

export interface DescribeQuorumResponseObserver {
  readonly replicaId: number
  readonly replicaDirectoryId: string
  readonly logEndOffset: number
  readonly lastFetchTimestamp: number
  readonly lastCaughtUpTimestamp: number
}
export interface DescribeQuorumResponseObserverInput {
  readonly replicaId: number
  readonly replicaDirectoryId?: string | undefined
  readonly logEndOffset: number
  readonly lastFetchTimestamp?: number | undefined
  readonly lastCaughtUpTimestamp?: number | undefined
}

export interface DescribeQuorumResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly currentVoters: ReadonlyArray<DescribeQuorumResponseVoter>
  readonly observers: ReadonlyArray<DescribeQuorumResponseObserver>
}
export interface DescribeQuorumResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly currentVoters: ReadonlyArray<DescribeQuorumResponseVoterInput>
  readonly observers: ReadonlyArray<DescribeQuorumResponseObserverInput>
}

export interface DescribeQuorumResponseTopic {
  readonly topicName: string
  readonly partitions: ReadonlyArray<DescribeQuorumResponsePartition>
}
export interface DescribeQuorumResponseTopicInput {
  readonly topicName: string
  readonly partitions: ReadonlyArray<DescribeQuorumResponsePartitionInput>
}

export interface DescribeQuorumResponseListener {
  readonly name: string
  readonly host: string
  readonly port: number
}
export interface DescribeQuorumResponseListenerInput {
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface DescribeQuorumResponseNode {
  readonly nodeId: number
  readonly listeners: ReadonlyArray<DescribeQuorumResponseListener>
}
export interface DescribeQuorumResponseNodeInput {
  readonly nodeId: number
  readonly listeners: ReadonlyArray<DescribeQuorumResponseListenerInput>
}

export interface DescribeQuorumResponse {
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly topics: ReadonlyArray<DescribeQuorumResponseTopic>
  readonly nodes: ReadonlyArray<DescribeQuorumResponseNode>
}
export interface DescribeQuorumResponseInput {
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  readonly topics: ReadonlyArray<DescribeQuorumResponseTopicInput>
  readonly nodes?: ReadonlyArray<DescribeQuorumResponseNodeInput> | undefined
}

export declare function decodeDescribeQuorumResponse(reader: Reader, version: number): DescribeQuorumResponse
export declare function encodeDescribeQuorumResponse(writer: Writer, version: number, value: DescribeQuorumResponseInput): void

export interface DescribeClusterRequest {
  readonly includeClusterAuthorizedOperations: boolean
  readonly endpointType: number
  readonly includeFencedBrokers: boolean
}
export interface DescribeClusterRequestInput {
  readonly includeClusterAuthorizedOperations: boolean
  readonly endpointType?: number | undefined
  readonly includeFencedBrokers?: boolean | undefined
}

export declare function decodeDescribeClusterRequest(reader: Reader, version: number): DescribeClusterRequest
export declare function encodeDescribeClusterRequest(writer: Writer, version: number, value: DescribeClusterRequestInput): void

export interface DescribeClusterResponseBroker {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  readonly isFenced: boolean
}
export interface DescribeClusterResponseBrokerInput {
  readonly brokerId: number
  readonly host: string
  readonly port: number
  readonly rack?: string | null | undefined
  readonly isFenced?: boolean | undefined
}

export interface DescribeClusterResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
  readonly endpointType: number
  readonly clusterId: string
  readonly controllerId: number
  readonly brokers: ReadonlyArray<DescribeClusterResponseBroker>
  readonly clusterAuthorizedOperations: number
}
export interface DescribeClusterResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
  readonly endpointType?: number | undefined
  readonly clusterId: string
  readonly controllerId?: number | undefined
  readonly brokers: ReadonlyArray<DescribeClusterResponseBrokerInput>
  readonly clusterAuthorizedOperations?: number | undefined
}

export declare function decodeDescribeClusterResponse(reader: Reader, version: number): DescribeClusterResponse
export declare function encodeDescribeClusterResponse(writer: Writer, version: number, value: DescribeClusterResponseInput): void

export interface UnregisterBrokerRequest {
  readonly brokerId: number
}
export interface UnregisterBrokerRequestInput {
  readonly brokerId: number
}

export declare function decodeUnregisterBrokerRequest(reader: Reader, version: number): UnregisterBrokerRequest
export declare function encodeUnregisterBrokerRequest(writer: Writer, version: number, value: UnregisterBrokerRequestInput): void

export interface UnregisterBrokerResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface UnregisterBrokerResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly errorMessage: string | null
}

export declare function decodeUnregisterBrokerResponse(reader: Reader, version: number): UnregisterBrokerResponse
export declare function encodeUnregisterBrokerResponse(writer: Writer, version: number, value: UnregisterBrokerResponseInput): void

export interface DescribeTopicPartitionsRequestTopic {
  readonly name: string
}
export interface DescribeTopicPartitionsRequestTopicInput {
  readonly name: string
}

export interface DescribeTopicPartitionsRequestCursor {
  readonly topicName: string
  readonly partitionIndex: number
}
export interface DescribeTopicPartitionsRequestCursorInput {
  readonly topicName: string
  readonly partitionIndex: number
}

export interface DescribeTopicPartitionsRequest {
  readonly topics: ReadonlyArray<DescribeTopicPartitionsRequestTopic>
  readonly responsePartitionLimit: number
  readonly cursor: DescribeTopicPartitionsRequestCursor | null
}
export interface DescribeTopicPartitionsRequestInput {
  readonly topics: ReadonlyArray<DescribeTopicPartitionsRequestTopicInput>
  readonly responsePartitionLimit?: number | undefined
  readonly cursor?: DescribeTopicPartitionsRequestCursorInput | null | undefined
}

export declare function decodeDescribeTopicPartitionsRequest(reader: Reader, version: number): DescribeTopicPartitionsRequest
export declare function encodeDescribeTopicPartitionsRequest(writer: Writer, version: number, value: DescribeTopicPartitionsRequestInput): void

export interface DescribeTopicPartitionsResponsePartition {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaNodes: ReadonlyArray<number>
  readonly isrNodes: ReadonlyArray<number>
  readonly eligibleLeaderReplicas: ReadonlyArray<number> | null
  readonly lastKnownElr: ReadonlyArray<number> | null
  readonly offlineReplicas: ReadonlyArray<number>
}
export interface DescribeTopicPartitionsResponsePartitionInput {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch?: number | undefined
  readonly replicaNodes: ReadonlyArray<number>
  readonly isrNodes: ReadonlyArray<number>
  readonly eligibleLeaderReplicas?: ReadonlyArray<number> | null | undefined
  readonly lastKnownElr?: ReadonlyArray<number> | null | undefined
  readonly offlineReplicas?: ReadonlyArray<number> | undefined
}

export interface DescribeTopicPartitionsResponseTopic {
  readonly errorCode: number
  readonly name: string | null
  readonly topicId: string
  readonly isInternal: boolean
  readonly partitions: ReadonlyArray<DescribeTopicPartitionsResponsePartition>
  readonly topicAuthorizedOperations: number
}
export interface DescribeTopicPartitionsResponseTopicInput {
  readonly errorCode: number
  readonly name: string | null
  readonly topicId?: string | undefined
  readonly isInternal?: boolean | undefined
  readonly partitions: ReadonlyArray<DescribeTopicPartitionsResponsePartitionInput>
  readonly topicAuthorizedOperations?: number | undefined
}

export interface DescribeTopicPartitionsResponseCursor {
  readonly topicName: string
  readonly partitionIndex: number
}
export interface DescribeTopicPartitionsResponseCursorInput {
  readonly topicName: string
  readonly partitionIndex: number
}

export interface DescribeTopicPartitionsResponse {
  readonly throttleTimeMs: number
  readonly topics: ReadonlyArray<DescribeTopicPartitionsResponseTopic>
  readonly nextCursor: DescribeTopicPartitionsResponseCursor | null
}
export interface DescribeTopicPartitionsResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly topics: ReadonlyArray<DescribeTopicPartitionsResponseTopicInput>
  readonly nextCursor?: DescribeTopicPartitionsResponseCursorInput | null | undefined
}

export declare function decodeDescribeTopicPartitionsResponse(reader: Reader, version: number): DescribeTopicPartitionsResponse
export declare function encodeDescribeTopicPartitionsResponse(writer: Writer, version: number, value: DescribeTopicPartitionsResponseInput): void

export interface AddRaftVoterRequestListener {
  readonly name: string
  readonly host: string
  readonly port: number
}
export interface AddRaftVoterRequestListenerInput {
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface AddRaftVoterRequest {
  readonly clusterId: string | null
  readonly timeoutMs: number
  readonly voterId: number
  readonly voterDirectoryId: string
  readonly listeners: ReadonlyArray<AddRaftVoterRequestListener>
  readonly ackWhenCommitted: boolean
}
export interface AddRaftVoterRequestInput {
  readonly clusterId: string | null
  readonly timeoutMs: number
  readonly voterId: number
  readonly voterDirectoryId: string
  readonly listeners: ReadonlyArray<AddRaftVoterRequestListenerInput>
  readonly ackWhenCommitted?: boolean | undefined
}

export declare function decodeAddRaftVoterRequest(reader: Reader, version: number): AddRaftVoterRequest
export declare function encodeAddRaftVoterRequest(writer: Writer, version: number, value: AddRaftVoterRequestInput): void

export interface AddRaftVoterResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface AddRaftVoterResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

export declare function decodeAddRaftVoterResponse(reader: Reader, version: number): AddRaftVoterResponse
export declare function encodeAddRaftVoterResponse(writer: Writer, version: number, value: AddRaftVoterResponseInput): void

export interface RemoveRaftVoterRequest {
  readonly clusterId: string | null
  readonly voterId: number
  readonly voterDirectoryId: string
}
export interface RemoveRaftVoterRequestInput {
  readonly clusterId: string | null
  readonly voterId: number
  readonly voterDirectoryId: string
}

export declare function decodeRemoveRaftVoterRequest(reader: Reader, version: number): RemoveRaftVoterRequest
export declare function encodeRemoveRaftVoterRequest(writer: Writer, version: number, value: RemoveRaftVoterRequestInput): void

export interface RemoveRaftVoterResponse {
  readonly throttleTimeMs: number
  readonly errorCode: number
  readonly errorMessage: string | null
}
export interface RemoveRaftVoterResponseInput {
  readonly throttleTimeMs?: number | undefined
  readonly errorCode: number
  readonly errorMessage?: string | null | undefined
}

export declare function decodeRemoveRaftVoterResponse(reader: Reader, version: number): RemoveRaftVoterResponse
export declare function encodeRemoveRaftVoterResponse(writer: Writer, version: number, value: RemoveRaftVoterResponseInput): void
