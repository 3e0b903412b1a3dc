import type { Bus, MessageBytes, MessageHandler, RequestHandler, ServeOptions, SubscribeOptions } from "./Bus.ts"
import { BusClosed, Disconnected, NoResponders, Overloaded, PayloadTooLarge, RequestFailed } from "./BusError.ts"
import { isLastingRefusal } from "./internal/isLastingRefusal.ts"
import { lengthOf } from "./internal/messageBytes.ts"
import { loadNatsLibrary, type NatsLibrary } from "./internal/natsLibrary.ts"
import { NatsLink } from "./internal/NatsLink.ts"
import type { NatsCallback } from "./internal/NatsReader.ts"
import { PendingRequests } from "./internal/PendingRequests.ts"
import { RequestServer, type Answer } from "./internal/RequestServer.ts"
import type { NatsBusOptions, NatsHint } from "./NatsBusOptions.ts"

/** One subject of the connection, with what it takes to say so to the next server too. */
interface Listening {
  readonly subject: string
  readonly receive: NatsCallback
  /** Undefined while there is no connection. */
  stop: (() => void) | undefined
}

interface Subscribers {
  readonly listening: Listening
  readonly handlers: Set<MessageHandler>
}

const dialTimeoutMillisDefault = 1_000
const reconnectWaitMillisDefault = 200
/** How long the wait gets for servers that refuse us for a reason which stays: they are not to be dialled, and log, five times in a second for ever. */
const refusedWaitMillisMax = 5_000
const pingIntervalMillisDefault = 5_000
const pingsMaxDefault = 2
const outboundBytesMaxDefault = 16 * 1024 * 1024
/** How long `close` waits for the server to take what was published before it. */
const flushMillisMax = 250

const failureHeader = "Tailrace-Failure"
/** What a server answers to a request on a subject that nobody listens to. */
const noResponders = "NATS/1.0 503"

/**
 * One node's connection to the NATS servers: one server at a time, the next one of the list when it is lost, for ever.
 * With a connection goes all that waited in it, requests too: nothing leaves or arrives late by the next one. Handlers run
 * straight from the socket and get views of what it read.
 */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions
  readonly #library: NatsLibrary
  readonly #outboundBytesMax: number
  readonly #pending: PendingRequests
  readonly #servers = new Map<string, Listening>()
  readonly #subscribers = new Map<string, Subscribers>()
  readonly #end = new AbortController()
  readonly #connected = Promise.withResolvers<void>()
  #payloadBytesMax = 0
  #link: NatsLink | undefined
  #inbox = ""
  #endWait = (): void => {}
  #running: Promise<void> = Promise.resolve()
  #unsentMessages = 0
  #closing: Promise<void> | undefined

  /**
   * Resolves with the first connection. Without `waitOnFirstConnect` it rejects when no server lets us in, with the last one's
   * reason. `signal` ends the wait and closes the bus, also when it comes just too late for the wait.
   */
  static async connect(options: NatsBusOptions, signal?: AbortSignal): Promise<NatsBus> {
    if (options.servers.length === 0) throw new RangeError("a bus needs a server")
    signal?.throwIfAborted()
    const library = await loadNatsLibrary()
    signal?.throwIfAborted()
    const bus = new NatsBus(options, library)
    signal?.addEventListener("abort", () => {
      bus.#connected.reject(signal.reason)
      void bus.close()
    })
    bus.#running = bus.#run()
    try {
      await bus.#connected.promise
      return bus
    } catch (cause) {
      await bus.close()
      throw cause
    }
  }

  private constructor(options: NatsBusOptions, library: NatsLibrary) {
    this.#options = options
    this.#library = library
    this.#outboundBytesMax = options.outboundBytesMax ?? outboundBytesMaxDefault
    this.#pending = new PendingRequests(options.clock)
  }

  /** As the last server said. */
  get payloadBytesMax(): number {
    return this.#payloadBytesMax
  }

  /** None: handlers are called as messages are read, and a node that reads too slowly is cut off by its server. */
  get droppedMessages(): number {
    return 0
  }

  /** Messages and replies that did not leave, for want of a connection or of room in the outbox. */
  get unsentMessages(): number {
    return this.#unsentMessages
  }

  get isConnected(): boolean {
    return this.#link !== undefined
  }

  request(subject: string, payload: Uint8Array, timeoutMillis: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#checkSend(subject, payload.length)
      const link = this.#link
      if (link === undefined) return reject(new Disconnected(subject, false))
      if (!this.#hasRoom(link, payload.length)) return reject(new Overloaded(subject))
      const id = this.#pending.add(subject, timeoutMillis, resolve, reject)
      link.publish(subject, payload, `${this.#inbox}.${id.toString(36)}`)
    })
  }

  serve(subject: string, handler: RequestHandler, options: ServeOptions = {}): () => void {
    this.#checkSubject(subject)
    if (this.#servers.has(subject)) throw new Error(`${subject} is served already`)
    const server = new RequestServer(subject, handler, options, (_subject, cause) => this.#failed(subject, cause))
    const listening = this.#listen(subject, (payload, inbox) => this.#handle(server, payload, inbox))
    this.#servers.set(subject, listening)
    return () => {
      if (this.#servers.get(subject) !== listening) return
      this.#servers.delete(subject)
      listening.stop?.()
    }
  }

  publish(subject: string, payload: MessageBytes): void {
    const bytes = lengthOf(payload)
    this.#checkSend(subject, bytes)
    const link = this.#link
    if (link !== undefined && this.#hasRoom(link, bytes)) link.publish(subject, payload)
    else this.#unsentMessages++
  }

  subscribe(subject: string, handler: MessageHandler, _options?: SubscribeOptions): () => void {
    this.#checkSubject(subject)
    let subscribers = this.#subscribers.get(subject)
    if (subscribers === undefined) {
      const handlers = new Set<MessageHandler>()
      subscribers = { handlers, listening: this.#listen(subject, (payload, inbox) => this.#deliver(subject, handlers, payload, inbox)) }
      this.#subscribers.set(subject, subscribers)
    }
    const { handlers, listening } = subscribers
    // A function of its own for each call, so that one handler can subscribe twice.
    const own: MessageHandler = (payload) => handler(payload, subject)
    handlers.add(own)
    return () => {
      if (!handlers.delete(own) || handlers.size > 0 || this.#subscribers.get(subject)?.handlers !== handlers) return
      this.#subscribers.delete(subject)
      listening.stop?.()
    }
  }

  /**
   * Leaves the server for the next one of the list. For whoever knows better than the connection that it is worth nothing: a
   * hung server takes 15 s to be noticed by pings.
   */
  reconnectNow(): void {
    this.#link?.destroy("it was left for the next server")
    this.#endWait()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    const link = this.#link
    this.#link = undefined
    this.#servers.clear()
    for (const { handlers } of this.#subscribers.values()) handlers.clear()
    this.#subscribers.clear()
    this.#pending.rejectAll(() => new BusClosed())
    if (link !== undefined) {
      await new Promise<void>((resolve) => {
        const cancel = this.#options.clock.after(flushMillisMax, resolve)
        const done = (): void => {
          cancel()
          resolve()
        }
        link.flush().then(done, done)
      })
      link.destroy("the bus is closed")
    }
    this.#end.abort(new BusClosed())
    this.#endWait()
    await this.#running
  }

  /** Dials, attaches, waits for the end, and again, until the bus is closed. */
  async #run(): Promise<void> {
    const { clock, servers } = this.#options
    let failures = 0
    /** Dials in a row that were refused for good; any other failure may be over in a moment, and then nobody is to wait long. */
    let refusals = 0
    for (let next = 0; this.#closing === undefined; next++) {
      const server = servers[next % servers.length]!
      const dialledMillis = clock.monotonicMillis()
      try {
        const link = await this.#dial(server)
        if (this.#closing === undefined) {
          refusals = 0
          this.#attach(link)
          this.#hint({ kind: "connected", server })
          this.#connected.resolve()
          const cause = await link.closed
          this.#detach(link)
          this.#hint({ kind: "disconnected", server, cause })
        } else link.destroy("the bus is closed")
        // A server that throws us out at once is as good as none.
        failures = clock.monotonicMillis() - dialledMillis > this.#reconnectWaitMillis ? 0 : failures + 1
      } catch (cause) {
        this.#hint({ kind: "refused", server, cause })
        failures++
        refusals = isLastingRefusal(cause, this.#library) ? refusals + 1 : 0
        if (this.#options.waitOnFirstConnect !== true && failures === servers.length) this.#connected.reject(cause)
      }
      if (failures > 0 && failures % servers.length === 0) await this.#wait(this.#waitMillisAfter(Math.floor(refusals / servers.length)))
    }
  }

  async #dial(server: string): Promise<NatsLink> {
    const { name, credentials, payloadBytesMin = 0, tls } = this.#options
    const link = await NatsLink.open({
      library: this.#library,
      server,
      name,
      credentials,
      tls,
      dialTimeoutMillis: this.#options.dialTimeoutMillis ?? dialTimeoutMillisDefault,
      pingIntervalMillis: this.#options.pingIntervalMillis ?? pingIntervalMillisDefault,
      pingsMax: this.#options.pingsMax ?? pingsMaxDefault,
      onError: (cause) => this.#hint({ kind: "error", server, cause })
    }, this.#end.signal)
    const { payloadBytesMax } = link
    if (payloadBytesMax >= payloadBytesMin) return link
    link.destroy("max_payload")
    throw new Error(`its max_payload is ${payloadBytesMax}, and at least ${payloadBytesMin} is needed`)
  }

  get #reconnectWaitMillis(): number {
    return this.#options.reconnectWaitMillis ?? reconnectWaitMillisDefault
  }

  /** Twice as long after each further round of dials that were all refused for good. */
  #waitMillisAfter(refusedRounds: number): number {
    const millis = this.#reconnectWaitMillis
    return refusedRounds < 2 ? millis : Math.max(millis, Math.min(millis * 2 ** (refusedRounds - 1), refusedWaitMillisMax))
  }

  #wait(millis: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#closing !== undefined) return resolve()
      const cancel = this.#options.clock.after(millis, resolve)
      this.#endWait = () => {
        cancel()
        resolve()
      }
    })
  }

  /** The inbox is new with each connection, so that a reply to the one before finds nobody. */
  #attach(link: NatsLink): void {
    this.#link = link
    this.#payloadBytesMax = link.payloadBytesMax
    const inbox = link.createInbox()
    this.#inbox = inbox
    link.subscribe(`${inbox}.*`, (payload, _reply, subject, headers) => {
      if (this.#link === link) this.#settle(parseInt(subject.slice(inbox.length + 1), 36), payload, headers)
    })
    for (const listening of this.#servers.values()) this.#listenOn(link, listening)
    for (const { listening } of this.#subscribers.values()) this.#listenOn(link, listening)
  }

  #detach(link: NatsLink): void {
    if (this.#link !== link) return
    this.#link = undefined
    for (const listening of this.#servers.values()) listening.stop = undefined
    for (const { listening } of this.#subscribers.values()) listening.stop = undefined
    this.#pending.rejectAll((subject) => new Disconnected(subject, true))
  }

  #listen(subject: string, receive: NatsCallback): Listening {
    const listening: Listening = { subject, receive, stop: undefined }
    if (this.#link !== undefined) this.#listenOn(this.#link, listening)
    return listening
  }

  #listenOn(link: NatsLink, listening: Listening): void {
    const { subject, receive } = listening
    listening.stop = link.subscribe(subject, (payload, reply, _subject, headers) => {
      if (this.#link === link) receive(payload, reply, subject, headers)
    })
  }

  #settle(id: number, payload: Buffer, headers: string): void {
    if (headers === "") return this.#pending.resolve(id, payload)
    this.#pending.reject(id, (subject) => {
      if (headers.startsWith(noResponders)) return new NoResponders(subject)
      return headers.includes(`${failureHeader}: Overloaded`) ? new Overloaded(subject) : new RequestFailed(subject)
    })
  }

  /** A message without an inbox is no request. */
  #handle(server: RequestServer, payload: Buffer, inbox: string): void {
    const link = this.#link
    if (inbox === "" || link === undefined) return
    server.handle(payload, this.#payloadBytesMax, (reply) => this.#answer(link, inbox, reply))
  }

  /** A reply of a connection that is no more would find nobody. */
  #answer(link: NatsLink, inbox: string, reply: Answer): void {
    if (this.#closing !== undefined) return
    if (this.#link !== link || !this.#hasRoom(link, reply instanceof Error ? 0 : reply.length)) this.#unsentMessages++
    else if (reply instanceof Error) link.publishHeader(inbox, failureHeader, reply._tag)
    else link.publish(inbox, reply)
  }

  /** A request that reaches a subscriber is no message to it. */
  #deliver(subject: string, handlers: Set<MessageHandler>, payload: Buffer, inbox: string): void {
    if (inbox !== "") return
    for (const handler of handlers) {
      try {
        handler(payload, subject)
      } catch (cause) {
        this.#failed(subject, cause)
      }
    }
  }

  #failed(subject: string, cause: unknown): void {
    this.#options.onHandlerFailure?.(subject, cause)
  }

  #hint(hint: NatsHint): void {
    if (this.#closing !== undefined) return
    try {
      this.#options.onHint?.(hint)
    } catch (cause) {
      // Whoever listens must not be able to end the search for a server.
      this.#failed("onHint", cause)
    }
  }

  #hasRoom(link: NatsLink, bytes: number): boolean {
    return link.outboundBytes + bytes <= this.#outboundBytesMax
  }

  #checkSubject(subject: string): void {
    if (this.#closing !== undefined) throw new BusClosed()
    if (!isSubject.test(subject)) throw new Error(`assertion: ${JSON.stringify(subject)} is a subject without wildcards`)
  }

  #checkSend(subject: string, bytes: number): void {
    this.#checkSubject(subject)
    if (bytes > this.#payloadBytesMax) throw new PayloadTooLarge(subject, bytes, this.#payloadBytesMax)
  }
}

/** No space and no control character, which would end the command on the wire, and no wildcard. */
const isSubject = /^[!-)+-=?-~]+$/
