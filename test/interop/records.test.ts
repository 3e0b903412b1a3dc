import { describe, expect, it } from "vitest"
import { decodeRecords, encodeRecord, firstDifference } from "./src/Records.ts"
import type { InteropRecord } from "./src/Records.ts"
import { seededRecords } from "./src/Seeded.ts"

const options = { seed: 1, count: 2_000, partitions: 3, baseTimestamp: 1_000, expressible: { binary: true, nullHeaderValue: true, timestamp: true } }

describe("the records that the clients exchange", () => {
  it("survive the file, also when its last record is cut off", () => {
    const records = seededRecords(options)
    const file = Buffer.concat(records.map(encodeRecord))
    expect(decodeRecords(file)).toEqual(records)
    expect(decodeRecords(file.subarray(0, file.length - 1))).toEqual(records.slice(0, -1))
  })

  it("hold null, empty and repeated parts, and are the same for the same seed", () => {
    const records = seededRecords(options)
    expect(records.some((record) => record.key === null) && records.some((record) => record.key?.length === 0)).toBe(true)
    expect(records.some((record) => record.value === null) && records.some((record) => record.value?.length === 0)).toBe(true)
    expect(records.some((record) => record.headers.some(([name, value]) => name === "nil" && value === null))).toBe(true)
    expect(seededRecords(options)).toEqual(records)
    expect(seededRecords({ ...options, seed: 2 })).not.toEqual(records)
  })

  it("are told apart by every part of them", () => {
    const record: InteropRecord = { lane: 0, offset: 1, timestamp: 2, key: Buffer.from("k"), value: null, headers: [["a", null]] }
    const against = (change: Partial<InteropRecord>): string | undefined => firstDifference([record], [{ ...record, ...change }])
    expect(against({})).toBeUndefined()
    expect(against({ offset: 2 })).toMatch(/offset/)
    expect(against({ timestamp: 3 })).toMatch(/timestamp/)
    expect(against({ key: null })).toMatch(/key/)
    expect(against({ value: Buffer.alloc(0) })).toMatch(/value/)
    expect(against({ headers: [["a", Buffer.alloc(0)]] })).toMatch(/headers/)
    expect(firstDifference([record], [])).toMatch(/ends after 0 of 1/)
    expect(firstDifference([], [record])).toMatch(/too many/)
  })
})
