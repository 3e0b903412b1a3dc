import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Admin, type ClientOptions, ClientError, KafkaError, type QuorumReplica } from "@tailrace/client"
import { findNatsServer, NatsCluster, natsServerHelp } from "@tailrace/bus/nats-server"
import { NodeNet, SystemClock, SystemRandom } from "@tailrace/runtime"
import type { SeededRandom } from "@tailrace/runtime/simulated"
import type { BusConditions } from "../sim/world/BusConditions.ts"
import type { ClusterDriver } from "./ClusterDriver.ts"
import type { ClusterState } from "./ClusterState.ts"
import type { DriverOptions } from "./DriverOptions.ts"
import { ProcessNode } from "./ProcessNode.ts"
import { reservePorts } from "./reservePorts.ts"
import { StallingRelay } from "./StallingRelay.ts"
import { UnsupportedFault } from "./UnsupportedFault.ts"

const host = "127.0.0.1"
const askMillisMax = 1_000
/** Followers fetch, or say that they live, several times in this. */
const voterMillisMax = 2_000
const isClientsOwn = (error: unknown): boolean => error instanceof ClientError || error instanceof KafkaError

/** Real processes, disks and nats-servers. What a cluster knows is what it tells clients. */
export class ProcessDriver implements ClusterDriver {
  readonly clock = new SystemClock()
  readonly members: ReadonlyArray<ProcessNode>
  readonly #nats: NatsCluster
  readonly #relays: ReadonlyArray<StallingRelay>
  readonly #directory: string
  readonly #net = new NodeNet()
  readonly #voterIds: ReadonlyArray<number>
  readonly #isolated = new Set<number>()
  #admin: { readonly servers: string; readonly admin: Admin } | undefined
  #cancelPause: () => void = () => undefined
  #failure: Error | undefined

  private constructor(
    options: DriverOptions, nats: NatsCluster, relays: ReadonlyArray<StallingRelay>, ports: ReadonlyArray<number>, directory: string
  ) {
    this.#voterIds = options.voterIds
    this.#nats = nats
    this.#relays = relays
    this.#directory = directory
    this.members = ports.map((port, at) => new ProcessNode({
      nodeId: at + 1, address: `${host}:${port}`, directory,
      properties: {
        "node.id": String(at + 1), "cluster.name": nats.clusterName, "controller.quorum.voters": options.voterIds.join(","),
        "nats.servers": relays[at]!.address, "listeners": `PLAINTEXT://${host}:${port}`, "group.initial.rebalance.delay.ms": "0",
        ...credentialsOf(nats), ...options.properties
      },
      onCrash: (nodeId, cause) => {
        this.#failure ??= new Error(`node ${nodeId} ended by itself: ${cause}`)
      }
    }))
  }

  static async create(options: DriverOptions): Promise<ProcessDriver> {
    const program = await findNatsServer()
    if (program === undefined) throw new Error(natsServerHelp)
    const nats = await NatsCluster.start({ program, size: options.nodes, clusterName: `test-${options.seed}` })
    const relays: Array<StallingRelay> = []
    try {
      for (const { address } of nats.servers) relays.push(await StallingRelay.start(address))
      const ports = await reservePorts(options.nodes, new SystemRandom())
      return new ProcessDriver(options, nats, relays, ports, await mkdtemp(join(tmpdir(), "tailrace-cluster-")))
    } catch (error) {
      await Promise.all([nats.stop(), ...relays.map((relay) => relay.close())])
      throw error
    }
  }

  proxyNet() {
    return { net: this.#net, host }
  }

  clientPorts(random: SeededRandom): NonNullable<ClientOptions["ports"]> {
    return { random }
  }

  async state(): Promise<ClusterState | undefined> {
    if (this.#failure !== undefined) throw this.#failure
    const servers = this.#servers()
    if (servers === "") return undefined
    try {
      const admin = this.#adminOf(servers)
      const [cluster, topics] = await Promise.all([admin.describeCluster({ includeFenced: true }), admin.describeTopics(null)])
      return {
        controllerId: cluster.controllerId > 0 ? cluster.controllerId : undefined,
        unfenced: new Set(cluster.nodes.filter(({ isFenced }) => !isFenced).map(({ id }) => id)),
        topics: new Map(topics.map(({ name, partitions }) => [name, partitions]))
      }
    } catch (error) {
      // While nobody answers, nobody knows.
      if (isClientsOwn(error)) return undefined
      throw error
    }
  }

  async unsettled(): Promise<ReadonlyArray<string>> {
    const missing = this.members.filter(({ isServing }) => !isServing).map(({ nodeId }) => `node ${nodeId} does not serve`)
    const state = await this.state()
    if (state === undefined) return [...missing, "nobody answers"]
    if (state.controllerId === undefined) missing.push("no node is the controller")
    for (const { nodeId } of this.members) if (!state.unfenced.has(nodeId)) missing.push(`node ${nodeId} is fenced`)
    for (const [name, partitions] of state.topics) {
      for (const [partition, { isr, leader, replicas }] of partitions.entries()) {
        if (leader < 1 || isr.length < replicas.length) missing.push(`${name}/${partition} has leader ${leader}, ${isr.join()} of ${replicas.join()} in sync`)
      }
    }
    return [...missing, ...await this.#unsettledVoters()]
  }

  /** A controller that came back with another directory votes only when it was taken in again. */
  async #unsettledVoters(): Promise<ReadonlyArray<string>> {
    try {
      const { leaderId, observers, voters } = await this.#adminOf(this.#servers()).describeQuorum()
      const heard = this.clock.wallMillis() - voterMillisMax
      // The directory that was lost may have been heard a moment ago. The node itself is heard with its other one by now.
      const isLost = ({ lastFetchTimestamp, nodeId }: QuorumReplica): boolean =>
        observers.some((observer) => observer.nodeId === nodeId && observer.lastFetchTimestamp > lastFetchTimestamp)
      const voting = voters.filter((voter) => voter.nodeId === leaderId || voter.lastFetchTimestamp > heard && !isLost(voter)).map(({ nodeId }) => nodeId)
      return this.#voterIds.filter((id) => !voting.includes(id)).map((id) => `node ${id} does not vote yet`)
    } catch (error) {
      if (isClientsOwn(error)) return ["nobody tells who votes"]
      throw error
    }
  }

  run<A>(promise: Promise<A>): Promise<A> {
    return promise
  }

  /** A node's way to all others at once is what can be cut here. */
  block(links: ReadonlyArray<readonly [from: number, to: number]>): void {
    const others = this.members.length - 1
    const cut = (id: number) => links.filter(([from, to]) => from === id || to === id).length === 2 * others
    const isolated = this.members.map(({ nodeId }) => nodeId).filter(cut)
    if (!links.every(([from, to]) => isolated.includes(from) || isolated.includes(to))) {
      throw new UnsupportedFault("partition of single links", "processes", "isolate a node from all others, or use mode inProcess")
    }
    for (const id of isolated) {
      this.#isolated.add(id)
      this.#relays[id - 1]?.stall()
    }
  }

  setConditions({ delayMillisMean = 0, duplicationPerMille = 0, lossPerMille = 0 }: Partial<BusConditions>): void {
    if (delayMillisMean > 0 || duplicationPerMille > 0 || lossPerMille > 0) {
      throw new UnsupportedFault("loss, duplication and delay", "processes", "NATS does none of them on one machine; use mode inProcess")
    }
  }

  pauseBus(millis: number): void {
    this.#cancelPause()
    for (const server of this.#nats.servers) server.pause()
    this.#cancelPause = this.clock.after(millis, () => this.#resumeBus())
  }

  heal(): void {
    this.#resumeBus()
    this.#isolated.clear()
    for (const relay of this.#relays) relay.flow()
  }

  async close(): Promise<void> {
    this.#cancelPause()
    this.#admin?.admin.cluster.close()
    await Promise.all(this.members.map((member) => member.kill()))
    await Promise.all([this.#nats.stop(), ...this.#relays.map((relay) => relay.close())])
    await rm(this.#directory, { recursive: true, force: true })
  }

  /** Nodes that can know something. */
  #servers(): string {
    return this.members.filter(({ isServing, nodeId }) => isServing && !this.#isolated.has(nodeId)).map(({ address }) => address).join()
  }

  #resumeBus(): void {
    this.#cancelPause()
    for (const server of this.#nats.servers) server.resume()
  }

  #adminOf(servers: string): Admin {
    if (this.#admin?.servers === servers) return this.#admin.admin
    this.#admin?.admin.cluster.close()
    const admin = new Admin({
      bootstrapServers: servers, clientId: "testkit-state", requestTimeoutMillis: askMillisMax, connectTimeoutMillis: askMillisMax,
      apiTimeoutMillis: askMillisMax, metadataMaxAgeMillis: askMillisMax
    })
    this.#admin = { servers, admin }
    return admin
  }
}

function credentialsOf({ control, data }: NatsCluster): Readonly<Record<string, string>> {
  const properties: Record<string, string> = {}
  for (const [kind, credentials] of Object.entries({ control, data })) {
    if (!("user" in credentials)) throw new Error("assertion: the servers let users in by passwords")
    properties[`nats.${kind}.user`] = credentials.user
    properties[`nats.${kind}.password`] = credentials.password
  }
  return properties
}
