import { ProtocolError, type ProtocolErrorReason } from "./ProtocolError.ts"
import { zeroUuid } from "./internal/codec.ts"

/**
 * Elements that the arrays of one message may hold together where its reader is not told another limit. Bounds what a small message can make us
 * allocate. Metadata of a large cluster has millions, so who reads requests of strangers gives less.
 */
export const elementsMax = 4_194_304
/** Tagged fields per struct. Kafka has defined fewer than ten for any struct. */
export const taggedFieldsMax = 1_024
/** Kafka's own limit, for the compact encoding too. */
export const stringBytesMax = 32_767

/**
 * Reads protocol types from `buffer[position, end)`. Every read is checked against `end` before it allocates, and fails with
 * `ProtocolError`. Byte fields are views of the buffer, not copies.
 */
export class Reader {
  readonly buffer: Buffer
  position: number
  end: number
  /** Compact lengths, as in flexible versions. The codecs set it. */
  flexible = false
  #elementsLeft: number

  constructor(buffer: Buffer, start = 0, end = buffer.length, elementsLimit = elementsMax) {
    this.buffer = buffer
    this.position = start
    this.end = end
    this.#elementsLeft = elementsLimit
  }

  get remainingBytes(): number {
    return this.end - this.position
  }

  fail(reason: ProtocolErrorReason, value: number): never {
    throw new ProtocolError(reason, this.position, value)
  }

  /** Reserves `bytes` bytes and answers where they begin. */
  take(bytes: number): number {
    const at = this.position
    if (bytes > this.end - at) this.fail("truncated", bytes)
    this.position = at + bytes
    return at
  }

  boolean(): boolean {
    return this.buffer[this.take(1)] !== 0
  }

  int8(): number {
    return (this.buffer[this.take(1)]! << 24) >> 24
  }

  int16(): number {
    const at = this.take(2)
    const bytes = this.buffer
    return (((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16
  }

  uint16(): number {
    const at = this.take(2)
    const bytes = this.buffer
    return (bytes[at]! << 8) | bytes[at + 1]!
  }

  int32(): number {
    const at = this.take(4)
    const bytes = this.buffer
    return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  }

  /** A 64-bit integer as a number. Outside +-(2^53-1) it fails rather than rounds. */
  int64(): number {
    const high = this.int32()
    const low = this.int32() >>> 0
    const value = high * 4_294_967_296 + low
    if (!Number.isSafeInteger(value)) this.fail("int64-range", value)
    return value
  }

  /** Unsigned, at most 32 bits in at most 5 bytes. */
  uvarint(): number {
    const bytes = this.buffer
    const first = bytes[this.take(1)]!
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 28; shift += 7) {
      const next = bytes[this.take(1)]!
      value |= (next & 0x7f) << shift
      if (next < 0x80) return value
    }
    const last = bytes[this.take(1)]!
    if (last > 0x0f) this.fail("varint", last)
    return (value | (last << 28)) >>> 0
  }

  /** 22 characters of base64url; ids without a meaning are all the same string. */
  uuid(): string {
    const at = this.take(16)
    const bytes = this.buffer
    for (let i = at; i < at + 16; i++) {
      if (bytes[i] !== 0) return bytes.toString("base64url", at, at + 16)
    }
    return zeroUuid
  }

  string(): string {
    const length = this.#stringLength()
    if (length < 0) this.fail("negative-length", length)
    return this.#text(length)
  }

  nullableString(): string | null {
    const length = this.#stringLength()
    return length === -1 ? null : this.#text(length)
  }

  /** A string with an int16 length in every version: the client id of a request header. */
  legacyNullableString(): string | null {
    const length = this.int16()
    if (length < -1) this.fail("negative-length", length)
    return length === -1 ? null : this.#text(length)
  }

  bytes(): Buffer {
    const length = this.#length()
    if (length < 0) this.fail("negative-length", length)
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }

  nullableBytes(): Buffer | null {
    const length = this.#length()
    if (length === -1) return null
    const at = this.take(length)
    return this.buffer.subarray(at, at + length)
  }

  /** Elements of the array that follows, each at least `elementBytesMin` bytes long; null is not legal. */
  arrayLength(elementBytesMin: number): number {
    const length = this.nullableArrayLength(elementBytesMin)
    if (length < 0) this.fail("negative-length", length)
    return length
  }

  /** The same, -1 for null. */
  nullableArrayLength(elementBytesMin: number): number {
    const length = this.#length()
    if (length * elementBytesMin > this.end - this.position) this.fail("element-count", length)
    if (length > 0) {
      this.#elementsLeft -= length
      if (this.#elementsLeft < 0) this.fail("element-count", length)
    }
    return length
  }

  int32Array(length: number): Array<number> {
    const values: Array<number> = []
    for (let i = 0; i < length; i++) values.push(this.int32())
    return values
  }

  stringArray(length: number): Array<string> {
    const values: Array<string> = []
    for (let i = 0; i < length; i++) values.push(this.string())
    return values
  }

  uuidArray(length: number): Array<string> {
    const values: Array<string> = []
    for (let i = 0; i < length; i++) values.push(this.uuid())
    return values
  }

  /** How many tagged fields follow. */
  tagCount(): number {
    const count = this.uvarint()
    // A tagged field is at least a tag and a size.
    if (count !== 0 && (count > taggedFieldsMax || count * 2 > this.end - this.position)) this.fail("tag-count", count)
    return count
  }

  /** Reads the size of a tagged field and narrows the reader to its content; answers the end to give to `endTag`. */
  beginTag(): number {
    const size = this.uvarint()
    const outerEnd = this.end
    if (size > outerEnd - this.position) this.fail("truncated", size)
    this.end = this.position + size
    return outerEnd
  }

  endTag(outerEnd: number): void {
    if (this.position !== this.end) this.fail("tag-size", this.end - this.position)
    this.end = outerEnd
  }

  /** Skips a tagged field whose tag was just read. */
  skipTag(): void {
    this.take(this.uvarint())
  }

  /** Skips all tagged fields of a struct. */
  skipTags(): void {
    for (let count = this.tagCount(); count > 0; count--) {
      this.uvarint()
      this.take(this.uvarint())
    }
  }

  #length(): number {
    const length = this.flexible ? this.uvarint() - 1 : this.int32()
    if (length < -1) this.fail("negative-length", length)
    return length
  }

  #stringLength(): number {
    const length = this.flexible ? this.uvarint() - 1 : this.int16()
    if (length < -1) this.fail("negative-length", length)
    if (length > stringBytesMax) this.fail("string-length", length)
    return length
  }

  #text(length: number): string {
    if (length === 0) return ""
    const at = this.take(length)
    return this.buffer.toString("utf8", at, at + length)
  }
}
