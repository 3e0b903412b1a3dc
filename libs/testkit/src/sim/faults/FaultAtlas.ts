import { partitionRoles } from "@tailrace/metadata"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import { isGivenUp } from "./isGivenUp.ts"

/**
 * Which faults a cluster must survive now. Processes may die as they please, all of them at once too. Storage may fail on one node
 * at a time, while every other copy is in sync; its own may be behind, or down. Until that node is whole again no other storage fails, and while a node has
 * an older state than it promised, nothing else goes wrong.
 */
export class FaultAtlas {
  readonly #cluster: SimulatedCluster
  /** No disk has a bit that rotted. */
  readonly #isMended: () => boolean
  #fragile: SimulatedMember | undefined
  /** Who lost its storage, and the broker epoch by which the metadata still takes it for what it was. */
  #emptied: { readonly nodeId: number; readonly brokerEpoch: number } | undefined

  constructor(cluster: SimulatedCluster, isMended: () => boolean) {
    this.#cluster = cluster
    this.#isMended = isMended
  }

  /** Every copy of everything is good, so that one of them may fail. */
  mayLoseStorage(): boolean {
    return this.isWhole() && this.#isMended()
  }

  /**
   * Every copy of everything is good on all other nodes. What this one has is of no matter then, as long as it does not pretend to
   * have it; and as long as nothing has been given up, for an administrator may choose it then.
   */
  mayWipe(member: SimulatedMember): boolean {
    return this.isWhole(member) && this.#isMended() && !this.#hasGivenUp()
  }

  /** A member's storage is lost. */
  emptied({ nodeId }: SimulatedMember): void {
    this.#emptied = { nodeId, brokerEpoch: this.#cluster.newest()?.metadata.broker(nodeId)?.brokerEpoch ?? -1 }
  }

  /** A member was given an older state. */
  rolledBack(member: SimulatedMember): void {
    this.#fragile = member
  }

  /**
   * A member has an older state than it promised, and is not whole again; or it has nothing, and might be left as the last one in
   * sync where one replica is enough. Nothing else goes wrong meanwhile.
   */
  get isFragile(): boolean {
    if (this.#fragile !== undefined && this.isWhole()) this.#fragile = undefined
    if (this.#emptied !== undefined && !this.#mayBeLast(this.#emptied)) this.#emptied = undefined
    return this.#fragile !== undefined || this.#emptied !== undefined
  }

  #mayBeLast({ brokerEpoch, nodeId }: { readonly nodeId: number; readonly brokerEpoch: number }): boolean {
    const node = this.#cluster.newest()
    if (node === undefined) return true
    const { config, metadata } = node
    if (metadata.broker(nodeId)?.brokerEpoch !== brokerEpoch) return false
    for (const topic of metadata.topics) {
      if (topic.partitions.some((image) => image.isr.includes(nodeId) && partitionRoles(metadata, config, topic, image).minIsr === 1)) return true
    }
    return false
  }

  #hasGivenUp(): boolean {
    return [...this.#cluster.newest()?.metadata.topics ?? []].some(({ partitions }) => partitions.some(isGivenUp))
  }

  /**
   * What a directory had is known from its node's heartbeats, and the controller keeps that in memory: nobody else can tell an older
   * copy of its own directory.
   */
  mayRollBack(member: SimulatedMember): boolean {
    return this.mayLoseStorage() && this.#cluster.controllerOf() !== member
  }

  /** Every replica is in sync, every node serves, and every controller has what the others have; `except` may lack anything. */
  isWhole(except?: SimulatedMember): boolean {
    const { members, voterIds } = this.#cluster
    const metadata = this.#cluster.newest()?.metadata
    if (metadata === undefined || members.some((member) => member !== except && (!member.isServing || member.isPaused))) return false
    const leader = this.#cluster.controllerOf()?.node?.quorum.status
    if (leader === undefined || !isFull(leader.configuration, voterIds, except)) return false
    for (const id of voterIds) {
      if (id === except?.nodeId) continue
      const { commit, configuration, self } = members[id - 1]!.node!.quorum.status
      // A controller whose directory was lost is none until it is taken in again, and that counts when the others know of it too.
      const isVoter = leader.configuration.voters.some((key) => key.nodeId === id && key.directoryId === self.directoryId)
      if (!isVoter || commit < leader.commit || !isFull(configuration, voterIds, except)) return false
    }
    for (const { brokerId, fenced } of metadata.brokers) if (fenced && brokerId !== except?.nodeId) return false
    for (const { partitions } of metadata.topics) {
      if (partitions.some((image) => !isGivenUp(image) && (image.leader < 0 || image.replicas.some((id) => id !== except?.nodeId && !image.isr.includes(id))))) return false
    }
    return true
  }
}

interface Configuration {
  readonly voters: ReadonlyArray<{ readonly nodeId: number }>
  readonly learners: ReadonlyArray<{ readonly nodeId: number }>
}

/** All controllers vote; `except` may be whatever it is. */
function isFull({ learners, voters }: Configuration, voterIds: ReadonlyArray<number>, except: SimulatedMember | undefined): boolean {
  const others = (ids: ReadonlyArray<number>): ReadonlyArray<number> => ids.filter((id) => id !== except?.nodeId)
  return others(learners.map(({ nodeId }) => nodeId)).length === 0 && others(voters.map(({ nodeId }) => nodeId)).length === others(voterIds).length
}
