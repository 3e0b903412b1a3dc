/**
 * Small records carry a version and a CRC: LMDB has no page checksums, and recovery must not trust a state that rotted.
 * Layout: CRC-32C u32 over the rest, version u8, payload.
 */
export const guardBytes = 5

export type Crc32c = (bytes: Uint8Array) => number

/** Makes room for `payloadBytes` behind the guard; call `seal` once they are written. */
export function allocate(payloadBytes: number, version: number): Buffer {
  const record = Buffer.allocUnsafeSlow(guardBytes + payloadBytes)
  record.writeUInt8(version, 4)
  return record
}

export function seal(record: Buffer, crc32c: Crc32c): Buffer {
  record.writeUInt32BE(crc32c(record.subarray(4)), 0)
  return record
}

export function wrap(payload: Uint8Array, version: number, crc32c: Crc32c): Buffer {
  const record = allocate(payload.length, version)
  record.set(payload, guardBytes)
  return seal(record, crc32c)
}

/** Answers whether the record is whole and of this version. */
export function isIntact(record: Buffer, version: number, crc32c: Crc32c): boolean {
  return record.length >= guardBytes && record.readUInt32BE(0) === crc32c(record.subarray(4)) && record.readUInt8(4) === version
}
