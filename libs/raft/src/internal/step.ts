import { endOf } from "../Entry.ts"
import type { AppendRequest, Message } from "../Message.ts"
import { sameKey } from "../NodeKey.ts"
import { onPreVoteRequest, onPreVoteResponse, onTimeoutNow, onVoteRequest, onVoteResponse } from "./election.ts"
import { onAppendRequest, onHeartbeatRequest, onObserveResponse, onSnapshotRequest } from "./follower.ts"
import { onAppendAccepted, onAppendRejected, onHeartbeatResponse, onObserveRequest, onSnapshotResponse } from "./leader.ts"
import type { RaftState } from "./RaftState.ts"
import { onReadRequest, onReadResponse } from "./reads.ts"
import { becomeFollower } from "./roles.ts"

/** Takes a message, or drops it: another cluster, another directory, or a term that is over. */
export function stepMessage(state: RaftState, message: Message): void {
  const { clusterId, self } = state.options
  if (message.clusterId !== clusterId || sameKey(message.from, self)) return
  const isForSelf = message.to.nodeId === self.nodeId && (message.to.directoryId === self.directoryId || message.to.directoryId === "")
  if (!isForSelf) return
  if (message.term > state.term && !enterTerm(state, message)) return
  if (message.term < state.term && !isForAnyTerm(state, message)) return
  dispatch(state, message)
}

/** A higher term: the node goes there as a follower, unless the message only asks for it. Answers whether to go on. */
function enterTerm(state: RaftState, message: Message): boolean {
  switch (message.kind) {
    case "preVoteRequest":
      return true
    case "preVoteResponse":
      // A grant carries the term that was asked about, a refusal one that exists.
      if (!message.isGranted) becomeFollower(state, message.term, undefined)
      return message.isGranted
    case "voteRequest":
      // Someone who has missed the leader must not depose it for those who have not.
      if (state.hasLiveLeader && !message.isTransfer) return false
      becomeFollower(state, message.term, undefined)
      return true
    case "appendRequest":
    case "heartbeatRequest":
    case "snapshotRequest":
    case "timeoutNow":
      becomeFollower(state, message.term, message.from)
      return true
    default:
      becomeFollower(state, message.term, undefined)
      return true
  }
}

/** A lower term: the sender is told which term it is, where it would otherwise go on in vain. Answers whether to go on. */
function isForAnyTerm(state: RaftState, message: Message): boolean {
  switch (message.kind) {
    case "observeRequest":
    case "preVoteRequest":
      return true
    case "voteRequest":
      state.send(message.from, { kind: "voteResponse", isGranted: false })
      return false
    case "appendRequest":
    case "heartbeatRequest":
    case "snapshotRequest":
      state.send(message.from, { kind: "appendRejected", rejectedOffset: 0, hintOffset: 0, hintTerm: 0 })
      return false
    default:
      return false
  }
}

function dispatch(state: RaftState, message: Message): void {
  switch (message.kind) {
    case "preVoteRequest": return onPreVoteRequest(state, message)
    case "preVoteResponse": return onPreVoteResponse(state, message)
    case "voteRequest": return onVoteRequest(state, message)
    case "voteResponse": return onVoteResponse(state, message)
    case "appendRequest": return isContiguous(message) ? onAppendRequest(state, message) : undefined
    case "appendAccepted": return onAppendAccepted(state, message)
    case "appendRejected": return onAppendRejected(state, message)
    case "heartbeatRequest": return onHeartbeatRequest(state, message)
    case "heartbeatResponse": return onHeartbeatResponse(state, message)
    case "snapshotRequest": return onSnapshotRequest(state, message)
    case "snapshotResponse": return onSnapshotResponse(state, message)
    case "timeoutNow": return onTimeoutNow(state, message)
    case "readRequest": return onReadRequest(state, message)
    case "readResponse": return onReadResponse(state, message)
    case "observeRequest": return onObserveRequest(state, message)
    case "observeResponse": return onObserveResponse(state, message)
  }
}

/** Entries follow each other, in terms that do not decrease and are not above the leader's. */
function isContiguous({ prevOffset, prevTerm, term, entries }: AppendRequest): boolean {
  let offset = prevOffset
  let last = prevTerm
  for (const entry of entries) {
    if (entry.offset !== offset || entry.offsetCount < 1 || entry.term < last) return false
    offset = endOf(entry)
    last = entry.term
  }
  return last <= term
}
