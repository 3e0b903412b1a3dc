import { MemoryHub } from "@tailrace/bus/memory"
import { recordCodecs } from "@tailrace/codecs"
import type { KafkaListener } from "@tailrace/kafka-listener"
import { LogDirectory, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import { BrokerConfig } from "@tailrace/metadata"
import type { Node } from "@tailrace/node"
import { Peers } from "@tailrace/node/peers"
import { LineLogger, MemorySink } from "@tailrace/runtime"
import { Background } from "@tailrace/runtime/effect"
import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import { simulatedPorts } from "@tailrace/runtime/simulated-effect"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { Buses, Clients, MetadataStorage, NodeService, Settings, Storage } from "../../src/index.ts"

/** One node of a simulated cluster: its disks survive, everything else is one life. */
export class SimulatedMember {
  readonly nodeId: number
  readonly log = new MemorySink()
  readonly #cluster: SimulatedCluster
  readonly disk: SimulatedDisk
  readonly metadataDisk: SimulatedDisk
  node: Node | undefined
  listener: KafkaListener | undefined
  stores: Array<SimulatedStore> = []
  #lives = 0
  #close: () => Promise<void> = () => Promise.resolve()

  constructor(cluster: SimulatedCluster, nodeId: number) {
    this.#cluster = cluster
    this.nodeId = nodeId
    this.disk = new SimulatedDisk(`node ${nodeId}`)
    this.metadataDisk = new SimulatedDisk(`node ${nodeId} metadata`)
  }

  async start(): Promise<void> {
    const { clock, hub, net, properties, seed } = this.#cluster
    const life = ++this.#lives
    const random = new SeededRandom(seed * 1_000 + this.nodeId * 100 + life)
    const logger = new LineLogger({ clock, sink: this.log })
    const open = (disk: SimulatedDisk) => {
      const store = SimulatedStore.open(disk, { clock })
      this.stores.push(store)
      return Effect.acquireRelease(
        Effect.promise(() => LogDirectory.open(store, {}, { clock, random, crc32c: recordCodecs.crc32c })),
        (directory) => Effect.promise(() => directory.close())
      )
    }
    this.stores = []
    const config = BrokerConfig.of({
      "node.id": String(this.nodeId), "controller.quorum.voters": "1,2,3", "nats.servers": "memory:4222",
      "listeners": `PLAINTEXT://localhost:${9091 + this.nodeId}`, "offsets.topic.num.partitions": "3",
      "group.initial.rebalance.delay.ms": "0", ...properties
    })
    const runtime = ManagedRuntime.make(Clients.layer.pipe(
      Layer.provideMerge(NodeService.layer),
      Layer.provideMerge(Layer.effect(Storage, Effect.suspend(() => open(this.disk)))),
      Layer.provideMerge(Layer.effect(MetadataStorage, Effect.suspend(() => open(this.metadataDisk)))),
      Layer.provideMerge(Layer.effect(Buses, Effect.acquireRelease(
        Effect.sync(() => ({ control: hub.connect(`node ${this.nodeId}`), data: hub.connect(`node ${this.nodeId}`), join: Peers.join })),
        ({ control, data }) => Effect.promise(() => Promise.all([control.close(), data.close()]))
      ))),
      Layer.provideMerge(Background.layer),
      Layer.provideMerge(simulatedPorts({ clock, random, net, logger })),
      Layer.provideMerge(Layer.succeed(Settings, { config, storage: "memory" }))
    ))
    this.#close = () => runtime.dispose()
    const parts = await runtime.runPromise(Effect.all({ listener: Clients, node: NodeService }))
    this.node = parts.node
    this.listener = parts.listener
  }

  close(): Promise<void> {
    return this.#close()
  }
}

/** Nodes on one simulated clock, network and bus. */
export class SimulatedCluster {
  readonly clock = new VirtualClock()
  readonly net: SimulatedNet
  readonly hub: MemoryHub
  readonly members: ReadonlyArray<SimulatedMember>
  readonly seed: number
  readonly properties: Readonly<Record<string, string>>

  constructor({ nodes = 3, properties = {}, seed = 1 } = {}) {
    this.seed = seed
    this.properties = properties
    this.net = new SimulatedNet({ clock: this.clock, random: new SeededRandom(seed) })
    const listen = this.net.listen.bind(this.net)
    this.net.listen = (options, onConnection) =>
      options.host === "::1" ? Promise.reject(Object.assign(new Error("no IPv6"), { code: "EADDRNOTAVAIL" })) : listen(options, onConnection)
    this.hub = new MemoryHub({ clock: this.clock })
    this.members = Array.from({ length: nodes }, (_, i) => new SimulatedMember(this, i + 1))
  }

  start(): Promise<void> {
    return this.run(Promise.all(this.members.map((member) => member.start())).then(() => undefined))
  }

  async run<A>(promise: Promise<A>, millisMax = 60_000): Promise<A> {
    let isSettled = false
    const settled = (): void => void (isSettled = true)
    promise.then(settled, settled)
    const until = this.clock.monotonicMillis() + millisMax
    await this.clock.advanceSettled(0)
    while (!isSettled) {
      const next = this.clock.nextDueMillis
      if (next === undefined || next > until) throw new Error(`nothing settled it within ${millisMax} ms`)
      await this.clock.advanceSettled(next - this.clock.monotonicMillis())
    }
    return promise
  }

  advance(millis: number): Promise<void> {
    return this.clock.advanceSettled(millis)
  }

  async close(): Promise<void> {
    await this.run(Promise.all(this.members.map((member) => member.close())))
  }
}
