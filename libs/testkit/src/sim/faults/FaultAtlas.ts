import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import { isGivenUp } from "./isGivenUp.ts"

/**
 * Which faults a cluster must survive now. Processes may die as they please, all of them at once too. Storage may fail on one node
 * at a time, while every other copy is in sync; until that node is whole again no other storage fails, and while a node has
 * an older state than it promised, nothing else goes wrong.
 */
export class FaultAtlas {
  readonly #cluster: SimulatedCluster
  /** No disk has a bit that rotted. */
  readonly #isMended: () => boolean
  #fragile: SimulatedMember | undefined

  constructor(cluster: SimulatedCluster, isMended: () => boolean) {
    this.#cluster = cluster
    this.#isMended = isMended
  }

  /** Every copy of everything is good, so that one of them may fail. */
  mayLoseStorage(): boolean {
    return this.isWhole() && this.#isMended()
  }

  /** A member was given an older state. */
  rolledBack(member: SimulatedMember): void {
    this.#fragile = member
  }

  /** A member has an older state than it promised, and is not whole again: nothing else goes wrong meanwhile. */
  get isFragile(): boolean {
    if (this.#fragile !== undefined && this.isWhole()) this.#fragile = undefined
    return this.#fragile !== undefined
  }

  /**
   * What a directory had is known from its node's heartbeats, and the controller keeps that in memory: nobody else can tell an older
   * copy of its own directory.
   */
  mayRollBack(member: SimulatedMember): boolean {
    return this.mayLoseStorage() && this.#cluster.controllerOf() !== member
  }

  /** Every replica is in sync, every node serves, and every controller has what the others have. */
  isWhole(): boolean {
    const { members, voterIds } = this.#cluster
    const metadata = this.#cluster.newest()?.metadata
    if (metadata === undefined || members.some((member) => !member.isServing || member.isPaused)) return false
    const leader = this.#cluster.controllerOf()?.node?.quorum.status
    if (leader === undefined || leader.configuration.learners.length > 0 || leader.configuration.voters.length !== voterIds.length) return false
    for (const id of voterIds) {
      const { commit, self } = members[id - 1]!.node!.quorum.status
      // A controller whose directory was lost is none until it is taken in again.
      const isVoter = leader.configuration.voters.some((key) => key.nodeId === id && key.directoryId === self.directoryId)
      if (!isVoter || commit < leader.commit) return false
    }
    for (const { fenced } of metadata.brokers) if (fenced) return false
    for (const { partitions } of metadata.topics) {
      if (partitions.some((image) => !isGivenUp(image) && (image.leader < 0 || image.isr.length < image.replicas.length))) return false
    }
    return true
  }
}
