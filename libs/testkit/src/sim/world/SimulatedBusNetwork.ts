import type { Clock } from "@tailrace/runtime"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import { type BusConditions, calmBus } from "./BusConditions.ts"
import type { BusWatcher } from "./BusWatcher.ts"
import { type BusKind, type BusLink, SimulatedBus } from "./SimulatedBus.ts"
import type { SimulatedProcess } from "./SimulatedProcess.ts"
import type { Trace } from "./Trace.ts"

export interface BusNetworkOptions {
  readonly clock: Clock
  readonly random: SeededRandom
  readonly trace: Trace
  /** NATS' own limit. */
  readonly payloadBytesMax?: number
  /** How long a message takes; default 0.2 ms. With 0 it arrives in a later turn, and what is not delayed keeps its order. */
  readonly travelMillis?: number
}

const payloadBytesMaxDefault = 1024 * 1024
const travelMillisDefault = 0.2
const nothing = (): void => {}

/**
 * The servers between the nodes' buses, with everything that NATS may do: lose, repeat, delay and reorder messages, cut one
 * direction between two nodes, hold it up, drop a connection with all that was on its way, be away for everybody at once, and say
 * that nobody is there although somebody is.
 */
export class SimulatedBusNetwork implements BusLink {
  readonly clock: Clock
  readonly trace: Trace
  readonly payloadBytesMax: number
  readonly buses = new Set<SimulatedBus>()
  conditions: BusConditions = calmBus
  watcher: BusWatcher | undefined
  readonly #random: SeededRandom
  readonly #travelMillis: number
  readonly #blocked = new Set<string>()
  readonly #clogged = new Map<string, number>()
  readonly #hidden = new Set<string>()
  /** While the servers are away: what connects meanwhile is offline until then. */
  #awayUntilMillis = -Infinity
  /** Messages that did not arrive, by the reason. */
  readonly lost = { conditions: 0, blocked: 0, connection: 0 }

  constructor(options: BusNetworkOptions) {
    this.clock = options.clock
    this.#random = options.random
    this.trace = options.trace
    this.#travelMillis = options.travelMillis ?? travelMillisDefault
    this.payloadBytesMax = options.payloadBytesMax ?? payloadBytesMaxDefault
  }

  /** A connection of a process, which ends with it. */
  connect(node: string, kind: BusKind, process: SimulatedProcess, clock: Clock): SimulatedBus {
    const bus = new SimulatedBus(node, kind, this, process, clock)
    this.buses.add(bus)
    process.onEnd(() => this.buses.delete(bus))
    const awayMillis = this.#awayUntilMillis - this.clock.monotonicMillis()
    if (awayMillis > 0) bus.disconnect(awayMillis)
    return bus
  }

  /** Nothing gets from one node to the other any more, or nothing of this kind; the opposite direction is another link. */
  block(from: string, to: string, kind?: BusKind): void {
    this.#blocked.add(linkOf(from, to, kind))
  }

  unblock(from: string, to: string, kind?: BusKind): void {
    this.#blocked.delete(linkOf(from, to, kind))
  }

  /** What is sent from now on arrives after this time at the earliest. */
  clog(from: string, to: string, millis: number): void {
    this.#clogged.set(`${from}>${to}`, this.clock.monotonicMillis() + millis)
  }

  /** The connections of a node break: what is on its way to and from it is lost, and the node is offline for a while. */
  drop(node: string, offlineMillis: number, kind?: BusKind): void {
    for (const bus of this.buses) if (bus.node === node && (kind === undefined || bus.kind === kind)) bus.disconnect(offlineMillis)
  }

  /** The servers themselves are away for a while, also for nodes that start meanwhile. */
  pause(millis: number): void {
    this.#awayUntilMillis = this.clock.monotonicMillis() + millis
    for (const bus of this.buses) bus.disconnect(millis)
  }

  /** Whoever asks this node something is told that nobody is there. */
  hide(node: string): void {
    this.#hidden.add(node)
  }

  reveal(node: string): void {
    this.#hidden.delete(node)
  }

  heal(): void {
    this.conditions = calmBus
    this.#blocked.clear()
    this.#clogged.clear()
    this.#hidden.clear()
    this.#awayUntilMillis = -Infinity
    for (const bus of this.buses) bus.reconnect()
  }

  serverOf(subject: string): SimulatedBus | undefined {
    for (const bus of this.buses) {
      if (bus.isConnected && bus.serves(subject)) return this.#hidden.has(bus.node) ? undefined : bus
    }
    return undefined
  }

  requested(from: SimulatedBus, subject: string, payload: Uint8Array): (reply: Uint8Array | undefined) => void {
    return this.watcher?.requested(from.node, subject, payload) ?? nothing
  }

  /** Brings a message from one bus to the other, or not. */
  carry(kind: string, from: SimulatedBus, to: SimulatedBus, subject: string, payload: Uint8Array, arrive: () => void): void {
    if (kind === "message") this.watcher?.published(subject, payload)
    if (from !== to && this.#isBlocked(from, to)) return void this.lost.blocked++
    const { delayMillisMean, duplicationPerMille, lossPerMille } = this.conditions
    const random = this.#random
    const copies = duplicationPerMille > 0 && random.nextInt(1_000) < duplicationPerMille ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      if (lossPerMille > 0 && random.nextInt(1_000) < lossPerMille) {
        this.lost.conditions++
        continue
      }
      const spread = delayMillisMean > 0 ? -Math.log(1 - random.nextFraction()) * delayMillisMean : 0
      this.#deliver(this.#travelMillis + spread, kind, from, to, subject, payload, arrive)
    }
  }

  #isBlocked(from: SimulatedBus, to: SimulatedBus): boolean {
    return this.#blocked.size > 0 && (this.#blocked.has(linkOf(from.node, to.node)) || this.#blocked.has(linkOf(from.node, to.node, from.kind)))
  }

  #deliver(
    delayMillis: number, kind: string, from: SimulatedBus, to: SimulatedBus, subject: string, payload: Uint8Array, arrive: () => void
  ): void {
    const sent = { from: from.connection, to: to.connection }
    const openMillis = (this.#clogged.get(`${from.node}>${to.node}`) ?? 0) - this.clock.monotonicMillis()
    const millis = Math.max(delayMillis, openMillis)
    const deliver = (): void => {
      if (sent.from !== from.connection || sent.to !== to.connection) return void this.lost.connection++
      to.process.enter(() => {
        this.trace.message(kind, from.node, to.node, subject, payload)
        arrive()
      })
    }
    if (millis > 0) this.clock.after(millis, deliver)
    else this.clock.endOfTurn(deliver)
  }
}

const linkOf = (from: string, to: string, kind?: BusKind): string => kind === undefined ? `${from}>${to}` : `${from}>${to} ${kind}`
