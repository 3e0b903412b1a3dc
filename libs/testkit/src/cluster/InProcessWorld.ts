import { SeededRandom } from "@tailrace/runtime/simulated"
import type { HostNet } from "../sim/world/HostNet.ts"
import { SimulatedBusNetwork } from "../sim/world/SimulatedBusNetwork.ts"
import type { SimulatedMember } from "../sim/world/SimulatedMember.ts"
import type { SimulatedProcess } from "../sim/world/SimulatedProcess.ts"
import type { SimulatedWorld } from "../sim/world/SimulatedWorld.ts"
import { Trace } from "../sim/world/Trace.ts"
import { ClosableClock } from "./ClosableClock.ts"
import { SocketNet } from "./SocketNet.ts"

/** What the nodes of an in-process cluster share: real time, real sockets, and a bus network that can be broken. */
export class InProcessWorld implements SimulatedWorld {
  readonly seed: number
  readonly isVerbose = true
  readonly isTraced = false
  readonly clock = new ClosableClock()
  readonly trace = new QuietTrace(this.clock)
  readonly network: SimulatedBusNetwork
  readonly voterIds: ReadonlyArray<number>
  #failure: Error | undefined

  constructor(seed: number, voterIds: ReadonlyArray<number>) {
    this.seed = seed
    this.voterIds = voterIds
    this.network = new SimulatedBusNetwork({ clock: this.clock, random: new SeededRandom(seed), trace: this.trace, travelMillis: 0 })
  }

  netOf(_: string, process: SimulatedProcess): HostNet {
    return new SocketNet(process)
  }

  touched(): void {}

  nodeStarted(): void {}

  ended(): void {}

  /** A node that ended by itself is a fault of ours: whoever waits for the cluster next is told. */
  crashed(member: SimulatedMember, cause: unknown): void {
    this.#failure ??= new Error(`${member.host} ended by itself: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }

  throwIfCrashed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** Real time repeats nothing, so there is nothing to compare. */
class QuietTrace extends Trace {
  override message(): void {}

  override store(): void {}
}
