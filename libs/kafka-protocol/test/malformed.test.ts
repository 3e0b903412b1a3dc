import { describe, expect, it } from "vitest"
import {
  ProtocolError, type ProtocolErrorReason, Reader, decodeFetchRequest, decodeListGroupsRequest, decodeMetadataRequest, decodeProduceRequest,
  decodeTopicRecord, encodeMetadataRequest, Writer,
} from "../src/index.ts"
import { codecOf, goldens } from "./support/goldens.ts"
import { randomFrom } from "./support/random.ts"

function reasonOf(run: () => unknown): ProtocolErrorReason | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (error instanceof ProtocolError) return error.reason
    throw error
  }
}

function flexible(...bytes: Array<number>): Reader {
  const reader = new Reader(Buffer.from(bytes))
  reader.flexible = true
  return reader
}

const plain = (...bytes: Array<number>): Reader => new Reader(Buffer.from(bytes))

describe("malformed bytes", () => {
  it("cannot announce more elements than the bytes that follow can hold", () => {
    // Metadata 0: an array of 2^31-1 names in a message of 8 bytes.
    expect(reasonOf(() => decodeMetadataRequest(plain(0x7f, 0xff, 0xff, 0xff, 0, 1, 65, 0), 0))).toBe("element-count")
    // Metadata 12: a topic takes at least 18 bytes, and 17 follow.
    expect(reasonOf(() => decodeMetadataRequest(flexible(2, ...Array<number>(17).fill(0)), 12))).toBe("element-count")
    expect(reasonOf(() => decodeMetadataRequest(flexible(2, ...Array<number>(18).fill(0), 1, 0, 0), 12))).toBe(undefined)
  })

  it("cannot hold more elements than the limit, over all arrays", () => {
    const bytes = Buffer.from([0, 0, 0, 4, ...Array<number>(8).fill(0), 0, 0])
    expect(reasonOf(() => decodeMetadataRequest(new Reader(bytes, 0, bytes.length, 4), 0))).toBe(undefined)
    expect(reasonOf(() => decodeMetadataRequest(new Reader(bytes, 0, bytes.length, 3), 0))).toBe("element-count")
    const twice = Buffer.from([3, 1, 1, 3, 1, 1, 0])
    expect(reasonOf(() => decodeListGroupsRequest(new Reader(twice, 0, twice.length, 4), 5))).toBe(undefined)
    expect(reasonOf(() => decodeListGroupsRequest(new Reader(twice, 0, twice.length, 3), 5))).toBe("element-count")
  })

  it("cannot have negative lengths, nor null where it is not legal", () => {
    expect(reasonOf(() => decodeMetadataRequest(plain(0xff, 0xff, 0xff, 0xff), 0))).toBe("negative-length")
    expect(decodeMetadataRequest(plain(0xff, 0xff, 0xff, 0xff), 1).topics).toBe(null)
    expect(reasonOf(() => decodeMetadataRequest(plain(0xff, 0xff, 0xff, 0xfe), 1))).toBe("negative-length")
    expect(reasonOf(() => plain(0xff, 0xff).string())).toBe("negative-length")
    expect(reasonOf(() => plain(0xff, 0xfe).nullableString())).toBe("negative-length")
    expect(reasonOf(() => plain(0x80, 0, 0, 0).nullableBytes())).toBe("negative-length")
    expect(reasonOf(() => flexible(0).string())).toBe("negative-length")
    expect(reasonOf(() => flexible(0).bytes())).toBe("negative-length")
  })

  it("cannot announce strings and byte fields beyond the message", () => {
    expect(reasonOf(() => plain(0x7f, 0xff, 0xff, 0xff, 1).bytes())).toBe("truncated")
    expect(reasonOf(() => plain(0x7f, 0xff, 1).string())).toBe("truncated")
    expect(reasonOf(() => flexible(0xff, 0xff, 0xff, 0xff, 0x0f, 1).bytes())).toBe("truncated")
    const long = Buffer.alloc(40_000)
    long.set([0x81, 0x80, 0x02])
    const reader = new Reader(long)
    reader.flexible = true
    expect(reasonOf(() => reader.string())).toBe("string-length")
  })

  it("cannot have varints of more than 32 bits", () => {
    expect(flexible(0xff, 0xff, 0xff, 0xff, 0x0f).uvarint()).toBe(0xffff_ffff)
    expect(reasonOf(() => flexible(0xff, 0xff, 0xff, 0xff, 0x1f).uvarint())).toBe("varint")
    expect(reasonOf(() => flexible(0x80, 0x80, 0x80, 0x80, 0x80, 0).uvarint())).toBe("varint")
    expect(reasonOf(() => flexible(0x80).uvarint())).toBe("truncated")
  })

  it("cannot have 64-bit numbers that a double would round", () => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64BE(2n ** 53n - 1n)
    expect(new Reader(bytes).int64()).toBe(Number.MAX_SAFE_INTEGER)
    bytes.writeBigInt64BE(-(2n ** 53n) + 1n)
    expect(new Reader(bytes).int64()).toBe(Number.MIN_SAFE_INTEGER)
    for (const outside of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      bytes.writeBigInt64BE(outside)
      expect(reasonOf(() => new Reader(bytes).int64())).toBe("int64-range")
    }
  })

  it("cannot have more tagged fields than the limit, or tags whose size is a lie", () => {
    const tags = (count: number): Buffer => Buffer.concat([Buffer.from([(count & 0x7f) | 0x80, count >> 7]), Buffer.alloc(count * 2, 0)])
    expect(reasonOf(() => new Reader(tags(1_024)).skipTags())).toBe(undefined)
    expect(reasonOf(() => new Reader(tags(1_025)).skipTags())).toBe("tag-count")
    expect(reasonOf(() => plain(3, 9, 0, 9, 0).skipTags())).toBe("tag-count")
    expect(reasonOf(() => plain(1, 9, 5, 1, 2).skipTags())).toBe("truncated")
    // Fetch 12, whose tag 0 is a nullable string: null in a field of one byte, then of two bytes.
    const fetch = (...tag: Array<number>): Reader => plain(...Array<number>(25).fill(0), 1, 1, 1, ...tag)
    expect(reasonOf(() => decodeFetchRequest(fetch(1, 0, 1, 0), 12))).toBe(undefined)
    expect(reasonOf(() => decodeFetchRequest(fetch(1, 0, 2, 0, 0), 12))).toBe("tag-size")
    // Its content may not reach beyond its size, even when the message goes on.
    expect(reasonOf(() => decodeFetchRequest(fetch(1, 0, 2, 3, 65, 65), 12))).toBe("truncated")
  })

  it("are bounded by the reader's end, not by the buffer's", () => {
    const writer = new Writer()
    encodeMetadataRequest(writer, 12, { topics: null })
    const bytes = Buffer.concat([writer.body(), Buffer.alloc(64)])
    const length = writer.sizeInBytes
    const reader = new Reader(bytes, 0, length)
    expect(decodeMetadataRequest(reader, 12).topics).toBe(null)
    expect(reader.remainingBytes).toBe(0)
    expect(reasonOf(() => decodeMetadataRequest(new Reader(bytes, 0, length - 1), 12))).toBe("truncated")
  })

  it("of a version that there is not are refused", () => {
    expect(reasonOf(() => decodeProduceRequest(plain(0), 14))).toBe("version")
    expect(reasonOf(() => decodeFetchRequest(plain(0), 3))).toBe("version")
    expect(reasonOf(() => decodeTopicRecord(plain(0), 1))).toBe("version")
  })

  it("made from good ones by damage decode or fail with a ProtocolError", () => {
    const random = randomFrom(20_261_124)
    for (const golden of goldens()) {
      if (golden.variant !== "random2") continue
      const { decode } = codecOf(golden.name)
      const good = Buffer.from(golden.withUnknownTags ?? golden.bytes, "base64")
      for (let round = 0; round < 40 && good.length > 0; round++) {
        const bytes = Buffer.from(good)
        for (let flips = 1 + random(3); flips > 0; flips--) {
          bytes[random(bytes.length)] = [0x00, 0x7f, 0x80, 0xff, random(256)][random(5)]!
        }
        reasonOf(() => decode(new Reader(bytes), golden.version))
      }
    }
  })
})
