import type { PartitionActor } from "../PartitionActor.ts"

/** Who carries batches between the replicas hears from each of them; calls are synchronous and must not come back at once. */
export interface ReplicaListener {
  /** A leader has staged batches that its followers can fetch. */
  staged(actor: PartitionActor): void
  /** A leader's high watermark or log start moved. */
  moved(actor: PartitionActor): void
  /** A follower's flush returned. */
  flushed(actor: PartitionActor): void
  /** A follower's log goes on elsewhere, and not because of what its leader sent: nobody else would ask from there. */
  restarted(actor: PartitionActor): void
  /** It leads, follows or does neither from now on, or in another epoch. */
  roleChanged(actor: PartitionActor): void
}

/** For a replica that is the only one. */
export const noReplicaListener: ReplicaListener = {
  staged: () => {},
  moved: () => {},
  flushed: () => {},
  restarted: () => {},
  roleChanged: () => {}
}
