import type { Broker } from "@tailrace/contracts"
import { ByteBudget } from "@tailrace/kafka-protocol"
import type { Clock, Connection, Listener, Logger, Net, Random } from "@tailrace/runtime"
import { AnswerBudget } from "./internal/AnswerBudget.ts"
import { ClientConnection } from "./internal/ClientConnection.ts"
import { servedApis } from "./internal/dispatch.ts"
import { FetchSessions } from "./internal/FetchSessions.ts"
import type { ListenerContext } from "./internal/ListenerContext.ts"
import { defaultListenerLimits, type ListenerLimits } from "./ListenerLimits.ts"
import { ListenerMetrics } from "./ListenerMetrics.ts"

export interface KafkaListenerOptions {
  readonly net: Net
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly limits?: Partial<ListenerLimits>
  /** Where to listen, by listener name. Port 0 lets the operating system choose. */
  readonly addresses: ReadonlyArray<ListenAddress>
}

export interface ListenAddress {
  readonly name: string
  /** `localhost` stands for both loopback addresses, 127.0.0.1 and ::1 where the machine has it. */
  readonly host: string
  readonly port: number
}

const sweepMillis = 1_000
const sessionEvictionMillisMin = 120_000
/** How long `close` lets requests in flight finish. */
const drainMillisMax = 5_000
/** How long it then lets clients take their answers and end their side. */
const finishMillisMax = 1_000

/**
 * Serves the Kafka protocol on TCP: cuts frames, decodes requests, hands them to the node's actors and answers in
 * order. It decides nothing about topics, records or groups.
 *
 * Binding comes before serving, because a node registers with the ports it really got: connections that arrive between
 * the two wait unread.
 */
export class KafkaListener {
  /** Where the listeners really are, one for each that was asked for. */
  readonly addresses: ReadonlyArray<ListenAddress>
  readonly metrics = new ListenerMetrics()
  readonly #options: KafkaListenerOptions
  readonly #limits: ListenerLimits
  readonly #listeners: ReadonlyArray<Listener>
  readonly #connections = new Set<ClientConnection>()
  /** With the name of their listener. At most as many as the listeners take at all. */
  readonly #unserved = new Map<Connection, string>()
  #context: ListenerContext | undefined
  #cancelSweep: () => void = () => undefined

  private constructor(options: KafkaListenerOptions, limits: ListenerLimits, listeners: ReadonlyArray<Listener>, addresses: ReadonlyArray<ListenAddress>) {
    this.#options = options
    this.#limits = limits
    this.#listeners = listeners
    this.addresses = addresses
  }

  /** Binds every address or none. Rejects with the system's error, for example EADDRINUSE. */
  static async bind(options: KafkaListenerOptions): Promise<KafkaListener> {
    const limits = { ...defaultListenerLimits, ...options.limits }
    const accepted: Array<readonly [string, Connection]> = []
    let accept = (name: string, connection: Connection): void => {
      accepted.push([name, connection])
    }
    const listeners: Array<Listener> = []
    const addresses: Array<ListenAddress> = []
    try {
      for (const { host, name, port } of options.addresses) {
        const bound = await bindAddress(options.net, host, port, limits.connectionsMax, (connection) => accept(name, connection))
        listeners.push(...bound)
        addresses.push({ name, host, port: bound[0]!.port })
      }
    } catch (cause) {
      await Promise.all(listeners.map((listener) => listener.close()))
      throw cause
    }
    const listener = new KafkaListener(options, limits, listeners, addresses)
    accept = (name, connection) => listener.#accept(name, connection)
    for (const [name, connection] of accepted) accept(name, connection)
    return listener
  }

  /** From here on requests are answered. */
  serve(broker: Broker): void {
    const { clock, logger, random } = this.#options
    const limits = this.#limits
    this.#context = {
      servedApis,
      broker,
      clock,
      random,
      logger,
      limits,
      metrics: this.metrics,
      frameBudget: new ByteBudget(limits.frameBytesInFlightMax),
      parkedBudget: new ByteBudget(limits.parkedBytesMax),
      answerBudget: new AnswerBudget(limits.answerBytesMax),
      fetchSessions: new FetchSessions({
        sessionsMax: limits.fetchSessionsMax,
        partitionsMax: limits.fetchSessionPartitionsMax,
        evictionMillisMin: sessionEvictionMillisMin
      }, random)
    }
    const unserved = [...this.#unserved]
    this.#unserved.clear()
    for (const [connection, name] of unserved) {
      connection.resume()
      this.#accept(name, connection)
    }
    this.#sweepLater()
  }

  /** Bytes of requests that were read and are not answered, over all connections. */
  get frameBytesInFlight(): number {
    return this.#context === undefined ? 0 : this.#context.frameBudget.bytesUsed + this.#context.parkedBudget.bytesUsed
  }

  /** Bytes that fetches may bring, or have brought and their peers have not read, over all connections. */
  get answerBytesInFlight(): number {
    return this.#context === undefined ? 0 : this.#context.answerBudget.bytesUsed
  }

  #accept(name: string, connection: Connection): void {
    const context = this.#context
    if (context === undefined) {
      connection.pause()
      this.#unserved.set(connection, name)
      // Nobody would hear later that it is gone.
      connection.onClose = () => void this.#unserved.delete(connection)
      return
    }
    this.metrics.connections++
    this.metrics.connectionsAccepted++
    this.#connections.add(new ClientConnection(context, connection, name, (ended) => {
      this.metrics.connections--
      this.#connections.delete(ended)
    }))
  }

  /** Accepts nobody any more, lets requests in flight finish for a while, then closes every connection. */
  async close(): Promise<void> {
    this.#cancelSweep()
    const stopped = Promise.all(this.#listeners.map((listener) => listener.close()))
    await this.#drained()
    for (const connection of this.#unserved.keys()) connection.destroy()
    const open = [...this.#connections]
    const cancel = this.#options.clock.after(finishMillisMax, () => {
      for (const connection of open) connection.destroy()
    })
    await Promise.all([stopped, ...open.map((connection) => connection.finish())])
    cancel()
  }

  /** Resolves when every request that was read is answered, or after a while. */
  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(drainMillisMax, resolve)
      const drained = [...this.#connections].map((connection) => connection.drain())
      void Promise.all(drained).then(() => {
        cancel()
        resolve()
      })
    })
  }

  #sweepLater(): void {
    this.#cancelSweep = this.#options.clock.after(sweepMillis, () => {
      this.#sweep()
      this.#sweepLater()
    })
  }

  #sweep(): void {
    const limits = this.#limits
    const now = this.#options.clock.monotonicMillis()
    for (const connection of this.#connections) {
      const isSlowToStart = !connection.hasSentRequest && now - connection.acceptedAtMillis > limits.firstRequestMillisMax
      const isIdle = connection.requestsInFlight === 0 && now - connection.lastRequestAtMillis > limits.idleMillisMax
      if (!isSlowToStart && !isIdle) continue
      this.metrics.closedForIdleness++
      connection.close(isSlowToStart ? "no request in time" : "idle for too long")
    }
  }
}

/** Binds one address; `localhost` binds both loopback addresses to the same port, the second where there is one. */
async function bindAddress(
  net: Net,
  host: string,
  port: number,
  connectionsMax: number,
  onConnection: (connection: Connection) => void
): Promise<ReadonlyArray<Listener>> {
  if (host !== "localhost") return [await net.listen({ host, port, connectionsMax }, onConnection)]
  const first = await net.listen({ host: "127.0.0.1", port, connectionsMax }, onConnection)
  try {
    return [first, await net.listen({ host: "::1", port: first.port, connectionsMax }, onConnection)]
  } catch (cause) {
    const { code } = cause as { readonly code?: string }
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return [first]
    await first.close()
    throw cause
  }
}
