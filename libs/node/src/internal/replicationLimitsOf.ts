import type { BrokerConfig } from "@tailrace/metadata"
import { type ReplicationLimits, replicationLimitsDefault } from "../replica/ReplicationLimits.ts"

/** What Kafka's keys say of the traffic between replicas. A poll is never kept for as long as its sender waits. */
export function replicationLimitsOf(config: BrokerConfig): Partial<ReplicationLimits> {
  const timeoutMillis = config.get("replica.socket.timeout.ms")
  return {
    timeoutMillis,
    waitMillis: Math.min(config.get("replica.fetch.wait.max.ms"), Math.floor(timeoutMillis / 2)),
    repliesInFlightBytesMax: Math.min(config.get("replica.fetch.response.max.bytes"), replicationLimitsDefault.repliesInFlightBytesMax),
    partitionBytesMax: config.get("replica.fetch.max.bytes"),
    openMillis: Math.min(replicationLimitsDefault.openMillis, Math.floor(timeoutMillis / 2))
  }
}
