/** The key of a batch. Small state has text keys, stored behind the log number 0, which no log has. */
export interface BatchKey {
  logNumber: number
  offset: number
}

export type StoreKey = BatchKey | string

const uint32Range = 0x1_0000_0000

/** Big-endian, so that byte order is the order of (log number, offset), and text comes before all batches. */
export const keyEncoder = {
  writeKey(key: StoreKey, target: Buffer, start: number): number {
    if (typeof key === "string") {
      target.writeUInt32BE(0, start)
      return start + 4 + target.write(key, start + 4, "latin1")
    }
    target.writeUInt32BE(key.logNumber, start)
    const high = Math.floor(key.offset / uint32Range)
    target.writeUInt32BE(high, start + 4)
    target.writeUInt32BE(key.offset - high * uint32Range, start + 8)
    return start + 12
  },
  /** Answers the text of a state key and the offset of a batch key. */
  readKey(source: Buffer, start: number, end: number): string | number {
    if (source.readUInt32BE(start) === 0) return source.toString("latin1", start + 4, end)
    return source.readUInt32BE(start + 4) * uint32Range + source.readUInt32BE(start + 8)
  }
}

/** All text keys lie before it. */
export const firstBatchKey: BatchKey = { logNumber: 1, offset: 0 }

/** The first key behind all that start with `prefix`. */
export const behindPrefix = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)
