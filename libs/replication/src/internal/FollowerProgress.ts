/** What a leader knows of one follower within its leader epoch. */
export class FollowerProgress {
  readonly nodeId: number
  brokerEpoch = -1
  /** -1 until it fetched in this leader epoch: what it had before says nothing. */
  durableEnd = -1
  fetchedMillis: number
  /** The last moment at which it held everything that the leader had then. */
  caughtUpMillis: number
  #leaderEndAtLastFetch = Number.POSITIVE_INFINITY

  /** A new follower counts as caught up at `nowMillis`, so that a new leader does not judge it before it can fetch. */
  constructor(nodeId: number, nowMillis: number) {
    this.nodeId = nodeId
    this.fetchedMillis = nowMillis
    this.caughtUpMillis = nowMillis
  }

  fetched(brokerEpoch: number, durableEnd: number, leaderEnd: number, nowMillis: number): void {
    // A late message of an earlier incarnation says nothing about the one that runs now.
    if (brokerEpoch < this.brokerEpoch) return
    // A new incarnation may have lost its disk, so that it has to prove again how far it is.
    if (brokerEpoch > this.brokerEpoch) this.durableEnd = durableEnd
    // Within one incarnation fetches may overtake each other, and what was durable stays so.
    else this.durableEnd = Math.max(this.durableEnd, durableEnd)
    this.brokerEpoch = brokerEpoch
    // Whoever holds now what the leader had at its previous fetch was caught up at that time.
    if (durableEnd >= leaderEnd) this.caughtUpMillis = Math.max(this.caughtUpMillis, nowMillis)
    else if (durableEnd >= this.#leaderEndAtLastFetch) this.caughtUpMillis = Math.max(this.caughtUpMillis, this.fetchedMillis)
    this.#leaderEndAtLastFetch = leaderEnd
    this.fetchedMillis = nowMillis
  }
}
