import { NotAvailable } from "@tailrace/contracts"
import { encodeResponseHeader, type Reader, type RequestHeader, Writer } from "@tailrace/kafka-protocol"
import type { FetchLane } from "./FetchLane.ts"
import type { ListenerContext } from "./ListenerContext.ts"

/** The connection a request came by, as far as a handler may know it. */
export interface CallOrigin {
  readonly listenerName: string
  readonly clientHost: string
  /** Registers what to do when the connection ends before the answer, or has ended; the result takes it back. */
  onClose(callback: () => void, isLongPoll: boolean): () => void
  /** The fetches of this connection. */
  readonly fetches: FetchLane
  /** Ends the connection: the defined answer where the protocol has no other. */
  close(reason: string): void
  /** Ends the connection because of an error of ours, which is logged. Nobody else notices. */
  crash(cause: unknown): void
}

/** What becomes of a request's frame and place. Either `answer` or `abandon` is called, once. */
export interface CallSink {
  answer(chunks: ReadonlyArray<Uint8Array>): void
  /** No answer will come: the connection has ended. The frame's share of the budget is free again. */
  abandon(): void
  /** The request waits for something to come: its frame makes room for those of others. False where too many bytes wait already. */
  park(): boolean
  /** Nothing that came before the request is still to be answered. */
  isFirst(): boolean
}

/** One request on its way through a handler. It is answered or abandoned, exactly once. */
export class Call {
  readonly context: ListenerContext
  readonly origin: CallOrigin
  readonly header: RequestHeader
  /** Stands at the first byte of the request's body. */
  readonly reader: Reader
  readonly #sink: CallSink
  #isOver = false

  constructor(context: ListenerContext, origin: CallOrigin, header: RequestHeader, reader: Reader, sink: CallSink) {
    this.context = context
    this.origin = origin
    this.header = header
    this.reader = reader
    this.#sink = sink
  }

  /** The answer can leave at once: everything that came before is answered. */
  get isFirst(): boolean {
    return this.#sink.isFirst()
  }

  get apiVersion(): number {
    return this.header.apiVersion
  }

  reply<T>(encode: (writer: Writer, version: number, value: T) => void, response: T): void {
    this.replyInVersion(encode, this.header.apiVersion, response)
  }

  /** An answer whose version is not the request's: only ApiVersions has one (KIP-511). */
  replyInVersion<T>(encode: (writer: Writer, version: number, value: T) => void, version: number, response: T): void {
    const writer = new Writer()
    try {
      encodeResponseHeader(writer, this.header.apiKey, version, this.header.correlationId)
      encode(writer, version, response)
    } catch (cause) {
      // An answer that cannot be written is this connection's end, not that of the actor that gave it.
      return this.crash(cause)
    }
    this.#end()
    this.#sink.answer(writer.finish())
  }

  /** A produce with acks=0 has no answer at all. */
  replyNothing(): void {
    this.#end()
    this.#sink.answer(nothing)
  }

  /** Ends the connection in place of an answer. */
  close(reason: string): void {
    this.#end()
    this.origin.close(reason)
    this.#sink.abandon()
  }

  /** Ends the connection because of an error of ours. */
  crash(cause: unknown): void {
    this.origin.crash(cause)
    if (this.#isOver) return
    this.#end()
    this.#sink.abandon()
  }

  /**
   * Runs `onAbandon` when the connection ends before the answer, at once where it has ended already. The result takes it
   * back; call it before answering. A long poll only waits for something to come, and a shutdown does not wait for it. Where too
   * many of them wait, its connection is closed.
   */
  whenAbandoned(onAbandon: () => void, isLongPoll: boolean): () => void {
    if (isLongPoll && !this.#sink.park()) {
      onAbandon()
      this.close("too many bytes of requests wait")
      return () => undefined
    }
    return this.origin.onClose(() => {
      if (this.#isOver) return
      this.#end()
      onAbandon()
      this.#sink.abandon()
    }, isLongPoll)
  }

  /**
   * Goes on once `promise` has settled: with its value, or with the error code of an actor that is not available.
   * Anything else that is thrown, here or by the two functions, ends this connection.
   */
  whenSettled<A>(promise: Promise<A>, onValue: (value: A) => void, onNotAvailable: (errorCode: number) => void): void {
    promise.then(onValue, (cause: unknown) => {
      if (!(cause instanceof NotAvailable)) throw cause
      onNotAvailable(cause.errorCode)
    }).catch((cause: unknown) => this.crash(cause))
  }

  #end(): void {
    if (this.#isOver) throw new Error(`request ${this.header.correlationId} was answered twice`)
    this.#isOver = true
  }
}

const nothing: ReadonlyArray<Uint8Array> = []
