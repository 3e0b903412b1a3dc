import type { AlterPartitionRequest } from "@tailrace/kafka-protocol"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import { Violation } from "./Violation.ts"

/**
 * A leader that stood still judges nobody before a round has passed (3.5, liveness 6): it could not be reached, so that those who lag for it
 * do not lag. A proposal from before the stall may come behind it, so only those count whom it cannot have meant.
 */
export class StallOracle {
  readonly #cluster: SimulatedCluster
  readonly #proposed = new Set<string>()
  /** By the leader's node, the replicas that had everything when it fell asleep: nobody can have wanted to drop them before. */
  readonly #evenBefore = new Map<SimulatedMember, ReadonlySet<string>>()

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster
  }

  /** A process is about to stand still. */
  fallsAsleep(member: SimulatedMember): void {
    const even = new Set<string>()
    for (const { hasOpenProposal, isLeader, isr, log, partition, topicId } of member.node?.partitions ?? []) {
      // What was proposed before, and waits for a controller, is no judgement of what comes after.
      if (!isLeader || hasOpenProposal) continue
      for (const id of isr) {
        const end = this.#cluster.members[id - 1]?.node?.partition(topicId, partition)?.log.durableEnd
        if (end === log.appendedEnd) even.add(`${topicId}/${partition} ${id}`)
      }
    }
    this.#evenBefore.set(member, even)
  }

  proposed(host: string, { topics }: AlterPartitionRequest): void {
    const member = this.#cluster.members.find((it) => it.host === host)
    const node = member?.node
    if (member === undefined || node === undefined) return
    for (const { partitions, topicId } of topics) {
      for (const { newIsr, partitionEpoch, partitionIndex } of partitions) {
        const name = `${host} ${topicId}/${partitionIndex} ${partitionEpoch} ${newIsr.map(({ brokerId }) => brokerId).join()}`
        if (this.#proposed.has(name)) continue
        this.#proposed.add(name)
        const isr = node.metadata.partition(topicId, partitionIndex)?.isr ?? []
        const even = this.#evenBefore.get(member)
        const dropped = isr.filter((id) =>
          !newIsr.some(({ brokerId }) => brokerId === id) && even?.has(`${topicId}/${partitionIndex} ${id}`) === true)
        if (dropped.length > 0) this.#judge(member, `${topicId}/${partitionIndex}`, dropped)
      }
    }
  }

  #judge(member: SimulatedMember, partition: string, dropped: ReadonlyArray<number>): void {
    const { stall } = member
    if (stall === undefined || member.node === undefined) return
    const lagMillis = member.node.config.get("replica.lag.time.max.ms")
    const sinceMillis = this.#cluster.clock.monotonicMillis() - stall.toMillis
    if (stall.toMillis - stall.fromMillis < lagMillis || sinceMillis > lagMillis / 4) return
    this.#cluster.fail(new Violation("stall", `${member.host} slept for ${Math.round(stall.toMillis - stall.fromMillis)} ms and drops ${
      dropped.join(", ")} from the in-sync replicas of ${partition} ${Math.round(sinceMillis)} ms later`))
  }
}
