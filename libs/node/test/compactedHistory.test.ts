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
