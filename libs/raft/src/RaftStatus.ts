import type { Configuration } from "./Configuration.ts"
import type { ProgressState } from "./internal/Progress.ts"
import type { RaftRole } from "./internal/RaftState.ts"
import type { NodeKey } from "./NodeKey.ts"
import type { Snapshot } from "./Snapshot.ts"

/** A follower as its leader sees it. */
export interface FollowerStatus {
  readonly key: NodeKey
  readonly state: ProgressState
  readonly matchOffset: number
  /** Ticks since the leader heard of it. */
  readonly silentTicks: number
  /** Ticks since it had everything that is committed; undefined where the leader has not seen that yet. */
  readonly laggingTicks: number | undefined
  readonly inflightBytes: number
  /**
   * It came back with less than it had acknowledged. It counts for nothing under this leader, whose late messages from before may
   * still arrive; the next leader counts what it acknowledges then, which it has.
   */
  readonly isRegressed: boolean
}

export interface RaftStatus {
  readonly self: NodeKey
  readonly role: RaftRole
  readonly term: number
  readonly votedFor: NodeKey | undefined
  readonly leader: NodeKey | undefined
  /** This node leads and has committed an entry of its own term, so it knows everything that is committed. */
  readonly isLeaderReady: boolean
  readonly isVoter: boolean
  readonly configuration: Configuration
  readonly isConfigurationCommitted: boolean
  readonly startOffset: number
  readonly endOffset: number
  readonly lastTerm: number
  readonly durableEnd: number
  /** The high watermark: everything below is committed. */
  readonly commit: number
  readonly applied: number
  readonly snapshot: Snapshot | undefined
  readonly transferTarget: NodeKey | undefined
  /** Empty on others than the leader. */
  readonly followers: ReadonlyArray<FollowerStatus>
  readonly messagesDropped: number
}
