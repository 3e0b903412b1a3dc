import type { ClientOptions } from "@tailrace/client"
import type { Clock, Dialer, Net } from "@tailrace/runtime"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { BusConditions } from "../sim/world/BusConditions.ts"
import type { ClusterMember } from "./ClusterMember.ts"
import type { ClusterState } from "./ClusterState.ts"

/** A cluster as one mode runs it: `Cluster` is the same for all of them. */
export interface ClusterDriver {
  /** The time of the cluster and of its clients. */
  readonly clock: Clock
  readonly members: ReadonlyArray<ClusterMember>
  /** Where proxies listen and how they reach nodes; each call is another host. */
  proxyNet(): { readonly net: Net & Dialer; readonly host: string }
  /** Ports of one client. */
  clientPorts(random: SeededRandom): NonNullable<ClientOptions["ports"]>
  /** Undefined while nobody can say. */
  state(): Promise<ClusterState | undefined>
  /** What is not as it should be when nothing is broken; empty where all is well. */
  unsettled(): Promise<ReadonlyArray<string>>
  /** Waits for it; where time is virtual, it passes meanwhile. */
  run<A>(promise: Promise<A>): Promise<A>
  /** Nothing gets over these links any more, each from the first node to the second. */
  block(links: ReadonlyArray<readonly [from: number, to: number]>): void
  setConditions(conditions: Partial<BusConditions>): void
  /** The servers between the nodes are away for this time. */
  pauseBus(millis: number): void
  heal(): void
  close(): Promise<void>
}
