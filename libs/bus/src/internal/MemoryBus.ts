import type { Clock } from "@tailrace/runtime"
import type { Bus, MessageBytes, MessageHandler, RequestHandler, ServeOptions, SubscribeOptions } from "../Bus.ts"
import { BusClosed, NoResponders, PayloadTooLarge } from "../BusError.ts"
import type { Passage } from "../BusFaults.ts"
import { bufferOf } from "./bufferOf.ts"
import { wholeOf } from "./messageBytes.ts"
import { PendingRequests } from "./PendingRequests.ts"
import { RequestServer, type Answer } from "./RequestServer.ts"

/** What the connections of one hub share. */
export interface MemoryNetwork {
  readonly clock: Clock
  readonly payloadBytesMax: number
  readonly buses: Set<MemoryBus>
  readonly onHandlerFailure: (subject: string, cause: unknown) => void
  carry(passage: Passage, arrive: () => void): void
}

interface Subscriber {
  readonly handler: MessageHandler
  readonly messagesMax: number
  readonly waiting: Array<Buffer>
  isActive: boolean
}

type Reply = Answer | NoResponders

const messagesMaxDefault = 4_096

/** One node's connection to a hub. */
export class MemoryBus implements Bus {
  readonly node: string
  readonly payloadBytesMax: number
  droppedMessages = 0
  readonly #network: MemoryNetwork
  readonly #servers = new Map<string, RequestServer>()
  readonly #subscribers = new Map<string, Set<Subscriber>>()
  readonly #pending: PendingRequests
  #isClosed = false

  constructor(node: string, network: MemoryNetwork) {
    this.node = node
    this.payloadBytesMax = network.payloadBytesMax
    this.#network = network
    this.#pending = new PendingRequests(network.clock)
    network.buses.add(this)
  }

  request(subject: string, payload: Uint8Array, timeoutMillis: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#checkSend(subject, payload)
      const id = this.#pending.add(subject, timeoutMillis, resolve, reject)
      const server = this.#findServer(subject)
      if (server === undefined) {
        // Loss can hit this word too, but then no time-out would be left to test.
        this.#network.clock.endOfTurn(() => this.#settle(id, new NoResponders(subject)))
        return
      }
      const passage: Passage = { from: this.node, to: server.node, subject, kind: "request", payloadBytes: payload.length }
      const bytes = bufferOf(payload)
      this.#network.carry(passage, () => {
        server.#handle(subject, bytes, (reply) => {
          const payloadBytes = reply instanceof Error ? 0 : reply.length
          const back: Passage = { from: server.node, to: this.node, subject, kind: "reply", payloadBytes }
          this.#network.carry(back, () => this.#settle(id, reply))
        })
      })
    })
  }

  serve(subject: string, handler: RequestHandler, options: ServeOptions = {}): () => void {
    this.#checkOpen()
    if (this.#servers.has(subject)) throw new Error(`${subject} is served already`)
    const server = new RequestServer(subject, handler, options, this.#network.onHandlerFailure)
    this.#servers.set(subject, server)
    return () => {
      if (this.#servers.get(subject) === server) this.#servers.delete(subject)
    }
  }

  publish(subject: string, payload: MessageBytes): void {
    const bytes = wholeOf(payload)
    this.#checkSend(subject, bytes)
    for (const bus of this.#network.buses) {
      if (!bus.#subscribers.has(subject)) continue
      const passage: Passage = { from: this.node, to: bus.node, subject, kind: "message", payloadBytes: bytes.length }
      this.#network.carry(passage, () => bus.#receive(subject, bytes))
    }
  }

  subscribe(subject: string, handler: MessageHandler, options: SubscribeOptions = {}): () => void {
    this.#checkOpen()
    const subscriber: Subscriber = { handler, messagesMax: options.messagesMax ?? messagesMaxDefault, waiting: [], isActive: true }
    const subscribers = this.#subscribers.get(subject) ?? new Set()
    this.#subscribers.set(subject, subscribers.add(subscriber))
    return () => {
      subscriber.isActive = false
      subscribers.delete(subscriber)
      if (subscribers.size === 0 && this.#subscribers.get(subject) === subscribers) this.#subscribers.delete(subject)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#network.buses.delete(this)
    this.#servers.clear()
    for (const subscribers of this.#subscribers.values()) for (const subscriber of subscribers) subscriber.isActive = false
    this.#subscribers.clear()
    this.#pending.rejectAll(() => new BusClosed())
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new BusClosed()
  }

  #checkSend(subject: string, payload: Uint8Array): void {
    this.#checkOpen()
    if (payload.length > this.payloadBytesMax) throw new PayloadTooLarge(subject, payload.length, this.payloadBytesMax)
  }

  #findServer(subject: string): MemoryBus | undefined {
    for (const bus of this.#network.buses) if (bus.#servers.has(subject)) return bus
    return undefined
  }

  #settle(id: number, reply: Reply): void {
    if (reply instanceof Error) this.#pending.reject(id, () => reply)
    else this.#pending.resolve(id, reply)
  }

  #handle(subject: string, payload: Buffer, answer: (reply: Reply) => void): void {
    // A node that is gone says nothing at all.
    if (this.#isClosed) return
    const server = this.#servers.get(subject)
    if (server === undefined) return answer(new NoResponders(subject))
    server.handle(payload, this.payloadBytesMax, (reply) => {
      if (!this.#isClosed) answer(reply)
    })
  }

  /** Subscribers get their messages in a turn of their own, so that one that publishes cannot starve the rest. */
  #receive(subject: string, payload: Buffer): void {
    for (const subscriber of this.#subscribers.get(subject) ?? []) {
      if (subscriber.waiting.length >= subscriber.messagesMax) {
        this.droppedMessages++
        continue
      }
      subscriber.waiting.push(payload)
      if (subscriber.waiting.length === 1) this.#network.clock.endOfTurn(() => this.#drain(subject, subscriber))
    }
  }

  #drain(subject: string, subscriber: Subscriber): void {
    for (const payload of subscriber.waiting.splice(0)) {
      if (!subscriber.isActive) return
      try {
        subscriber.handler(payload, subject)
      } catch (cause) {
        this.#network.onHandlerFailure(subject, cause)
      }
    }
  }
}
