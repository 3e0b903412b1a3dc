import { readFile } from "node:fs/promises"
import type { ConnectionOptions, Msg, ProtocolHandler, Status } from "@nats-io/transport-node"
import type { NodeTransport } from "@nats-io/transport-node/lib/node_transport.js"
import type { NatsCredentials, NatsTls } from "../NatsBusOptions.ts"
import type { NatsLibrary } from "./natsLibrary.ts"

export interface NatsLinkOptions {
  readonly library: NatsLibrary
  readonly server: string
  readonly name: string
  readonly credentials: NatsCredentials | undefined
  readonly tls: NatsTls | undefined
  readonly dialTimeoutMillis: number
  readonly pingIntervalMillis: number
  readonly pingsMax: number
  readonly onError: (cause: unknown) => void
}

export type NatsCallback = (message: Msg) => void

/**
 * One connection to one server. It never comes back: what waited in it is lost with it, so nothing is delivered
 * late by a second connection. The library's protocol handler is used directly, since its public connection can neither be
 * ended while it dials nor while a hung server has filled the socket.
 */
export class NatsLink {
  readonly server: string
  readonly #library: NatsLibrary
  readonly #handler: ProtocolHandler
  readonly #onError: (cause: unknown) => void

  /** Rejects with the reason, or when `signal` ends the dial; then nothing is left open. */
  static async open(options: NatsLinkOptions, signal: AbortSignal): Promise<NatsLink> {
    const { library } = options
    const authenticator = await authenticatorOf(library, options.credentials)
    const settings: ConnectionOptions = {
      servers: [options.server],
      name: options.name,
      noRandomize: true,
      reconnect: false,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
      timeout: options.dialTimeoutMillis,
      pingInterval: options.pingIntervalMillis,
      maxPingOut: options.pingsMax,
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls, options.server) })
    }
    signal.throwIfAborted()
    const handler = new library.ProtocolHandler(library.parseOptions(settings), nobody)
    const link = new NatsLink(options, handler)
    // A dial that is closed never settles by itself.
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason)
    signal.addEventListener("abort", abort)
    try {
      await Promise.race([handler.dialLoop(), aborted])
      reserveWholePayloads(handler)
      return link
    } catch (cause) {
      link.destroy()
      throw cause
    } finally {
      signal.removeEventListener("abort", abort)
    }
  }

  private constructor(options: NatsLinkOptions, handler: ProtocolHandler) {
    this.server = options.server
    this.#library = options.library
    this.#handler = handler
    this.#onError = options.onError
    void this.#watch()
  }

  /** Resolves with the cause when the connection is no more, whoever ended it. */
  get closed(): Promise<unknown> {
    return this.#handler.closed
  }

  get payloadBytesMax(): number {
    return this.#handler.info?.max_payload ?? 0
  }

  /** Bytes that have not yet reached the kernel. */
  get outboundBytes(): number {
    const { socket } = this.#handler.transport as NodeTransport
    return this.#handler.outbound.size() + (socket?.writableLength ?? 0)
  }

  publish(subject: string, payload: Uint8Array, reply = ""): void {
    if (payload.length < largePayloadBytes) this.#handler.publish(subject, payload, { reply })
    else this.#publishLarge(subject, payload, reply)
  }

  /** The library copies everything together before it writes; a large payload goes to the kernel from where it is. */
  #publishLarge(subject: string, payload: Uint8Array, reply: string): void {
    const { socket } = this.#handler.transport as NodeTransport
    if (socket?.writable !== true) return
    // First what was said before, so that the order stays.
    if (this.#handler.outbound.size() > 0) socket.write(this.#handler.outbound.drain())
    socket.cork()
    socket.write(`PUB ${subject} ${reply}${reply === "" ? "" : " "}${payload.length}\r\n`, "latin1")
    socket.write(payload)
    socket.write("\r\n", "latin1")
    socket.uncork()
  }

  /** A message without bytes, but with one header. */
  publishHeader(subject: string, name: string, value: string): void {
    const headers = this.#library.headers()
    headers.set(name, value)
    this.#handler.publish(subject, new Uint8Array(0), { headers })
  }

  /** The callback must not throw: the library's reader would end without a word. */
  subscribe(subject: string, callback: NatsCallback): () => void {
    const subscription = new this.#library.SubscriptionImpl(this.#handler, subject, {
      callback: (error, message) => {
        if (error === null) callback(message)
        else this.#onError(error)
      }
    })
    this.#handler.subscribe(subscription)
    return () => subscription.unsubscribe()
  }

  /** Resolves when the server has taken everything that was sent before. */
  flush(): Promise<void> {
    return this.#handler.flush()
  }

  createInbox(): string {
    return this.#library.createInbox()
  }

  /** At once, even where the socket takes nothing any more. */
  destroy(): void {
    void this.#handler.close()
    // During a dial the library leaves the socket to itself; its next attempt would have discarded it, but there is none.
    this.#handler.transport?.discard()
  }

  async #watch(): Promise<void> {
    const statuses = new this.#library.QueuedIteratorImpl<Status>()
    this.#handler.listeners.push(statuses)
    for await (const status of statuses) {
      // The library ends a stale connection only after a last write, for which a hung server may never have room.
      if (status.type === "staleConnection") this.destroy()
      else if (status.type === "error") this.#onError(status.error)
    }
  }
}

/** From here on a system call costs less than a copy. */
const largePayloadBytes = 16 * 1024

/**
 * A payload that comes in several chunks: the library's parser doubles a buffer as they arrive, three copies for half a
 * megabyte. With the first chunk the size is known, so the room is made at once.
 */
function reserveWholePayloads({ parser }: ProtocolHandler): void {
  const parse = parser.parse.bind(parser)
  let reserved: unknown
  parser.parse = (chunk) => {
    parse(chunk)
    const { msgBuf, ma } = parser
    if (msgBuf !== undefined && msgBuf !== reserved) msgBuf.grow(Math.max(0, ma.size - msgBuf.length))
    reserved = msgBuf
  }
}

/** The library hands it to messages, so that they can be answered by themselves; ours are answered by the bus. */
const nobody = { publish: (): void => {} }

/** The library names a host to be found in the certificate only where it is no address; for addresses Node looks at `host`. */
function tlsOf(tls: NatsTls, server: string) {
  const host = new URL(`nats://${server.replace(/^\w+:\/\//, "")}`).hostname.replace(/^\[|\]$/g, "")
  return { ...tls, host }
}

async function authenticatorOf(library: NatsLibrary, credentials: NatsCredentials | undefined) {
  if (credentials === undefined) return undefined
  if ("user" in credentials) return library.usernamePasswordAuthenticator(credentials.user, credentials.password)
  if ("nkeySeed" in credentials) return library.nkeyAuthenticator(new TextEncoder().encode(credentials.nkeySeed))
  return library.credsAuthenticator(await readFile(credentials.credsFile))
}
