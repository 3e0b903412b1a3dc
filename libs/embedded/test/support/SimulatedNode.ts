import { recordCodecs } from "@tailrace/codecs"
import type { KafkaListener } from "@tailrace/kafka-listener"
import { LogDirectory, type LogDirectoryOptions, SimulatedDisk, SimulatedStore, type SimulatedStoreOptions } from "@tailrace/log"
import { BrokerConfig } from "@tailrace/metadata"
import type { Node } from "@tailrace/node"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { Background } from "@tailrace/runtime/effect"
import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import { simulatedPorts } from "@tailrace/runtime/simulated-effect"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { onTestFinished } from "vitest"
import { Buses, Clients, MetadataStorage, NodeService, Settings, Storage } from "../../src/index.ts"
import type { ApiName, RequestOf, ResponseOf } from "./codecs.ts"
import { ProtocolClient, type SendOptions } from "./ProtocolClient.ts"

export interface SimulatedNodeOptions {
  readonly disk?: SimulatedDisk
  readonly properties?: Readonly<Record<string, string>>
  readonly directory?: LogDirectoryOptions
  readonly store?: Omit<SimulatedStoreOptions, "clock">
  readonly wallMillis?: number
  readonly seed?: number
}

/** Quick for tests: few coordinators, and groups that do not wait for more members. */
const testProperties = {
  "listeners": "PLAINTEXT://localhost:9092",
  "offsets.topic.num.partitions": "3",
  "group.initial.rebalance.delay.ms": "0"
}

/**
 * A whole node on a simulated clock, network and disk. Nothing happens but inside of a call to this object; time passes
 * only where a promise cannot settle without it.
 */
export class SimulatedNode {
  readonly clock: VirtualClock
  readonly net: SimulatedNet
  readonly disk: SimulatedDisk
  readonly log = new MemorySink()
  #store: SimulatedStore | undefined
  #directory: LogDirectory | undefined
  #node: Node | undefined
  #listener: KafkaListener | undefined
  #close: () => Promise<void> = () => Promise.resolve()

  private constructor({ disk = new SimulatedDisk(), seed = 1, wallMillis }: SimulatedNodeOptions) {
    this.clock = new VirtualClock(wallMillis === undefined ? {} : { wallMillis })
    this.net = new SimulatedNet({ clock: this.clock, random: new SeededRandom(seed) })
    this.disk = disk
  }

  static async start(options: SimulatedNodeOptions = {}): Promise<SimulatedNode> {
    const self = new SimulatedNode(options)
    await self.#start(options)
    return self
  }

  get store(): SimulatedStore {
    return this.#store!
  }

  get directory(): LogDirectory {
    return this.#directory!
  }

  get node(): Node {
    return this.#node!
  }

  get listener(): KafkaListener {
    return this.#listener!
  }

  /** Runs everything that can happen now, without letting time pass. */
  settle(): Promise<void> {
    return this.clock.advanceSettled(0)
  }

  advance(millis: number): Promise<void> {
    return this.clock.advanceSettled(millis)
  }

  /** Lets time pass as far as the promise needs it, and fails where that is more than `millisMax`. */
  async run<A>(promise: Promise<A>, millisMax = 60_000): Promise<A> {
    let isSettled = false
    const settled = (): void => void (isSettled = true)
    promise.then(settled, settled)
    const until = this.clock.monotonicMillis() + millisMax
    await this.settle()
    while (!isSettled) {
      const next = this.clock.nextDueMillis
      if (next === undefined || next > until) throw new Error(`nothing settled it within ${millisMax} ms`)
      await this.clock.advanceSettled(next - this.clock.monotonicMillis())
    }
    return promise
  }

  async connect(): Promise<SimulatedClient> {
    const { port } = this.listener.addresses[0]!
    return new SimulatedClient(this, new ProtocolClient(await this.run(this.net.dial({ host: "127.0.0.1", port }))))
  }

  /** In order: clients are drained, the disk is closed. */
  async close(): Promise<void> {
    const close = this.#close
    this.#close = () => Promise.resolve()
    await this.run(close())
  }

  /** The process is gone. Its clock stands still, so nothing of it acts any more. */
  crash(isPendingWritten = false): void {
    this.#close = () => Promise.resolve()
    this.store.crash(isPendingWritten)
  }

  async #start(options: SimulatedNodeOptions): Promise<void> {
    const { clock, disk, net } = this
    const random = new SeededRandom((options.seed ?? 1) + Math.floor(clock.wallMillis()) + disk.image.bytes)
    const logger = new LineLogger({ clock, sink: this.log })
    this.#store = SimulatedStore.open(disk, { clock, ...options.store })
    const store = this.#store
    const storage = Layer.effect(Storage, Effect.acquireRelease(
      Effect.promise(() => LogDirectory.open(store, options.directory ?? {}, { clock, random, crc32c: recordCodecs.crc32c })),
      (directory) => Effect.promise(() => directory.close())
    ))
    const config = BrokerConfig.of({ ...testProperties, ...options.properties })
    const runtime = ManagedRuntime.make(Clients.layer.pipe(
      Layer.provideMerge(NodeService.layer),
      Layer.provideMerge(MetadataStorage.layer),
      Layer.provideMerge(Buses.layer),
      Layer.provideMerge(storage),
      Layer.provideMerge(Background.layer),
      Layer.provideMerge(simulatedPorts({ clock, random, net: localhostNet(net), logger })),
      Layer.provideMerge(Layer.succeed(Settings, { config, storage: "memory" }))
    ))
    this.#close = () => runtime.dispose()
    onTestFinished(() => this.close())
    const parts = await this.run(runtime.runPromise(Effect.all({ listener: Clients, node: NodeService, directory: Storage })))
    this.#listener = parts.listener
    this.#node = parts.node
    this.#directory = parts.directory
  }
}

/** The simulated network has hosts with one address each: no second loopback address. */
function localhostNet(net: SimulatedNet): SimulatedNet {
  const listen = net.listen.bind(net)
  net.listen = (options, onConnection) =>
    options.host === "::1" ? Promise.reject(Object.assign(new Error("no IPv6"), { code: "EADDRNOTAVAIL" })) : listen(options, onConnection)
  return net
}

/** A client whose calls let the simulated time pass until they are answered. */
export class SimulatedClient {
  readonly raw: ProtocolClient
  readonly #node: SimulatedNode

  constructor(node: SimulatedNode, raw: ProtocolClient) {
    this.#node = node
    this.raw = raw
  }

  ask<Name extends ApiName>(
    name: Name,
    version: number,
    body: RequestOf<Name>,
    options?: SendOptions
  ): Promise<ResponseOf<Name>> {
    return this.#node.run(this.raw.request(name, version, body, options))
  }
}
