import { expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

it("a leader does not count what a follower flushed before it cut its log, however late that is told", async () => {
  const world = await ReplicaWorld.start({ nodes: 2 })
  await world.advance(200)
  world.elect(2)
  await world.advance(200)
  world.hub.setFaults(() => [])
  world.node(2).store.holdFlushes()
  for (let i = 0; i < 10; i++) world.produce(2, "lost", { timeoutMillis: 50 })
  await world.advance(1)
  let acknowledgementsLate = 0
  world.hub.setFaults(({ from, payloadBytes, to }) => {
    if (from === "2" && to === "1" && payloadBytes < 90 && acknowledgementsLate === 0) {
      acknowledgementsLate++
      return [25]
    }
    return [5]
  })
  world.elect(1)
  const kept = Array.from({ length: 12 }, (_, i) => world.produce(1, `kept ${i}`))
  await world.advance(3)
  world.node(2).store.releaseFlushes()
  await world.advance(4)
  world.node(2).store.holdFlushes()
  await world.advance(53)
  expect(acknowledgementsLate).toBe(1)
  expect(world.ends()).toEqual(["1: 0 0 12 12", "2: 0 0 0 12"])
  expect(kept.flat()).toEqual([])
  world.node(2).store.releaseFlushes()
  await world.advance(100)
  expect(kept.flat().map(({ errorCode }) => errorCode)).toEqual(kept.map(() => 0))
})
