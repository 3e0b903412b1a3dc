import { ErrorCode } from "@tailrace/kafka-protocol"
import { type BatchesEntry, type BatchesMessage, encodeFetchMessage, FollowerSession, type Incarnation, type Received } from "@tailrace/replication/sessions"
import type { PartitionActor } from "../PartitionActor.ts"
import type { FetchedOutcome } from "./FollowerLog.ts"
import type { ReplicationContext } from "./ReplicationOptions.ts"

export interface ReplicaFetcherOptions {
  readonly context: ReplicationContext
  readonly leaderId: number
  readonly nextSessionId: () => number
}

const noBatches = Buffer.alloc(0)

/**
 * Fetches from one leader's node everything that this node follows there. One poll is out at a time; the next leaves when
 * all of its answer was staged, so a disk that is behind slows the leader down. What a flush has made durable is acknowledged at
 * the end of the turn, once for all partitions.
 */
export class ReplicaFetcher {
  readonly leaderId: number
  readonly #context: ReplicationContext
  readonly #nextSessionId: () => number
  #session: FollowerSession<PartitionActor> | undefined
  #epochs = { own: -1, leader: -1 }
  readonly #followed = new Set<PartitionActor>()
  /** What came while the disk was behind, in order. At most one answer. */
  #stalled: Array<Received<PartitionActor>> = []
  /** Partitions that are asked for again later; each has one timer. */
  readonly #held = new Map<PartitionActor, () => void>()
  #isScheduled = false
  #isClosed = false
  #timerMillis = Infinity
  #cancelTimer: () => void = () => undefined

  constructor(options: ReplicaFetcherOptions) {
    this.#context = options.context
    this.leaderId = options.leaderId
    this.#nextSessionId = options.nextSessionId
    this.brokersChanged()
  }

  get size(): number {
    return this.#followed.size
  }

  follow(actor: PartitionActor): void {
    this.#followed.add(actor)
    this.#session?.follow(actor)
    // What it could not take then it may be able to now; nobody else would ask for it again.
    if (this.#release(actor)) this.#session?.touch(actor)
    this.#schedule()
  }

  forget(actor: PartitionActor): void {
    this.#followed.delete(actor)
    this.#release(actor)
    this.#session?.forget(actor)
    this.#schedule()
  }

  flushed(actor: PartitionActor): void {
    this.#session?.flushed(actor)
    this.#schedule()
  }

  restarted(actor: PartitionActor): void {
    this.#session?.touch(actor)
    this.#schedule()
  }

  /** A session is between two uptimes. While either is unknown there is none. */
  brokersChanged(): void {
    const { brokerEpochOf, bus, clusterName, limits, nodeId } = this.#context
    const own = brokerEpochOf(nodeId)
    const leader = brokerEpochOf(this.leaderId)
    if (own === this.#epochs.own && leader === this.#epochs.leader) return
    this.#epochs = { own, leader }
    this.#stalled = []
    if (this.#session !== undefined) this.#context.counters.resyncs++
    this.#session = undefined
    if (own < 0 || leader < 0) return
    const self: Incarnation = { nodeId, brokerEpoch: own }
    this.#session = new FollowerSession({
      ...limits, clusterName, self, leader: { nodeId: this.leaderId, brokerEpoch: leader }, nextSessionId: this.#nextSessionId,
      payloadBytesMax: bus.payloadBytesMax, bytesMax: limits.repliesInFlightBytesMax
    })
    for (const actor of this.#followed) this.#session.follow(actor)
    this.#schedule()
  }

  receive(message: BatchesMessage): void {
    const session = this.#session
    if (session === undefined || this.#isClosed) return
    const { clock, counters } = this.#context
    const before = session.resyncs
    for (const received of session.receive(message, clock.monotonicMillis())) {
      for (const { length } of received.entry.batches) counters.bytesIn += length
      if (this.#stalled.length > 0) this.#stalled.push(received)
      else this.#take(received)
    }
    counters.resyncs += session.resyncs - before
    this.#schedule()
  }

  close(): void {
    this.#isClosed = true
    this.#stalled = []
    this.#cancelTimer()
    for (const cancel of this.#held.values()) cancel()
    this.#held.clear()
  }

  #take(received: Received<PartitionActor>): void {
    const { entry, partition: actor } = received
    const outcome = this.#apply(actor, entry)
    const carriesMore = entry.batches.length > 0 || entry.diverging !== undefined || entry.errorCode !== ErrorCode.NONE
    switch (outcome) {
      case "backlog":
        this.#stalled.push(received)
        if (this.#stalled.length === 1) actor.onRoom(() => this.#resume())
        return
      case "refused":
      case "corrupt":
        return this.#hold(actor)
      case "appended":
      case "stale":
        if (carriesMore) this.#session?.touch(actor)
    }
  }

  #apply(actor: PartitionActor, entry: BatchesEntry): FetchedOutcome {
    const { diverging, errorCode, leaderEpoch } = entry
    if (errorCode === ErrorCode.OFFSET_OUT_OF_RANGE) return actor.startAt(leaderEpoch, entry.logStartOffset)
    if (errorCode !== ErrorCode.NONE) {
      this.#context.logger.warn("the leader does not serve a partition", {
        topic: actor.topic, partition: actor.partition, leader: this.leaderId, leaderEpoch, errorCode
      })
      return "refused"
    }
    if (diverging !== undefined) {
      const outcome = actor.diverged(leaderEpoch, diverging)
      if (outcome === "appended") this.#context.counters.truncations++
      return outcome
    }
    return actor.appendFetched({ ...entry, batches: joined(entry.batches) })
  }

  /** The disk has room, or takes nothing at all any more: what waits is tried again, in order. */
  #resume(): void {
    const stalled = this.#stalled
    this.#stalled = []
    for (const received of stalled) {
      if (this.#stalled.length > 0) this.#stalled.push(received)
      else this.#take(received)
    }
    this.#schedule()
  }

  #hold(actor: PartitionActor): void {
    const { clock, limits } = this.#context
    if (this.#held.has(actor) || !this.#followed.has(actor)) return
    this.#held.set(actor, clock.after(limits.retryMillis, () => {
      this.#held.delete(actor)
      this.#session?.touch(actor)
      this.#schedule()
    }))
  }

  #release(actor: PartitionActor): boolean {
    this.#held.get(actor)?.()
    return this.#held.delete(actor)
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
    const session = this.#session
    if (session === undefined || this.#isClosed) return
    const { clock, send } = this.#context
    const poll = this.#stalled.length > 0 ? undefined : session.poll(clock.monotonicMillis())
    if (poll !== undefined) send(this.leaderId, "fetch", encodeFetchMessage(poll))
    for (let ack = session.ack(); ack !== undefined; ack = session.ack()) send(this.leaderId, "fetch", encodeFetchMessage(ack))
    this.#watch(session.deadlineMillis)
  }

  /** One timer that is set again when it comes too early, since most deadlines move before they are reached. */
  #watch(deadlineMillis: number): void {
    if (deadlineMillis >= this.#timerMillis) return
    const { clock } = this.#context
    this.#cancelTimer()
    this.#timerMillis = deadlineMillis
    this.#cancelTimer = clock.after(deadlineMillis - clock.monotonicMillis(), () => {
      this.#timerMillis = Infinity
      this.#expire()
    })
  }

  #expire(): void {
    const session = this.#session
    if (session === undefined || this.#isClosed) return
    // What waits for the disk here is no fault of the leader.
    if (this.#stalled.length === 0 && session.expire(this.#context.clock.monotonicMillis())) {
      this.#context.counters.resyncs++
      this.#schedule()
    } else this.#watch(Math.max(session.deadlineMillis, this.#context.clock.monotonicMillis() + this.#context.limits.missingMillis))
  }
}

/** One copy only where the leader's answer had several views; a decoded one never has. */
function joined(batches: ReadonlyArray<Buffer>): Buffer {
  return batches.length === 1 ? batches[0]! : batches.length === 0 ? noBatches : Buffer.concat(batches)
}
