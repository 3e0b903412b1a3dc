import { zeroUuid } from "@tailrace/kafka-protocol"
import { batch, type BatchFields, oldMessages, someDay } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

const unknownId = "BBBBBBBBBBBBBBBBBBBBBA"
const newest = 13

interface Target {
  readonly name: string
  readonly id: string
}

const one = (target: Target, records: Uint8Array | null, index = 0) => [{ name: target.name, topicId: target.id, partitionData: [{ index, records }] }]

/** Produce: acknowledgements, targets, and batches as wrong as they can be. */
export const produce: Scenario = {
  name: "produce",
  async run(peer) {
    for (const version of peer.versions("Produce", 3)) await targets(peer, await made(peer, `produce-${version}`, 2), version)
    await acknowledgements(peer, await made(peer, "produce-acks", 1))
    await wrongBatches(peer, await made(peer, "produce-wrong", wrong.length))
    await wrongBytes(peer, await made(peer, "produce-bytes", 1))
    await compressed(peer, await made(peer, "produce-codecs", 15))
  }
}

const made = async (peer: Peer, name: string, partitions: number): Promise<Target> => ({ name, id: await peer.topic(name, partitions) })

async function targets(peer: Peer, target: Target, version: number): Promise<void> {
  const body = { acks: -1, timeoutMs: 5_000 }
  const ask = (label: string, topicData: ReturnType<typeof one>, waitMillis = 10_000) => peer.ask(label, "Produce", version, { ...body, topicData }, { waitMillis })
  await ask("good", one(target, batch()))
  await ask("another partition", one(target, batch(), 1))
  await ask("unknown partition", one(target, batch(), 7))
  await ask("negative partition", one(target, batch(), -1))
  await ask("unknown topic", one({ name: "produce-none", id: unknownId }, batch()))
  await ask("empty topic", one({ name: "", id: zeroUuid }, batch()))
  await ask("bad topic", one({ name: "bad name", id: unknownId }, batch()))
  await ask("internal topic", one({ name: "__consumer_offsets", id: unknownId }, batch()))
  await ask("null records", one(target, null), 400)
  await ask("empty records", one(target, Buffer.alloc(0)))
  await ask("no topics", [])
  await ask("no partitions", [{ name: target.name, topicId: target.id, partitionData: [] }])
  await ask("good and unknown", [...one(target, batch()), ...one({ name: "produce-none", id: unknownId }, batch())])
  await ask("good and unknown partition", [{ name: target.name, topicId: target.id, partitionData: [{ index: 0, records: batch() }, { index: 9, records: batch() }] }])
  await ask("two batches", one(target, Buffer.concat([batch(), batch()])))
  await peer.ask("what is there", "ListOffsets", 7, { replicaId: -1, isolationLevel: 0, topics: [{ name: target.name, partitions: [{ partitionIndex: 0, timestamp: -1 }, { partitionIndex: 1, timestamp: -1 }] }] })
  await ask("partition twice", [{ name: target.name, topicId: target.id, partitionData: [{ index: 0, records: batch() }, { index: 0, records: batch() }] }])
  await ask("topic twice", [...one(target, batch()), ...one(target, batch(), 1)])
  await peer.ask("transactional id", "Produce", version, { ...body, transactionalId: "produce-t", topicData: one(target, batch()) })
  await peer.ask("empty transactional id", "Produce", version, { ...body, transactionalId: "", topicData: one(target, batch()) })
}

async function acknowledgements(peer: Peer, target: Target): Promise<void> {
  for (const version of peer.versions("Produce", 3)) {
    for (const acks of [1, -1, 2, -2, 127]) {
      await peer.ask(`acks ${acks}`, "Produce", version, { acks, timeoutMs: 1_000, topicData: one(target, batch()) })
      await peer.ask(`acks ${acks} unknown`, "Produce", version, { acks, timeoutMs: 1_000, topicData: one({ name: "produce-none", id: unknownId }, batch()) })
    }
  }
  for (const timeoutMs of [0, -1, -2147483648]) {
    for (const acks of [1, -1]) await peer.ask(`timeout ${timeoutMs} acks ${acks}`, "Produce", newest, { acks, timeoutMs, topicData: one(target, batch()) })
  }
  const none = { acks: 0, timeoutMs: 1_000 }
  for (const [label, topicData] of [["good", one(target, batch())], ["unknown topic", one({ name: "produce-none", id: unknownId }, batch())], ["bad crc", one(target, batch({ crc: 1 }))],
    ["null records", one(target, null)], ["no topics", []]] as const) {
    for (const version of [3, 9, 13]) {
      // Open before both: they are to travel on one connection, the second behind the first.
      await peer.wire("zero")
      void peer.ask(`acks 0 ${label}`, "Produce", version, { ...none, topicData }, { on: "zero", waitMillis: 250 })
      await peer.ask(`after acks 0 ${label}`, "FindCoordinator", 0, { key: "x" }, { on: "zero", waitMillis: 3_000 })
      peer.drop("zero")
    }
  }
}

const wrong: ReadonlyArray<readonly [string, BatchFields]> = [
  ["magic 0", { magic: 0 }], ["magic 1", { magic: 1 }], ["magic 3", { magic: 3 }], ["magic -1", { magic: -1 }],
  ["crc", { crc: 12345 }], ["length shorter", { length: 40 }], ["length 0", { length: 0 }], ["length negative", { length: -1 }], ["length longer", { length: 5000 }], ["length one longer", { length: 57 + 1 }],
  ["count 0", { count: 0 }], ["count too large", { count: 2 }], ["count negative", { count: -1 }], ["count 2 of 3", { records: [{}, {}, {}], count: 2 }],
  ["last offset delta 1", { lastOffsetDelta: 1 }], ["last offset delta -1", { lastOffsetDelta: -1 }], ["count and delta 5 for 1", { count: 5, lastOffsetDelta: 4 }],
  ["no records", { records: [], count: 0, lastOffsetDelta: 0 }], ["no records delta -1", { records: [], count: 0, lastOffsetDelta: -1 }],
  ["base offset 7", { baseOffset: 7 }], ["base offset -1", { baseOffset: -1 }], ["leader epoch 5", { leaderEpoch: 5 }],
  ["control", { attributes: 0x20 }], ["transactional", { attributes: 0x10 }], ["transactional with producer", { attributes: 0x10, producerId: 1, producerEpoch: 0, baseSequence: 0 }],
  ["log append time", { attributes: 0x08 }], ["delete horizon", { attributes: 0x40 }], ["unused attribute", { attributes: 0x80 }], ["attribute 0x4000", { attributes: 0x4000 }],
  ["codec 5", { attributes: 5 }], ["codec 7", { attributes: 7 }], ["codec gzip of plain", { attributes: 1 }], ["codec zstd of plain", { attributes: 4 }], ["codec snappy of plain", { attributes: 2 }], ["codec lz4 of plain", { attributes: 3 }],
  ["base timestamp -1", { baseTimestamp: -1, maxTimestamp: -1 }], ["base timestamp negative", { baseTimestamp: -5, maxTimestamp: -5 }], ["max timestamp wrong", { maxTimestamp: someDay + 99 }], ["max timestamp lower", { maxTimestamp: someDay - 99 }],
  ["max timestamp -1", { maxTimestamp: -1 }], ["far future", { baseTimestamp: 4_000_000_000_000 }], ["offset deltas wrong", { records: [{ offsetDelta: 1 }, { offsetDelta: 0 }] }], ["offset delta gap", { records: [{}, { offsetDelta: 5 }], lastOffsetDelta: 5 }],
  ["offset delta of one is 3", { records: [{ offsetDelta: 3 }] }], ["null key and value", { records: [{ key: null, value: null }] }], ["payload empty", { payload: Buffer.alloc(0) }], ["payload rubbish", { payload: Buffer.from("ffffffffffffffff", "hex") }],
  ["payload too long", { payload: Buffer.from("10000000000276000000", "hex") }], ["producer without epoch", { producerId: 5 }], ["producer without sequence", { producerId: 5, producerEpoch: 0 }],
  ["epoch without producer", { producerEpoch: 1 }], ["sequence without producer", { baseSequence: 3 }], ["producer negative", { producerId: -2, producerEpoch: 0, baseSequence: 0 }],
  ["too large", { records: [{ value: "x".repeat(1_100_000) }] }]
]

async function wrongBatches(peer: Peer, target: Target): Promise<void> {
  for (const [index, [label, fields]] of wrong.entries()) {
    for (const version of [3, 7, 8, 10, newest]) await peer.ask(label, "Produce", version, { acks: -1, timeoutMs: 5_000, topicData: one(target, batch(fields), index) })
    await peer.ask(`after ${label}`, "ListOffsets", 7, { replicaId: -1, isolationLevel: 0, topics: [{ name: target.name, partitions: [{ partitionIndex: index, timestamp: -1 }] }] })
    await peer.ask(`after ${label}`, "Fetch", 12, { maxWaitMs: 0, minBytes: 0, topics: [{ topic: target.name, partitions: [{ partition: index, fetchOffset: 0, partitionMaxBytes: 100_000 }] }] })
  }
}

async function wrongBytes(peer: Peer, target: Target): Promise<void> {
  const more: ReadonlyArray<readonly [string, Buffer]> = [
    ["bytes behind the batch", Buffer.concat([batch(), Buffer.from("0000")])], ["half a batch", batch().subarray(0, 40)], ["one byte", Buffer.alloc(1)], ["seventeen bytes", Buffer.alloc(17)], ["zeros", Buffer.alloc(100)],
    ["batch and half", Buffer.concat([batch(), batch().subarray(0, 30)])], ["good and bad crc", Buffer.concat([batch(), batch({ crc: 1 })])],
    ["messages of magic 0", oldMessages(0, ["a", "b"])], ["messages of magic 1", oldMessages(1, ["a", "b"])], ["magic 0 gzip", oldMessages(0, ["a", "b"], true)], ["magic 1 gzip", oldMessages(1, ["a", "b"], true)]
  ]
  for (const [label, records] of more) {
    for (const version of [3, 7, 8, newest]) await peer.ask(label, "Produce", version, { acks: -1, timeoutMs: 5_000, topicData: one(target, records) })
  }
}

async function compressed(peer: Peer, target: Target): Promise<void> {
  for (const compression of [0, 1, 2, 3, 4]) {
    for (const version of peer.versions("Produce", 3)) {
      await peer.ask(`codec ${compression}`, "Produce", version, { acks: 1, timeoutMs: 5_000, topicData: one(target, batch({ compression, records: [{ value: "a" }, { value: "b" }] }), compression * 3) })
      await peer.ask(`codec ${compression} count too large`, "Produce", version, { acks: 1, timeoutMs: 5_000, topicData: one(target, batch({ compression, count: 3, lastOffsetDelta: 2, records: [{ value: "a" }, { value: "b" }] }), compression * 3 + 1) })
      await peer.ask(`codec ${compression} offsets wrong`, "Produce", version, { acks: 1, timeoutMs: 5_000, topicData: one(target, batch({ compression, records: [{ offsetDelta: 1 }, { offsetDelta: 0 }] }), compression * 3 + 2) })
    }
  }
}
