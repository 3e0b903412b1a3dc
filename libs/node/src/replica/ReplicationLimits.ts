/** Limits of what goes between replicas; each has a default. */
export interface ReplicationLimits {
  /** One message with batches; never more than the bus takes. The largest batch that a topic takes by default fits as a whole. */
  readonly pieceBytesMax: number
  /** What one answer may bring over all partitions, and so what is on its way to one follower. */
  readonly repliesInFlightBytesMax: number
  /** Of one partition in one answer, so that the others have their turn. */
  readonly partitionBytesMax: number
  /** Parts of batches that are larger than a message, for each leader that is followed. */
  readonly assemblyBytesMax: number
  /** How long a leader keeps a poll for which it has nothing. */
  readonly waitMillis: number
  /** How long a follower waits for an answer, `replica.socket.timeout.ms`; above `waitMillis`. */
  readonly timeoutMillis: number
  /** The same for the first poll of a session, which is answered at once. */
  readonly openMillis: number
  /** How long a piece may be missing when a later one came. */
  readonly missingMillis: number
  /** The pause before a partition that could not take what came, or got an error, is asked for again. */
  readonly retryMillis: number
  /** How long a high watermark that moves without batches may stay untold. */
  readonly newsMillis: number
  /** How old a leader's knowledge of partitions may get of which polls say nothing, because nothing changed. */
  readonly sweepMillis: number
}

export const replicationLimitsDefault: ReplicationLimits = {
  pieceBytesMax: 1280 * 1024,
  repliesInFlightBytesMax: 8 * 1024 * 1024,
  partitionBytesMax: 2 * 1024 * 1024,
  assemblyBytesMax: 128 * 1024 * 1024,
  waitMillis: 500,
  timeoutMillis: 1_000,
  openMillis: 250,
  missingMillis: 100,
  retryMillis: 1_000,
  newsMillis: 100,
  sweepMillis: 250
}
