/** What a bus does to its messages. */
export interface BusConditions {
  /** Parts of a thousand. */
  readonly lossPerMille: number
  readonly duplicationPerMille: number
  /** Exponential, on top of what every message takes. */
  readonly delayMillisMean: number
}

export const calmBus: BusConditions = { lossPerMille: 0, duplicationPerMille: 0, delayMillisMean: 0 }
