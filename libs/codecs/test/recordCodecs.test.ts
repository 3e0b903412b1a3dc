import { describe, expect, it } from "vitest"
import { gzipSync, zstdCompressSync } from "node:zlib"
import { Batch, BatchBuilder, CompressionType, DecompressionError, readRecords } from "@tailrace/record"
import { compressSync as compressRawSnappy } from "snappy"
import { recordCodecs } from "../src/index.ts"
import { golden, randomFrom, repeatedText } from "./support.ts"

const mebibyte = 1 << 20
const types = Object.entries(CompressionType)
const compressing = types.filter(([, type]) => type !== CompressionType.none)

const failureOf = (type: CompressionType, bytes: Uint8Array, outputBytesMax = mebibyte): string => {
  try {
    return `${recordCodecs.decompress(type, bytes, outputBytesMax).length} bytes`
  } catch (error) {
    expect(error).toBeInstanceOf(DecompressionError)
    expect((error as DecompressionError).compressionType).toBe(type)
    return (error as DecompressionError).reason
  }
}

describe("crc32c", () => {
  it("is the Castagnoli polynomial, unsigned", () => {
    expect(recordCodecs.crc32c(Buffer.from("123456789"))).toBe(0xe3069283)
    expect(recordCodecs.crc32c(Buffer.from("xx123456789").subarray(2))).toBe(0xe3069283)
  })
})

describe("batches that Apache Kafka compressed", () => {
  const time = 1_700_000_000_000
  it.each([["gzip", 20_000], ["snappy", 20_000], ["lz4", 20_000], ["zstd", 20_000], ["transactional", 30]] as const)("%s", (name, repeats) => {
    const batch = golden(`${name}.batch`)
    expect(Batch.check(batch, 0, batch.length, recordCodecs.crc32c)).toBeUndefined()
    const records = [...readRecords(batch, 0, recordCodecs)]
    expect(records.map((record) => [record.key?.toString(), record.value?.toString(), record.timestamp - time])).toEqual([
      ["key", "value", 0], [undefined, "no key", 5], ["tombstone", undefined, -7], ["", "", 1000],
      ["headers", "x", 2000], ["long", "abcdefgh".repeat(repeats), 86_400_000 * 365]
    ])
    expect(records[4]?.headers.map((header) => [header.key, header.value?.toString()])).toEqual([
      ["a", "1"], ["a", "2"], ["null", undefined], ["empty", ""], ["ünï", "cödé"]
    ])
    if (name === "transactional") {
      expect([Batch.producerId(batch, 0), Batch.producerEpoch(batch, 0), Batch.isTransactional(batch, 0)])
        .toEqual([Number.MAX_SAFE_INTEGER, 32767, true])
    }
  })
})

describe("every codec", () => {
  it.each(types)("%s gives back what it got, at its limit and not below it", (_name, type) => {
    const next = randomFrom(3)
    const inputs = [
      Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(5 * mebibyte, 7), repeatedText(5, 300_000),
      Buffer.from(Array.from({ length: 100_000 }, () => next(256))), new Uint8Array(Buffer.from("a view").buffer, 0, 6)
    ]
    for (const input of inputs) {
      const compressed = recordCodecs.compress(type, input)
      expect(recordCodecs.decompress(type, compressed, input.length).equals(input)).toBe(true)
      if (input.length > 0) expect(failureOf(type, compressed, input.length - 1)).toBe("limit")
    }
  })

  it.each(compressing)("%s refuses bytes that are cut off or not its own", (_name, type) => {
    const compressed = recordCodecs.compress(type, repeatedText(9, 100_000))
    for (const end of [1, 5, 8, 12, 20, compressed.length - 3, compressed.length - 1]) {
      expect(failureOf(type, compressed.subarray(0, end)), `${end} bytes`).toBe("corrupt")
    }
    expect(failureOf(type, Buffer.alloc(0))).toBe("corrupt")
    expect(failureOf(type, Buffer.alloc(50, 0xfe))).toBe("corrupt")
  })

  it.each(compressing)("%s answers or throws DecompressionError for damaged bytes", (_name, type) => {
    const compressed = recordCodecs.compress(type, repeatedText(13, 70_000))
    const next = randomFrom(17)
    for (let round = 0; round < 300; round++) {
      const damaged = Buffer.from(compressed)
      for (let count = 1 + next(4); count > 0; count--) damaged.writeUInt8(next(256), next(damaged.length))
      failureOf(type, damaged)
    }
  })

  it("compresses batches that the builder made", () => {
    for (const [, type] of types) {
      const builder = new BatchBuilder({ codecs: recordCodecs, compression: type })
      for (let index = 0; index < 500; index++) builder.append({ timestamp: index, key: `${index}`, value: "v".repeat(index) })
      const batch = builder.build()
      expect(Batch.check(batch, 0, batch.length, recordCodecs.crc32c)).toBeUndefined()
      expect([...readRecords(batch, 0, recordCodecs)].map((record) => record.value?.length)).toEqual(Array.from({ length: 500 }, (_, index) => index))
    }
  })

  it.each(types)("%s takes no limit for none", (_name, type) => {
    expect(failureOf(type, recordCodecs.compress(type, Buffer.from("text")), Infinity)).toBe("4 bytes")
  })

  it("has no codec for the unassigned numbers", () => {
    expect(failureOf(5 as CompressionType, Buffer.from("x"))).toBe("unsupported")
  })
})

describe("forms that other clients write", () => {
  it("one raw block of snappy (librdkafka)", () => {
    const text = repeatedText(21, 200_000)
    expect(recordCodecs.decompress(CompressionType.snappy, compressRawSnappy(text), text.length).equals(text)).toBe(true)
  })

  it("framed snappy streams one behind the other", () => {
    const twice = Buffer.concat([recordCodecs.compress(2, Buffer.from("one ")), recordCodecs.compress(2, Buffer.from("two"))])
    expect(recordCodecs.decompress(2, twice, 100).toString()).toBe("one two")
  })

  it("zstd frames one behind the other, and frames to be skipped", () => {
    const skipped = Buffer.from("502a4d1804000000abcdabcd", "hex")
    const frames = [skipped, zstdCompressSync("one "), zstdCompressSync(""), skipped, zstdCompressSync("two"), skipped]
    expect(recordCodecs.decompress(4, Buffer.concat(frames), 7).toString()).toBe("one two")
    expect(failureOf(4, Buffer.concat(frames), 6)).toBe("limit")
    expect(failureOf(4, Buffer.concat([...frames, Buffer.from("rest")]))).toBe("corrupt")
    // Each frame costs more than its bytes.
    expect(failureOf(4, Buffer.concat(Array.from({ length: 100_000 }, () => skipped)))).toBe("unsupported")
  })

  it.each(["linked-blocks", "content-size", "large-blocks"])("the lz4 frame %s of the reference tool", (name) => {
    const frame = golden(`${name}.lz4`)
    const text = repeatedText(11, 200_000)
    expect(recordCodecs.decompress(CompressionType.lz4, frame, text.length).equals(text)).toBe(true)
    expect(failureOf(CompressionType.lz4, frame, text.length - 1)).toBe("limit")
  })

  it("the lz4 frame that Java's reader demands", () => {
    const frame = recordCodecs.compress(CompressionType.lz4, Buffer.alloc(9 * mebibyte, 1))
    // Version 1, independent blocks, no checksums, no content size.
    expect(frame.readUInt8(4)).toBe(0x60)
    expect(frame.readUInt32LE(frame.length - 4)).toBe(0)
  })
})

describe("decompression bombs", () => {
  const zeros = Buffer.alloc(64 * mebibyte)
  it.each([
    ["gzip", CompressionType.gzip, gzipSync(zeros)],
    ["zstd", CompressionType.zstd, zstdCompressSync(zeros)],
    ["snappy", CompressionType.snappy, recordCodecs.compress(2, zeros)],
    ["raw snappy", CompressionType.snappy, compressRawSnappy(zeros)],
    ["lz4", CompressionType.lz4, recordCodecs.compress(3, zeros)]
  ] as const)("%s stops at the limit without allocating the output", (_name, type, bomb) => {
    const before = process.memoryUsage()
    expect(failureOf(type, bomb)).toBe("limit")
    const after = process.memoryUsage()
    expect(after.external + after.arrayBuffers - before.external - before.arrayBuffers).toBeLessThan(8 * mebibyte)
  })

  it("a raw snappy header that lies is refused before anything is allocated", () => {
    expect(failureOf(CompressionType.snappy, Buffer.from("ffffffff0f00", "hex"), 2 ** 32)).toBe("corrupt")
  })
})
