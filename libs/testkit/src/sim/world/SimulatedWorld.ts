import type { Clock } from "@tailrace/runtime"
import type { HostNet } from "./HostNet.ts"
import type { SimulatedBusNetwork } from "./SimulatedBusNetwork.ts"
import type { SimulatedMember } from "./SimulatedMember.ts"
import type { SimulatedProcess } from "./SimulatedProcess.ts"
import type { Trace } from "./Trace.ts"

/** What the members of one cluster in this process share, in virtual time or in real time. */
export interface SimulatedWorld {
  readonly seed: number
  readonly isVerbose: boolean
  readonly clock: Clock
  readonly network: SimulatedBusNetwork
  readonly trace: Trace
  /** Whether the trace hears of what is asked of the disks. */
  readonly isTraced: boolean
  readonly voterIds: ReadonlyArray<number>
  /** The sockets of one life of a member. */
  netOf(host: string, process: SimulatedProcess): HostNet
  /** Something is about to happen in the member's process. */
  touched(member: SimulatedMember): void
  nodeStarted(member: SimulatedMember): void
  ended(member: SimulatedMember): void
  /** The member's node could not go on. */
  crashed(member: SimulatedMember, cause: unknown): void
}
