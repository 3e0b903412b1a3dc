import type { Message } from "../Message.ts"
import { sameKey } from "../NodeKey.ts"
import type { HardState } from "../RaftStorage.ts"
import type { Persist, Ready } from "../Ready.ts"
import { endOfEntries, type RaftState } from "./RaftState.ts"
import { forwardReads, startReadRound } from "./reads.ts"
import { replicate } from "./replication.ts"

/** Messages that promise nothing of this node's log or vote, only that it leads. */
function isEarly({ kind }: Message): boolean {
  return kind === "appendRequest" || kind === "heartbeatRequest" || kind === "snapshotRequest"
}

/** Makes one `Ready` at a time of what has gathered in the state, and settles it. */
export class ReadyBuilder {
  readonly #state: RaftState
  /** As the storage has it, or will when the `Ready` that is out is settled. */
  #hardState: HardState
  #highWatermark: number
  /** A `Ready` was taken and not settled. */
  isOut = false
  #appliedEnd = 0

  constructor(state: RaftState) {
    this.#state = state
    this.#hardState = state.hardState
    this.#highWatermark = state.log.commit
    // The state machine begins with what the storage has.
    if (state.log.snapshot !== undefined) state.restore = state.log.snapshot
  }

  take(): Ready | undefined {
    if (this.isOut) return undefined
    const state = this.#state
    const { log, leadership } = state
    if (leadership !== undefined) {
      startReadRound(state, leadership)
      replicate(state, leadership)
    } else forwardReads(state)

    const persist = this.#persist()
    const { outbox, restore, readResults: reads } = state
    const appliedFrom = log.applied
    const committed = log.read(appliedFrom, log.commit, state.config.applyBytesMax, Number.MAX_SAFE_INTEGER) ?? []
    const isEmpty = persist === undefined && outbox.length === 0 && restore === undefined && committed.length === 0 && reads.length === 0
    if (isEmpty) return undefined
    const isTermDurable = persist?.hardState === undefined
    state.outbox = []
    state.restore = undefined
    state.readResults = []
    this.#appliedEnd = endOfEntries(committed, appliedFrom)
    this.isOut = true
    return {
      early: isTermDurable ? outbox.filter(isEarly) : [],
      persist: persist ?? nothing(this.#highWatermark),
      messages: isTermDurable ? outbox.filter((message) => !isEarly(message)) : outbox,
      restore, committed, reads
    }
  }

  /** The term of the hard state that the last settled `Ready` left in the storage. */
  get durableTerm(): number {
    return this.#hardState.term
  }

  settle(): void {
    if (!this.isOut) throw new Error("assertion: advance without ready")
    this.isOut = false
    const { log } = this.#state
    log.settleWrite()
    log.applied = Math.max(log.applied, this.#appliedEnd)
    this.#state.configurations.forget(log.applied)
  }

  #persist(): Persist | undefined {
    const { log, hardState } = this.#state
    const isHardStateNew = hardState.term !== this.#hardState.term || !sameKey(hardState.votedFor, this.#hardState.votedFor)
    const write = log.takeWrite()
    if (write === undefined && !isHardStateNew && log.commit === this.#highWatermark) return undefined
    this.#hardState = hardState
    this.#highWatermark = log.commit
    const mustFlush = isHardStateNew || (write !== undefined &&
      (write.entries.length > 0 || write.truncateTo !== undefined || write.installSnapshot !== undefined))
    return {
      ...nothing(log.commit), ...write, hardState: isHardStateNew ? hardState : undefined, mustFlush
    }
  }
}

function nothing(highWatermark: number): Persist {
  return {
    hardState: undefined, snapshotChunks: [], installSnapshot: undefined, truncateTo: undefined, entries: [],
    logStartOffset: undefined, highWatermark, mustFlush: false
  }
}
