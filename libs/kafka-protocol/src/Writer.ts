import { EncodeError } from "./EncodeError.ts"
import { writeUuid } from "./internal/uuid.ts"

/** Byte fields from this size on are handed on by reference; smaller ones are cheaper to copy than to send as one more chunk. */
export const referenceBytesMin = 1_024
const frameLengthBytes = 4

/**
 * Writes one frame. Grows geometrically; large record bytes become chunks of their own, by reference, so they must not change
 * until the chunks were sent. A writer makes one frame: nothing may be written after `finish` or `body`.
 */
export class Writer {
  /** Compact lengths, as in flexible versions. The codecs set it. */
  flexible = false
  readonly #chunks: Array<Buffer> = []
  #chunksBytes = 0
  #buffer: Buffer
  /** Where the bytes begin that are not in `#chunks` yet. */
  #start = 0
  #position = frameLengthBytes
  /** Above 0 inside a tagged field: its content may have to move, so nothing in it is kept by reference. */
  #sizedDepth = 0

  constructor(initialBytes = 512) {
    this.#buffer = Buffer.allocUnsafe(Math.max(initialBytes, 16))
  }

  /** Bytes written so far, without the frame's length. */
  get sizeInBytes(): number {
    return this.#chunksBytes + this.#position - this.#start - frameLengthBytes
  }

  /** The frame with its int32 length in front, as chunks for one gathering write. */
  finish(): Array<Buffer> {
    const size = this.sizeInBytes
    if (size > 0x7fffffff) throw new EncodeError("too-long", "frame", size)
    this.#flush()
    const first = this.#chunks[0]!
    first.writeInt32BE(size, 0)
    return this.#chunks
  }

  /** The bytes without a frame's length, in one buffer: for what goes into records. */
  body(): Buffer {
    if (this.#chunks.length === 0) return this.#buffer.subarray(frameLengthBytes, this.#position)
    this.#flush()
    return Buffer.concat(this.#chunks).subarray(frameLengthBytes)
  }

  boolean(value: boolean): void {
    const at = this.#reserve(1)
    this.#buffer[at] = value ? 1 : 0
  }

  int8(value: number): void {
    if (value !== (value << 24) >> 24) throw new EncodeError("out-of-range", "int8", value)
    const at = this.#reserve(1)
    this.#buffer[at] = value
  }

  int16(value: number): void {
    if (value !== (value << 16) >> 16) throw new EncodeError("out-of-range", "int16", value)
    const at = this.#reserve(2)
    const bytes = this.#buffer
    bytes[at] = value >> 8
    bytes[at + 1] = value
  }

  uint16(value: number): void {
    if (value !== (value & 0xffff)) throw new EncodeError("out-of-range", "uint16", value)
    const at = this.#reserve(2)
    const bytes = this.#buffer
    bytes[at] = value >> 8
    bytes[at + 1] = value
  }

  int32(value: number): void {
    if (value !== (value | 0)) throw new EncodeError("out-of-range", "int32", value)
    const at = this.#reserve(4)
    const bytes = this.#buffer
    bytes[at] = value >> 24
    bytes[at + 1] = value >> 16
    bytes[at + 2] = value >> 8
    bytes[at + 3] = value
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new EncodeError("out-of-range", "int64", value)
    const at = this.#reserve(8)
    const bytes = this.#buffer
    const high = Math.floor(value / 4_294_967_296)
    const low = value >>> 0
    bytes[at] = high >> 24
    bytes[at + 1] = high >> 16
    bytes[at + 2] = high >> 8
    bytes[at + 3] = high
    bytes[at + 4] = low >> 24
    bytes[at + 5] = low >> 16
    bytes[at + 6] = low >> 8
    bytes[at + 7] = low
  }

  uvarint(value: number): void {
    if (value !== value >>> 0) throw new EncodeError("out-of-range", "uvarint", value)
    let at = this.#reserve(5)
    const bytes = this.#buffer
    let rest = value
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[at++] = rest
    this.#position = at
  }

  /** 22 characters of base64url. */
  uuid(value: string): void {
    const at = this.#reserve(16)
    if (typeof value !== "string" || !writeUuid(this.#buffer, at, value)) throw new EncodeError("wrong-type", "uuid", value)
  }

  string(value: string): void {
    if (typeof value !== "string") throw new EncodeError("wrong-type", "string", value)
    const length = value.length
    if (length > 64 || !this.#shortAscii(value, length)) this.#longString(value)
  }

  nullableString(value: string | null): void {
    if (value !== null) return this.string(value)
    if (this.flexible) this.uvarint(0)
    else this.int16(-1)
  }

  /** A string with an int16 length in every version: the client id of a request header. */
  legacyNullableString(value: string | null): void {
    const flexible = this.flexible
    this.flexible = false
    this.nullableString(value)
    this.flexible = flexible
  }

  bytes(value: Uint8Array): void {
    if (!(value instanceof Uint8Array)) throw new EncodeError("wrong-type", "bytes", value)
    this.#length(value.length)
    this.#append(value)
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.#length(-1)
    else this.bytes(value)
  }

  /** Record bytes, in one piece or as consecutive pieces that are sent as if they were one. */
  nullableRecords(value: Uint8Array | ReadonlyArray<Uint8Array> | null): void {
    if (!Array.isArray(value)) return this.nullableBytes(value as Uint8Array | null)
    const pieces = value as ReadonlyArray<Uint8Array>
    let size = 0
    for (let i = 0; i < pieces.length; i++) size += pieces[i]!.length
    this.#length(size)
    for (let i = 0; i < pieces.length; i++) this.#append(pieces[i]!)
  }

  arrayLength(length: number): void {
    this.#length(length)
  }

  nullArray(): void {
    this.#length(-1)
  }

  int32Array(values: ReadonlyArray<number>): void {
    this.#length(values.length)
    for (let i = 0; i < values.length; i++) this.int32(values[i]!)
  }

  stringArray(values: ReadonlyArray<string>): void {
    this.#length(values.length)
    for (let i = 0; i < values.length; i++) this.string(values[i]!)
  }

  uuidArray(values: ReadonlyArray<string>): void {
    this.#length(values.length)
    for (let i = 0; i < values.length; i++) this.uuid(values[i]!)
  }

  /** Begins a tagged field; its size is filled in by `endTag`, which takes the mark that this answers. */
  beginTag(tag: number): number {
    this.uvarint(tag)
    this.#sizedDepth++
    this.#reserve(1)
    return this.#position - this.#start
  }

  endTag(mark: number): void {
    this.#sizedDepth--
    const size = this.#position - this.#start - mark
    if (size > 0x7f) {
      // The size needs more than the one byte that was left for it: move the content.
      const extra = uvarintBytes(size) - 1
      this.#reserve(extra)
      const from = this.#start + mark
      this.#buffer.copyWithin(from + extra, from, from + size)
    }
    const end = this.#position
    this.#position = this.#start + mark - 1
    this.#putUvarint(size)
    this.#position = end
  }

  /** Writes a varint into bytes that were reserved for it. */
  #putUvarint(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.#buffer[this.#position++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#position++] = rest
  }

  /** Writes length and content when all characters are ASCII; otherwise writes nothing and answers false. */
  #shortAscii(value: string, length: number): boolean {
    let at = this.#reserve(length + 2)
    const begin = at
    const bytes = this.#buffer
    if (this.flexible) {
      bytes[at++] = length + 1
    } else {
      bytes[at++] = 0
      bytes[at++] = length
    }
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i)
      if (code > 0x7f) {
        this.#position = begin
        return false
      }
      bytes[at++] = code
    }
    this.#position = at
    return true
  }

  #longString(value: string): void {
    const length = Buffer.byteLength(value, "utf8")
    if (length > 0x7fff) throw new EncodeError("too-long", "string", length)
    if (this.flexible) this.uvarint(length + 1)
    else this.int16(length)
    const at = this.#reserve(length)
    this.#buffer.write(value, at, length, "utf8")
  }

  #length(length: number): void {
    if (this.flexible) this.uvarint(length + 1)
    else this.int32(length)
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length >= referenceBytesMin && this.#sizedDepth === 0) {
      this.#flush()
      this.#chunks.push(Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
      this.#chunksBytes += bytes.length
      return
    }
    const at = this.#reserve(bytes.length)
    this.#buffer.set(bytes, at)
  }

  /** Turns what was written since the last chunk into a chunk. */
  #flush(): void {
    if (this.#position === this.#start) return
    this.#chunks.push(this.#buffer.subarray(this.#start, this.#position))
    this.#chunksBytes += this.#position - this.#start
    this.#start = this.#position
  }

  /** Makes room for `bytes` bytes and answers where they begin. */
  #reserve(bytes: number): number {
    const at = this.#position
    if (at + bytes <= this.#buffer.length) {
      this.#position = at + bytes
      return at
    }
    const kept = at - this.#start
    const grown = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, kept + bytes))
    if (kept > 0) this.#buffer.copy(grown, 0, this.#start, at)
    this.#buffer = grown
    this.#start = 0
    this.#position = kept + bytes
    return kept
  }
}

function uvarintBytes(value: number): number {
  let bytes = 1
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes++
  return bytes
}
