import type { FetchResponse } from "@tailrace/kafka-protocol"
import { ClientError } from "../ClientError.ts"
import type { Cluster } from "../Cluster.ts"
import type { ResolvedConsumerSettings } from "../ConsumerOptions.ts"
import { KafkaError } from "../KafkaError.ts"
import { fetchApi } from "./apis.ts"
import type { AssignedPartition } from "./AssignedPartition.ts"
import { byTopic, partitionKey } from "./offsets.ts"
import { PositionValidator } from "./PositionValidator.ts"
import { isRetriable } from "./Timing.ts"

const offsetOutOfRange = 1
const corruptMessage = 2

/**
 * What a fetch asks for. Its answer counts while this holds: a former leader may answer when the next one has done so already, and
 * its transactions that were aborted, or its end of the log, say nothing of what comes behind another position.
 */
interface Place {
  readonly position: number | undefined
  readonly leaderEpoch: number
}

/** Fetches for the partitions that have nothing to hand out: one request under way per broker. */
export class Fetcher {
  readonly #cluster: Cluster
  readonly #settings: ResolvedConsumerSettings
  readonly #partitions: ReadonlyMap<string, AssignedPartition>
  readonly #onProgress: () => void
  readonly #busy = new Set<number>()
  readonly #validator: PositionValidator
  readonly #abort = new AbortController()
  #failures = 0

  constructor(
    cluster: Cluster, settings: ResolvedConsumerSettings, partitions: ReadonlyMap<string, AssignedPartition>, onProgress: () => void
  ) {
    this.#cluster = cluster
    this.#settings = settings
    this.#partitions = partitions
    this.#onProgress = onProgress
    this.#validator = new PositionValidator(cluster, settings)
  }

  /** Starts what can be started, and answers when it is worth trying again even without progress. */
  run(): number {
    const now = this.#cluster.timing.monotonicMillis()
    let againAtMillis = Infinity
    const leaders = new Map<number, Array<AssignedPartition>>()
    const unvalidated = new Map<number, Array<AssignedPartition>>()
    const isPartial = new Set<number>()
    for (const partition of this.#partitions.values()) {
      if (partition.position === undefined || partition.isPaused || partition.error !== undefined) continue
      if (this.#validator.isRunning(partition)) continue
      if (partition.retryAtMillis > now) {
        againAtMillis = Math.min(againAtMillis, partition.retryAtMillis)
        continue
      }
      const leader = this.#cluster.metadata.leaderOf(partition.topic, partition.partition)
      if (leader === undefined) {
        this.#refresh([partition])
        againAtMillis = Math.min(againAtMillis, partition.retryAtMillis)
      } else if (partition.hasFetched) isPartial.add(leader.leader)
      else if (!this.#busy.has(leader.leader)) {
        const groups = this.#validator.isNeeded(partition, leader.leaderEpoch) ? unvalidated : leaders
        const list = groups.get(leader.leader)
        if (list === undefined) groups.set(leader.leader, [partition])
        else list.push(partition)
      }
    }
    for (const [leader, partitions] of unvalidated) void this.#validate(leader, partitions)
    for (const [leader, partitions] of leaders) {
      // While others of this broker wait to be handed out, their next request must not queue behind a long poll.
      void this.#fetch(leader, partitions, isPartial.has(leader) ? 0 : this.#settings.fetchMaxWaitMillis)
    }
    return againAtMillis
  }

  close(): void {
    this.#abort.abort(new ClientError("closed", "the consumer is closed"))
  }

  async #validate(leader: number, partitions: ReadonlyArray<AssignedPartition>): Promise<void> {
    try {
      const again = await this.#validator.validate(leader, partitions, this.#abort.signal)
      if (again.length > 0) this.#refresh(again)
    } catch (error) {
      if (this.#abort.signal.aborted) return
      if (!isRetriable(error)) for (const partition of partitions) partition.error = error as Error
      this.#refresh(partitions)
      this.#failures++
    } finally {
      this.#onProgress()
    }
  }

  async #fetch(leader: number, partitions: ReadonlyArray<AssignedPartition>, maxWaitMs: number): Promise<void> {
    this.#busy.add(leader)
    const places = new Map(partitions.map((partition) => [partition, this.#placeOf(partition)]))
    const isCurrent = (partition: AssignedPartition): boolean => {
      const [then, now] = [places.get(partition), this.#placeOf(partition)]
      return this.#partitions.get(partitionKey(partition.topic, partition.partition)) === partition
        && then?.position === now.position && then?.leaderEpoch === now.leaderEpoch
    }
    try {
      const { signal } = this.#abort
      const connection = await this.#cluster.connection(leader, "fetch", signal)
      // What has moved until there is a connection is for the next request: its position may not be valid under another epoch.
      const wanted = partitions.filter(isCurrent)
      if (wanted.length === 0) return
      const response = await connection.request(fetchApi, (version) => ({
        maxWaitMs, minBytes: this.#settings.fetchMinBytes, maxBytes: this.#settings.fetchMaxBytes,
        isolationLevel: this.#settings.isolationLevel === "read_committed" ? 1 : 0,
        topics: [...byTopic(wanted)].map(([topic, list]) => ({
          topic, partitions: list.map((partition) => ({
            partition: partition.partition, fetchOffset: partition.position ?? 0,
            partitionMaxBytes: this.#settings.maxPartitionFetchBytes,
            ...(version >= 9 ? { currentLeaderEpoch: places.get(partition)?.leaderEpoch ?? -1 } : {})
          }))
        })), forgottenTopicsData: []
      }), { signal, timeoutMillis: this.#cluster.options.requestTimeoutMillis + maxWaitMs })
      KafkaError.check(response.errorCode)
      this.#failures = 0
      this.#accept(response, wanted.filter(isCurrent))
    } catch (error) {
      if (this.#abort.signal.aborted) return
      const concerned = partitions.filter(isCurrent)
      if (!isRetriable(error)) for (const partition of concerned) partition.error = error as Error
      this.#refresh(concerned)
      this.#failures++
    } finally {
      this.#busy.delete(leader)
      this.#onProgress()
    }
  }

  #placeOf({ partition, position, topic }: AssignedPartition): Place {
    return { position, leaderEpoch: this.#cluster.metadata.leaderOf(topic, partition)?.leaderEpoch ?? -1 }
  }

  #accept(response: FetchResponse, partitions: ReadonlyArray<AssignedPartition>): void {
    const current = new Map(partitions.map((partition) => [partitionKey(partition.topic, partition.partition), partition]))
    const stale: Array<AssignedPartition> = []
    for (const topic of response.responses) {
      for (const answer of topic.partitions) {
        const partition = current.get(partitionKey(topic.topic, answer.partitionIndex))
        if (partition === undefined) continue
        if (answer.errorCode === 0) {
          partition.accept(answer)
          continue
        }
        const error = new KafkaError(answer.errorCode, partition.name)
        if (error.errorCode === offsetOutOfRange) this.#resetPosition(partition)
        else if (error.isStaleMetadata || error.isRetriable) {
          const { leaderId, leaderEpoch } = answer.currentLeader
          if (leaderId >= 0) this.#cluster.metadata.moveLeader(partition.topic, partition.partition, leaderId, leaderEpoch)
          if (error.errorCode !== corruptMessage) stale.push(partition)
          else partition.retryAtMillis = this.#cluster.timing.monotonicMillis() + this.#cluster.options.retryBackoffMillisMax
        } else partition.error = error
      }
    }
    if (stale.length > 0) this.#refresh(stale)
  }

  #resetPosition(partition: AssignedPartition): void {
    const { autoOffsetReset } = this.#settings
    if (autoOffsetReset === "none") {
      partition.error = new ClientError("no-offset", `${partition.name}: offset ${partition.position ?? -1} is not in the log`)
    } else {
      partition.seek(undefined, autoOffsetReset)
    }
  }

  #refresh(partitions: ReadonlyArray<AssignedPartition>): void {
    const retryAtMillis = this.#cluster.timing.monotonicMillis() + this.#cluster.timing.backoffMillis(this.#cluster.options, this.#failures)
    for (const partition of partitions) partition.retryAtMillis = retryAtMillis
    this.#cluster.refreshStale([...new Set(partitions.map((partition) => partition.topic))]).catch(() => undefined)
  }
}
