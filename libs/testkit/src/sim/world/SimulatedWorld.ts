import type { SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import type { SimulatedBusNetwork } from "./SimulatedBusNetwork.ts"
import type { SimulatedMember } from "./SimulatedMember.ts"
import type { Trace } from "./Trace.ts"

/** What the members of one simulated cluster share. */
export interface SimulatedWorld {
  readonly seed: number
  readonly isVerbose: boolean
  readonly clock: VirtualClock
  readonly net: SimulatedNet
  readonly network: SimulatedBusNetwork
  readonly trace: Trace
  readonly voterIds: ReadonlyArray<number>
  /** Something is about to happen in the member's process. */
  touched(member: SimulatedMember): void
  nodeStarted(member: SimulatedMember): void
  ended(member: SimulatedMember): void
  /** The member's node could not go on. */
  crashed(member: SimulatedMember, cause: unknown): void
}
