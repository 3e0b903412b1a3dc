import { tmpdir } from "node:os"
import { join } from "node:path"
import { Admin, type ClientOptions, type TopicPartition } from "@tailrace/client"
import { partitionFor } from "@tailrace/coordinator"
import { SystemRandom } from "@tailrace/runtime"
import { SeededRandom } from "@tailrace/runtime/simulated"
import { type AckGap, type GapWindow, longestAckGap } from "./ackGaps.ts"
import { type CheckOptions, checkHistory, type CheckResult } from "./checkHistory.ts"
import type { ClusterDriver } from "./cluster/ClusterDriver.ts"
import type { ClusterMember } from "./cluster/ClusterMember.ts"
import type { PartitionState } from "./cluster/ClusterState.ts"
import { FaultRunner } from "./cluster/FaultRunner.ts"
import { callerOf, replayCommand, replayedSeed } from "./cluster/replayCommand.ts"
import { startDriver } from "./cluster/startDriver.ts"
import { writeReport } from "./cluster/writeReport.ts"
import { ClusterError } from "./ClusterError.ts"
import { ClusterNode } from "./ClusterNode.ts"
import type { ClusterMode, ClusterOptions } from "./ClusterOptions.ts"
import { drainTopics } from "./drainTopics.ts"
import type { FaultSchedule } from "./FaultSchedule.ts"
import { FaultyProxy } from "./FaultyProxy.ts"
import { GroupWorkload, type GroupWorkloadOptions } from "./GroupWorkload.ts"
import { History } from "./History.ts"
import { isOpen } from "./internal/HistoryIndex.ts"
import { sleep } from "./internal/sleep.ts"
import { recordSend, type RecordSendOptions, type SentOffset } from "./recordSend.ts"
import { runFaults } from "./runFaults.ts"
import { SendWorkload, type SendWorkloadOptions, type SendWorkloadResult } from "./SendWorkload.ts"
import type { WorkloadOptions } from "./workload/WorkloadOptions.ts"

/** What the cluster itself knows of a workload. */
type Own = "history" | "clock" | "random" | "client" | "partitions"
type Loaded<Options extends WorkloadOptions> = Omit<Options, Own> & { readonly topic: string; readonly partitions?: number }

const defaults = { nodes: 3, votersMax: 3, timeoutMillis: 60_000, acknowledgedMin: 1 } as const
const pollMillis = 20
const offsetsTopic = "__consumer_offsets"

/**
 * A whole cluster for a test, which can be broken on purpose. Users' clients connect to `bootstrapServers`; leave it with
 * `await using`, and nothing of it is left. Where time is virtual, wait for the cluster's own calls or for `run` only.
 */
export class Cluster implements AsyncDisposable {
  readonly mode: ClusterMode
  readonly seed: number
  /** What clients did and saw: by the workloads, by `recordSend`, or by hand. */
  readonly history: History
  readonly nodes: ReadonlyArray<ClusterNode>
  readonly #driver: ClusterDriver
  readonly #options: ClusterOptions
  readonly #replay: string
  readonly #random: SeededRandom
  readonly #proxies: Array<FaultyProxy> = []
  #admin: Admin | undefined
  #isClosed = false
  #reported: string | undefined
  /** Why there is no report, or not all of it. */
  #unreported: unknown

  private constructor(driver: ClusterDriver, seed: number, options: ClusterOptions, replay: string) {
    this.mode = options.mode ?? "inProcess"
    this.seed = seed
    this.history = new History(driver.clock)
    this.#driver = driver
    this.#options = options
    this.#replay = replay
    this.#random = new SeededRandom(seed)
    this.nodes = driver.members.map((member) => new ClusterNode(member, {
      onFault: (fault, node, detail) => void this.history.record({ process: "faults", f: "fault", meta: { fault, node, ...detail } }),
      start: (started) => this.#startMember(started),
      run: (promise) => driver.run(promise)
    }))
  }

  /** Resolves when all nodes serve. */
  static async start(nodes?: number | ClusterOptions, more: ClusterOptions = {}): Promise<Cluster> {
    const options: ClusterOptions = typeof nodes === "object" ? nodes : { ...more, ...(nodes === undefined ? {} : { nodes }) }
    const seed = options.seed ?? replayedSeed() ?? new SystemRandom().nextInt(1 << 30)
    const replay = replayCommand(seed, callerOf(new Error("where from").stack ?? ""), process.cwd())
    const count = options.nodes ?? defaults.nodes
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`nodes: ${count} is not a number of nodes, such as 3`)
    const voters = options.voters ?? Math.min(defaults.votersMax, count)
    if (!Number.isInteger(voters) || voters < 1 || voters > count) throw new RangeError(`voters: ${voters} is not from 1 to ${count}, the number of nodes`)
    const driver = await startDriver(options.mode ?? "inProcess", {
      seed, nodes: count, voterIds: Array.from({ length: voters }, (_, at) => at + 1),
      properties: { "timer.profile": "ci", "offsets.topic.num.partitions": "3", "default.replication.factor": String(Math.min(3, count)), ...options.properties }
    })
    const cluster = new Cluster(driver, seed, options, replay)
    try {
      await driver.run(Promise.all(driver.members.map((member) => cluster.#startMember(member))))
      await cluster.settled()
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  /** Addresses of all nodes, as clients take them. */
  get bootstrapServers(): string {
    return this.nodes.map(({ address }) => address).join(",")
  }

  /** For administrators' calls by our own client. */
  get admin(): Admin {
    return this.#admin ??= new Admin(this.clientOptions("testkit"))
  }

  get nowMillis(): number {
    return this.#driver.clock.monotonicMillis()
  }

  /** Nodes count from 1. */
  node(id: number): ClusterNode {
    const node = this.nodes[id - 1]
    if (node === undefined) throw new RangeError(`there is no node ${id}: nodes count from 1 to ${this.nodes.length}`)
    return node
  }

  /** For a client of `@tailrace/client`; in virtual time no other way leads to the cluster. */
  clientOptions(clientId = "client"): ClientOptions {
    return { bootstrapServers: this.bootstrapServers, clientId, ports: this.#driver.clientPorts(this.#random.fork()) }
  }

  async createTopic(name: string, options: { readonly partitions?: number; readonly replicationFactor?: number; readonly configs?: Readonly<Record<string, string>> } = {}): Promise<void> {
    const { configs = {}, partitions = 1, replicationFactor = Math.min(3, this.nodes.length) } = options
    const [created] = await this.#driver.run(this.admin.createTopics([{ name, numPartitions: partitions, replicationFactor, configs }]))
    if (created?.error !== undefined) throw created.error
    await this.#until(`topic ${name} is led`, async () => {
      const state = await this.#driver.state()
      const all = state?.topics.get(name) ?? []
      return all.length === partitions && all.every(({ leader }) => leader > 0)
    })
  }

  /** The node that leads; waits while that is none, or one that is known to be down or paused. */
  leaderOf(topic: string, partition = 0): Promise<ClusterNode> {
    return this.#found(`${topic}/${partition} has a leader`, async () => (await this.#driver.state())?.topics.get(topic)?.[partition]?.leader)
  }

  controllerOf(): Promise<ClusterNode> {
    return this.#found("there is a controller", async () => (await this.#driver.state())?.controllerId)
  }

  /** The node that coordinates a group; the first member of the first group creates what it takes. */
  coordinatorOf(group: string): Promise<ClusterNode> {
    return this.#found(`group ${group} has a coordinator`, async () => {
      const partitions = (await this.#driver.state())?.topics.get(offsetsTopic)
      return partitions?.[partitionFor(group, partitions.length)]?.leader
    })
  }

  /** Gives a partition another leader: the node, or the next one in sync. Resolves when it leads. */
  async electLeader(topic: string, partition = 0, node?: number): Promise<ClusterNode> {
    const { isr, leader, replicas } = await this.#partition(topic, partition)
    const target = node ?? isr.find((id) => id !== leader && this.node(id).isServing)
    if (target === undefined) throw new Error(`no other node is in sync with ${topic}/${partition}`)
    if (!replicas.includes(target)) throw new Error(`node ${target} has no replica of ${topic}/${partition}; nodes ${replicas.join()} have`)
    const order = [target, ...replicas.filter((id) => id !== target)]
    await this.#driver.run(this.#elect({ topic, partition }, order))
    await this.#until(`node ${target} leads ${topic}/${partition}`, async () => (await this.#partition(topic, partition)).leader === target)
    return this.node(target)
  }

  /** As `electLeader`, for the coordinator of a group. */
  async moveCoordinator(group: string, node?: number): Promise<ClusterNode> {
    await this.coordinatorOf(group)
    const count = (await this.#driver.state())?.topics.get(offsetsTopic)?.length ?? 1
    return this.electLeader(offsetsTopic, partitionFor(group, count), node)
  }

  /** Every partition is led by its first replica again, where that is in sync. */
  async electPreferredLeaders(): Promise<void> {
    await this.#driver.run(this.admin.electLeaders("preferred", null))
  }

  /** Resolves when every replica is in sync, of one topic or of all. */
  isrFull(topic?: string): Promise<void> {
    return this.#until(`every replica ${topic === undefined ? "" : `of ${topic} `}is in sync`, async () => {
      const topics = (await this.#driver.state())?.topics
      if (topics === undefined || (topic !== undefined && !topics.has(topic))) return false
      return [...topics].every(([name, partitions]) => (topic !== undefined && name !== topic) ||
        partitions.every(({ isr, leader, replicas }) => leader > 0 && isr.length === replicas.length))
    })
  }

  /** Resolves when nothing is broken any more: all nodes serve, one is the controller, everything is led and in sync. */
  settled(): Promise<void> {
    return this.#until("the cluster is settled", async () => (await this.#driver.unsettled()).length === 0)
  }

  /** Nothing gets from one group of nodes to the other; back neither, unless `oneWay`. Clients reach all of them. */
  partition(from: ReadonlyArray<number>, to: ReadonlyArray<number>, { oneWay = false }: { readonly oneWay?: boolean } = {}): void {
    this.#note("partition", { from, to, oneWay })
    this.#driver.block(from.flatMap((a) => to.flatMap((b) => oneWay ? [[a, b] as const] : [[a, b], [b, a]] as const)))
  }

  /** The node hears and reaches no other. */
  isolate(node: number): void {
    this.partition([node], this.nodes.map(({ id }) => id).filter((id) => id !== node))
  }

  /** What stands between the nodes is away for this time. */
  pauseBus(millis = 2_000): void {
    this.#note("pauseBus", { millis })
    this.#driver.pauseBus(millis)
  }

  /** Ends every fault of the network. */
  heal(): void {
    this.#note("heal", {})
    this.#driver.heal()
  }

  /** Faults for one client, which connects to the `bootstrapServers` of what it gets: cut, delay, lose or replace an answer. */
  async connectionFaults(): Promise<FaultyProxy> {
    const { host, net } = this.#driver.proxyNet()
    const brokers = this.nodes.map(({ address }) => address)
    const proxy = await this.#driver.run(FaultyProxy.start({ net, host, clock: this.#driver.clock, brokers }))
    this.#proxies.push(proxy)
    return proxy
  }

  /** Does what a schedule says; `generateFaults` draws one, for as many `nodes` as the cluster has. */
  async faults(schedule: FaultSchedule): Promise<void> {
    const { length } = this.nodes
    if (schedule.nodes !== length) throw new RangeError(`the schedule is for ${schedule.nodes} nodes, and the cluster has ${length}`)
    // One that there is not is no target that could be passed over.
    for (const { target } of schedule.faults) if ("nodes" in target) for (const id of target.nodes) this.node(id)
    if (schedule.faults.some(({ fault }) => fault === "restoreOldCopy")) for (const node of this.nodes) await node.saveCopy()
    const runner = new FaultRunner(this, this.#driver, schedule.seed)
    await this.#driver.run(runFaults(schedule, { clock: this.#driver.clock, history: this.history, cluster: runner }))
  }

  /** Single records at a steady rate to every partition of a topic, which are read too; all of it goes into the history. */
  sendWorkload(options: Loaded<SendWorkloadOptions>): Promise<SendWorkloadResult> {
    return this.#driver.run(this.#loaded(options).then((all) => new SendWorkload(all).run()))
  }

  /** A group whose members come, leave and die. */
  async groupWorkload(options: Loaded<GroupWorkloadOptions>): Promise<void> {
    await this.#driver.run(this.#loaded(options).then((all) => new GroupWorkload(all).run()))
  }

  /**
   * Writes down what another client sends: `send` answers the offset that the record got. A value is known by what stands before its
   * first space, and no two records have the same.
   */
  recordSend<Offset extends SentOffset>(options: RecordSendOptions, send: () => Promise<Offset>): Promise<Offset> {
    return recordSend(this.history, options, send)
  }

  /**
   * The longest time without an acknowledgement for any partition, of the whole history or of a part. Unless it is told otherwise,
   * that ends now while a send is under way, so that an outage which lasts shows as long as it is, and else with the last send.
   */
  longestAckGap(window: Partial<GapWindow> = {}): AckGap {
    const sends = this.history.operations.filter(({ f }) => f === "send")
    const isWaiting = sends.some((send) => isOpen(send) && send.records.some(({ key }) => window.keys?.includes(key) ?? true))
    const fromMillis = window.fromMillis ?? sends.reduce((first, { invokeMillis }) => Math.min(first, invokeMillis), Infinity)
    const toMillis = window.toMillis ?? (isWaiting ? this.nowMillis : sends.reduce((last, { completeMillis }) => Math.max(last, completeMillis), -Infinity))
    return longestAckGap(this.history, { ...window, fromMillis, toMillis })
  }

  /** Reads everything back that was sent to, and throws where the cluster broke a promise, or was asked for too little to show any. */
  async checkHistory(options: CheckOptions & { readonly acknowledgedMin?: number } = {}): Promise<CheckResult> {
    const { acknowledgedMin = defaults.acknowledgedMin } = options
    const keys = new Set(this.history.operations.flatMap(({ f, records }) => f === "send" ? records.map(({ key }) => key) : []))
    const partitions = [...keys].map((key) => ({ topic: key.slice(0, key.lastIndexOf("/")), partition: Number(key.slice(key.lastIndexOf("/") + 1)) }))
    const unread = await this.#driver.run(drainTopics({
      history: this.history, clock: this.#driver.clock, client: this.clientOptions("drain"), partitions
    }))
    if (unread.length > 0) throw this.#error("unreadable", `${unread.join()} could not be read`)
    const result = checkHistory(this.history, options)
    const bad = result.findings.filter(({ severity }) => severity === "bad").map(({ anomaly, key, message }) => `${anomaly} ${key}: ${message}`)
    if (!result.isValid) throw this.#error("history", `promises were broken:\n${bad.join("\n")}`)
    const { acknowledged } = result
    if (acknowledged >= acknowledgedMin) return result
    const records = `${acknowledged} ${acknowledged === 1 ? "record was" : "records were"} acknowledged`
    throw this.#error("too-little", `${records}, at least ${acknowledgedMin} (acknowledgedMin) are needed for the history to say anything`)
  }

  /** Waits for a test of ours, letting time pass where it is virtual; where it fails, a report is kept. */
  async run<A>(test: () => Promise<A>): Promise<A> {
    try {
      return await this.#driver.run(test())
    } catch (error) {
      if (this.#reported === undefined) this.report(error)
      throw error
    }
  }

  /** Time of the cluster. */
  async sleep(millis: number): Promise<void> {
    await this.#driver.run(sleep(this.#driver.clock, millis))
  }

  /**
   * Says how to see this again, and keeps the history and what the nodes logged; answers where. For `onTestFailed`: what cannot be
   * written is told too, but never takes the place of the failure that it is about.
   */
  report(cause?: unknown): string {
    if (this.#reported !== undefined) return this.#reported
    const root = this.#options.reportDirectory ?? process.env["TAILRACE_REPORTS"] ?? join(tmpdir(), "tailrace-reports")
    const directory = join(root, `${this.mode}-${this.seed}-${process.pid}`)
    this.#reported = directory
    try {
      writeReport({
        directory, seed: this.seed, mode: this.mode, replay: this.#replay, cause, history: this.history, members: this.#driver.members
      })
    } catch (error) {
      this.#unreported = error
    }
    process.stderr.write(`${this.#describe(directory)}\n`)
    return directory
  }

  /** Everything at once, as when the machine is switched off. */
  async close(): Promise<void> {
    this.#isClosed = true
    const proxies = this.#proxies.splice(0)
    this.#admin?.cluster.close()
    try {
      await this.#driver.run(Promise.all(proxies.map((proxy) => proxy.close())))
    } finally {
      await this.#driver.close()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #startMember(member: ClusterMember): Promise<void> {
    this.#assertOpen()
    member.begin()
    await this.#poll(`node ${member.nodeId} serves`, async () => {
      await this.#driver.state()
      return member.isServing
    })
  }

  async #elect(partition: TopicPartition, replicas: ReadonlyArray<number>): Promise<void> {
    const [ordered] = await this.admin.alterPartitionReassignments([{ ...partition, replicas }])
    if (ordered?.error !== undefined) throw ordered.error
    await this.#poll(`${partition.topic}/${partition.partition} has its replicas`, async () =>
      (await this.#partition(partition.topic, partition.partition)).replicas.join() === replicas.join())
    await this.admin.electLeaders("preferred", [partition])
  }

  async #partition(topic: string, partition: number): Promise<PartitionState> {
    const found = (await this.#driver.state())?.topics.get(topic)?.[partition]
    if (found === undefined) throw new Error(`there is no partition ${topic}/${partition}`)
    return found
  }

  async #loaded<Options extends WorkloadOptions>(options: Loaded<Options>): Promise<Options> {
    const count = options.partitions ?? (await this.#driver.state())?.topics.get(options.topic)?.length ?? 1
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic: options.topic, partition }))
    const random = this.#random.fork()
    return { ...options, history: this.history, clock: this.#driver.clock, random, client: this.clientOptions("workload"), partitions } as unknown as Options
  }

  async #found(what: string, look: () => Promise<number | undefined>): Promise<ClusterNode> {
    let found: ClusterNode | undefined
    await this.#until(what, async () => {
      found = this.nodes[(await look() ?? 0) - 1]
      return found?.isServing === true
    })
    return found!
  }

  #until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    return this.#driver.run(this.#poll(what, isSo))
  }

  async #poll(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const { clock } = this.#driver
    const deadline = clock.monotonicMillis() + (this.#options.timeoutMillis ?? defaults.timeoutMillis)
    while (!await isSo()) {
      this.#assertOpen()
      if (clock.monotonicMillis() >= deadline) {
        const missing = await this.#driver.unsettled()
        throw this.#error("timeout", `not in time: ${what}; ${missing.slice(0, 10).join("; ")}`)
      }
      await sleep(clock, pollMillis)
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ClusterError("closed", "the cluster was closed before")
  }

  #note(fault: string, detail: Readonly<Record<string, unknown>>): void {
    this.history.record({ process: "faults", f: "fault", meta: { fault, ...detail } })
  }

  #error(reason: ClusterError["reason"], message: string): ClusterError {
    const directory = this.report(message)
    return new ClusterError(reason, `${message}\n${this.#describe(directory)}`)
  }

  #describe(directory: string): string {
    const again = `Tailrace: seed ${this.seed}, again by: ${this.#replay}`
    if (this.#unreported === undefined) return `${again}\nTailrace: history and what nodes logged: ${directory}`
    const { message } = this.#unreported instanceof Error ? this.#unreported : new Error(String(this.#unreported))
    return `${again}\nTailrace: the report could not be written: ${message}`
  }
}
