/** One record as every client must give it back: a lane is a partition, or the place in a list of assigned partitions. */
export interface InteropRecord {
  readonly lane: number
  readonly offset: number
  /** -1 when the writing client cannot set it: then it is not compared. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyArray<readonly [key: string, value: Buffer | null]>
}

/**
 * The file format that the runner and all drivers share, so that "byte-equal" is decided in one place:
 * lane i32, offset i64, timestamp i64, key, value, header count i32, then name and value of each header;
 * every string of bytes is preceded by its length as i32, -1 for null. All numbers are big-endian.
 */
export function encodeRecord(record: InteropRecord): Buffer {
  const head = Buffer.allocUnsafe(20)
  head.writeInt32BE(record.lane, 0)
  head.writeBigInt64BE(BigInt(record.offset), 4)
  head.writeBigInt64BE(BigInt(record.timestamp), 12)
  const parts = [head, lengthOf(record.key), record.key ?? empty, lengthOf(record.value), record.value ?? empty, int32(record.headers.length)]
  for (const [name, value] of record.headers) {
    const nameBytes = Buffer.from(name)
    parts.push(lengthOf(nameBytes), nameBytes, lengthOf(value), value ?? empty)
  }
  return Buffer.concat(parts)
}

const empty = Buffer.alloc(0)

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32BE(value, 0)
  return bytes
}

function lengthOf(bytes: Buffer | null): Buffer {
  return int32(bytes === null ? -1 : bytes.length)
}

/** Decodes whole records; a record cut off at the end (its writer was killed) is left out. */
export function decodeRecords(file: Buffer): InteropRecord[] {
  const records: InteropRecord[] = []
  let at = 0
  const bytes = (): Buffer | null => {
    const length = file.readInt32BE(at)
    at += 4
    if (length < 0) return null
    if (at + length > file.length) throw new RangeError("cut off")
    at += length
    return file.subarray(at - length, at)
  }
  try {
    while (at < file.length) {
      const lane = file.readInt32BE(at)
      const offset = Number(file.readBigInt64BE(at + 4))
      const timestamp = Number(file.readBigInt64BE(at + 12))
      at += 20
      const key = bytes()
      const value = bytes()
      const headers: Array<[string, Buffer | null]> = []
      const count = file.readInt32BE(at)
      at += 4
      for (let i = 0; i < count; i++) headers.push([(bytes() ?? empty).toString(), bytes()])
      records.push({ lane, offset, timestamp, key, value, headers })
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  return records
}

export function byLane(records: ReadonlyArray<InteropRecord>): Map<number, InteropRecord[]> {
  const lanes = new Map<number, InteropRecord[]>()
  for (const record of records) {
    const lane = lanes.get(record.lane)
    if (lane === undefined) lanes.set(record.lane, [record])
    else lane.push(record)
  }
  return lanes
}

/** The first difference between what was written to a lane and what was read from it, in words; undefined when there is none. */
export function firstDifference(expected: ReadonlyArray<InteropRecord>, actual: ReadonlyArray<InteropRecord>): string | undefined {
  for (let i = 0; i < Math.max(expected.length, actual.length); i++) {
    const want = expected[i]
    const got = actual[i]
    if (want === undefined) return `${actual.length - expected.length} records too many, the first at offset ${got?.offset}`
    if (got === undefined) return `ends after ${actual.length} of ${expected.length} records`
    const difference = recordDifference(want, got)
    if (difference !== undefined) return `record ${i}: ${difference}`
  }
  return undefined
}

function recordDifference(want: InteropRecord, got: InteropRecord): string | undefined {
  if (want.offset !== got.offset) return `offset ${got.offset} instead of ${want.offset}`
  if (want.timestamp !== -1 && want.timestamp !== got.timestamp) return `offset ${got.offset}: timestamp ${got.timestamp} instead of ${want.timestamp}`
  if (!same(want.key, got.key)) return `offset ${got.offset}: key ${show(got.key)} instead of ${show(want.key)}`
  if (!same(want.value, got.value)) return `offset ${got.offset}: value ${show(got.value)} instead of ${show(want.value)}`
  const wanted = want.headers.map(([name, value]) => `${name}=${show(value)}`).join(" ")
  const gotten = got.headers.map(([name, value]) => `${name}=${show(value)}`).join(" ")
  return wanted === gotten ? undefined : `offset ${got.offset}: headers [${gotten}] instead of [${wanted}]`
}

function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b)
}

function show(bytes: Buffer | null): string {
  if (bytes === null) return "null"
  return bytes.length <= 24 ? `0x${bytes.toString("hex")}` : `0x${bytes.subarray(0, 24).toString("hex")}... (${bytes.length} bytes)`
}
