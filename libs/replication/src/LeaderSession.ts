import { nameHash, positionHash } from "./internal/positionHash.ts"
import { LeaderSlot } from "./LeaderSlot.ts"
import type { AckMessage, FetchEntry, FetchMessage, Incarnation, PartitionName, PollMessage, ReplicaEnvelope, ResyncMessage } from "./ReplicaMessage.ts"
import { ReplyPieces } from "./ReplyPieces.ts"

export interface LeaderSessionOptions {
  readonly clusterName: string
  readonly self: Incarnation
  readonly follower: Incarnation
}

/** A poll that has no answer yet. */
export interface ParkedPoll {
  readonly sequence: number
  readonly isFull: boolean
  readonly waitMillis: number
  readonly bytesMax: number
}

/**
 * - `ignored`: old, or a repetition; nothing follows from it.
 * - `resync`: the two sides do not know the same of the session; the follower has to open another.
 * - `polled`: taken in; the slots that it names have to be judged, and it waits for its answer in place of the one before.
 * - `acknowledged`: these slots have a later `durableEnd`.
 */
export type SessionVerdict =
  | { readonly kind: "ignored" }
  | { readonly kind: "resync"; readonly message: ResyncMessage }
  | { readonly kind: "polled"; readonly isNew: boolean; readonly slots: ReadonlyArray<LeaderSlot>; readonly forgotten: ReadonlyArray<LeaderSlot> }
  | { readonly kind: "acknowledged"; readonly slots: ReadonlyArray<LeaderSlot> }

const ignored: SessionVerdict = { kind: "ignored" }

/**
 * The leader's end of a session with one incarnation of a follower: which partitions it follows and where it stands in each,
 * the poll that waits, and whose turn it is. Slots that got batches queue up behind those that did not.
 */
export class LeaderSession {
  readonly follower: Incarnation
  readonly self: Incarnation
  readonly #clusterName: string
  #slots = new Map<number, LeaderSlot>()
  #byName = new Map<string, LeaderSlot>()
  #sessionId = 0
  #sequence = 0
  #checksum = 0
  #lastAnswered = 0
  #isOpen = false
  /** Slots that have something to send, in the order in which it is their turn. */
  readonly ready = new Set<LeaderSlot>()
  /** Slots whose high watermark or log start the follower does not know yet. */
  readonly news = new Set<LeaderSlot>()
  parked: ParkedPoll | undefined

  constructor(options: LeaderSessionOptions) {
    this.#clusterName = options.clusterName
    this.self = options.self
    this.follower = options.follower
  }

  get slots(): Iterable<LeaderSlot> {
    return this.#slots.values()
  }

  get size(): number {
    return this.#slots.size
  }

  /** The session's number and the poll that came last; another session has another number. */
  get sessionId(): number {
    return this.#sessionId
  }

  slotOf(name: PartitionName): LeaderSlot | undefined {
    return this.#byName.get(keyOf(name))
  }

  has(slot: LeaderSlot): boolean {
    return this.#byName.get(keyOf(slot)) === slot
  }

  /** The message is of this cluster and of these two incarnations. */
  receive(message: FetchMessage): SessionVerdict {
    if (message.sessionId < this.#sessionId) return ignored
    if (message.kind === "ack") return this.#acknowledge(message)
    if (message.kind === "full") {
      if (message.sessionId === this.#sessionId) return ignored
      return this.#open(message)
    }
    if (message.sessionId > this.#sessionId) return this.#resync(message)
    if (message.sequence <= this.#sequence) return ignored
    if (!this.#isOpen || message.sequence !== this.#sequence + 1) return this.#resync(message)
    return this.#poll(message, [])
  }

  /** Begins the answer to the parked poll; undefined when none waits. */
  answer(pieceBytesMax: number, bytesMax: number, send: ConstructorParameters<typeof ReplyPieces>[0]["send"]): ReplyPieces | undefined {
    const { parked } = this
    if (parked === undefined) return undefined
    this.parked = undefined
    const pieces = new ReplyPieces({
      envelope: this.#envelope(parked.sequence), previousSequence: this.#lastAnswered, pieceBytesMax,
      bytesMax: Math.min(bytesMax, parked.bytesMax), send
    })
    this.#lastAnswered = parked.sequence
    return pieces
  }

  #open(message: PollMessage): SessionVerdict {
    const forgotten = [...this.#slots.values()]
    this.#slots = new Map()
    this.#byName = new Map()
    this.ready.clear()
    this.news.clear()
    this.#sessionId = message.sessionId
    this.#checksum = 0
    this.#lastAnswered = 0
    this.#isOpen = true
    return this.#poll(message, forgotten)
  }

  #poll(message: PollMessage, forgotten: Array<LeaderSlot>): SessionVerdict {
    this.#sequence = message.sequence
    for (const number of message.forgotten) {
      const slot = this.#slots.get(number)
      if (slot === undefined) return this.#resync(message)
      this.#remove(number, slot)
      forgotten.push(slot)
    }
    const slots: Array<LeaderSlot> = []
    for (const entry of message.entries) {
      const slot = this.#take(entry)
      if (slot === undefined) return this.#resync(message)
      slots.push(slot)
    }
    if (this.#checksum !== message.checksum) return this.#resync(message)
    const { bytesMax, kind, sequence, waitMillis } = message
    this.parked = { sequence, isFull: kind === "full", waitMillis, bytesMax }
    return { kind: "polled", isNew: kind === "full", slots, forgotten }
  }

  #take(entry: FetchEntry): LeaderSlot | undefined {
    let slot = this.#slots.get(entry.slot)
    if ((slot === undefined) !== (entry.name !== undefined)) return undefined
    if (entry.name !== undefined) {
      const key = keyOf(entry.name)
      if (this.#byName.has(key)) return undefined
      slot = new LeaderSlot(entry.name, nameHash(entry.name), entry)
      this.#slots.set(entry.slot, slot)
      this.#byName.set(key, slot)
    } else slot!.polled(entry)
    const hash = positionHash(slot!.nameHash, entry)
    this.#checksum = (this.#checksum ^ slot!.hash ^ hash) >>> 0
    slot!.hash = hash
    slot!.polledSequence = this.#sequence
    this.ready.delete(slot!)
    return slot
  }

  #remove(number: number, slot: LeaderSlot): void {
    this.#slots.delete(number)
    this.#byName.delete(keyOf(slot))
    this.ready.delete(slot)
    this.news.delete(slot)
    this.#checksum = (this.#checksum ^ slot.hash) >>> 0
  }

  #acknowledge(message: AckMessage): SessionVerdict {
    if (message.sessionId !== this.#sessionId || !this.#isOpen) return ignored
    const slots: Array<LeaderSlot> = []
    for (const { durableEnd, leaderEpoch, slot: number } of message.entries) {
      const slot = this.#slots.get(number)
      if (slot === undefined || slot.entry.leaderEpoch !== leaderEpoch) continue
      // Overtaken by a poll that said the same or, where the follower had to cut its log in between, that it is no longer true.
      if (message.sequence < slot.polledSequence) continue
      // More than this session has sent, or found to agree, is not for it to acknowledge.
      const end = Math.min(durableEnd, slot.servedEnd)
      if (end <= slot.durableEnd) continue
      slot.durableEnd = end
      slots.push(slot)
    }
    return { kind: "acknowledged", slots }
  }

  /** Nothing of a session that is out of step is used any more. */
  #resync(message: PollMessage): SessionVerdict {
    this.#isOpen = false
    this.parked = undefined
    this.ready.clear()
    this.news.clear()
    return { kind: "resync", message: { kind: "resync", ...this.#envelope(message.sequence), sessionId: message.sessionId } }
  }

  #envelope(sequence: number): ReplicaEnvelope {
    return { clusterName: this.#clusterName, from: this.self, to: this.follower, sessionId: this.#sessionId, sequence }
  }
}

const keyOf = ({ partition, topicId }: PartitionName): string => `${topicId}/${partition}`
