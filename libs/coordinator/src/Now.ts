/** The moment of a decision, on both clocks. */
export interface Now {
  /** Never goes back: every time-out is measured on it. */
  readonly monotonicMillis: number
  /** Milliseconds since the epoch. Goes into records and decides offset retention, nothing else. */
  readonly wallMillis: number
}
