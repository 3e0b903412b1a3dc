import { describe, expect, it } from "vitest"
import { Batch, BatchBuilder, Int64, Int64RangeError } from "../src/index.ts"
import { codecs, crc32c, golden } from "./support.ts"

const batchOf = (count: number): Buffer => {
  const builder = new BatchBuilder({ codecs })
  for (let index = 0; index < count; index++) builder.append({ timestamp: 1000 + index, value: `v${index}` })
  return builder.build()
}

const withFields = (change: (batch: Buffer) => void): Buffer => {
  const batch = batchOf(3)
  change(batch)
  batch.writeUInt32BE(crc32c(batch.subarray(Batch.crcCoversFrom)), 17)
  return batch
}

const faultOf = (batch: Buffer, end = batch.length) => Batch.check(batch, 0, end, crc32c)

describe("Batch.check", () => {
  it("says truncated for every shorter end", () => {
    const batch = batchOf(3)
    for (let end = 0; end < batch.length; end++) expect(faultOf(batch, end)).toBe("truncated")
    expect(faultOf(batch)).toBeUndefined()
  })

  it("finds every changed byte behind the CRC", () => {
    const batch = batchOf(3)
    for (let at = Batch.crcCoversFrom; at < batch.length; at++) {
      const changed = Buffer.from(batch)
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at)
      expect(faultOf(changed)).toBe("crc")
    }
  })

  it("names impossible fields even when the CRC is right", () => {
    const faults = [
      withFields((b) => b.writeInt32BE(48, 8)), withFields((b) => b.writeInt32BE(-1, 8)),
      withFields((b) => b.writeInt8(1, 16)), withFields((b) => b.writeInt32BE(-1, 57)),
      withFields((b) => b.writeInt32BE(4, 57)), withFields((b) => { b.writeInt32BE(9, 23); b.writeInt32BE(9, 57) }),
      withFields((b) => b.writeInt32BE(0x200000, 0)), withFields((b) => b.writeInt32BE(0x200000, 43)),
      withFields((b) => Int64.writeInt64(b, 0, Number.MAX_SAFE_INTEGER - 2))
    ].map((batch) => faultOf(batch))
    expect(faults).toEqual(["length", "length", "magic", "count", "count", "count", "range", "range", "range"])
  })
})

describe("Batch in place", () => {
  it("assigns offset and epoch without touching the CRC", () => {
    const batch = batchOf(3)
    Batch.assign(batch, 0, 5_000_000_000, 12)
    expect(faultOf(batch)).toBeUndefined()
    expect([Batch.baseOffset(batch, 0), Batch.lastOffset(batch, 0), Batch.leaderEpoch(batch, 0)])
      .toEqual([5_000_000_000, 5_000_000_002, 12])
  })

  it("walks whole batches and answers where it stopped", () => {
    const log = Buffer.concat([Buffer.alloc(5), batchOf(1), batchOf(2), golden("none")])
    const walk = (to: number) => {
      const counts: Array<number> = []
      const stopped = Batch.forEach(log, 5, to, (at) => counts.push(Batch.recordCount(log, at)))
      return { counts, stopped }
    }
    const lastAt = log.length - golden("none").length
    expect(walk(log.length)).toEqual({ counts: [1, 2, 6], stopped: log.length })
    expect(walk(log.length - 1)).toEqual({ counts: [1, 2], stopped: lastAt })
    log.writeInt32BE(-5, lastAt + 8)
    expect(walk(log.length)).toEqual({ counts: [1, 2], stopped: lastAt })
  })

  it("keeps to its limit but takes a first record of any size", () => {
    const builder = new BatchBuilder({ codecs, bytesMax: 200 })
    const large = { timestamp: 1, value: "x".repeat(10_000) }
    expect([builder.append(large), builder.append({ timestamp: 1, value: "y" })]).toEqual([true, false])
    const small = new BatchBuilder({ codecs, bytesMax: 200 })
    let count = 0
    while (small.append({ timestamp: 1, value: "0123456789" })) count++
    expect(small.build().length).toBeLessThanOrEqual(200)
    expect(count).toBe(8)
  })
})

describe("Int64", () => {
  it("is exact up to ±(2^53-1) and an error beyond", () => {
    const bytes = Buffer.alloc(8)
    const safe = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, -(2 ** 32), -(2 ** 32) - 1, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]
    for (const value of safe) {
      Int64.writeInt64(bytes, 0, value)
      expect(bytes.readBigInt64BE(0)).toBe(BigInt(value))
      expect([Int64.readInt64(bytes, 0), Int64.isSafeInt64(bytes, 0)]).toEqual([value, true])
    }
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      bytes.writeBigInt64BE(value)
      expect(() => Int64.readInt64(bytes, 0)).toThrow(Int64RangeError)
      expect(Int64.isSafeInt64(bytes, 0)).toBe(false)
    }
    expect(() => Int64.writeInt64(bytes, 0, 2 ** 53)).toThrow(Int64RangeError)
  })
})
