export { Admin } from "./Admin.ts"
export type { AdminCallOptions } from "./Admin.ts"
export { AlterConfigOperation, ConfigResourceType, configSourceNames } from "./AdminTypes.ts"
export type {
  AdminResult, AlterConfig, AlteredConfig, ClusterDescription, CommittedOffset, ConfigEntry, ConfigResource, CreatedTopic,
  DescribedConfig, GroupDescription, GroupListing, ListedOffset, MemberDescription, NamedResult, NewTopic, OffsetAndMetadata,
  OffsetSpec, TopicDescription, TopicListing, TopicPartition
} from "./AdminTypes.ts"
export { ClientError } from "./ClientError.ts"
export type { ClientErrorReason } from "./ClientError.ts"
export { clientDefaults } from "./ClientOptions.ts"
export type { ClientOptions, HostAndPort } from "./ClientOptions.ts"
export { Cluster } from "./Cluster.ts"
export type { CallOptions, Purpose, Target } from "./Cluster.ts"
export { Connection } from "./Connection.ts"
export type { ConnectionOptions, RequestOptions } from "./Connection.ts"
export type { BrokerMetadata, PartitionMetadata, TopicMetadata } from "./internal/ClusterMetadata.ts"
export { KafkaError } from "./KafkaError.ts"
