import type { BusConditions } from "../sim/world/BusConditions.ts"
import type { SimulatedBusNetwork } from "../sim/world/SimulatedBusNetwork.ts"
import type { SimulatedMember } from "../sim/world/SimulatedMember.ts"
import type { ClusterState, PartitionState } from "./ClusterState.ts"
import type { MemberNode } from "./MemberNode.ts"

/** What nodes of this process know, and the network between them; the same in real and in virtual time. */
export class MemberCluster {
  readonly nodes: ReadonlyArray<MemberNode>
  readonly #network: SimulatedBusNetwork
  readonly #voterIds: ReadonlyArray<number>

  constructor(nodes: ReadonlyArray<MemberNode>, network: SimulatedBusNetwork, voterIds: ReadonlyArray<number>) {
    this.nodes = nodes
    this.#voterIds = voterIds
    this.#network = network
  }

  /** The running node that has applied the most metadata. */
  newest() {
    let newest: NonNullable<SimulatedMember["node"]> | undefined
    for (const { member } of this.nodes) {
      if (member.node === undefined || member.isPaused) continue
      if (member.node.metadataOffset > (newest?.metadataOffset ?? -1)) newest = member.node
    }
    return newest
  }

  topicId(topic: string): string | undefined {
    return this.newest()?.metadata.topic(topic)?.topicId
  }

  state(): ClusterState | undefined {
    const metadata = this.newest()?.metadata
    if (metadata === undefined) return undefined
    const topics = new Map<string, ReadonlyArray<PartitionState>>()
    for (const { name, partitions } of metadata.topics) topics.set(name, partitions)
    const unfenced = new Set([...metadata.brokers].filter(({ fenced }) => !fenced).map(({ brokerId }) => brokerId))
    return { controllerId: this.#controllerId(), unfenced, topics }
  }

  unsettled(): ReadonlyArray<string> {
    const missing: Array<string> = []
    for (const { member, nodeId } of this.nodes) {
      if (!member.isUp) missing.push(`node ${nodeId} is down`)
      else if (member.isPaused) missing.push(`node ${nodeId} is paused`)
      else if (!member.isServing) missing.push(`node ${nodeId} does not serve yet`)
    }
    const newest = this.newest()
    if (newest === undefined) return missing
    const controller = this.nodes.find(({ nodeId }) => nodeId === this.#controllerId())?.member.node
    if (controller === undefined) return [...missing, "no node is the controller"]
    for (const { brokerId, fenced } of newest.metadata.brokers) if (fenced) missing.push(`node ${brokerId} is fenced`)
    for (const { member, nodeId } of this.nodes) {
      if (member.node !== undefined && member.node.metadataOffset < controller.metadataOffset) missing.push(`node ${nodeId} lags behind the controller`)
    }
    return [...missing, ...this.#unsettledVoters(controller), ...this.#unsettledPartitions(newest)]
  }

  block(links: ReadonlyArray<readonly [from: number, to: number]>): void {
    for (const [from, to] of links) this.#network.block(this.#host(from), this.#host(to))
  }

  setConditions(conditions: Partial<BusConditions>): void {
    this.#network.conditions = { ...this.#network.conditions, ...conditions }
  }

  pauseBus(millis: number): void {
    this.#network.pause(millis)
  }

  heal(): void {
    this.#network.heal()
  }

  /** Where an old one does not know yet that it was replaced, the one with the higher term. */
  #controllerId(): number | undefined {
    const active = this.nodes.flatMap(({ member, nodeId }) =>
      member.node !== undefined && !member.isPaused && member.node.quorum.isActive ? [{ nodeId, term: member.node.quorum.status.term }] : [])
    return active.toSorted((a, b) => b.term - a.term)[0]?.nodeId
  }

  /** A controller that came back with another directory votes only when it was taken in again. */
  #unsettledVoters({ quorum }: NonNullable<SimulatedMember["node"]>): ReadonlyArray<string> {
    const { voters } = quorum.status.configuration
    return this.#voterIds.filter((id) => {
      const self = this.nodes.find(({ nodeId }) => nodeId === id)?.member.node?.quorum.status.self
      return !voters.some((voter) => voter.nodeId === id && voter.directoryId === self?.directoryId)
    }).map((id) => `node ${id} does not vote yet`)
  }

  #unsettledPartitions({ metadata }: NonNullable<SimulatedMember["node"]>): ReadonlyArray<string> {
    const missing: Array<string> = []
    for (const { name, partitions, topicId } of metadata.topics) {
      for (const [partition, { isr, leader, replicas }] of partitions.entries()) {
        const led = this.nodes.find(({ nodeId }) => nodeId === leader)?.member.node?.partition(topicId, partition)
        if (led?.isLeader !== true) missing.push(`${name}/${partition} has no leader that leads`)
        if (isr.length < replicas.length) missing.push(`${name}/${partition} has ${isr.join()} of ${replicas.join()} in sync`)
      }
    }
    return missing
  }

  #host(nodeId: number): string {
    const node = this.nodes.find((it) => it.nodeId === nodeId)
    if (node === undefined) throw new Error(`there is no node ${nodeId}`)
    return node.member.host
  }
}
