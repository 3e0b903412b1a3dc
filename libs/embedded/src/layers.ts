import { resolve } from "node:path"
import { recordCodecs } from "@tailrace/codecs"
import { KafkaListener } from "@tailrace/kafka-listener"
import { DirectoryDamagedError, LmdbStore, LogDirectory, type LogDirectoryOptions, metadataDirectoryOptions, SimulatedDisk, SimulatedStore, type Store } from "@tailrace/log"
import type { BrokerConfig } from "@tailrace/metadata"
import { MetadataDamagedError, Node, type NodeBuses } from "@tailrace/node"
import { Health, type HealthComponent, HealthServer, type Logger, Metrics, observeProcess } from "@tailrace/runtime"
import { Background, Ports } from "@tailrace/runtime/effect"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import { advertisedListeners, httpAddress, listenAddresses, listenerLimits } from "./addresses.ts"
import { natsBuses } from "./natsBuses.ts"
import { observeNode } from "./observeNode.ts"
import { StartError } from "./StartError.ts"

/** What a node is told from outside. */
export class Settings extends Context.Service<Settings, {
  readonly config: BrokerConfig
  readonly storage: "disk" | "memory"
}>()("@tailrace/embedded/Settings") {}

/**
 * `/metrics`, `/healthz` and `/readyz`. They answer from before anything else is opened until everything is closed: a node that verifies
 * its logs, waits for others or stops is not ready, but nobody is to take it for dead and kill it.
 */
export class Http extends Context.Service<Http, {
  readonly health: Health
  readonly metrics: Metrics
  /** The node as a whole, starting until it serves. */
  readonly component: HealthComponent
  /** Undefined where `http.listener` is empty. */
  readonly server: HealthServer | undefined
}>()("@tailrace/embedded/Http") {
  static readonly layer = Layer.effect(Http, Effect.gen(function*() {
    const { config } = yield* Settings
    const health = new Health()
    const metrics = new Metrics()
    const component = health.register("node")
    const address = httpAddress(config)
    if (address === undefined) return { health, metrics, component, server: undefined }
    observeProcess(metrics)
    const server = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => HealthServer.start({ health, metrics, ...address }),
        catch: (cause) => new StartError({ part: "http", cause })
      }),
      (server) => Effect.promise(() => server.close())
    )
    return { health, metrics, component, server }
  }))
}

/** The data directory, locked by this process. Closing it writes the clean marker. */
export class Storage extends Context.Service<Storage, LogDirectory>()("@tailrace/embedded/Storage") {
  static readonly layer = Layer.effect(Storage, Effect.gen(function*() {
    const { config, storage } = yield* Settings
    const { logger } = yield* Ports
    const directory = yield* openDirectory(config.dataDirectory, directoryOptions(config))
    if (storage === "disk" && directory.startClass === "new" && config.quorumVoterIds.some((id) => id !== config.nodeId)) {
      // Right once in the life of a node; at any other time all its records and its vote are somewhere else.
      logger.warn("this node of a cluster begins with an empty data directory: right for a new node, else its records are elsewhere (log.dirs)",
        { directory: resolve(config.dataDirectory) })
    }
    return directory
  }))
}

/** Where Raft's log lives; undefined for a node that is alone, which keeps it in its data directory. */
export class MetadataStorage extends Context.Service<MetadataStorage, LogDirectory | undefined>()(
  "@tailrace/embedded/MetadataStorage"
) {
  static readonly layer = Layer.effect(MetadataStorage, Effect.gen(function*() {
    const { config } = yield* Settings
    const buses = yield* Buses
    if (buses === undefined) return undefined
    return yield* openDirectory(config.metadataDirectory, metadataDirectoryOptions).pipe(Effect.mapError(({ cause, part }) =>
      new StartError({ part, cause: cause instanceof DirectoryDamagedError ? new MetadataDamagedError(config.metadataDirectory, false, cause) : cause })))
  }))
}

/** The node's connections to the other nodes; undefined for a node that is alone. */
export class Buses extends Context.Service<Buses, NodeBuses | undefined>()("@tailrace/embedded/Buses") {
  static readonly layer = Layer.effect(Buses, Effect.gen(function*() {
    const { config } = yield* Settings
    if (config.get("nats.servers").length === 0) return undefined
    return yield* natsBuses(config)
  }))
}

const openDirectory = Effect.fnUntraced(function*(path: string, options: LogDirectoryOptions) {
  const { storage } = yield* Settings
  const { clock, logger, random } = yield* Ports
  return yield* Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        const store: Store = storage === "memory" ? SimulatedStore.open(new SimulatedDisk(path), { clock }) : LmdbStore.open(path)
        const directory = await LogDirectory.open(store, options, {
          clock,
          random,
          crc32c: recordCodecs.crc32c,
          codecs: recordCodecs
        })
        reportStart(directory, store.name, logger)
        return directory
      },
      catch: (cause) => new StartError({ part: "storage", cause })
    }),
    (directory) => Effect.promise(() => directory.close())
  )
})

function reportStart(directory: LogDirectory, name: string, logger: Logger): void {
  directory.onCompactionFailed = ({ partition, topic }, cause) => {
    logger.error("a log could not be compacted", { topic, partition, cause })
  }
  if (directory.startClass === "unclean") {
    logger.warn("the last run did not end in order; its logs were verified", { directory: name })
  }
  for (const { action, fault, log } of directory.damages) {
    logger.error("a log was damaged", { topic: log.topic, partition: log.partition, action, fault })
  }
}

const directoryOptions = (config: BrokerConfig): LogDirectoryOptions => ({
  retentionCheckMillis: config.get("log.retention.check.interval.ms"),
  compactionCheckMillis: config.get("log.cleaner.backoff.ms"),
  compactionTombstoneMillis: config.get("log.cleaner.delete.retention.ms"),
  compactionDirtyFractionMin: config.get("log.cleaner.min.cleanable.ratio")
})

/**
 * What ends the node while a part of it starts is why that part does not come up. Without it the part would wait for a node that does
 * nothing any more: who joins the background does so when all parts are there.
 */
const whileNodeLives = <A, E, R>(part: StartError["part"], start: Effect.Effect<A, E, R>) =>
  Effect.flatMap(Background, (background) =>
    Effect.raceFirst(start, FiberSet.join(background).pipe(
      Effect.mapError((cause) => new StartError({ part, cause })),
      // Without a failure it resolves where the node is closed, which interrupts the start by itself.
      Effect.andThen(Effect.never)
    )))

/** The node's actors, not registered yet. */
export class NodeService extends Context.Service<NodeService, Node>()("@tailrace/embedded/Node") {
  static readonly layer = Layer.effect(NodeService, Effect.gen(function*() {
    const { config } = yield* Settings
    const { clock, logger, random } = yield* Ports
    const directory = yield* Storage
    const metadataDirectory = yield* MetadataStorage
    const buses = yield* Buses
    return yield* whileNodeLives("node", Node.start({
      config, directory, codecs: recordCodecs, clock, random, logger,
      ...(buses === undefined ? {} : { buses }),
      ...(metadataDirectory === undefined ? {} : { metadataDirectory })
    }))
  }))
}

/** The listener for clients. It is bound first, then the node registers with its ports, then requests are answered. */
export class Clients extends Context.Service<Clients, KafkaListener>()("@tailrace/embedded/Clients") {
  static readonly layer = Layer.effect(Clients, Effect.gen(function*() {
    const { config } = yield* Settings
    const { clock, logger, net, random } = yield* Ports
    const node = yield* NodeService
    const listener = yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () =>
          KafkaListener.bind({
            net,
            clock,
            random,
            logger,
            limits: listenerLimits(config),
            addresses: listenAddresses(config)
          }),
        catch: (cause) => new StartError({ part: "clients", cause })
      }),
      // Others lead before the first client is turned away.
      (listener) => Effect.promise(() => handOver(node, config).then(() => listener.close()))
    )
    yield* whileNodeLives("registration", Effect.tryPromise({
      try: () => node.register(advertisedListeners(config, listener.addresses)),
      catch: (cause) => new StartError({ part: "registration", cause })
    }))
    listener.serve(node)
    return listener
  }))
}

/** How long a node that stops lets others take over, before it stops all the same. */
const handOverMillisMax = 10_000

const handOver = (node: Node, config: BrokerConfig): Promise<void> =>
  config.get("controlled.shutdown.enable") ? node.shutDown(handOverMillisMax) : Promise.resolve()

/** The node shows its figures, and is ready until it stops. */
const observedLayer = Layer.effectDiscard(Effect.gen(function*() {
  const { component, health, metrics, server } = yield* Http
  const node = yield* NodeService
  const directory = yield* Storage
  const listener = yield* Clients
  if (server !== undefined) observeNode(metrics, health, { node, directory, listener })
  yield* Effect.acquireRelease(Effect.sync(() => component.ready()), () => Effect.sync(() => component.unready("the node stops")))
}))

/** A whole node. Layers are released in the opposite order: clients are drained before the disk is closed. */
export const nodeLayer = observedLayer.pipe(
  Layer.provideMerge(Clients.layer),
  Layer.provideMerge(NodeService.layer),
  Layer.provideMerge(MetadataStorage.layer),
  Layer.provideMerge(Buses.layer),
  Layer.provideMerge(Storage.layer),
  Layer.provideMerge(Http.layer)
)
