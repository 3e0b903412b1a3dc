import type { DeleteRecordsOutcome } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { describe, expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

describe("records", () => {
  it("are deleted for good once that is durable wherever the next leader may come from", async () => {
    const world = await ReplicaWorld.start()
    world.elect(1, { isr: [1, 2] })
    for (let i = 0; i < 4; i++) world.produce(1, "x", { records: 5 })
    await world.advance(500)
    const outcomes: Array<DeleteRecordsOutcome> = []
    const remove = (offset: number, timeoutMillis: number): void =>
      void world.node(1).actors[0]!.deleteRecords(offset, timeoutMillis).then((outcome) => outcomes.push(outcome))
    // The third is not in sync, and deaf.
    world.hub.setFaults(({ subject }) => subject.includes(".3.") ? [] : [0])
    world.node(2).store.holdFlushes()
    remove(13, 60_000)
    remove(7, 3_000)
    await world.advance(1_000)
    world.produce(1, "y", { acks: 1 })
    await world.advance(1_000)
    expect([outcomes, world.ends()[0], world.ends()[1]]).toEqual([[], "1: 13 20 21 21", "2: 13 20 20 21"])
    await world.advance(2_000)
    expect(outcomes).toEqual([{ errorCode: ErrorCode.REQUEST_TIMED_OUT, lowWatermark: -1 }])
    world.node(2).store.releaseFlushes()
    await world.advance(50)
    expect(outcomes.slice(1)).toEqual([{ errorCode: 0, lowWatermark: 13 }])
    world.crash(2)
    expect((await world.startNode(2)).actors[0]!.logStartOffset).toBe(13)
    // A new uptime has to say it again; whoever leaves the set is not waited for.
    remove(14, 60_000)
    await world.advance(1_000)
    expect(outcomes.length).toBe(2)
    world.change({ isr: [1], minIsr: 1 })
    world.node(1).apply(world.views, world.brokerEpochs)
    await world.advance(1)
    expect(outcomes.slice(2)).toEqual([{ errorCode: 0, lowWatermark: 14 }])
    world.elect(1, { isr: [1, 2] })
    world.hub.setFaults(() => [])
    remove(15, 60_000)
    await world.advance(1_000)
    world.elect(2)
    await world.advance(1)
    expect(outcomes.slice(3)).toEqual([{ errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, lowWatermark: -1 }])
  })
})
