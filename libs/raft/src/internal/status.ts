import type { RaftStatus } from "../RaftStatus.ts"
import type { RaftState } from "./RaftState.ts"

export function statusOf(state: RaftState): RaftStatus {
  const { log, leadership, configurations } = state
  const followers = leadership === undefined ? [] : [...leadership.followers.values()].map((progress) => ({
    key: progress.key, state: progress.state, matchOffset: progress.match, silentTicks: state.tick - progress.heardTick,
    laggingTicks: progress.caughtUpTick < 0 ? undefined : state.tick - progress.caughtUpTick, inflightBytes: progress.inflightBytes, isRegressed: progress.isRegressed
  }))
  return {
    self: state.self, role: state.role, term: state.term, votedFor: state.votedFor, leader: state.leader,
    isLeaderReady: leadership !== undefined && log.commit >= leadership.ownEnd,
    isVoter: state.isVoter, configuration: state.configuration,
    isConfigurationCommitted: configurations.currentOffset < log.commit,
    startOffset: log.startOffset, endOffset: log.endOffset, lastTerm: log.lastTerm, durableEnd: log.durableEnd,
    commit: log.commit, applied: log.applied, snapshot: log.snapshot,
    transferTarget: leadership?.transfer?.target, followers, messagesDropped: state.messagesDropped
  }
}
