import type { OffsetForLeaderEpochResponsePartition } from "@tailrace/kafka-protocol"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import type { ResolvedConsumerSettings } from "../ConsumerOptions.ts"
import { KafkaError } from "../KafkaError.ts"
import { offsetForLeaderEpochApi } from "./apis.ts"
import type { AssignedPartition } from "./AssignedPartition.ts"
import { byTopic, partitionKey } from "./offsets.ts"

/**
 * Asks a leader of a new epoch whether its log still holds what was read under an older one. Otherwise a reader whose partition was
 * led by a replica that had less (an unclean election) would go on behind records that it has never seen.
 */
export class PositionValidator {
  readonly #cluster: Cluster
  readonly #settings: ResolvedConsumerSettings
  readonly #running = new Set<AssignedPartition>()

  constructor(cluster: Cluster, settings: ResolvedConsumerSettings) {
    this.#cluster = cluster
    this.#settings = settings
  }

  isRunning(partition: AssignedPartition): boolean {
    return this.#running.has(partition)
  }

  /** Whether the position has to be confirmed before it is fetched from under this epoch. */
  isNeeded(partition: AssignedPartition, leaderEpoch: number): boolean {
    if (leaderEpoch <= partition.validatedEpoch) return false
    // A record of the leader's own epoch was written by it, and so was everything before.
    if (partition.leaderEpoch >= 0 && partition.leaderEpoch < leaderEpoch) return true
    partition.validatedEpoch = leaderEpoch
    return false
  }

  /** Confirms the positions or moves them. Throws what concerns the whole request; answers partitions to ask for again. */
  async validate(leader: number, partitions: ReadonlyArray<AssignedPartition>, signal: AbortSignal): Promise<ReadonlyArray<AssignedPartition>> {
    const before = new Map(partitions.map((partition) => [partition, { version: partition.version, epoch: this.#epochOf(partition) }]))
    for (const partition of partitions) this.#running.add(partition)
    try {
      const connection = await this.#cluster.connection(leader, "fetch", signal)
      const response = await connection.request(offsetForLeaderEpochApi, {
        topics: [...byTopic(partitions)].map(([topic, list]) => ({
          topic, partitions: list.map((partition) => ({
            partition: partition.partition, currentLeaderEpoch: before.get(partition)?.epoch ?? -1, leaderEpoch: partition.leaderEpoch
          }))
        }))
      }, { signal })
      const answers = new Map(response.topics.flatMap(({ topic, partitions: list }) =>
        list.map((answer) => [partitionKey(topic, answer.partition), answer] as const)))
      return partitions.filter((partition) => {
        const asked = before.get(partition)
        if (asked?.version !== partition.version) return false
        const answer = answers.get(partitionKey(partition.topic, partition.partition))
        return answer === undefined || this.#apply(partition, answer, asked.epoch)
      })
    } catch (error) {
      if (!(error instanceof ClientError && error.reason === "unsupported")) throw error
      // Brokers that cannot be asked do not check the epochs of fetches either.
      for (const [partition, { epoch }] of before) partition.validatedEpoch = epoch
      return []
    } finally {
      for (const partition of partitions) this.#running.delete(partition)
    }
  }

  #epochOf({ topic, partition }: AssignedPartition): number {
    return this.#cluster.metadata.leaderOf(topic, partition)?.leaderEpoch ?? -1
  }

  /** True when the leader has to be asked again. */
  #apply(partition: AssignedPartition, answer: OffsetForLeaderEpochResponsePartition, epoch: number): boolean {
    const error = KafkaError.of(answer.errorCode, partition.name)
    if (error !== undefined) {
      if (error.isRetriable || error.isStaleMetadata) return true
      partition.error = error
      return false
    }
    const position = partition.position ?? 0
    if (answer.endOffset >= position) {
      partition.validatedEpoch = epoch
      return false
    }
    const { autoOffsetReset } = this.#settings
    if (autoOffsetReset === "none") {
      partition.error = new ClientError("no-offset", `${partition.name}: the log ends at ${answer.endOffset} before the position ${position}`)
      // The caller may seek; if it does not, the same is found again.
      return false
    }
    if (answer.endOffset < 0) partition.seek(undefined, autoOffsetReset)
    else this.#stepBack(partition, answer, epoch)
    return false
  }

  /** With the epoch of what lies before: the next leader may have less again, before anything is read here. */
  #stepBack(partition: AssignedPartition, { endOffset, leaderEpoch }: OffsetForLeaderEpochResponsePartition, epoch: number): void {
    partition.seek(endOffset)
    partition.leaderEpoch = leaderEpoch
    partition.validatedEpoch = epoch
  }
}
