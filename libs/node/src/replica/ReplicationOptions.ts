import type { Bus, MessageBytes } from "@tailrace/bus"
import type { Clock, Logger } from "@tailrace/runtime"
import type { PartitionActor } from "../PartitionActor.ts"
import type { ReplicaThrottle } from "./ReplicaThrottle.ts"
import type { ReplicationLimits } from "./ReplicationLimits.ts"

export interface ReplicationOptions {
  readonly nodeId: number
  readonly clusterName: string
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  /** The replica that this node has now. */
  readonly partition: (topicId: string, partition: number) => PartitionActor | undefined
  /** The uptime of a node that the metadata knows, this node's own included; -1 where it knows none. */
  readonly brokerEpochOf: (nodeId: number) => number
  readonly limits?: Partial<ReplicationLimits>
  /** Holds back what fills new replicas. */
  readonly throttle?: ReplicaThrottle
}

/** What was carried since the start; read as they are. */
export interface ReplicationCounters {
  /** Batches that came from leaders, and that went to followers. */
  bytesIn: number
  bytesOut: number
  /** Sessions that a follower here has given up. */
  resyncs: number
  truncations: number
  /** Messages that were none. */
  malformed: number
}

/** What both ends share. */
export interface ReplicationContext extends Omit<ReplicationOptions, "limits"> {
  readonly limits: ReplicationLimits
  readonly counters: ReplicationCounters
  /** Publishes to another node's replication; nothing leaves any more once the bus is closed. */
  readonly send: (nodeId: number, kind: "fetch" | "batches", payload: MessageBytes) => void
}
