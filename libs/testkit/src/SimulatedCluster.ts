import { SeededRandom, SimulatedNet, VirtualClock } from "@tailrace/runtime/simulated"
import type { HostNet } from "./sim/world/HostNet.ts"
import { SimulatedBusNetwork } from "./sim/world/SimulatedBusNetwork.ts"
import { type MemberOptions, SimulatedMember } from "./sim/world/SimulatedMember.ts"
import type { SimulatedWorld } from "./sim/world/SimulatedWorld.ts"
import { Trace } from "./sim/world/Trace.ts"
import { Turns } from "./sim/world/Turns.ts"

export interface SimulatedClusterOptions {
  /** Decides everything. */
  readonly seed?: number
  readonly nodes?: number
  /** The first controllers; default all nodes up to three. */
  readonly voters?: number
  readonly properties?: Readonly<Record<string, string>>
  /** Sockets cut and join what is written at any place, as TCP may; without it every write arrives whole. */
  readonly cutsWrites?: boolean
  /** What differs between members. */
  readonly member?: (nodeId: number, random: SeededRandom) => Omit<MemberOptions, "nodeId" | "properties">
  readonly isVerbose?: boolean
  /** After each turn, with the members in which something happened. */
  readonly onTurn?: (touched: ReadonlySet<SimulatedMember>) => void
  readonly onStarted?: (member: SimulatedMember) => void
  readonly onEnded?: (member: SimulatedMember) => void
}

/**
 * A whole cluster of real nodes in this process, in virtual time: disks, buses, sockets and clocks are simulated, everything else is
 * the code of production. The same seed gives the same run, event by event.
 */
export class SimulatedCluster implements SimulatedWorld, AsyncDisposable {
  readonly seed: number
  readonly isVerbose: boolean
  readonly isTraced = true
  readonly clock: VirtualClock
  readonly net: SimulatedNet
  readonly network: SimulatedBusNetwork
  readonly trace: Trace
  readonly members: ReadonlyArray<SimulatedMember>
  readonly voterIds: ReadonlyArray<number>
  readonly #options: SimulatedClusterOptions
  readonly #turns: Turns
  #touched = new Set<SimulatedMember>()
  #failure: Error | undefined

  constructor(options: SimulatedClusterOptions = {}) {
    const { isVerbose = false, nodes = 3, properties = {}, seed = 1 } = options
    const random = new SeededRandom(seed)
    this.#options = options
    this.seed = seed
    this.isVerbose = isVerbose
    this.clock = new VirtualClock({ random: random.fork() })
    const netRandom = random.fork()
    this.net = new SimulatedNet({ clock: this.clock, ...(options.cutsWrites === true ? { random: netRandom } : {}) })
    this.trace = new Trace(this.clock, isVerbose)
    this.network = new SimulatedBusNetwork({ clock: this.clock, random: random.fork(), trace: this.trace })
    this.voterIds = Array.from({ length: Math.min(options.voters ?? 3, nodes) }, (_, i) => i + 1)
    this.members = Array.from({ length: nodes }, (_, i) => {
      const own = options.member?.(i + 1, random.fork()) ?? {}
      return new SimulatedMember(this, { ...own, nodeId: i + 1, properties })
    })
    this.#turns = new Turns({ clock: this.clock, onSettled: () => this.#settled() })
  }

  get turns(): number {
    return this.#turns.count
  }

  get bootstrapServers(): string {
    return this.members.map(({ address }) => `${address.host}:${address.port}`).join(",")
  }

  member(nodeId: number): SimulatedMember {
    const member = this.members[nodeId - 1]
    if (member === undefined) throw new Error(`assertion: there is a node ${nodeId}`)
    return member
  }

  /** The member that is the controller by the word of the most members; undefined where none is. */
  controllerOf(): SimulatedMember | undefined {
    return this.members.find(({ node }) => node?.quorum.isActive === true)
  }

  /** The leader as the member knows it that has applied the most metadata. */
  leaderOf(topic: string, partition: number): SimulatedMember | undefined {
    const leader = this.newest()?.metadata.topic(topic)?.partitions[partition]?.leader ?? -1
    return this.members[leader - 1]
  }

  /** The running node that knows the most of the metadata. */
  newest() {
    let newest
    for (const { node } of this.members) if (node !== undefined && node.metadataOffset > (newest?.metadataOffset ?? -1)) newest = node
    return newest
  }

  netOf(host: string): HostNet {
    const net = this.net.at(host)
    return {
      listen: (options, onConnection) => net.listen(options, onConnection),
      dial: (options) => net.dial(options),
      cut: () => net.cut(host)
    }
  }

  async start(): Promise<void> {
    await this.run(Promise.all(this.members.map((member) => member.start())))
  }

  /** Lets time pass until the promise has settled; fails where that takes longer. */
  async run<A>(promise: Promise<A>, millisMax = 60_000): Promise<A> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    promise.then(settle, settle)
    if (!await this.#turns.run(this.clock.monotonicMillis() + millisMax, () => isSettled)) {
      promise.catch(() => undefined)
      throw new Error(`nothing settled it within ${millisMax} simulated milliseconds`)
    }
    return promise
  }

  /** Lets time pass until something is so; answers whether it came to be. */
  until(isSo: () => boolean, millisMax = 60_000): Promise<boolean> {
    return this.#turns.run(this.clock.monotonicMillis() + millisMax, isSo)
  }

  async advance(millis: number): Promise<void> {
    await this.#turns.run(this.clock.monotonicMillis() + millis, () => false)
  }

  /** Ends the run with this error after the present turn. */
  fail(error: Error): void {
    this.#failure ??= error
  }

  touched(member: SimulatedMember): void {
    this.#touched.add(member)
  }

  nodeStarted(member: SimulatedMember): void {
    this.trace.note(`${member.host} has actors`)
    this.#options.onStarted?.(member)
  }

  ended(member: SimulatedMember): void {
    this.#options.onEnded?.(member)
  }

  crashed(member: SimulatedMember, cause: unknown): void {
    this.fail(new Error(`${member.host} ended: ${cause instanceof Error ? cause.message : String(cause)}`, { cause }))
  }

  /** Everything at once, as when the machine is switched off. */
  close(): Promise<void> {
    for (const member of this.members) if (member.isUp) member.kill()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #settled(): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#touched.size === 0) return
    const touched = this.#touched
    this.#touched = new Set()
    this.#options.onTurn?.(touched)
    if (this.#failure !== undefined) throw this.#failure
  }
}
