import { describe, expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

describe("replicas of one partition", () => {
  it("follow what the leader stages, and acks=all waits for the flush of the followers", async () => {
    const world = await ReplicaWorld.start()
    await world.advance(10)
    world.node(2).store.holdFlushes()
    const first = world.produce(1, "a")
    const one = world.produce(1, "b", { acks: 1 })
    await world.advance(50)
    expect(world.ends().map((it) => it.slice(3))).toEqual(["0 0 2 2", "0 0 0 2", "0 0 2 2"])
    expect([first.length, one.map((it) => it.errorCode)]).toEqual([0, [0]])
    world.node(2).store.releaseFlushes()
    await world.advance(10)
    expect(first.map((it) => [it.errorCode, it.baseOffset])).toEqual([[0, 0]])
    await world.advance(200)
    expect(world.ends().map((it) => it.slice(3))).toEqual(["0 2 2 2", "0 2 2 2", "0 2 2 2"])
    const logs = await Promise.all([1, 2, 3].map((id) => world.node(id).batches()))
    expect(logs[1]).toEqual(logs[0])
    expect(logs[2]).toEqual(logs[0])
  })
})
