import { describe, expect, it } from "vitest"
import { Batch, BatchBuilder, readRecords } from "../src/index.ts"
import { codecs, crc32c, golden, time, variedRecords } from "./support.ts"

const text = (bytes: Buffer | null): string | null => bytes === null ? null : bytes.toString()

const plain = (batch: Buffer) => [...readRecords(batch, 0, codecs)].map((record) => ({
  offset: record.offset, timestamp: record.timestamp, key: text(record.key), value: text(record.value),
  headers: record.headers.map((header) => ({ key: header.key, value: text(header.value) }))
}))

const expected = (baseOffset: number, timestamp?: number) => variedRecords(30).map((record, index) => ({
  offset: baseOffset + index, timestamp: timestamp ?? record.timestamp, key: record.key, value: record.value,
  headers: record.headers ?? []
}))

describe("batches written by Apache Kafka", () => {
  it("reads a plain batch and builds the same bytes", () => {
    const batch = golden("none")
    expect(Batch.check(batch, 0, batch.length, crc32c)).toBeUndefined()
    expect([Batch.baseOffset(batch, 0), Batch.lastOffset(batch, 0), Batch.leaderEpoch(batch, 0)]).toEqual([100, 105, 7])
    expect([Batch.producerId(batch, 0), Batch.baseSequence(batch, 0), Batch.lastSequence(batch, 0)]).toEqual([-1, -1, -1])
    expect(plain(batch)).toEqual(expected(100))

    const builder = new BatchBuilder({ codecs, baseOffset: 100, leaderEpoch: 7 })
    for (const record of variedRecords(30)) expect(builder.append(record)).toBe(true)
    expect(builder.build().equals(batch)).toBe(true)
  })

  it("reads LogAppendTime, and stamping gives the same bytes", () => {
    const batch = golden("log-append-time")
    expect(Batch.check(batch, 0, batch.length, crc32c)).toBeUndefined()
    expect(Batch.usesLogAppendTime(batch, 0)).toBe(true)
    expect(plain(batch)).toEqual(expected(5, time + 42))

    const stamped = golden("none")
    Batch.assign(stamped, 0, 5, 7)
    Batch.stampLogAppendTime(stamped, 0, time + 42, crc32c)
    expect(stamped.equals(batch)).toBe(true)
  })

  it("reads idempotent fields with a sequence that wraps, and builds the same bytes", () => {
    const batch = golden("idempotent")
    expect(Batch.check(batch, 0, batch.length, crc32c)).toBeUndefined()
    expect([Batch.producerId(batch, 0), Batch.producerEpoch(batch, 0)]).toEqual([4_000_000_000, 3])
    expect([Batch.baseSequence(batch, 0), Batch.lastSequence(batch, 0)]).toEqual([2_147_483_646, 3])

    const builder = new BatchBuilder({ codecs, leaderEpoch: 7 })
    for (const record of variedRecords(30)) builder.append(record)
    const built = builder.build({ producerId: 4_000_000_000, producerEpoch: 3, baseSequence: 2_147_483_646 })
    expect(built.equals(batch)).toBe(true)
  })

  it("reads the marker of a transaction", () => {
    const batch = golden("end-transaction")
    expect(Batch.check(batch, 0, batch.length, crc32c)).toBeUndefined()
    expect([Batch.isControl(batch, 0), Batch.isTransactional(batch, 0), Batch.baseSequence(batch, 0)]).toEqual([true, true, -1])
    const [marker, ...rest] = [...readRecords(batch, 0, codecs)]
    expect(rest).toEqual([])
    expect([marker?.offset, marker?.key?.toString("hex"), marker?.value?.toString("hex")])
      .toEqual([77, "00000001", "000000000009"])
  })

  it("reads a batch that compaction emptied", () => {
    const batch = golden("empty")
    expect(Batch.check(batch, 0, batch.length, crc32c)).toBeUndefined()
    expect([Batch.baseOffset(batch, 0), Batch.lastOffset(batch, 0), Batch.recordCount(batch, 0)]).toEqual([10, 14, 0])
    expect(plain(batch)).toEqual([])
  })
})
