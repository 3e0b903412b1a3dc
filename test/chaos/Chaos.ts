import { Admin } from "@tailrace/client"
import type { Clock } from "@tailrace/runtime"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { History, Operation } from "@tailrace/testkit"
import { pause } from "../bench/harness/network.ts"
import type { ClusterNode } from "../cluster/ClusterNode.ts"
import type { ManagedProcess } from "../cluster/ManagedProcess.ts"
import type { ProcessCluster } from "../cluster/ProcessCluster.ts"
import type { NodeWatch } from "./NodeWatch.ts"

export interface FaultPlan {
  readonly title: string
  /** How long it lasts at least; it goes on until enough was attempted. */
  readonly holdMillis: number
  readonly begin: () => Promise<void> | void
  readonly end: () => Promise<void> | void
}

/** One fault that was done. Times are those of the history. */
export interface FaultWindow {
  readonly title: string
  /** Sends that began while it lasted. */
  readonly attempted: number
  readonly fromMillis: number
  readonly endMillis: number
  /** When every partition had been acknowledged again after its end. */
  readonly recoveredMillis: number
}

export interface ChaosParts {
  readonly cluster: ProcessCluster
  readonly history: History
  readonly clock: Clock
  readonly random: SeededRandom
  readonly watch: NodeWatch
  /** `topic/partition` of everything that is sent to. */
  readonly keys: ReadonlyArray<string>
  /** The topic whose partitions have leaders to be broken. */
  readonly topic: string
}

export const chaosLimits = {
  /** A fault counts only with so many sends attempted while it lasted. */
  attemptsMin: 100,
  /** Acknowledgements of each partition that show that it is served again. */
  acksMin: 10,
  /** How long a fault may have to wait for its attempts. */
  attemptsMillisMax: 60_000,
  /** How long a cluster may take to serve every partition again. */
  recoveryMillisMax: 60_000
} as const

const lookMillis = 20
const syncLookMillis = 2_000

/** A cluster at work, and everything that a scenario can do to it. */
export class Chaos {
  readonly cluster: ProcessCluster
  readonly random: SeededRandom
  readonly windows: FaultWindow[] = []
  /** What was met and is allowed, such as a node that refused its damaged directory. */
  readonly notes: string[] = []
  readonly #parts: ChaosParts
  readonly #acks = new Map<string, number>()

  constructor(parts: ChaosParts) {
    this.cluster = parts.cluster
    this.random = parts.random
    this.#parts = parts
  }

  /** To be called with every operation that ends. */
  readonly onOperation = ({ f, type, records }: Operation): void => {
    if (f !== "send" || type !== "ok") return
    for (const { key } of records) this.#acks.set(key, (this.#acks.get(key) ?? 0) + 1)
  }

  /** One fault from its beginning until everybody is served again. */
  async fault({ title, holdMillis, begin, end }: FaultPlan): Promise<void> {
    const { clock, history } = this.#parts
    const operation = history.invoke({ process: "faults", f: "fault", meta: { fault: title } })
    const before = history.size
    const fromMillis = clock.monotonicMillis()
    await begin()
    await pause(Math.max(0, holdMillis - (clock.monotonicMillis() - fromMillis)))
    await this.#until(`${chaosLimits.attemptsMin} sends during ${title}`, chaosLimits.attemptsMillisMax, () => this.#sendsSince(before) >= chaosLimits.attemptsMin)
    const endMillis = clock.monotonicMillis()
    const attempted = this.#sendsSince(before)
    const acks = new Map(this.#acks)
    await end()
    await this.#servedSince(acks, `after ${title}`)
    operation.complete({ type: "ok", meta: { attempted } })
    this.windows.push({ title, attempted, fromMillis, endMillis, recoveredMillis: clock.monotonicMillis() })
  }

  /** Everything runs, every replica is in sync, every partition is led by its preferred leader and acknowledges. */
  async whole(): Promise<void> {
    const { cluster, watch } = this.#parts
    await cluster.heal()
    for (const node of cluster.nodes) for (const one of [node.process, node.bus]) if (one !== undefined) watch.expectUp(one)
    await this.#ask((admin) => admin.electLeaders("preferred", null))
    await cluster.client.until("every partition is led by its preferred leader", chaosLimits.recoveryMillisMax, ({ topics }) =>
      [...topics.values()].flat().every((one) => one.leader === one.replicas[0] && one.inSync.length === one.replicas.length))
    await this.served("of a whole cluster")
  }

  /** The node leads nothing any more, though it stays a replica of everything. */
  async leadElsewhere(node: ClusterNode): Promise<void> {
    const { topics } = await this.cluster.client.view()
    const led = [...topics].flatMap(([topic, partitions]) => partitions.filter((one) => one.replicas[0] === node.id)
      .map(({ partition, replicas }) => ({ topic, partition, replicas: [...replicas.slice(1), node.id] })))
    if (led.length > 0) await this.#ask((admin) => admin.alterPartitionReassignments(led))
    await this.cluster.client.until(`node ${node.id} is nobody's preferred leader`, chaosLimits.recoveryMillisMax, (view) =>
      [...view.topics.values()].flat().every((one) => one.replicas[0] !== node.id))
    await this.whole()
  }

  /** Every partition is acknowledged from now on. */
  served(what: string): Promise<void> {
    return this.#servedSince(new Map(this.#acks), what)
  }

  /** The node that leads partition 0 of the topic; in a whole cluster that is seldom the controller. */
  async leader(): Promise<ClusterNode> {
    const { topic, cluster } = this.#parts
    const controller = (await cluster.client.quorumLeader()).nodeId
    const leaders = ((await cluster.client.view([topic])).topics.get(topic) ?? []).map((one) => one.leader).filter((id) => id >= 0)
    return cluster.node(leaders.find((id) => id !== controller) ?? leaders[0] ?? controller)
  }

  async controller(): Promise<ClusterNode> {
    return this.cluster.node((await this.cluster.client.quorumLeader()).nodeId)
  }

  /** A node that is not the one given. */
  other(than: ClusterNode): ClusterNode {
    return this.pick(this.cluster.nodes.filter((node) => node !== than))
  }

  /** Leader epochs of all partitions, and the controller's, to be told apart from later ones. */
  async epochs(): Promise<{ readonly leaders: number; readonly controller: number }> {
    const { topics } = await this.cluster.client.view()
    const leaders = [...topics.values()].flat().reduce((sum, one) => sum + one.leaderEpoch, 0)
    return { leaders, controller: (await this.cluster.client.quorumLeader()).epoch }
  }

  pick<T>(list: ReadonlyArray<T>): T {
    return list[this.random.nextInt(list.length)] as T
  }

  between(lowMillis: number, highMillis: number): number {
    return lowMillis + this.random.nextInt(highMillis - lowMillis + 1)
  }

  async kill(node: ClusterNode): Promise<void> {
    this.mayEnd(node.process)
    await node.kill()
  }

  async start(node: ClusterNode): Promise<void> {
    await node.start()
    this.#parts.watch.expectUp(node.process)
  }

  async restart(node: ClusterNode): Promise<void> {
    this.mayEnd(node.process)
    await node.stop()
    await this.start(node)
  }

  /** Every replica is in sync again. A node whose disk has failed may still end on that account: it is started as a supervisor would. */
  async backInSync(node: ClusterNode): Promise<void> {
    const { clock } = this.#parts
    const deadlineMillis = clock.monotonicMillis() + chaosLimits.recoveryMillisMax
    for (;;) {
      if (!node.process.isRunning) await node.spawn()
      const missing = await this.cluster.client.isrFull(undefined, syncLookMillis).then(() => undefined, (error: unknown) => error)
      if (missing === undefined && node.process.isRunning) break
      if (clock.monotonicMillis() > deadlineMillis) throw missing ?? new Error(`node ${node.id} ${node.process.lastWords}`)
    }
    await node.ready()
    this.#parts.watch.expectUp(node.process)
  }

  async killBus(node: ClusterNode): Promise<void> {
    this.mayEnd(node.bus)
    await node.bus?.kill()
  }

  async startBus(node: ClusterNode): Promise<void> {
    await node.startBus()
    if (node.bus !== undefined) this.#parts.watch.expectUp(node.bus)
  }

  /** The fault is meant to end it, or may. */
  mayEnd(process: ManagedProcess | undefined): void {
    if (process !== undefined) this.#parts.watch.expectDown(process)
  }

  async #ask(call: (admin: Admin) => Promise<unknown>): Promise<void> {
    const admin = new Admin({ bootstrapServers: this.cluster.bootstrap, requestTimeoutMillis: 5_000, apiTimeoutMillis: 30_000 })
    try {
      await call(admin)
    } finally {
      await admin.close()
    }
  }

  #sendsSince(size: number): number {
    const { operations } = this.#parts.history
    let sends = 0
    for (let at = size; at < operations.length; at++) if (operations[at]?.f === "send") sends++
    return sends
  }

  #servedSince(acks: ReadonlyMap<string, number>, what: string): Promise<void> {
    const waiting = (): string[] => this.#parts.keys.filter((key) => (this.#acks.get(key) ?? 0) - (acks.get(key) ?? 0) < chaosLimits.acksMin)
    return this.#until(`acknowledgements in every partition ${what}`, chaosLimits.recoveryMillisMax, () => waiting().length === 0, () => `none in ${waiting().join(", ")}`)
  }

  async #until(what: string, millisMax: number, isTrue: () => boolean, describe: () => string = () => ""): Promise<void> {
    const { clock } = this.#parts
    for (const since = clock.monotonicMillis(); !isTrue(); await pause(lookMillis)) {
      if (clock.monotonicMillis() - since > millisMax) throw new Error(`not true after ${millisMax} ms: ${what} ${describe()}`)
    }
  }
}
