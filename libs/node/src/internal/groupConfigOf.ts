import type { GroupConfig } from "@tailrace/coordinator"
import type { BrokerConfig } from "@tailrace/metadata"

export const groupConfigOf = (config: BrokerConfig): Partial<GroupConfig> => ({
  offsetsRetentionMinutes: config.get("offsets.retention.minutes"),
  offsetsRetentionCheckIntervalMillis: config.get("offsets.retention.check.interval.ms"),
  offsetMetadataMaxBytes: config.get("offset.metadata.max.bytes"),
  groupInitialRebalanceDelayMillis: config.get("group.initial.rebalance.delay.ms"),
  groupMinSessionTimeoutMillis: config.get("group.min.session.timeout.ms"),
  groupMaxSessionTimeoutMillis: config.get("group.max.session.timeout.ms"),
  groupMaxSize: config.get("group.max.size")
})
