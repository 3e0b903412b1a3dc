import { Int64RangeError } from "./Int64.ts"

/**
 * Kafka's variable-length integers. A reader answers the value and {@link endOf} the position behind it,
 * so that nothing is allocated; both work for encodings that are longer than they need to be.
 * "Zigzag" is Kafka's name for the signed form of records; flexible protocol headers use the unsigned one.
 */
export class VarintError extends Error {
  readonly _tag = "VarintError"
  readonly reason: "truncated" | "too long"
  constructor(reason: "truncated" | "too long") {
    super(`variable-length integer: ${reason}`)
    this.name = "VarintError"
    this.reason = reason
  }
}

const bytesMax32 = 5
const bytesMax64 = 10
const two27 = 0x800_0000

const byteAt = (bytes: Buffer, at: number, end: number): number => {
  const byte = at < end ? bytes[at] : undefined
  if (byte === undefined) throw new VarintError("truncated")
  return byte
}

/** The position behind the integer that starts at `at`. */
export const endOf = (bytes: Buffer, at: number, end: number): number => {
  let position = at
  while (byteAt(bytes, position, end) > 127) {
    position++
    if (position - at >= bytesMax64) throw new VarintError("too long")
  }
  return position + 1
}

/** An unsigned 32-bit integer; bits above the 32nd are an error. */
export const readUnsigned = (bytes: Buffer, at: number, end: number): number => {
  let byte = byteAt(bytes, at, end)
  if (byte < 128) return byte
  let value = byte & 127
  for (let index = 1; index < bytesMax32; index++) {
    byte = byteAt(bytes, at + index, end)
    if (index === bytesMax32 - 1 && byte > 15) break
    value |= (byte & 127) << (index * 7)
    if (byte < 128) return value >>> 0
  }
  throw new VarintError("too long")
}

/** A zigzag int32. */
export const readInt32 = (bytes: Buffer, at: number, end: number): number => {
  const raw = readUnsigned(bytes, at, end)
  return (raw >>> 1) ^ -(raw & 1)
}

/** A zigzag int64; throws {@link Int64RangeError} outside ±(2^53-1). */
export const readInt64 = (bytes: Buffer, at: number, end: number): number => {
  const first = byteAt(bytes, at, end)
  if (first < 128) return (first >>> 1) ^ -(first & 1)
  // The magnitude is the raw value without its lowest bit: halves are collected at half their weight.
  let magnitude = (first & 127) >>> 1
  let weight = 64
  for (let index = 1; index < bytesMax64; index++) {
    const byte = byteAt(bytes, at + index, end)
    magnitude += (byte & 127) * weight
    weight *= 128
    if (byte < 128) {
      if (magnitude > Number.MAX_SAFE_INTEGER - (first & 1)) throw new Int64RangeError()
      return (first & 1) === 0 ? magnitude : -magnitude - 1
    }
  }
  throw new VarintError("too long")
}

/** Bytes that {@link writeUnsigned} needs. */
export const unsignedBytes = (value: number): number =>
  value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5

/** Bytes that {@link writeInt32} needs. */
export const int32Bytes = (value: number): number => unsignedBytes(((value << 1) ^ (value >> 31)) >>> 0)

/** Bytes that {@link writeInt64} needs. */
export const int64Bytes = (value: number): number => {
  let magnitude = value < 0 ? -(value + 1) : value
  let count = 1
  // The first byte carries six bits of magnitude beside the sign, all others seven.
  magnitude = Math.floor(magnitude / 64)
  while (magnitude > 0) {
    magnitude = Math.floor(magnitude / 128)
    count++
  }
  return count
}

/** Writes and answers the position behind. */
export const writeUnsigned = (bytes: Buffer, at: number, value: number): number => {
  let rest = value >>> 0
  let position = at
  while (rest > 127) {
    bytes[position++] = (rest & 127) | 128
    rest >>>= 7
  }
  bytes[position++] = rest
  return position
}

export const writeInt32 = (bytes: Buffer, at: number, value: number): number =>
  writeUnsigned(bytes, at, (value << 1) ^ (value >> 31))

export const writeInt64 = (bytes: Buffer, at: number, value: number): number => {
  if (value >= -two27 && value < two27) return writeInt32(bytes, at, value)
  if (!Number.isSafeInteger(value)) throw new Int64RangeError()
  const sign = value < 0 ? 1 : 0
  const magnitude = sign === 1 ? -(value + 1) : value
  let position = at
  bytes[position++] = ((magnitude % 64) * 2 + sign) | 128
  let rest = Math.floor(magnitude / 64)
  while (rest > 127) {
    bytes[position++] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
  }
  bytes[position++] = rest
  return position
}
