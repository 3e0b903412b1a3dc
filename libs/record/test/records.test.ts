import { describe, expect, it } from "vitest"
import { Batch, BatchBuilder, CorruptRecordError, readRecords, type RecordInput } from "../src/index.ts"
import { codecs, randomFrom, time, variedRecords } from "./support.ts"

const randomRecord = (next: (bound: number) => number): RecordInput => {
  const field = () => next(5) === 0 ? null : Buffer.alloc(next(next(10) === 0 ? 9000 : 40), next(256))
  return {
    timestamp: time + next(2 ** 32) - 2 ** 31, key: field(), value: field(),
    headers: Array.from({ length: next(4) }, () => ({ key: "h".repeat(next(200)), value: field() }))
  }
}

const build = (records: ReadonlyArray<RecordInput>, compression: 0 | 1): Buffer => {
  const builder = new BatchBuilder({ codecs, compression, baseOffset: 40 })
  for (const record of records) expect(builder.append(record)).toBe(true)
  return builder.build()
}

describe("records", () => {
  it("come back as they went in (20 seeds)", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const next = randomFrom(seed)
      const records = Array.from({ length: 1 + next(60) }, () => randomRecord(next))
      const batch = build(records, seed % 2 === 0 ? 1 : 0)
      const read = [...readRecords(batch, 0, codecs)]
      expect(read, `seed ${seed}`).toEqual(records.map((record, index) => ({ ...record, offset: 40 + index })))
      expect(Batch.maxTimestamp(batch, 0)).toBe(Math.max(...records.map((record) => record.timestamp)))
    }
  })

  it("never read outside their batch: every changed byte gives records or a CorruptRecordError", () => {
    const batch = build(variedRecords(2), 0)
    const between = Buffer.concat([Buffer.alloc(50, 2), batch, Buffer.alloc(50, 2)])
    let refused = 0
    for (let at = 50 + Batch.headerBytes; at < 50 + batch.length; at++) {
      for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
        const changed = Buffer.from(between)
        changed.writeUInt8(value, at)
        try {
          for (const record of readRecords(changed, 50, codecs)) {
            expect((record.key?.length ?? 0) + (record.value?.length ?? 0)).toBeLessThan(batch.length)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CorruptRecordError)
          refused++
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
  })

  it("names what is wrong", () => {
    const record = (hex: string, count = 1, lastOffsetDelta = 0): string => {
      const batch = Buffer.concat([build([{ timestamp: 1 }], 0).subarray(0, Batch.headerBytes), Buffer.from(hex, "hex")])
      batch.writeInt32BE(batch.length - 12, 8)
      batch.writeInt32BE(lastOffsetDelta, 23)
      batch.writeInt32BE(count, 57)
      try {
        return `${[...readRecords(batch, 0, codecs)].length} records`
      } catch (error) {
        return (error as CorruptRecordError).reason
      }
    }
    expect(record("0c000000010100")).toBe("1 records")
    expect(record("0c00000001010000")).toBe("trailing")
    expect(record("0c000000010100", 2)).toBe("count")
    expect(record("0e000000010100")).toBe("length")
    expect(record("0c0000000101000c000000010100", 2, 1)).toBe("offset")
    expect(record("0c0000000101000c000002010100", 2, 1)).toBe("2 records")
    expect(record("0c000002010100")).toBe("offset")
    expect(record("0c000000030100")).toBe("key")
    expect(record("0c000000010600")).toBe("value")
    expect(record("0c000000010102")).toBe("headers")
    expect(record("10000000010102010100")).toBe("headers")
    expect(record("0c00ffffffffffff")).toBe("varint")
    expect(record("1e00ffffffffffffffffff01010100ff")).toBe("timestamp")
  })

  it("keep the limit for decompressed bytes", () => {
    const batch = build(variedRecords(100), 1)
    expect(() => [...readRecords(batch, 0, codecs, { outputBytesMax: 500 })]).toThrow("limit")
  })
})
