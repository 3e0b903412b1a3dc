import { connect, createServer } from "node:net"
import type { Clock } from "./Clock.ts"
import type { Dialer, DialOptions } from "./Dialer.ts"
import { NodeConnection } from "./internal/NodeConnection.ts"
import { NodeListener } from "./internal/NodeListener.ts"
import type { Connection, Listener, ListenOptions, Net } from "./Net.ts"
import { SystemClock } from "./SystemClock.ts"

export interface NodeNetOptions {
  readonly clock?: Clock
  /** How long a peer may take to read what was written before `close` and to end its own side. */
  readonly closeMillisMax?: number
  /** After this long without traffic the system asks whether the peer still lives. */
  readonly keepAliveMillis?: number
  /** Connections that the system keeps for us until we accept them. */
  readonly backlogConnectionsMax?: number
  /** The first and the longest pause after the system refused to accept. */
  readonly acceptBackoffMillis?: number
  readonly acceptBackoffMillisMax?: number
}

const dialMillisDefault = 10_000

/** TCP by Node. Small writes leave at once (no Nagle delay). */
export class NodeNet implements Net, Dialer {
  readonly #clock: Clock
  readonly #closeMillisMax: number
  readonly #keepAliveMillis: number
  readonly #backlogConnectionsMax: number
  readonly #backoff: { readonly millis: number; readonly millisMax: number }

  constructor(options: NodeNetOptions = {}) {
    this.#clock = options.clock ?? new SystemClock()
    this.#closeMillisMax = options.closeMillisMax ?? 10_000
    this.#keepAliveMillis = options.keepAliveMillis ?? 60_000
    this.#backlogConnectionsMax = options.backlogConnectionsMax ?? 511
    this.#backoff = { millis: options.acceptBackoffMillis ?? 100, millisMax: options.acceptBackoffMillisMax ?? 5_000 }
  }

  listen(options: ListenOptions, onConnection: (connection: Connection) => void): Promise<Listener> {
    const keepAliveInitialDelay = this.#keepAliveMillis
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay, pauseOnConnect: true }, (socket) => {
      onConnection(NodeConnection.ofAccepted(socket, this.#clock, this.#closeMillisMax))
    })
    server.maxConnections = options.connectionsMax
    return new Promise((resolve, reject) => {
      server.once("error", reject)
      server.listen({ host: options.host, port: options.port, backlog: this.#backlogConnectionsMax }, () => {
        server.removeListener("error", reject)
        resolve(new NodeListener(server, this.#clock, this.#backoff))
      })
    })
  }

  dial(options: DialOptions): Promise<Connection> {
    const timeoutMillis = options.timeoutMillis ?? dialMillisDefault
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: options.host,
        port: options.port,
        noDelay: true,
        keepAlive: true,
        keepAliveInitialDelay: this.#keepAliveMillis
      })
      const cancelTimeout = this.#clock.after(timeoutMillis, () => {
        const error = new Error(`${options.host}:${options.port} did not answer within ${timeoutMillis} ms`)
        socket.destroy(Object.assign(error, { code: "ETIMEDOUT" }))
      })
      const fail = (error: Error): void => {
        cancelTimeout()
        reject(error)
      }
      socket.once("error", fail)
      socket.once("connect", () => {
        cancelTimeout()
        socket.removeListener("error", fail)
        resolve(NodeConnection.of(socket, this.#clock, this.#closeMillisMax))
      })
    })
  }
}
