/**
 * Big-endian int64 as JS numbers. A value outside ±(2^53-1) is an error and is never rounded:
 * an offset that is off by one loses or repeats data silently.
 */
const two32 = 0x1_0000_0000

/** Thrown when an int64 does not fit a JS number exactly. */
export class Int64RangeError extends Error {
  readonly _tag = "Int64RangeError"
  constructor() {
    super("int64 outside ±(2^53-1)")
    this.name = "Int64RangeError"
  }
}

/** Whether {@link readInt64} would answer instead of throwing. */
export const isSafeInt64 = (bytes: Buffer, at: number): boolean => {
  const high = bytes.readInt32BE(at)
  // -2^53 itself has a high half of -0x200000 and a low half of zero.
  return high < 0x200000 && (high > -0x200000 || (high === -0x200000 && bytes.readUInt32BE(at + 4) !== 0))
}

export const readInt64 = (bytes: Buffer, at: number): number => {
  const value = bytes.readInt32BE(at) * two32 + bytes.readUInt32BE(at + 4)
  if (value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER) throw new Int64RangeError()
  return value
}

export const writeInt64 = (bytes: Buffer, at: number, value: number): void => {
  if (!Number.isSafeInteger(value)) throw new Int64RangeError()
  const high = Math.floor(value / two32)
  bytes.writeInt32BE(high, at)
  bytes.writeUInt32BE(value - high * two32, at + 4)
}
