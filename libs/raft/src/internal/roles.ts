import { nameOfKey, type NodeKey } from "../NodeKey.ts"
import type { RaftState } from "./RaftState.ts"
import { refuseReads } from "./readResults.ts"

/** Follows `leader`, or nobody yet, in `term`. In a new term the vote is free again. */
export function becomeFollower(state: RaftState, term: number, leader: NodeKey | undefined): void {
  if (term < state.term) throw new Error(`assertion: term ${term} after ${state.term}`)
  refuseReads(state)
  if (term > state.term) {
    state.term = term
    state.votedFor = undefined
    state.agreedEnd = 0
  }
  state.role = "follower"
  state.leader = leader
  if (leader !== undefined) state.isNeeded = false
  state.leadership = undefined
  state.ballot.clear()
  state.restartElectionTimer()
}

/** Asks whether an election could be won, which changes nothing anywhere. */
export function becomePreCandidate(state: RaftState): void {
  refuseReads(state)
  state.role = "preCandidate"
  state.leader = undefined
  state.ballot.clear()
  state.ballot.set(nameOfKey(state.self), true)
  state.restartElectionTimer()
}

/** A new term, and this node's vote in it is its own. It counts once it is durable. */
export function becomeCandidate(state: RaftState): void {
  refuseReads(state)
  state.role = "candidate"
  state.leader = undefined
  state.term++
  state.votedFor = state.self
  state.agreedEnd = 0
  state.ballot.clear()
  state.restartElectionTimer()
}
