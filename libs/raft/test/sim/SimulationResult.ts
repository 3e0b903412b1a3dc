import type * as raft from "../../src/index.ts"

/** The room under test: the real one, or a copy with a bug planted in it. */
export type RaftModule = typeof raft

export interface SimulationResult {
  readonly seed: number
  /** Undefined: nothing was found. */
  readonly violation: string | undefined
  readonly traceHash: number
  readonly events: number
  readonly elections: number
  readonly committedEnd: number
  readonly acknowledgements: number
  readonly reads: number
  readonly faults: Readonly<Record<string, number>>
}
