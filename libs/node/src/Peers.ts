import type { Bus } from "@tailrace/bus"
import type { BrokerConfig, MetadataImage } from "@tailrace/metadata"
import type { Clock, Logger } from "@tailrace/runtime"
import type { ControllerClient } from "./controller/ControllerClient.ts"
import { replicationLimitsOf } from "./internal/replicationLimitsOf.ts"
import { IsrKeeper } from "./lifecycle/IsrKeeper.ts"
import type { PartitionActor } from "./PartitionActor.ts"
import { DamageRepair } from "./replica/DamageRepair.ts"
import { ReplicaThrottle } from "./replica/ReplicaThrottle.ts"
import { Replication } from "./replica/Replication.ts"

export interface PeersOptions {
  readonly config: BrokerConfig
  readonly bus: Bus
  readonly clock: Clock
  readonly logger: Logger
  readonly controller: ControllerClient
  readonly metadata: () => MetadataImage
  /** Of this node's uptime; -1 until its registration is applied. */
  readonly brokerEpoch: () => number
  /** The term of the quorum's leader. */
  readonly controllerEpoch: () => number
  /** The controller has applied that this node's storage is suspect, since the last damage was found. */
  readonly isDamageKnown: () => boolean
  readonly partition: (topicId: string, partition: number) => PartitionActor | undefined
  readonly partitions: () => Iterable<PartitionActor>
}

/**
 * What the partitions of this node do with those of others: they replicate, keep their in-sync sets and repair what is damaged. It is
 * loaded by who connects the node to others, so that one that is alone starts without it.
 */
export class Peers {
  readonly replication: Replication
  readonly #isrKeeper: IsrKeeper
  readonly #repair: DamageRepair

  private constructor(options: PeersOptions) {
    const { brokerEpoch, config, metadata } = options
    const shared = { ...options, clusterName: config.get("cluster.name"), nodeId: config.nodeId }
    this.replication = new Replication({
      ...shared,
      brokerEpochOf: (nodeId) => nodeId === config.nodeId ? brokerEpoch() : metadata().broker(nodeId)?.brokerEpoch ?? -1,
      limits: replicationLimitsOf(config),
      throttle: new ReplicaThrottle(shared)
    })
    this.#isrKeeper = new IsrKeeper({
      ...shared, requestMillis: config.get("controller.quorum.request.timeout.ms"), lagMillisMax: config.get("replica.lag.time.max.ms")
    })
    this.#repair = new DamageRepair(shared)
  }

  static readonly join = (options: PeersOptions): Peers => new Peers(options)

  /** Once the node's replicas are open. */
  start(): void {
    this.#isrKeeper.start()
  }

  close(): void {
    this.#isrKeeper.close()
    this.#repair.close()
    this.replication.close()
  }
}
