import type { Peer } from "./Peer.ts"

/** A script of requests. It runs once against each server and must send the same to both. */
export interface Scenario {
  readonly name: string
  /** `first`: it sees the whole server, so it runs before the others, alone. `last`: it changes what others rely on, the leader epochs of new topics among it. */
  readonly when?: "first" | "last"
  readonly run: (peer: Peer) => Promise<void>
}
