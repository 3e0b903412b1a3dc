import { describe, expect, it } from "vitest"
import { Int64RangeError, Varint } from "../src/index.ts"
import { randomFrom } from "./support.ts"

/** The definition, in BigInt. */
const zigzag = (value: number): ReadonlyArray<number> => {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: Array<number> = []
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128)
    rest >>= 7n
  }
  return [...bytes, Number(rest)]
}

const interesting = (bits: number): ReadonlyArray<number> => {
  const values = [0]
  for (let bit = 0; bit < bits; bit++) for (const near of [-1, 0, 1]) values.push(2 ** bit + near, -(2 ** bit) + near)
  return values.filter((value) => value >= -(2 ** bits) && value < 2 ** bits && Number.isSafeInteger(value))
}

describe("Varint", () => {
  it("writes and reads int64 as the definition says", () => {
    const next = randomFrom(7)
    const random = Array.from({ length: 500 }, () => (next(2) === 0 ? 1 : -1) * (next(2 ** 21) * 2 ** 32 + next(2 ** 32)))
    const buffer = Buffer.alloc(12)
    for (const value of [...interesting(53), ...random, Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER]) {
      const end = Varint.writeInt64(buffer, 1, value)
      expect([...buffer.subarray(1, end)]).toEqual(zigzag(value))
      expect([Varint.readInt64(buffer, 1, 12), Varint.endOf(buffer, 1, 12), Varint.int64Bytes(value)]).toEqual([value, end, end - 1])
    }
  })

  it("writes and reads int32 as the definition says", () => {
    const buffer = Buffer.alloc(6)
    for (const value of interesting(31)) {
      const end = Varint.writeInt32(buffer, 0, value)
      expect([...buffer.subarray(0, end)]).toEqual(zigzag(value))
      expect([Varint.readInt32(buffer, 0, 6), Varint.endOf(buffer, 0, 6), Varint.int32Bytes(value)]).toEqual([value, end, end])
    }
  })

  it("refuses integers that end too early, are too long or do not fit", () => {
    const bytes = (hex: string) => Buffer.from(hex, "hex")
    expect(() => Varint.readInt32(bytes("8080"), 0, 2)).toThrow("truncated")
    expect(() => Varint.readInt64(bytes("8001"), 0, 1)).toThrow("truncated")
    expect(() => Varint.readInt32(bytes("808080808001"), 0, 6)).toThrow("too long")
    expect(() => Varint.readUnsigned(bytes("ffffffff10"), 0, 5)).toThrow("too long")
    expect(() => Varint.endOf(bytes("80".repeat(11)), 0, 11)).toThrow("too long")
    expect(() => Varint.readInt64(bytes("feffffffffffffffff01"), 0, 10)).toThrow(Int64RangeError)
    expect(() => Varint.readInt64(bytes("ffffffffffffffffff01"), 0, 10)).toThrow(Int64RangeError)
  })

  it("reads encodings that are longer than needed, and finds their end", () => {
    const padded = Buffer.from("82808000", "hex")
    expect([Varint.readInt32(padded, 0, 4), Varint.readInt64(padded, 0, 4), Varint.endOf(padded, 0, 4)]).toEqual([1, 1, 4])
  })
})
