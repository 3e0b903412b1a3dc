import { describe, expect, it } from "vitest"
import { registerBroker, unregisterBroker } from "../src/index.ts"
import { type TestCluster, uuid } from "./cluster.ts"
import { state, withTopic } from "./withTopic.ts"

describe("the metadata", () => {
  it("refuses a storage with an epoch that the metadata never granted: the metadata is the older of the two", () => {
    const cluster = withTopic([1, 2])
    cluster.fence(2)
    const before = cluster.records
    const previousBrokerEpoch = cluster.epochOf(2)
    expect(cluster.restart(2, 2, { previousBrokerEpoch: previousBrokerEpoch + 1 })).toBe(-1)
    expect([cluster.records, cluster.epochOf(2)]).toEqual([before, previousBrokerEpoch])
    expect(cluster.restart(2, 2, { previousBrokerEpoch })).toBe(before)
    const register = (epoch: number) => registerBroker(cluster.image, {
      brokerId: 7, incarnationId: uuid(7), endPoints: [], rack: null, logDirs: [uuid(7)], startClass: 1, previousBrokerEpoch: epoch
    }, cluster.context).response.errorCode
    // Of one that was unregistered while it was away.
    expect([register(cluster.records - 1), register(cluster.records)]).toEqual([0, 119])
  })

  it("believes a storage that has any broker epoch since the last one that it served in, and none of before", () => {
    const isLost = (previousOf: (before: number, served: number, stored: number) => number): boolean => {
      const cluster = withTopic([2])
      const before = cluster.restart(2, 2)
      const served = cluster.restart(2, 3)
      cluster.heartbeat(2)
      // In the next one it came as far as to store its epoch, in the one behind it not even that.
      const stored = cluster.restart(2, 4)
      cluster.restart(2, 5)
      cluster.restart(2, 6, { previousBrokerEpoch: previousOf(before, served, stored) })
      // What is left of the only replica leads all the same, and is known to lack something.
      cluster.heartbeat(2)
      return cluster.partition("t").leaderRecoveryState === 1
    }
    expect([isLost((before) => before), isLost((_, served) => served), isLost((_, __, stored) => stored)]).toEqual([true, false, false])
  })
})

describe("another controller", () => {
  const key = "storage.commits.2"
  const storage = (cluster: TestCluster) => cluster.image.config(0, "").get(key)

  it.each(["fenced", "stopped", "registered anew"] as const)("knows what was heard of a storage before its broker was %s", (how) => {
    const returnsWith = (commitSequence: number) => {
      const cluster = withTopic([2, 3], { "min.insync.replicas": "2" }, [1, 2, 3])
      cluster.fence(3)
      cluster.heartbeat(2, { commitSequence: 150 })
      if (how === "fenced") cluster.fence(2)
      else if (how === "registered anew") cluster.restart(2, 2, { commitSequence: 150 })
      else {
        do cluster.heartbeat(1)
        while (!cluster.heartbeat(2, { wantShutDown: true, commitSequence: 150 }).shouldShutDown)
      }
      expect(storage(cluster)).toBe("150")
      cluster.changeController()
      cluster.restart(2, 3, { commitSequence })
      return state(cluster)
    }
    expect([returnsWith(149), returnsWith(150)]).toEqual([[-1, [], [3], [2]], [-1, [2], [3], []]])
  })

  it("is not told again what it knows, and counts anew with another directory", () => {
    const cluster = withTopic([1, 2, 3])
    cluster.heartbeat(2)
    cluster.fence(2)
    expect(storage(cluster)).toBe("100")
    cluster.changeController()
    for (let i = 0; i < 2; i++) cluster.heartbeat(2)
    const before = cluster.records
    // Nothing but the fencing itself.
    cluster.fence(2)
    expect([cluster.records - before, storage(cluster)]).toEqual([1, "100"])
    cluster.restart(2, 2, { startClass: 0, logDirs: [uuid(5)], previousBrokerEpoch: -1, commitSequence: 3 })
    expect(storage(cluster)).toBeUndefined()
    cluster.heartbeat(2, { commitSequence: 4 })
    cluster.fence(2)
    expect(storage(cluster)).toBe("4")
    cluster.apply(unregisterBroker(cluster.image, { brokerId: 2 }, cluster.context))
    expect(storage(cluster)).toBeUndefined()
  })
})
