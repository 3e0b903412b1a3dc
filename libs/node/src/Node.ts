import { type Broker, NotAvailable } from "@tailrace/contracts"
import type { GroupConfig } from "@tailrace/coordinator"
import { ErrorCode, type MetadataRecord } from "@tailrace/kafka-protocol"
import type { LogDirectory, PartitionLog } from "@tailrace/log"
import {
  type BrokerConfig,
  type Listener,
  MetadataImage,
  metadataLogTopic,
  offsetsTopic,
  partitionRoles,
  securityProtocols,
  TopicConfig,
  type TopicImage
} from "@tailrace/metadata"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import type { Background } from "@tailrace/runtime/effect"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { ControllerActor } from "./ControllerActor.ts"
import { GroupShardActor } from "./GroupShardActor.ts"
import { GroupShards } from "./internal/GroupShards.ts"
import { MetadataJournal } from "./internal/MetadataJournal.ts"
import { ProducerIds } from "./internal/ProducerIds.ts"
import { logConfigOf, metadataLogConfig, produceRulesOf } from "./internal/topicRules.ts"
import { PartitionActor } from "./PartitionActor.ts"

export interface NodeOptions {
  readonly config: BrokerConfig
  readonly directory: LogDirectory
  readonly codecs: RecordCodecs
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** The id that Kafka gives the metadata log. */
const metadataTopicId = "AAAAAAAAAAAAAAAAAAAAAQ"
const clusterIdSlot = "cluster.id"

/**
 * One node: the actors that live on it, built from the core rooms. It acts on metadata records when they are committed:
 * a partition gets its log and its leader, a deleted topic loses them, a changed configuration takes hold.
 */
export class Node implements Broker {
  readonly clusterId: string
  readonly metadata: MetadataImage
  readonly controller: ControllerActor
  readonly groups: GroupShards
  readonly #options: NodeOptions
  readonly #partitions = new Map<string, Array<PartitionActor | undefined>>()
  readonly #producerIds: ProducerIds
  readonly #services: Context.Context<Background | Scope.Scope>
  #listeners: ReadonlyArray<Listener> = []
  #brokerEpoch = -1
  #mustRenew = false
  #isClosed = false
  readonly #timers = new Map<string, () => void>()

  private constructor(
    options: NodeOptions,
    clusterId: string,
    metadata: MetadataImage,
    controller: ControllerActor,
    services: Context.Context<Background | Scope.Scope>
  ) {
    this.#options = options
    this.clusterId = clusterId
    this.metadata = metadata
    this.controller = controller
    this.#services = services
    this.#producerIds = new ProducerIds(() => controller.allocateProducerIds(this.nodeId, this.#brokerEpoch))
    this.groups = new GroupShards(metadata, () => controller.autoCreateTopics([offsetsTopic]))
  }

  /** Loads the metadata. The node serves once it is registered; it lives as long as the caller's scope. */
  static readonly start = Effect.fnUntraced(function*(options: NodeOptions) {
    const { codecs, clock, config, directory, logger, random } = options
    const log = directory.log(metadataTopicId, 0) ??
      directory.createLog(metadataTopicId, metadataLogTopic, 0, metadataLogConfig)
    log.config = metadataLogConfig
    log.isVital = true
    const clusterId = yield* Effect.promise(() => loadClusterId(directory, random))
    const journal = new MetadataJournal(log, codecs, clock)
    const metadata = new MetadataImage()
    yield* Effect.promise(() => journal.load((record) => metadata.replay(record)))
    let node: Node | undefined
    const controller = yield* ControllerActor.spawn({
      journal,
      config,
      random,
      logger,
      committed: metadata,
      onCommitted: (records) => node?.apply(records)
    })
    const services = yield* Effect.context<Background | Scope.Scope>()
    node = new Node(options, clusterId, metadata, controller, services)
    node.#open()
    yield* Effect.addFinalizer(() => Effect.sync(() => node.#close()))
    return node
  })

  get nodeId(): number {
    return this.#options.config.nodeId
  }

  get controllerId(): number {
    return this.#brokerEpoch < 0 ? -1 : this.nodeId
  }

  get config(): BrokerConfig {
    return this.#options.config
  }

  get partitions(): Iterable<PartitionActor> {
    return [...this.#partitions.values()].flatMap((actors) => actors.filter((actor) => actor !== undefined))
  }

  partition(topicId: string, partition: number): PartitionActor | undefined {
    return this.#partitions.get(topicId)?.[partition]
  }

  nextProducerId(): Promise<number> {
    return this.#producerIds.next()
  }

  /** Begins an uptime: the cluster learns where this node is, and this node leads with new leader epochs. */
  async register(listeners: ReadonlyArray<Listener>): Promise<void> {
    this.#listeners = listeners
    const { config, directory, random } = this.#options
    this.#mustRenew = false
    const { brokerEpoch, errorCode } = await this.controller.register({
      brokerId: this.nodeId,
      incarnationId: random.uuid(),
      endPoints: listeners.map(({ host, name, port, securityProtocol }) => ({
        name,
        host,
        port,
        securityProtocol: securityProtocols[securityProtocol]
      })),
      rack: config.get("broker.rack") ?? null,
      logDirs: [directory.directoryId],
      isCaughtUp: true
    })
    if (errorCode !== ErrorCode.NONE) throw new NotAvailable("controller", errorCode)
    this.#brokerEpoch = brokerEpoch
    await directory.setBrokerEpoch(this.#brokerEpoch)
  }

  /** Acts on records that the metadata image has taken in. */
  apply(records: ReadonlyArray<MetadataRecord>): void {
    // What is committed while the node closes is found at its next start.
    if (this.#isClosed) return
    const deletedTopics = new Set<string>()
    for (const record of records) {
      switch (record.type) {
        case "PartitionRecord":
        case "PartitionChangeRecord":
          this.#applyPartition(record.value.topicId, record.value.partitionId)
          break
        case "RemoveTopicRecord":
          this.#removeTopic(record.value.topicId, deletedTopics)
          break
        case "ConfigRecord":
          this.#applyConfigs()
          break
      }
    }
    if (deletedTopics.size > 0) for (const shard of this.groups.all()) shard.topicsDeleted(deletedTopics)
  }

  /** Opens what the metadata gives this node, and deletes what it does not know: topics that were deleted meanwhile. */
  #open(): void {
    const { clock, directory, logger } = this.#options
    for (const log of directory.logs()) {
      if (log.topicId === metadataTopicId) continue
      if (this.metadata.partition(log.topicId, log.partition) === undefined) {
        logger.info("a log of a deleted topic is removed", { topic: log.topic, partition: log.partition })
        directory.deleteLog(log.topicId, log.partition)
      }
    }
    for (const topic of this.metadata.topics) {
      topic.partitions.forEach((_, partition) => this.#openPartition(topic, partition))
    }
    this.#timers.set("gate", directory.writeGate.onChange(() => this.#gateChanged()))
    const expire = () => {
      this.#timers.set("expire", clock.after(this.config.get("producer.id.expiration.check.interval.ms"), expire))
      this.#expireProducers()
    }
    this.#timers.set("expire", clock.after(this.config.get("producer.id.expiration.check.interval.ms"), expire))
  }

  #openPartition(topic: TopicImage, partition: number): PartitionActor | undefined {
    const { clock, codecs, config, directory, logger } = this.#options
    const image = topic.partitions[partition]
    if (image === undefined || !image.replicas.includes(this.nodeId)) return undefined
    const topicConfig = TopicConfig.of(this.metadata, config, topic.name)
    const log = directory.log(topic.topicId, partition) ?? this.#createLog(topic, partition, topicConfig)
    if (log === undefined) return undefined
    log.config = logConfigOf(topicConfig)
    const actor = new PartitionActor({
      nodeId: this.nodeId,
      log,
      backlog: directory.backlog,
      writeGate: directory.writeGate,
      rules: produceRulesOf(topicConfig),
      clock,
      codecs,
      logger,
      onStorageFailure: () => {
        this.#mustRenew = true
      }
    })
    const actors = this.#partitions.get(topic.topicId) ?? []
    actors[partition] = actor
    this.#partitions.set(topic.topicId, actors)
    return actor
  }

  /** A log that cannot be deleted now goes at the next start, which finds that its topic is unknown. */
  get #canWrite(): boolean {
    const { reason } = this.#options.directory.writeGate
    return reason !== "failed" && reason !== "closed"
  }

  /** A failed directory makes no logs; the renewal that follows its repair does. */
  #createLog(topic: TopicImage, partition: number, topicConfig: TopicConfig): PartitionLog | undefined {
    const { directory } = this.#options
    if (!this.#canWrite) {
      this.#mustRenew = true
      return undefined
    }
    return directory.createLog(topic.topicId, topic.name, partition, logConfigOf(topicConfig))
  }

  #applyPartition(topicId: string, partition: number): void {
    const topic = this.metadata.topicById(topicId)
    const image = topic?.partitions[partition]
    // The topic may be gone again within the same commit.
    if (topic === undefined || image === undefined) return
    let actor = this.partition(topicId, partition)
    if (actor === undefined || actor.hasFailed) {
      actor?.close(ErrorCode.NOT_LEADER_OR_FOLLOWER)
      actor = this.#openPartition(topic, partition)
    }
    if (actor === undefined || image.leader !== this.nodeId) return
    actor.lead(partitionRoles(this.metadata, this.#options.config, topic, image))
    if (topic.name === offsetsTopic) this.#leadShard(topicId, partition)
  }

  #leadShard(topicId: string, partition: number): void {
    const shard = this.groups.get(partition)
    if (shard !== undefined) return shard.load()
    const { clock, codecs, config, logger, random } = this.#options
    const spawned = Effect.runSyncWith(this.#services)(GroupShardActor.spawn({
      partition: () => this.partition(topicId, partition)!,
      config: groupConfigOf(config),
      clock,
      random,
      codecs,
      logger
    }))
    this.groups.set(partition, spawned)
  }

  #removeTopic(topicId: string, deletedTopics: Set<string>): void {
    for (const actor of this.#partitions.get(topicId) ?? []) {
      if (actor === undefined) continue
      deletedTopics.add(actor.topic)
      actor.close(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
      if (this.#canWrite) this.#options.directory.deleteLog(topicId, actor.partition)
    }
    this.#partitions.delete(topicId)
  }

  #applyConfigs(): void {
    for (const topic of this.metadata.topics) {
      const topicConfig = TopicConfig.of(this.metadata, this.#options.config, topic.name)
      for (const actor of this.#partitions.get(topic.topicId) ?? []) {
        if (actor === undefined) continue
        actor.rules = produceRulesOf(topicConfig)
        actor.log.config = logConfigOf(topicConfig)
      }
    }
  }

  /** The directory takes writes again: replicas that lost what they had staged need a new leader epoch, shards a new life. */
  #gateChanged(): void {
    const { directory, logger } = this.#options
    const { isOpen, reason } = directory.writeGate
    if (this.#isClosed) return
    if (!isOpen) logger.error("the data directory takes no writes", { reason, cause: directory.writeGate.cause })
    else logger.info("the data directory takes writes again", { mustRenew: this.#mustRenew })
    // Nearly full is good enough: the metadata log may use the reserve, and without it nobody could make room.
    if (reason === "failed" || reason === "closed") return
    this.#renew().catch((cause: unknown) => {
      this.#mustRenew = true
      logger.error("the node could not register again", { cause })
    })
  }

  async #renew(): Promise<void> {
    await this.controller.recover()
    if (this.#mustRenew) await this.register(this.#listeners)
    this.#reviveShards()
  }

  #reviveShards(): void {
    for (const shard of this.groups.all()) if (!shard.isLoaded) shard.load()
  }

  #expireProducers(): void {
    const now = this.#options.clock.wallMillis()
    const expirationMillis = this.config.get("producer.id.expiration.ms")
    for (const actor of this.partitions) actor.log.producers.expire(now, expirationMillis)
  }

  #close(): void {
    this.#isClosed = true
    for (const cancel of this.#timers.values()) cancel()
    for (const shard of this.groups.all()) shard.resign()
    for (const actor of this.partitions) actor.close(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  }
}

async function loadClusterId(directory: LogDirectory, random: Random): Promise<string> {
  const stored = directory.getSlot(clusterIdSlot)
  if (stored !== undefined) return stored.toString("utf8")
  const clusterId = random.uuid()
  await directory.setSlot(clusterIdSlot, Buffer.from(clusterId, "utf8"))
  return clusterId
}

const groupConfigOf = (config: BrokerConfig): Partial<GroupConfig> => ({
  offsetsRetentionMinutes: config.get("offsets.retention.minutes"),
  offsetsRetentionCheckIntervalMillis: config.get("offsets.retention.check.interval.ms"),
  offsetMetadataMaxBytes: config.get("offset.metadata.max.bytes"),
  groupInitialRebalanceDelayMillis: config.get("group.initial.rebalance.delay.ms"),
  groupMinSessionTimeoutMillis: config.get("group.min.session.timeout.ms"),
  groupMaxSessionTimeoutMillis: config.get("group.max.session.timeout.ms"),
  groupMaxSize: config.get("group.max.size")
})
