import type { PartitionMetadata, TopicMetadata } from "./internal/ClusterMetadata.ts"
import type { KafkaError } from "./KafkaError.ts"

/** Every result stands for one thing that was asked for; `error` says that this one failed. */
export interface AdminResult {
  readonly error: KafkaError | undefined
}

export interface NewTopic {
  readonly name: string
  /** Default -1: the broker's `num.partitions`. */
  readonly numPartitions?: number
  /** Default -1: the broker's `default.replication.factor`. */
  readonly replicationFactor?: number
  /** Brokers of each partition; then both numbers above stay -1. */
  readonly replicasAssignments?: ReadonlyArray<ReadonlyArray<number>>
  readonly configs?: Readonly<Record<string, string>>
}

export interface CreatedTopic extends AdminResult {
  readonly name: string
  readonly topicId: string
  readonly numPartitions: number
  readonly replicationFactor: number
}

export interface NamedResult extends AdminResult {
  readonly name: string
}

export interface TopicListing {
  readonly name: string
  readonly topicId: string
  readonly isInternal: boolean
}

export interface PartitionDescription extends PartitionMetadata {
  /** Replicas outside the in-sync set that have everything acknowledged; undefined where the broker does not tell. */
  readonly elr: ReadonlyArray<number> | undefined
  readonly lastKnownElr: ReadonlyArray<number> | undefined
}

export interface TopicDescription extends Omit<TopicMetadata, "partitions" | "knownSinceMillis">, AdminResult {
  /** Ordered by partition. */
  readonly partitions: ReadonlyArray<PartitionDescription>
}

export interface NodeDescription {
  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
  /** Registered, but without a session at the controller: it serves nothing. False where the broker does not tell. */
  readonly isFenced: boolean
}

export interface ClusterDescription {
  readonly clusterId: string | null
  readonly controllerId: number
  readonly nodes: ReadonlyArray<NodeDescription>
}

export const ConfigResourceType = { topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const
export type ConfigResourceType = keyof typeof ConfigResourceType

/** Where a value comes from: Kafka's ConfigSource. */
export const configSourceNames: ReadonlyArray<string> = [
  "UNKNOWN", "DYNAMIC_TOPIC_CONFIG", "DYNAMIC_BROKER_CONFIG", "DYNAMIC_DEFAULT_BROKER_CONFIG", "STATIC_BROKER_CONFIG",
  "DEFAULT_CONFIG", "DYNAMIC_BROKER_LOGGER_CONFIG", "CLIENT_METRICS_CONFIG", "GROUP_CONFIG"
]

export interface ConfigResource {
  readonly type: ConfigResourceType
  /** A topic's or group's name, or a broker's id; "" stands for the default of all brokers. */
  readonly name: string
}

export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  readonly source: string
  readonly isDefault: boolean
  readonly isReadOnly: boolean
  readonly isSensitive: boolean
  readonly documentation: string | null
  readonly synonyms: ReadonlyArray<{ readonly name: string; readonly value: string | null; readonly source: string }>
}

export interface DescribedConfig extends ConfigResource, AdminResult {
  readonly entries: ReadonlyArray<ConfigEntry>
}

export const AlterConfigOperation = { set: 0, delete: 1, append: 2, subtract: 3 } as const
export type AlterConfigOperation = keyof typeof AlterConfigOperation

export interface AlterConfig extends ConfigResource {
  readonly operations: ReadonlyArray<{
    readonly name: string
    readonly operation: AlterConfigOperation
    readonly value?: string | null
  }>
}

export interface AlteredConfig extends ConfigResource, AdminResult {}

export interface GroupListing {
  readonly groupId: string
  readonly protocolType: string
  readonly state: string
  readonly type: string
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface MemberDescription {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly host: string
  /** Empty for members of other protocols than "consumer". */
  readonly assignment: ReadonlyArray<TopicPartition>
}

export interface GroupDescription extends AdminResult {
  readonly groupId: string
  readonly state: string
  readonly protocolType: string
  /** The assignor in use. */
  readonly partitionAssignor: string
  /** The broker that coordinates the group. */
  readonly coordinator: number
  readonly members: ReadonlyArray<MemberDescription>
}

/** The start of the log, its end, the record with the highest timestamp, or the first record from a time on. */
export type OffsetSpec = "earliest" | "latest" | "max-timestamp" | { readonly timestampMillis: number }

export interface ListedOffset extends TopicPartition, AdminResult {
  /** -1 when no record matches. */
  readonly offset: number
  readonly timestamp: number
  readonly leaderEpoch: number
}

export interface OffsetAndMetadata {
  readonly offset: number
  readonly leaderEpoch?: number
  readonly metadata?: string
}

export interface CommittedOffset extends TopicPartition, AdminResult {
  /** -1 when nothing was committed. */
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
}

export interface PartitionResult extends TopicPartition, AdminResult {}

export const ElectionType = { preferred: 0, unclean: 1 } as const
export type ElectionType = keyof typeof ElectionType

export interface Reassignment extends TopicPartition {
  /** The replicas from then on, the preferred leader first; null ends a reassignment that is under way. */
  readonly replicas: ReadonlyArray<number> | null
}

export interface ReassignmentUnderWay extends TopicPartition {
  /** All of them: those that stay, those that come and those that go. */
  readonly replicas: ReadonlyArray<number>
  readonly adding: ReadonlyArray<number>
  readonly removing: ReadonlyArray<number>
}

export interface QuorumReplica {
  readonly nodeId: number
  /** The data directory that votes; the node with another one does not. */
  readonly directoryId: string
  readonly logEndOffset: number
  /** Milliseconds since 1970, -1 when unknown, by the leader's clock. */
  readonly lastFetchTimestamp: number
  readonly lastCaughtUpTimestamp: number
}

export interface QuorumDescription {
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly highWatermark: number
  readonly voters: ReadonlyArray<QuorumReplica>
  readonly observers: ReadonlyArray<QuorumReplica>
}

export interface LogDirDescription extends AdminResult {
  readonly brokerId: number
  readonly path: string
  /** Of the volume; -1 where the broker does not tell. */
  readonly totalBytes: number
  readonly usableBytes: number
  readonly replicas: ReadonlyArray<TopicPartition & { readonly sizeBytes: number; readonly offsetLag: number; readonly isFuture: boolean }>
}
