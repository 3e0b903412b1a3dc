import { changed, isVoter, type MembershipChange, type MembershipFault } from "./Configuration.ts"
import type { Proposal } from "./Entry.ts"
import { countOwnVote, tickElection } from "./internal/election.ts"
import { tickObserver } from "./internal/follower.ts"
import { appendConfiguration, appendOwn, continueTransfer, hearsQuorumOf, isChangePending, settleCommit, tickLeader } from "./internal/leader.ts"
import { RaftState, type RaftOptions } from "./internal/RaftState.ts"
import { ReadyBuilder } from "./internal/ReadyBuilder.ts"
import { expireReads, requestRead } from "./internal/reads.ts"
import { statusOf } from "./internal/status.ts"
import { stepMessage } from "./internal/step.ts"
import type { Message } from "./Message.ts"
import { nameOfKey, type NodeKey } from "./NodeKey.ts"
import { validateRaftConfig } from "./RaftConfig.ts"
import type { RaftStatus } from "./RaftStatus.ts"
import type { RaftStorage } from "./RaftStorage.ts"
import type { Ready } from "./Ready.ts"
import type { Snapshot } from "./Snapshot.ts"

export type ProposeFault = "notLeader" | "transferring" | "busy" | "tooLarge"
export type TransferFault = "notLeader" | "notVoter"
export type ChangeFault = "notLeader" | "transferring" | "leaderNotReady" | "changePending" | "notCaughtUp" | "tooFewHeard" | MembershipFault

/** Where proposals went. They are committed if the high watermark passes `endOffset` while the log has `term` there. */
export interface Proposed {
  readonly kind: "proposed"
  readonly term: number
  readonly offset: number
  readonly endOffset: number
}

/** Nothing was appended. */
export interface Refused<Fault extends string> {
  readonly kind: "refused"
  readonly fault: Fault
}

const refused = <Fault extends string>(fault: Fault): Refused<Fault> => ({ kind: "refused", fault })

/**
 * Raft as a pure, synchronous machine. Time is `tick`, the network is `step`, the disk is `ready` and `advance`. It keeps
 * no clock, draws nothing at random and does nothing by itself: the same calls give the same answers.
 */
export class RaftCore {
  readonly #state: RaftState
  readonly #ready: ReadyBuilder

  constructor(options: RaftOptions, storage: RaftStorage) {
    const faults = validateRaftConfig(options.config)
    if (faults.length > 0) throw new RangeError(faults.map(({ field, rule }) => `${field}: ${rule}`).join("; "))
    this.#state = new RaftState(options, storage)
    this.#ready = new ReadyBuilder(this.#state)
  }

  /** Some fixed time has passed. A process that slept ticks once, not once for each tick it missed. */
  tick(): void {
    const state = this.#state
    state.tick++
    expireReads(state)
    if (state.leadership !== undefined) return tickLeader(state, state.leadership)
    state.electionElapsed++
    if (state.mayCampaign) tickElection(state)
    else tickObserver(state)
  }

  step(message: Message): void {
    stepMessage(this.#state, message)
  }

  /**
   * Appends all of them or nothing. They travel with the next `Ready`; until then their bytes may be completed with the
   * offsets and the term that are answered here, as a leader writes base offset and epoch into its batches.
   */
  propose(proposals: ReadonlyArray<Proposal>): Proposed | Refused<ProposeFault> {
    const state = this.#state
    const { leadership, config } = state
    if (leadership === undefined) return refused("notLeader")
    if (leadership.transfer !== undefined) return refused("transferring")
    let bytes = 0
    for (const { data, offsetCount } of proposals) {
      if (!Number.isSafeInteger(offsetCount) || offsetCount < 1) throw new Error(`assertion: a proposal covers ${offsetCount} offsets`)
      if (data.length > config.entryBytesMax) return refused("tooLarge")
      bytes += data.length
    }
    const staged = leadership.uncommittedBytesTotal
    if (staged > 0 && staged + bytes > config.uncommittedBytesMax) return refused("busy")
    const offset = state.log.endOffset
    for (const { data, offsetCount } of proposals) appendOwn(state, "data", offsetCount, data)
    const { endOffset } = state.log
    if (endOffset > offset) leadership.noteProposal(endOffset, bytes)
    return { kind: "proposed", term: state.term, offset, endOffset }
  }

  /** A linearizable read: the answer is in a later `Ready`, by the number that the caller gave. */
  readIndex(requestId: number): void {
    requestRead(this.#state, requestId)
  }

  /** Hands leadership to a voter, when it has the whole log. Until then, or until it is given up, nothing is proposed. */
  transferLeadership(target: NodeKey): { readonly kind: "started" } | Refused<TransferFault> {
    const state = this.#state
    const { leadership } = state
    if (leadership === undefined) return refused("notLeader")
    const progress = leadership.followers.get(nameOfKey(target))
    if (progress === undefined || progress.isRegressed || !isVoter(state.configuration, target)) return refused("notVoter")
    leadership.transfer = { target, startedTick: state.tick }
    continueTransfer(state, leadership)
    return { kind: "started" }
  }

  /** One step of membership, in force at once and final when it is committed. One at a time. */
  changeMembership(change: MembershipChange): Proposed | Refused<ChangeFault> {
    const state = this.#state
    const { leadership, log, config } = state
    if (leadership === undefined) return refused("notLeader")
    if (leadership.transfer !== undefined) return refused("transferring")
    // Before, a change of an earlier leader that nobody here knows of might still win.
    if (log.commit < leadership.ownEnd) return refused("leaderNotReady")
    if (isChangePending(state)) return refused("changePending")
    const next = changed(state.configuration, change, config.membersMax)
    if (typeof next === "string") return refused(next)
    if (change.kind === "promote") {
      const progress = leadership.followers.get(nameOfKey(change.key))
      const isCaughtUp = progress !== undefined && !progress.isRegressed && progress.state === "replicate" &&
        log.endOffset - progress.match <= config.promoteLagOffsetsMax && state.tick - progress.heardTick < config.electionTicks
      if (!isCaughtUp) return refused("notCaughtUp")
    }
    // It is in force at once, and would stay without being committed: nobody could lead any more.
    if (!hearsQuorumOf(state, leadership, next)) return refused("tooFewHeard")
    const { offset } = appendConfiguration(state, leadership, next)
    return { kind: "proposed", term: state.term, offset, endOffset: log.endOffset }
  }

  /** What has to be done now, if anything. Undefined also while an earlier answer was not advanced. */
  ready(): Ready | undefined {
    return this.#ready.take()
  }

  /** Everything that the last `Ready` asked for is done. */
  advance(): void {
    this.#ready.settle()
    countOwnVote(this.#state, this.#ready.durableTerm)
    const { leadership } = this.#state
    if (leadership !== undefined) settleCommit(this.#state, leadership)
  }

  /**
   * What a snapshot of the state machine, taken now, stands for. Undefined while that is not clear: between `ready` and
   * `advance`, and when another snapshot is about to be restored.
   */
  snapshotPoint(): Pick<Snapshot, "endOffset" | "term" | "configuration"> | undefined {
    const { log, configurations, restore } = this.#state
    if (this.#ready.isOut || restore !== undefined) return undefined
    const term = log.termBefore(log.applied)
    if (term === undefined) throw new Error("assertion: the log begins where the state machine is, or below")
    return { endOffset: log.applied, term, configuration: configurations.at(log.applied) }
  }

  /**
   * The snapshot is durable and readable. The log may lose what is below `startOffset`, which is at most the snapshot's
   * end; keeping some more saves followers that are a little behind a whole snapshot.
   */
  compact(snapshot: Snapshot, startOffset: number): void {
    const { log } = this.#state
    if (snapshot.endOffset > log.applied || startOffset > snapshot.endOffset) throw new Error("assertion: a snapshot is of what was applied")
    if (snapshot.endOffset <= (log.snapshot?.endOffset ?? -1)) return
    log.compact(snapshot, startOffset)
  }

  /** The term of the entry that ends at `endOffset`; undefined below the start of the log and above its end. */
  termBefore(endOffset: number): number | undefined {
    return this.#state.log.termBefore(endOffset)
  }

  status(): RaftStatus {
    return statusOf(this.#state)
  }
}
