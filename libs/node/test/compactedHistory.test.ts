import { logConfigDefaults } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import { expect, it } from "vitest"
import { ReplicaWorld } from "./ReplicaWorld.ts"

it("a follower goes on behind a leader whose history knows an epoch only from its first batch that compaction has left", async () => {
  const world = await ReplicaWorld.start({ nodes: 3 })
  world.hub.setFaults(() => [])
  world.elect(1, { isr: [1], minIsr: 1 })
  await world.advance(10)
  for (const value of ["a", "b"]) world.produce(1, value)
  await world.advance(10)
  world.elect(1)
  for (const value of ["c", "d", "e"]) world.produce(1, value)
  await world.advance(10)
  const [leader, next, behind] = [1, 2, 3].map((id) => world.node(id).actors[0]!)
  const { chunks } = await leader!.log.read(0, 1_000_000, 5, true)
  const batches: Array<Buffer> = []
  for (const chunk of chunks) Batch.forEach(chunk, 0, chunk.length, (at, size) => void batches.push(chunk.subarray(at, at + size)))
  // The one was filled from a log out of which c and d were compacted, the other before that; it missed the last record.
  const fetched = { leaderEpoch: leader!.leaderEpoch, baseOffset: 0, prevEpoch: -1, highWatermark: 0, logStartOffset: 0 }
  expect(next!.appendFetched({ ...fetched, batches: Buffer.concat([0, 1, 4].map((at) => batches[at]!)) })).toBe("appended")
  expect(behind!.appendFetched({ ...fetched, batches: Buffer.concat(batches.slice(0, 4)) })).toBe("appended")
  await world.advance(10)
  world.goodNetwork()
  world.elect(2, { isr: [2] })
  await world.advance(2_000)
  expect([behind!.log.appendedEnd, behind!.log.durableEnd]).toEqual([5, 5])
})

/** Two batches in each of the first two epochs, and one in the third. The second node has what a compaction has left of it, the third the first four. */
async function worldOfEpochs(cleanupPolicy: "compact" | "delete") {
  const world = await ReplicaWorld.start({ nodes: 3 })
  world.hub.setFaults(() => [])
  for (const values of [["a", "b"], ["c", "d"], ["e"]]) {
    world.elect(1, { isr: [1], minIsr: 1 })
    await world.advance(10)
    for (const value of values) world.produce(1, value)
    await world.advance(10)
  }
  const [leader, next, behind] = [1, 2, 3].map((id) => world.node(id).actors[0]!)
  for (const actor of [leader!, next!, behind!]) actor.log.config = { ...logConfigDefaults, cleanupPolicy }
  const batches = await world.node(1).batches()
  const fetched = { leaderEpoch: leader!.leaderEpoch, baseOffset: 0, prevEpoch: -1, highWatermark: 4, logStartOffset: 0 }
  expect(next!.appendFetched({ ...fetched, batches: Buffer.concat([0, 1, 4].map((at) => batches[at]!)) })).toBe("appended")
  expect(behind!.appendFetched({ ...fetched, batches: Buffer.concat(batches.slice(0, 4)) })).toBe("appended")
  await world.advance(10)
  expect(behind!.highWatermark).toBe(4)
  world.goodNetwork()
  world.elect(2, { isr: [2], minIsr: 1 })
  await world.advance(2_000)
  return { world, behind: behind! }
}

it("a follower goes on behind a leader for which compaction has left nothing of the follower's last epoch", async () => {
  const { behind, world } = await worldOfEpochs("compact")
  expect([behind.log.appendedEnd, behind.log.durableEnd, behind.highWatermark]).toEqual([5, 5, 5])
  // What is committed here stays, and from here on the histories agree.
  expect((await world.node(3).batches()).map((batch) => Batch.baseOffset(batch, 0))).toEqual([0, 1, 2, 3, 4])
  world.produce(2, "f")
  await world.advance(100)
  expect(behind.highWatermark).toBe(6)
})

it("where nothing is ever compacted such a leader lacks what is committed, and the follower keeps it", async () => {
  const { behind } = await worldOfEpochs("delete")
  expect([behind.log.appendedEnd, behind.highWatermark]).toEqual([4, 4])
})
