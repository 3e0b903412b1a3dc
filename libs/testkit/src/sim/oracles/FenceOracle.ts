import type { SimulatedCluster } from "../../SimulatedCluster.ts"
import type { SimulatedMember } from "../world/SimulatedMember.ts"
import { demand } from "./Violation.ts"

/** Clocks of two nodes part by this much within one session at most, and then some. */
const slackMillis = 50

/**
 * A node that the controller fenced serves nothing any more one session later, though it may not have heard of it: no heartbeat of its was
 * answered since (3.5, leases). Whoever asked to be fenced, because it stops or its disk takes no writes, is told.
 */
export class FenceOracle {
  readonly #cluster: SimulatedCluster
  /** Each node's uptime that was unfenced once, and since when it is fenced; Infinity while it is not. */
  readonly #uptimes = new Map<SimulatedMember, { readonly brokerEpoch: number; readonly fencedMillis: number }>()
  #checkedOffset = -1

  constructor(cluster: SimulatedCluster) {
    this.#cluster = cluster
  }

  check(member: SimulatedMember): void {
    this.#takeIn()
    const { host, node } = member
    const uptime = this.#uptimes.get(member)
    if (node === undefined || uptime === undefined || uptime.brokerEpoch !== node.brokerEpoch || node.isCutOff) return
    if (!member.isServing || member.hasDiskTrouble) return
    const forMillis = this.#cluster.clock.monotonicMillis() - uptime.fencedMillis
    demand(forMillis <= node.config.get("broker.session.timeout.ms") + slackMillis, "fence", () => `${host} in its uptime ${node.brokerEpoch} still serves ${Math.round(forMillis)} ms after it was fenced`)
  }

  #takeIn(): void {
    const newest = this.#cluster.newest()
    if (newest === undefined || newest.metadataOffset <= this.#checkedOffset) return
    this.#checkedOffset = newest.metadataOffset
    for (const member of this.#cluster.members) {
      const { brokerEpoch = -1, fenced = true } = newest.metadata.broker(member.nodeId) ?? {}
      const uptime = this.#uptimes.get(member)
      if (!fenced) this.#uptimes.set(member, { brokerEpoch, fencedMillis: Infinity })
      else if (uptime?.brokerEpoch !== brokerEpoch) this.#uptimes.delete(member)
      else if (uptime.fencedMillis === Infinity) this.#uptimes.set(member, { brokerEpoch, fencedMillis: this.#cluster.clock.monotonicMillis() })
    }
  }
}
