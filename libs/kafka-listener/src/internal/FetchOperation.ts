import type { PartitionRef, ReadOutcome } from "@tailrace/contracts"
import { encodeFetchResponse, ErrorCode, type FetchRequest, type FetchResponseInput } from "@tailrace/kafka-protocol"
import { Batch } from "@tailrace/record"
import type { Call } from "./Call.ts"
import type { FetchPartition, ResolvedFetch } from "./FetchSessions.ts"
import { findTopic, isErrorCode, whyAbsent } from "./findTopic.ts"
import { type LeaderIdAndEpoch, LeaderHints } from "./LeaderHints.ts"

type TopicResponse = NonNullable<FetchResponseInput["responses"]>[number]

interface Target {
  readonly entry: FetchPartition
  readonly ref: PartitionRef | undefined
  readonly errorCode: number
}

/** What a read of one partition gave, and where the client's log parts from this one (KIP-595). */
interface FetchResult extends ReadOutcome {
  readonly divergingEpoch?: { readonly epoch: number; readonly endOffset: number }
}

const readCommitted = 1
/** From this version on an answer names nodes, so it can say who leads instead (KIP-951). */
const leaderHintVersionMin = 16

/**
 * One fetch from its first look at the partitions to its answer. A look that finds too little registers at every
 * partition and with the clock; the first of them to call back makes it look again. Nothing is held between looks, so a
 * parked fetch costs its registrations alone.
 */
export class FetchOperation {
  readonly #call: Call
  readonly #request: FetchRequest
  readonly #resolved: ResolvedFetch
  readonly #usesTopicIds: boolean
  readonly #targets: ReadonlyArray<Target>
  readonly #bytesMax: number
  /** What the limits of the partitions let a look bring as well, apart from one larger batch. */
  readonly #askedBytes: number
  /** What this look may bring: less than asked, where the answers of others take the room. */
  #lookBytesMax = 0
  #isShort = false
  readonly #deadlineMillis: number
  #results: Array<FetchResult> = []
  #cancels: Array<() => void> = []
  #hints: LeaderHints | undefined
  /** Others may have changed since their part of this look was read. */
  #wasReadPending = false
  #isParked = false
  /** It hears of the end of its connection. */
  #isWatched = false
  #isOver = false

  constructor(call: Call, request: FetchRequest, resolved: ResolvedFetch, usesTopicIds: boolean, deadlineMillis: number) {
    this.#call = call
    this.#request = request
    this.#resolved = resolved
    this.#usesTopicIds = usesTopicIds
    this.#targets = resolved.partitions.map((entry) => this.#target(entry))
    this.#bytesMax = Math.min(Math.max(request.maxBytes, 0), call.context.limits.fetchBytesMax)
    let partitionBytes = 0
    for (const { bytesMax } of resolved.partitions) partitionBytes += Math.max(bytesMax, 0)
    this.#askedBytes = Math.min(this.#bytesMax, partitionBytes)
    this.#deadlineMillis = deadlineMillis
  }

  start(): void {
    this.#look()
  }

  #target(entry: FetchPartition): Target {
    const { broker } = this.#call.context
    const topic = findTopic(broker, entry.topic, entry.topicId, this.#usesTopicIds)
    if (isErrorCode(topic)) return { entry, ref: undefined, errorCode: topic }
    const ref = broker.partition(topic.topicId, entry.partition)
    return { entry, ref, errorCode: ref === undefined ? whyAbsent(topic, entry.partition) : ErrorCode.NONE }
  }

  #look(): void {
    this.#results = []
    this.#wasReadPending = false
    const granted = this.#call.origin.fetches.reserve(this.#askedBytes)
    this.#isShort = granted < this.#askedBytes
    this.#lookBytesMax = this.#isShort ? granted : this.#bytesMax
    this.#readFrom(0, 0)
  }

  /** Reads partition after partition, in the request's order and under one limit; goes on later where a read is pending. */
  #readFrom(first: number, bytesBefore: number): void {
    let bytes = bytesBefore
    for (let i = first; i < this.#targets.length; i++) {
      const { entry, errorCode, ref } = this.#targets[i]!
      if (ref === undefined) {
        this.#results.push(failed(errorCode))
        continue
      }
      const parting = entry.lastFetchedEpoch < 0 ? undefined : partingOf(ref, entry)
      if (parting !== undefined) {
        this.#results.push(parting)
        continue
      }
      const bytesMax = Math.min(entry.bytesMax, this.#lookBytesMax - bytes)
      const read = ref.read(entry.fetchOffset, entry.currentLeaderEpoch, Math.max(bytesMax, 0), bytes === 0)
      if (read instanceof Promise) {
        this.#watch()
        read.then((result) => {
          if (this.#isOver) return this.#call.origin.fetches.release()
          this.#wasReadPending = true
          this.#results.push(answered(result))
          this.#readFrom(i + 1, bytes + result.bytes)
        }, (cause: unknown) => {
          this.#call.origin.fetches.release()
          this.#fail(cause)
        }).catch((cause: unknown) => this.#fail(cause))
        return
      }
      this.#results.push(answered(read))
      bytes += read.bytes
    }
    this.#judge(bytes)
  }

  /** Until the first read that takes time nothing can end the connection. A fetch that is read holds up a shutdown, unlike one that is parked. */
  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#call.whenAbandoned(() => this.#abandon(), false)
  }

  #judge(bytes: number): void {
    // As in Kafka, partitions that did not exist to begin with are told of beside the others: a client that still asks for a deleted topic
    // has its rest. One that is deleted while the fetch waits is told of at once.
    const enough = bytes >= this.#request.minBytes || (bytes > 0 && this.#isShort) || this.#results.every((_, i) => this.#isMissing(i)) ||
      this.#results.some((result, i) => !this.#isMissing(i) && (isNews(result) || hasMore(result)))
    const { clock } = this.#call.context
    if (enough || clock.monotonicMillis() >= this.#deadlineMillis) return this.#answer()
    // While a read was pending the others may have been lost, or have grown: who parks now would not hear of it. What is lost is answered
    // without another look, and a look for what has grown follows a pending read alone: neither can go round within one turn.
    if (this.#wasReadPending) {
      if (this.#tellLost()) return this.#answer()
      const hasGrown = this.#targets.some(({ ref }, i) => ref !== undefined && ref.highWatermark > this.#results[i]!.highWatermark)
      if (hasGrown) return this.#look()
    }
    this.#park()
  }

  /** The partition did not exist when the fetch began. */
  #isMissing(i: number): boolean {
    return this.#targets[i]!.ref === undefined && isUnknown(this.#results[i]!)
  }

  /** Puts the error into the result of each partition that is not led here any more; answers whether there is one. */
  #tellLost(): boolean {
    let isAnyLost = false
    for (const [i, { entry, ref }] of this.#targets.entries()) {
      const errorCode = ref?.endOffsetForEpoch(entry.lastFetchedEpoch, entry.currentLeaderEpoch).errorCode ?? ErrorCode.NONE
      if (errorCode === ErrorCode.NONE) continue
      this.#results[i] = failed(errorCode)
      isAnyLost = true
    }
    return isAnyLost
  }

  #park(): void {
    const { clock } = this.#call.context
    this.#call.origin.fetches.release()
    const wake = () => {
      if (!this.#isParked || this.#isOver) return
      this.#release()
      this.#look()
    }
    this.#isParked = true
    this.#cancels.push(clock.after(Math.max(this.#deadlineMillis - clock.monotonicMillis(), 0), wake))
    this.#cancels.push(this.#call.whenAbandoned(() => this.#abandon(), true))
    // Too many bytes of requests wait.
    if (this.#isOver) return
    for (let i = 0; i < this.#targets.length; i++) {
      const { entry, ref } = this.#targets[i]!
      if (ref !== undefined) this.#await(ref, entry.fetchOffset, this.#results[i]!.highWatermark, wake)
    }
    this.#results = []
  }

  /** Wakes when more of the partition may be enough: to read at each commit what was too little before costs the more the more is asked for. */
  #await(ref: PartitionRef, fetchOffset: number, highWatermark: number, wake: () => void): void {
    const place = this.#cancels.length
    const register = (end: number) => ref.awaitReadable(Math.max(fetchOffset, end), () => {
      if (!this.#isParked || this.#isOver) return
      if (this.#mayHaveEnough()) wake()
      else this.#cancels[place] = register(ref.highWatermark)
    })
    this.#cancels.push(register(highWatermark))
  }

  /** Whether another look may end in an answer. What only a look can tell, the end of a reign for example, counts as more than enough. */
  #mayHaveEnough(): boolean {
    const { minBytes } = this.#request
    if (minBytes <= 1) return true
    let bytes = 0
    for (const { entry, ref } of this.#targets) {
      if (ref === undefined) continue
      const readable = ref.readableBytes(entry.fetchOffset, entry.currentLeaderEpoch)
      bytes += readable
      if (readable > entry.bytesMax || bytes > this.#bytesMax || bytes >= minBytes) return true
    }
    return false
  }

  #abandon(): void {
    this.#isOver = true
    this.#release()
  }

  #release(): void {
    this.#isParked = false
    const cancels = this.#cancels
    this.#cancels = []
    for (const cancel of cancels) cancel()
  }

  /** Only for errors that send the client elsewhere. */
  #leaderInstead(entry: FetchPartition, errorCode: number): LeaderIdAndEpoch | undefined {
    const isFenced = errorCode === ErrorCode.FENCED_LEADER_EPOCH
    if (errorCode !== ErrorCode.NOT_LEADER_OR_FOLLOWER && !isFenced) return undefined
    if (this.#call.apiVersion < leaderHintVersionMin) return undefined
    const { broker } = this.#call.context
    this.#hints ??= new LeaderHints(broker, this.#call.origin.listenerName)
    return this.#hints.leaderOf(broker.metadata.topicById(entry.topicId), entry.partition, isFenced)
  }

  #fail(cause: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#call.origin.fetches.release()
    this.#call.crash(cause)
  }

  #answer(): void {
    this.#isOver = true
    const responses: Array<TopicResponse> = []
    const withRecords: Array<FetchPartition> = []
    let bytes = 0
    for (let i = 0; i < this.#targets.length; i++) {
      const { entry } = this.#targets[i]!
      const result = this.#results[i]!
      bytes += result.bytes
      if (result.bytes > 0) withRecords.push(entry)
      if (this.#resolved.isIncremental && !hasNews(entry, result)) continue
      entry.knownHighWatermark = result.highWatermark
      entry.knownLogStartOffset = result.logStartOffset
      const last = responses.at(-1)
      const partition = this.#partitionResponse(i)
      if (last !== undefined && last.topic === entry.topic && last.topicId === entry.topicId) {
        ;(last.partitions as Array<typeof partition>).push(partition)
      } else responses.push({ topic: entry.topic, topicId: entry.topicId, partitions: [partition] })
    }
    if (this.#resolved.isIncremental && withRecords.length > 0) {
      this.#call.context.fetchSessions.rotate(this.#resolved.sessionId, withRecords)
    }
    this.#call.origin.fetches.answered(bytes)
    const nodeEndpoints = this.#hints?.nodeEndpoints ?? []
    this.#call.reply(encodeFetchResponse, { sessionId: this.#resolved.sessionId, responses, nodeEndpoints })
  }

  #partitionResponse(i: number) {
    const { entry } = this.#targets[i]!
    const result = this.#results[i]!
    return {
      partitionIndex: entry.partition,
      errorCode: result.errorCode,
      highWatermark: result.highWatermark,
      lastStableOffset: result.lastStableOffset,
      logStartOffset: result.logStartOffset,
      divergingEpoch: result.divergingEpoch,
      currentLeader: this.#leaderInstead(entry, result.errorCode),
      abortedTransactions: this.#request.isolationLevel === readCommitted || this.#isMissing(i) ? [] : null,
      records: result.chunks.length === 1 ? result.chunks[0]! : result.chunks.length === 0 ? empty : result.chunks
    }
  }
}

const empty = Buffer.alloc(0)

/** What is answered at once, however little there is to read. */
const isNews = (result: FetchResult): boolean => result.errorCode !== ErrorCode.NONE || result.divergingEpoch !== undefined

/**
 * A client that says in which epoch it read its last record is told where its log parts from this one, before it reads
 * beyond that. undefined where it does not.
 */
function partingOf(ref: PartitionRef, { currentLeaderEpoch, fetchOffset, lastFetchedEpoch }: FetchPartition): FetchResult | undefined {
  const { endOffset, errorCode, leaderEpoch } = ref.endOffsetForEpoch(lastFetchedEpoch, currentLeaderEpoch)
  if (errorCode !== ErrorCode.NONE) return failed(errorCode)
  if (leaderEpoch < 0 || endOffset < 0) return failed(ErrorCode.OFFSET_OUT_OF_RANGE)
  if (leaderEpoch >= lastFetchedEpoch && endOffset >= fetchOffset) return undefined
  const { highWatermark, logStartOffset } = ref
  const nothing = { errorCode, chunks: [], bytes: 0, highWatermark, lastStableOffset: highWatermark, logStartOffset }
  return { ...nothing, divergingEpoch: { epoch: leaderEpoch, endOffset } }
}

const unknownCodes: ReadonlySet<number> = new Set([
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.UNKNOWN_TOPIC_ID, ErrorCode.INCONSISTENT_TOPIC_ID
])
const isUnknown = ({ errorCode }: FetchResult): boolean => unknownCodes.has(errorCode)

/** Nothing of the log is told beside an error, so that a session tells it once the error is over. */
const answered = (result: FetchResult): FetchResult => result.errorCode === ErrorCode.NONE ? result : failed(result.errorCode)

const hasNews = (entry: FetchPartition, result: FetchResult): boolean =>
  result.bytes > 0 || isNews(result) || entry.knownHighWatermark !== result.highWatermark ||
  entry.knownLogStartOffset !== result.logStartOffset

/** The read was cut off by its limit: waiting would not bring more than is there already. */
function hasMore(result: ReadOutcome): boolean {
  const last = result.chunks.at(-1)
  if (last === undefined) return false
  let nextOffset = 0
  Batch.forEach(last, 0, last.length, (at) => {
    nextOffset = Batch.nextOffset(last, at)
  })
  return nextOffset < result.highWatermark
}

const failed = (errorCode: number): ReadOutcome => ({
  errorCode,
  chunks: [],
  bytes: 0,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1
})
