import {
  ApiKey, apiOf, ByteBudget, decodeProduceRequest, decodeRequestHeader, encodeResponseHeader, FrameAssembler, Reader, Writer
} from "@tailrace/kafka-protocol"
import type { Clock, Connection } from "@tailrace/runtime"
import { errorAnswers } from "./errorAnswers.ts"
import { type HostAndPort, isRewritten, rewriteAnswer } from "./rewriteAnswer.ts"

/** What is to be done to the next request of an API. */
export type NextFault = { readonly kind: "drop-answer" } | { readonly kind: "answer"; readonly errorCode: number }

export interface ConnectionHost {
  readonly clock: Clock
  /** How long each answer is held back. */
  answerDelayMillis(): number
  /** Takes the fault that waits for an API, which is then done once. */
  takeFault(apiKey: number): NextFault | undefined
  addressOf(broker: HostAndPort): Promise<HostAndPort>
  onEnd(connection: ProxiedConnection): void
  /** A stream that is no Kafka, or an answer that cannot be changed: the connection ends, and the test is to know why. */
  onError(error: unknown): void
}

/** One request that the client waits for, in its order. */
interface Pending {
  readonly correlationId: number
  readonly apiKey: number
  readonly version: number
  readonly isDropped: boolean
  chunks: ReadonlyArray<Uint8Array> | undefined
  dueMillis: number
}

/** Bytes for one side that it has not taken; beyond, nothing is read from the other. */
const bufferedBytesMax = 8 << 20

/** A client's connection and the one to the broker behind it. Answers leave in the order of the requests, as Kafka's do. */
export class ProxiedConnection {
  readonly #host: ConnectionHost
  readonly #client: Connection
  readonly #broker: Connection
  readonly #pending: Array<Pending> = []
  readonly #requests = framesOf()
  readonly #answers = framesOf()
  #cancelTimer: () => void = () => undefined
  #isEnded = false

  constructor(host: ConnectionHost, client: Connection, broker: Connection) {
    this.#host = host
    this.#client = client
    this.#broker = broker
    client.onData = (chunk) => this.#attempt(() => this.#requests(chunk, (frame) => this.#onRequest(frame)))
    broker.onData = (chunk) => this.#attempt(() => this.#answers(chunk, (frame) => this.#onAnswer(frame)))
    client.onDrain = () => broker.resume()
    broker.onDrain = () => client.resume()
    client.onClose = () => this.cut()
    broker.onClose = () => this.cut()
  }

  /** Ends both sides at once. */
  cut(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#cancelTimer()
    this.#client.destroy()
    this.#broker.destroy()
    this.#host.onEnd(this)
  }

  #attempt(step: () => void): void {
    if (this.#isEnded) return
    try {
      step()
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    this.#host.onError(error)
    this.cut()
  }

  #onRequest(frame: Buffer): void {
    if (this.#isEnded) return
    const reader = new Reader(frame)
    const { apiKey, apiVersion: version, correlationId } = decodeRequestHeader(reader)
    const body = reader.position
    // Nobody answers a produce request that wants no acknowledgement, so that there is nothing to lose or to replace.
    const isAnswered = apiKey !== ApiKey.Produce || apiOf(apiKey) === undefined || decodeProduceRequest(reader, version).acks !== 0
    const fault = isAnswered ? this.#host.takeFault(apiKey) : undefined
    const entry: Pending = {
      correlationId, apiKey, version, isDropped: fault?.kind === "drop-answer", chunks: undefined, dueMillis: 0
    }
    if (fault?.kind === "answer") {
      const writer = new Writer()
      encodeResponseHeader(writer, apiKey, version, correlationId)
      reader.position = body
      errorAnswers.get(apiKey)?.(writer, reader, version, fault.errorCode)
      this.#pending.push(entry)
      this.#answer(entry, writer.finish())
      return
    }
    if (isAnswered) this.#pending.push(entry)
    this.#broker.write([lengthOf(frame), frame])
    if (this.#broker.bufferedBytes > bufferedBytesMax) this.#client.pause()
  }

  #onAnswer(frame: Buffer): void {
    if (this.#isEnded) return
    const correlationId = frame.readInt32BE(0)
    const entry = this.#pending.find((pending) => pending.correlationId === correlationId && pending.chunks === undefined)
    if (entry === undefined) throw new Error(`an answer ${correlationId} without a request`)
    if (entry.isDropped) return this.cut()
    if (!isRewritten(entry.apiKey)) return this.#answer(entry, [lengthOf(frame), frame])
    rewriteAnswer(frame, entry.apiKey, entry.version, (broker) => this.#host.addressOf(broker))
      .then((chunks) => this.#answer(entry, chunks)).catch((error: unknown) => this.#fail(error))
  }

  #answer(entry: Pending, chunks: ReadonlyArray<Uint8Array>): void {
    entry.chunks = chunks
    entry.dueMillis = this.#host.clock.monotonicMillis() + this.#host.answerDelayMillis()
    this.#flush()
  }

  /** Hands out what is first in line and due. */
  #flush(): void {
    this.#cancelTimer()
    for (;;) {
      const first = this.#pending[0]
      if (first?.chunks === undefined || this.#isEnded) return
      const waitMillis = first.dueMillis - this.#host.clock.monotonicMillis()
      if (waitMillis > 0) {
        this.#cancelTimer = this.#host.clock.after(waitMillis, () => this.#flush())
        return
      }
      this.#pending.shift()
      this.#client.write(first.chunks)
      if (this.#client.bufferedBytes > bufferedBytesMax) this.#broker.pause()
    }
  }
}

const lengthOf = (frame: Buffer): Buffer => {
  const length = Buffer.allocUnsafe(4)
  length.writeInt32BE(frame.length)
  return length
}

/** Cuts a stream into frames, without their lengths. */
const framesOf = (): (chunk: Buffer, onFrame: (frame: Buffer) => void) => void => {
  const budget = new ByteBudget()
  const assembler = new FrameAssembler({ budget, areChunksReused: true, frameBytesMin: 4 })
  return (chunk, onFrame) => {
    assembler.push(chunk, (frame) => {
      budget.release(frame.length)
      onFrame(frame)
    })
  }
}
