/** Every bound of the listener. A client that passes one is slowed or closed; nobody else notices. */
export interface ListenerLimits {
  /** `socket.request.max.bytes`: a longer frame closes the connection. */
  readonly frameBytesMax: number
  /**
   * Elements that the arrays of one request may hold together; more of them close the connection. A request is worked on in one turn, so this
   * bounds for how long it keeps all others waiting.
   */
  readonly requestElementsMax: number
  /** `queued.max.request.bytes`: bytes of requests in work over all connections; above it sockets are not read. */
  readonly frameBytesInFlightMax: number
  /**
   * Bytes of requests that wait for something to come (records, other members) over all connections. They count apart, since
   * nobody knows how long they wait: a connection is closed whose request would go beyond.
   */
  readonly parkedBytesMax: number
  /** `max.connections`: the next connection is closed at once. */
  readonly connectionsMax: number
  /** Requests of one connection that are worked on together; the connection is not read beyond it. */
  readonly requestsInFlightMax: number
  /** Answers that one connection's peer has not read yet, or that wait for an earlier one; above it the connection is not read. */
  readonly outputBytesMax: number
  /**
   * Records in answers to fetches that are being read, or that peers have not read yet, over all connections. A fetch is granted what it asks for or
   * half of what is left, whichever is less, and one batch however little that is.
   */
  readonly answerBytesMax: number
  /** `connections.max.idle.ms`. */
  readonly idleMillisMax: number
  /** A connection that has not sent one whole request by then is closed. */
  readonly firstRequestMillisMax: number
  /** `fetch.max.bytes` of the broker: no answer to a fetch carries more, apart from one larger batch. */
  readonly fetchBytesMax: number
  /** `max.incremental.fetch.session.cache.slots`. */
  readonly fetchSessionsMax: number
  /** Partitions in all fetch sessions together: bounds their memory. */
  readonly fetchSessionPartitionsMax: number
}

export const defaultListenerLimits: ListenerLimits = {
  frameBytesMax: 100 * 1024 * 1024,
  requestElementsMax: 500_000,
  frameBytesInFlightMax: 256 * 1024 * 1024,
  parkedBytesMax: 256 * 1024 * 1024,
  connectionsMax: 10_000,
  requestsInFlightMax: 64,
  outputBytesMax: 8 * 1024 * 1024,
  answerBytesMax: 256 * 1024 * 1024,
  idleMillisMax: 600_000,
  firstRequestMillisMax: 10_000,
  fetchBytesMax: 55 * 1024 * 1024,
  fetchSessionsMax: 1_000,
  fetchSessionPartitionsMax: 100_000
}
