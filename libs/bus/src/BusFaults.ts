/** One message on its way, as the network sees it. */
export interface Passage {
  readonly from: string
  readonly to: string
  readonly subject: string
  readonly kind: "request" | "reply" | "message"
  readonly payloadBytes: number
}

/**
 * Decides what becomes of a message: the delays, in milliseconds, after which a copy of it arrives. None is loss,
 * two is duplication, different ones reorder; 0 arrives at the end of this turn.
 */
export type BusFaults = (passage: Passage) => ReadonlyArray<number>

const once: ReadonlyArray<number> = [0]

/** Everything arrives once, in order, at the end of the turn. */
export const noFaults: BusFaults = () => once
