import type { Admin, ClusterDescription, NodeDescription, PartitionDescription, QuorumDescription, TopicDescription } from "@tailrace/client"
import { abortedAfter } from "./timing.ts"

/** One partition with what counts for its topic. */
export interface PartitionView extends PartitionDescription {
  readonly topic: string
  /** How many replicas in sync acks=all takes here. */
  readonly minIsr: number
}

export interface NodeView extends NodeDescription {
  /** Not listed by the cluster, but somebody's replica: it was unregistered, or never there. */
  readonly isUnknown: boolean
  readonly roles: ReadonlyArray<"broker" | "controller">
  readonly leads: number
  readonly replicas: number
  readonly outOfSync: number
}

/** The whole cluster as its nodes describe it: asked for once, then only looked at. */
export class ClusterView {
  readonly clusterId: string | null
  readonly controllerId: number
  /** Undefined while no controller answers. */
  readonly quorum: QuorumDescription | undefined
  readonly topics: ReadonlyArray<TopicDescription>
  readonly partitions: ReadonlyArray<PartitionView>
  readonly nodes: ReadonlyArray<NodeView>

  private constructor(
    { clusterId, controllerId, nodes }: ClusterDescription, quorum: QuorumDescription | undefined, topics: ReadonlyArray<TopicDescription>,
    minIsrByTopic: ReadonlyMap<string, number>
  ) {
    this.clusterId = clusterId
    // Nodes name another one to clients while there is no controller.
    this.controllerId = quorum?.leaderId ?? controllerId
    this.quorum = quorum
    this.topics = topics
    this.partitions = topics.flatMap((topic) => topic.partitions.map((partition) => ({
      ...partition, topic: topic.name, minIsr: Math.min(minIsrByTopic.get(topic.name) ?? 1, partition.replicas.length)
    })))
    this.nodes = nodeViews(nodes, this.partitions, quorum)
  }

  /** Every node answers the rest by itself, so a cluster can be looked at while its controllers are gone. */
  static async ask(admin: Admin): Promise<ClusterView> {
    const [cluster, quorum, topics] = await Promise.all([
      admin.describeCluster({ includeFenced: true }), askQuorum(admin), admin.describeTopics(null)
    ])
    const described = topics.length === 0 ? [] : await admin.describeConfigs(
      topics.map(({ name }) => ({ type: "topic" as const, name })), { names: [minIsrKey] })
    const minIsr = new Map(described.map(({ entries, name }) => [name, Number(entries[0]?.value ?? 1)]))
    return new ClusterView(cluster, quorum, topics, minIsr)
  }

  node(id: number): NodeView | undefined {
    return this.nodes.find((node) => node.id === id)
  }

  /** The nodes that can take replicas now. */
  get online(): ReadonlyArray<NodeView> {
    return this.nodes.filter(({ isFenced, isUnknown }) => !isFenced && !isUnknown)
  }
}

const quorumMillisMax = 3_000

const askQuorum = async (admin: Admin): Promise<QuorumDescription | undefined> => {
  const signal = abortedAfter(quorumMillisMax)
  try {
    return await admin.describeQuorum({ signal })
  } catch (error) {
    // Only a controller can tell; whoever shows the view says that it is missing.
    if (signal.aborted) return undefined
    throw error
  }
}

const minIsrKey = "min.insync.replicas"

/** What can be wrong with a partition, by the words of the flags that select them. */
export const partitionFaults = {
  "under-replicated": ({ isr, replicas }: PartitionView) => isr.length < replicas.length,
  "under-min-isr": ({ isr, minIsr }: PartitionView) => isr.length < minIsr,
  "at-min-isr": ({ isr, minIsr }: PartitionView) => isr.length === minIsr,
  "offline": ({ leader }: PartitionView) => leader < 0,
  "not-preferred": ({ leader, replicas }: PartitionView) => leader >= 0 && leader !== replicas[0]
} as const

const nodeViews = (
  listed: ReadonlyArray<NodeDescription>, partitions: ReadonlyArray<PartitionView>, quorum: QuorumDescription | undefined
): ReadonlyArray<NodeView> => {
  const voters = new Set((quorum?.voters ?? []).map(({ nodeId }) => nodeId))
  const known = new Map(listed.map((node) => [node.id, node]))
  const ids = new Set([...known.keys(), ...voters, ...partitions.flatMap(({ replicas }) => replicas)])
  return [...ids].toSorted((a, b) => a - b).map((id) => {
    const node = known.get(id)
    const held = partitions.filter(({ replicas }) => replicas.includes(id))
    return {
      ...node ?? { id, host: "", port: -1, rack: null, isFenced: true }, isUnknown: node === undefined,
      roles: [...node === undefined ? [] : ["broker" as const], ...voters.has(id) ? ["controller" as const] : []],
      leads: held.filter(({ leader }) => leader === id).length, replicas: held.length,
      outOfSync: held.filter(({ isr }) => !isr.includes(id)).length
    }
  })
}
