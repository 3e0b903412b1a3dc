/** The moment of a decision, on both clocks. */
export interface Now {
  /** Never goes back: every time-out is measured on it. */
  readonly monotonicMillis: number
  /** Milliseconds since the epoch. Goes into records and decides offset retention, nothing else. */
  readonly wallMillis: number
  /** False for a while after the wall clock has jumped ahead: nothing expires by it, so that it can be set right. */
  readonly isWallTrusted: boolean
}
