import type { BrokerConfig, MetadataImage } from "@tailrace/metadata"
import type { ControllerRef } from "./ControllerRef.ts"
import type { GroupCoordinators } from "./GroupCoordinators.ts"
import type { LogDir } from "./LogDir.ts"
import type { PartitionRef } from "./PartitionRef.ts"

/** A node as its listeners see it: what it knows, and the actors it can be asked to reach. */
export interface Broker {
  readonly nodeId: number
  readonly clusterId: string
  /** Whom clients are told to be the controller. Any broker takes admin requests, so it is this one while the controller is no broker that serves. */
  readonly controllerId: number
  /**
   * No heartbeat of this node was answered for one session: others may lead by now what the metadata here says it leads.
   * Never for a node that is alone.
   */
  readonly isCutOff: boolean
  readonly config: BrokerConfig
  /**
   * The cluster's metadata as far as it is committed. Never change it, and read the property anew after anything that
   * takes time: a snapshot puts another object in its place.
   */
  readonly metadata: MetadataImage
  /** How far that is: the offset after the last record of the metadata log that is in it. */
  readonly metadataOffset: number
  /** undefined where this node holds no replica of the partition. */
  partition(topicId: string, partition: number): PartitionRef | undefined
  readonly controller: ControllerRef
  readonly groups: GroupCoordinators
  /** The directories that hold this node's replicas. */
  logDirs(): ReadonlyArray<LogDir>
  /** A producer id that no producer of this cluster ever had. Rejects with `NotAvailable`. */
  nextProducerId(): Promise<number>
}
