import { ErrorCode, zeroUuid } from "@tailrace/kafka-protocol"
import type { MetadataRecord } from "@tailrace/kafka-protocol"
import type { Refusal } from "../Decision.ts"
import type { MetadataImage } from "../MetadataImage.ts"
import { partitionRecord } from "./records.ts"

/** Brokers by partition: the first of each is the preferred leader. */
export type Assignments = ReadonlyArray<ReadonlyArray<number>>

export function isRefusal(value: Assignments | Refusal): value is Refusal {
  return !Array.isArray(value)
}

interface Candidate {
  readonly brokerId: number
  readonly rack: string
  readonly isAlive: boolean
}

/**
 * Spreads partitions over the registered brokers in turn. What it guarantees:
 *
 * - The first replica, which leads, is on a live broker, and leaders are spread evenly over those.
 * - The replicas of a partition are on as many racks as there are, and on none twice as long as another has none. Brokers
 *   without a rack count as one rack together.
 * - A fenced broker gets a replica only where its rack has no live one left.
 *
 * `startAt` moves on from topic to topic, so that small topics do not all land on the first broker; the followers of a
 * leader are shifted from round to round.
 */
export function placeReplicas(image: MetadataImage, partitions: number, replicationFactor: number, startAt: number): Assignments | Refusal {
  const brokers = byRacksInTurn(image)
  const leaders = brokers.filter((it) => it.isAlive)
  const refused = (why: string): Refusal => ({
    errorCode: ErrorCode.INVALID_REPLICATION_FACTOR,
    message: `Unable to replicate the partition ${replicationFactor} time(s): ${why}.`
  })
  if (leaders.length === 0) return refused("All brokers are currently fenced or in controlled shutdown")
  if (replicationFactor > brokers.length) {
    return refused(`The target replication factor of ${replicationFactor} cannot be reached because only ${brokers.length} broker(s) are registered`)
  }
  return Array.from({ length: partitions }, (_, partition) => {
    const turn = startAt + partition
    const leader = leaders[turn % leaders.length]!
    return replicasFrom(brokers, leader, Math.floor(turn / leaders.length), replicationFactor)
  })
}

/** The brokers in an order that takes one of each rack, then the next of each. */
function byRacksInTurn(image: MetadataImage): ReadonlyArray<Candidate> {
  const racks = new Map<string, Array<Candidate>>()
  for (const { brokerId, rack } of [...image.brokers].toSorted((a, b) => a.brokerId - b.brokerId)) {
    const candidate = { brokerId, rack: rack ?? "", isAlive: image.isAlive(brokerId) }
    const ofRack = racks.get(candidate.rack)
    if (ofRack === undefined) racks.set(candidate.rack, [candidate])
    else ofRack.push(candidate)
  }
  const longest = Math.max(0, ...Array.from(racks.values(), (it) => it.length))
  const inTurn: Array<Candidate> = []
  for (let place = 0; place < longest; place++) {
    for (const ofRack of racks.values()) if (place < ofRack.length) inTurn.push(ofRack[place]!)
  }
  return inTurn
}

function replicasFrom(brokers: ReadonlyArray<Candidate>, leader: Candidate, round: number, replicationFactor: number): Array<number> {
  const count = brokers.length
  const leaderAt = brokers.indexOf(leader)
  const others = Array.from({ length: count - 1 }, (_, k) => brokers[(leaderAt + 1 + ((round + k) % (count - 1))) % count]!)
  const chosen = [leader]
  while (chosen.length < replicationFactor) {
    const ranked = others.filter((it) => !chosen.includes(it))
      .map((candidate) => ({ candidate, ofRack: chosen.filter((it) => it.rack === candidate.rack).length }))
    // The first of the best, since the order is the turn.
    const best = ranked.reduce((a, b) => b.ofRack < a.ofRack || (b.ofRack === a.ofRack && b.candidate.isAlive && !a.candidate.isAlive) ? b : a)
    chosen.push(best.candidate)
  }
  return chosen.map((it) => it.brokerId)
}

/** What is wrong with replicas that a client chose itself. */
export function assignmentFault(image: MetadataImage, replicas: ReadonlyArray<number>, replicationFactor: number): Refusal | undefined {
  const refused = (message: string): Refusal => ({ errorCode: ErrorCode.INVALID_REPLICA_ASSIGNMENT, message })
  if (replicas.length === 0) return refused("The manual partition assignment includes an empty replica list.")
  const unknown = replicas.find((id) => image.broker(id) === undefined)
  if (unknown !== undefined) return refused(`The manual partition assignment includes broker ${unknown}, but no such broker is registered.`)
  if (new Set(replicas).size !== replicas.length) return refused(`The manual partition assignment includes a broker more than once: ${replicas.join(",")}.`)
  if (replicas.length !== replicationFactor) {
    return refused(`The manual partition assignment includes a partition with ${replicas.length} replica(s), but this is not consistent with previous partitions, which have ${replicationFactor} replica(s).`)
  }
  if (!replicas.some((id) => image.isAlive(id))) return refused("All brokers specified in the manual partition assignment are fenced or in controlled shutdown.")
  return undefined
}

/** A new partition: in sync is who is alive, and the first of them leads. */
export function newPartition(image: MetadataImage, topicId: string, partitionId: number, replicas: ReadonlyArray<number>): MetadataRecord {
  const isr = replicas.filter((id) => image.isAlive(id))
  const leader = isr[0]
  if (leader === undefined) throw new Error(`partition ${partitionId} has no live replica`)
  return partitionRecord({
    topicId, partitionId, replicas, isr, leader, leaderEpoch: image.leaderEpochFloor,
    directories: replicas.map((id) => image.broker(id)?.logDirs[0] ?? zeroUuid)
  })
}
