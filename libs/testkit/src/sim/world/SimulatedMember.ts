import { recordCodecs } from "@tailrace/codecs"
import { Buses, Clients, MetadataStorage, NodeService, Settings, StartError, Storage } from "@tailrace/embedded"
import type { KafkaListener } from "@tailrace/kafka-listener"
import { LogDirectory, type LogDirectoryOptions, metadataDirectoryOptions, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import { BrokerConfig } from "@tailrace/metadata"
import type { Node } from "@tailrace/node"
import { Peers } from "@tailrace/node/peers"
import { Background } from "@tailrace/runtime/effect"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { simulatedPorts } from "@tailrace/runtime/simulated-effect"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import { MemberLog } from "./MemberLog.ts"
import { type ClockError, ProcessClock } from "./ProcessClock.ts"
import { ProcessNet } from "./ProcessNet.ts"
import type { BusKind } from "./SimulatedBus.ts"
import { SimulatedProcess } from "./SimulatedProcess.ts"
import type { SimulatedWorld } from "./SimulatedWorld.ts"

export type DiskKind = "data" | "metadata"

/** Both lie on one disk, unless a node is told otherwise. */
const bothDisks: ReadonlyArray<DiskKind> = ["data", "metadata"]

/** What the process finds when it is started again. */
export interface Disks {
  readonly data: SimulatedDisk
  readonly metadata: SimulatedDisk
}

export interface MemberOptions {
  readonly nodeId: number
  readonly properties: Readonly<Record<string, string>>
  readonly clockError?: ClockError
  readonly flushMillis?: () => number
  readonly hasPendingReads?: boolean
  readonly isVisibleBeforeDurable?: boolean
  /** Where clients connect; default port 9092 of the host that has the member's name. */
  readonly listen?: { readonly host: string; readonly port: number }
  /** Default one with small parts. */
  readonly directory?: LogDirectoryOptions
}

/** A data directory whose parts are so small that seconds show what takes days elsewhere. */
export const smallDirectory: LogDirectoryOptions = { segmentBytesMax: 64 * 1024, tailCacheBytesMax: 16 * 1024, reserveBytesMax: 256 * 1024, scrubIntervalMillis: 15_000 }

/** One node of a simulated cluster: its disks survive, everything else is one life. */
export class SimulatedMember {
  readonly nodeId: number
  /** Its name on the buses. */
  readonly host: string
  /** Where clients find it. */
  readonly address: { readonly host: string; readonly port: number }
  readonly disks: Disks
  readonly log: MemberLog
  readonly #world: SimulatedWorld
  readonly #options: MemberOptions
  #copies: Disks | undefined
  #process: SimulatedProcess | undefined
  #clock: ProcessClock | undefined
  #stores: { data?: SimulatedStore; metadata?: SimulatedStore } = {}
  #node: Node | undefined
  #listener: KafkaListener | undefined
  #close: () => Promise<void> = () => Promise.resolve()
  readonly #slowMillis: { data?: number | undefined; metadata?: number | undefined } = {}
  #isServing = false
  #pausedMillis = 0
  /** Called at the next writes and flushes, until it answers that it has seen enough. */
  #onWrite: ((kind: DiskKind, operation: "commit" | "flush") => boolean) | undefined
  /** A disk did not take what it should have, in this life: the node may have asked to be fenced. */
  hasDiskTrouble = false
  lives = 0
  /** When it last stood still, and woke, by the world's clock; undefined in a life in which it never did. */
  stall: { readonly fromMillis: number; readonly toMillis: number } | undefined

  constructor(world: SimulatedWorld, options: MemberOptions) {
    this.#world = world
    this.#options = options
    this.nodeId = options.nodeId
    this.host = `node-${options.nodeId}`
    this.address = options.listen ?? { host: this.host, port: 9092 }
    this.disks = { data: new SimulatedDisk(`${this.host} data`), metadata: new SimulatedDisk(`${this.host} metadata`) }
    this.log = new MemberLog(world.isVerbose, (line) => world.trace.note(`${this.host} ${line}`))
  }

  /** Undefined until its actors are there, and after its end. */
  get node(): Node | undefined {
    return this.#node
  }

  get listener(): KafkaListener | undefined {
    return this.#listener
  }

  /** Requests of clients are answered. */
  get isServing(): boolean {
    return this.#isServing
  }

  get isUp(): boolean {
    return this.#process !== undefined
  }

  get isPaused(): boolean {
    return this.#process !== undefined && this.#process.isPaused
  }

  get clock(): ProcessClock | undefined {
    return this.#clock
  }

  get stores(): { readonly data?: SimulatedStore; readonly metadata?: SimulatedStore } {
    return this.#stores
  }

  /** Resolves when the node serves, which may take as long as the others need. */
  async start(): Promise<void> {
    if (this.#process !== undefined) throw new Error(`assertion: ${this.host} is up`)
    const world = this.#world
    const process = new SimulatedProcess(this.host, world.clock, () => world.touched(this))
    const clock = new ProcessClock(world.clock, process, this.#options.clockError ?? { skewMillis: 0, rate: 1 })
    this.#process = process
    this.#clock = clock
    this.lives++
    const runtime = ManagedRuntime.make(this.#layers(process, clock))
    this.#close = () => runtime.dispose()
    const started = await runtime.runPromiseExit(Clients)
    if (this.#process !== process) return
    if (Exit.isFailure(started)) {
      const cause = Cause.squash(started.cause)
      if (!Cause.hasInterruptsOnly(started.cause)) world.crashed(this, cause instanceof StartError ? cause.cause : cause)
      return
    }
    this.#listener = started.value
    this.#isServing = true
  }

  /** The process is gone at once; what it had not flushed is lost, or was written in the last moment. */
  kill(isPendingWritten = false): void {
    this.#stores.data?.crash(isPendingWritten)
    this.#stores.metadata?.crash(isPendingWritten)
    this.#end()
  }

  /** As `kill`, and disks that lie lose what they only claimed. */
  powerLoss(): void {
    this.#stores.data?.losePower()
    this.#stores.metadata?.losePower()
    this.#end()
  }

  /** The process stands still: no timer fires and no message is taken in, but time goes on. */
  pause(): void {
    if (this.#process === undefined) return
    this.#pausedMillis = this.#world.clock.monotonicMillis()
    this.#process.pause()
  }

  resume(): void {
    if (!this.isPaused) return
    this.stall = { fromMillis: this.#pausedMillis, toMillis: this.#world.clock.monotonicMillis() }
    this.#process?.resume()
  }

  /** In order, as by SIGTERM: what it leads goes to others first. */
  async stop(): Promise<void> {
    const process = this.#process
    if (process === undefined) return
    this.#isServing = false
    await this.#close()
    if (this.#process === process) this.#end()
  }

  wipe(): void {
    this.disks.data.wipe()
    this.disks.metadata.wipe()
  }

  /** For `restoreOldCopy`. */
  saveCopy(): void {
    this.#copies = { data: this.disks.data.copy(), metadata: this.disks.metadata.copy() }
  }

  get hasCopy(): boolean {
    return this.#copies !== undefined
  }

  restoreOldCopy(): void {
    if (this.#copies === undefined) throw new Error(`assertion: ${this.host} has a copy`)
    this.disks.data.restore(this.#copies.data)
    this.disks.metadata.restore(this.#copies.metadata)
    this.#copies = undefined
  }

  /** Hears of each write, when it is handed to the disk and when it is durable, until it answers true. */
  watchWrites(onWrite: (kind: DiskKind, operation: "commit" | "flush") => boolean): void {
    this.#onWrite = onWrite
  }

  /** The next writes fail; the first `writtenCount` of them are durable all the same. */
  failCommits(count: number, writtenCount: number, kind: DiskKind): void {
    this.hasDiskTrouble = true
    this.#stores[kind]?.failCommits(count, writtenCount)
  }

  /** Each flush takes this long; undefined is the usual time. */
  slowFlush(millis: number | undefined, kinds = bothDisks): void {
    for (const kind of kinds) {
      this.#slowMillis[kind] = millis
      this.#stores[kind]?.slowFlushes(millis)
    }
  }

  /** Nothing fits on the disk any more. */
  fillDisk(kinds = bothDisks): void {
    this.hasDiskTrouble = true
    for (const kind of kinds) this.disks[kind].capacityBytes = this.disks[kind].image.bytes
  }

  freeDisk(): void {
    for (const kind of bothDisks) this.disks[kind].capacityBytes = Number.MAX_SAFE_INTEGER
  }

  #end(): void {
    const process = this.#process
    this.#process = undefined
    this.#clock = undefined
    this.#node = undefined
    this.#listener = undefined
    this.#isServing = false
    this.#stores = {}
    this.stall = undefined
    this.#onWrite = undefined
    this.hasDiskTrouble = bothDisks.some((kind) => this.disks[kind].capacityBytes !== Number.MAX_SAFE_INTEGER)
    process?.end()
    this.#world.ended(this)
  }

  /** From here on the world sees the node, and hears of it when it cannot go on. */
  #watch(process: SimulatedProcess) {
    const world = this.#world
    return Effect.gen({ self: this }, function*() {
      const background = yield* Background
      this.#node = yield* NodeService
      world.nodeStarted(this)
      yield* FiberSet.join(background).pipe(
        Effect.onExit((exit) => Effect.sync(() => {
          if (process.isGone || this.#process !== process || Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return
          world.crashed(this, Cause.squash(exit.cause))
        })),
        Effect.ignore,
        Effect.forkScoped
      )
    })
  }

  #layers(process: SimulatedProcess, clock: ProcessClock) {
    const { network, seed } = this.#world
    const random = new SeededRandom(seed * 1_000 + this.nodeId * 100 + this.lives)
    const bus = (kind: BusKind) => network.connect(this.host, kind, process, clock)
    const open = (kind: DiskKind) => Effect.acquireRelease(
      Effect.promise(() => this.#openDirectory(kind, clock, random)),
      (directory) => Effect.promise(() => directory.close())
    )
    return Clients.layer.pipe(
      // A node acts before clients are served, and may do so for long where the controller does not answer.
      Layer.provideMerge(Layer.effectDiscard(this.#watch(process))),
      Layer.provideMerge(NodeService.layer),
      Layer.provideMerge(Layer.effect(Storage, Effect.suspend(() => open("data")))),
      Layer.provideMerge(Layer.effect(MetadataStorage, Effect.suspend(() => open("metadata")))),
      Layer.provideMerge(Layer.effect(Buses, Effect.acquireRelease(
        Effect.sync(() => ({ control: bus("control"), data: bus("data"), join: Peers.join })),
        ({ control, data }) => Effect.promise(() => Promise.all([control.close(), data.close()]))
      ))),
      Layer.provideMerge(Background.layer),
      Layer.provideMerge(simulatedPorts({ clock, random, net: new ProcessNet(this.#world.netOf(this.host, process), process), logger: this.log })),
      Layer.provideMerge(Layer.succeed(Settings, { config: this.#config(), storage: "memory" }))
    )
  }

  #openDirectory(kind: DiskKind, clock: ProcessClock, random: SeededRandom): Promise<LogDirectory> {
    const { directory = smallDirectory, flushMillis, hasPendingReads, isVisibleBeforeDurable } = this.#options
    const disk = this.disks[kind]
    const store = SimulatedStore.open(disk, {
      clock,
      ...(flushMillis === undefined ? {} : { flushMillis }),
      ...(kind === "data" && hasPendingReads === true ? { hasPendingReads } : {}),
      ...(isVisibleBeforeDurable === true ? { isVisibleBeforeDurable } : {}),
      ...(this.#world.isTraced ? { observe: (operation: string, hash: number) => this.#observed(kind, operation, hash) } : {})
    })
    this.#stores[kind] = store
    store.slowFlushes(this.#slowMillis[kind])
    return LogDirectory.open(store, kind === "data" ? directory : metadataDirectoryOptions, {
      clock, random, crc32c: recordCodecs.crc32c, codecs: recordCodecs
    })
  }

  #observed(kind: DiskKind, operation: string, hash: number): void {
    this.#world.trace.store(this.disks[kind].name, operation, hash)
    if ((operation === "commit" || operation === "flush") && this.#onWrite?.(kind, operation) === true) this.#onWrite = undefined
  }

  #config(): BrokerConfig {
    return BrokerConfig.of({
      "node.id": String(this.nodeId),
      "controller.quorum.voters": this.#world.voterIds.join(","),
      "nats.servers": "simulated:4222",
      "listeners": `PLAINTEXT://${this.address.host}:${this.address.port}`,
      "allow.unauthenticated.listeners": "true",
      "group.initial.rebalance.delay.ms": "0",
      ...this.#options.properties
    })
  }
}
