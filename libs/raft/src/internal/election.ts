import { isVoter, quorumOf } from "../Configuration.ts"
import type { PreVoteRequest, PreVoteResponse, TimeoutNow, VoteRequest, VoteResponse } from "../Message.ts"
import { nameOfKey, sameKey } from "../NodeKey.ts"
import { askForLeader } from "./follower.ts"
import { becomeLeader } from "./leader.ts"
import type { RaftState } from "./RaftState.ts"
import { becomeCandidate, becomeFollower, becomePreCandidate } from "./roles.ts"

/** A voter that has missed its leader for long enough asks whether it could win. */
export function tickElection(state: RaftState): void {
  if (state.electionElapsed < state.electionTimeout) return
  becomePreCandidate(state)
  if (settleBallot(state) !== undefined) return
  const { lastTerm, endOffset } = state.log
  for (const voter of state.configuration.voters) {
    if (!state.isSelf(voter)) state.send(voter, { kind: "preVoteRequest", term: state.term + 1, lastTerm, endOffset })
  }
  // The node may have been removed without hearing of it. Whoever leads will then tell it.
  askForLeader(state)
}

/** A real campaign, in a new term. */
function campaign(state: RaftState, isTransfer: boolean): void {
  becomeCandidate(state)
  const { lastTerm, endOffset } = state.log
  for (const voter of state.configuration.voters) {
    if (!state.isSelf(voter)) state.send(voter, { kind: "voteRequest", lastTerm, endOffset, isTransfer })
  }
}

/** This node's own vote is durable, if it stood in `durableTerm`. */
export function countOwnVote(state: RaftState, durableTerm: number): void {
  if (state.role !== "candidate" || state.term !== durableTerm) return
  state.ballot.set(nameOfKey(state.self), true)
  settleBallot(state)
}

/** Counts the answers. A won pre-vote leads to a campaign, a won campaign to leadership. Undefined while it is open. */
function settleBallot(state: RaftState): "won" | "lost" | undefined {
  const { voters } = state.configuration
  let granted = 0
  let refused = 0
  for (const voter of voters) {
    const answer = state.ballot.get(nameOfKey(voter))
    if (answer === true) granted++
    else if (answer === false) refused++
  }
  const quorum = quorumOf(state.configuration)
  if (granted >= quorum) {
    if (state.role === "preCandidate") campaign(state, false)
    else becomeLeader(state)
    return "won"
  }
  if (voters.length - refused >= quorum) return undefined
  becomeFollower(state, state.term, undefined)
  return "lost"
}

/** Changes nothing here, whatever the answer. A node that hears its leader does not help to replace it. */
export function onPreVoteRequest(state: RaftState, message: PreVoteRequest): void {
  const isUpToDate = state.log.isUpToDate(message.lastTerm, message.endOffset)
  const isGranted = message.term > state.term && !state.hasLiveLeader && isUpToDate
  if (!isUpToDate && !state.hasLiveLeader) state.isNeeded = true
  state.send(message.from, { kind: "preVoteResponse", term: isGranted ? message.term : state.term, isGranted })
}

export function onPreVoteResponse(state: RaftState, message: PreVoteResponse): void {
  if (state.role !== "preCandidate" || !isVoter(state.configuration, message.from)) return
  if (message.isGranted && message.term !== state.term + 1) return
  state.ballot.set(nameOfKey(message.from), message.isGranted)
  settleBallot(state)
}

/** One vote in a term, for a log that has everything that may be committed. The answer leaves once the vote is durable. */
export function onVoteRequest(state: RaftState, message: VoteRequest): void {
  const isFree = state.votedFor === undefined ? state.leader === undefined : sameKey(state.votedFor, message.from)
  const isGranted = isFree && state.log.isUpToDate(message.lastTerm, message.endOffset)
  if (isGranted) {
    state.votedFor = message.from
    state.electionElapsed = 0
  }
  state.send(message.from, { kind: "voteResponse", isGranted })
}

export function onVoteResponse(state: RaftState, message: VoteResponse): void {
  if (state.role !== "candidate" || !isVoter(state.configuration, message.from)) return
  state.ballot.set(nameOfKey(message.from), message.isGranted)
  settleBallot(state)
}

/** The leader hands over. Its followers still hear it, so the request says that it was asked for. */
export function onTimeoutNow(state: RaftState, message: TimeoutNow): void {
  if (state.leadership === undefined && state.mayCampaign && sameKey(state.leader, message.from)) campaign(state, true)
}
