import type { InteropRecord } from "./Records.ts"

/** What a writing client can express; the rest of the record is left out for that client, with the reason in the matrix. */
export interface Expressible {
  /** false: only text without line breaks and delimiters, and the same headers for long runs (command-line tools). */
  readonly binary: boolean
  readonly nullHeaderValue: boolean
  readonly timestamp: boolean
}

export interface SeededOptions {
  readonly seed: number
  readonly count: number
  readonly partitions: number
  readonly baseTimestamp: number
  readonly expressible: Expressible
}

/** 150 KiB: crosses the 32 KiB blocks of xerial snappy and the 64 KiB blocks of LZ4, and arrives in many TCP segments. */
const largeValueBytes = 150 * 1024

/** The records of a seed, with the offsets they must get when one producer writes them in order to empty partitions. */
export function seededRecords(options: SeededOptions): InteropRecord[] {
  const records: InteropRecord[] = []
  for (let i = 0; i < options.count; i++) {
    const random = generator(options.seed ^ Math.imul(i + 1, 0x9e3779b1))
    const shaped = options.expressible.binary ? binaryRecord(i, random) : textRecord(i, options.count, random)
    records.push({
      lane: i % options.partitions,
      offset: Math.floor(i / options.partitions),
      timestamp: options.expressible.timestamp ? options.baseTimestamp + i : -1,
      key: shaped.key,
      value: shaped.value,
      headers: options.expressible.nullHeaderValue ? shaped.headers : shaped.headers.map(([name, value]) => [name, value ?? Buffer.alloc(0)])
    })
  }
  return records
}

type Shaped = Pick<InteropRecord, "key" | "value" | "headers">

/** Null, empty and filled keys and values, headers that are repeated, empty, null and not UTF-8, and now and then a large value. */
function binaryRecord(i: number, random: () => number): Shaped {
  const key = Buffer.from(`key-${i}-${random().toString(36)}`)
  const value = i % 5000 === 700 ? bytesOf(random, largeValueBytes) : bytesOf(random, 20 + (random() % 160))
  switch (i % 10) {
    case 0: return { key: null, value, headers: [] }
    case 1: return { key, value: Buffer.alloc(0), headers: [] }
    case 2: return { key, value: null, headers: [] }
    case 3: return { key, value, headers: [["trace", Buffer.from(`trace-${random()}`)]] }
    case 4: return { key, value, headers: [
      ["trace", Buffer.from(`first-${i}`)], ["trace", Buffer.from("second")], ["empty", Buffer.alloc(0)], ["nil", null],
      ["größe", Buffer.from(Array.from({ length: 1 + (random() % 20) }, () => 0x80 + (random() % 0x80)))]
    ] }
    case 5: return { key: Buffer.alloc(0), value, headers: [] }
    default: return { key, value, headers: [] }
  }
}

/** Three runs: plain with null keys and empty values, then null values, then headers on every record. */
function textRecord(i: number, count: number, random: () => number): Shaped {
  const key = Buffer.from(`key-${i}`)
  const value = Buffer.from(`value ${i} größe ${random().toString(36).repeat(1 + (random() % 8))}`)
  const run = Math.floor((3 * i) / count)
  if (run === 1) return { key, value: i % 2 === 0 ? null : value, headers: [] }
  if (run === 2) return { key, value, headers: [["trace", Buffer.from("one")], ["trace", Buffer.from("two")], ["empty", Buffer.alloc(0)], ["nil", null]] }
  if (i % 5 === 0) return { key: null, value, headers: [] }
  return { key, value: i % 7 === 0 ? Buffer.alloc(0) : value, headers: [] }
}

/** Half noise and half repetition, so that compression has something to do and something to fail on. */
function bytesOf(random: () => number, length: number): Buffer {
  const bytes = Buffer.alloc(length, 0x61)
  for (let at = 0; at + 4 <= length; at += 8) bytes.writeUInt32LE(random(), at)
  return bytes
}

/** mulberry32: the same numbers everywhere for a seed. */
function generator(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
}
