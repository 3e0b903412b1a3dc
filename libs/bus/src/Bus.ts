/** Answers one request. A handler that fails answers `RequestFailed`; expected errors belong into the reply's bytes. */
export type RequestHandler = (payload: Buffer) => Uint8Array | Promise<Uint8Array>

/** One message; in parts it may go to the network from where they lie, so that none of them has to be copied. */
export type MessageBytes = Uint8Array | ReadonlyArray<Uint8Array>

export type MessageHandler = (payload: Buffer, subject: string) => void

export interface ServeOptions {
  /** Requests that are being handled; one more is refused with `Overloaded`. */
  readonly requestsMax?: number
}

export interface SubscribeOptions {
  /** Messages that wait for the handler; one more is dropped and counted. */
  readonly messagesMax?: number
}

/**
 * Bytes between nodes: one node's connection to all others. Whatever the layer, take it as able to lose, delay,
 * duplicate and reorder. So callers carry their epochs inside the payload, and a request that timed out may have
 * been carried out, or may still be.
 *
 * Nothing is delivered inside the call that sends. A payload is frozen from the call on, for the sender, for the
 * network and for the receiver, since a layer may hand over the very same bytes.
 */
export interface Bus {
  /** A longer payload is refused with `PayloadTooLarge`; cut at boundaries that the receiver understands. */
  readonly payloadBytesMax: number
  /** Messages that no subscriber had room for. */
  readonly droppedMessages: number
  /** Rejects with a `BusError`. `NoResponders` is a hint that nobody serves the subject now, not a proof of failure. */
  request(subject: string, payload: Uint8Array, timeoutMillis: number): Promise<Buffer>
  /** One handler per subject and connection. The returned function stops serving; requests in work are still answered. */
  serve(subject: string, handler: RequestHandler, options?: ServeOptions): () => void
  /** To every subscriber there is, this node's own included; at most once each and without a word about loss. Throws `PayloadTooLarge` or `BusClosed`. */
  publish(subject: string, payload: MessageBytes): void
  /** The returned function ends it; what waits for the handler then is dropped. */
  subscribe(subject: string, handler: MessageHandler, options?: SubscribeOptions): () => void
  /** Stops serving and subscribing; requests that wait are rejected with `BusClosed`. */
  close(): Promise<void>
}
