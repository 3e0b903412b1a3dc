import {
  ByteBudget, decodeResponseHeader, encodeRequestHeader, ErrorCode, FrameAssembler, Reader, Writer
} from "@tailrace/kafka-protocol"
import { ClientError } from "./ClientError.ts"
import type { HostAndPort, ResolvedClientOptions } from "./ClientOptions.ts"
import { type ClientApi, apiVersionsApi } from "./internal/apis.ts"
import { openTransport, type Transport } from "./internal/Transport.ts"

export type ConnectionOptions = Pick<ResolvedClientOptions,
  "clientId" | "requestTimeoutMillis" | "connectTimeoutMillis" | "frameBytesMax" | "pendingRequestsMax" | "openSocket" | "dialer" | "timing">

export interface RequestOptions {
  /** The longest wait for this answer; default `requestTimeoutMillis`. */
  readonly timeoutMillis?: number | undefined
  /** Gives up waiting. The request stays on the wire, its answer is dropped. */
  readonly signal?: AbortSignal | undefined
}

/** A request body, or a function that makes it for the negotiated version. */
export type InputFor<Input> = Input | ((version: number) => Input)

interface Pending {
  readonly correlationId: number
  readonly apiKey: number
  readonly version: number
  readonly name: string
  readonly complete: (reader: Reader) => void
  readonly fail: (error: Error) => void
}

const softwareName = "tailrace"
const softwareVersion = "0.1.0"
const unsupportedVersion = ErrorCode.UNSUPPORTED_VERSION

/**
 * One connection to a broker. Requests are sent at once, in the order of the calls, and brokers answer in that order, so any
 * number may be under way. A request that gets no answer in time ends the connection, since everything behind it waits too.
 */
export class Connection {
  readonly host: string
  readonly port: number
  readonly #options: ConnectionOptions
  readonly #transport: Transport
  readonly #assembler: FrameAssembler
  readonly #budget: ByteBudget
  readonly #pending: Array<Pending> = []
  readonly #closeListeners: Array<() => void> = []
  readonly #versions = new Map<number, { readonly min: number; readonly max: number }>()
  #firstPending = 0
  #nextCorrelationId = 1
  #ended: ClientError | undefined
  /** What leaves at the end of this turn of the event loop. */
  #outgoing: Array<Uint8Array> = []

  private constructor(server: HostAndPort, options: ConnectionOptions, transport: Transport) {
    this.host = server.host
    this.port = server.port
    this.#options = options
    this.#transport = transport
    // Frames are handed on at once, so the budget never holds more than the one under assembly.
    this.#budget = new ByteBudget(options.frameBytesMax)
    this.#assembler = new FrameAssembler({
      budget: this.#budget, frameBytesMax: options.frameBytesMax, frameBytesMin: 4, areChunksReused: transport.areChunksReused
    })
    const onFrame = (frame: Buffer): void => this.#onFrame(frame)
    transport.onData = (chunk) => {
      if (this.#ended !== undefined) return
      try {
        this.#assembler.push(chunk, onFrame)
      } catch (cause) {
        this.#end(new ClientError("protocol", `${this.#name}: not a Kafka broker, or a frame above frameBytesMax`, { cause }))
      }
    }
    transport.onEnd = (cause) => this.#end(cause === undefined
      ? new ClientError("disconnected", `${this.#name}: the broker closed the connection`)
      : new ClientError("disconnected", `${this.#name}: ${cause.message}`, { cause }))
  }

  /** Opens a connection and agrees on versions. Meanwhile it stands in `opening`, for whoever wants to close it. */
  static async open(
    server: HostAndPort, options: ConnectionOptions, signal?: AbortSignal, opening: Set<Connection> = new Set()
  ): Promise<Connection> {
    signal?.throwIfAborted()
    const { timing, connectTimeoutMillis } = options
    const deadline = timing.monotonicMillis() + connectTimeoutMillis
    const connection = new Connection(server, options, await openTransport(server, options, signal))
    const cancel = timing.clock.after(deadline - timing.monotonicMillis(), () => {
      connection.#end(new ClientError("timeout", `${connection.#name}: no connection within ${connectTimeoutMillis} ms`))
    })
    const onAbort = (): void => connection.#end(new ClientError("closed", "aborted"))
    signal?.addEventListener("abort", onAbort, { once: true })
    opening.add(connection)
    try {
      await connection.#negotiate()
      return connection
    } catch (error) {
      connection.close()
      throw signal?.aborted === true ? signal.reason : error
    } finally {
      opening.delete(connection)
      cancel()
      signal?.removeEventListener("abort", onAbort)
    }
  }

  get isOpen(): boolean {
    return this.#ended === undefined
  }

  /** Requests that wait for their answers. */
  get pendingRequests(): number {
    return this.#pending.length - this.#firstPending
  }

  /** Versions of an API that this broker serves, or undefined. */
  brokerVersions(apiKey: number): { readonly min: number; readonly max: number } | undefined {
    return this.#versions.get(apiKey)
  }

  /** Every API key that the broker announced. */
  get apiKeys(): ReadonlyArray<number> {
    return [...this.#versions.keys()]
  }

  /** The highest version that both sides speak; throws `ClientError` when there is none. */
  versionOf(api: ClientApi<never, unknown>): number {
    const broker = this.#versions.get(api.key)
    const version = broker === undefined ? -1 : Math.min(broker.max, api.versionMax)
    if (broker === undefined || version < Math.max(broker.min, api.versionMin)) {
      throw new ClientError("unsupported", `${this.#name} serves ${api.name} ${
        broker === undefined ? "in no version" : `${broker.min} to ${broker.max}`}, wanted ${api.versionMin} to ${api.versionMax}`)
    }
    return version
  }

  onClose(listener: () => void): void {
    if (this.#ended === undefined) this.#closeListeners.push(listener)
    else listener()
  }

  /** Sends at once and answers when the broker does. */
  async request<Input, Output>(
    api: ClientApi<Input, Output>, input: InputFor<Input>, options: RequestOptions = {}
  ): Promise<Output> {
    if (this.#ended !== undefined) throw this.#ended
    return this.#request(api, this.versionOf(api as ClientApi<never, Output>), input, options)
  }

  /**
   * Sends a request that the broker will not answer (produce with acks=0) and waits until the system has taken it. Where it is not
   * taken in time, the broker reads no more, and the connection ends.
   */
  async send<Input>(api: ClientApi<Input, unknown>, input: InputFor<Input>): Promise<void> {
    if (this.#ended !== undefined) throw this.#ended
    this.#write(api, this.versionOf(api as ClientApi<never, unknown>), input)
    this.#flush()
    const { requestTimeoutMillis, timing } = this.#options
    try {
      await timing.within(this.#transport.flushed(), { millis: requestTimeoutMillis }, `${this.#name}: ${api.name}`)
    } catch (error) {
      if (error instanceof ClientError) {
        this.#end(new ClientError("disconnected", `${this.#name}: ${api.name} did not leave within ${requestTimeoutMillis} ms`))
      }
      throw this.#ended ?? error
    }
  }

  /** Ends the connection; requests under way fail. */
  close(): void {
    this.#end(new ClientError("closed", `${this.#name}: closed`))
  }

  [Symbol.dispose](): void {
    this.close()
  }

  get #name(): string {
    return `${this.host}:${this.port}`
  }

  async #negotiate(): Promise<void> {
    const input = { clientSoftwareName: softwareName, clientSoftwareVersion: softwareVersion }
    let response = await this.#request(apiVersionsApi, apiVersionsApi.versionMax, input, {
      timeoutMillis: this.#options.connectTimeoutMillis
    })
    if (response.errorCode === unsupportedVersion) {
      // An older broker says which versions of this API it knows, or nothing at all.
      const known = response.apiKeys.find((key) => key.apiKey === apiVersionsApi.key)
      response = await this.#request(apiVersionsApi, Math.min(known?.maxVersion ?? 0, apiVersionsApi.versionMax), input, {
        timeoutMillis: this.#options.connectTimeoutMillis
      })
    }
    if (response.errorCode !== 0) {
      throw new ClientError("protocol", `${this.#name}: ApiVersions answered ${ErrorCode.nameOf(response.errorCode)}`)
    }
    for (const key of response.apiKeys) this.#versions.set(key.apiKey, { min: key.minVersion, max: key.maxVersion })
  }

  #request<Input, Output>(
    api: ClientApi<Input, Output>, version: number, input: InputFor<Input>, options: RequestOptions
  ): Promise<Output> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended)
    const { signal, timeoutMillis = this.#options.requestTimeoutMillis } = options
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
    if (this.pendingRequests >= this.#options.pendingRequestsMax) {
      return Promise.reject(new ClientError("limit", `${this.#name}: more than ${this.#options.pendingRequestsMax} requests wait`))
    }
    const correlationId = this.#write(api, version, input)
    return new Promise<Output>((resolve, reject) => {
      const onAbort = (): void => reject(signal?.reason as Error)
      const finish = (): void => {
        cancel()
        signal?.removeEventListener("abort", onAbort)
      }
      const cancel = this.#options.timing.clock.after(timeoutMillis, () => {
        reject(new ClientError("timeout", `${this.#name}: no answer to ${api.name} within ${Math.round(timeoutMillis)} ms`))
        this.#end(new ClientError("disconnected", `${this.#name}: an earlier request got no answer in time`))
      })
      signal?.addEventListener("abort", onAbort, { once: true })
      this.#pending.push({
        correlationId, apiKey: api.key, version, name: api.name,
        complete: (reader) => {
          finish()
          resolve(api.decode(reader, this.#decodeVersion(api.key, version, reader)))
        },
        fail: (error) => {
          finish()
          reject(error)
        }
      })
    })
  }

  /** An ApiVersions answer that refuses the version is always written in version 0. */
  #decodeVersion(apiKey: number, version: number, reader: Reader): number {
    if (apiKey !== apiVersionsApi.key || version === 0) return version
    return reader.remainingBytes >= 2 && reader.buffer.readInt16BE(reader.position) === unsupportedVersion ? 0 : version
  }

  #write<Input>(api: ClientApi<Input, unknown>, version: number, input: InputFor<Input>): number {
    const correlationId = this.#nextCorrelationId
    this.#nextCorrelationId = correlationId === 0x7fff_ffff ? 1 : correlationId + 1
    const writer = new Writer()
    encodeRequestHeader(writer, { apiKey: api.key, apiVersion: version, correlationId, clientId: this.#options.clientId })
    api.encode(writer, version, typeof input === "function" ? (input as (version: number) => Input)(version) : input)
    // All requests of one turn of the event loop leave in one system call.
    if (this.#outgoing.length === 0) queueMicrotask(() => this.#flush())
    for (const chunk of writer.finish()) this.#outgoing.push(chunk)
    return correlationId
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return
    const chunks = this.#outgoing
    this.#outgoing = []
    if (this.#ended === undefined) this.#transport.write(chunks)
  }

  #onFrame(frame: Buffer): void {
    this.#budget.release(frame.length)
    const pending = this.#pending[this.#firstPending]
    if (pending === undefined) throw new ClientError("protocol", `${this.#name}: an answer without a request`)
    const reader = new Reader(frame)
    const correlationId = decodeResponseHeader(reader, pending.apiKey, pending.version)
    if (correlationId !== pending.correlationId) {
      throw new ClientError("protocol", `${this.#name}: answer ${correlationId} where ${pending.correlationId} (${pending.name}) was due`)
    }
    // The answered part of the list is cut off now and then, not each time.
    this.#firstPending++
    if (this.#firstPending === this.#pending.length) {
      this.#pending.length = 0
      this.#firstPending = 0
    } else if (this.#firstPending >= 256) {
      this.#pending.splice(0, this.#firstPending)
      this.#firstPending = 0
    }
    try {
      pending.complete(reader)
    } catch (cause) {
      const error = new ClientError("protocol", `${this.#name}: the answer to ${pending.name} cannot be read`, { cause })
      pending.fail(error)
      this.#end(error)
    }
  }

  #end(error: ClientError): void {
    if (this.#ended !== undefined) return
    // What was sent before a close still leaves, unless the broker does not take it.
    if (error.reason === "closed") this.#flush()
    this.#ended = error
    this.#assembler.close()
    const pending = this.#pending.splice(0).slice(this.#firstPending)
    this.#firstPending = 0
    for (const request of pending) request.fail(error)
    if (error.reason === "closed") this.#transport.close()
    else this.#transport.destroy()
    for (const listener of this.#closeListeners.splice(0)) listener()
  }
}
