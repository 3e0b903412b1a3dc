import type { ClientOptions } from "@tailrace/client"
import { logDirectoryDefaults } from "@tailrace/log"
import { NodeNet, SystemClock, SystemRandom } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import type { BusConditions } from "../sim/world/BusConditions.ts"
import type { HostNet } from "../sim/world/HostNet.ts"
import { SimulatedBusNetwork } from "../sim/world/SimulatedBusNetwork.ts"
import { SimulatedMember } from "../sim/world/SimulatedMember.ts"
import type { SimulatedProcess } from "../sim/world/SimulatedProcess.ts"
import type { SimulatedWorld } from "../sim/world/SimulatedWorld.ts"
import { Trace } from "../sim/world/Trace.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { ClusterState } from "./ClusterState.ts"
import type { DriverOptions } from "./DriverOptions.ts"
import { MemberCluster } from "./MemberCluster.ts"
import { MemberNode } from "./MemberNode.ts"
import { reservePorts } from "./reservePorts.ts"
import { SocketNet } from "./SocketNet.ts"

const host = "127.0.0.1"
/** Nodes of one process share its memory. */
const directory = { ...logDirectoryDefaults, tailCacheBytesMax: 8 * 1024 * 1024, reserveBytesMax: 1024 * 1024 }

/** Real time and real sockets for clients; the buses between the nodes and their disks are of this process. */
export class InProcessDriver implements ClusterDriver, SimulatedWorld {
  readonly seed: number
  readonly isVerbose = true
  readonly isTraced = false
  readonly clock = new SystemClock()
  readonly trace = new QuietTrace(this.clock)
  readonly network: SimulatedBusNetwork
  readonly voterIds: ReadonlyArray<number>
  readonly members: ReadonlyArray<MemberNode>
  readonly #cluster: MemberCluster
  readonly #net = new NodeNet()
  #failure: Error | undefined

  private constructor(options: DriverOptions, ports: ReadonlyArray<number>) {
    this.seed = options.seed
    this.voterIds = options.voterIds
    this.network = new SimulatedBusNetwork({
      clock: this.clock, random: new SeededRandom(options.seed), trace: this.trace, travelMillis: 0
    })
    this.members = ports.map((port, at) => {
      const member = new SimulatedMember(this, { nodeId: at + 1, properties: options.properties, listen: { host, port }, directory })
      return new MemberNode(member, this.clock, (topic) => this.#cluster.topicId(topic), (cause) => this.crashed(member, cause))
    })
    this.#cluster = new MemberCluster(this.members, this.network, this.voterIds)
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
    this.#throwIfCrashed()
    return this.#cluster.state()
  }

  async unsettled(): Promise<ReadonlyArray<string>> {
    this.#throwIfCrashed()
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

  #throwIfCrashed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}

/** Real time repeats nothing, so there is nothing to compare. */
class QuietTrace extends Trace {
  override message(): void {}

  override store(): void {}
}
