import type { ClientOptions } from "@tailrace/client"
import type { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import type { BusConditions } from "../sim/world/BusConditions.ts"
import { SimulatedCluster } from "../SimulatedCluster.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { ClusterState } from "./ClusterState.ts"
import type { DriverOptions } from "./DriverOptions.ts"
import { MemberCluster } from "./MemberCluster.ts"
import { MemberNode } from "./MemberNode.ts"

/** Simulated time that one call may take. */
const runMillisMax = 3_600_000

/** Virtual time, for our own client: it passes only while somebody waits for the cluster. */
export class SimulatedDriver implements ClusterDriver {
  readonly members: ReadonlyArray<MemberNode>
  readonly #simulated: SimulatedCluster
  readonly #cluster: MemberCluster
  #hosts = 0

  constructor({ nodes, properties, seed, voterIds }: DriverOptions) {
    this.#simulated = new SimulatedCluster({ seed, nodes, properties, voters: voterIds.length, isVerbose: true })
    this.members = this.#simulated.members.map((member) =>
      new MemberNode(member, this.clock, (topic) => this.#cluster.topicId(topic), (cause) => this.#simulated.crashed(member, cause)))
    this.#cluster = new MemberCluster(this.members, this.#simulated.network, voterIds)
  }

  get clock(): VirtualClock {
    return this.#simulated.clock
  }

  proxyNet() {
    const host = `proxy-${++this.#hosts}`
    return { net: this.#simulated.net.at(host), host }
  }

  clientPorts(random: SeededRandom): NonNullable<ClientOptions["ports"]> {
    return { clock: this.clock, random, dialer: this.#simulated.net.at(`client-${++this.#hosts}`) }
  }

  async state(): Promise<ClusterState | undefined> {
    return this.#cluster.state()
  }

  async unsettled(): Promise<ReadonlyArray<string>> {
    return this.#cluster.unsettled()
  }

  /** Several may be waited for at once, one inside of the other too. */
  run<A>(promise: Promise<A>): Promise<A> {
    return this.#simulated.run(promise, runMillisMax)
  }

  block(links: ReadonlyArray<readonly [from: number, to: number]>): void {
    this.#cluster.block(links)
  }

  setConditions(conditions: Partial<BusConditions>): void {
    this.#cluster.setConditions(conditions)
  }

  pauseBus(millis: number): void {
    this.#cluster.pauseBus(millis)
  }

  heal(): void {
    this.#cluster.heal()
  }

  close(): Promise<void> {
    return this.#simulated.close()
  }
}
