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

/**
 * Spreads partitions over the live brokers in turn. `startAt` moves on from topic to topic, so that small topics do not
 * all land on the first broker; within a topic the followers of a leader are shifted from round to round.
 */
export function placeReplicas(image: MetadataImage, partitions: number, replicationFactor: number, startAt: number): Assignments | Refusal {
  const brokers = [...image.brokers].filter((it) => image.isAlive(it.brokerId)).map((it) => it.brokerId).toSorted((a, b) => a - b)
  if (replicationFactor > brokers.length) {
    const known = `only ${brokers.length} broker(s) are registered and unfenced`
    const message = `Unable to replicate the partition ${replicationFactor} time(s): The target replication factor of ${replicationFactor} cannot be reached because ${known}.`
    return { errorCode: ErrorCode.INVALID_REPLICATION_FACTOR, message }
  }
  const count = brokers.length
  return Array.from({ length: partitions }, (_, partition) => {
    const leaderAt = (startAt + partition) % count
    const round = Math.floor((startAt + partition) / count)
    return Array.from({ length: replicationFactor }, (_, replica) =>
      replica === 0 ? brokers[leaderAt]! : brokers[(leaderAt + 1 + ((round + replica - 1) % (count - 1))) % count]!)
  })
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
