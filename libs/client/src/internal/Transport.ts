import { connect as connectTcp } from "node:net"
import type { Duplex } from "node:stream"
import type { Connection as DialedConnection } from "@tailrace/runtime"
import { ClientError } from "../ClientError.ts"
import type { HostAndPort, ResolvedClientOptions } from "../ClientOptions.ts"

/** One byte stream to a broker, over whatever it runs. */
export interface Transport {
  /** A chunk is valid inside `onData` only. */
  readonly areChunksReused: boolean
  /** Chunks leave in order. They must not change any more. */
  write(chunks: ReadonlyArray<Uint8Array>): void
  /** Resolves when the system has taken everything written so far, and rejects when it never will. */
  flushed(): Promise<void>
  /** Lets what was written leave, and ends. */
  close(): void
  destroy(): void
  onData: (chunk: Buffer) => void
  /** Called once, with the system's error where there is one. */
  onEnd: (error?: Error) => void
}

/** How long a closed connection may take to hand its last bytes to the system. */
const flushMillisMax = 1_000
const nothing = (): void => undefined

/** A stream of Node: plain TCP, or what `openSocket` answers. */
class SocketTransport implements Transport {
  readonly areChunksReused = false
  onData: (chunk: Buffer) => void = nothing
  onEnd: (error?: Error) => void = nothing
  readonly #socket: Duplex

  constructor(socket: Duplex) {
    this.#socket = socket
    socket.on("data", (chunk: Buffer) => this.onData(chunk))
    socket.on("error", (error: Error) => this.onEnd(error))
    socket.on("close", () => this.onEnd())
  }

  write(chunks: ReadonlyArray<Uint8Array>): void {
    this.#socket.cork()
    for (const chunk of chunks) this.#socket.write(chunk)
    this.#socket.uncork()
  }

  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write("", (error) => error == null ? resolve() : reject(error))
    })
  }

  close(): void {
    const destroy = (): void => void this.#socket.destroy()
    this.#socket.end(destroy)
    setTimeout(destroy, flushMillisMax).unref()
  }

  destroy(): void {
    this.#socket.destroy()
  }
}

/** A connection of the `Dialer` port, which is how a client lives in a simulated network. */
class DialedTransport implements Transport {
  readonly areChunksReused = true
  onData: (chunk: Buffer) => void = nothing
  onEnd: (error?: Error) => void = nothing
  readonly #connection: DialedConnection
  #waiting: Array<{ readonly resolve: () => void; readonly reject: (error: Error) => void }> = []

  constructor(connection: DialedConnection) {
    this.#connection = connection
    connection.onData = (chunk) => this.onData(chunk)
    connection.onDrain = () => {
      for (const { resolve } of this.#waiting.splice(0)) resolve()
    }
    connection.onClose = (error) => {
      for (const { reject } of this.#waiting.splice(0)) reject(error ?? new Error("the connection ended"))
      this.onEnd(error)
    }
  }

  write(chunks: ReadonlyArray<Uint8Array>): void {
    this.#connection.write(chunks)
  }

  flushed(): Promise<void> {
    if (this.#connection.bufferedBytes === 0) return Promise.resolve()
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  close(): void {
    this.#connection.close()
  }

  destroy(): void {
    this.#connection.destroy()
  }
}

type TransportOptions = Pick<ResolvedClientOptions, "openSocket" | "dialer" | "timing" | "connectTimeoutMillis">

/** Begins a connection. What fails later on the way ends the transport; a dialer's refusal rejects with `ClientError`. */
export const openTransport = async (server: HostAndPort, options: TransportOptions, signal?: AbortSignal): Promise<Transport> => {
  const { host, port } = server
  const { dialer, openSocket, timing, connectTimeoutMillis } = options
  if (openSocket !== undefined) return new SocketTransport(openSocket(host, port))
  if (dialer === undefined) return new SocketTransport(connectTcp({ host, port, noDelay: true, keepAlive: true }))
  const dialing = dialer.dial({ host, port, timeoutMillis: connectTimeoutMillis })
  try {
    return new DialedTransport(await timing.within(dialing, { signal }, `connection to ${host}:${port}`))
  } catch (cause) {
    // Who gave up waiting must not leave a connection behind that comes about later.
    dialing.then((connection) => connection.destroy(), nothing)
    if (signal?.aborted === true) throw cause
    throw new ClientError("disconnected", `${host}:${port}: ${(cause as Error).message}`, { cause })
  }
}
