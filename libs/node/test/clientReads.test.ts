import { expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

it("offsets come with a leader epoch: the one in force for the end of the log, as in Kafka, elsewhere that of the batch", async () => {
  const world = await ReplicaWorld.start()
  await world.advance(10)
  world.produce(1, "a")
  await world.advance(50)
  world.elect(2)
  await world.advance(50)
  const [actor] = world.node(2).actors
  const { leaderEpoch } = actor!
  expect(await actor!.offsetForTimestamp(-1, -1)).toMatchObject({ offset: 1, leaderEpoch })
  expect(await actor!.offsetForTimestamp(-2, -1)).toMatchObject({ offset: 0, leaderEpoch: leaderEpoch - 1 })
})
