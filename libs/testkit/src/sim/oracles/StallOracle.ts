import type { AlterPartitionRequest } from "@tailrace/kafka-protocol"
import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import { Violation } from "./Violation.ts"

/**
 * A leader that stood still judges nobody before a round has passed (3.5, liveness 6): it could not be reached, so that those who lag for it
 * do not lag. Proposals from before the stall may come again behind it.
 */
export class StallOracle {
  readonly #cluster: SimulatedCluster
  readonly #proposed = new Set<string>()

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster
  }

  proposed(host: string, { topics }: AlterPartitionRequest): void {
    const member = this.#cluster.members.find((it) => it.host === host)
    const node = member?.node
    if (node === undefined) return
    for (const { partitions, topicId } of topics) {
      for (const { newIsr, partitionEpoch, partitionIndex } of partitions) {
        const name = `${host} ${topicId}/${partitionIndex} ${partitionEpoch} ${newIsr.map(({ brokerId }) => brokerId).join()}`
        if (this.#proposed.has(name)) continue
        this.#proposed.add(name)
        const isr = node.metadata.partition(topicId, partitionIndex)?.isr ?? []
        const dropped = isr.filter((id) => !newIsr.some(({ brokerId }) => brokerId === id))
        if (dropped.length > 0) this.#judge(member!, `${topicId}/${partitionIndex}`, dropped)
      }
    }
  }

  #judge(member: SimulatedCluster["members"][number], partition: string, dropped: ReadonlyArray<number>): void {
    const { stall } = member
    if (stall === undefined || member.node === undefined) return
    const lagMillis = member.node.config.get("replica.lag.time.max.ms")
    const sinceMillis = this.#cluster.clock.monotonicMillis() - stall.toMillis
    // A proposal that was ready before the stall may leave right behind it, so only stalls count that began long before it.
    if (stall.toMillis - stall.fromMillis < lagMillis || sinceMillis > lagMillis / 4 || sinceMillis < 1) return
    this.#cluster.fail(new Violation("stall", `${member.host} slept for ${Math.round(stall.toMillis - stall.fromMillis)} ms and drops ${
      dropped.join(", ")} from the in-sync replicas of ${partition} ${Math.round(sinceMillis)} ms later`))
  }
}
