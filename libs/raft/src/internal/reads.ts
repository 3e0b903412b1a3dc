import type { ReadRequest, ReadResponse } from "../Message.ts"
import type { Leadership, PendingRead } from "./Leadership.ts"
import type { RaftState } from "./RaftState.ts"
import { answerRead, refuseAll } from "./readResults.ts"
import { broadcastHeartbeat, quorumValue } from "./replication.ts"

/** A linearizable read of this node. The answer comes in a `Ready`. */
export function requestRead(state: RaftState, requestId: number): void {
  const { leadership } = state
  if (leadership !== undefined) registerRead(state, leadership, { from: undefined, requestId })
  else if (state.leader === undefined || waitingReads(state) >= state.config.readsMax) refuseAll(state, [requestId])
  else state.unsentReads.push(requestId)
}

function waitingReads(state: RaftState): number {
  return state.forwardedReads.reduce((count, { requestIds }) => count + requestIds.length, state.unsentReads.length)
}

function registerRead(state: RaftState, leadership: Leadership, read: PendingRead): void {
  if (leadership.readCount >= state.config.readsMax) return answerRead(state, read, undefined)
  leadership.newReads.push(read)
  leadership.readCount++
}

/** Passes the reads of this turn on, as one. */
export function forwardReads(state: RaftState): void {
  if (state.unsentReads.length === 0 || state.leader === undefined) return
  const batch = state.nextReadBatch++
  state.send(state.leader, { kind: "readRequest", incarnation: state.options.incarnation, batch })
  state.forwardedReads.push({ batch, requestIds: state.unsentReads, sentTick: state.tick })
  state.unsentReads = []
}

export function expireReads(state: RaftState): void {
  const { config, forwardedReads, tick } = state
  let expired = 0
  while (expired < forwardedReads.length && tick - forwardedReads[expired]!.sentTick >= config.readTicks) expired++
  for (const { requestIds } of forwardedReads.splice(0, expired)) refuseAll(state, requestIds)
}

export function onReadRequest(state: RaftState, message: ReadRequest): void {
  const { from, incarnation, batch } = message
  const read = { from, incarnation, batch }
  if (state.leadership === undefined) answerRead(state, read, undefined)
  else registerRead(state, state.leadership, read)
}

export function onReadResponse(state: RaftState, message: ReadResponse): void {
  if (message.incarnation !== state.options.incarnation) return
  const at = state.forwardedReads.findIndex(({ batch }) => batch === message.batch)
  if (at === -1) return
  const [found] = state.forwardedReads.splice(at, 1)
  for (const requestId of found!.requestIds) state.readResults.push({ requestId, offset: message.offset })
}

/**
 * Starts a round for the reads that came since the last one: what they have to see is what is committed now, and that is
 * known only once an entry of this leader's own term is. One round at a time, so reads that come meanwhile share the next.
 */
export function startReadRound(state: RaftState, leadership: Leadership): void {
  if (leadership.newReads.length === 0 || leadership.readRounds.length > 0) return
  if (state.log.commit < leadership.ownEnd) return
  broadcastHeartbeat(state, leadership)
  leadership.readRounds.push({ round: leadership.round, offset: state.log.commit, reads: leadership.newReads })
  leadership.newReads = []
  confirmReads(state, leadership)
}

/** Answers the reads whose round a quorum has answered, which proves that nobody else led when it began. */
export function confirmReads(state: RaftState, leadership: Leadership): void {
  if (leadership.readRounds.length === 0) return
  const confirmed = quorumValue(state, leadership, leadership.round, ({ round }) => round)
  while (leadership.readRounds.length > 0 && leadership.readRounds[0]!.round <= confirmed) {
    const { offset, reads } = leadership.readRounds.shift()!
    leadership.readCount -= reads.length
    for (const read of reads) answerRead(state, read, offset)
  }
}
