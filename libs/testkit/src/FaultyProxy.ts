import type { Clock, Connection, Dialer, Listener, Net } from "@tailrace/runtime"
import { errorAnswers } from "./proxy/errorAnswers.ts"
import { type ConnectionHost, type NextFault, ProxiedConnection } from "./proxy/ProxiedConnection.ts"
import type { HostAndPort } from "./proxy/rewriteAnswer.ts"

export interface FaultyProxyOptions {
  /** Where to listen and how to reach brokers: `NodeNet`, or a simulated network. */
  readonly net: Net & Dialer
  readonly clock: Clock
  /** Brokers, as `host:port`. Others become known by their answers. */
  readonly brokers: ReadonlyArray<string>
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Connections of clients to one broker; default 1,000. */
  readonly connectionsMax?: number
}

const defaults = { host: "127.0.0.1", connectionsMax: 1_000 } as const
const dialMillisMax = 5_000

/**
 * Stands between one client and its brokers, and breaks the client's connections as it is told: cut, delayed, an answer lost after the
 * broker has done its work, or an error instead of an answer. Clients connect to `bootstrapServers` and stay behind the proxy: it
 * understands Kafka's frames, has a port for every broker, and puts that in place of the broker's own address. No TLS, no SASL.
 */
export class FaultyProxy {
  /** How long every answer is held back from now on. */
  delayMillis = 0
  readonly #options: FaultyProxyOptions
  readonly #listeners = new Map<string, Promise<Listener>>()
  readonly #connections = new Set<ProxiedConnection>()
  readonly #faults = new Map<number, Array<NextFault>>()
  readonly #host: ConnectionHost
  #bootstrapServers: ReadonlyArray<string> = []
  #error: unknown
  #isRefusing = false
  #isClosed = false

  private constructor(options: FaultyProxyOptions) {
    this.#options = options
    this.#host = {
      clock: options.clock,
      answerDelayMillis: () => this.delayMillis,
      takeFault: (apiKey) => this.#faults.get(apiKey)?.shift(),
      addressOf: (broker) => this.#addressOf(broker),
      onEnd: (connection) => void this.#connections.delete(connection),
      onError: (error) => {
        this.#error ??= error
      }
    }
  }

  static async start(options: FaultyProxyOptions): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(options)
    try {
      const addresses = await Promise.all(options.brokers.map((broker) => proxy.#addressOf(parse(broker))))
      proxy.#bootstrapServers = addresses.map(({ host, port }) => `${host}:${port}`)
      return proxy
    } catch (error) {
      await proxy.close()
      throw error
    }
  }

  /** Where the client is to connect. */
  get bootstrapServers(): string {
    return this.#bootstrapServers.join(",")
  }

  get openConnections(): number {
    return this.#connections.size
  }

  /** Ends all connections of the client at once; it may connect again. */
  cut(): void {
    for (const connection of this.#connections) connection.cut()
  }

  /** Ends all connections, and every new one, until `accept`. */
  refuse(): void {
    this.#isRefusing = true
    this.cut()
  }

  accept(): void {
    this.#isRefusing = false
  }

  /**
   * The broker gets the next request of an API and does what it says; then the connection ends without an answer.
   * Produce requests that want no acknowledgement are passed over, here and below: there is no answer to them.
   */
  dropNextAnswer(apiKey: number): void {
    this.#add(apiKey, { kind: "drop-answer" })
  }

  /** The next request of an API does not reach the broker and is answered with the code. */
  answerNext(apiKey: number, errorCode: number): void {
    if (!errorAnswers.has(apiKey)) throw new Error(`the proxy cannot answer API ${apiKey} itself`)
    this.#add(apiKey, { kind: "answer", errorCode })
  }

  /** Ends everything. Throws what the proxy did not understand in the meantime. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.cut()
    const listeners = await Promise.allSettled(this.#listeners.values())
    await Promise.all(listeners.map((listener) => listener.status === "fulfilled" ? listener.value.close() : undefined))
    const error = this.#error
    this.#error = undefined
    if (error !== undefined) throw error
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #add(apiKey: number, fault: NextFault): void {
    const faults = this.#faults.get(apiKey)
    if (faults === undefined) this.#faults.set(apiKey, [fault])
    else faults.push(fault)
  }

  /** The proxy's own address for a broker; it begins to listen when it first hears of it. */
  async #addressOf(broker: HostAndPort): Promise<HostAndPort> {
    const { net, host = defaults.host, connectionsMax = defaults.connectionsMax } = this.#options
    const name = `${broker.host}:${broker.port}`
    let listening = this.#listeners.get(name)
    if (listening === undefined) {
      listening = net.listen({ host, port: 0, connectionsMax }, (client) => void this.#connect(client, broker))
      this.#listeners.set(name, listening)
    }
    return { host, port: (await listening).port }
  }

  async #connect(client: Connection, broker: HostAndPort): Promise<void> {
    if (this.#isRefusing || this.#isClosed) return client.destroy()
    // Nothing is read before the broker is there; what a client does meanwhile shows when it is read.
    client.pause()
    let hasEnded = false
    client.onClose = () => {
      hasEnded = true
    }
    let upstream: Connection
    try {
      upstream = await this.#options.net.dial({ ...broker, timeoutMillis: dialMillisMax })
    } catch {
      // A broker that is down looks through the proxy as it does without.
      return client.destroy()
    }
    if (hasEnded || this.#isRefusing || this.#isClosed) {
      client.destroy()
      upstream.destroy()
      return
    }
    this.#connections.add(new ProxiedConnection(this.#host, client, upstream))
    client.resume()
  }
}

const parse = (text: string): HostAndPort => {
  const at = text.lastIndexOf(":")
  const port = Number(text.slice(at + 1))
  if (at < 1 || !(port > 0)) throw new Error(`"${text}" is not host:port`)
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ""), port }
}
