import { Reader } from "./Reader.ts"
import { Writer } from "./Writer.ts"

/**
 * Data messages live in records' keys and values with their version as an int16 in front: the log of groups and offsets, and the
 * consumer protocol's subscriptions and assignments.
 */
export const Versioned = {
  /** The version in front; for keys of the log of groups and offsets it also says what kind of record it is. */
  versionOf(bytes: Buffer): number {
    return new Reader(bytes).int16()
  },

  encode<Value>(encode: (writer: Writer, version: number, value: Value) => void, version: number, value: Value): Buffer {
    const writer = new Writer(256)
    writer.int16(version)
    encode(writer, version, value)
    return writer.body()
  },

  /**
   * A version above `versionMax` is read as `versionMax`: fields are only ever appended to messages that travel between clients of
   * different ages. Leave `versionMax` out to refuse versions that the message does not have.
   */
  decode<Value>(decode: (reader: Reader, version: number) => Value, bytes: Buffer, versionMax = Infinity): Value {
    const reader = new Reader(bytes)
    return decode(reader, Math.min(reader.int16(), versionMax))
  },
} as const
