/**
 * Time as a port. Nothing outside an adapter reads the machine's clock or sets a timer, so that the
 * simulator can run a whole cluster in virtual time.
 */
export interface Clock {
  /** Milliseconds since the epoch. May jump in both directions: for record timestamps and retention only. */
  wallMillis(): number
  /** Milliseconds since an arbitrary moment. Never goes back: for every time-out. */
  monotonicMillis(): number
  /**
   * Calls back once, not earlier than `delayMillis` from now.
   * The returned function cancels the call; cancelling late or twice does nothing.
   */
  after(delayMillis: number, callback: () => void): () => void
  /** Calls back once the events that are ready in this turn have been handled, in the order of the calls. */
  endOfTurn(callback: () => void): void
}
