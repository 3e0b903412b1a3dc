export interface PartitionState {
  /** -1 where nobody leads. */
  readonly leader: number
  readonly leaderEpoch: number
  /** The preferred leader first. */
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
}

/** What a cluster knows of itself, by the word of the node that knows most. */
export interface ClusterState {
  readonly controllerId: number | undefined
  /** Nodes that the controller takes for alive. */
  readonly unfenced: ReadonlySet<number>
  readonly topics: ReadonlyMap<string, ReadonlyArray<PartitionState>>
}
