import { ErrorCode } from "@tailrace/kafka-protocol"
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

it("a leader that does not know yet what is committed does not say of any time that nothing came after it", async () => {
  const world = await ReplicaWorld.start()
  await world.advance(10)
  world.produce(1, "a")
  await world.advance(500)
  const sent = world.produce(1, "b", { records: 5 })
  for (let i = 0; sent.length === 0 && i < 100; i++) await world.advance(1)
  expect(sent[0]).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 1 })
  world.hub.setFaults(() => [])
  world.elect(2)
  await world.advance(1)
  const [actor] = world.node(2).actors
  expect(actor!.highWatermark).toBe(1)
  const notAvailable = { errorCode: ErrorCode.OFFSET_NOT_AVAILABLE, offset: -1 }
  for (const timestamp of [-1, -3, 1_003, 5_000]) expect(await actor!.offsetForTimestamp(timestamp, -1)).toMatchObject(notAvailable)
  expect(await actor!.offsetForTimestamp(1_000, -1)).toMatchObject({ errorCode: ErrorCode.NONE, offset: 0 })
  world.goodNetwork()
  await world.advance(1_000)
  const found = []
  for (const timestamp of [-1, -3, 1_003, 5_000]) found.push(await actor!.offsetForTimestamp(timestamp, -1))
  expect(found.map(({ errorCode, offset }) => [errorCode, offset])).toEqual([[0, 6], [0, 5], [0, 4], [0, -1]])
})

it("as in Kafka the newest record is told where the high watermark has passed it, though it may lag", async () => {
  const world = await ReplicaWorld.start()
  await world.advance(10)
  world.produce(1, "the newest", { records: 5 })
  await world.advance(500)
  const sent = world.produce(1, "older")
  for (let i = 0; sent.length === 0 && i < 100; i++) await world.advance(1)
  world.hub.setFaults(() => [])
  world.elect(2)
  await world.advance(1)
  const [actor] = world.node(2).actors
  expect(await actor!.offsetForTimestamp(-1, -1)).toMatchObject({ errorCode: ErrorCode.OFFSET_NOT_AVAILABLE })
  expect(await actor!.offsetForTimestamp(-3, -1)).toMatchObject({ errorCode: ErrorCode.NONE, offset: 4, timestamp: 1_004 })
})
