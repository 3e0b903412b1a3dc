import { recordCodecs } from "@tailrace/codecs"
import type { AppendOutcome } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import { Batch, BatchBuilder } from "@tailrace/record"
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

it("what a client leaves out of a batch, the newest of its times, is written into it as Kafka's brokers do", async () => {
  const world = await ReplicaWorld.start()
  await world.advance(10)
  const [actor] = world.node(1).actors
  const produce = (compression: 0 | 2, change: (batch: Buffer) => void = () => {}): ReadonlyArray<AppendOutcome> => {
    const builder = new BatchBuilder({ codecs: recordCodecs, compression })
    for (const timestamp of [5_000, 7_000, 6_000]) builder.append({ timestamp, value: "x" })
    const batch = builder.build()
    batch.fill(0xff, 35, 43)
    change(batch)
    batch.writeUInt32BE(recordCodecs.crc32c(batch.subarray(Batch.crcCoversFrom)), 17)
    const outcomes: Array<AppendOutcome> = []
    actor!.append(batch, { acks: -1, timeoutMillis: 1_000, produceVersion: 9 }, (outcome) => outcomes.push(outcome))
    return outcomes
  }
  for (const compression of [0, 2] as const) produce(compression)
  await world.advance(50)
  world.elect(2)
  await world.advance(50)
  const [later] = world.node(2).actors
  expect(await later!.offsetForTimestamp(-3, -1)).toMatchObject({ errorCode: 0, offset: 1, timestamp: 7_000 })
  expect(await later!.offsetForTimestamp(6_500, -1)).toMatchObject({ errorCode: 0, offset: 1, timestamp: 7_000 })
  world.elect(1)
  await world.advance(50)
  actor!.rules = { ...actor!.rules, timestampAfterMaxMillis: 6_500 - world.clock.wallMillis() }
  expect(produce(0)).toMatchObject([{ errorCode: ErrorCode.INVALID_TIMESTAMP }])
  const broken = produce(2, (batch) => batch.fill(0x80, Batch.headerBytes))
  expect(broken).toMatchObject([{ errorCode: ErrorCode.INVALID_RECORD }])
  expect(actor!.log.appendedEnd).toBe(6)
})
