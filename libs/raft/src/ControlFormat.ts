import type { Configuration } from "./Configuration.ts"
import type { NodeKey } from "./NodeKey.ts"

/** Where an entry will be in the log. A control entry covers one offset. */
export interface EntryPlace {
  readonly offset: number
  readonly term: number
}

/**
 * How the core's own entries look as bytes. Every replica stores the bytes that the leader made, so a shell whose log is
 * a Kafka partition makes control batches here. `readConfiguration` is asked for entries that a leader has made.
 */
export interface ControlFormat {
  leaderChange(place: EntryPlace, leader: NodeKey, voters: ReadonlyArray<NodeKey>): Uint8Array
  configuration(place: EntryPlace, configuration: Configuration): Uint8Array
  readConfiguration(data: Uint8Array): Configuration
}
