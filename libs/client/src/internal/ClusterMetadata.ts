import type { MetadataResponse } from "@tailrace/kafka-protocol"
import type { HostAndPort } from "../ClientOptions.ts"
import { KafkaError } from "../KafkaError.ts"

export interface BrokerMetadata extends HostAndPort {
  readonly rack: string | null
}

export interface PartitionMetadata {
  readonly partition: number
  readonly errorCode: number
  /** -1 when the partition has no leader. */
  readonly leader: number
  readonly leaderEpoch: number
  readonly replicas: ReadonlyArray<number>
  readonly isr: ReadonlyArray<number>
  readonly offlineReplicas: ReadonlyArray<number>
}

export interface TopicMetadata {
  readonly name: string
  readonly topicId: string
  readonly errorCode: number
  readonly isInternal: boolean
  /** Ordered by partition. */
  readonly partitions: ReadonlyArray<PartitionMetadata>
  readonly knownSinceMillis: number
}

/** The newest metadata seen of each topic and broker. */
export class ClusterMetadata {
  clusterId: string | null = null
  controllerId = -1
  readonly brokers = new Map<number, BrokerMetadata>()
  readonly topics = new Map<string, TopicMetadata>()

  broker(nodeId: number): BrokerMetadata | undefined {
    return this.brokers.get(nodeId)
  }

  topic(name: string): TopicMetadata | undefined {
    return this.topics.get(name)
  }

  checkedTopic(name: string): TopicMetadata {
    const topic = this.topics.get(name)
    KafkaError.check(topic?.errorCode ?? 3, name)
    return topic as TopicMetadata
  }

  /** 0 for a topic that is not known or does not exist. */
  partitionCount(name: string): number {
    const topic = this.topics.get(name)
    return topic?.errorCode === 0 ? topic.partitions.length : 0
  }

  /** The leader of a partition, or undefined while there is none or the partition is not known. */
  leaderOf(topic: string, partition: number): PartitionMetadata | undefined {
    const found = this.topics.get(topic)?.partitions[partition]
    return found === undefined || found.leader < 0 ? undefined : found
  }

  /** A coordinator may answer before the metadata that names its broker does. */
  addBroker(nodeId: number, server: HostAndPort): void {
    if (!this.brokers.has(nodeId)) this.brokers.set(nodeId, { ...server, rack: null })
  }

  /** A produce or fetch answer may name the new leader itself. */
  moveLeader(topic: string, partition: number, leader: number, leaderEpoch: number): void {
    const known = this.topics.get(topic)
    const old = known?.partitions[partition]
    if (known === undefined || old === undefined || leaderEpoch <= old.leaderEpoch) return
    this.topics.set(topic, { ...known, partitions: known.partitions.with(partition, { ...old, leader, leaderEpoch }) })
  }

  update(response: MetadataResponse, asked: ReadonlyArray<string> | null, nowMillis: number): void {
    this.clusterId = response.clusterId
    this.controllerId = response.controllerId
    this.brokers.clear()
    for (const broker of response.brokers) {
      this.brokers.set(broker.nodeId, { host: broker.host, port: broker.port, rack: broker.rack })
    }
    if (asked === null) this.topics.clear()
    for (const topic of response.topics) {
      if (topic.name === null) continue
      const old = this.topics.get(topic.name)
      const partitions: Array<PartitionMetadata> = []
      for (const partition of topic.partitions) {
        // Partitions are numbered from 0 without gaps; anything else would only make the list sparse.
        if (partition.partitionIndex < 0 || partition.partitionIndex >= topic.partitions.length) continue
        const known = old?.topicId === topic.topicId ? old.partitions[partition.partitionIndex] : undefined
        // A broker that lags behind must not take us back to an older leader.
        partitions[partition.partitionIndex] = known !== undefined && known.leaderEpoch > partition.leaderEpoch ? known : {
          partition: partition.partitionIndex, errorCode: partition.errorCode,
          leader: partition.leaderId, leaderEpoch: partition.leaderEpoch,
          replicas: partition.replicaNodes, isr: partition.isrNodes, offlineReplicas: partition.offlineReplicas
        }
      }
      this.topics.set(topic.name, {
        name: topic.name, topicId: topic.topicId, errorCode: topic.errorCode, isInternal: topic.isInternal, partitions,
        knownSinceMillis: nowMillis
      })
    }
  }
}
