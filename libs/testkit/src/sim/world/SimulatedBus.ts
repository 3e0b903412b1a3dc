import {
  type Bus, BusClosed, type BusError, Disconnected, type MessageBytes, type MessageHandler, NoResponders, Overloaded, PayloadTooLarge, RequestFailed,
  type RequestHandler, RequestTimeout, type ServeOptions, type SubscribeOptions, wholeOf
} from "@tailrace/bus"
import type { Clock } from "@tailrace/runtime"
import type { SimulatedProcess } from "./SimulatedProcess.ts"

/** What a bus needs of the network that carries its messages. */
export interface BusLink {
  readonly payloadBytesMax: number
  readonly buses: ReadonlySet<SimulatedBus>
  serverOf(subject: string): SimulatedBus | undefined
  /** A request leaves; what is answered hears what became of it. */
  requested(from: SimulatedBus, subject: string, payload: Uint8Array): (reply: Uint8Array | undefined) => void
  carry(kind: string, from: SimulatedBus, to: SimulatedBus, subject: string, payload: Uint8Array, arrive: () => void): void
}

interface Pending {
  readonly subject: string
  readonly resolve: (reply: Buffer) => void
  readonly reject: (error: BusError) => void
  readonly cancel: () => void
  readonly heard: (reply: Uint8Array | undefined) => void
}

interface Served {
  readonly handler: RequestHandler
  readonly requestsMax: number
  requests: number
}

interface Subscription {
  readonly handler: MessageHandler
  readonly messagesMax: number
  isActive: boolean
}

type Reply = Buffer | Overloaded | RequestFailed | NoResponders

const requestsMaxDefault = 1_024
const messagesMaxDefault = 4_096
const nobody = new Uint8Array()

/** What a connection is for; a node has one of each. */
export type BusKind = "control" | "data"

/** One process's connection to the simulated servers. */
export class SimulatedBus implements Bus {
  readonly node: string
  readonly kind: BusKind
  readonly process: SimulatedProcess
  droppedMessages = 0
  /** Another number for each time it was connected: what was sent over an earlier connection does not arrive. */
  connection = 0
  readonly #link: BusLink
  readonly #clock: Clock
  readonly #served = new Map<string, Served>()
  readonly #subscriptions = new Map<string, Set<Subscription>>()
  readonly #pending = new Map<number, Pending>()
  #nextRequest = 0
  #isOffline = false
  #isClosed = false
  #cancelReconnect: () => void = () => undefined

  constructor(node: string, kind: BusKind, link: BusLink, process: SimulatedProcess, clock: Clock) {
    this.node = node
    this.kind = kind
    this.process = process
    this.#link = link
    this.#clock = clock
  }

  get payloadBytesMax(): number {
    return this.#link.payloadBytesMax
  }

  get isConnected(): boolean {
    return !this.#isOffline && !this.#isClosed
  }

  serves(subject: string): boolean {
    return this.#served.has(subject)
  }

  /** Whoever waits for an answer is told, once the process notices. */
  disconnect(offlineMillis: number): void {
    this.connection++
    this.#isOffline = true
    this.#cancelReconnect()
    this.#cancelReconnect = this.#clock.after(offlineMillis, () => this.reconnect())
    this.process.enter(() => this.#rejectAll((subject) => new Disconnected(subject, true)))
  }

  reconnect(): void {
    this.#cancelReconnect()
    this.#isOffline = false
  }

  request(subject: string, payload: Uint8Array, timeoutMillis: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#checkSend(subject, payload)
      const id = this.#nextRequest++
      const cancel = this.#clock.after(timeoutMillis, () => this.#settle(id, new RequestTimeout(subject, timeoutMillis)))
      const heard = this.#link.requested(this, subject, payload)
      this.#pending.set(id, { subject, resolve, reject, cancel, heard })
      if (this.#isOffline) return this.#clock.endOfTurn(() => this.#settle(id, new Disconnected(subject, false)))
      const server = this.#link.serverOf(subject)
      const answer = (reply: Reply, from: SimulatedBus): void =>
        this.#link.carry("reply", from, this, subject, reply instanceof Error ? nobody : reply, () => this.#settle(id, reply))
      // The server's own word; loss can hit it too, as everything.
      if (server === undefined) return answer(new NoResponders(subject), this)
      const bytes = wholeOf(payload)
      this.#link.carry("request", this, server, subject, bytes, () => server.#handle(subject, bytes, (reply) => answer(reply, server)))
    })
  }

  serve(subject: string, handler: RequestHandler, options: ServeOptions = {}): () => void {
    this.#checkOpen()
    if (this.#served.has(subject)) throw new Error(`${subject} is served already`)
    const served: Served = { handler, requestsMax: options.requestsMax ?? requestsMaxDefault, requests: 0 }
    this.#served.set(subject, served)
    return () => {
      if (this.#served.get(subject) === served) this.#served.delete(subject)
    }
  }

  publish(subject: string, payload: MessageBytes): void {
    const bytes = wholeOf(payload)
    this.#checkSend(subject, bytes)
    if (this.#isOffline) return
    for (const bus of this.#link.buses) {
      if (!bus.isConnected || !bus.#subscriptions.has(subject)) continue
      this.#link.carry("message", this, bus, subject, bytes, () => bus.#receive(subject, bytes))
    }
  }

  subscribe(subject: string, handler: MessageHandler, options: SubscribeOptions = {}): () => void {
    this.#checkOpen()
    const subscription: Subscription = { handler, messagesMax: options.messagesMax ?? messagesMaxDefault, isActive: true }
    const subscriptions = this.#subscriptions.get(subject) ?? new Set()
    this.#subscriptions.set(subject, subscriptions.add(subscription))
    return () => {
      subscription.isActive = false
      subscriptions.delete(subscription)
      if (subscriptions.size === 0) this.#subscriptions.delete(subject)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.connection++
    this.#served.clear()
    this.#subscriptions.clear()
    this.#rejectAll(() => new BusClosed())
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new BusClosed()
  }

  #checkSend(subject: string, payload: Uint8Array): void {
    this.#checkOpen()
    if (payload.length > this.payloadBytesMax) throw new PayloadTooLarge(subject, payload.length, this.payloadBytesMax)
  }

  #rejectAll(error: (subject: string) => BusError): void {
    for (const [id, { subject }] of this.#pending) this.#settle(id, error(subject))
  }

  #settle(id: number, reply: Buffer | BusError): void {
    const pending = this.#pending.get(id)
    if (pending === undefined) return
    this.#pending.delete(id)
    pending.cancel()
    pending.heard(reply instanceof Error ? undefined : reply)
    if (reply instanceof Error) pending.reject(reply)
    else pending.resolve(reply)
  }

  #handle(subject: string, payload: Buffer, answer: (reply: Reply) => void): void {
    const served = this.#served.get(subject)
    if (served === undefined) return answer(new NoResponders(subject))
    if (served.requests >= served.requestsMax) return answer(new Overloaded(subject))
    served.requests++
    const replied = (reply: Reply): void => {
      served.requests--
      if (!this.#isClosed && !this.process.isGone) answer(reply)
    }
    const reply = served.handler(payload)
    if (reply instanceof Uint8Array) replied(wholeOf(reply))
    else reply.then((bytes) => replied(wholeOf(bytes)), () => replied(new RequestFailed(subject)))
  }

  #receive(subject: string, payload: Buffer): void {
    for (const subscription of this.#subscriptions.get(subject) ?? []) {
      // A process that stood still finds at most so much of what came meanwhile.
      if (this.process.heldCount > subscription.messagesMax) this.droppedMessages++
      else if (subscription.isActive) subscription.handler(payload, subject)
    }
  }
}
