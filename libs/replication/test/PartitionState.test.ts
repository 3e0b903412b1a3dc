import { describe, expect, it } from "vitest"
import { LeaderEpochs, PartitionState } from "../src/index.ts"
import type { PartitionView } from "../src/index.ts"

const view = (input: Partial<PartitionView> = {}): PartitionView =>
  ({ leader: 1, leaderEpoch: 1, partitionEpoch: 1, replicas: [1, 2, 3], isr: [1, 2, 3], minIsr: 2, ...input })
const alone = view({ replicas: [1], isr: [1], minIsr: 1 })
const opened = (end = 0, highWatermark = end): PartitionState =>
  new PartitionState({ nodeId: 1, logStartOffset: 0, logEndOffset: end, highWatermark })
const epochs = new LeaderEpochs()
epochs.assign(1, 0)
const fetch = (nodeId: number, durableEnd: number, more: object = {}) =>
  ({ nodeId, brokerEpoch: 1, leaderEpoch: 1, fetchOffset: durableEnd, lastFetchedEpoch: 1, durableEnd, logStartOffset: 0, nowMillis: 0, ...more })

describe("PartitionState with an ISR of one", () => {
  it("moves the high watermark with its own flush, and never before", () => {
    const state = opened()
    expect(state.becomeLeader(alone, 0)).toBe(false)
    state.stage(5)
    state.stage(9)
    expect([state.appendedEnd, state.durableEnd, state.highWatermark]).toEqual([9, 0, 0])
    expect(state.isAcknowledged(-1, 5)).toBe(false)
    expect(state.durable(5)).toBe(true)
    expect([state.isAcknowledged(-1, 5), state.isAcknowledged(1, 5), state.isAcknowledged(-1, 9)]).toEqual([true, true, false])
    expect(state.durable(5)).toBe(false)
    expect(state.durable(9)).toBe(true)
    expect(state.highWatermark).toBe(9)
  })

  it("recovers with its whole log committed", () => {
    const state = opened(40, 30)
    expect(state.highWatermark).toBe(30)
    expect(state.becomeLeader(alone, 0)).toBe(true)
    expect([state.highWatermark, state.leaderEpochStartOffset, state.isHighWatermarkCurrent]).toEqual([40, 40, true])
  })

  it("serves nothing after a failed commit, until a later epoch", () => {
    const state = opened()
    state.becomeLeader(alone, 0)
    state.stage(5)
    state.durable(5)
    state.stage(9)
    state.failed()
    expect([state.role, state.appendedEnd, state.highWatermark]).toEqual(["failed", 5, 5])
    expect(state.leaderError(-1)).toBe(56)
    state.becomeLeader({ ...alone, partitionEpoch: 2 }, 0)
    expect(state.role).toBe("failed")
    state.becomeLeader({ ...alone, leaderEpoch: 2, partitionEpoch: 2 }, 0)
    expect(state.role).toBe("leader")
  })

  it("judges the epoch a client names", () => {
    const state = opened()
    expect(state.leaderError(-1)).toBe(6)
    state.becomeLeader({ ...alone, leaderEpoch: 3 }, 0)
    expect([-1, 2, 3, 4].map((epoch) => state.leaderError(epoch))).toEqual([0, 74, 0, 75])
    state.becomeFollower(view({ leader: 2, leaderEpoch: 4 }))
    expect([-1, 3, 4].map((epoch) => state.leaderError(epoch))).toEqual([6, 74, 6])
  })

  it("sends who asks a failed follower to the leader, and tells of the failure where it would lead itself", () => {
    const state = opened()
    state.becomeFollower(view({ leader: 2, leaderEpoch: 4 }))
    state.failed()
    expect([-1, 3, 4, 5].map((epoch) => state.leaderError(epoch))).toEqual([6, 74, 6, 75])
    const leader = opened()
    leader.becomeLeader({ ...alone, leaderEpoch: 4 }, 0)
    leader.failed()
    expect([-1, 3, 4, 5].map((epoch) => leader.leaderError(epoch))).toEqual([56, 74, 56, 75])
  })

  it("keeps the log start at or below the high watermark", () => {
    const state = opened(10)
    state.advanceStart(4)
    state.advanceStart(2)
    expect(state.logStartOffset).toBe(4)
    expect(() => state.advanceStart(11)).toThrow()
  })
})

describe("PartitionState with followers", () => {
  const leading = (isr: number[]): PartitionState => {
    const state = opened()
    state.becomeLeader(view({ isr }), 0)
    state.stage(10)
    state.durable(10)
    return state
  }

  it("waits for every member of the ISR", () => {
    const state = leading([1, 2, 3])
    state.followerFetched(fetch(2, 8), epochs)
    expect(state.highWatermark).toBe(0)
    expect(state.followerFetched(fetch(3, 6), epochs)).toEqual({ kind: "accepted", highWatermarkMoved: true })
    expect(state.highWatermark).toBe(6)
  })

  it("does not move below min.insync.replicas, and refuses acks=all", () => {
    const state = leading([1])
    expect([state.canAcceptAcksAll, state.highWatermark]).toEqual([false, 0])
    state.becomeLeader(view({ isr: [1], minIsr: 1, partitionEpoch: 2 }), 0)
    expect([state.canAcceptAcksAll, state.highWatermark]).toEqual([true, 10])
  })

  it("counts durable ends, not what a follower has only read", () => {
    const state = leading([1, 2])
    state.followerFetched(fetch(2, 3, { fetchOffset: 9 }), epochs)
    expect(state.highWatermark).toBe(3)
  })

  it("counts nothing of a log that diverged, of another epoch, or of a stranger", () => {
    const state = leading([1, 2])
    expect(state.followerFetched(fetch(2, 12), epochs)).toEqual({ kind: "diverged", divergingEpoch: { leaderEpoch: 1, endOffset: 10 } })
    expect(state.followerFetched(fetch(2, 8, { leaderEpoch: 0 }), epochs).kind).toBe("ignored")
    expect(state.followerFetched(fetch(9, 8), epochs).kind).toBe("ignored")
    expect(state.highWatermark).toBe(0)
  })

  it("waits for a replica it proposed, until the controller refused or the metadata moved", () => {
    const state = leading([1, 2])
    state.followerFetched(fetch(2, 5), epochs)
    state.followerFetched(fetch(3, 5), epochs)
    expect(state.proposeIsr(0, 100)).toEqual({ leaderEpoch: 1, partitionEpoch: 1,
      isr: [{ brokerId: 1, brokerEpoch: -1 }, { brokerId: 2, brokerEpoch: 1 }, { brokerId: 3, brokerEpoch: 1 }] })
    expect(state.proposeIsr(0, 100)).toBeUndefined()
    state.followerFetched(fetch(2, 9), epochs)
    expect([state.highWatermark, state.maximalIsr]).toEqual([5, [1, 2, 3]])
    expect(state.isrRefused(0)).toBe(false)
    expect(state.isrRefused(1)).toBe(true)
    expect([state.highWatermark, state.maximalIsr]).toEqual([9, [1, 2]])
  })

  it("admits only who reached the high watermark and the epoch's start in this epoch", () => {
    const state = new PartitionState({ nodeId: 1, logStartOffset: 0, logEndOffset: 20, highWatermark: 10 })
    state.becomeLeader(view({ isr: [1, 2], leaderEpoch: 1 }), 0)
    expect([state.highWatermark, state.isHighWatermarkCurrent]).toEqual([10, false])
    state.followerFetched(fetch(3, 15), epochs)
    expect(state.proposeIsr(0, 100)).toBeUndefined()
    state.followerFetched(fetch(3, 20), epochs)
    expect(state.proposeIsr(0, 100)?.isr.map((it) => it.brokerId)).toEqual([1, 2, 3])
    state.becomeLeader(view({ isr: [1, 2], leaderEpoch: 2, partitionEpoch: 2 }), 0)
    expect(state.proposeIsr(0, 100)).toBeUndefined()
  })

  it("drops a follower that has not caught up for the lag limit", () => {
    const state = leading([1, 2, 3])
    state.followerFetched(fetch(2, 10, { nowMillis: 90 }), epochs)
    state.followerFetched(fetch(3, 4, { nowMillis: 90 }), epochs)
    expect(state.proposeIsr(100, 100)).toBeUndefined()
    expect(state.proposeIsr(101, 100)?.isr.map((it) => it.brokerId)).toEqual([1, 2])
    expect(state.highWatermark).toBe(4)
    state.becomeLeader(view({ isr: [1, 2], partitionEpoch: 2 }), 101)
    expect(state.highWatermark).toBe(10)
  })

  it("keeps the furthest of the followers that lag and go on, where the minimum needs it, until it stands still", () => {
    const state = opened()
    state.becomeLeader(view({ isr: [1, 2, 3], minIsr: 2 }), 0)
    state.stage(1_000)
    state.durable(1_000)
    for (let now = 0; now <= 300; now += 10) {
      state.followerFetched(fetch(2, now + 1, { fetchOffset: 1_000, nowMillis: now }), epochs)
      state.followerFetched(fetch(3, now + 2, { fetchOffset: 1_000, nowMillis: now }), epochs)
    }
    expect(state.proposeIsr(300, 100)?.isr.map((it) => it.brokerId)).toEqual([1, 3])
    expect(state.isrRefused(state.partitionEpoch)).toBe(false)
    state.followerFetched(fetch(3, 302, { fetchOffset: 1_000, nowMillis: 401 }), epochs)
    expect(state.proposeIsr(401, 100)?.isr.map((it) => it.brokerId)).toEqual([1])
  })

  it("keeps a follower whose flushes always take longer than a round, and drops it when it really falls behind", () => {
    const state = leading([1, 2])
    let end = 10
    // Each message acknowledges what the leader had five rounds ago.
    for (let now = 0; now <= 1_000; now += 2) {
      state.stage(++end)
      state.followerFetched(fetch(2, end - 5, { fetchOffset: end, nowMillis: now }), epochs)
      expect(state.proposeIsr(now, 100)).toBeUndefined()
    }
    const stuck = end - 5
    for (let now = 1_002; now <= 1_080; now += 2) {
      state.stage(++end)
      state.followerFetched(fetch(2, stuck, { fetchOffset: end, nowMillis: now }), epochs)
      expect(state.proposeIsr(now, 100)).toBeUndefined()
    }
    state.followerFetched(fetch(2, stuck, { fetchOffset: end, nowMillis: 1_200 }), epochs)
    expect(state.proposeIsr(1_200, 100)?.isr.map((it) => it.brokerId)).toEqual([1])
  })

  it("takes acknowledgements between fetches, of this epoch and of a replica alone", () => {
    const state = leading([1, 2])
    const ack = { nodeId: 2, brokerEpoch: 1, leaderEpoch: 1, durableEnd: 7, nowMillis: 0 }
    expect([state.followerAcknowledged({ ...ack, leaderEpoch: 0 }), state.followerAcknowledged({ ...ack, nodeId: 9 })]).toEqual([false, false])
    expect([state.followerAcknowledged(ack), state.highWatermark]).toEqual([true, 7])
    expect(() => state.followerAcknowledged({ ...ack, durableEnd: 11 })).toThrow()
  })

  it("has deleted what is gone here and on everybody that may be elected, as each said last in this uptime", () => {
    const state = leading([1, 2])
    expect([state.isDeleted(5, 5), state.isDeleted(0, 0)]).toEqual([false, false])
    state.followerFetched(fetch(2, 10, { logStartOffset: 5 }), epochs)
    expect([state.isDeleted(5, 4), state.isDeleted(5, 5), state.isDeleted(6, 6)]).toEqual([false, true, false])
    expect(state.proposeIsr(0, 100)).toBeUndefined()
    state.followerFetched(fetch(3, 10, { logStartOffset: 4 }), epochs)
    expect([state.proposeIsr(0, 100)?.isr.length, state.isDeleted(5, 5)]).toEqual([3, false])
    state.followerFetched(fetch(3, 10, { logStartOffset: 5 }), epochs)
    expect(state.isDeleted(5, 5)).toBe(true)
    state.followerAcknowledged({ nodeId: 2, brokerEpoch: 2, leaderEpoch: 1, durableEnd: 10, nowMillis: 0 })
    expect(state.isDeleted(5, 5)).toBe(false)
    state.followerFetched(fetch(2, 10, { brokerEpoch: 1, logStartOffset: 5 }), epochs)
    expect(state.isDeleted(5, 5)).toBe(false)
    state.followerFetched(fetch(2, 10, { brokerEpoch: 2, logStartOffset: 5 }), epochs)
    expect(state.isDeleted(5, 5)).toBe(true)
  })

  it("does not count the time that the leader slept", () => {
    const state = leading([1, 2, 3])
    state.followerFetched(fetch(2, 4, { nowMillis: 0 }), epochs)
    state.stalled(500, 560)
    expect(state.proposeIsr(560, 100)).toBeUndefined()
    expect(state.proposeIsr(600, 100)).toBeUndefined()
    expect(state.proposeIsr(661, 100)?.isr.map((it) => it.brokerId)).toEqual([1])
  })

  it("ignores stale views", () => {
    const state = leading([1, 2])
    state.becomeLeader(view({ isr: [1], minIsr: 1, partitionEpoch: 1 }), 0)
    expect(state.isr).toEqual([1, 2])
    expect(state.becomeFollower(view({ leader: 2, leaderEpoch: 0, partitionEpoch: 9 }))).toBe(false)
    expect(state.isLeader).toBe(true)
  })

  it("follows: takes the leader's high watermark up to its own durable end, and never truncates below it", () => {
    const state = opened()
    state.becomeFollower(view({ leader: 2, leaderEpoch: 3 }))
    state.stage(10)
    state.durable(6)
    expect(state.leaderHighWatermark(2, 9)).toBe(false)
    expect(state.leaderHighWatermark(3, 9)).toBe(true)
    expect(state.highWatermark).toBe(6)
    expect(() => state.truncateTo(5)).toThrow()
    state.truncateTo(6)
    expect([state.appendedEnd, state.durableEnd]).toEqual([6, 6])
    state.truncateTo(2, true)
    expect(state.highWatermark).toBe(2)
    // What the leader said counts as far as flushes go, and not in another epoch.
    state.stage(12)
    expect([state.durable(8), state.highWatermark]).toEqual([true, 8])
    state.becomeFollower(view({ leader: 2, leaderEpoch: 4 }))
    expect([state.durable(12), state.highWatermark]).toEqual([false, 8])
    state.startAt(40)
    expect([state.logStartOffset, state.highWatermark, state.durableEnd, state.appendedEnd]).toEqual([40, 40, 40, 40])
  })
})
