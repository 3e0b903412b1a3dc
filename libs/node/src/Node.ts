import type { Bus } from "@tailrace/bus"
import type { Broker, LogDir } from "@tailrace/contracts"
import type { MetadataRecord, RegisterBrokerRequest } from "@tailrace/kafka-protocol"
import type { LogDirectory, WriteGate } from "@tailrace/log"
import { type BrokerConfig, type Listener, MetadataImage, offsetsTopic, securityProtocols, supportedFeatures } from "@tailrace/metadata"
import type { RecordCodecs } from "@tailrace/record"
import type { Clock, Logger, Random } from "@tailrace/runtime"
import { type Background, forkBackground } from "@tailrace/runtime/effect"
import type * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import { ControllerClient } from "./controller/ControllerClient.ts"
import { serveController } from "./controller/serveController.ts"
import { ControllerActor } from "./ControllerActor.ts"
import { GroupShardActor } from "./GroupShardActor.ts"
import { AppliedOffsets } from "./internal/AppliedOffsets.ts"
import { groupConfigOf } from "./internal/groupConfigOf.ts"
import { logDirsOf } from "./internal/logDirsOf.ts"
import { GroupShards } from "./internal/GroupShards.ts"
import { ProducerIds } from "./internal/ProducerIds.ts"
import { type ChangedConfig, Replicas } from "./internal/Replicas.ts"
import { BrokerLifecycle } from "./lifecycle/BrokerLifecycle.ts"
import { DataStorage } from "./lifecycle/DataStorage.ts"
import { Lease } from "./lifecycle/Lease.ts"
import { serveProbe } from "./lifecycle/probe.ts"
import { WriteTrouble } from "./lifecycle/WriteTrouble.ts"
import type { PartitionActor } from "./PartitionActor.ts"
import type { Peers, PeersOptions } from "./Peers.ts"
import { openFault, openQuorum } from "./quorum/openQuorum.ts"
import type { Quorum, QuorumListener } from "./quorum/Quorum.ts"
import { metadataTopicId } from "./quorum/QuorumStorage.ts"
import type { ReplicationCounters } from "./replica/ReplicationOptions.ts"

/** How a node reaches the others. Control and data are apart, so that no batch keeps a heartbeat waiting. */
export interface NodeBuses {
  readonly control: Bus
  readonly data: Bus
  /** `Peers.join` of `@tailrace/node/peers`. */
  readonly join: (options: PeersOptions) => Peers
  /** Nobody was heard for a while: the server behind the connections may hang, so others are to be tried. */
  readonly renew?: () => void
}

export interface NodeOptions {
  readonly config: BrokerConfig
  readonly directory: LogDirectory
  /** Where Raft's log lives; the data's own directory for a node that is alone. */
  readonly metadataDirectory?: LogDirectory
  readonly codecs: RecordCodecs
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Undefined for a node that is alone. */
  readonly buses?: NodeBuses
}

/** What this node knows to be committed. */
interface Committed {
  image: MetadataImage
}

interface Parts {
  readonly committed: Committed
  readonly applied: AppliedOffsets
  readonly quorum: Quorum
  readonly actor: ControllerActor
  readonly services: Context.Context<Background | Scope.Scope>
  /** Ends the node. */
  readonly crash: (cause: unknown) => void
}

/**
 * One node: the actors that live on it, built from the core rooms. It acts on metadata records when they are committed:
 * a partition gets its log and its role, a deleted topic loses them, a changed configuration takes hold.
 */
export class Node implements Broker {
  readonly controller: ControllerClient
  readonly groups: GroupShards
  /** `isCutOff` has changed. */
  onLeaseChanged: () => void = () => undefined
  readonly #options: NodeOptions
  readonly #parts: Parts
  readonly #replicas: Replicas
  readonly #peers: Peers | undefined
  readonly #lifecycle: BrokerLifecycle
  readonly #lease: Lease
  readonly #producerIds: ProducerIds
  readonly #writeTrouble: WriteTrouble
  readonly #storage: DataStorage
  #listeners: ReadonlyArray<Listener> = []
  #mustRenew = false
  #isClosed = false
  readonly #cancels = new Map<string, () => void>()

  private constructor(options: NodeOptions, parts: Parts) {
    const { buses, clock, config, directory, logger } = options
    const { actor, applied, quorum } = parts
    this.#options = options
    this.#parts = parts
    this.#storage = new DataStorage({
      directory, applied, quorum, paths: config, isAlone: buses === undefined, clusterId: () => this.clusterId
    })
    const lease = this.#lease = new Lease(clock, buses === undefined ? Infinity : config.get("broker.session.timeout.ms"))
    const shared = { clusterName: config.get("cluster.name"), nodeId: config.nodeId, clock, logger }
    const requestMillis = config.get("controller.quorum.request.timeout.ms")
    this.controller = new ControllerClient({
      ...shared, actor, quorum, applied, bus: buses?.control, brokerEpoch: () => this.brokerEpoch
    })
    this.#producerIds = new ProducerIds(() =>
      this.controller.ask("allocateProducerIds", { brokerId: this.nodeId, brokerEpoch: this.brokerEpoch }))
    this.groups = new GroupShards(() => this.metadata, () => this.controller.autoCreateTopics([offsetsTopic]))
    this.#replicas = new Replicas({
      ...options,
      metadata: () => this.metadata,
      storage: this.#storage,
      replication: () => this.#peers?.replication,
      isFenced: () => lease.isExpired,
      onStorageFailure: () => this.#storageFailed(),
      onLeading: (partition) => this.#leads(partition),
      onResigned: (partition) => this.#resigned(partition)
    })
    this.#peers = buses?.join({
      config, clock, logger, bus: buses.data, controller: this.controller,
      metadata: () => this.metadata,
      brokerEpoch: () => this.brokerEpoch,
      controllerEpoch: () => quorum.status.term,
      isDamageKnown: () => this.brokerEpoch >= 0 && !this.#mustRenew,
      partition: (topicId, partition) => this.partition(topicId, partition),
      partitions: () => this.partitions
    })
    this.#writeTrouble = new WriteTrouble({ clock, quorum, data: directory.writeGate, sessionMillis: config.get("broker.session.timeout.ms") })
    this.#lifecycle = new BrokerLifecycle({
      ...shared, random: options.random, controller: this.controller, applied, lease, requestMillis, isAlone: buses === undefined,
      heartbeatMillis: config.get("broker.heartbeat.interval.ms"),
      describe: () => this.#registration(),
      storage: this.#storage,
      commitSequence: () => directory.commitSequence,
      wantFence: () => this.#writeTrouble.isLasting,
      onLeaseChanged: () => this.#leaseChanged(),
      onMismatch: parts.crash
    })
  }

  /**
   * Loads the metadata; fails with `MetadataDamagedError` or `MetadataMismatchError`. The node serves once it is registered, and lives
   * as long as the caller's scope.
   */
  static readonly start = Effect.fnUntraced(function*(options: NodeOptions) {
    const { buses, clock, config, logger, random } = options
    const committed: Committed = { image: new MetadataImage() }
    const applied = new AppliedOffsets(clock)
    const crashed = Deferred.makeUnsafe<never, unknown>()
    const crash = (cause: unknown): void => void Deferred.doneUnsafe(crashed, Exit.fail(cause))
    let node: Node | undefined
    let actor: ControllerActor | undefined
    const listener: QuorumListener = {
      apply: (records, end, term) => {
        node?.groups.willApply(records)
        for (const record of records) committed.image.replay(record)
        applied.advance(end)
        node?.apply(records)
        actor?.committed(end, term)
      },
      restore: (snapshot, end) => {
        const image = MetadataImage.decodeSnapshot(Buffer.from(snapshot))
        node?.groups.willRestore(image)
        committed.image = image
        applied.advance(end)
        node?.restored()
        actor?.restored(end)
      },
      snapshot: () => committed.image.encodeSnapshot(),
      changed: () => actor?.roleChanged(),
      failed: () => actor?.storageFailed(),
      crashed: crash
    }
    yield* forkBackground(Deferred.await(crashed))
    const { close, quorum } = yield* Effect.tryPromise({ try: (signal) => openQuorum(options, listener, signal), catch: openFault })
    yield* Effect.addFinalizer(() => Effect.sync(close))
    actor = yield* ControllerActor.spawn({
      quorum, applied, config, clock, random, logger, committed: () => committed.image, isAlone: buses === undefined,
      bus: buses?.control, clusterId: () => config.get("cluster.id") ?? random.uuid()
    })
    if (buses !== undefined) {
      const where = { clusterName: config.get("cluster.name"), nodeId: config.nodeId, bus: buses.control }
      const unserve = serveController({ ...where, actor, quorum })
      const unprobe = serveProbe({ ...where, brokerEpoch: () => node?.brokerEpoch ?? -1 })
      yield* Effect.addFinalizer(() => Effect.sync(() => {
        unserve()
        unprobe()
      }))
    }
    const services = yield* Effect.context<Background | Scope.Scope>()
    yield* Effect.promise(() => quorum.start())
    const started = new Node(options, { committed, applied, quorum, actor, services, crash })
    node = started
    started.#open()
    yield* Effect.addFinalizer(() => Effect.sync(() => started.#close()))
    return started
  })

  get nodeId(): number {
    return this.#options.config.nodeId
  }

  get clusterId(): string {
    return this.metadata.clusterId
  }

  get metadata(): MetadataImage {
    return this.#parts.committed.image
  }

  /** -1 until this uptime's registration is applied. */
  get brokerEpoch(): number {
    return this.#lifecycle.brokerEpoch
  }

  get metadataOffset(): number {
    return this.#parts.applied.end
  }

  get controllerId(): number {
    const leader = this.#parts.quorum.status.leader?.nodeId ?? -1
    return this.metadata.isUnfenced(leader) ? leader : this.nodeId
  }

  get isCutOff(): boolean {
    return this.#lease.isExpired
  }

  get config(): BrokerConfig {
    return this.#options.config
  }

  get quorum(): Quorum {
    return this.#parts.quorum
  }

  /** What went between replicas since the start; undefined for a node that is alone. */
  get replicationCounters(): ReplicationCounters | undefined {
    return this.#peers?.replication.counters
  }

  get partitions(): Iterable<PartitionActor> {
    return this.#replicas.all()
  }

  partition(topicId: string, partition: number): PartitionActor | undefined {
    return this.#replicas.get(topicId, partition)
  }

  logDirs(): ReadonlyArray<LogDir> {
    const { config, directory } = this.#options
    return logDirsOf(config.dataDirectory, directory, this.partitions)
  }

  nextProducerId(): Promise<number> {
    return this.#producerIds.next()
  }

  /** Begins an uptime: the cluster learns where this node is, and this node leads with new leader epochs. */
  async register(listeners: ReadonlyArray<Listener>): Promise<void> {
    this.#listeners = listeners
    await this.#lifecycle.register()
  }

  /**
   * Hands over what this node leads, partitions first and the quorum last, so that it can stop without a failed request.
   * Resolves after `timeoutMillis` at the latest for each of the two.
   */
  async shutDown(timeoutMillis: number): Promise<void> {
    if (this.#options.buses === undefined || this.#isClosed) return
    await this.#lifecycle.shutDown(timeoutMillis)
    await this.#parts.quorum.resign(timeoutMillis)
  }

  #registration(): Omit<RegisterBrokerRequest, "incarnationId"> {
    const { config } = this.#options
    this.#mustRenew = false
    this.#replicas.pause()
    return {
      brokerId: this.nodeId,
      endPoints: this.#listeners.map(({ host, name, port, securityProtocol }) => ({
        name, host, port, securityProtocol: securityProtocols[securityProtocol]
      })),
      rack: config.get("broker.rack") ?? null,
      features: [...supportedFeatures],
      ...this.#storage.describe()
    }
  }

  /** Acts on records that the metadata image has taken in. */
  apply(records: ReadonlyArray<MetadataRecord>): void {
    // What is committed while the node closes is found at its next start.
    if (this.#isClosed) return
    const configs: Array<ChangedConfig> = []
    for (const record of records) {
      switch (record.type) {
        case "RegisterBrokerRecord":
          this.#applyRegistration(record.value.incarnationId, record.value.brokerEpoch)
          break
        case "PartitionRecord":
        case "PartitionChangeRecord":
          this.#replicas.apply(record.value.topicId, record.value.partitionId)
          break
        case "RemoveTopicRecord":
          this.#replicas.removeTopic(record.value.topicId)
          break
        case "ConfigRecord":
          configs.push(record.value)
          break
      }
    }
    if (configs.length > 0) this.#replicas.applyConfigs(configs)
  }

  /** The metadata was replaced by a snapshot: this node was so far behind that the log does not tell how it came to be. */
  restored(): void {
    if (this.#isClosed) return
    const own = this.metadata.broker(this.nodeId)
    if (own !== undefined) this.#applyRegistration(own.incarnationId, own.brokerEpoch)
    this.#replicas.applyAll()
    this.#replicas.applyConfigs()
  }

  /** One writer incarnation per leader epoch: the roles of this uptime begin with its registration. */
  #applyRegistration(incarnationId: string, brokerEpoch: number): void {
    const isOwn = incarnationId === this.#lifecycle.incarnationId && brokerEpoch !== this.brokerEpoch
    if (isOwn && !this.#options.directory.writeGate.isUsable) {
      // Nothing can be read of it, or kept in it: the uptime that follows on its repair begins instead.
      this.#mustRenew = true
    } else if (isOwn) {
      const refusal = this.#storage.refusalOf(brokerEpoch)
      if (refusal !== undefined) return this.#lifecycle.end(refusal)
      // A failed commit begins another uptime.
      this.#lifecycle.begin(brokerEpoch, this.#storage.begin(brokerEpoch))
      this.#replicas.begin()
      if (this.#mustRenew) this.#mayRenew(this.#options.directory.writeGate)
    }
    this.#peers?.replication.brokersChanged()
  }

  #open(): void {
    const { directory, logger } = this.#options
    this.#replicas.open()
    this.#peers?.start()
    directory.onCorruption = ({ partition, topic, topicId }, { endOffset, offset, reason }) => {
      logger.error("a log is damaged; the range is not served", { topic, partition, offset, endOffset, reason })
      if (topicId === metadataTopicId) this.quorum.mend()
      else this.#corrupted()
    }
    directory.wallClock.onJump = (aheadMillis, pauseMillis) => {
      logger.warn("the wall clock jumped ahead; nothing expires by it for a while, so that it can be set right", { aheadMillis, pauseMillis })
    }
    this.#cancels.set("gate", directory.writeGate.onChange(() => this.#gateChanged()))
    const { writeGate } = this.#parts.quorum
    // A directory of its own opens at a time of its own; only then can the quorum begin anew.
    if (writeGate !== directory.writeGate) this.#cancels.set("metadata gate", writeGate.onChange(() => this.#mayRenew(writeGate)))
  }

  #leads(partition: PartitionActor): void {
    if (partition.topic !== offsetsTopic) return
    const shard = this.groups.get(partition.partition)
    if (shard !== undefined) return shard.load()
    const { buses, clock, codecs, config, directory: { wallClock }, logger, random } = this.#options
    // A replica that left this node is closed and says of itself that it does not lead.
    let known = partition
    this.groups.set(partition.partition, Effect.runSyncWith(this.#parts.services)(GroupShardActor.spawn({
      partition: () => known = this.partition(partition.topicId, partition.partition) ?? known,
      config: groupConfigOf(config),
      clock, wallClock, random, codecs, logger,
      topicIdOf: (topic) => this.metadata.topic(topic)?.topicId,
      // Nobody else decides anything for a node that is alone, whatever state its disk is in.
      confirmMetadata: () => buses === undefined ? Promise.resolve(true) : this.quorum.confirm()
    })))
  }

  #resigned(partition: PartitionActor): void {
    if (partition.topic === offsetsTopic) this.groups.get(partition.partition)?.resign()
  }

  /** Without a lease nobody may wait here for an answer; with a new one the coordinators learn what others decided meanwhile. */
  #leaseChanged(): void {
    this.onLeaseChanged()
    this.#replicas.leaseChanged()
    this.#loadShards()
  }

  #loadShards(): void {
    for (const shard of this.groups.all()) if (!shard.isLoaded && shard.mayLoad) shard.load()
  }

  #storageFailed(): void {
    this.#mustRenew = true
  }

  /** Damage in a log: the node leaves every in-sync set that others are in, before it is repaired from them. */
  #corrupted(): void {
    if (this.#options.buses === undefined || this.#mustRenew) return
    this.#mustRenew = true
    // What is found while a registration is under way, which does not say it, is said by another one.
    if (this.brokerEpoch >= 0) this.#tryRenew()
  }

  /** The directory takes writes again: replicas that lost what they had staged need a new leader epoch, shards a new life. */
  #gateChanged(): void {
    const { directory, logger } = this.#options
    const { isOpen, reason } = directory.writeGate
    if (this.#isClosed) return
    if (!isOpen) logger.error("the data directory takes no writes", { reason, cause: directory.writeGate.cause })
    else logger.info("the data directory takes writes again", { mustRenew: this.#mustRenew })
    // What the quorum finds when it begins anew may concern replicas that lost what they had staged: they lead in no epoch of this uptime.
    if (directory.writeGate.isUsable && this.#mustRenew) this.#replicas.pause()
    this.#mayRenew(directory.writeGate)
  }

  /** Nearly full is good enough: the metadata log may use the reserve, and without it nobody could make room. */
  #mayRenew({ isUsable }: WriteGate): void {
    if (!this.#isClosed && isUsable) this.#tryRenew()
  }

  #tryRenew(): void {
    this.#renew().catch((cause: unknown) => {
      this.#mustRenew = true
      this.#options.logger.error("the node could not register again", { cause })
    })
  }

  async #renew(): Promise<void> {
    await this.#parts.quorum.restart()
    if (this.#mustRenew) await this.register(this.#listeners)
    this.#loadShards()
  }

  #close(): void {
    this.#isClosed = true
    for (const cancel of this.#cancels.values()) cancel()
    this.#writeTrouble.close()
    this.#lifecycle.close()
    this.#peers?.close()
    for (const shard of this.groups.all()) shard.resign()
    this.#replicas.close()
  }
}
