// The wire format by hand, in the oldest versions that Apache Kafka 4 still serves. On purpose it shares no code with the broker under test:
// a fault that both sides had would stay unseen.

export class Encoder {
  #parts: Buffer[] = []

  int8(value: number): this {
    const part = Buffer.alloc(1)
    part.writeInt8(value)
    return this.raw(part)
  }

  int16(value: number): this {
    const part = Buffer.alloc(2)
    part.writeInt16BE(value)
    return this.raw(part)
  }

  int32(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    return this.raw(part)
  }

  int64(value: number): this {
    const part = Buffer.alloc(8)
    part.writeBigInt64BE(BigInt(value))
    return this.raw(part)
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1)
    const bytes = Buffer.from(value)
    return this.int16(bytes.length).raw(bytes)
  }

  bytes(value: Buffer | null): this {
    return value === null ? this.int32(-1) : this.int32(value.length).raw(value)
  }

  array<T>(values: ReadonlyArray<T>, each: (value: T) => void): this {
    this.int32(values.length)
    for (const value of values) each(value)
    return this
  }

  unsignedVarint(value: number): this {
    const bytes: number[] = []
    let rest = value
    while (rest >= 0x80) {
      bytes.push((rest % 0x80) | 0x80)
      rest = Math.floor(rest / 0x80)
    }
    bytes.push(rest)
    return this.raw(Buffer.from(bytes))
  }

  varint(value: number): this {
    return this.unsignedVarint(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  raw(part: Buffer): this {
    this.#parts.push(part)
    return this
  }

  finish(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

export class Decoder {
  #bytes: Buffer
  at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get remaining(): number {
    return this.#bytes.length - this.at
  }

  int8(): number {
    return this.#bytes.readInt8((this.at += 1) - 1)
  }

  int16(): number {
    return this.#bytes.readInt16BE((this.at += 2) - 2)
  }

  int32(): number {
    return this.#bytes.readInt32BE((this.at += 4) - 4)
  }

  int64(): number {
    return Number(this.#bytes.readBigInt64BE((this.at += 8) - 8))
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.raw(length).toString()
  }

  bytes(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.raw(length)
  }

  array<T>(each: () => T): T[] {
    const count = this.int32()
    return Array.from({ length: Math.max(count, 0) }, each)
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (let byte = this.#bytes.readUInt8(this.at++); ; byte = this.#bytes.readUInt8(this.at++)) {
      value += (byte & 0x7f) * scale
      scale *= 0x80
      if ((byte & 0x80) === 0) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  raw(length: number): Buffer {
    if (length < 0 || length > this.remaining) throw new Error(`${length} bytes wanted, ${this.remaining} there`)
    return this.#bytes.subarray(this.at, (this.at += length))
  }
}

/** A request frame with header version 1 (no tagged fields), its int32 length included. */
export function frame(apiKey: number, version: number, correlationId: number, body: Buffer, clientId = "tier"): Buffer {
  const header = new Encoder().int16(apiKey).int16(version).int32(correlationId).string(clientId).finish()
  return new Encoder().int32(header.length + body.length).raw(header).raw(body).finish()
}
