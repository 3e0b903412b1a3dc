// Generated from definitions/ by `npm run generate`. Do not edit.
import type { Reader } from "../Reader.ts"
import type { Writer } from "../Writer.ts"

export interface LeaderChangeMessageVoter {
  readonly voterId: number
  readonly voterDirectoryId: string
}
export interface LeaderChangeMessageVoterInput {
  readonly voterId: number
  readonly voterDirectoryId?: string | undefined
}

export interface LeaderChangeMessageGrantingVoter {
  readonly voterId: number
  readonly voterDirectoryId: string
}
export interface LeaderChangeMessageGrantingVoterInput {
  readonly voterId: number
  readonly voterDirectoryId?: string | undefined
}

export interface LeaderChangeMessage {
  readonly version: number
  readonly leaderId: number
  readonly voters: ReadonlyArray<LeaderChangeMessageVoter>
  readonly grantingVoters: ReadonlyArray<LeaderChangeMessageGrantingVoter>
}
export interface LeaderChangeMessageInput {
  readonly version: number
  readonly leaderId: number
  readonly voters: ReadonlyArray<LeaderChangeMessageVoterInput>
  readonly grantingVoters: ReadonlyArray<LeaderChangeMessageGrantingVoterInput>
}

export declare function decodeLeaderChangeMessage(reader: Reader, version: number): LeaderChangeMessage
export declare function encodeLeaderChangeMessage(writer: Writer, version: number, value: LeaderChangeMessageInput): void

export interface SnapshotHeaderRecord {
  readonly version: number
  readonly lastContainedLogTimestamp: number
}
export interface SnapshotHeaderRecordInput {
  readonly version: number
  readonly lastContainedLogTimestamp: number
}

export declare function decodeSnapshotHeaderRecord(reader: Reader, version: number): SnapshotHeaderRecord
export declare function encodeSnapshotHeaderRecord(writer: Writer, version: number, value: SnapshotHeaderRecordInput): void

export interface SnapshotFooterRecord {
  readonly version: number
}
export interface SnapshotFooterRecordInput {
  readonly version: number
}

export declare function decodeSnapshotFooterRecord(reader: Reader, version: number): SnapshotFooterRecord
export declare function encodeSnapshotFooterRecord(writer: Writer, version: number, value: SnapshotFooterRecordInput): void

export interface KRaftVersionRecord {
  readonly version: number
  readonly kRaftVersion: number
}
export interface KRaftVersionRecordInput {
  readonly version: number
  readonly kRaftVersion: number
}

export declare function decodeKRaftVersionRecord(reader: Reader, version: number): KRaftVersionRecord
export declare function encodeKRaftVersionRecord(writer: Writer, version: number, value: KRaftVersionRecordInput): void

export interface VotersRecordEndpoint {
  readonly name: string
  readonly host: string
  readonly port: number
}
export interface VotersRecordEndpointInput {
  readonly name: string
  readonly host: string
  readonly port: number
}

export interface VotersRecordKRaftVersionFeature {
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}
export interface VotersRecordKRaftVersionFeatureInput {
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}

export interface VotersRecordVoter {
  readonly voterId: number
  readonly voterDirectoryId: string
  readonly endpoints: ReadonlyArray<VotersRecordEndpoint>
  readonly kRaftVersionFeature: VotersRecordKRaftVersionFeature
}
export interface VotersRecordVoterInput {
  readonly voterId: number
  readonly voterDirectoryId: string
  readonly endpoints: ReadonlyArray<VotersRecordEndpointInput>
  readonly kRaftVersionFeature: VotersRecordKRaftVersionFeatureInput
}

export interface VotersRecord {
  readonly version: number
  readonly voters: ReadonlyArray<VotersRecordVoter>
}
export interface VotersRecordInput {
  readonly version: number
  readonly voters: ReadonlyArray<VotersRecordVoterInput>
}

export declare function decodeVotersRecord(reader: Reader, version: number): VotersRecord
export declare function encodeVotersRecord(writer: Writer, version: number, value: VotersRecordInput): void

export interface ConsumerProtocolSubscriptionTopicPartition {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}
export interface ConsumerProtocolSubscriptionTopicPartitionInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}

export interface ConsumerProtocolSubscription {
  readonly topics: ReadonlyArray<string>
  readonly userData: Buffer | null
  readonly ownedPartitions: ReadonlyArray<ConsumerProtocolSubscriptionTopicPartition>
  readonly generationId: number
  readonly rackId: string | null
}
export interface ConsumerProtocolSubscriptionInput {
  readonly topics: ReadonlyArray<string>
  readonly userData?: Uint8Array | null | undefined
  readonly ownedPartitions?: ReadonlyArray<ConsumerProtocolSubscriptionTopicPartitionInput> | undefined
  readonly generationId?: number | undefined
  readonly rackId?: string | null | undefined
}

export declare function decodeConsumerProtocolSubscription(reader: Reader, version: number): ConsumerProtocolSubscription
export declare function encodeConsumerProtocolSubscription(writer: Writer, version: number, value: ConsumerProtocolSubscriptionInput): void

export interface ConsumerProtocolAssignmentTopicPartition {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}
export interface ConsumerProtocolAssignmentTopicPartitionInput {
  readonly topic: string
  readonly partitions: ReadonlyArray<number>
}

export interface ConsumerProtocolAssignment {
  readonly assignedPartitions: ReadonlyArray<ConsumerProtocolAssignmentTopicPartition>
  readonly userData: Buffer | null
}
export interface ConsumerProtocolAssignmentInput {
  readonly assignedPartitions: ReadonlyArray<ConsumerProtocolAssignmentTopicPartitionInput>
  readonly userData?: Uint8Array | null | undefined
}

export declare function decodeConsumerProtocolAssignment(reader: Reader, version: number): ConsumerProtocolAssignment
export declare function encodeConsumerProtocolAssignment(writer: Writer, version: number, value: ConsumerProtocolAssignmentInput): void

export interface OffsetCommitKey {
  readonly group: string
  readonly topic: string
  readonly partition: number
}
export interface OffsetCommitKeyInput {
  readonly group: string
  readonly topic: string
  readonly partition: number
}

export declare function decodeOffsetCommitKey(reader: Reader, version: number): OffsetCommitKey
export declare function encodeOffsetCommitKey(writer: Writer, version: number, value: OffsetCommitKeyInput): void

export interface OffsetCommitValue {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestamp: number
  readonly expireTimestamp: number
  readonly topicId: string
}
export interface OffsetCommitValueInput {
  readonly offset: number
  readonly leaderEpoch?: number | undefined
  readonly metadata: string
  readonly commitTimestamp: number
  readonly expireTimestamp?: number | undefined
  readonly topicId?: string | undefined
}

export declare function decodeOffsetCommitValue(reader: Reader, version: number): OffsetCommitValue
export declare function encodeOffsetCommitValue(writer: Writer, version: number, value: OffsetCommitValueInput): void

export interface GroupMetadataKey {
  readonly group: string
}
export interface GroupMetadataKeyInput {
  readonly group: string
}

export declare function decodeGroupMetadataKey(reader: Reader, version: number): GroupMetadataKey
export declare function encodeGroupMetadataKey(writer: Writer, version: number, value: GroupMetadataKeyInput): void

export interface GroupMetadataValueMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeout: number
  readonly sessionTimeout: number
  readonly subscription: Buffer
  readonly assignment: Buffer
}
export interface GroupMetadataValueMemberInput {
  readonly memberId: string
  readonly groupInstanceId?: string | null | undefined
  readonly clientId: string
  readonly clientHost: string
  readonly rebalanceTimeout?: number | undefined
  readonly sessionTimeout: number
  readonly subscription: Uint8Array
  readonly assignment: Uint8Array
}

export interface GroupMetadataValue {
  readonly protocolType: string
  readonly generation: number
  readonly protocol: string | null
  readonly leader: string | null
  readonly currentStateTimestamp: number
  readonly members: ReadonlyArray<GroupMetadataValueMember>
}
export interface GroupMetadataValueInput {
  readonly protocolType: string
  readonly generation: number
  readonly protocol: string | null
  readonly leader: string | null
  readonly currentStateTimestamp?: number | undefined
  readonly members: ReadonlyArray<GroupMetadataValueMemberInput>
}

export declare function decodeGroupMetadataValue(reader: Reader, version: number): GroupMetadataValue
export declare function encodeGroupMetadataValue(writer: Writer, version: number, value: GroupMetadataValueInput): void

export interface RegisterBrokerRecordEndPoint {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: number
}
export interface RegisterBrokerRecordEndPointInput {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly securityProtocol: number
}

export interface RegisterBrokerRecordFeature {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}
export interface RegisterBrokerRecordFeatureInput {
  readonly name: string
  readonly minSupportedVersion: number
  readonly maxSupportedVersion: number
}

export interface RegisterBrokerRecord {
  readonly brokerId: number
  readonly isMigratingZkBroker: boolean
  readonly incarnationId: string
  readonly brokerEpoch: number
  readonly endPoints: ReadonlyArray<RegisterBrokerRecordEndPoint>
  readonly features: ReadonlyArray<RegisterBrokerRecordFeature>
  readonly rack: string | null
  readonly fenced: boolean
  readonly inControlledShutdown: boolean
  readonly logDirs: ReadonlyArray<string>
  readonly cordonedLogDirs: ReadonlyArray<string> | null
}
export interface RegisterBrokerRecordInput {
  readonly brokerId: number
  readonly isMigratingZkBroker?: boolean | undefined
  readonly incarnationId: string
  readonly brokerEpoch: number
  readonly endPoints: ReadonlyArray<RegisterBrokerRecordEndPointInput>
  readonly features: ReadonlyArray<RegisterBrokerRecordFeatureInput>
  readonly rack: string | null
  readonly fenced?: boolean | undefined
  readonly inControlledShutdown?: boolean | undefined
  readonly logDirs?: ReadonlyArray<string> | undefined
  readonly cordonedLogDirs?: ReadonlyArray<string> | null | undefined
}

export declare function decodeRegisterBrokerRecord(reader: Reader, version: number): RegisterBrokerRecord
export declare function encodeRegisterBrokerRecord(writer: Writer, version: number, value: RegisterBrokerRecordInput): void

export interface UnregisterBrokerRecord {
  readonly brokerId: number
  readonly brokerEpoch: number
}
export interface UnregisterBrokerRecordInput {
  readonly brokerId: number
  readonly brokerEpoch: number
}

export declare function decodeUnregisterBrokerRecord(reader: Reader, version: number): UnregisterBrokerRecord
export declare function encodeUnregisterBrokerRecord(writer: Writer, version: number, value: UnregisterBrokerRecordInput): void

export interface TopicRecord {
  readonly name: string
  readonly topicId: string
}
export interface TopicRecordInput {
  readonly name: string
  readonly topicId: string
}

export declare function decodeTopicRecord(reader: Reader, version: number): TopicRecord
export declare function encodeTopicRecord(writer: Writer, version: number, value: TopicRecordInput): void

export interface PartitionRecord {
  readonly partitionId: number
  readonly topicId: string
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  readonly leader: number
  readonly leaderRecoveryState: number
  readonly leaderEpoch: number
  readonly partitionEpoch: number
  readonly directories: ReadonlyArray<string>
  readonly eligibleLeaderReplicas: ReadonlyArray<number> | null
  readonly lastKnownElr: ReadonlyArray<number> | null
}
export interface PartitionRecordInput {
  readonly partitionId?: number | undefined
  readonly topicId: string
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly removingReplicas: ReadonlyArray<number>
  readonly addingReplicas: ReadonlyArray<number>
  readonly leader?: number | undefined
  readonly leaderRecoveryState?: number | undefined
  readonly leaderEpoch?: number | undefined
  readonly partitionEpoch?: number | undefined
  readonly directories?: ReadonlyArray<string> | undefined
  readonly eligibleLeaderReplicas?: ReadonlyArray<number> | null | undefined
  readonly lastKnownElr?: ReadonlyArray<number> | null | undefined
}

export declare function decodePartitionRecord(reader: Reader, version: number): PartitionRecord
export declare function encodePartitionRecord(writer: Writer, version: number, value: PartitionRecordInput): void

export interface ConfigRecord {
  readonly resourceType: number
  readonly resourceName: string
  readonly name: string
  readonly value: string | null
}
export interface ConfigRecordInput {
  readonly resourceType: number
  readonly resourceName: string
  readonly name: string
  readonly value: string | null
}

export declare function decodeConfigRecord(reader: Reader, version: number): ConfigRecord
export declare function encodeConfigRecord(writer: Writer, version: number, value: ConfigRecordInput): void

export interface PartitionChangeRecord {
  readonly partitionId: number
  readonly topicId: string
  readonly isr: ReadonlyArray<number> | null
  readonly leader: number
  readonly replicas: ReadonlyArray<number> | null
  readonly removingReplicas: ReadonlyArray<number> | null
  readonly addingReplicas: ReadonlyArray<number> | null
  readonly leaderRecoveryState: number
  readonly directories: ReadonlyArray<string> | null
  readonly eligibleLeaderReplicas: ReadonlyArray<number> | null
  readonly lastKnownElr: ReadonlyArray<number> | null
}
export interface PartitionChangeRecordInput {
  readonly partitionId?: number | undefined
  readonly topicId: string
  readonly isr?: ReadonlyArray<number> | null | undefined
  readonly leader?: number | undefined
  readonly replicas?: ReadonlyArray<number> | null | undefined
  readonly removingReplicas?: ReadonlyArray<number> | null | undefined
  readonly addingReplicas?: ReadonlyArray<number> | null | undefined
  readonly leaderRecoveryState?: number | undefined
  readonly directories?: ReadonlyArray<string> | null | undefined
  readonly eligibleLeaderReplicas?: ReadonlyArray<number> | null | undefined
  readonly lastKnownElr?: ReadonlyArray<number> | null | undefined
}

export declare function decodePartitionChangeRecord(reader: Reader, version: number): PartitionChangeRecord
export declare function encodePartitionChangeRecord(writer: Writer, version: number, value: PartitionChangeRecordInput): void

export interface FenceBrokerRecord {
  readonly id: number
  readonly epoch: number
}
export interface FenceBrokerRecordInput {
  readonly id: number
  readonly epoch: number
}

export declare function decodeFenceBrokerRecord(reader: Reader, version: number): FenceBrokerRecord
export declare function encodeFenceBrokerRecord(writer: Writer, version: number, value: FenceBrokerRecordInput): void

export interface UnfenceBrokerRecord {
  readonly id: number
  readonly epoch: number
}
export interface UnfenceBrokerRecordInput {
  readonly id: number
  readonly epoch: number
}

export declare function decodeUnfenceBrokerRecord(reader: Reader, version: number): UnfenceBrokerRecord
export declare function encodeUnfenceBrokerRecord(writer: Writer, version: number, value: UnfenceBrokerRecordInput): void

export interface RemoveTopicRecord {
  readonly topicId: string
}
export interface RemoveTopicRecordInput {
  readonly topicId: string
}

export declare function decodeRemoveTopicRecord(reader: Reader, version: number): RemoveTopicRecord
export declare function encodeRemoveTopicRecord(writer: Writer, version: number, value: RemoveTopicRecordInput): void

export interface FeatureLevelRecord {
  readonly name: string
  readonly featureLevel: number
}
export interface FeatureLevelRecordInput {
  readonly name: string
  readonly featureLevel: number
}

export declare function decodeFeatureLevelRecord(reader: Reader, version: number): FeatureLevelRecord
export declare function encodeFeatureLevelRecord(writer: Writer, version: number, value: FeatureLevelRecordInput): void

export interface ProducerIdsRecord {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly nextProducerId: number
}
export interface ProducerIdsRecordInput {
  readonly brokerId: number
  readonly brokerEpoch?: number | undefined
  readonly nextProducerId: number
}

export declare function decodeProducerIdsRecord(reader: Reader, version: number): ProducerIdsRecord
export declare function encodeProducerIdsRecord(writer: Writer, version: number, value: ProducerIdsRecordInput): void

export interface BrokerRegistrationChangeRecord {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly fenced: number
  readonly inControlledShutdown: number
  readonly logDirs: ReadonlyArray<string>
  readonly cordonedLogDirs: ReadonlyArray<string> | null
}
export interface BrokerRegistrationChangeRecordInput {
  readonly brokerId: number
  readonly brokerEpoch: number
  readonly fenced?: number | undefined
  readonly inControlledShutdown?: number | undefined
  readonly logDirs?: ReadonlyArray<string> | undefined
  readonly cordonedLogDirs?: ReadonlyArray<string> | null | undefined
}

export declare function decodeBrokerRegistrationChangeRecord(reader: Reader, version: number): BrokerRegistrationChangeRecord
export declare function encodeBrokerRegistrationChangeRecord(writer: Writer, version: number, value: BrokerRegistrationChangeRecordInput): void

export interface NoOpRecord {
}
export interface NoOpRecordInput {
}

export declare function decodeNoOpRecord(reader: Reader, version: number): NoOpRecord
export declare function encodeNoOpRecord(writer: Writer, version: number, value: NoOpRecordInput): void

export interface ClearElrRecord {
  readonly topicName: string
}
export interface ClearElrRecordInput {
  readonly topicName: string
}

export declare function decodeClearElrRecord(reader: Reader, version: number): ClearElrRecord
export declare function encodeClearElrRecord(writer: Writer, version: number, value: ClearElrRecordInput): void

/** One record of the metadata log: its kind and its fields. */
export type MetadataRecord =
  | { readonly type: "RegisterBrokerRecord"; readonly value: RegisterBrokerRecord }
  | { readonly type: "UnregisterBrokerRecord"; readonly value: UnregisterBrokerRecord }
  | { readonly type: "TopicRecord"; readonly value: TopicRecord }
  | { readonly type: "PartitionRecord"; readonly value: PartitionRecord }
  | { readonly type: "ConfigRecord"; readonly value: ConfigRecord }
  | { readonly type: "PartitionChangeRecord"; readonly value: PartitionChangeRecord }
  | { readonly type: "FenceBrokerRecord"; readonly value: FenceBrokerRecord }
  | { readonly type: "UnfenceBrokerRecord"; readonly value: UnfenceBrokerRecord }
  | { readonly type: "RemoveTopicRecord"; readonly value: RemoveTopicRecord }
  | { readonly type: "FeatureLevelRecord"; readonly value: FeatureLevelRecord }
  | { readonly type: "ProducerIdsRecord"; readonly value: ProducerIdsRecord }
  | { readonly type: "BrokerRegistrationChangeRecord"; readonly value: BrokerRegistrationChangeRecord }
  | { readonly type: "NoOpRecord"; readonly value: NoOpRecord }
  | { readonly type: "ClearElrRecord"; readonly value: ClearElrRecord }

export type MetadataRecordInput =
  | { readonly type: "RegisterBrokerRecord"; readonly value: RegisterBrokerRecordInput }
  | { readonly type: "UnregisterBrokerRecord"; readonly value: UnregisterBrokerRecordInput }
  | { readonly type: "TopicRecord"; readonly value: TopicRecordInput }
  | { readonly type: "PartitionRecord"; readonly value: PartitionRecordInput }
  | { readonly type: "ConfigRecord"; readonly value: ConfigRecordInput }
  | { readonly type: "PartitionChangeRecord"; readonly value: PartitionChangeRecordInput }
  | { readonly type: "FenceBrokerRecord"; readonly value: FenceBrokerRecordInput }
  | { readonly type: "UnfenceBrokerRecord"; readonly value: UnfenceBrokerRecordInput }
  | { readonly type: "RemoveTopicRecord"; readonly value: RemoveTopicRecordInput }
  | { readonly type: "FeatureLevelRecord"; readonly value: FeatureLevelRecordInput }
  | { readonly type: "ProducerIdsRecord"; readonly value: ProducerIdsRecordInput }
  | { readonly type: "BrokerRegistrationChangeRecord"; readonly value: BrokerRegistrationChangeRecordInput }
  | { readonly type: "NoOpRecord"; readonly value: NoOpRecordInput }
  | { readonly type: "ClearElrRecord"; readonly value: ClearElrRecordInput }

export declare const metadataRecordRows: ReadonlyArray<{
  readonly key: number
  readonly type: MetadataRecord["type"]
  readonly versionMax: number
  readonly decode: (reader: Reader, version: number) => MetadataRecord["value"]
  readonly encode: (writer: Writer, version: number, value: never) => void
}>
