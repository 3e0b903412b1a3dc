import {
  ApiKey,
  apiOf,
  decodeRequestHeader,
  FrameAssembler,
  ProtocolError,
  Reader,
  type RequestHeader
} from "@tailrace/kafka-protocol"
import type { Connection } from "@tailrace/runtime"
import { Call, type CallOrigin, type CallSink } from "./Call.ts"
import { handlerOf } from "./dispatch.ts"
import { FetchLane } from "./FetchLane.ts"
import { answerUnknownApiVersionsVersion } from "./handlers/apiVersions.ts"
import type { ListenerContext } from "./ListenerContext.ts"
import { ResponseQueue, type ResponseSlot } from "./ResponseQueue.ts"

/**
 * One client's connection. Requests are decoded and started as they arrive and answered in their order. The socket is
 * read only while the connection is within its limits: requests in flight, bytes the peer has not read, and the frame
 * bytes of the whole process. A request that breaks the protocol ends the connection; so does an error of ours.
 */
export class ClientConnection implements CallOrigin {
  readonly listenerName: string
  readonly clientHost: string
  readonly acceptedAtMillis: number
  lastRequestAtMillis: number
  hasSentRequest = false
  readonly fetches: FetchLane
  readonly #context: ListenerContext
  readonly #connection: Connection
  readonly #onEnd: (connection: ClientConnection) => void
  readonly #assembler: FrameAssembler
  readonly #responses: ResponseQueue
  /** Frames that were cut from one chunk beyond `requestsInFlightMax`: at most a chunk's worth. */
  readonly #waiting: Array<Buffer> = []
  readonly #closeCallbacks = new Set<() => void>()
  /** Those of them whose requests only wait for something to come. */
  readonly #longPolls = new Set<() => void>()
  #cancelBudget: (() => void) | undefined
  #whenDrained: (() => void) | undefined
  #isPaused = false
  #isProceeding = false
  #isClosed = false

  constructor(
    context: ListenerContext,
    connection: Connection,
    listenerName: string,
    onEnd: (connection: ClientConnection) => void
  ) {
    this.#context = context
    this.#connection = connection
    this.#onEnd = onEnd
    this.listenerName = listenerName
    this.clientHost = connection.remoteAddress
    this.acceptedAtMillis = context.clock.monotonicMillis()
    this.lastRequestAtMillis = this.acceptedAtMillis
    this.#assembler = new FrameAssembler({
      frameBytesMax: context.limits.frameBytesMax,
      budget: context.frameBudget,
      areChunksReused: true
    })
    this.#responses = new ResponseQueue((chunks) => this.#write(chunks))
    this.fetches = new FetchLane(context.answerBudget, (call) => this.#hasRoomFor(call))
    connection.onData = (chunk) => this.#receive(chunk)
    connection.onDrain = () => this.#proceed()
    connection.onClose = () => this.#end()
  }

  /** Requests that are read and not answered. */
  get requestsInFlight(): number {
    return this.#responses.size
  }

  /** Reads nothing any more; resolves when what was read is answered. Long polls only wait for more to come and do not count. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.#whenDrained = resolve
      this.#proceed()
    })
  }

  onClose(callback: () => void, isLongPoll: boolean): () => void {
    if (this.#isClosed) {
      callback()
      return () => undefined
    }
    this.#closeCallbacks.add(callback)
    if (isLongPoll) this.#longPolls.add(callback)
    return () => {
      this.#closeCallbacks.delete(callback)
      this.#longPolls.delete(callback)
    }
  }

  close(reason: string): void {
    if (this.#isClosed) return
    this.#context.logger.debug("connection closed", { client: this.clientHost, reason })
    this.#connection.destroy()
    this.#end()
  }

  /** Ends the connection once its answers have left; resolves when the peer has ended it too. */
  finish(): Promise<void> {
    return new Promise((resolve) => {
      this.#connection.onClose = () => resolve()
      this.#connection.close()
      this.#end()
    })
  }

  /** Ends what `finish` leaves open: the peer does not read, or does not end its side. */
  destroy(): void {
    this.#connection.destroy()
  }

  crash(cause: unknown): void {
    this.#context.logger.error("a request failed and its connection was closed", {
      client: this.clientHost,
      cause: cause instanceof Error ? cause.stack ?? cause.message : String(cause)
    })
    this.close("an internal error")
  }

  #receive(chunk: Buffer): void {
    this.#context.metrics.bytesIn += chunk.length
    this.#assemble(() => this.#assembler.push(chunk, this.#onFrame))
  }

  #assemble(step: () => boolean): void {
    try {
      if (!step()) this.#awaitBudget()
    } catch (cause) {
      this.#refuse(cause)
    }
    this.#throttle()
  }

  /** The process holds as many request bytes as it may: go on when others have been answered. */
  #awaitBudget(): void {
    if (this.#cancelBudget !== undefined || this.#isClosed) return
    this.#cancelBudget = this.#context.frameBudget.onAvailable(() => {
      this.#cancelBudget = undefined
      this.#assemble(() => this.#assembler.resume(this.#onFrame))
    })
  }

  readonly #onFrame = (frame: Buffer): void => {
    if (this.#isClosed) return this.#context.frameBudget.release(frame.length)
    if (this.#waiting.length > 0 || this.#isOverLimit()) this.#waiting.push(frame)
    else this.#start(frame)
  }

  #start(frame: Buffer): void {
    this.hasSentRequest = true
    this.lastRequestAtMillis = this.#context.clock.monotonicMillis()
    const slot = this.#responses.open()
    const reader = new Reader(frame, 0, frame.length, this.#context.limits.requestElementsMax)
    const sink = this.#sinkFor(slot, frame.length)
    let call: Call
    try {
      call = new Call(this.#context, this, decodeRequestHeader(reader), reader, sink)
    } catch (cause) {
      sink.abandon()
      return this.#refuse(cause)
    }
    try {
      this.#dispatch(call, call.header)
    } catch (cause) {
      if (cause instanceof ProtocolError) this.#refuseRequest(call, cause.message)
      else call.crash(cause)
    }
  }

  #sinkFor(slot: ResponseSlot, bytes: number): CallSink {
    const { clock, frameBudget, parkedBudget } = this.#context
    let budget = frameBudget
    return {
      answer: (chunks) => {
        budget.release(bytes)
        if (this.#isClosed) return
        this.#responses.fill(slot, chunks)
        this.#proceed()
      },
      abandon: () => budget.release(bytes),
      park: () => {
        if (budget === parkedBudget) return true
        if (!parkedBudget.tryReserve(bytes)) return false
        budget = parkedBudget
        // Whoever waits for room begins at once: not in the middle of what this request is doing.
        clock.endOfTurn(() => frameBudget.release(bytes))
        return true
      },
      isFirst: () => this.#responses.isFirst(slot)
    }
  }

  #dispatch(call: Call, header: RequestHeader): void {
    this.#context.metrics.countRequest(header.apiKey)
    const handler = handlerOf(header.apiKey)
    const api = apiOf(header.apiKey)
    const isServed = api !== undefined && header.apiVersion >= api.versionMin && header.apiVersion <= api.versionMax
    if (handler !== undefined && isServed) handler(call)
    else if (header.apiKey === ApiKey.ApiVersions) answerUnknownApiVersionsVersion(call)
    // Kafka closes the connection too: the shape of an answer is not known.
    else this.#refuseRequest(call, `no such request: api key ${header.apiKey}, version ${header.apiVersion}`)
  }

  #refuseRequest(call: Call, reason: string): void {
    this.#context.metrics.closedForMalformedRequest++
    call.close(reason)
  }

  #refuse(cause: unknown): void {
    if (!(cause instanceof ProtocolError)) return this.crash(cause)
    this.#context.metrics.closedForMalformedRequest++
    this.close(cause.message)
  }

  #write(chunks: ReadonlyArray<Uint8Array>): void {
    for (const chunk of chunks) this.#context.metrics.bytesOut += chunk.length
    this.#connection.write(chunks)
  }

  #isOverLimit(): boolean {
    const { limits } = this.#context
    return this.#responses.size >= limits.requestsInFlightMax ||
      this.#connection.bufferedBytes + this.#responses.heldBytes > limits.outputBytesMax
  }

  /**
   * Whether the answer to a fetch may be added to those that the peer has not taken. Those that wait for an earlier request count too, but not against
   * the fetch that they may be waiting for.
   */
  #hasRoomFor(call: Call): boolean {
    const { outputBytesMax } = this.#context.limits
    const unsent = this.#connection.bufferedBytes
    return unsent <= outputBytesMax && (call.isFirst || unsent + this.#responses.heldBytes <= outputBytesMax)
  }

  /** Starts what waited, then reads on. Called whenever an answer has left or the peer has read. */
  #proceed(): void {
    // A request that is answered while it is started comes back here: the loop that started it goes on, and does what follows it.
    // Thousands of frames may wait, and each of them inside the one before is more than the stack holds.
    if (this.#isProceeding) return
    this.#isProceeding = true
    try {
      do {
        while (this.#waiting.length > 0 && !this.#isClosed && !this.#isOverLimit()) this.#start(this.#waiting.shift()!)
      } while (this.fetches.proceed())
    } finally {
      this.#isProceeding = false
    }
    this.fetches.sent(this.#connection.bufferedBytes + this.#responses.heldBytes)
    if (this.#responses.size <= this.#longPolls.size) this.#whenDrained?.()
    this.#throttle()
  }

  #throttle(): void {
    if (this.#isClosed) return
    const shouldPause = this.#whenDrained !== undefined || this.#waiting.length > 0 || this.#cancelBudget !== undefined || this.#isOverLimit()
    if (shouldPause === this.#isPaused) return
    this.#isPaused = shouldPause
    if (shouldPause) this.#connection.pause()
    else this.#connection.resume()
  }

  #end(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelBudget?.()
    this.#assembler.close()
    this.fetches.close()
    for (const frame of this.#waiting.splice(0)) this.#context.frameBudget.release(frame.length)
    const callbacks = [...this.#closeCallbacks]
    this.#closeCallbacks.clear()
    for (const callback of callbacks) callback()
    this.#whenDrained?.()
    this.#onEnd(this)
  }
}
