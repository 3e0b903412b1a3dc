import { type Configuration, isVoter, quorumOf } from "../Configuration.ts"
import type { EntryPlace } from "../ControlFormat.ts"
import type { Entry, EntryKind } from "../Entry.ts"
import type {
  AppendAccepted, AppendRejected, HeartbeatResponse, ObserveRequest, SnapshotResponse
} from "../Message.ts"
import { nameOfKey, type NodeKey } from "../NodeKey.ts"
import { Leadership } from "./Leadership.ts"
import { Progress } from "./Progress.ts"
import type { RaftState } from "./RaftState.ts"
import { confirmReads } from "./reads.ts"
import { advanceCommit, broadcastHeartbeat, quorumValue, sendChunk } from "./replication.ts"
import { becomeFollower } from "./roles.ts"

/** The election is won. The first entry of the term says so in the log, and committing it shows what else is committed. */
export function becomeLeader(state: RaftState): void {
  state.role = "leader"
  state.leader = state.self
  state.ballot.clear()
  const leadership = new Leadership(state.log.endOffset + 1)
  state.leadership = leadership
  syncFollowers(state, leadership)
  const { voters } = state.configuration
  appendOwn(state, "leaderChange", 1, state.options.format.leaderChange(placeOfNext(state), state.self, voters))
}

function placeOfNext(state: RaftState): EntryPlace {
  return { offset: state.log.endOffset, term: state.term }
}

/** Appends an entry of this leader's term, and answers it. */
export function appendOwn(state: RaftState, kind: EntryKind, offsetCount: number, data: Uint8Array): Entry {
  const entry: Entry = { offset: state.log.endOffset, offsetCount, term: state.term, kind, data }
  state.append([entry])
  return entry
}

/** Follows the configuration: members are followers, and who was one before goes on as an observer. */
export function syncFollowers(state: RaftState, leadership: Leadership): void {
  const { voters, learners } = state.configuration
  const members = new Map<string, NodeKey>()
  for (const key of [...voters, ...learners]) if (!state.isSelf(key)) members.set(nameOfKey(key), key)
  for (const [name, key] of members) {
    leadership.observers.delete(name)
    if (!leadership.followers.has(name)) leadership.followers.set(name, new Progress(key, state.log.endOffset, state.tick))
  }
  for (const name of leadership.followers.keys()) {
    if (members.has(name) || leadership.observers.has(name)) continue
    if (leadership.observers.size < state.config.observersMax) leadership.observers.add(name)
    else leadership.followers.delete(name)
  }
}

export function tickLeader(state: RaftState, leadership: Leadership): void {
  const { config, tick } = state
  const heard = quorumValue(state, leadership, tick, ({ heardTick }) => heardTick)
  if (tick - heard > config.checkQuorumTicks) return becomeFollower(state, state.term, undefined)
  for (const name of leadership.observers) {
    const progress = leadership.followers.get(name)
    if (progress !== undefined && tick - progress.heardTick <= config.observerTicks) continue
    leadership.observers.delete(name)
    leadership.followers.delete(name)
  }
  const { transfer } = leadership
  if (transfer !== undefined && tick - transfer.startedTick >= config.transferTicks) leadership.transfer = undefined
  leadership.heartbeatElapsed++
  if (leadership.heartbeatElapsed < config.heartbeatTicks) return
  broadcastHeartbeat(state, leadership)
  continueTransfer(state, leadership)
}

/** Once the target has the whole log it is asked to campaign; repeated with the heartbeats. */
export function continueTransfer(state: RaftState, leadership: Leadership): void {
  const { transfer } = leadership
  if (transfer === undefined) return
  const progress = leadership.followers.get(nameOfKey(transfer.target))
  if (progress === undefined || !isVoter(state.configuration, transfer.target)) leadership.transfer = undefined
  else if (progress.match === state.log.endOffset) state.send(transfer.target, { kind: "timeoutNow" })
}

/** The high watermark moved, or could: what follows from it. */
export function settleCommit(state: RaftState, leadership: Leadership): void {
  if (!advanceCommit(state, leadership)) return
  if (state.isVoter || state.configurations.currentOffset >= state.log.commit) return
  // This node's removal is committed. The voter that has most is asked to take over at once.
  let best: Progress | undefined
  for (const voter of state.configuration.voters) {
    const progress = leadership.followers.get(nameOfKey(voter))
    if (progress !== undefined && !progress.isRegressed && progress.match > (best?.match ?? 0)) best = progress
  }
  if (best !== undefined) state.send(best.key, { kind: "timeoutNow" })
  becomeFollower(state, state.term, undefined)
}

function heardFrom(state: RaftState, key: NodeKey): { leadership: Leadership; progress: Progress } | undefined {
  const { leadership } = state
  const progress = leadership?.followers.get(nameOfKey(key))
  if (leadership === undefined || progress === undefined) return undefined
  progress.heardTick = state.tick
  return { leadership, progress }
}

export function onAppendAccepted(state: RaftState, message: AppendAccepted): void {
  const found = heardFrom(state, message.from)
  if (found === undefined || message.matchOffset > state.log.endOffset) return
  const { leadership, progress } = found
  const isNews = progress.acknowledged(message.matchOffset)
  if (progress.state === "probe" && message.matchOffset >= progress.next) progress.toReplicate()
  else if (progress.state === "snapshot" && progress.match >= state.log.startOffset) progress.toReplicate()
  if (isNews) settleCommit(state, leadership)
  progress.noteCommit(state.log.commit, state.tick)
  if (!isNews) return
  const { transfer } = leadership
  if (transfer !== undefined && nameOfKey(transfer.target) === nameOfKey(message.from)) continueTransfer(state, leadership)
}

export function onAppendRejected(state: RaftState, message: AppendRejected): void {
  const found = heardFrom(state, message.from)
  if (found === undefined) return
  const { progress } = found
  if (progress.state === "replicate" && message.rejectedOffset > progress.match) progress.toProbe(progress.match)
  // Any other answer is about a probe that was given up.
  if (progress.state !== "probe" || message.rejectedOffset !== progress.next) return
  const end = state.log.lastEndWithin(message.hintOffset, message.hintTerm) ?? 0
  progress.toProbe(Math.max(progress.match, Math.min(end, message.rejectedOffset)))
}

export function onHeartbeatResponse(state: RaftState, message: HeartbeatResponse): void {
  const found = heardFrom(state, message.from)
  if (found === undefined) return
  const { leadership, progress } = found
  if (message.round >= progress.provenRound && message.endOffset < progress.provenMatch) {
    progress.isRegressed = true
    progress.match = 0
    progress.provenMatch = 0
    progress.toProbe(message.endOffset)
  }
  progress.round = Math.max(progress.round, Math.min(message.round, leadership.round))
  progress.noteCommit(state.log.commit, state.tick)
  progress.isProbing = false
  if (progress.state === "snapshot" && state.tick - progress.snapshotSentTick >= 2 * state.config.heartbeatTicks) sendChunk(state, progress)
  // Appends that stay unanswered were lost on the way.
  if (progress.state === "replicate" && progress.inflightMessages > 0 && ++progress.quietRounds > 2) progress.toProbe(progress.match)
  confirmReads(state, leadership)
}

export function onSnapshotResponse(state: RaftState, message: SnapshotResponse): void {
  const found = heardFrom(state, message.from)
  if (found === undefined) return
  const { progress } = found
  if (progress.state !== "snapshot" || progress.snapshot?.endOffset !== message.endOffset) return
  // A repeated answer asks for a piece that is on its way already.
  if (message.position === progress.snapshotPosition && message.position > 0) return
  progress.snapshotPosition = message.position
  sendChunk(state, progress)
}

/** A node wants to follow the log, or is told whom to ask. */
export function onObserveRequest(state: RaftState, message: ObserveRequest): void {
  const { leadership } = state
  if (leadership === undefined) {
    if (state.leader !== undefined) state.send(message.from, { kind: "observeResponse", leader: state.leader })
    return
  }
  const name = nameOfKey(message.from)
  if (!leadership.followers.has(name)) {
    if (leadership.observers.size >= state.config.observersMax) return
    leadership.observers.add(name)
    leadership.followers.set(name, new Progress(message.from, Math.min(message.endOffset, state.log.endOffset), state.tick))
  }
  // A member that asks does not hear this leader, so that it is heard is no reason to go on leading.
  if (leadership.observers.has(name)) heardFrom(state, message.from)
}

/** Whether the newest configuration still waits to be committed. */
export function isChangePending(state: RaftState): boolean {
  return state.configurations.currentOffset >= state.log.commit
}

/** Whether so many of its voters are there that they can commit. */
export function hearsQuorumOf(state: RaftState, leadership: Leadership, configuration: Configuration): boolean {
  const heard = configuration.voters.filter((voter) => {
    const progress = leadership.followers.get(nameOfKey(voter))
    return state.isSelf(voter) || (progress !== undefined && !progress.isRegressed && state.tick - progress.heardTick < state.config.electionTicks)
  })
  return heard.length >= quorumOf(configuration)
}

export function appendConfiguration(state: RaftState, leadership: Leadership, configuration: Configuration): Entry {
  const entry = appendOwn(state, "configuration", 1, state.options.format.configuration(placeOfNext(state), configuration))
  syncFollowers(state, leadership)
  return entry
}
