import type { Leadership, PendingRead } from "./Leadership.ts"
import type { RaftState } from "./RaftState.ts"

/** Gives a read its answer, here or at the follower that passed it on. */
export function answerRead(state: RaftState, read: PendingRead, offset: number | undefined): void {
  if (read.from === undefined) state.readResults.push({ requestId: read.requestId, offset })
  else state.send(read.from, { kind: "readResponse", incarnation: read.incarnation, batch: read.batch, offset })
}

/** The node's role changes, so nobody will answer the reads that wait. */
export function refuseReads(state: RaftState): void {
  const { leadership } = state
  if (leadership !== undefined) refuseOwn(state, leadership)
  for (const { requestIds } of state.forwardedReads) refuseAll(state, requestIds)
  refuseAll(state, state.unsentReads)
  state.forwardedReads = []
  state.unsentReads = []
}

export function refuseAll(state: RaftState, requestIds: ReadonlyArray<number>): void {
  for (const requestId of requestIds) state.readResults.push({ requestId, offset: undefined })
}

function refuseOwn(state: RaftState, leadership: Leadership): void {
  for (const { reads } of leadership.readRounds) for (const read of reads) answerRead(state, read, undefined)
  for (const read of leadership.newReads) answerRead(state, read, undefined)
  leadership.readRounds = []
  leadership.newReads = []
  leadership.readCount = 0
}
