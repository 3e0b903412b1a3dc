import type { Peer } from "./Peer.ts"

/** A script of requests. It runs once against each server and must send the same to both. */
export interface Scenario {
  readonly name: string
  /** Sees the whole server, so it runs before any other, alone; or deletes topics, after which our leader epochs begin higher, so it runs last. */
  readonly when?: "first" | "last"
  readonly run: (peer: Peer) => Promise<void>
}
