import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { BrokerConfig } from "./BrokerConfig.ts"

/**
 * What the controller decided: records for the metadata log and the answer for the caller. Nothing has changed yet. The
 * owner writes the records, replays them, and sends the answer once they are committed. All or none of the records take
 * effect, however many they are; no records means that there is nothing to wait for.
 */
export interface Decision<Response> {
  readonly records: ReadonlyArray<MetadataRecord>
  readonly response: Response
}

/** What a decision needs from outside. The brokers are those of the image. */
export interface DecisionContext {
  readonly config: BrokerConfig
  readonly newUuid: () => string
  /** The offset in the metadata log that the decision's first record will get: never the same twice. */
  readonly nextOffset: number
  readonly limits?: Partial<MetadataLimits>
}

export interface MetadataLimits {
  /** How many partitions one request may create; a larger one would be a huge decision. */
  readonly partitionsPerRequestMax: number
  /** How many partitions the cluster may have. */
  readonly partitionsMax: number
  /** How many partitions one decision moves where it can be done in portions: controlled shutdown, balance of leaders. */
  readonly movesPerDecisionMax: number
}

export const metadataLimits: MetadataLimits = { partitionsPerRequestMax: 10_000, partitionsMax: 100_000, movesPerDecisionMax: 1_000 }

/** An error that goes into an answer. */
export interface Refusal {
  readonly errorCode: number
  readonly message: string
}

export function limitsOf(context: DecisionContext): MetadataLimits {
  return { ...metadataLimits, ...context.limits }
}

/** An id that is neither taken nor has a meaning of its own. */
export function freshUuid(context: DecisionContext, isTaken: (uuid: string) => boolean): string {
  for (let attempt = 0; attempt < 100; attempt++) {
    const uuid = context.newUuid()
    if (!isTaken(uuid)) return uuid
  }
  throw new Error("the source of ids repeats itself")
}
