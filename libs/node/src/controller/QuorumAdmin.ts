import {
  type AddRaftVoterRequest, type AddRaftVoterResponseInput, type DescribeQuorumRequest, type DescribeQuorumResponseInput,
  ErrorCode, type RemoveRaftVoterRequest, type RemoveRaftVoterResponseInput
} from "@tailrace/kafka-protocol"
import { type MetadataImage, metadataLogTopic } from "@tailrace/metadata"
import { type ChangeFault, type FollowerStatus, type NodeKey, type RaftStatus, sameKey } from "@tailrace/raft"
import type { Clock, Logger } from "@tailrace/runtime"
import type { AppliedOffsets } from "../internal/AppliedOffsets.ts"
import { pause } from "../internal/pause.ts"
import type { Quorum } from "../quorum/Quorum.ts"

export interface QuorumAdminOptions {
  readonly quorum: Quorum
  readonly applied: AppliedOffsets
  readonly clock: Clock
  readonly logger: Logger
  readonly committed: () => MetadataImage
}

type Answer = AddRaftVoterResponseInput & RemoveRaftVoterResponseInput

const promoteRetryMillis = 100
const changeMillisMax = 30_000
const maintainMillis = 1_000

/** Who votes: what the quorum shows of itself, one change of its members after the other, and the return of lost directories. */
export class QuorumAdmin {
  readonly #options: QuorumAdminOptions
  #isChanging = false
  #cancel: () => void = () => undefined

  constructor(options: QuorumAdminOptions) {
    this.#options = options
  }

  /** This node leads from now on. */
  begin(): void {
    this.#cancel()
    const maintain = (): void => {
      this.#cancel = this.#options.clock.after(maintainMillis, maintain)
      this.#readmit()
    }
    this.#cancel = this.#options.clock.after(maintainMillis, maintain)
  }

  end(): void {
    this.#cancel()
  }

  /** Of the one partition of the metadata log. A request for anything beside it is refused as a whole, as in Kafka. */
  describe({ topics }: DescribeQuorumRequest): DescribeQuorumResponseInput {
    const { committed, quorum } = this.#options
    const [topic, ...others] = topics
    if (topic?.topicName !== metadataLogTopic || others.length > 0 || topic.partitions.length !== 1 || topic.partitions[0]?.partitionIndex !== 0) {
      return { errorCode: ErrorCode.NONE, errorMessage: null, topics: topics.map(refusedTopic), nodes: [] }
    }
    const { status } = quorum
    const voterIds = new Set(status.configuration.voters.map(({ nodeId }) => nodeId))
    return {
      errorCode: ErrorCode.NONE,
      errorMessage: null,
      topics: [{ topicName: metadataLogTopic, partitions: [this.#partition(status)] }],
      nodes: [...committed().brokers].filter(({ brokerId }) => voterIds.has(brokerId)).map(({ brokerId, endPoints }) => ({
        nodeId: brokerId, listeners: endPoints.map(({ host, name, port }) => ({ name, host, port }))
      }))
    }
  }

  /** Learner first, voter when it has caught up. Nobody who is not heard is taken in: an id that was mistyped would stay a learner. */
  async add({ timeoutMs, voterDirectoryId, voterId }: AddRaftVoterRequest): Promise<Answer> {
    const { clock, quorum } = this.#options
    const key: NodeKey = { nodeId: voterId, directoryId: voterDirectoryId }
    if (quorum.status.configuration.voters.some((voter) => voter.nodeId === voterId && voter.directoryId === voterDirectoryId)) {
      return { errorCode: ErrorCode.DUPLICATE_VOTER, errorMessage: `Node ${voterId} is a voter with this directory already.` }
    }
    return this.#exclusively(async () => {
      const deadlineMillis = clock.monotonicMillis() + Math.min(Math.max(timeoutMs, 0), changeMillisMax)
      if (!await this.#hears(key)) {
        const errorMessage = `Node ${voterId} is not heard with directory ${voterDirectoryId}: start it first, as an observer it shows its directory.`
        return { errorCode: ErrorCode.INVALID_REQUEST, errorMessage }
      }
      return this.#takeIn(key, deadlineMillis, true)
    })
  }

  async remove({ voterDirectoryId, voterId }: RemoveRaftVoterRequest): Promise<Answer> {
    const { clock, quorum } = this.#options
    const { learners, voters } = quorum.status.configuration
    // A learner that never caught up has to be got rid of too.
    const member = [...voters, ...learners].find(({ directoryId, nodeId }) => nodeId === voterId && directoryId === voterDirectoryId)
    if (member === undefined) return { errorCode: ErrorCode.VOTER_NOT_FOUND, errorMessage: `Node ${voterId} is no voter with this directory.` }
    return this.#exclusively(() => this.#change("remove", member, clock.monotonicMillis() + changeMillisMax))
  }

  /**
   * A voter that came back with another directory, wiped or replaced, or with less than it had acknowledged, does not vote.
   * The same may happen to a learner before it is promoted. The node is taken in again as a learner, which takes the lost directory's
   * place by the same entry, and promoted. Not while that directory is heard: then another process was started with its node.id, and
   * must not take its place.
   */
  #readmit(): void {
    const { logger, quorum } = this.#options
    const { configuration, followers } = quorum.status
    if (this.#isChanging || !quorum.isActive) return
    const members = [...configuration.voters, ...configuration.learners]
    const isThere = (member: NodeKey): boolean => sameKey(member, quorum.status.self) || isHeardAmong(followers, member)
    const returned = followers.find((follower) => isHeard(follower) && members.some((member) =>
      member.nodeId === follower.key.nodeId && member.directoryId !== follower.key.directoryId && !isThere(member)))
    const learner = followers.find((follower) => isHeard(follower) && configuration.learners.some(({ directoryId, nodeId }) =>
      nodeId === follower.key.nodeId && directoryId === follower.key.directoryId))
    const key = returned?.key ?? learner?.key
    if (key === undefined) return
    if (returned !== undefined) logger.warn("a controller came back with another directory; it is taken in as a learner", { voter: key.nodeId })
    // Whether it has caught up is looked at again the next time: until then others may change the voters, or take out who never does.
    void this.#exclusively(() => this.#takeIn(key, this.#options.clock.monotonicMillis() + changeMillisMax, false))
  }

  async #takeIn(key: NodeKey, deadlineMillis: number, waitsForCatchUp: boolean): Promise<Answer> {
    const learner = await this.#change("addLearner", key, deadlineMillis)
    return learner.errorCode === ErrorCode.NONE ? this.#change("promote", key, deadlineMillis, waitsForCatchUp) : learner
  }

  async #exclusively(change: () => Promise<Answer>): Promise<Answer> {
    if (this.#isChanging) return { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage: "Another change of the voters is under way." }
    this.#isChanging = true
    try {
      return await change()
    } finally {
      this.#isChanging = false
    }
  }

  /**
   * Waits as long as one that lives may be silent, as a controller that has just begun to lead has heard nobody. One that leads no more
   * cannot tell; it is refused the change.
   */
  async #hears(key: NodeKey): Promise<boolean> {
    const { clock, quorum } = this.#options
    const untilMillis = clock.monotonicMillis() + heardTicksMax * quorum.tickMillis
    while (quorum.status.role === "leader" && !isHeardAmong(quorum.status.followers, key)) {
      if (clock.monotonicMillis() >= untilMillis) return false
      await pause(clock, promoteRetryMillis)
    }
    return true
  }

  /** One step of membership, tried again while it may yet become possible. */
  async #change(kind: "addLearner" | "promote" | "remove", key: NodeKey, deadlineMillis: number, waitsForCatchUp = true): Promise<Answer> {
    const { applied, clock, logger, quorum } = this.#options
    while (true) {
      const changed = quorum.changeMembership({ kind, key })
      if (changed.kind === "proposed") {
        const isCommitted = await applied.reached(changed.endOffset, Math.max(deadlineMillis - clock.monotonicMillis(), 1))
        if (!isCommitted || quorum.status.term !== changed.term) return timedOut
        logger.info("controller quorum changed", { kind, node: key.nodeId, voters: quorum.status.configuration.voters.map(({ nodeId }) => nodeId) })
        return done
      }
      if (kind === "addLearner" && changed.fault === "alreadyMember") return done
      const mayHelp = changed.fault === "notCaughtUp" && waitsForCatchUp || changed.fault === "changePending" || changed.fault === "leaderNotReady"
      if (!mayHelp) return { errorCode: codeOf(changed.fault), errorMessage: `The voters were not changed: ${changed.fault}.` }
      if (clock.monotonicMillis() >= deadlineMillis) return timedOut
      await pause(clock, promoteRetryMillis)
    }
  }

  #partition(status: RaftStatus) {
    const { clock, quorum } = this.#options
    const nowMillis = clock.wallMillis()
    const heardAt = (silentTicks: number): number => Math.floor(nowMillis - silentTicks * quorum.tickMillis)
    const self = {
      replicaId: status.self.nodeId, replicaDirectoryId: status.self.directoryId, logEndOffset: status.endOffset,
      lastFetchTimestamp: nowMillis, lastCaughtUpTimestamp: nowMillis
    }
    const shown = ({ key, laggingTicks, matchOffset, silentTicks }: FollowerStatus) => ({
      replicaId: key.nodeId, replicaDirectoryId: key.directoryId, logEndOffset: matchOffset, lastFetchTimestamp: heardAt(silentTicks),
      lastCaughtUpTimestamp: laggingTicks === undefined ? -1 : heardAt(laggingTicks)
    })
    const isVoter = (key: NodeKey): boolean =>
      status.configuration.voters.some(({ directoryId, nodeId }) => nodeId === key.nodeId && directoryId === key.directoryId)
    return {
      partitionIndex: 0, errorCode: ErrorCode.NONE, errorMessage: null, leaderId: status.self.nodeId, leaderEpoch: status.term,
      highWatermark: status.commit,
      currentVoters: [...isVoter(status.self) ? [self] : [], ...status.followers.filter(({ key }) => isVoter(key)).map(shown)]
        .toSorted((a, b) => a.replicaId - b.replicaId),
      observers: status.followers.filter(({ key }) => !isVoter(key)).map(shown).toSorted((a, b) => a.replicaId - b.replicaId)
    }
  }
}

const done: Answer = { errorCode: ErrorCode.NONE, errorMessage: null }
const timedOut: Answer = { errorCode: ErrorCode.REQUEST_TIMED_OUT, errorMessage: "The change was not committed in time; it may still be." }
const heardTicksMax = 20

const isHeard = ({ silentTicks }: FollowerStatus): boolean => silentTicks <= heardTicksMax

const isHeardAmong = (followers: ReadonlyArray<FollowerStatus>, key: NodeKey): boolean =>
  followers.some((follower) => isHeard(follower) && sameKey(follower.key, key))

function codeOf(fault: ChangeFault): number {
  return fault === "notLeader" || fault === "transferring" ? ErrorCode.NOT_CONTROLLER : ErrorCode.INVALID_REQUEST
}

function refusedTopic({ partitions, topicName }: DescribeQuorumRequest["topics"][number]) {
  return {
    topicName,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex, errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, errorMessage: null, leaderId: 0, leaderEpoch: 0,
      highWatermark: 0, currentVoters: [], observers: []
    }))
  }
}
