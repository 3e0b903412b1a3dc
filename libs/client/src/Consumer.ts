import { recordCodecs } from "@tailrace/codecs"
import type { CommittedOffset, ListedOffset, OffsetAndMetadata, OffsetSpec, TopicPartition } from "./AdminTypes.ts"
import { ClientError } from "./ClientError.ts"
import { Cluster } from "./Cluster.ts"
import { type ConsumerOptions, type ConsumerRecord, resolveConsumerSettings, type ResolvedConsumerSettings } from "./ConsumerOptions.ts"
import { AssignedPartition } from "./internal/AssignedPartition.ts"
import { Fetcher } from "./internal/Fetcher.ts"
import { RecordQueue } from "./internal/RecordQueue.ts"
import { type CommitIdentity, commitOffsets, fetchCommitted, listOffsets, partitionKey } from "./internal/offsets.ts"

export interface ConsumerCallOptions {
  readonly signal?: AbortSignal | undefined
}

export interface CommitOptions extends ConsumerCallOptions {
  /** Try once only. An error of a later attempt says nothing of the first one, which the coordinator may have carried out. */
  readonly once?: boolean
}

/** An offset to commit, with the partition that it belongs to. */
export type PartitionOffset = TopicPartition & OffsetAndMetadata

/**
 * Reads the partitions that it is told to, in the order of their offsets. `poll` answers records, and fetches ahead: at most one
 * answer of a broker waits per partition. With `groupId` positions begin at the group's committed offsets.
 */
export class Consumer {
  readonly cluster: Cluster
  readonly #ownsCluster: boolean
  readonly #settings: ResolvedConsumerSettings
  readonly #partitions = new Map<string, AssignedPartition>()
  readonly #fetcher: Fetcher
  /** What loops over the records have got from `poll` and were not given yet. */
  readonly #queues = new Set<RecordQueue>()
  #wakeWaiter: () => void = () => undefined
  #isPolling = false
  #isLookingUp = false
  #lookUpAtMillis = 0
  #lookUpFailures = 0
  /** Why positions cannot be looked up. */
  #failure: Error | undefined
  #isClosed = false
  /** Settles with the commit that was asked for last, and never rejects. */
  #commits: Promise<unknown> = Promise.resolve()

  constructor(options: ConsumerOptions) {
    this.#settings = resolveConsumerSettings(options)
    this.#ownsCluster = !("cluster" in options)
    this.cluster = "cluster" in options ? options.cluster : new Cluster(options)
    this.#fetcher = new Fetcher(this.cluster, this.#settings, this.#partitions, () => this.#wakeWaiter())
  }

  get groupId(): string | undefined {
    return this.#settings.groupId
  }

  /** `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Replaces the assignment. Partitions that stay keep their positions and what was fetched. */
  assign(partitions: Iterable<TopicPartition>): void {
    const kept = new Map<string, AssignedPartition>()
    for (const { topic, partition } of partitions) {
      const key = partitionKey(topic, partition)
      kept.set(key, this.#partitions.get(key) ?? new AssignedPartition(topic, partition))
    }
    this.#lookUpAtMillis = 0
    this.#partitions.clear()
    for (const [key, partition] of kept) this.#partitions.set(key, partition)
    for (const queue of this.#queues) queue.keep((record) => kept.has(partitionKey(record.topic, record.partition)))
    this.#wakeWaiter()
  }

  /** Ordered by topic and partition. */
  assignment(): ReadonlyArray<TopicPartition> {
    return [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }))
      .toSorted((a, b) => a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1)
  }

  /** The next `poll`, or the next step of a loop, goes on at this offset. */
  seek(partition: TopicPartition, offset: number): void {
    this.#assigned(partition).seek(offset)
    this.#forgetQueued(partition)
    this.#wakeWaiter()
  }

  seekToBeginning(partitions: Iterable<TopicPartition> = this.assignment()): void {
    this.#seekTo(partitions, "earliest")
  }

  seekToEnd(partitions: Iterable<TopicPartition> = this.assignment()): void {
    this.#seekTo(partitions, "latest")
  }

  /** Paused partitions stay assigned, and `poll` leaves them out. */
  pause(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) this.#assigned(partition).isPaused = true
  }

  resume(partitions: Iterable<TopicPartition>): void {
    for (const partition of partitions) this.#assigned(partition).isPaused = false
    this.#wakeWaiter()
  }

  /** The offset of the next record that `poll` will answer. Throws what keeps it from being known. */
  async position(partition: TopicPartition, options: ConsumerCallOptions = {}): Promise<number> {
    const assigned = this.#assigned(partition)
    if (assigned.position === undefined) await this.#lookUpPositions(options.signal)
    if (assigned.position !== undefined) return assigned.position
    throw assigned.error ?? new ClientError("timeout", `${assigned.name}: no leader told a position in time`)
  }

  /**
   * Positions that are known, of all assigned partitions: what a commit of everything answered so far commits. What a loop over the
   * records was not given yet counts as not answered.
   */
  positions(): ReadonlyArray<PartitionOffset> {
    const queued = [...this.#queues].map((queue) => queue.heads())
    return [...this.#partitions].flatMap(([key, { topic, partition, position, leaderEpoch }]) => position === undefined ? []
      : [{ topic, partition, offset: queued.reduce((offset, heads) => Math.min(offset, heads.get(key)?.offset ?? offset), position), leaderEpoch }])
  }

  /** Records between the position and the end that the broker last told, or undefined when it told none yet. */
  lag(partition: TopicPartition): number | undefined {
    const { position, highWatermark, lastStableOffset } = this.#assigned(partition)
    const end = this.#settings.isolationLevel === "read_committed" ? lastStableOffset : highWatermark
    return position === undefined || end < 0 ? undefined : Math.max(0, end - position)
  }

  /**
   * Answers records as soon as there are any, at most `maxPollRecords`, and none when the time is over. Throws what keeps a
   * partition from being read; the next call goes on with the others.
   */
  async poll(timeoutMillis: number, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<ConsumerRecord>> {
    if (this.#isClosed) throw new ClientError("closed", "the consumer is closed")
    if (this.#isPolling) throw new ClientError("in-use", "poll is already running")
    this.#isPolling = true
    const deadline = this.cluster.timing.monotonicMillis() + timeoutMillis
    try {
      for (;;) {
        options.signal?.throwIfAborted()
        if (this.#isClosed) return []
        const records = this.#drain()
        if (records.length > 0) {
          this.#fetcher.run()
          return records
        }
        const remaining = deadline - this.cluster.timing.monotonicMillis()
        const progress = new Promise<void>((resolve) => {
          this.#wakeWaiter = resolve
        })
        const againAtMillis = Math.min(this.#prepare(), this.#fetcher.run())
        if (remaining <= 0) {
          // Time-outs are usual, but a cluster that could not be reached at all must not look like an empty one.
          if (this.#failure !== undefined) throw this.#failure
          if (this.#isLookingUp && this.cluster.unreachable !== undefined) throw this.cluster.unreachable
          return []
        }
        const pause = Math.max(1, Math.min(remaining, againAtMillis - this.cluster.timing.monotonicMillis()))
        await this.cluster.timing.within(progress, { signal: options.signal, millis: pause }, "poll").catch((error: unknown) => {
          if (!(error instanceof ClientError && error.reason === "timeout")) throw error
        })
      }
    } finally {
      this.#isPolling = false
      this.#wakeWaiter = () => undefined
    }
  }

  /** All records from now on, until the consumer is closed. Who leaves the loop goes on behind the last record that it was given. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<ConsumerRecord> {
    while (!this.isClosed) {
      const queue = new RecordQueue(await this.poll(1_000))
      this.#queues.add(queue)
      try {
        while (!this.isClosed) {
          const record = queue.shift()
          if (record === undefined) break
          yield record
        }
      } finally {
        this.#queues.delete(queue)
        this.#putBack(queue)
      }
    }
  }

  /** Commits offsets, by default the positions: everything that `poll` has answered. One commit follows the other. */
  async commit(offsets: ReadonlyArray<PartitionOffset> = this.positions(), options: CommitOptions & { readonly identity?: CommitIdentity } = {}): Promise<void> {
    if (offsets.length === 0) return
    const identity = options.identity ?? { groupId: this.#group(), generationId: -1, memberId: "", groupInstanceId: null }
    const attempt = () => commitOffsets(this.cluster, identity, offsets, options.signal)
    const results = await this.#inTurn(options.signal, () => options.once === true ? attempt() : this.cluster.retry(options.signal, attempt))
    const failed = results.find((result) => result.error !== undefined)
    if (failed?.error !== undefined) throw failed.error
  }

  /** Committed offsets of the group, for partitions that have one. */
  async committed(partitions: ReadonlyArray<TopicPartition>, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<CommittedOffset>> {
    const found = await fetchCommitted(this.cluster, this.#group(), partitions, { requireStable: true, signal: options.signal })
    for (const item of found) if (item.error !== undefined) throw item.error
    return found.filter((item) => item.offset >= 0)
  }

  beginningOffsets(partitions: ReadonlyArray<TopicPartition>, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<ListedOffset>> {
    return this.#listOffsets(partitions.map((partition) => ({ ...partition, spec: "earliest" as const })), options.signal)
  }

  endOffsets(partitions: ReadonlyArray<TopicPartition>, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<ListedOffset>> {
    return this.#listOffsets(partitions.map((partition) => ({ ...partition, spec: "latest" as const })), options.signal)
  }

  /** For each partition the first record from a time on; offset -1 when there is none. */
  offsetsForTimes(
    times: ReadonlyArray<TopicPartition & { readonly timestampMillis: number }>, options: ConsumerCallOptions = {}
  ): Promise<ReadonlyArray<ListedOffset>> {
    return this.#listOffsets(times.map(({ topic, partition, timestampMillis }) =>
      ({ topic, partition, spec: { timestampMillis } })), options.signal)
  }

  /** The numbers of a topic's partitions. */
  async partitionsFor(topic: string, options: ConsumerCallOptions = {}): Promise<ReadonlyArray<TopicPartition>> {
    const found = await this.cluster.topic(topic, options)
    return found.partitions.map(({ partition }) => ({ topic, partition }))
  }

  /** Ends fetching; a running `poll` answers nothing. Commits nothing. */
  close(): Promise<void> {
    this.#isClosed = true
    this.#fetcher.close()
    this.#wakeWaiter()
    if (this.#ownsCluster) this.cluster.close()
    return Promise.resolve()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Behind the commits before it, as long as a call may take: an older one that is tried again would undo a newer one. */
  #inTurn<T>(signal: AbortSignal | undefined, commit: () => Promise<T>): Promise<T> {
    const before = this.#commits
    const committed = this.cluster.timing.within(before, { signal, millis: this.cluster.options.apiTimeoutMillis }, "an earlier commit").then(commit)
    // One that was given up while it waited lets nobody pass those before it.
    this.#commits = committed.then(() => before, () => before)
    return committed
  }

  #assigned({ topic, partition }: TopicPartition): AssignedPartition {
    const assigned = this.#partitions.get(partitionKey(topic, partition))
    if (assigned === undefined) throw new ClientError("not-assigned", `${topic}-${partition} is not assigned to this consumer`)
    return assigned
  }

  #forgetQueued({ topic, partition }: TopicPartition): void {
    for (const queue of this.#queues) queue.keep((record) => record.topic !== topic || record.partition !== partition)
  }

  /** What nobody was given is fetched again. */
  #putBack(queue: RecordQueue): void {
    for (const [key, record] of queue.heads()) {
      const assigned = this.#partitions.get(key)
      assigned?.seek(record.offset)
      if (assigned !== undefined) assigned.leaderEpoch = record.leaderEpoch
    }
  }

  #group(): string {
    if (this.#settings.groupId === undefined) throw new ClientError("configuration", "committed offsets need a groupId")
    return this.#settings.groupId
  }

  #seekTo(partitions: Iterable<TopicPartition>, spec: OffsetSpec): void {
    for (const partition of partitions) {
      this.#assigned(partition).seek(undefined, spec)
      this.#forgetQueued(partition)
    }
    this.#lookUpAtMillis = 0
    this.#wakeWaiter()
  }

  #drain(): ReadonlyArray<ConsumerRecord> {
    const records: Array<ConsumerRecord> = []
    const inLine = [...this.#partitions]
    for (const [key, partition] of inLine) {
      if (partition.error !== undefined) {
        // Records that were taken from other partitions must not be lost: the error waits for the next call.
        if (records.length > 0) break
        const { error } = partition
        partition.error = undefined
        throw error
      }
      if (partition.isPaused || !partition.hasFetched) continue
      let isFull = false
      try {
        isFull = partition.drain(records, this.#settings.maxPollRecords, recordCodecs, this.#settings)
      } catch (error) {
        if (records.length === 0) throw error
        partition.error = error as Error
      }
      // Who was served goes to the end of the line.
      this.#partitions.delete(key)
      this.#partitions.set(key, partition)
      if (isFull || records.length >= this.#settings.maxPollRecords) break
    }
    return records
  }

  /** Starts to look up positions that are not known, and answers when to look again. */
  #prepare(): number {
    const missing = [...this.#partitions.values()].filter((partition) => partition.position === undefined && partition.error === undefined)
    if (missing.length === 0) return Infinity
    // Its end wakes the poll.
    if (this.#isLookingUp) return Infinity
    if (this.cluster.timing.monotonicMillis() < this.#lookUpAtMillis) return this.#lookUpAtMillis
    this.#isLookingUp = true
    this.#lookUpPositions(undefined, true).then(() => {
      this.#failure = undefined
      this.#lookUpFailures = 0
    }, (error: unknown) => {
      this.#failure = error as Error
      this.#lookUpFailures++
    }).finally(() => {
      this.#isLookingUp = false
      // A topic that does not exist yet is looked for again, but not at once.
      this.#lookUpAtMillis = this.cluster.timing.monotonicMillis() + this.cluster.timing.backoffMillis(this.cluster.options, this.#lookUpFailures)
      this.#wakeWaiter()
    })
    return Infinity
  }

  /**
   * Committed offsets first, where there is a group; then the reset. A seek in the meantime wins. `once` leaves to the next time
   * what cannot be answered yet, so that partitions without a leader do not keep back the others.
   */
  async #lookUpPositions(signal: AbortSignal | undefined, once = false): Promise<void> {
    const missing = [...this.#partitions.values()].filter((partition) => partition.position === undefined)
    const versions = new Map(missing.map((partition) => [partition, partition.version]))
    const isUntouched = (partition: AssignedPartition): boolean => versions.get(partition) === partition.version
    const uncommitted = missing.filter((partition) => partition.resetTo === undefined)
    if (this.#settings.groupId !== undefined && uncommitted.length > 0) {
      for (const { topic, partition, offset, leaderEpoch } of await this.committed(uncommitted, { signal })) {
        const assigned = this.#partitions.get(partitionKey(topic, partition))
        if (assigned === undefined || !isUntouched(assigned)) continue
        assigned.position = offset
        assigned.leaderEpoch = leaderEpoch
      }
    }
    const { autoOffsetReset } = this.#settings
    const rest = missing.filter((partition) => partition.position === undefined && isUntouched(partition))
    const queries = rest.flatMap((partition) => {
      const spec = partition.resetTo ?? autoOffsetReset
      if (spec !== "none") return [{ topic: partition.topic, partition: partition.partition, spec }]
      partition.error = new ClientError("no-offset", `${partition.name} has no committed offset, and autoOffsetReset is "none"`)
      return []
    })
    if (queries.length === 0) return
    for (const found of await this.#listOffsets(queries, signal, once)) {
      const assigned = this.#partitions.get(partitionKey(found.topic, found.partition))
      if (assigned === undefined || !isUntouched(assigned)) continue
      if (found.error === undefined) {
        assigned.position = found.offset
        assigned.resetTo = undefined
      } else if (!found.error.isRetriable) assigned.error = found.error
    }
  }

  #listOffsets(
    queries: ReadonlyArray<TopicPartition & { readonly spec: OffsetSpec }>, signal: AbortSignal | undefined, once = false
  ): Promise<ReadonlyArray<ListedOffset>> {
    const { isolationLevel } = this.#settings
    return listOffsets(this.cluster, queries, { isolationLevel, signal, once })
  }
}
