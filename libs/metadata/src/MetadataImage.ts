import { MetadataLog } from "@tailrace/kafka-protocol"
import type {
  MetadataRecord, PartitionChangeRecord, PartitionRecord, RegisterBrokerRecord, BrokerRegistrationChangeRecord
} from "@tailrace/kafka-protocol"
import { mergePartition } from "./internal/records.ts"
import { resourceKey } from "./internal/resourceKey.ts"
import { collisionKey } from "./topicNames.ts"

/** A broker as it registered. */
export type BrokerRegistration = Readonly<RegisterBrokerRecord>

/** One partition as the metadata has it. Immutable: a change makes another object. */
export type PartitionImage = Omit<PartitionRecord, "partitionId" | "topicId">

export interface TopicImage {
  readonly name: string
  readonly topicId: string
  /** By partition number, without holes. */
  readonly partitions: ReadonlyArray<PartitionImage>
}

export const ResourceType = { unknown: 0, topic: 2, broker: 4, brokerLogger: 8, clientMetrics: 16, group: 32 } as const

/** Where the image keeps numbers of its own as configuration: a resource that no client can name. */
export const leaderEpochFloorKey = "leader.epoch.floor"
export const clusterIdKey = "cluster.id"
export const storageEpochKey = (brokerId: number): string => `storage.epoch.${brokerId}`
export const storageCommitsKey = (brokerId: number): string => `storage.commits.${brokerId}`

const noConfig: ReadonlyMap<string, string> = new Map()

/**
 * What the cluster's metadata says at one moment. `replay` is the only mutator: controller, broker and restart apply the
 * same records in the same order and have the same image. Everything handed out is immutable or to be read at once.
 */
export class MetadataImage {
  readonly #brokers = new Map<number, BrokerRegistration>()
  readonly #topicsByName = new Map<string, MutableTopic>()
  readonly #topicsById = new Map<string, MutableTopic>()
  readonly #namesByCollisionKey = new Map<string, string>()
  readonly #configs = new Map<string, Map<string, string>>()
  readonly #features = new Map<string, number>()
  #nextProducerId = 0
  #producerIdsOwner = { brokerId: -1, brokerEpoch: -1 }
  #partitionCount = 0

  static fromRecords(records: Iterable<MetadataRecord>): MetadataImage {
    const image = new MetadataImage()
    for (const record of records) image.replay(record)
    return image
  }

  get brokers(): Iterable<BrokerRegistration> { return this.#brokers.values() }
  get topics(): Iterable<TopicImage> { return this.#topicsByName.values() }
  get topicCount(): number { return this.#topicsByName.size }
  get partitionCount(): number { return this.#partitionCount }
  get features(): ReadonlyMap<string, number> { return this.#features }
  get nextProducerId(): number { return this.#nextProducerId }

  /** A new topic starts at this leader epoch, above every epoch that a deleted topic of the same name can have had. */
  get leaderEpochFloor(): number { return Number(this.config(ResourceType.unknown, "").get(leaderEpochFloorKey) ?? 0) }

  /** Chosen by the first controller; empty until its record is applied. */
  get clusterId(): string { return this.config(ResourceType.unknown, "").get(clusterIdKey) ?? "" }

  broker(brokerId: number): BrokerRegistration | undefined { return this.#brokers.get(brokerId) }
  topic(name: string): TopicImage | undefined { return this.#topicsByName.get(name) }
  topicById(topicId: string): TopicImage | undefined { return this.#topicsById.get(topicId) }
  partition(topicId: string, partition: number): PartitionImage | undefined { return this.#topicsById.get(topicId)?.partitions[partition] }

  /** The name of an existing topic that differs from `name` only in '.' and '_'. */
  collidingTopic(name: string): string | undefined {
    const existing = this.#namesByCollisionKey.get(collisionKey(name))
    return existing === name ? undefined : existing
  }

  /** What was set on a resource, without defaults. */
  config(resourceType: number, resourceName: string): ReadonlyMap<string, string> {
    return this.#configs.get(resourceKey(resourceType, resourceName)) ?? noConfig
  }

  /** The last broker epoch in which a broker was unfenced, so that its storage is known to have it; -1 for none. */
  storageEpoch(brokerId: number): number { return Number(this.config(ResourceType.unknown, "").get(storageEpochKey(brokerId)) ?? -1) }

  /** The commits that the storage of a broker held when it was last heard before it was fenced; 0 where that is not known. */
  storageCommits(brokerId: number): number { return Number(this.config(ResourceType.unknown, "").get(storageCommitsKey(brokerId)) ?? 0) }

  isUnfenced(brokerId: number): boolean { return this.#brokers.get(brokerId)?.fenced === false }

  /** A broker that is registered and may lead. */
  isAlive(brokerId: number): boolean {
    const broker = this.#brokers.get(brokerId)
    return broker !== undefined && !broker.fenced && !broker.inControlledShutdown
  }

  /** A record that contradicts the image is a fault of the log, not of a client, and throws. */
  replay(record: MetadataRecord): void {
    switch (record.type) {
      case "RegisterBrokerRecord": return void this.#brokers.set(record.value.brokerId, record.value)
      case "UnregisterBrokerRecord": return void this.#brokers.delete(record.value.brokerId)
      case "FenceBrokerRecord": return this.#changeBroker(record.value.id, record.value.epoch, { fenced: true })
      case "UnfenceBrokerRecord": return this.#changeBroker(record.value.id, record.value.epoch, { fenced: false })
      case "BrokerRegistrationChangeRecord": return this.#changeRegistration(record.value)
      case "TopicRecord": return this.#addTopic(record.value.name, record.value.topicId)
      case "RemoveTopicRecord": return this.#removeTopic(record.value.topicId)
      case "PartitionRecord": return this.#addPartition(record.value)
      case "PartitionChangeRecord": return this.#changePartition(record.value)
      case "ConfigRecord": return this.#setConfig(record.value.resourceType, record.value.resourceName, record.value.name, record.value.value)
      case "ProducerIdsRecord": {
        const { nextProducerId, brokerId, brokerEpoch } = record.value
        this.#nextProducerId = nextProducerId
        this.#producerIdsOwner = { brokerId, brokerEpoch }
        return
      }
      case "FeatureLevelRecord": {
        if (record.value.featureLevel === 0) this.#features.delete(record.value.name)
        else this.#features.set(record.value.name, record.value.featureLevel)
        return
      }
      case "ClearElrRecord": return this.#clearElr(record.value.topicName)
      case "NoOpRecord": return
    }
  }

  /** Records from which `fromRecords` makes an equal image; equal images answer equal lists. */
  toRecords(): Array<MetadataRecord> {
    const records: Array<MetadataRecord> = []
    for (const [name, featureLevel] of sorted(this.#features)) records.push({ type: "FeatureLevelRecord", value: { name, featureLevel } })
    for (const value of [...this.#brokers.values()].toSorted((a, b) => a.brokerId - b.brokerId)) records.push({ type: "RegisterBrokerRecord", value })
    for (const [name, { topicId, partitions }] of sorted(this.#topicsByName)) {
      records.push({ type: "TopicRecord", value: { name, topicId } })
      for (const [partitionId, partition] of partitions.entries()) {
        records.push({ type: "PartitionRecord", value: { partitionId, topicId, ...partition } })
      }
    }
    for (const [key, entries] of sorted(this.#configs)) {
      const resourceType = Number(key.slice(0, key.indexOf(":")))
      const resourceName = key.slice(key.indexOf(":") + 1)
      for (const [name, value] of sorted(entries)) records.push({ type: "ConfigRecord", value: { resourceType, resourceName, name, value } })
    }
    if (this.#nextProducerId > 0) {
      records.push({ type: "ProducerIdsRecord", value: { ...this.#producerIdsOwner, nextProducerId: this.#nextProducerId } })
    }
    return records
  }

  /** A snapshot: each record as in the metadata log, behind its length as a 32-bit number. */
  encodeSnapshot(): Buffer {
    const parts: Array<Buffer> = []
    for (const record of this.toRecords()) {
      const bytes = MetadataLog.encode(record)
      const length = Buffer.allocUnsafe(4)
      length.writeUInt32BE(bytes.length)
      parts.push(length, bytes)
    }
    return Buffer.concat(parts)
  }

  static decodeSnapshot(bytes: Buffer): MetadataImage {
    const image = new MetadataImage()
    let at = 0
    while (at < bytes.length) {
      if (bytes.length - at < 4 || bytes.readUInt32BE(at) > bytes.length - at - 4) throw new Error("metadata snapshot is cut short")
      const end = at + 4 + bytes.readUInt32BE(at)
      image.replay(MetadataLog.decode(bytes.subarray(at + 4, end)))
      at = end
    }
    return image
  }

  #changeBroker(brokerId: number, epoch: number, change: Partial<RegisterBrokerRecord>): void {
    const broker = this.#brokers.get(brokerId)
    if (broker === undefined || broker.brokerEpoch !== epoch) throw new Error(`broker ${brokerId} is not registered with epoch ${epoch}`)
    this.#brokers.set(brokerId, { ...broker, ...change })
  }

  #changeRegistration(value: BrokerRegistrationChangeRecord): void {
    this.#changeBroker(value.brokerId, value.brokerEpoch, {
      ...(value.fenced === 0 ? {} : { fenced: value.fenced === 1 }),
      ...(value.inControlledShutdown === 0 ? {} : { inControlledShutdown: true }),
      ...(value.logDirs.length === 0 ? {} : { logDirs: value.logDirs }),
      ...(value.cordonedLogDirs === null ? {} : { cordonedLogDirs: value.cordonedLogDirs })
    })
  }

  #addTopic(name: string, topicId: string): void {
    if (this.#topicsByName.has(name) || this.#topicsById.has(topicId)) throw new Error(`topic ${name} (${topicId}) exists already`)
    const topic: MutableTopic = { name, topicId, partitions: [] }
    this.#topicsByName.set(name, topic)
    this.#topicsById.set(topicId, topic)
    this.#namesByCollisionKey.set(collisionKey(name), name)
  }

  #removeTopic(topicId: string): void {
    const topic = this.#existingTopic(topicId)
    this.#topicsById.delete(topicId)
    this.#topicsByName.delete(topic.name)
    this.#namesByCollisionKey.delete(collisionKey(topic.name))
    this.#configs.delete(`${ResourceType.topic}:${topic.name}`)
    this.#partitionCount -= topic.partitions.length
  }

  #addPartition(value: PartitionRecord): void {
    const { topicId, partitionId, ...partition } = value
    const topic = this.#existingTopic(topicId)
    if (partitionId !== topic.partitions.length) throw new Error(`partition ${partitionId} of ${topic.name} does not follow on ${topic.partitions.length}`)
    topic.partitions.push(partition)
    this.#partitionCount++
  }

  #changePartition(change: PartitionChangeRecord): void {
    const topic = this.#existingTopic(change.topicId)
    const partition = topic.partitions[change.partitionId]
    if (partition === undefined) throw new Error(`partition ${change.partitionId} of ${topic.name} does not exist`)
    topic.partitions[change.partitionId] = mergePartition(partition, change)
  }

  #clearElr(topicName: string): void {
    const cleared = topicName === "" ? this.#topicsByName.values() : [this.#topicsByName.get(topicName)]
    for (const topic of cleared) {
      if (topic === undefined) throw new Error(`topic ${topicName} does not exist`)
      topic.partitions = topic.partitions.map((it) => ({ ...it, eligibleLeaderReplicas: null, lastKnownElr: lastKnownOf(it) }))
    }
  }

  #setConfig(resourceType: number, resourceName: string, name: string, value: string | null): void {
    const key = resourceKey(resourceType, resourceName)
    // A copy, so that a map handed out before does not change under its reader.
    const entries = new Map(this.#configs.get(key))
    if (value === null) entries.delete(name)
    else entries.set(name, value)
    if (entries.size === 0) this.#configs.delete(key)
    else this.#configs.set(key, entries)
  }

  #existingTopic(topicId: string): MutableTopic {
    const topic = this.#topicsById.get(topicId)
    if (topic === undefined) throw new Error(`topic ${topicId} does not exist`)
    return topic
  }
}

interface MutableTopic extends TopicImage {
  partitions: Array<PartitionImage>
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Array<readonly [string, Value]> {
  return [...map].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** Where nobody is in sync, what an administrator chooses an unclean leader by: it is as true under another minimum. */
function lastKnownOf({ eligibleLeaderReplicas, isr, lastKnownElr }: PartitionImage): ReadonlyArray<number> | null {
  if (isr.length > 0) return null
  const known = new Set([...lastKnownElr ?? [], ...eligibleLeaderReplicas ?? []])
  return known.size === 0 ? null : [...known]
}
