import type { AppendRequest, HeartbeatRequest, ObserveResponse, SnapshotRequest } from "../Message.ts"
import { endOf } from "../Entry.ts"
import type { NodeKey } from "../NodeKey.ts"
import { sameSnapshot } from "../Snapshot.ts"
import { endOfEntries, type RaftState } from "./RaftState.ts"
import { refuseReads } from "./readResults.ts"
import { becomeFollower } from "./roles.ts"

/** The leader of this term shows itself. */
function hear(state: RaftState, leader: NodeKey): void {
  if (state.leadership !== undefined) throw new Error(`assertion: two leaders in term ${state.term}`)
  if (state.role !== "follower" || state.leader?.nodeId !== leader.nodeId || state.leader.directoryId !== leader.directoryId) {
    becomeFollower(state, state.term, leader)
  }
  state.electionElapsed = 0
}

export function onAppendRequest(state: RaftState, message: AppendRequest): void {
  hear(state, message.from)
  const { log } = state
  const { prevOffset, prevTerm, entries } = message
  const end = endOfEntries(entries, prevOffset)
  if (prevOffset < log.commit) {
    // Repeated or late. What is committed here agrees with any leader.
    if (end <= log.commit) return state.send(message.from, { kind: "appendAccepted", matchOffset: log.commit })
  } else if (log.termBefore(prevOffset) !== prevTerm) {
    return reject(state, message)
  }
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    if (endOf(entry) <= log.commit) continue
    if (endOf(entry) <= log.endOffset && log.termBefore(endOf(entry)) === entry.term) continue
    if (entry.offset < log.endOffset) truncate(state, entry.offset)
    state.append(entries.slice(i))
    break
  }
  state.agreedEnd = Math.max(state.agreedEnd, end)
  state.commitTo(Math.min(message.commit, state.agreedEnd))
  state.send(message.from, { kind: "appendAccepted", matchOffset: end })
}

function truncate(state: RaftState, offset: number): void {
  state.log.truncateTo(offset)
  state.configurations.truncateTo(offset)
}

/** Tells the leader how far the two logs may agree, so that it skips whole terms. */
function reject(state: RaftState, message: AppendRequest): void {
  const { log } = state
  const { prevOffset, prevTerm } = message
  const hintOffset = log.lastEndWithin(prevOffset, prevTerm) ?? log.commit
  const hintTerm = log.termBefore(hintOffset) ?? 0
  state.send(message.from, { kind: "appendRejected", rejectedOffset: prevOffset, hintOffset, hintTerm })
}

export function onHeartbeatRequest(state: RaftState, message: HeartbeatRequest): void {
  hear(state, message.from)
  state.commitTo(Math.min(message.commit, state.agreedEnd))
  state.send(message.from, { kind: "heartbeatResponse", round: message.round, endOffset: state.log.endOffset })
}

/** Takes a piece of a snapshot; the last one puts the snapshot in the log's place. */
export function onSnapshotRequest(state: RaftState, message: SnapshotRequest): void {
  hear(state, message.from)
  const { log } = state
  const { snapshot, position, data } = message
  const { endOffset, term } = snapshot
  if (endOffset <= log.commit) return state.send(message.from, { kind: "appendAccepted", matchOffset: log.commit })
  if (log.termBefore(endOffset) === term) {
    // The log has what the snapshot stands for, and by the snapshot it is committed.
    state.agreedEnd = Math.max(state.agreedEnd, endOffset)
    state.commitTo(endOffset)
    return state.send(message.from, { kind: "appendAccepted", matchOffset: endOffset })
  }
  // One write puts one snapshot in force, and has no pieces of the next. The answer leaves with it.
  if (log.isInstalling) return state.send(message.from, { kind: "snapshotResponse", endOffset, position: 0 })
  const { incoming } = state
  const current = incoming !== undefined && sameSnapshot(incoming.snapshot, snapshot) ? incoming : { snapshot, position: 0 }
  state.incoming = current
  if (position !== current.position || position + data.length > snapshot.sizeBytes) {
    return state.send(message.from, { kind: "snapshotResponse", endOffset, position: current.position })
  }
  log.addChunk({ snapshot, position, data })
  current.position += data.length
  if (current.position < snapshot.sizeBytes) {
    return state.send(message.from, { kind: "snapshotResponse", endOffset, position: current.position })
  }
  state.incoming = undefined
  state.restore = snapshot
  log.reset(snapshot)
  state.configurations.reset(endOffset, snapshot.configuration)
  state.agreedEnd = endOffset
  state.send(message.from, { kind: "appendAccepted", matchOffset: endOffset })
}

/** Somebody else knows who leads: ask there. */
export function onObserveResponse(state: RaftState, { leader }: ObserveResponse): void {
  if (leader === undefined || state.leader !== undefined || state.isSelf(leader)) return
  state.send(leader, { kind: "observeRequest", endOffset: state.log.endOffset })
}

/** A node that does not vote and hears no leader looks for one. */
export function tickObserver(state: RaftState): void {
  const { config, electionElapsed } = state
  if (electionElapsed < config.electionTicks) return
  if (state.leader !== undefined) {
    refuseReads(state)
    state.leader = undefined
  }
  if (state.role !== "follower") becomeFollower(state, state.term, undefined)
  if ((electionElapsed - config.electionTicks) % config.heartbeatTicks === 0) askForLeader(state)
}

/** Asks the next of the nodes that may know, whichever directory it has by now. */
export function askForLeader(state: RaftState): void {
  const { configuration, options, self } = state
  const nodeIds = new Set([...configuration.voters.map((voter) => voter.nodeId), ...options.bootstrapNodeIds])
  nodeIds.delete(self.nodeId)
  const nodeId = [...nodeIds][state.nextBootstrapNode++ % Math.max(1, nodeIds.size)]
  if (nodeId !== undefined) state.send({ nodeId, directoryId: "" }, { kind: "observeRequest", endOffset: state.log.endOffset })
}
