import { ErrorCode } from "@tailrace/kafka-protocol"
import type { LogDirectory, PartitionLog } from "@tailrace/log"
import { type BrokerConfig, effectiveBrokerConfig, type MetadataImage, partitionRoles, ResourceType, TopicConfig, type TopicImage } from "@tailrace/metadata"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Logger } from "@tailrace/runtime"
import { PartitionActor } from "../PartitionActor.ts"
import { metadataTopicId } from "../quorum/QuorumStorage.ts"
import type { DataStorage } from "../lifecycle/DataStorage.ts"
import type { Replication } from "../replica/Replication.ts"
import { logConfigOf, produceRulesOf } from "./topicRules.ts"

export interface ReplicasOptions {
  readonly config: BrokerConfig
  readonly directory: LogDirectory
  readonly codecs: RecordCodecs
  readonly clock: Clock
  readonly logger: Logger
  readonly metadata: () => MetadataImage
  readonly storage: Pick<DataStorage, "noteMetadata">
  /** Undefined for a node that is alone. */
  readonly replication: () => Replication | undefined
  /** This node may not act on the roles that the metadata gives it. */
  readonly isFenced: () => boolean
  /** A replica has lost what it had staged: the node has to begin a new uptime. */
  readonly onStorageFailure: () => void
  /** A replica leads from now on, in a new leader epoch. */
  readonly onLeading: (actor: PartitionActor) => void
  /** A replica leads no more. */
  readonly onResigned: (actor: PartitionActor) => void
}

/** What a record says that changes a configuration. */
export interface ChangedConfig {
  readonly resourceType: number
  readonly resourceName: string
}

/** The replicas of this node: each gets its log and the role that the metadata says. */
export class Replicas {
  readonly #options: ReplicasOptions
  readonly #actors = new Map<string, Array<PartitionActor | undefined>>()
  readonly #all = new Set<PartitionActor>()
  #isActing = false
  #cancelExpiry: () => void = () => undefined

  constructor(options: ReplicasOptions) {
    this.#options = options
  }

  get(topicId: string, partition: number): PartitionActor | undefined {
    return this.#actors.get(topicId)?.[partition]
  }

  all(): Iterable<PartitionActor> {
    return this.#all
  }

  /** Opens the logs that are here. What the metadata says is history until this uptime's registration is in it. */
  open(): void {
    this.#expireLater()
    for (const topic of this.#options.metadata().topics) {
      topic.partitions.forEach((_, partition) => this.#openPartition(topic, partition, false))
    }
  }

  /**
   * This uptime is part of the metadata, which so is as new as anything that this node ever acted on. Only from here on it
   * tells which logs are to be made, which to be removed, and who leads.
   */
  begin(): void {
    this.#isActing = true
    this.applyAll()
    this.#purge()
  }

  /** Between two uptimes: roles are given anew by the next registration. */
  pause(): void {
    this.#isActing = false
  }

  /** A partition is new or has changed. */
  apply(topicId: string, partition: number): void {
    const topic = this.#options.metadata().topicById(topicId)
    const image = topic?.partitions[partition]
    // The topic may be gone again within the same commit.
    if (topic === undefined || image === undefined || !this.#isActing) return
    let actor = this.get(topicId, partition)
    if (!this.#isReplica(image.replicas)) return actor === undefined ? undefined : this.#remove(actor, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    // What a failed replica still has is known when the disk is repaired, and then the node begins another uptime.
    if (actor?.hasFailed === true && !this.#canWrite) return
    if (actor === undefined || actor.hasFailed) {
      if (actor !== undefined) this.#replaceable(actor)
      actor = this.#openPartition(topic, partition, true)
    }
    if (actor !== undefined) this.#assign(actor, topic, image)
  }

  /** Every partition anew: this node has begun an uptime, or the metadata was replaced by a snapshot. */
  applyAll(): void {
    const { metadata } = this.#options
    if (!this.#isActing) return
    for (const actor of this.all()) {
      if (metadata().partition(actor.topicId, actor.partition) === undefined) this.#remove(actor, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    for (const { partitions, topicId } of metadata().topics) {
      partitions.forEach((_, partition) => this.apply(topicId, partition))
    }
  }

  /** Topics that were deleted, and replicas that were moved, while this node was away. By id, so that a new topic keeps its own. */
  #purge(): void {
    const { directory, logger, metadata } = this.#options
    if (!this.#canWrite) return
    for (const log of directory.logs()) {
      if (log.topicId === metadataTopicId) continue
      const image = metadata().partition(log.topicId, log.partition)
      if (image !== undefined && this.#isReplica(image.replicas)) continue
      logger.info("a log that is not this node's any more is removed", { topic: log.topic, partition: log.partition })
      directory.deleteLog(log.topicId, log.partition)
    }
  }

  removeTopic(topicId: string): void {
    if (!this.#isActing) return
    for (const actor of this.#actors.get(topicId) ?? []) {
      if (actor !== undefined) this.#remove(actor, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    }
    this.#actors.delete(topicId)
  }

  /** Of the topics that the changes are about; without any, of all. With many topics it would hold the node up to look at each. */
  applyConfigs(changes?: ReadonlyArray<ChangedConfig>): void {
    const { config, metadata } = this.#options
    for (const topic of changes === undefined ? metadata().topics : this.#changedTopics(changes)) {
      const actors = this.#actors.get(topic.topicId)
      if (actors === undefined) continue
      const topicConfig = TopicConfig.of(metadata(), config, topic.name)
      for (const actor of actors) {
        if (actor === undefined) continue
        actor.rules = produceRulesOf(topicConfig)
        actor.log.config = logConfigOf(topicConfig)
      }
    }
  }

  /** The node's lease ran out or came back: whoever waits for an acknowledgement has to hear of it. */
  leaseChanged(): void {
    for (const actor of this.all()) actor.leaseChanged()
  }

  #expireLater(): void {
    const { clock, config, directory, metadata } = this.#options
    this.#cancelExpiry = clock.after(config.get("producer.id.expiration.check.interval.ms"), () => {
      this.#expireLater()
      if (!directory.wallClock.isTrusted()) return
      const expirationMillis = effectiveBrokerConfig(metadata(), config).get("producer.id.expiration.ms")
      for (const actor of this.all()) actor.log.producers.expire(clock.wallMillis(), expirationMillis)
    })
  }

  close(): void {
    this.#cancelExpiry()
    for (const actor of this.all()) actor.close(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }

  /** What is set for brokers is a default of every topic. */
  #changedTopics(changes: ReadonlyArray<ChangedConfig>): Iterable<TopicImage> {
    const { metadata } = this.#options
    if (changes.some(({ resourceType }) => resourceType === ResourceType.broker)) return metadata().topics
    const names = new Set(changes.filter(({ resourceType }) => resourceType === ResourceType.topic).map(({ resourceName }) => resourceName))
    return [...names].flatMap((name) => metadata().topic(name) ?? [])
  }

  #isReplica(replicas: ReadonlyArray<number>): boolean {
    return replicas.includes(this.#options.config.nodeId)
  }

  #assign(actor: PartitionActor, topic: TopicImage, image: TopicImage["partitions"][number]): void {
    const { config, logger, metadata, onLeading, onResigned, replication, storage } = this.#options
    const { isUncleanLeader: isUnclean, ...view } = partitionRoles(metadata(), config, topic, image)
    const roles = { ...view, isUnclean }
    const isElection = roles.leaderEpoch !== actor.leaderEpoch
    const led = actor.isLeader
    if (roles.leader === config.nodeId) {
      replication()?.forget(actor)
      if (isElection && this.#canWrite) storage.noteMetadata()
      actor.lead(roles)
      if (isElection) onLeading(actor)
    } else {
      if (roles.leader < 0) actor.resign(roles)
      else actor.follow(roles)
      if (led) onResigned(actor)
      if (roles.leader < 0) replication()?.forget(actor)
      else replication()?.follow(actor, roles.leader)
    }
    if (!isElection || replication() === undefined) return
    logger.info(roles.leader < 0 ? "a partition has no leader" : "leader elected", {
      topic: topic.name, partition: actor.partition, leader: roles.leader, leaderEpoch: roles.leaderEpoch, isr: roles.isr,
      highWatermark: actor.highWatermark, logEndOffset: actor.log.appendedEnd
    })
  }

  #openPartition(topic: TopicImage, partition: number, mayCreate: boolean): PartitionActor | undefined {
    const { config, directory, isFenced, metadata, onStorageFailure } = this.#options
    const image = topic.partitions[partition]
    if (image === undefined || !this.#isReplica(image.replicas)) return undefined
    const topicConfig = TopicConfig.of(metadata(), config, topic.name)
    const log = directory.log(topic.topicId, partition) ?? (mayCreate ? this.#createLog(topic, partition, topicConfig) : undefined)
    if (log === undefined) return undefined
    log.config = logConfigOf(topicConfig)
    const actor = new PartitionActor({
      ...this.#options,
      nodeId: config.nodeId,
      log,
      backlog: directory.backlog,
      writeGate: directory.writeGate,
      rules: produceRulesOf(topicConfig),
      isFenced,
      onStorageFailure
    })
    const actors = this.#actors.get(topic.topicId) ?? []
    actors[partition] = actor
    this.#actors.set(topic.topicId, actors)
    this.#all.add(actor)
    return actor
  }

  /** A replica that has lost what it had staged: another one is made from what its log still has. */
  #replaceable(actor: PartitionActor): void {
    actor.close(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    this.#options.replication()?.forget(actor)
    this.#all.delete(actor)
  }

  /** A log that cannot be deleted now goes at the next start, which finds that its topic is unknown. */
  get #canWrite(): boolean {
    const { reason } = this.#options.directory.writeGate
    return reason !== "failed" && reason !== "closed"
  }

  /** A failed directory makes no logs; the renewal that follows its repair does. */
  #createLog(topic: TopicImage, partition: number, topicConfig: TopicConfig): PartitionLog | undefined {
    const { directory, onStorageFailure, storage } = this.#options
    if (!this.#canWrite) {
      onStorageFailure()
      return undefined
    }
    storage.noteMetadata()
    return directory.createLog(topic.topicId, topic.name, partition, logConfigOf(topicConfig))
  }

  #remove(actor: PartitionActor, errorCode: number): void {
    const { directory, onResigned, replication } = this.#options
    replication()?.forget(actor)
    if (actor.isLeader) onResigned(actor)
    actor.close(errorCode)
    if (this.#canWrite) directory.deleteLog(actor.topicId, actor.partition)
    this.#all.delete(actor)
    const actors = this.#actors.get(actor.topicId)
    if (actors !== undefined) actors[actor.partition] = undefined
  }
}
