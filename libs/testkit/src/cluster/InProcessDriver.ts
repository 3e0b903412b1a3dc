import type { ClientOptions } from "@tailrace/client"
import { logDirectoryDefaults } from "@tailrace/log"
import { NodeNet, SystemClock, SystemRandom } from "@tailrace/runtime"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { BusConditions } from "../sim/world/BusConditions.ts"
import { SimulatedMember } from "../sim/world/SimulatedMember.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { ClusterState } from "./ClusterState.ts"
import type { DriverOptions } from "./DriverOptions.ts"
import { InProcessWorld } from "./InProcessWorld.ts"
import { MemberCluster } from "./MemberCluster.ts"
import { MemberNode } from "./MemberNode.ts"
import { reservePorts } from "./reservePorts.ts"

const host = "127.0.0.1"
/** Nodes of one process share its memory. */
const directory = { ...logDirectoryDefaults, tailCacheBytesMax: 8 * 1024 * 1024, reserveBytesMax: 1024 * 1024 }

/** Real time and real sockets for clients; the buses between the nodes and their disks are of this process. */
export class InProcessDriver implements ClusterDriver {
  readonly clock = new SystemClock()
  readonly members: ReadonlyArray<MemberNode>
  readonly #world: InProcessWorld
  readonly #cluster: MemberCluster
  readonly #net = new NodeNet()

  private constructor(options: DriverOptions, ports: ReadonlyArray<number>) {
    const world = new InProcessWorld(options.seed, options.voterIds)
    this.#world = world
    this.members = ports.map((port, at) => {
      const member = new SimulatedMember(world, { nodeId: at + 1, properties: options.properties, listen: { host, port }, directory })
      return new MemberNode(member, this.clock, (topic) => this.#cluster.topicId(topic), (cause) => world.crashed(member, cause))
    })
    this.#cluster = new MemberCluster(this.members, world.network, world.voterIds)
  }

  static async create(options: DriverOptions): Promise<InProcessDriver> {
    return new InProcessDriver(options, await reservePorts(options.nodes, new SystemRandom()))
  }

  proxyNet() {
    return { net: this.#net, host }
  }

  clientPorts(random: SeededRandom): NonNullable<ClientOptions["ports"]> {
    return { random }
  }

  async state(): Promise<ClusterState | undefined> {
    this.#world.throwIfCrashed()
    return this.#cluster.state()
  }

  async unsettled(): Promise<ReadonlyArray<string>> {
    this.#world.throwIfCrashed()
    return this.#cluster.unsettled()
  }

  run<A>(promise: Promise<A>): Promise<A> {
    return promise
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

  async close(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()))
    this.#world.clock.close()
  }
}
