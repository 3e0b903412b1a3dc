import { ErrorCode } from "@tailrace/kafka-protocol"
import { BatchAssembly } from "./internal/BatchAssembly.ts"
import { nameHash, positionHash } from "./internal/positionHash.ts"
import { ReplyProgress } from "./internal/ReplyProgress.ts"
import type {
  AckEntry, AckMessage, BatchesEntry, BatchesMessage, FetchEntry, FetchPosition, Incarnation, PartitionName, PieceMessage, PollMessage
} from "./ReplicaMessage.ts"
import { fetchEntryBytesMax, messageHeadBytesMax } from "./ReplicaMessageCodec.ts"

/** A partition that follows the session's leader; undefined while it does not. */
export interface FollowedPartition extends PartitionName {
  fetchPosition(): FetchPosition | undefined
  /** The position's `logStartOffset`. */
  readonly durableStart: number
}

const patienceMax = 4

export interface FollowerSessionOptions {
  readonly clusterName: string
  readonly self: Incarnation
  readonly leader: Incarnation
  /** Grows over all sessions of this incarnation. */
  readonly nextSessionId: () => number
  /** The largest message that the bus takes. */
  readonly payloadBytesMax: number
  /** What one answer may bring. */
  readonly bytesMax: number
  /** How long the leader may keep a poll for which it has nothing; below `timeoutMillis`. */
  readonly waitMillis: number
  /** How long an answer may take; it is counted anew with each piece. Up to four times as long after answers that did not come. */
  readonly timeoutMillis: number
  /** The same for the first poll of a session, which is answered at once. */
  readonly openMillis: number
  /** How long a piece may be missing when a later one is there. */
  readonly missingMillis: number
  /** Parts of batches that are larger than a message, over all partitions. */
  readonly assemblyBytesMax: number
}

/** What came for one partition, in the order in which it has to be taken. */
export interface Received<P> {
  readonly partition: P
  readonly entry: BatchesEntry
}

class Slot<P> {
  readonly partition: P
  readonly nameHash: number
  /** -1 until the session has told the leader. */
  number = -1
  hash = 0
  toldEpoch = -1
  toldDurableEnd = -1
  toldStart = -1
  assembly: BatchAssembly | undefined

  constructor(partition: P, name: number) {
    this.partition = partition
    this.nameHash = name
  }
}

/**
 * The follower's end of a session: what it has told the leader, what it waits for, and what it has to tell next. One poll is
 * out at a time; what changes meanwhile may replace it, as long as its answer has not begun. Whatever does not fit (another session, a piece
 * that is missing, no answer) ends the session, and the next poll opens another one with everything.
 */
export class FollowerSession<P extends FollowedPartition> {
  readonly #options: FollowerSessionOptions
  readonly #slots = new Map<P, Slot<P>>()
  #byNumber = new Map<number, Slot<P>>()
  /** Slots that the next poll has to tell of, in order. */
  readonly #touched = new Set<Slot<P>>()
  readonly #flushed = new Set<Slot<P>>()
  /** Acknowledged since the last poll: the next one repeats it, since acknowledgements may be lost. */
  readonly #acknowledged = new Set<Slot<P>>()
  #forgotten: Array<Slot<P>> = []
  #replies = new ReplyProgress()
  /** 0 while there is none. */
  #sessionId = 0
  #sequence = 0
  #nextNumber = 0
  #checksum = 0
  #assemblyBytes = 0
  #deadlineMillis = Infinity
  /** Doubles with each answer that did not come: where everything is slow, asking more often makes it slower. */
  #patience = 1
  /** Sessions that were given up. */
  resyncs = 0

  constructor(options: FollowerSessionOptions) {
    this.#options = options
  }

  get size(): number {
    return this.#slots.size
  }

  /** When the answer that is awaited counts as lost; Infinity when none is. */
  get deadlineMillis(): number {
    return this.#deadlineMillis
  }

  /** Also for a partition that is followed already: another epoch is told at once, anything else when it matters. */
  follow(partition: P): void {
    let slot = this.#slots.get(partition)
    if (slot === undefined) {
      slot = new Slot(partition, nameHash(partition))
      this.#slots.set(partition, slot)
    }
    if (slot.number < 0 || slot.toldEpoch !== partition.fetchPosition()?.leaderEpoch) this.#touched.add(slot)
  }

  forget(partition: P): void {
    const slot = this.#slots.get(partition)
    if (slot === undefined) return
    this.#slots.delete(partition)
    this.#touched.delete(slot)
    this.#flushed.delete(slot)
    this.#acknowledged.delete(slot)
    this.#drop(slot)
    if (this.#byNumber.delete(slot.number)) this.#forgotten.push(slot)
    if (this.#slots.size === 0) this.#end()
  }

  /** The partition is asked for again, from where its log ends now. */
  touch(partition: P): void {
    const slot = this.#slots.get(partition)
    if (slot !== undefined) this.#touched.add(slot)
  }

  /** A flush returned. That the log starts elsewhere is told by a poll: it is rare, and somebody may wait for it. */
  flushed(partition: P): void {
    const slot = this.#slots.get(partition)
    if (slot === undefined) return
    this.#flushed.add(slot)
    if (slot.toldStart !== partition.durableStart) this.#touched.add(slot)
  }

  /** The poll to send now, if any. Everything that was received has been taken by then. */
  poll(nowMillis: number): PollMessage | undefined {
    if (this.#slots.size === 0) return undefined
    const isFull = this.#sessionId === 0
    if (isFull) this.#open()
    else if (!this.#mayPoll) return undefined
    const { bytesMax, openMillis, timeoutMillis, waitMillis } = this.#options
    this.#sequence++
    const { entries, forgotten } = this.#tell()
    this.#deadlineMillis = nowMillis + this.#patience * (isFull ? openMillis : timeoutMillis)
    return { kind: isFull ? "full" : "incremental", ...this.#envelope(), checksum: this.#checksum, waitMillis, bytesMax, entries, forgotten }
  }

  /** What flushes have added since the last poll; call until there is nothing. */
  ack(): AckMessage | undefined {
    if (this.#sessionId === 0) return undefined
    const entries: Array<AckEntry> = []
    for (const slot of this.#flushed) {
      if (entries.length >= this.#entriesMax) break
      this.#flushed.delete(slot)
      const position = slot.partition.fetchPosition()
      // Another epoch than the leader was told says nothing to it; the next poll tells.
      if (slot.number < 0 || position === undefined || position.leaderEpoch !== slot.toldEpoch) continue
      if (position.durableEnd <= slot.toldDurableEnd) continue
      slot.toldDurableEnd = position.durableEnd
      this.#acknowledged.add(slot)
      entries.push({ slot: slot.number, leaderEpoch: position.leaderEpoch, durableEnd: position.durableEnd })
    }
    return entries.length === 0 ? undefined : { kind: "ack", ...this.#envelope(), entries }
  }

  /** Takes a message of the leader; answers what has to be taken into the logs, in order. Nothing for one that does not fit. */
  receive(message: BatchesMessage, nowMillis: number): ReadonlyArray<Received<P>> {
    const { clusterName, leader, self } = this.#options
    if (message.clusterName !== clusterName || message.sessionId !== this.#sessionId || this.#sessionId === 0) return []
    if (!isSame(message.from, leader) || !isSame(message.to, self)) return []
    if (message.kind === "resync") {
      if (message.sequence === this.#sequence) this.restart()
      return []
    }
    if (message.sequence > this.#sequence || !this.#replies.take(message)) return []
    const { missingMillis, timeoutMillis } = this.#options
    if (this.#replies.hasGap) this.#deadlineMillis = Math.min(this.#deadlineMillis, nowMillis + missingMillis)
    else this.#deadlineMillis = this.#isAnswered ? Infinity : nowMillis + this.#patience * timeoutMillis
    if (this.#isAnswered) this.#patience = 1
    return this.#entriesOf(message)
  }

  /** Whether the answer is overdue; the session is given up then, and the next poll opens another. */
  expire(nowMillis: number): boolean {
    if (nowMillis < this.#deadlineMillis) return false
    this.#patience = Math.min(this.#patience * 2, patienceMax)
    this.restart()
    return true
  }

  /** Gives the session up. */
  restart(): void {
    if (this.#sessionId !== 0) this.resyncs++
    this.#end()
  }

  get #isAnswered(): boolean {
    return this.#replies.completed === this.#sequence
  }

  /** A poll that is out is replaced only while its answer has not begun: otherwise what changes now is told when that is there. */
  get #mayPoll(): boolean {
    if (this.#isAnswered) return true
    return (this.#touched.size > 0 || this.#forgotten.length > 0) && !this.#replies.isUnderWay
  }

  get #entriesMax(): number {
    return Math.max(1, Math.floor((this.#options.payloadBytesMax - messageHeadBytesMax) / fetchEntryBytesMax))
  }

  #open(): void {
    this.#sessionId = this.#options.nextSessionId()
    this.#sequence = 0
    this.#nextNumber = 0
    this.#checksum = 0
    this.#forgotten = []
    this.#replies = new ReplyProgress()
    this.#byNumber = new Map()
    for (const slot of this.#slots.values()) {
      slot.number = -1
      this.#touched.add(slot)
    }
  }

  #end(): void {
    this.#sessionId = 0
    this.#deadlineMillis = Infinity
  }

  /** What does not fit into one message follows with the next poll. */
  #tell(): { entries: ReadonlyArray<FetchEntry>; forgotten: ReadonlyArray<number> } {
    const forgotten = this.#forgotten.splice(0, this.#entriesMax)
    for (const { hash } of forgotten) this.#checksum = (this.#checksum ^ hash) >>> 0
    const entries: Array<FetchEntry> = []
    for (const slots of [this.#touched, this.#acknowledged]) {
      for (const slot of slots) {
        if (entries.length + forgotten.length >= this.#entriesMax) break
        this.#touched.delete(slot)
        this.#acknowledged.delete(slot)
        const position = slot.partition.fetchPosition()
        if (position !== undefined) entries.push(this.#entryOf(slot, position))
      }
    }
    return { entries, forgotten: forgotten.map(({ number }) => number) }
  }

  #entryOf(slot: Slot<P>, position: FetchPosition): FetchEntry {
    const { partition, topicId } = slot.partition
    const isNew = slot.number < 0
    if (isNew) {
      slot.number = this.#nextNumber++
      this.#byNumber.set(slot.number, slot)
      slot.hash = 0
    }
    if (slot.assembly?.isOf(position.leaderEpoch, position.fetchOffset) === false) this.#drop(slot)
    const entry: FetchEntry = {
      ...position, slot: slot.number, name: isNew ? { topicId, partition } : undefined, fragmentPosition: slot.assembly?.bytes ?? 0
    }
    const hash = positionHash(slot.nameHash, entry)
    this.#checksum = (this.#checksum ^ slot.hash ^ hash) >>> 0
    slot.hash = hash
    slot.toldEpoch = position.leaderEpoch
    slot.toldDurableEnd = position.durableEnd
    slot.toldStart = position.logStartOffset
    return entry
  }

  #entriesOf(message: PieceMessage): ReadonlyArray<Received<P>> {
    const received: Array<Received<P>> = []
    for (const entry of message.entries) {
      const slot = this.#byNumber.get(entry.slot)
      if (slot === undefined) continue
      const whole = entry.fragment === undefined ? entry : this.#assemble(slot, entry, entry.fragment)
      if (whole !== undefined) received.push({ partition: slot.partition, entry: whole })
    }
    return received
  }

  /** Takes a part of a batch; answers the entry with the whole batch once it is there. */
  #assemble(slot: Slot<P>, entry: BatchesEntry, fragment: NonNullable<BatchesEntry["fragment"]>): BatchesEntry | undefined {
    const { assemblyBytesMax } = this.#options
    if (fragment.totalBytes > assemblyBytesMax) return { ...entry, fragment: undefined, batches: [], errorCode: ErrorCode.MESSAGE_TOO_LARGE }
    // Taken or not, the next poll asks from where this leaves it.
    this.#touched.add(slot)
    if (fragment.position === 0 && (slot.assembly === undefined || !slot.assembly.isOf(entry.leaderEpoch, entry.baseOffset))) {
      this.#drop(slot)
      if (this.#assemblyBytes + fragment.totalBytes > assemblyBytesMax) return undefined
      slot.assembly = new BatchAssembly(entry.leaderEpoch, entry.baseOffset, fragment.totalBytes)
      this.#assemblyBytes += fragment.totalBytes
    }
    if (slot.assembly?.add(entry) !== true || !slot.assembly.isComplete) return undefined
    const batch = slot.assembly.whole()
    this.#drop(slot)
    return { ...entry, fragment: undefined, batches: [batch] }
  }

  #drop(slot: Slot<P>): void {
    this.#assemblyBytes -= slot.assembly?.totalBytes ?? 0
    slot.assembly = undefined
  }

  #envelope(): { clusterName: string; from: Incarnation; to: Incarnation; sessionId: number; sequence: number } {
    const { clusterName, leader, self } = this.#options
    return { clusterName, from: self, to: leader, sessionId: this.#sessionId, sequence: this.#sequence }
  }
}

const isSame = (one: Incarnation, other: Incarnation): boolean => one.nodeId === other.nodeId && one.brokerEpoch === other.brokerEpoch
