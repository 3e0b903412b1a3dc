import { describe, expect, it } from "vitest"
import { checkProducedBatches } from "../src/index.ts"
import type { ProduceRules } from "../src/index.ts"
import { batch, crc32c, seeded } from "./batches.ts"

const nowMillis = 1_000_000
const rules: ProduceRules = {
  batchBytesMax: 1000, segmentBytes: 2000, usesLogAppendTime: false,
  timestampBeforeMaxMillis: 500_000, timestampAfterMaxMillis: 60_000
}
const sent = (input = {}): Buffer => batch({ count: 3, timestamp: nowMillis, ...input })
const resealed = (change: (b: Buffer) => void, input = {}): Buffer => {
  const b = sent(input)
  change(b)
  b.writeUInt32BE(crc32c(b.subarray(21)), 17)
  return b
}
const codeOf = (records: Buffer | null, more: Partial<ProduceRules> = {}, version = 11): number =>
  checkProducedBatches(records, version, { ...rules, ...more }, nowMillis, crc32c)?.errorCode ?? 0

describe("checkProducedBatches", () => {
  it.each([
    ["a plain batch", sent(), {}, 11, 0],
    ["an idempotent batch", sent({ producerId: 5, baseSequence: 0 }), {}, 11, 0],
    ["null", null, {}, 11, 87],
    ["no bytes", Buffer.alloc(0), {}, 11, 87],
    ["less than a header", sent().subarray(0, 60), {}, 11, 87],
    ["a batch cut short", sent().subarray(0, 70), {}, 11, 87],
    ["less than a magic byte", sent().subarray(0, 16), {}, 11, 87],
    ["a small message of an old format", Buffer.concat([Buffer.alloc(8), Buffer.from([0, 0, 0, 14]), Buffer.alloc(14)]), {}, 11, 87],
    ["a length below a header", resealed((b) => b.writeInt32BE(10, 8)), {}, 11, 2],
    ["a negative length", resealed((b) => b.writeInt32BE(-100, 8)), {}, 11, 2],
    ["two batches", Buffer.concat([sent(), sent()]), {}, 11, 87],
    ["bytes behind the batch", Buffer.concat([sent(), Buffer.alloc(3)]), {}, 11, 87],
    ["magic 1", resealed((b) => b.writeInt8(1, 16)), {}, 11, 87],
    ["magic 3", resealed((b) => b.writeInt8(3, 16)), {}, 11, 2],
    ["a flipped bit", (() => { const b = sent(); b[80]! ^= 1; return b })(), {}, 11, 2],
    ["larger than max.message.bytes", sent(), { batchBytesMax: 90 }, 11, 10],
    ["exactly max.message.bytes", sent(), { batchBytesMax: sent().length }, 11, 0],
    ["larger than a segment", sent(), { segmentBytes: 90 }, 11, 18],
    ["zstd", resealed((b) => b.writeInt16BE(4, 21)), {}, 7, 0],
    ["zstd in an old version", resealed((b) => b.writeInt16BE(4, 21)), {}, 6, 76],
    ["an unknown codec", resealed((b) => b.writeInt16BE(5, 21)), {}, 11, 76],
    ["a control batch", sent({ isControl: true }), {}, 11, 87],
    ["a delete horizon", resealed((b) => b.writeInt16BE(64, 21)), {}, 11, 87],
    ["a transactional batch", sent({ isTransactional: true, producerId: 5, baseSequence: 0 }), {}, 11, 48],
    ["a producer that sets LogAppendTime", resealed((b) => b.writeInt16BE(8, 21)), {}, 11, 32],
    ["the same on a LogAppendTime topic", resealed((b) => b.writeInt16BE(8, 21)), { usesLogAppendTime: true }, 11, 32],
    ["no records", resealed((b) => { b.writeInt32BE(0, 57); b.writeInt32BE(-1, 23) }), {}, 11, 87],
    ["a count that does not fit the delta", resealed((b) => b.writeInt32BE(3, 23)), {}, 11, 87],
    ["more records than bytes", resealed((b) => { b.writeInt32BE(300, 57); b.writeInt32BE(299, 23) }), {}, 11, 87],
    ["a base offset", sent({ baseOffset: 9 }), {}, 11, 87],
    ["any leader epoch", sent({ leaderEpoch: 42 }), {}, 11, 0],
    ["a producer id without a sequence", sent({ producerId: 5 }), {}, 11, 87],
    ["a producer id without an epoch", sent({ producerId: 5, producerEpoch: -1, baseSequence: 0 }), {}, 11, 87],
    ["a producer id beyond exact numbers", resealed((b) => b.writeInt32BE(0x7fff_ffff, 43)), {}, 11, 87],
    ["no timestamps", resealed((b) => { b.fill(0xff, 27, 43) }), {}, 11, 0],
    ["a negative timestamp", resealed((b) => { b.fill(0xff, 27, 43); b.writeInt8(-2, 42) }), {}, 11, 32],
    ["too old", sent({ timestamp: nowMillis - 500_001 }), {}, 11, 32],
    ["just not too old", sent({ timestamp: nowMillis - 500_000 }), {}, 11, 0],
    ["a first record that is too old", resealed((b) => b.writeInt32BE(0, 31)), {}, 11, 32],
    ["from the future", sent({ timestamp: nowMillis + 60_000 }), {}, 11, 32],
    ["just not from the future", sent({ timestamp: nowMillis + 59_998 }), {}, 11, 0],
    ["any time on a LogAppendTime topic", sent({ timestamp: 5 }), { usesLogAppendTime: true }, 11, 0]
  ])("answers %s", (_, records, more, version, expected) => {
    expect(codeOf(records, more, version)).toBe(expected)
  })

  it("never throws, whatever the bytes are", () => {
    const next = seeded(7)
    for (let round = 0; round < 3000; round++) {
      const b = sent({ producerId: 5, baseSequence: 0 })
      for (let i = next(4); i >= 0; i--) b[next(b.length)] = next(256)
      if (next(2) === 0) b.writeUInt32BE(crc32c(b.subarray(21)), 17)
      const records = next(4) === 0 ? b.subarray(0, next(b.length)) : b
      expect([0, 2, 10, 18, 32, 48, 76, 87]).toContain(codeOf(records))
    }
  })
})
