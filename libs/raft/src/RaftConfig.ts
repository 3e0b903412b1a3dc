/**
 * Times in ticks and limits of one node. With ticks of 50 ms the defaults are heartbeats of 150 ms, elections after
 * 500-1,000 ms and a leader that steps down after 1 s without a quorum.
 */
export interface RaftConfig {
  /** A leader shows itself this often. */
  readonly heartbeatTicks: number
  /** A follower stands by a leader that it heard this recently, and campaigns no earlier. The caller adds what is random. */
  readonly electionTicks: number
  /** A leader that has not heard a quorum for this long steps down. */
  readonly checkQuorumTicks: number
  /** A transfer of leadership that has not happened by then is given up. */
  readonly transferTicks: number
  /** An observer that was silent this long is no longer sent anything. */
  readonly observerTicks: number
  /** A read that a follower passed on is refused after this long. */
  readonly readTicks: number
  /** Entries of one append; a larger single entry travels alone. */
  readonly appendBytesMax: number
  readonly appendEntriesMax: number
  /** Appends on their way to one follower, unacknowledged. */
  readonly inflightMessagesMax: number
  readonly inflightBytesMax: number
  /** One proposal. */
  readonly entryBytesMax: number
  /** Proposals that are not committed yet; beyond it `propose` answers `busy`. An idle leader takes any one proposal. */
  readonly uncommittedBytesMax: number
  /** One piece of a snapshot. */
  readonly snapshotChunkBytesMax: number
  /** Committed entries in one `Ready`. */
  readonly applyBytesMax: number
  /** Messages in one `Ready`; beyond it the oldest are dropped, as a network may. */
  readonly messagesMax: number
  /** Reads that wait for an answer. */
  readonly readsMax: number
  /** Voters and learners. */
  readonly membersMax: number
  readonly observersMax: number
  /** How far a learner may be behind when it is promoted. */
  readonly promoteLagOffsetsMax: number
}

export const defaultRaftConfig: RaftConfig = {
  heartbeatTicks: 3,
  electionTicks: 10,
  checkQuorumTicks: 20,
  transferTicks: 20,
  observerTicks: 60,
  readTicks: 40,
  appendBytesMax: 256 * 1024,
  appendEntriesMax: 1_000,
  inflightMessagesMax: 64,
  inflightBytesMax: 4 * 1024 * 1024,
  entryBytesMax: 1024 * 1024,
  uncommittedBytesMax: 16 * 1024 * 1024,
  snapshotChunkBytesMax: 256 * 1024,
  applyBytesMax: 4 * 1024 * 1024,
  messagesMax: 4_096,
  readsMax: 10_000,
  membersMax: 15,
  observersMax: 1_000,
  promoteLagOffsetsMax: 1_000
}

export interface RaftConfigFault {
  readonly field: keyof RaftConfig
  readonly rule: string
}

/** Every rule that the values break. */
export function validateRaftConfig(config: RaftConfig): ReadonlyArray<RaftConfigFault> {
  const faults: Array<RaftConfigFault> = []
  for (const field of Object.keys(defaultRaftConfig) as Array<keyof RaftConfig>) {
    const least = field === "promoteLagOffsetsMax" || field === "observersMax" ? 0 : 1
    if (!Number.isSafeInteger(config[field]) || config[field] < least) faults.push({ field, rule: `an integer of at least ${least}` })
  }
  const demand = (isMet: boolean, field: keyof RaftConfig, rule: string): void => {
    if (!isMet) faults.push({ field, rule })
  }
  demand(config.electionTicks > 2 * config.heartbeatTicks, "electionTicks", "more than two heartbeats, so that a lost one costs no election")
  demand(config.checkQuorumTicks >= config.electionTicks, "checkQuorumTicks", "at least electionTicks")
  demand(config.observerTicks > config.electionTicks, "observerTicks", "more than electionTicks, so that an observer renews in time")
  demand(config.inflightBytesMax >= config.appendBytesMax, "inflightBytesMax", "at least appendBytesMax")
  return faults
}
