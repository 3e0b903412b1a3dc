import { readFile } from "node:fs/promises"
import { isIP } from "node:net"
import type { ConnectionOptions, Parser, ProtocolHandler, Status } from "@nats-io/transport-node"
import type { NodeTransport } from "@nats-io/transport-node/lib/node_transport.js"
import type { NatsCredentials, NatsTls } from "../NatsBusOptions.ts"
import type { MessageBytes } from "../Bus.ts"
import { lengthOf, wholeOf } from "./messageBytes.ts"
import type { NatsLibrary } from "./natsLibrary.ts"
import { NatsReader, type NatsCallback } from "./NatsReader.ts"

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
  readonly #reader = new NatsReader((line) => this.#parser?.parse(line))
  #parser: Parser | undefined
  /** Why this side ended it. */
  #left: Error | undefined

  /** Rejects with the reason, or when `signal` ends the dial; then nothing is left open. */
  static async open(options: NatsLinkOptions, signal: AbortSignal): Promise<NatsLink> {
    const { library } = options
    const authenticator = await authenticatorOf(library, options.credentials)
    const host = hostOf(options.server)
    const settings: ConnectionOptions = {
      servers: [options.server],
      name: options.name,
      noRandomize: true,
      reconnect: false,
      ignoreClusterUpdates: true,
      noAsyncTraces: true,
      // The library looks a name up outside of its time-out, and dials what it finds even when it was closed meanwhile. The socket
      // does it by itself.
      resolve: false,
      timeout: options.dialTimeoutMillis,
      pingInterval: options.pingIntervalMillis,
      maxPingOut: options.pingsMax,
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls, host) })
    }
    signal.throwIfAborted()
    const handler = new library.ProtocolHandler(library.parseOptions(settings), nobody)
    // As the library does for a name that it has looked up.
    if (isIP(host) === 0) handler.servers.getCurrentServer().tlsName = host
    const link = new NatsLink(options, handler)
    // A dial that is closed never settles by itself.
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const abort = (): void => reject(signal.reason)
    signal.addEventListener("abort", abort)
    try {
      library.useTransport()
      await Promise.race([handler.dialLoop(), aborted])
      link.#takeOverReading()
      return link
    } catch (cause) {
      link.destroy("the dial failed")
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
    return this.#handler.closed.then((cause) => this.#left ?? cause ?? new Error("the server ended it"))
  }

  get payloadBytesMax(): number {
    return this.#handler.info?.max_payload ?? 0
  }

  /** Bytes that have not yet reached the kernel. */
  get outboundBytes(): number {
    const { socket } = this.#handler.transport as NodeTransport
    return this.#handler.outbound.size() + (socket?.writableLength ?? 0)
  }

  publish(subject: string, payload: MessageBytes, reply = ""): void {
    const bytes = lengthOf(payload)
    if (bytes < largePayloadBytes) this.#handler.publish(subject, wholeOf(payload), { reply })
    else this.#publishLarge(subject, payload, bytes, reply)
  }

  /** The library copies everything together before it writes; a large payload goes to the kernel from where it is. */
  #publishLarge(subject: string, payload: MessageBytes, bytes: number, reply: string): void {
    const { socket } = this.#handler.transport as NodeTransport
    if (socket?.writable !== true) return
    // First what was said before, so that the order stays.
    if (this.#handler.outbound.size() > 0) socket.write(this.#handler.outbound.drain())
    socket.cork()
    socket.write(`PUB ${subject} ${reply}${reply === "" ? "" : " "}${bytes}\r\n`, "latin1")
    for (const part of payload instanceof Uint8Array ? [payload] : payload) socket.write(part)
    socket.write("\r\n", "latin1")
    socket.uncork()
  }

  /** A message without bytes, but with one header. */
  publishHeader(subject: string, name: string, value: string): void {
    const headers = this.#library.headers()
    headers.set(name, value)
    this.#handler.publish(subject, new Uint8Array(0), { headers })
  }

  /** A callback that throws ends the connection. */
  subscribe(subject: string, callback: NatsCallback): () => void {
    const subscription = new this.#library.SubscriptionImpl(this.#handler, subject, {
      // The reader has messages of its own; the library calls only when the server refuses the subject.
      callback: (error) => this.#onError(error)
    })
    this.#handler.subscribe(subscription)
    this.#reader.on(subscription.sid, callback)
    return () => {
      this.#reader.off(subscription.sid)
      subscription.unsubscribe()
    }
  }

  /** Resolves when the server has taken everything that was sent before. */
  flush(): Promise<void> {
    return this.#handler.flush()
  }

  createInbox(): string {
    return this.#library.createInbox()
  }

  /** At once, even where the socket takes nothing any more. */
  destroy(reason: string): void {
    this.#left ??= new Error(reason)
    void this.#handler.close()
    // A socket that is still being dialled the library leaves to its next attempt, and there is none.
    this.#handler.transport?.discard()
  }

  #takeOverReading(): void {
    const { parser } = this.#handler
    if (parser.state !== this.#library.State.OP_START) throw new Error("the server's greeting came in pieces")
    this.#parser = parser
    const parse = (chunk: Buffer): void => {
      try {
        this.#reader.parse(chunk)
      } catch (cause) {
        // Where the next line begins is not known any more.
        this.#onError(cause)
        this.destroy("the server sent what is no message")
      }
    }
    // Of the parser the library uses this method only.
    this.#handler.parser = { parse } as unknown as Parser
  }

  async #watch(): Promise<void> {
    const statuses = new this.#library.QueuedIteratorImpl<Status>()
    this.#handler.listeners.push(statuses)
    for await (const status of statuses) {
      // The library ends a stale connection only after a last write, for which a hung server may never have room.
      if (status.type === "staleConnection") this.destroy(this.#handler.lastError?.message ?? "the server does not answer pings")
      else if (status.type === "error") this.#onError(status.error)
    }
  }
}

/** From here on a system call costs less than a copy. */
const largePayloadBytes = 16 * 1024

/** The library hands it to messages, so that they can be answered by themselves; ours are answered by the bus. */
const nobody = { publish: (): void => {} }

/** An address without brackets, or a name. */
function hostOf(server: string): string {
  return new URL(`nats://${server.replace(/^\w+:\/\//, "")}`).hostname.replace(/^\[|\]$/g, "")
}

/** What is to be found in the certificate: the library tells Node only names; for addresses Node looks at `host`. */
function tlsOf(tls: NatsTls, host: string) {
  return { ...tls, host }
}

async function authenticatorOf(library: NatsLibrary, credentials: NatsCredentials | undefined) {
  if (credentials === undefined) return undefined
  if ("user" in credentials) return library.usernamePasswordAuthenticator(credentials.user, credentials.password)
  if ("nkeySeed" in credentials) return library.nkeyAuthenticator(new TextEncoder().encode(credentials.nkeySeed))
  const { credsFile } = credentials
  const authenticator = library.credsAuthenticator(await readFile(credsFile))
  try {
    // The library reads them only when a server asks, and then says not of which file it speaks.
    authenticator()
  } catch (cause) {
    throw new Error(`${credsFile}: ${(cause as Error).message}`, { cause })
  }
  return authenticator
}
