import { RaftMessageError } from "../RaftMessageError.ts"

/** Reads what `ByteWriter` wrote. Never beyond the bytes, and never allocates more than they are. */
export class ByteReader {
  readonly #buffer: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  byte(): number {
    const value = this.#buffer[this.#at++]
    if (value === undefined) throw new RaftMessageError("truncated")
    return value
  }

  flag(): boolean {
    const value = this.byte()
    if (value > 1) throw new RaftMessageError("range")
    return value === 1
  }

  natural(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) throw new RaftMessageError("range")
        return value
      }
      scale *= 0x80
    }
    throw new RaftMessageError("range")
  }

  /** A view. */
  bytes(lengthMax: number): Uint8Array {
    const length = this.natural()
    if (length > lengthMax) throw new RaftMessageError("limit")
    if (length > this.#buffer.length - this.#at) throw new RaftMessageError("truncated")
    const from = this.#at
    this.#at += length
    return this.#buffer.subarray(from, this.#at)
  }

  text(lengthMax: number): string {
    return Buffer.from(this.bytes(lengthMax)).toString("utf8")
  }

  /** Says how many follow; each takes at least `sizeMin` bytes, so a lie is found before anything is made of it. */
  count(countMax: number, sizeMin: number): number {
    const count = this.natural()
    if (count > countMax) throw new RaftMessageError("limit")
    if (count * sizeMin > this.#buffer.length - this.#at) throw new RaftMessageError("truncated")
    return count
  }

  end(): void {
    if (this.#at !== this.#buffer.length) throw new RaftMessageError("trailing")
  }
}
