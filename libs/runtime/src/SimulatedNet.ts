import type { Clock } from "./Clock.ts"
import type { Dialer, DialOptions } from "./Dialer.ts"
import { SimulatedConnection, type Wire } from "./internal/SimulatedConnection.ts"
import type { Connection, Listener, ListenOptions, Net } from "./Net.ts"
import type { Random } from "./Random.ts"

export interface SimulatedNetOptions {
  readonly clock: Clock
  /** Cuts and joins what was written at random places; without it every write arrives whole. */
  readonly random?: Random
  /** How long bytes travel; may be set later too. */
  readonly delayMillis?: (from: string, to: string) => number
  /** Bytes that may be on their way in one direction before a writer has to wait. */
  readonly windowBytes?: number
  readonly closeMillisMax?: number
}

interface Bound {
  readonly options: ListenOptions
  readonly accept: (connection: Connection) => void
  readonly open: Set<SimulatedConnection>
}

const loopback = "127.0.0.1"
const dialMillisDefault = 10_000
const firstPort = 49_152

/**
 * A network in memory, seen from one host; `at` gives the view from another host of the same network.
 * Whatever address `listen` names, a listener is reached under the name of its host. Bytes of a connection are
 * never lost or reordered, as in TCP: a fault delays them, stops them for a while, or resets the connection.
 */
export class SimulatedNet implements Net, Dialer {
  readonly host: string
  readonly #network: Network

  constructor(options: SimulatedNetOptions | { readonly network: Network; readonly host: string }) {
    this.#network = "network" in options ? options.network : new Network(options)
    this.host = "network" in options ? options.host : loopback
  }

  at(host: string): SimulatedNet {
    return new SimulatedNet({ network: this.#network, host })
  }

  async listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    return this.#network.listen(this.host, options, onConnection)
  }

  dial(options: DialOptions): Promise<Connection> {
    const isSelf = options.host === "localhost" || options.host === loopback
    return this.#network.dial(this.host, { ...options, host: isSelf ? this.host : options.host })
  }

  /** Changes how long bytes travel that are written from now on. */
  setDelay(delayMillis: (from: string, to: string) => number): void {
    this.#network.delayMillis = delayMillis
  }

  /** Nothing arrives between the two hosts until `heal`; connections stay open and what is written waits. */
  partition(a: string, b: string): void {
    this.#network.partition(a, b)
  }

  /** Ends what `partition` did between the two hosts; without hosts, everywhere. */
  heal(a?: string, b?: string): void {
    this.#network.heal(a, b)
  }

  /** Resets every connection between the two hosts; without a second host, every connection of the first. */
  cut(a: string, b?: string): void {
    this.#network.cut(a, b)
  }

  get openConnections(): number {
    return this.#network.connections.size / 2
  }
}

class Network implements Wire {
  readonly clock: Clock
  readonly random: Random | undefined
  readonly windowBytes: number
  readonly closeMillisMax: number
  delayMillis: (from: string, to: string) => number
  readonly connections = new Set<SimulatedConnection>()
  readonly #listeners = new Map<string, Bound>()
  readonly #partitioned = new Set<string>()
  #waitingDials: Array<() => void> = []
  #nextPort = firstPort

  constructor(options: SimulatedNetOptions) {
    this.clock = options.clock
    this.random = options.random
    this.delayMillis = options.delayMillis ?? (() => 0)
    this.windowBytes = options.windowBytes ?? 256 * 1024
    this.closeMillisMax = options.closeMillisMax ?? 10_000
  }

  listen(host: string, options: ListenOptions, accept: (connection: Connection) => void): Listener {
    const port = options.port === 0 ? this.#nextPort++ : options.port
    const name = `${host}:${port}`
    if (this.#listeners.has(name)) throw systemError("EADDRINUSE", `${name} is taken (simulated)`)
    const bound: Bound = { options, accept, open: new Set() }
    this.#listeners.set(name, bound)
    return {
      host,
      port,
      close: async () => {
        if (this.#listeners.get(name) === bound) this.#listeners.delete(name)
      }
    }
  }

  dial(host: string, options: DialOptions): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const timeoutMillis = options.timeoutMillis ?? dialMillisDefault
      let isWaiting = true
      const cancelTimeout = this.clock.after(timeoutMillis, () => {
        isWaiting = false
        reject(systemError("ETIMEDOUT", `${options.host}:${options.port} did not answer within ${timeoutMillis} ms`))
      })
      const attempt = (): void => {
        if (!isWaiting) return
        if (this.isPartitioned(host, options.host)) {
          this.#waitingDials.push(attempt)
          return
        }
        isWaiting = false
        cancelTimeout()
        const bound = this.#listeners.get(`${options.host}:${options.port}`)
        if (bound === undefined) reject(systemError("ECONNREFUSED", `${options.host}:${options.port} (simulated)`))
        else resolve(this.#connect(host, options, bound))
      }
      this.clock.after(this.delayMillis(host, options.host), attempt)
    })
  }

  #connect(host: string, options: DialOptions, bound: Bound): Connection {
    const { near, far } = SimulatedConnection.pair(this, { host, port: this.#nextPort++ }, options)
    this.connections.add(near).add(far)
    if (bound.open.size >= bound.options.connectionsMax) {
      far.destroy()
    } else {
      bound.open.add(far)
      bound.accept(far)
    }
    return near
  }

  forget(connection: SimulatedConnection): void {
    this.connections.delete(connection)
    for (const bound of this.#listeners.values()) bound.open.delete(connection)
  }

  isPartitioned(from: string, to: string): boolean {
    return this.#partitioned.has(linkName(from, to))
  }

  partition(a: string, b: string): void {
    this.#partitioned.add(linkName(a, b))
  }

  heal(a?: string, b?: string): void {
    if (a === undefined || b === undefined) this.#partitioned.clear()
    else this.#partitioned.delete(linkName(a, b))
    for (const connection of this.connections) connection.scheduleDeliver()
    for (const attempt of this.#waitingDials.splice(0)) this.clock.endOfTurn(attempt)
  }

  cut(a: string, b: string | undefined): void {
    for (const connection of this.connections) {
      if (connection.localAddress === a && (b === undefined || connection.remoteAddress === b)) connection.reset()
    }
  }
}

const linkName = (a: string, b: string): string => (a < b ? `${a}|${b}` : `${b}|${a}`)

const systemError = (code: string, message: string): Error => Object.assign(new Error(`${code}: ${message}`), { code })
