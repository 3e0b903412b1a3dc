import type { RaftConfig } from "../../src/index.ts"
import type { Random } from "./Random.ts"

/** How bad a world is, drawn from its seed: worlds that differ find more than worlds that are all average. */
export interface Conditions {
  readonly isCalm: boolean
  /** Few voters and few messages. */
  readonly isTight: boolean
  /** Of messages, outside of partitions. */
  readonly loss: number
  readonly duplication: number
  readonly late: number
  readonly delayMean: number
  readonly flushMean: number
  /** Of reads from the storage: what has to come from a disk. */
  readonly cold: number
  /** Between two faults, two requests, a crash and the restart. */
  readonly faultMean: number
  readonly clientMean: number
  readonly restartMean: number
  /** Offsets between two snapshots. */
  readonly compactEvery: number
}

export function drawConditions(random: Random): Conditions {
  return {
    isCalm: random.chance(0.1),
    loss: random.chance(0.3) ? 0 : random.next() * 0.2,
    duplication: random.chance(0.3) ? 0 : random.next() * 0.2,
    delayMean: random.between(1, 15),
    flushMean: random.pick([0, 2, 10, 30]),
    faultMean: random.between(60, 400),
    compactEvery: random.pick([8, 20, 60, 1_000]),
    restartMean: random.pick([5, 50, 150]),
    clientMean: random.pick([5, 25, 60]),
    late: random.pick([0, 0.01, 0.1]),
    cold: random.pick([0, 0, 0.2]),
    isTight: random.chance(0.15)
  }
}

/** So small that every limit is met. */
export const smallLimits: Partial<RaftConfig> = {
  heartbeatTicks: 3, electionTicks: 10, checkQuorumTicks: 20, transferTicks: 15, observerTicks: 40, readTicks: 30,
  appendBytesMax: 60, appendEntriesMax: 6, inflightMessagesMax: 4, inflightBytesMax: 200, entryBytesMax: 100,
  uncommittedBytesMax: 600, snapshotChunkBytesMax: 24, applyBytesMax: 120, messagesMax: 400, readsMax: 20,
  promoteLagOffsetsMax: 20
}
