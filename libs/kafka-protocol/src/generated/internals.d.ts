// Generated from definitions/ by `npm run generate`. Do not edit.
import type { Reader } from "../Reader.ts"
import type { Writer } from "../Writer.ts"

export interface ControllerCallRequest {
  readonly clusterName: string
  readonly callerId: number
  readonly callerEpoch: number
  readonly apiKey: number
  readonly apiVersion: number
  readonly timeoutMillis: number
  readonly body: Buffer
}
export interface ControllerCallRequestInput {
  readonly clusterName: string
  readonly callerId: number
  readonly callerEpoch?: number | undefined
  readonly apiKey: number
  readonly apiVersion: number
  readonly timeoutMillis: number
  readonly body: Uint8Array
}

export declare function decodeControllerCallRequest(reader: Reader, version: number): ControllerCallRequest
export declare function encodeControllerCallRequest(writer: Writer, version: number, value: ControllerCallRequestInput): void

export interface ControllerCallResponse {
  readonly errorCode: number
  readonly controllerId: number
  readonly controllerEpoch: number
  readonly metadataOffset: number
  readonly body: Buffer
}
export interface ControllerCallResponseInput {
  readonly errorCode: number
  readonly controllerId?: number | undefined
  readonly controllerEpoch?: number | undefined
  readonly metadataOffset?: number | undefined
  readonly body: Uint8Array
}

export declare function decodeControllerCallResponse(reader: Reader, version: number): ControllerCallResponse
export declare function encodeControllerCallResponse(writer: Writer, version: number, value: ControllerCallResponseInput): void

export interface RegisterBrokerRequestEndPoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: number
}
export interface RegisterBrokerRequestEndPointInput {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: number
}

export interface RegisterBrokerRequestFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}
export interface RegisterBrokerRequestFeatureInput {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}

export interface RegisterBrokerRequest {
  readonly brokerId: number
  readonly incarnationId: string
  readonly endPoints: ReadonlyArray<RegisterBrokerRequestEndPoint>
  readonly rack: string | null
  readonly logDirs: ReadonlyArray<string>
  readonly features: ReadonlyArray<RegisterBrokerRequestFeature>
  readonly startClass: number
  readonly previousBrokerEpoch: number
  readonly commitSequence: number
}
export interface RegisterBrokerRequestInput {
  readonly brokerId: number
  readonly incarnationId: string
  readonly endPoints: ReadonlyArray<RegisterBrokerRequestEndPointInput>
  readonly rack: string | null
  readonly logDirs: ReadonlyArray<string>
  readonly features: ReadonlyArray<RegisterBrokerRequestFeatureInput>
  readonly startClass: number
  readonly previousBrokerEpoch?: number | undefined
  readonly commitSequence: number
}

export declare function decodeRegisterBrokerRequest(reader: Reader, version: number): RegisterBrokerRequest
export declare function encodeRegisterBrokerRequest(writer: Writer, version: number, value: RegisterBrokerRequestInput): void

export interface RegisterBrokerResponse {
  readonly errorCode: number
  readonly brokerEpoch: number
}
export interface RegisterBrokerResponseInput {
  readonly errorCode: number
  readonly brokerEpoch?: number | undefined
}

export declare function decodeRegisterBrokerResponse(reader: Reader, version: number): RegisterBrokerResponse
export declare function encodeRegisterBrokerResponse(writer: Writer, version: number, value: RegisterBrokerResponseInput): void

export interface BrokerHeartbeatRequest {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly metadataOffset: number
  readonly wantFence: boolean
  readonly wantShutDown: boolean
  readonly commitSequence: number
}
export interface BrokerHeartbeatRequestInput {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly metadataOffset: number
  readonly wantFence: boolean
  readonly wantShutDown: boolean
  readonly commitSequence: number
}

export declare function decodeBrokerHeartbeatRequest(reader: Reader, version: number): BrokerHeartbeatRequest
export declare function encodeBrokerHeartbeatRequest(writer: Writer, version: number, value: BrokerHeartbeatRequestInput): void

export interface BrokerHeartbeatResponse {
  readonly errorCode: number
  readonly isCaughtUp: boolean
  readonly isFenced: boolean
  readonly shouldShutDown: boolean
}
export interface BrokerHeartbeatResponseInput {
  readonly errorCode: number
  readonly isCaughtUp: boolean
  readonly isFenced: boolean
  readonly shouldShutDown: boolean
}

export declare function decodeBrokerHeartbeatResponse(reader: Reader, version: number): BrokerHeartbeatResponse
export declare function encodeBrokerHeartbeatResponse(writer: Writer, version: number, value: BrokerHeartbeatResponseInput): void

export interface AlterPartitionRequestBrokerState {
  readonly brokerId: number
  readonly brokerEpoch: number
}
export interface AlterPartitionRequestBrokerStateInput {
  readonly brokerId: number
  readonly brokerEpoch: number
}

export interface AlterPartitionRequestPartition {
  readonly partitionIndex: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly newIsr: ReadonlyArray<AlterPartitionRequestBrokerState>
}
export interface AlterPartitionRequestPartitionInput {
  readonly partitionIndex: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly newIsr: ReadonlyArray<AlterPartitionRequestBrokerStateInput>
}

export interface AlterPartitionRequestTopic {
  readonly topicId: string
  readonly partitions: ReadonlyArray<AlterPartitionRequestPartition>
}
export interface AlterPartitionRequestTopicInput {
  readonly topicId: string
  readonly partitions: ReadonlyArray<AlterPartitionRequestPartitionInput>
}

export interface AlterPartitionRequest {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly controllerEpoch: number
  readonly sequence: number
  readonly topics: ReadonlyArray<AlterPartitionRequestTopic>
}
export interface AlterPartitionRequestInput {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly controllerEpoch: number
  readonly sequence: number
  readonly topics: ReadonlyArray<AlterPartitionRequestTopicInput>
}

export declare function decodeAlterPartitionRequest(reader: Reader, version: number): AlterPartitionRequest
export declare function encodeAlterPartitionRequest(writer: Writer, version: number, value: AlterPartitionRequestInput): void

export interface AlterPartitionResponsePartition {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly isr: ReadonlyArray<number>
  readonly partitionEpoch: number
}
export interface AlterPartitionResponsePartitionInput {
  readonly partitionIndex: number
  readonly errorCode: number
  readonly leaderId?: number | undefined
  readonly leaderEpoch?: number | undefined
  readonly isr: ReadonlyArray<number>
  readonly partitionEpoch?: number | undefined
}

export interface AlterPartitionResponseTopic {
  readonly topicId: string
  readonly partitions: ReadonlyArray<AlterPartitionResponsePartition>
}
export interface AlterPartitionResponseTopicInput {
  readonly topicId: string
  readonly partitions: ReadonlyArray<AlterPartitionResponsePartitionInput>
}

export interface AlterPartitionResponse {
  readonly errorCode: number
  readonly topics: ReadonlyArray<AlterPartitionResponseTopic>
}
export interface AlterPartitionResponseInput {
  readonly errorCode: number
  readonly topics: ReadonlyArray<AlterPartitionResponseTopicInput>
}

export declare function decodeAlterPartitionResponse(reader: Reader, version: number): AlterPartitionResponse
export declare function encodeAlterPartitionResponse(writer: Writer, version: number, value: AlterPartitionResponseInput): void

export interface AllocateProducerIdsRequest {
  readonly brokerId: number
  readonly brokerEpoch: number
}
export interface AllocateProducerIdsRequestInput {
  readonly brokerId: number
  readonly brokerEpoch: number
}

export declare function decodeAllocateProducerIdsRequest(reader: Reader, version: number): AllocateProducerIdsRequest
export declare function encodeAllocateProducerIdsRequest(writer: Writer, version: number, value: AllocateProducerIdsRequestInput): void

export interface AllocateProducerIdsResponse {
  readonly errorCode: number
  readonly producerIdStart: number
  readonly producerIdLen: number
}
export interface AllocateProducerIdsResponseInput {
  readonly errorCode: number
  readonly producerIdStart: number
  readonly producerIdLen: number
}

export declare function decodeAllocateProducerIdsResponse(reader: Reader, version: number): AllocateProducerIdsResponse
export declare function encodeAllocateProducerIdsResponse(writer: Writer, version: number, value: AllocateProducerIdsResponseInput): void

export interface AutoCreateTopicsRequest {
  readonly names: ReadonlyArray<string>
}
export interface AutoCreateTopicsRequestInput {
  readonly names: ReadonlyArray<string>
}

export declare function decodeAutoCreateTopicsRequest(reader: Reader, version: number): AutoCreateTopicsRequest
export declare function encodeAutoCreateTopicsRequest(writer: Writer, version: number, value: AutoCreateTopicsRequestInput): void

export interface AutoCreateTopicsResponseTopic {
  readonly name: string
  readonly errorCode: number
}
export interface AutoCreateTopicsResponseTopicInput {
  readonly name: string
  readonly errorCode: number
}

export interface AutoCreateTopicsResponse {
  readonly results: ReadonlyArray<AutoCreateTopicsResponseTopic>
}
export interface AutoCreateTopicsResponseInput {
  readonly results: ReadonlyArray<AutoCreateTopicsResponseTopicInput>
}

export declare function decodeAutoCreateTopicsResponse(reader: Reader, version: number): AutoCreateTopicsResponse
export declare function encodeAutoCreateTopicsResponse(writer: Writer, version: number, value: AutoCreateTopicsResponseInput): void

/** Keys of the calls between nodes, above all of Kafka's. */
export declare const InternalApiKey: {
  readonly ControllerCall: 1000
  readonly RegisterBroker: 1001
  readonly BrokerHeartbeat: 1002
  readonly AlterPartition: 1003
  readonly AllocateProducerIds: 1004
  readonly AutoCreateTopics: 1005
}
