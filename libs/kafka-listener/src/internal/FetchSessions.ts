import { ErrorCode, type FetchRequest } from "@tailrace/kafka-protocol"
import type { Random } from "@tailrace/runtime"

/** One partition of a fetch, and what the session's last answer said about it. */
export interface FetchPartition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  currentLeaderEpoch: number
  fetchOffset: number
  /** The epoch of the last record that the client has; -1 where it does not say. */
  lastFetchedEpoch: number
  bytesMax: number
  /** What the client knows; an incremental answer leaves out a partition for which nothing changed. */
  knownHighWatermark: number
  knownLogStartOffset: number
}

interface FetchSession {
  readonly id: number
  readonly usesTopicIds: boolean
  readonly partitions: Map<string, FetchPartition>
  nextEpoch: number
  usedAtMillis: number
}

export interface ResolvedFetch {
  readonly errorCode: number
  /** 0 where the answer belongs to no session. */
  readonly sessionId: number
  /** Only an incremental answer may leave partitions out. */
  readonly isIncremental: boolean
  readonly partitions: ReadonlyArray<FetchPartition>
}

export interface FetchSessionLimits {
  readonly sessionsMax: number
  readonly partitionsMax: number
  /** A session is given up for another's sake only after it was idle for so long. */
  readonly evictionMillisMin: number
}

const initialEpoch = 0
const finalEpoch = -1
const epochMax = 0x7fff_ffff

/**
 * Incremental fetch sessions (KIP-227): the broker remembers the partitions a client reads, so that requests and
 * answers name only what changed. Where there is no room for one more session the fetch is answered without one,
 * which every client understands.
 */
export class FetchSessions {
  readonly #sessions = new Map<number, FetchSession>()
  readonly #limits: FetchSessionLimits
  readonly #random: Random
  #partitions = 0

  constructor(limits: FetchSessionLimits, random: Random) {
    this.#limits = limits
    this.#random = random
  }

  get size(): number {
    return this.#sessions.size
  }

  /** What a request asks for, once its session is known. Errors: 70, 71, 106 (KIP-227, KIP-516). */
  resolve(request: FetchRequest, usesTopicIds: boolean, nowMillis: number): ResolvedFetch {
    const { sessionEpoch, sessionId } = request
    if (sessionEpoch === initialEpoch || sessionEpoch === finalEpoch) {
      if (sessionId !== 0) this.#remove(sessionId)
      const partitions = new Map<string, FetchPartition>()
      merge(partitions, request, usesTopicIds)
      const list = [...partitions.values()]
      const created = sessionEpoch === initialEpoch
        ? this.#create(partitions, usesTopicIds, nowMillis)
        : undefined
      return { errorCode: 0, sessionId: created?.id ?? 0, isIncremental: false, partitions: list }
    }
    const session = this.#sessions.get(sessionId)
    if (session === undefined) return refused(ErrorCode.FETCH_SESSION_ID_NOT_FOUND)
    if (session.nextEpoch !== sessionEpoch) return refused(ErrorCode.INVALID_FETCH_SESSION_EPOCH)
    if (session.usesTopicIds !== usesTopicIds) return refused(ErrorCode.FETCH_SESSION_TOPIC_ID_ERROR)
    return this.#continue(session, request, nowMillis)
  }

  /** Partitions that were answered with records go to the end, so that each gets its turn under a byte limit. */
  rotate(sessionId: number, answered: ReadonlyArray<FetchPartition>): void {
    const session = this.#sessions.get(sessionId)
    if (session === undefined || session.partitions.size === answered.length) return
    for (const entry of answered) {
      const key = keyOf(session.usesTopicIds ? entry.topicId : entry.topic, entry.partition)
      if (session.partitions.delete(key)) session.partitions.set(key, entry)
    }
  }

  #continue(session: FetchSession, request: FetchRequest, nowMillis: number): ResolvedFetch {
    const before = session.partitions.size
    // What a request both adds and forgets is forgotten, as in Kafka.
    merge(session.partitions, request, session.usesTopicIds)
    for (const topic of request.forgottenTopicsData) {
      const name = session.usesTopicIds ? topic.topicId : topic.topic
      for (const partition of topic.partitions) session.partitions.delete(keyOf(name, partition))
    }
    this.#partitions += session.partitions.size - before
    session.nextEpoch = session.nextEpoch === epochMax ? 1 : session.nextEpoch + 1
    session.usedAtMillis = nowMillis
    // The map keeps the least recently used session first.
    this.#sessions.delete(session.id)
    this.#sessions.set(session.id, session)
    if (session.partitions.size === 0 || this.#partitions > this.#limits.partitionsMax) {
      this.#remove(session.id)
      return { errorCode: 0, sessionId: 0, isIncremental: false, partitions: [...session.partitions.values()] }
    }
    return { errorCode: 0, sessionId: session.id, isIncremental: true, partitions: [...session.partitions.values()] }
  }

  #create(
    partitions: Map<string, FetchPartition>,
    usesTopicIds: boolean,
    nowMillis: number
  ): FetchSession | undefined {
    while (!this.#hasRoom(partitions.size)) {
      const oldest = this.#sessions.values().next().value
      if (oldest === undefined || nowMillis - oldest.usedAtMillis < this.#limits.evictionMillisMin) return undefined
      this.#remove(oldest.id)
    }
    let id = 1 + this.#random.nextInt(epochMax - 1)
    while (this.#sessions.has(id)) id = 1 + this.#random.nextInt(epochMax - 1)
    const session: FetchSession = { id, usesTopicIds, partitions, nextEpoch: 1, usedAtMillis: nowMillis }
    this.#sessions.set(id, session)
    this.#partitions += partitions.size
    return session
  }

  #hasRoom(partitions: number): boolean {
    return this.#sessions.size < this.#limits.sessionsMax &&
      this.#partitions + partitions <= this.#limits.partitionsMax
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id)
    if (session === undefined) return
    this.#sessions.delete(id)
    this.#partitions -= session.partitions.size
  }
}

const refused = (errorCode: number): ResolvedFetch => ({
  errorCode,
  sessionId: 0,
  isIncremental: false,
  partitions: []
})

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`

/** In a fetch every negative epoch stands for none, while ListOffsets and OffsetForLeaderEpoch compare all but -1. */
const knownEpoch = (epoch: number): number => Math.max(epoch, -1)

function merge(partitions: Map<string, FetchPartition>, request: FetchRequest, usesTopicIds: boolean): void {
  for (const topic of request.topics) {
    for (const entry of topic.partitions) {
      const key = keyOf(usesTopicIds ? topic.topicId : topic.topic, entry.partition)
      const known = partitions.get(key)
      if (known === undefined) {
        partitions.set(key, {
          topic: topic.topic,
          topicId: topic.topicId,
          partition: entry.partition,
          currentLeaderEpoch: knownEpoch(entry.currentLeaderEpoch),
          fetchOffset: entry.fetchOffset,
          lastFetchedEpoch: entry.lastFetchedEpoch,
          bytesMax: entry.partitionMaxBytes,
          knownHighWatermark: -1,
          knownLogStartOffset: -1
        })
      } else {
        known.currentLeaderEpoch = knownEpoch(entry.currentLeaderEpoch)
        known.fetchOffset = entry.fetchOffset
        known.lastFetchedEpoch = entry.lastFetchedEpoch
        known.bytesMax = entry.partitionMaxBytes
      }
    }
  }
}
