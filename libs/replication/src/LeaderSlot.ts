import type { EpochEndOffset } from "./LeaderEpochs.ts"
import type { FetchEntry, PartitionName } from "./ReplicaMessage.ts"

/** One partition of a session, as its leader's node sees it. The owner of the session judges it; the session keeps the books. */
export class LeaderSlot implements PartitionName {
  readonly topicId: string
  readonly partition: number
  readonly nameHash: number
  /** What the last poll said; another object after each poll that names the slot. */
  entry: FetchEntry
  hash = 0
  /** The poll that brought `entry`. */
  polledSequence = 0
  /** As the last poll and the acknowledgements since have it. */
  durableEnd: number
  /** The end of what this session has sent, and the most that can be acknowledged. */
  servedEnd: number
  /** The follower waits for something. What is sent to it uses this up, until a poll names the slot again. */
  isAsked = true
  /** The leader of the same epoch has judged `entry`, and the logs agree up to it. */
  isAccepted = false
  diverging: EpochEndOffset | undefined
  toldHighWatermark = -1
  toldLogStart = -1

  constructor(name: PartitionName, nameHash: number, entry: FetchEntry) {
    this.topicId = name.topicId
    this.partition = name.partition
    this.nameHash = nameHash
    this.entry = entry
    this.durableEnd = entry.durableEnd
    this.servedEnd = entry.fetchOffset
  }

  /** A poll names the slot: what was judged and sent before says nothing any more. */
  polled(entry: FetchEntry): void {
    // What was acknowledged after the poll was made is still true, unless the follower has another epoch or had to cut its log.
    const isKnown = this.isAccepted && entry.leaderEpoch === this.entry.leaderEpoch && this.durableEnd <= entry.fetchOffset
    if (!isKnown || entry.durableEnd > this.durableEnd) this.durableEnd = entry.durableEnd
    // In another epoch the follower knows nothing of what it was told in the one before, nor of what came with batches that it did not take.
    if (entry.leaderEpoch !== this.entry.leaderEpoch || entry.fetchOffset !== this.servedEnd) {
      this.toldHighWatermark = -1
      this.toldLogStart = -1
    }
    this.entry = entry
    this.servedEnd = entry.fetchOffset
    this.isAsked = true
    this.isAccepted = false
    this.diverging = undefined
  }
}
