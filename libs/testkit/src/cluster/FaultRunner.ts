import { SeededRandom } from "@tailrace/runtime/simulated"
import type { Cluster } from "../Cluster.ts"
import type { FaultKind, ScheduledFault } from "../FaultSchedule.ts"
import type { FaultyCluster } from "../runFaults.ts"
import { calmBus } from "../sim/world/BusConditions.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { ClusterMember } from "./ClusterMember.ts"

type Action = (members: ReadonlyArray<ClusterMember>, fault: ScheduledFault) => Promise<unknown> | void

const offsetsTopic = "__consumer_offsets"
const pauseBusMillis = 3_000

/** Does the faults of a schedule to a cluster. */
export class FaultRunner implements FaultyCluster {
  readonly #cluster: Cluster
  readonly #driver: ClusterDriver
  readonly #random: SeededRandom
  /** Whom each unit hits, from its first fault on. */
  readonly #targets = new Map<number, ReadonlyArray<ClusterMember>>()

  constructor(cluster: Cluster, driver: ClusterDriver, seed: number) {
    this.#cluster = cluster
    this.#driver = driver
    this.#random = new SeededRandom(seed)
  }

  async apply(fault: ScheduledFault): Promise<void> {
    let members = this.#targets.get(fault.unit)
    if (members === undefined) this.#targets.set(fault.unit, members = await this.#look(fault))
    await this.#actions[fault.fault](members, fault)
  }

  async #look({ target }: ScheduledFault): Promise<ReadonlyArray<ClusterMember>> {
    const { members } = this.#driver
    const numbered = (nodes: ReadonlyArray<number>) => nodes.flatMap((id) => members.filter(({ nodeId }) => nodeId === id))
    if ("nodes" in target) return numbered(target.nodes)
    if (target.role === "cluster") return members
    const any = members[target.draw % members.length]!.nodeId
    return numbered([await this.#holder(target.role, target.draw) ?? any])
  }

  async #holder(role: "leader" | "follower" | "controller" | "coordinator" | "any", draw: number): Promise<number | undefined> {
    const state = await this.#driver.state()
    if (state === undefined || role === "any") return undefined
    if (role === "controller") return state.controllerId
    const topics = [...state.topics].filter(([name]) => (name === offsetsTopic) === (role === "coordinator"))
    const partitions = topics.flatMap(([, all]) => all).filter(({ leader }) => leader > 0)
    const partition = partitions[draw % Math.max(1, partitions.length)]
    const followers = partition?.replicas.filter((id) => id !== partition.leader) ?? []
    return role === "follower" ? followers[(draw >>> 8) % Math.max(1, followers.length)] : partition?.leader
  }

  readonly #actions: Readonly<Record<FaultKind, Action>> = {
    kill: (members) => this.#each(members, (member) => member.kill()),
    powerLoss: (members) => this.#each(members, (member) => member.powerLoss()),
    pause: (members) => this.#each(members, (member) => member.pause()),
    resume: (members) => this.#each(members, (member) => member.resume()),
    restart: (members) => {
      for (const member of members) member.begin()
    },
    wipe: (members) => this.#each(members, (member) => member.isUp ? undefined : member.wipe()),
    restoreOldCopy: (members) => this.#each(members, (member) => member.isUp || !member.hasCopy ? undefined : member.restoreOldCopy()),
    corrupt: (members, { level = 1 }) =>
      this.#each(members, (member) => member.isUp ? undefined : member.corruptAny(this.#random.nextUint32(), level)),
    slowFlush: (members, { level = 100 }) => this.#each(members, (member) => member.slowFlush(level)),
    fillDisk: (members) => this.#each(members, (member) => member.fillDisk()),
    freeDisk: (members) => this.#each(members, (member) => this.#free(member)),
    partition: (members) => this.#cut(members, false),
    partitionOneWay: (members) => this.#cut(members, true),
    isolate: (members) => this.#separate(members),
    halves: ([first], { level = 1 }) => {
      const { members } = this.#driver
      const from = first === undefined ? 0 : members.indexOf(first)
      this.#separate(Array.from({ length: level }, (_, at) => members[(from + at) % members.length]!))
    },
    loss: (_, { level = 1 }) => this.#driver.setConditions({ lossPerMille: level * 10 }),
    duplication: (_, { level = 1 }) => this.#driver.setConditions({ duplicationPerMille: level * 10 }),
    delay: (_, { level = 10 }) => this.#driver.setConditions({ delayMillisMean: level }),
    pauseBus: () => this.#driver.pauseBus(pauseBusMillis),
    heal: () => this.#heal(),
    transferLeadership: () => this.#tried(this.#cluster.electPreferredLeaders()),
    reassign: () => this.#tried(this.#reassign()),
    alterConfig: () => this.#tried(this.#alterConfig()),
    restore: () => this.#restore()
  }

  async #each(members: ReadonlyArray<ClusterMember>, change: (member: ClusterMember) => Promise<void> | void): Promise<void> {
    await Promise.all(members.map(change))
  }

  #free(member: ClusterMember): void {
    member.freeDisk()
    member.slowFlush(undefined)
  }

  #cut([from, to]: ReadonlyArray<ClusterMember>, isOneWay: boolean): void {
    if (from === undefined || to === undefined) return
    this.#driver.block([[from.nodeId, to.nodeId], ...isOneWay ? [] : [[to.nodeId, from.nodeId] as const]])
  }

  #separate(members: ReadonlyArray<ClusterMember>): void {
    const others = this.#driver.members.filter((member) => !members.includes(member))
    this.#driver.block(members.flatMap(({ nodeId }) => others.flatMap((other) => [[nodeId, other.nodeId], [other.nodeId, nodeId]] as const)))
  }

  #heal(): void {
    this.#driver.heal()
    this.#driver.setConditions(calmBus)
  }

  /** What administrators want may be impossible at the moment, which is no failure of the schedule. */
  #tried(call: Promise<unknown>): Promise<unknown> {
    return call.catch((error: unknown) => this.#cluster.history.record({ process: "faults", f: "fault", meta: { refused: String(error) } }))
  }

  async #reassign(): Promise<void> {
    const [topic, partitions] = await this.#anyTopic()
    const { replicas } = partitions[0]!
    await this.#cluster.admin.alterPartitionReassignments([{ topic, partition: 0, replicas: [...replicas.slice(1), replicas[0]!] }])
  }

  async #alterConfig(): Promise<void> {
    const [name] = await this.#anyTopic()
    const value = String(1_000_000 + this.#random.nextInt(1_000))
    await this.#cluster.admin.incrementalAlterConfigs([{ type: "topic", name, operations: [{ name: "max.message.bytes", operation: "set", value }] }])
  }

  async #anyTopic() {
    const state = await this.#driver.state()
    const topics = [...state?.topics ?? []].filter(([name]) => name !== offsetsTopic)
    const topic = topics[this.#random.nextInt(Math.max(1, topics.length))]
    if (topic === undefined) throw new Error("the cluster has no topic")
    return topic
  }

  async #restore(): Promise<void> {
    this.#heal()
    for (const member of this.#driver.members) {
      this.#free(member)
      await member.resume()
      member.begin()
    }
    await this.#cluster.settled()
  }
}
