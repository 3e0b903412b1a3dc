import { isDeepStrictEqual } from "node:util"
import { describe, expect, it } from "vitest"
import { ProtocolError, Reader, Writer } from "../src/index.ts"
import { type Golden, codecOf, decodedOf, goldens, messages, valueOf } from "./support/goldens.ts"

const definitions = messages()
const all = goldens()
const byMessage = Map.groupBy(all, (golden) => golden.name)

function decode(golden: Golden, bytes: Buffer): { value: unknown; rest: number } {
  const reader = new Reader(bytes)
  const value = codecOf(golden.name).decode(reader, golden.version)
  return { value, rest: reader.remainingBytes }
}

function encode(golden: Golden, value: unknown): Buffer {
  const writer = new Writer(16)
  codecOf(golden.name).encode(writer, golden.version, value)
  return writer.body()
}

describe("bytes that Kafka's own classes wrote", () => {
  it("exist for every message and version", () => {
    const missing: Array<string> = []
    for (const { name, versions } of definitions.values()) {
      const seen = new Set(byMessage.get(name)?.map((golden) => golden.version))
      // The key of an offset is the same under both of its versions; Kafka writes 1.
      const min = name === "OffsetCommitKey" ? 1 : versions.min
      for (let version = min; version <= versions.max; version++) if (!seen.has(version)) missing.push(`${name} ${version}`)
    }
    expect(missing).toEqual([])
  })

  describe.each([...definitions.keys()])("%s", (name) => {
    const message = definitions.get(name)!
    const own = byMessage.get(name) ?? []

    it("decodes to the same fields, tags nobody knows skipped", () => {
      for (const golden of own) {
        const expected = decodedOf(golden.value, message.struct, golden.version)
        for (const base64 of [golden.bytes, golden.withUnknownTags]) {
          if (base64 === undefined) continue
          const decoded = decode(golden, Buffer.from(base64, "base64"))
          // The slow comparison with a readable difference only when the quick one fails.
          if (!isDeepStrictEqual(decoded.value, expected)) expect(decoded.value, `version ${golden.version} ${golden.variant}`).toEqual(expected)
          expect(decoded.rest).toBe(0)
        }
      }
    })

    it("encodes to the same bytes, from its fields and from what was decoded", () => {
      for (const golden of own) {
        const expected = golden.bytes
        const label = `version ${golden.version} ${golden.variant}`
        expect(encode(golden, valueOf(golden.value, message.struct, golden.version)).toString("base64"), label).toBe(expected)
        expect(encode(golden, decodedOf(golden.value, message.struct, golden.version)).toString("base64"), label).toBe(expected)
      }
    })

    it("fails with a ProtocolError wherever it is cut off", () => {
      for (const golden of own) {
        if (golden.variant !== "random") continue
        const bytes = Buffer.from(golden.withUnknownTags ?? golden.bytes, "base64")
        for (let end = bytes.length - 1; end >= 0; end -= 1 + (end >> 6)) {
          let failure: unknown
          try {
            decode(golden, bytes.subarray(0, end))
          } catch (error) {
            failure = error
          }
          if (!(failure instanceof ProtocolError)) expect.fail(`version ${golden.version} cut off at ${end}: ${String(failure)}`)
        }
      }
    })
  })
})
