import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import type { RaftModule } from "./SimulationResult.ts"

/** A bug, as a change of the source: each text is there exactly once, so a mutation cannot go stale unnoticed. */
export interface Mutation {
  readonly name: string
  /** Looked for in every run of the tests; the others by `npm run find-mutations`. */
  readonly isBasic?: true
  /** The first seed that finds it. */
  readonly seed: number
  readonly edits: ReadonlyArray<{ readonly file: string; readonly from: string; readonly to: string }>
}

const edit = (file: string, from: string, to: string): Mutation["edits"][number] => ({ file, from, to })

export const mutations: ReadonlyArray<Mutation> = [
  { name: "the vote is not persisted", isBasic: true, seed: 1, edits: [
    edit("internal/ReadyBuilder.ts", "hardState: isHardStateNew ? hardState : undefined", "hardState: isHardStateNew ? { ...hardState, votedFor: undefined } : undefined")] },
  { name: "entries are acknowledged before they are durable", isBasic: true, seed: 1, edits: [
    edit("internal/ReadyBuilder.ts", 'kind === "appendRequest" ||', 'kind === "appendRequest" || kind === "appendAccepted" ||')] },
  { name: "votes are sent before they are durable", seed: 1, edits: [
    edit("internal/ReadyBuilder.ts", 'kind === "appendRequest" ||', 'kind === "appendRequest" || kind === "voteResponse" ||'),
    edit("internal/ReadyBuilder.ts", "const isTermDurable = persist?.hardState === undefined", "const isTermDurable = true")] },
  { name: "an entry of an earlier term is committed by counting", isBasic: true, seed: 1, edits: [
    edit("internal/replication.ts", " || log.termBefore(end) !== state.term", "")] },
  { name: "the leader counts what it has not flushed", isBasic: true, seed: 2, edits: [
    edit("internal/replication.ts", "quorumValue(state, leadership, log.durableEnd,", "quorumValue(state, leadership, log.endOffset,")] },
  { name: "half of the voters are a quorum", seed: 1, edits: [
    edit("internal/replication.ts", "values[Math.floor(values.length / 2)]", "values[Math.floor((values.length - 1) / 2)]")] },
  { name: "no check-quorum", isBasic: true, seed: 1, edits: [
    edit("internal/leader.ts", "if (tick - heard > config.checkQuorumTicks)", "if (tick < heard)")] },
  { name: "a member that looks for a leader counts as following", seed: 8, edits: [
    edit("internal/leader.ts", "if (leadership.observers.has(name)) heardFrom", "heardFrom")] },
  { name: "no pre-vote", isBasic: true, seed: 1, edits: [
    edit("internal/election.ts", "  becomePreCandidate(state)\n  if (settleBallot(state) !== undefined) return\n", "  becomePreCandidate(state)\n  if (state.term >= 0) return campaign(state, false)\n")] },
  { name: "a leader that is heard is left for a candidate", seed: 4, edits: [
    edit("internal/step.ts", "if (state.hasLiveLeader && !message.isTransfer) return false", "")] },
  { name: "a pre-vote is granted against a leader that is heard", seed: 1, edits: [
    edit("internal/election.ts", "&& !state.hasLiveLeader &&", "&&")] },
  { name: "a wiped voter votes", isBasic: true, seed: 1, edits: [
    edit("NodeKey.ts", "a.nodeId === b.nodeId && a.directoryId === b.directoryId", "a.nodeId === b.nodeId"),
    edit("NodeKey.ts", "return `${key.nodeId}/${key.directoryId}`", "return `${key.nodeId}`"),
    edit("internal/step.ts", 'message.to.nodeId === self.nodeId && (message.to.directoryId === self.directoryId || message.to.directoryId === "")', "message.to.nodeId === self.nodeId")] },
  { name: "a vote for a shorter log", isBasic: true, seed: 113, edits: [
    edit("internal/election.ts", "isFree && state.log.isUpToDate(message.lastTerm, message.endOffset)", "isFree")] },
  { name: "two votes in a term", seed: 6, edits: [
    edit("internal/election.ts", "state.votedFor === undefined ? state.leader === undefined : sameKey(state.votedFor, message.from)", "state.leader === undefined")] },
  { name: "a late append truncates", seed: 1, edits: [
    edit("internal/follower.ts", "if (endOf(entry) <= log.endOffset && log.termBefore(endOf(entry)) === entry.term) continue", "")] },
  { name: "the term before an append is not compared", seed: 3, edits: [
    edit("internal/follower.ts", "log.termBefore(prevOffset) !== prevTerm", "log.termBefore(prevOffset) === undefined")] },
  { name: "a follower commits what it has not compared", isBasic: true, seed: 1, edits: [
    edit("internal/follower.ts", "state.commitTo(Math.min(message.commit, state.agreedEnd))\n  state.send(message.from, { kind: \"heartbeatResponse\"", "state.commitTo(Math.min(message.commit, log.endOffset))\n  state.send(message.from, { kind: \"heartbeatResponse\""),
    edit("internal/follower.ts", "export function onHeartbeatRequest(state: RaftState, message: HeartbeatRequest): void {", "export function onHeartbeatRequest(state: RaftState, message: HeartbeatRequest): void {\n  const { log } = state"),
    edit("internal/replication.ts", "Math.min(progress.match, state.log.commit)", "state.log.commit")] },
  { name: "a snapshot is taken for the log without comparing terms", seed: 176, edits: [
    edit("internal/follower.ts", "if (log.termBefore(endOffset) === term)", "if (log.termBefore(endOffset) !== undefined)")] },
  { name: "a write that was truncated meanwhile counts as durable", seed: 3, edits: [
    edit("internal/RaftLog.ts", "if (this.#writingEnd !== undefined) this.#writingEnd = Math.min(this.#writingEnd, offset)", "")] },
  { name: "reads are answered without asking a quorum", isBasic: true, seed: 7, edits: [
    edit("internal/reads.ts", "quorumValue(state, leadership, leadership.round, ({ round }) => round)", "leadership.round")] },
  { name: "reads are answered before an entry of the term is committed", seed: 1, edits: [
    edit("internal/reads.ts", "if (state.log.commit < leadership.ownEnd) return", "")] },
  { name: "an answer to a read of an earlier life is taken", isBasic: true, seed: 39, edits: [
    edit("internal/reads.ts", "if (message.incarnation !== state.options.incarnation) return", "")] },
  { name: "membership changes before an entry of the term is committed", seed: 2, edits: [
    edit("RaftCore.ts", 'if (log.commit < leadership.ownEnd) return refused("leaderNotReady")', "")] },
  { name: "two changes of membership at once", isBasic: true, seed: 1, edits: [
    edit("RaftCore.ts", 'if (isChangePending(state)) return refused("changePending")', "")] },
  { name: "a truncated configuration stays in force", isBasic: true, seed: 15, edits: [
    edit("internal/follower.ts", "state.configurations.truncateTo(offset)", "")] },
  { name: "a snapshot's configuration is not taken", seed: 1, edits: [
    edit("internal/follower.ts", "state.configurations.reset(endOffset, snapshot.configuration)", "")] },
  { name: "pieces of a snapshot are taken in any order", seed: 1, edits: [
    edit("internal/follower.ts", "position !== current.position || ", "")] },
  { name: "pieces of two snapshots are put together", seed: 2, edits: [
    edit("internal/follower.ts", "incoming !== undefined && sameSnapshot(incoming.snapshot, snapshot) ? incoming", "incoming !== undefined && incoming.snapshot.endOffset >= 0 && sameSnapshot(snapshot, snapshot) ? incoming")] },
  { name: "a new term does not free the vote", seed: 1, edits: [
    edit("internal/roles.ts", "    state.votedFor = undefined\n", "")] },
  { name: "a leader that removed itself counts itself", seed: 17, edits: [
    edit("internal/replication.ts", "  values.sort", "  if (!state.isVoter) values.push(own)\n  values.sort")] },
  { name: "lost appends are not sent again", seed: 11, edits: [
    edit("internal/leader.ts", "++progress.quietRounds > 2", "progress.quietRounds > 2")] },
  { name: "lost pieces of a snapshot are not sent again", seed: 5, edits: [
    edit("internal/leader.ts", "state.tick - progress.snapshotSentTick >= 2 * state.config.heartbeatTicks", "state.tick < progress.snapshotSentTick")] },
  { name: "a node that nobody can win without does not campaign, since it is no voter", isBasic: true, seed: 82, edits: [
    edit("internal/election.ts", "if (!isUpToDate && !state.hasLiveLeader) state.isNeeded = true", "")] },
  { name: "an own vote counts before it is durable", seed: 656, edits: [
    edit("internal/election.ts", "  becomeCandidate(state)\n", "  becomeCandidate(state)\n  countOwnVote(state, state.term)\n  if (state.role !== \"candidate\") return\n")] },
  { name: "an observer that nobody knows does not ask", seed: 1, edits: [
    edit("internal/follower.ts", "=== 0) askForLeader(state)", "=== 0 && state.term < 0) askForLeader(state)")] }
]

/** The room with the bug in it. */
export async function loadMutant({ name, edits }: Mutation): Promise<RaftModule> {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-raft-"))
  try {
    cpSync(fileURLToPath(new URL("../../src", import.meta.url)), directory, { recursive: true })
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }')
    for (const { file, from, to } of edits) {
      const path = join(directory, file)
      const source = readFileSync(path, "utf8")
      if (source.split(from).length !== 2) throw new Error(`${name}: "${from}" is not once in ${file}`)
      writeFileSync(path, source.replace(from, () => to))
    }
    return await import(/* @vite-ignore */ pathToFileURL(join(directory, "index.ts")).href) as RaftModule
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}
