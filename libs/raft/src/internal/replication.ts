import { endOf, type Entry } from "../Entry.ts"
import { nameOfKey } from "../NodeKey.ts"
import type { Leadership } from "./Leadership.ts"
import type { Progress } from "./Progress.ts"
import type { RaftState } from "./RaftState.ts"

/** Sends every follower what its window has room for. Called once per `Ready`, so that proposals of a turn travel together. */
export function replicate(state: RaftState, leadership: Leadership): void {
  for (const progress of leadership.followers.values()) replicateTo(state, progress)
}

function replicateTo(state: RaftState, progress: Progress): void {
  const { config, log } = state
  if (progress.state === "probe" && !progress.isProbing) {
    if (sendEntries(state, progress)) progress.isProbing = true
    return
  }
  while (progress.state === "replicate" && progress.next < log.endOffset) {
    const hasRoom = progress.inflightMessages < config.inflightMessagesMax && progress.inflightBytes < config.inflightBytesMax
    if (!hasRoom || !sendEntries(state, progress)) break
  }
  // The news that something is committed does not wait for the next entry.
  if (progress.state === "replicate" && progress.sentCommit < log.commit) sendAppend(state, progress, progress.next, [])
}

/** Answers whether something was sent. A follower that needs what is gone from the log is sent the snapshot instead. */
function sendEntries(state: RaftState, progress: Progress): boolean {
  const { config, log } = state
  if (log.termBefore(progress.next) === undefined) return beginSnapshot(state, progress)
  const room = Math.max(1, Math.min(config.appendBytesMax, config.inflightBytesMax - progress.inflightBytes))
  const entries = log.read(progress.next, log.endOffset, room, config.appendEntriesMax)
  if (entries === undefined) return false
  // A follower may ask from the middle of what this log has as one entry.
  const prevOffset = entries[0]?.offset ?? progress.next
  if (log.termBefore(prevOffset) === undefined) return beginSnapshot(state, progress)
  sendAppend(state, progress, prevOffset, entries)
  return true
}

function sendAppend(state: RaftState, progress: Progress, prevOffset: number, entries: ReadonlyArray<Entry>): void {
  const { log } = state
  const prevTerm = log.termBefore(prevOffset)
  if (prevTerm === undefined) return
  progress.sentCommit = log.commit
  state.send(progress.key, { kind: "appendRequest", prevOffset, prevTerm, commit: log.commit, entries })
  if (progress.state === "probe") progress.next = prevOffset
  else if (entries.length > 0) progress.sent(endOf(entries.at(-1)!), entries.reduce((bytes, { data }) => bytes + data.length, 0))
}

function beginSnapshot(state: RaftState, progress: Progress): boolean {
  const { snapshot } = state.log
  if (snapshot === undefined) throw new Error("assertion: what is missing from the log is in a snapshot")
  progress.toSnapshot(snapshot)
  return sendChunk(state, progress)
}

/** Sends the piece that the follower waits for. One at a time. */
export function sendChunk(state: RaftState, progress: Progress): boolean {
  const { snapshot } = progress
  if (snapshot === undefined) return false
  progress.snapshotSentTick = state.tick
  const position = Math.min(progress.snapshotPosition, snapshot.sizeBytes)
  const data = state.log.readSnapshot(snapshot, position, state.config.snapshotChunkBytesMax)
  if (data === undefined) return false
  if (data !== "gone") {
    state.send(progress.key, { kind: "snapshotRequest", snapshot, position, data })
    return true
  }
  // A newer one has taken its place. The log hears of one that is saved only by `compact`; then the next try goes on with that.
  const newest = state.log.snapshot
  if (newest !== undefined && newest !== snapshot) progress.toSnapshot(newest)
  return false
}

/** A sign of life to everybody, in a new round. */
export function broadcastHeartbeat(state: RaftState, leadership: Leadership): void {
  leadership.heartbeatElapsed = 0
  leadership.round++
  const { round } = leadership
  for (const progress of leadership.followers.values()) {
    if (progress.round >= progress.provenRound) {
      progress.provenRound = round
      progress.provenMatch = progress.match
    }
    const commit = Math.min(progress.match, state.log.commit)
    state.send(progress.key, { kind: "heartbeatRequest", commit, round })
  }
}

/** What the voter of each place in `ranking` has at least: the value that a quorum of voters reaches. */
export function quorumValue(state: RaftState, leadership: Leadership, own: number, of: (progress: Progress) => number): number {
  const { voters } = state.configuration
  const values = voters.map((voter) => {
    if (state.isSelf(voter)) return own
    const progress = leadership.followers.get(nameOfKey(voter))
    return progress === undefined || progress.isRegressed ? 0 : of(progress)
  })
  values.sort((a, b) => b - a)
  return values[Math.floor(values.length / 2)] ?? 0
}

/**
 * Moves the high watermark to what a quorum has durably, this node at its own durable end. Only an entry of the leader's
 * own term is committed by counting; those before are committed with it, since counting them alone proves nothing.
 */
export function advanceCommit(state: RaftState, leadership: Leadership): boolean {
  const { log } = state
  const end = quorumValue(state, leadership, log.durableEnd, ({ match }) => match)
  if (end <= log.commit || log.termBefore(end) !== state.term) return false
  leadership.noteCommit(end)
  return state.commitTo(end)
}
