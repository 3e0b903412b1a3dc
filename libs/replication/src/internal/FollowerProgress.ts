/** What a leader knows of one follower within its leader epoch. */
export class FollowerProgress {
  readonly nodeId: number
  brokerEpoch = -1
  /** -1 until it fetched in this leader epoch: what it had before says nothing. */
  durableEnd = -1
  /** Where its log starts durably, as it said last; -1 until it fetched in this leader epoch. */
  logStartOffset = -1
  fetchedMillis: number
  /** The last moment at which more was durable there than before. */
  movedMillis: number
  /** The last moment at which it held everything that the leader had then. */
  caughtUpMillis: number
  /** Where the leader's log ended at `#sampleMillis`. */
  #sampleEnd = Number.POSITIVE_INFINITY
  #sampleMillis: number

  /** A new follower counts as caught up at `nowMillis`, so that a new leader does not judge it before it can fetch. */
  constructor(nodeId: number, nowMillis: number) {
    this.nodeId = nodeId
    this.fetchedMillis = nowMillis
    this.movedMillis = nowMillis
    this.caughtUpMillis = nowMillis
    this.#sampleMillis = nowMillis
  }

  fetched(brokerEpoch: number, durableEnd: number, leaderEnd: number, nowMillis: number): void {
    // A late message of an earlier incarnation says nothing about the one that runs now.
    if (brokerEpoch < this.brokerEpoch) return
    if (durableEnd > this.durableEnd) this.movedMillis = Math.max(this.movedMillis, nowMillis)
    // A new incarnation may have lost its disk, so that it has to prove again how far it is.
    if (brokerEpoch > this.brokerEpoch) {
      this.durableEnd = durableEnd
      this.logStartOffset = -1
      this.#sampleEnd = Number.POSITIVE_INFINITY
    } else {
      // Within one incarnation fetches may overtake each other, and what was durable stays so.
      this.durableEnd = Math.max(this.durableEnd, durableEnd)
    }
    this.brokerEpoch = brokerEpoch
    // Whoever holds now what the leader had at an earlier moment was caught up at that moment. The sample stays until it is
    // reached: flushes may take longer than the time between two messages.
    if (this.durableEnd >= leaderEnd) this.caughtUpMillis = Math.max(this.caughtUpMillis, nowMillis)
    else if (this.durableEnd >= this.#sampleEnd) this.caughtUpMillis = Math.max(this.caughtUpMillis, this.#sampleMillis)
    if (this.durableEnd >= this.#sampleEnd || this.#sampleEnd === Number.POSITIVE_INFINITY) {
      this.#sampleEnd = leaderEnd
      this.#sampleMillis = nowMillis
    }
    this.fetchedMillis = Math.max(this.fetchedMillis, nowMillis)
  }

  /** With a fetch of this incarnation, in the order of the fetches. */
  startsAt(brokerEpoch: number, logStartOffset: number): void {
    if (brokerEpoch === this.brokerEpoch) this.logStartOffset = logStartOffset
  }

  /** The leader slept: time in which nobody could fetch from it does not count. */
  stalled(millis: number, nowMillis: number): void {
    this.fetchedMillis = Math.min(this.fetchedMillis + millis, nowMillis)
    this.movedMillis = Math.min(this.movedMillis + millis, nowMillis)
    this.caughtUpMillis = Math.min(this.caughtUpMillis + millis, nowMillis)
    this.#sampleMillis = Math.min(this.#sampleMillis + millis, nowMillis)
  }
}
