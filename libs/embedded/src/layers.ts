import { recordCodecs } from "@tailrace/codecs"
import { KafkaListener } from "@tailrace/kafka-listener"
import { LmdbStore, LogDirectory, type LogDirectoryOptions, SimulatedDisk, SimulatedStore, type Store } from "@tailrace/log"
import type { BrokerConfig } from "@tailrace/metadata"
import { Node } from "@tailrace/node"
import { Health, HealthServer, Metrics, observeProcess } from "@tailrace/runtime"
import { Ports } from "@tailrace/runtime/effect"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { advertisedListeners, listenAddresses, listenerLimits, parseHostPort } from "./addresses.ts"
import { observeNode } from "./observeNode.ts"
import { StartError } from "./StartError.ts"

/** What a node is told from outside. */
export class Settings extends Context.Service<Settings, {
  readonly config: BrokerConfig
  readonly storage: "disk" | "memory"
}>()("@tailrace/embedded/Settings") {}

/** The data directory, locked by this process. Closing it writes the clean marker. */
export class Storage extends Context.Service<Storage, LogDirectory>()("@tailrace/embedded/Storage") {
  static readonly layer = Layer.effect(Storage, Effect.gen(function*() {
    const { config, storage } = yield* Settings
    const { clock, logger, random } = yield* Ports
    return yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: async () => {
          const store: Store = storage === "memory"
            ? SimulatedStore.open(new SimulatedDisk("memory"), { clock })
            : LmdbStore.open(config.dataDirectory)
          const directory = await LogDirectory.open(store, directoryOptions(config), {
            clock,
            random,
            crc32c: recordCodecs.crc32c,
            codecs: recordCodecs
          })
          directory.onCompactionFailed = ({ partition, topic }, cause) => {
            logger.error("a log could not be compacted", { topic, partition, cause })
          }
          if (directory.startClass === "unclean") {
            logger.warn("the last run did not end in order; its logs were verified", { directory: store.name })
          }
          for (const { action, fault, log } of directory.damages) {
            logger.error("a log was damaged", { topic: log.topic, partition: log.partition, action, fault })
          }
          return directory
        },
        catch: (cause) => new StartError({ part: "storage", cause })
      }),
      (directory) => Effect.promise(() => directory.close())
    )
  }))
}

const directoryOptions = (config: BrokerConfig): LogDirectoryOptions => ({
  retentionCheckMillis: config.get("log.retention.check.interval.ms"),
  compactionCheckMillis: config.get("log.cleaner.backoff.ms"),
  compactionTombstoneMillis: config.get("log.cleaner.delete.retention.ms"),
  compactionDirtyFractionMin: config.get("log.cleaner.min.cleanable.ratio")
})

/** The node's actors, not registered yet. */
export class NodeService extends Context.Service<NodeService, Node>()("@tailrace/embedded/Node") {
  static readonly layer = Layer.effect(NodeService, Effect.gen(function*() {
    const { config } = yield* Settings
    const { clock, logger, random } = yield* Ports
    const directory = yield* Storage
    return yield* Node.start({ config, directory, codecs: recordCodecs, clock, random, logger })
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
      (listener) => Effect.promise(() => listener.close())
    )
    yield* Effect.tryPromise({
      try: () => node.register(advertisedListeners(config, listener.addresses)),
      catch: (cause) => new StartError({ part: "registration", cause })
    })
    listener.serve(node)
    return listener
  }))
}

/** `/metrics`, `/healthz` and `/readyz`; absent where `http.listener` is empty. */
export class Http extends Context.Service<Http, HealthServer | undefined>()("@tailrace/embedded/Http") {
  static readonly layer = Layer.effect(Http, Effect.gen(function*() {
    const { config } = yield* Settings
    const node = yield* NodeService
    const directory = yield* Storage
    const listener = yield* Clients
    const address = parseHostPort(config.get("http.listener"))
    if (address === undefined) return undefined
    const health = new Health()
    const metrics = new Metrics()
    observeProcess(metrics)
    observeNode(metrics, health, { node, directory, listener })
    return yield* Effect.acquireRelease(
      Effect.tryPromise({
        try: () => HealthServer.start({ health, metrics, ...address }),
        catch: (cause) => new StartError({ part: "http", cause })
      }),
      (server) => Effect.promise(() => server.close())
    )
  }))
}

/** A whole node. Layers are released in the opposite order: clients are drained before the disk is closed. */
export const nodeLayer = Http.layer.pipe(
  Layer.provideMerge(Clients.layer),
  Layer.provideMerge(NodeService.layer),
  Layer.provideMerge(Storage.layer)
)
