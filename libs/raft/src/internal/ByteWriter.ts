const wordRange = 0x80

/** Writes into a buffer that doubles. */
export class ByteWriter {
  #buffer: Buffer
  #at = 0

  constructor(sizeHint: number) {
    this.#buffer = Buffer.allocUnsafe(Math.max(64, sizeHint))
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#buffer[this.#at++] = value
  }

  /** A natural number up to 2^53-1, seven bits at a time. */
  natural(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`assertion: ${value} is no natural number`)
    this.#reserve(8)
    let rest = value
    while (rest >= wordRange) {
      this.#buffer[this.#at++] = (rest % wordRange) | wordRange
      rest = Math.floor(rest / wordRange)
    }
    this.#buffer[this.#at++] = rest
  }

  bytes(value: Uint8Array): void {
    this.natural(value.length)
    this.#reserve(value.length)
    this.#buffer.set(value, this.#at)
    this.#at += value.length
  }

  text(value: string): void {
    this.bytes(Buffer.from(value, "utf8"))
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#at + size))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}
