import { ErrorCode } from "@tailrace/kafka-protocol"
import {
  type BatchesMessage, encodeBatchesMessage, type FetchMessage, type Incarnation, LeaderSession, type LeaderSlot, type ReplyPieces
} from "@tailrace/replication/sessions"
import type { PartitionActor } from "../PartitionActor.ts"
import type { ReplicaRead } from "./ReplicaReads.ts"
import type { ReplicationContext } from "./ReplicationOptions.ts"

/** Polls kept until this node has heard of the uptimes that they name; one per node. */
const earlyPollsMax = 256
/** How often a poll that the throttle holds back is looked at again. */
const throttledMillis = 50

/** One follower's node in its uptime, as this node serves it. */
class Follower {
  readonly session: LeaderSession
  /** The replica that each slot was judged by. */
  readonly actors = new Map<LeaderSlot, PartitionActor>()
  /** The answer that is being put together; it may wait for the disk. */
  reply: ReplyPieces | undefined
  /** The poll has waited for as long as it may, or is the first of its session: it is answered with whatever there is. */
  isDue = false
  isNewsDue = false
  polledMillis = 0
  sweptMillis = Number.NEGATIVE_INFINITY
  /** When the parked poll has waited long enough. */
  dueMillis = Infinity
  cancelWait: (() => void) | undefined
  cancelNews: (() => void) | undefined
  cancelThrottled: (() => void) | undefined

  constructor(session: LeaderSession) {
    this.session = session
  }
}

/**
 * Answers the polls of followers for what is led here. A poll waits until one of its partitions has something; answers leave at
 * the end of a turn, so that they carry what was staged in it while the disk begins to flush the same. One answer at a time
 * is on its way to each follower.
 */
export class ReplicaServer {
  readonly #context: ReplicationContext
  readonly #followers = new Map<number, Follower>()
  /** The slots that follow each replica here, and whose they are. */
  readonly #watches = new Map<PartitionActor, Map<LeaderSlot, Follower>>()
  /** Polls that name uptimes of which this node has not heard yet; the last of each node. */
  readonly #early = new Map<number, FetchMessage>()
  readonly #staged = new Set<PartitionActor>()
  readonly #changed = new Set<PartitionActor>()
  readonly #pending = new Set<Follower>()
  #isScheduled = false
  #isClosed = false

  constructor(context: ReplicationContext) {
    this.#context = context
  }

  receive(message: FetchMessage): void {
    if (this.#isClosed) return
    const { brokerEpochOf, clock, nodeId } = this.#context
    const { from, to } = message
    const own = brokerEpochOf(nodeId)
    const known = brokerEpochOf(from.nodeId)
    if (to.brokerEpoch < own || from.brokerEpoch < known) return
    if (own < 0 || known < 0 || to.brokerEpoch > own || from.brokerEpoch > known) {
      if (message.kind !== "ack" && (this.#early.has(from.nodeId) || this.#early.size < earlyPollsMax)) this.#early.set(from.nodeId, message)
      return
    }
    const follower = this.#followerOf(from, to)
    const verdict = follower.session.receive(message)
    switch (verdict.kind) {
      case "ignored":
        return
      case "resync":
        follower.reply = undefined
        return this.#send(follower, verdict.message)
      case "acknowledged":
        for (const slot of verdict.slots) this.#acknowledged(follower, slot)
        return
      case "polled":
        for (const slot of verdict.forgotten) this.#unwatch(follower, slot)
        // What an answer to the session before still reads belongs to nobody.
        if (verdict.isNew) follower.reply = undefined
        follower.polledMillis = clock.monotonicMillis()
        for (const slot of verdict.slots) this.#judge(follower, slot)
        this.#sweep(follower)
        this.#wait(follower, verdict.isNew ? 0 : follower.session.parked?.waitMillis ?? 0)
        this.#serveLater(follower)
    }
  }

  staged(actor: PartitionActor): void {
    if (!this.#watches.has(actor)) return
    this.#staged.add(actor)
    this.#schedule()
  }

  moved(actor: PartitionActor): void {
    for (const [slot, follower] of this.#watches.get(actor) ?? []) if (slot.isAccepted) this.#hasNews(follower, slot)
  }

  roleChanged(actor: PartitionActor): void {
    if (this.#followers.size === 0) return
    this.#changed.add(actor)
    this.#schedule()
  }

  /** Uptimes that are over are served no more, and those that polled too early are. */
  brokersChanged(): void {
    const { brokerEpochOf, nodeId } = this.#context
    const own = brokerEpochOf(nodeId)
    for (const [id, follower] of this.#followers) {
      const { follower: incarnation, self } = follower.session
      if (self.brokerEpoch !== own || brokerEpochOf(id) !== incarnation.brokerEpoch) this.#drop(id, follower)
    }
    const early = [...this.#early.values()]
    this.#early.clear()
    for (const message of early) this.receive(message)
  }

  close(): void {
    this.#isClosed = true
    for (const [id, follower] of this.#followers) this.#drop(id, follower)
    this.#early.clear()
  }

  #followerOf(from: Incarnation, to: Incarnation): Follower {
    const known = this.#followers.get(from.nodeId)
    const { session } = known ?? {}
    if (known !== undefined && session?.follower.brokerEpoch === from.brokerEpoch && session.self.brokerEpoch === to.brokerEpoch) return known
    if (known !== undefined) this.#drop(from.nodeId, known)
    const follower = new Follower(new LeaderSession({ clusterName: this.#context.clusterName, self: to, follower: from }))
    this.#followers.set(from.nodeId, follower)
    return follower
  }

  #drop(id: number, follower: Follower): void {
    this.#followers.delete(id)
    this.#pending.delete(follower)
    follower.reply = undefined
    follower.cancelWait?.()
    follower.cancelNews?.()
    follower.cancelThrottled?.()
    for (const slot of follower.actors.keys()) this.#unwatch(follower, slot)
  }

  /** Lets the leader of the partition take in where the follower stands, and finds out whether there is something for it. */
  #judge(follower: Follower, slot: LeaderSlot): void {
    const actor = this.#context.partition(slot.topicId, slot.partition)
    this.#watch(follower, slot, actor)
    slot.isAccepted = false
    if (actor === undefined) return void follower.session.ready.delete(slot)
    const { fetchOffset, lastFetchedEpoch, leaderEpoch, logStartOffset } = slot.entry
    const { brokerEpoch, nodeId } = follower.session.follower
    const outcome = actor.fetchedBy({
      nodeId, brokerEpoch, leaderEpoch, fetchOffset, lastFetchedEpoch, logStartOffset, durableEnd: slot.durableEnd, nowMillis: follower.polledMillis
    })
    // Of another epoch, or not led here: the metadata of one of the two nodes is behind, and the slot is judged again when it is not.
    if (outcome.kind === "ignored") return void follower.session.ready.delete(slot)
    slot.isAccepted = outcome.kind === "accepted"
    slot.diverging = outcome.kind === "diverged" ? outcome.divergingEpoch : undefined
    if (slot.isAsked && (slot.diverging !== undefined || isServable(slot, actor))) this.#isReady(follower, slot)
    else if (slot.isAccepted && hasNews(slot, actor)) this.#hasNews(follower, slot)
  }

  #acknowledged(follower: Follower, slot: LeaderSlot): void {
    if (!slot.isAccepted) return
    const { brokerEpoch, nodeId } = follower.session.follower
    follower.actors.get(slot)?.acknowledgedBy({
      nodeId, brokerEpoch, leaderEpoch: slot.entry.leaderEpoch, durableEnd: slot.durableEnd, nowMillis: this.#context.clock.monotonicMillis()
    })
  }

  /** A poll speaks for all partitions of its session, also for those that it does not name because nothing changed. */
  #sweep(follower: Follower): void {
    if (follower.polledMillis - follower.sweptMillis < this.#context.limits.sweepMillis) return
    follower.sweptMillis = follower.polledMillis
    for (const slot of follower.session.slots) this.#judge(follower, slot)
  }

  #watch(follower: Follower, slot: LeaderSlot, actor: PartitionActor | undefined): void {
    if (follower.actors.get(slot) === actor) return
    this.#unwatch(follower, slot)
    if (actor === undefined) return
    follower.actors.set(slot, actor)
    const watches = this.#watches.get(actor) ?? new Map<LeaderSlot, Follower>()
    this.#watches.set(actor, watches.set(slot, follower))
  }

  #unwatch(follower: Follower, slot: LeaderSlot): void {
    const actor = follower.actors.get(slot)
    follower.actors.delete(slot)
    const watches = actor === undefined ? undefined : this.#watches.get(actor)
    watches?.delete(slot)
    if (watches?.size === 0) this.#watches.delete(actor!)
  }

  #isReady(follower: Follower, slot: LeaderSlot): void {
    follower.session.ready.add(slot)
    this.#serveLater(follower)
  }

  /** News alone is not worth an answer at once: it leaves with the next one, or after a while. */
  #hasNews(follower: Follower, slot: LeaderSlot): void {
    follower.session.news.add(slot)
    if (follower.cancelNews !== undefined) return
    follower.cancelNews = this.#context.clock.after(this.#context.limits.newsMillis, () => {
      follower.cancelNews = undefined
      follower.isNewsDue = follower.session.news.size > 0
      if (follower.isNewsDue) this.#serveLater(follower)
    })
  }

  /** One timer per follower, set again where the poll it was set for has been answered. */
  #wait(follower: Follower, waitMillis: number): void {
    const { clock } = this.#context
    const now = clock.monotonicMillis()
    follower.isDue = waitMillis <= 0
    follower.dueMillis = now + waitMillis
    if (follower.isDue || follower.cancelWait !== undefined) return
    follower.cancelWait = clock.after(waitMillis, () => {
      follower.cancelWait = undefined
      const leftMillis = follower.dueMillis - clock.monotonicMillis()
      if (leftMillis > 0) {
        if (leftMillis !== Infinity) this.#wait(follower, leftMillis)
        return
      }
      follower.isDue = true
      this.#serveLater(follower)
    })
  }

  #serveLater(follower: Follower): void {
    this.#pending.add(follower)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    this.#context.clock.endOfTurn(() => {
      this.#isScheduled = false
      this.#turn()
    })
  }

  #turn(): void {
    for (const actor of this.#changed) {
      for (const follower of this.#followers.values()) {
        const slot = follower.session.slotOf(actor)
        if (slot !== undefined) this.#judge(follower, slot)
      }
    }
    this.#changed.clear()
    for (const actor of this.#staged) {
      for (const [slot, follower] of this.#watches.get(actor) ?? []) {
        if (slot.isAsked && slot.isAccepted) this.#isReady(follower, slot)
      }
    }
    this.#staged.clear()
    const pending = [...this.#pending]
    this.#pending.clear()
    for (const follower of pending) this.#serve(follower)
  }

  #serve(follower: Follower): void {
    const { session } = follower
    if (this.#isClosed || follower.reply !== undefined || session.parked === undefined) return
    if (!this.#hasServable(follower) && !follower.isDue && !follower.isNewsDue) return
    const { bus, limits } = this.#context
    const pieceBytesMax = Math.min(limits.pieceBytesMax, bus.payloadBytesMax)
    follower.dueMillis = Infinity
    follower.isDue = false
    follower.isNewsDue = false
    const reply = session.answer(pieceBytesMax, limits.repliesInFlightBytesMax, (piece) => this.#send(follower, piece))
    follower.reply = reply
    if (reply !== undefined) this.#fill(follower, reply)
  }

  /** Whether any slot that is ready may be served now; where all of them are held back, the poll waits for the throttle. */
  #hasServable(follower: Follower): boolean {
    const { ready } = follower.session
    for (const slot of ready) if (this.#roomFor(follower, slot) > 0) return true
    if (ready.size > 0 && follower.cancelThrottled === undefined) {
      follower.cancelThrottled = this.#context.clock.after(throttledMillis, () => {
        follower.cancelThrottled = undefined
        this.#serveLater(follower)
      })
    }
    return false
  }

  #roomFor(follower: Follower, slot: LeaderSlot): number {
    const actor = follower.actors.get(slot)
    return actor === undefined ? Infinity : this.#context.throttle?.room(actor, follower.session.follower.nodeId) ?? Infinity
  }

  /** Slot by slot, until there is nothing more or the answer is full; goes on behind a read that has to wait for the disk. */
  #fill(follower: Follower, reply: ReplyPieces): void {
    const { limits } = this.#context
    for (const slot of follower.session.ready) {
      const actor = follower.actors.get(slot)
      if (reply.bytesLeft <= 0) break
      if (actor === undefined) {
        follower.session.ready.delete(slot)
        continue
      }
      if (slot.diverging !== undefined) {
        this.#sent(follower, slot)
        reply.addNews(headOf(slot, actor, ErrorCode.NONE))
        continue
      }
      const room = this.#roomFor(follower, slot)
      if (room <= 0) continue
      const bytesMax = Math.min(limits.partitionBytesMax, reply.bytesLeft, room)
      const read = actor.readForReplica(slot.entry.fetchOffset, bytesMax, reply.bytes === 0)
      if (read instanceof Promise) return this.#fillLater(follower, reply, slot, actor, read)
      if (!this.#add(follower, reply, slot, actor, read)) break
    }
    this.#finish(follower, reply)
  }

  #fillLater(follower: Follower, reply: ReplyPieces, slot: LeaderSlot, actor: PartitionActor, pending: Promise<ReplicaRead>): void {
    const { entry } = slot
    const { clock } = this.#context
    pending.then((read) => {
      // The session, or the replica here, may be another one by now.
      if (this.#isClosed || follower.reply !== reply) return
      const isCurrent = slot.entry === entry && slot.isAccepted && follower.session.has(slot) && actor.isLeader
      if (isCurrent && !this.#add(follower, reply, slot, actor, read)) this.#finish(follower, reply)
      else {
        if (!isCurrent && slot.entry === entry) follower.session.ready.delete(slot)
        this.#fill(follower, reply)
      }
    }).catch((cause: unknown) => clock.endOfTurn(() => {
      throw cause
    }))
  }

  /** Answers false when the answer has no room for what was read; it is this slot's turn in the next one. */
  #add(follower: Follower, reply: ReplyPieces, slot: LeaderSlot, actor: PartitionActor, read: ReplicaRead): boolean {
    if (read.errorCode !== ErrorCode.NONE) {
      this.#sent(follower, slot)
      reply.addNews(headOf(slot, actor, read.errorCode))
      return true
    }
    if (read.chunks.length === 0) {
      if (slot.entry.fetchOffset < actor.log.appendedEnd) return false
      follower.session.ready.delete(slot)
      return true
    }
    this.#sent(follower, slot)
    const before = reply.bytes
    const servedEnd = reply.addBatches(headOf(slot, actor, ErrorCode.NONE), read.chunks, slot.entry.fragmentPosition)
    slot.servedEnd = Math.max(slot.servedEnd, servedEnd)
    this.#context.counters.bytesOut += reply.bytes - before
    this.#context.throttle?.sent(actor, follower.session.follower.nodeId, reply.bytes - before)
    return true
  }

  #sent(follower: Follower, slot: LeaderSlot): void {
    slot.isAsked = false
    follower.session.ready.delete(slot)
    follower.session.news.delete(slot)
  }

  #finish(follower: Follower, reply: ReplyPieces): void {
    const { news } = follower.session
    for (const slot of news) {
      const actor = follower.actors.get(slot)
      if (actor !== undefined && slot.isAccepted && hasNews(slot, actor)) reply.addNews(headOf(slot, actor, ErrorCode.NONE))
    }
    news.clear()
    reply.finish()
    follower.reply = undefined
    // A poll may have come meanwhile.
    if (follower.session.parked !== undefined) this.#serveLater(follower)
  }

  #send(follower: Follower, message: BatchesMessage): void {
    this.#context.send(follower.session.follower.nodeId, "batches", encodeBatchesMessage(message))
  }
}

const isServable = (slot: LeaderSlot, actor: PartitionActor): boolean =>
  slot.entry.fetchOffset < actor.log.appendedEnd || slot.entry.fetchOffset < actor.logStartOffset

const hasNews = (slot: LeaderSlot, actor: PartitionActor): boolean =>
  slot.toldHighWatermark !== actor.highWatermark || slot.toldLogStart !== actor.logStartOffset

/** What an entry says besides its batches; the follower knows it from then on, unless it has to cut its log or start afresh first. */
function headOf(slot: LeaderSlot, actor: PartitionActor, errorCode: number) {
  const { fetchOffset, lastFetchedEpoch, leaderEpoch, slot: number } = slot.entry
  const { highWatermark, logStartOffset } = actor
  if (slot.diverging === undefined && errorCode === ErrorCode.NONE) {
    slot.toldHighWatermark = highWatermark
    slot.toldLogStart = logStartOffset
  }
  // That the logs agree there was found when the slot was judged. The own history may know less of it: it may not reach back so far, and
  // where it was filled from a compacted log an epoch begins with the first batch that was left.
  return {
    slot: number, leaderEpoch, errorCode, highWatermark, logStartOffset, diverging: slot.diverging, baseOffset: fetchOffset, prevEpoch: lastFetchedEpoch
  }
}
