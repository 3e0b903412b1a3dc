import { LeaderEpochs, PartitionState } from "../src/index.ts"
import type { FollowerFetch, PartitionView } from "../src/index.ts"

interface Entry {
  readonly epoch: number
  readonly value: number
}

/** What one replica's disk and memory hold. */
interface Replica {
  readonly nodeId: number
  brokerEpoch: number
  state: PartitionState
  epochs: LeaderEpochs
  log: Array<Entry>
  storedHighWatermark: number
  view: PartitionView
}

type Message = () => void

const lagMaxMillis = 20

/**
 * A partition with three replicas, a controller, and a network that delays, reorders, repeats and loses every message.
 * Replicas crash and lose what was not flushed. All choices come from `next`, so that a seed is a history.
 */
export class ReplicaGroup {
  readonly acknowledged = new Map<number, number>()
  highWatermarksSeen = 0
  #next: (bound: number) => number
  #controller: PartitionView = { leader: 1, leaderEpoch: 1, partitionEpoch: 1, replicas: [1, 2, 3], isr: [1, 2, 3], minIsr: 2 }
  #replicas: Array<Replica>
  #waiting: Array<{ readonly end: number; readonly value: number; readonly leader: Replica; readonly state: PartitionState; readonly leaderEpoch: number }> = []
  #messages: Array<Message> = []
  #nowMillis = 0
  #values = 0

  constructor(next: (bound: number) => number) {
    this.#next = next
    this.#replicas = [1, 2, 3].map((nodeId) => ({
      nodeId, brokerEpoch: 1, log: [], epochs: new LeaderEpochs(), storedHighWatermark: 0, view: this.#controller,
      state: new PartitionState({ nodeId, logStartOffset: 0, logEndOffset: 0, highWatermark: 0 })
    }))
    for (const replica of this.#replicas) this.#apply(replica, this.#controller)
  }

  step(): void {
    this.#nowMillis += this.#next(3)
    const replica = this.#replicas[this.#next(3)]!
    const choice = this.#next(200)
    if (choice < 24) this.#produce(replica)
    else if (choice < 54) this.#flush(replica)
    else if (choice < 84) this.#fetch(replica)
    else if (choice < 180) this.#deliver()
    else if (choice < 190) this.#propose(replica)
    else if (choice < 191) this.#crash(replica)
    else if (choice < 192) this.#elect()
    else this.#send(() => this.#apply(replica, this.#controller))
    this.#acknowledge()
    this.#check()
  }

  #send(message: Message): void {
    if (this.#next(10) > 0) this.#messages.push(message)
  }

  #deliver(): void {
    if (this.#messages.length === 0) return
    const at = this.#next(this.#messages.length)
    const message = this.#messages[at]!
    if (this.#next(10) > 0) this.#messages.splice(at, 1)
    message()
  }

  #apply(replica: Replica, view: PartitionView): void {
    const { state } = replica
    const isLeading = view.leader === replica.nodeId
    const before = state.leaderEpoch
    if (isLeading) state.becomeLeader(view, this.#nowMillis)
    else state.becomeFollower(view)
    if (isLeading && state.isLeader && state.leaderEpoch > before) replica.epochs.assign(view.leaderEpoch, replica.log.length)
  }

  #produce(leader: Replica): void {
    const { state, log } = leader
    if (!state.isLeader || !state.canAcceptAcksAll) return
    const value = ++this.#values
    log.push({ epoch: state.leaderEpoch, value })
    state.stage(log.length)
    this.#waiting.push({ end: log.length, value, leader, state, leaderEpoch: state.leaderEpoch })
  }

  #flush(replica: Replica): void {
    // A flush may cover a part of what was staged.
    const { state } = replica
    const end = state.durableEnd + this.#next(state.appendedEnd - state.durableEnd + 1)
    state.durable(end)
    replica.storedHighWatermark = state.highWatermark
  }

  #acknowledge(): void {
    this.#waiting = this.#waiting.filter(({ end, value, leader, state, leaderEpoch }) => {
      if (leader.state !== state || !state.isLeader || state.leaderEpoch !== leaderEpoch) return false
      if (!state.isAcknowledged(-1, end)) return true
      this.acknowledged.set(end - 1, value)
      return false
    })
  }

  #fetch(follower: Replica): void {
    const { state, log } = follower
    if (state.role !== "follower") return
    const leader = this.#replicas[state.leader - 1]!
    const fetch = {
      nodeId: follower.nodeId, brokerEpoch: follower.brokerEpoch, leaderEpoch: state.leaderEpoch,
      fetchOffset: log.length, lastFetchedEpoch: log.at(-1)?.epoch ?? -1, durableEnd: state.durableEnd, logStartOffset: 0
    }
    this.#send(() => this.#serve(leader, follower, { ...fetch, nowMillis: this.#nowMillis }))
  }

  #serve(leader: Replica, follower: Replica, fetch: FollowerFetch): void {
    const outcome = leader.state.followerFetched(fetch, leader.epochs)
    if (outcome.kind === "ignored") return
    const { leaderEpoch, fetchOffset, lastFetchedEpoch } = fetch
    const entries = leader.log.slice(fetchOffset, fetchOffset + 1 + this.#next(4))
    const highWatermark = leader.state.highWatermark
    this.#send(() => {
      const { state, log, epochs } = follower
      // Anything that does not fit where the follower stands now is dropped.
      if (state.role !== "follower" || state.leaderEpoch !== leaderEpoch || follower.brokerEpoch !== fetch.brokerEpoch) return
      if (log.length !== fetchOffset || (log.at(-1)?.epoch ?? -1) !== lastFetchedEpoch) return
      if (outcome.kind === "diverged") {
        const end = epochs.truncationFor(outcome.divergingEpoch, log.length)
        log.length = end
        epochs.truncateTo(end)
        state.truncateTo(end)
        return
      }
      for (const entry of entries) {
        if (entry.epoch !== epochs.latest) epochs.assign(entry.epoch, log.length)
        log.push(entry)
      }
      state.stage(log.length)
      state.leaderHighWatermark(leaderEpoch, highWatermark)
    })
  }

  #propose(leader: Replica): void {
    const proposal = leader.state.proposeIsr(this.#nowMillis, lagMaxMillis)
    if (proposal === undefined) return
    this.#send(() => {
      const { leaderEpoch, partitionEpoch } = this.#controller
      const isCurrent = proposal.leaderEpoch === leaderEpoch && proposal.partitionEpoch === partitionEpoch
        && proposal.isr.every((it) => it.brokerEpoch === -1 || this.#replicas[it.brokerId - 1]!.brokerEpoch === it.brokerEpoch)
      // A repeated proposal finds its own effect and is refused for its epoch; the leader learns the truth from the view.
      if (!isCurrent) {
        const isProof = proposal.leaderEpoch === leaderEpoch && proposal.partitionEpoch === partitionEpoch
        if (isProof) this.#send(() => void leader.state.isrRefused(proposal.partitionEpoch))
        this.#send(() => this.#apply(leader, this.#controller))
        return
      }
      this.#controller = { ...this.#controller, partitionEpoch: partitionEpoch + 1, isr: proposal.isr.map((it) => it.brokerId) }
    })
  }

  /** What was flushed stays, the rest is gone; a leader that comes back leads in a new epoch or not at all. */
  #crash(replica: Replica): void {
    const end = replica.state.durableEnd
    replica.log.length = end
    replica.epochs.truncateTo(end)
    replica.brokerEpoch++
    replica.state = new PartitionState({ nodeId: replica.nodeId, logStartOffset: 0, logEndOffset: end, highWatermark: replica.storedHighWatermark })
    if (this.#controller.leader === replica.nodeId) this.#elect()
    this.#send(() => this.#apply(replica, this.#controller))
  }

  #elect(): void {
    const { isr, leaderEpoch, partitionEpoch } = this.#controller
    const leader = isr[this.#next(isr.length)]!
    this.#controller = { ...this.#controller, leader, leaderEpoch: leaderEpoch + 1, partitionEpoch: partitionEpoch + 1 }
    for (const replica of this.#replicas) this.#send(() => this.#apply(replica, this.#controller))
  }

  #check(): void {
    for (const { nodeId, log, state } of this.#replicas) {
      const { logStartOffset, highWatermark, durableEnd, appendedEnd } = state
      const inOrder = logStartOffset <= highWatermark && highWatermark <= durableEnd && durableEnd <= appendedEnd && appendedEnd === log.length
      if (!inOrder) throw new Error(`node ${nodeId}: ends out of order`)
      this.highWatermarksSeen = Math.max(this.highWatermarksSeen, highWatermark)
      // Whoever may be elected has everything that was acknowledged, on disk.
      if (!this.#controller.isr.includes(nodeId)) continue
      for (const [offset, value] of this.acknowledged) {
        if (offset >= durableEnd || log[offset]?.value !== value) throw new Error(`node ${nodeId} is in the ISR without acknowledged offset ${offset}`)
      }
    }
    for (const one of this.#replicas) {
      for (const other of this.#replicas) {
        const common = Math.min(one.state.highWatermark, other.state.highWatermark)
        for (let offset = 0; offset < common; offset++) {
          if (one.log[offset]!.value !== other.log[offset]!.value) throw new Error(`nodes ${one.nodeId} and ${other.nodeId} differ at committed offset ${offset}`)
        }
      }
    }
  }
}
