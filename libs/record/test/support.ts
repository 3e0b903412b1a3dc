import { readFileSync } from "node:fs"
import { type RecordCodecs, type RecordInput } from "../src/index.ts"

const table = new Uint32Array(256).map((_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = (value & 1) !== 0 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** CRC-32C bit by bit of the definition: the tests of this room need no native package. */
export const crc32c = (bytes: Uint8Array): number => {
  let crc = 0xffff_ffff
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 255] ?? 0)
  return (crc ^ 0xffff_ffff) >>> 0
}

/** Codec 1 stands for compression: every byte is inverted, and the limit is kept. */
export const codecs: RecordCodecs = {
  crc32c,
  compress: (type, bytes) => type === 0 ? Buffer.from(bytes) : Buffer.from(bytes.map((byte) => byte ^ 255)),
  decompress: (_type, bytes, outputBytesMax) => {
    if (bytes.length > outputBytesMax) throw new Error("limit")
    return Buffer.from(bytes.map((byte) => byte ^ 255))
  }
}

export const golden = (name: string): Buffer => readFileSync(new URL(`golden/${name}.batch`, import.meta.url))

/** mulberry32: the same numbers for the same seed. */
export const randomFrom = (seed: number) => {
  let state = seed >>> 0
  return (boundExclusive: number): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000 * boundExclusive)
  }
}

export const time = 1_700_000_000_000

/** The first five are in every golden batch, the last differs in length. */
export const variedRecords = (longRepeats: number): ReadonlyArray<RecordInput> => [
  { timestamp: time, key: "key", value: "value" },
  { timestamp: time + 5, key: null, value: "no key" },
  { timestamp: time - 7, key: "tombstone", value: null },
  { timestamp: time + 1000, key: "", value: "" },
  {
    timestamp: time + 2000, key: "headers", value: "x",
    headers: [
      { key: "a", value: "1" }, { key: "a", value: "2" }, { key: "null", value: null },
      { key: "empty", value: "" }, { key: "ünï", value: "cödé" }
    ]
  },
  { timestamp: time + 86_400_000 * 365, key: "long", value: "abcdefgh".repeat(longRepeats) }
]
