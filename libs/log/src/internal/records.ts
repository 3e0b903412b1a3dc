import { Int64 } from "@tailrace/record"
import { Descriptor, figuresBytes } from "./Descriptor.ts"
import * as Guarded from "./Guarded.ts"

/** The format of everything the log writes beside Kafka's batches; a directory of another format is refused. */
export const formatVersion = 1
const recordVersion = 1

export interface LogIdentity {
  readonly topicId: string
  readonly topic: string
  readonly partition: number
}

export interface LogFigures {
  readonly startOffset: number
  /** Undefined where it is not known. */
  readonly highWatermark: number | undefined
  /** The newest segment, without its time index; its `nextOffset` is the log's end. */
  readonly active: Descriptor
}

/** What recovery starts from: the newest segment and the producers as they were when the log ended at `active.nextOffset`. */
export interface Checkpoint {
  readonly active: Descriptor
  readonly producers: Buffer
}

export const encodeText = (text: string, crc32c: Guarded.Crc32c): Buffer =>
  Guarded.wrap(Buffer.from(text, "utf8"), recordVersion, crc32c)

export const decodeText = (record: Buffer, crc32c: Guarded.Crc32c): string | undefined =>
  Guarded.isIntact(record, recordVersion, crc32c) ? record.toString("utf8", Guarded.guardBytes) : undefined

export const encodeBytes = (bytes: Uint8Array, crc32c: Guarded.Crc32c): Buffer => Guarded.wrap(bytes, recordVersion, crc32c)

export const decodeBytes = (record: Buffer, crc32c: Guarded.Crc32c): Buffer | undefined =>
  Guarded.isIntact(record, recordVersion, crc32c) ? record.subarray(Guarded.guardBytes) : undefined

export function encodeNumber(n: number, crc32c: Guarded.Crc32c): Buffer {
  const record = Guarded.allocate(8, recordVersion)
  Int64.writeInt64(record, Guarded.guardBytes, n)
  return Guarded.seal(record, crc32c)
}

export const decodeNumber = (record: Buffer, crc32c: Guarded.Crc32c): number | undefined =>
  Guarded.isIntact(record, recordVersion, crc32c) ? Int64.readInt64(record, Guarded.guardBytes) : undefined

export function encodeFigures(figures: LogFigures, crc32c: Guarded.Crc32c): Buffer {
  const record = Guarded.allocate(16 + figuresBytes, recordVersion)
  Int64.writeInt64(record, Guarded.guardBytes, figures.startOffset)
  Int64.writeInt64(record, Guarded.guardBytes + 8, figures.highWatermark ?? -1)
  figures.active.writeFigures(record, Guarded.guardBytes + 16)
  return Guarded.seal(record, crc32c)
}

export function decodeFigures(record: Buffer, crc32c: Guarded.Crc32c): LogFigures | undefined {
  if (!Guarded.isIntact(record, recordVersion, crc32c)) return undefined
  const highWatermark = Int64.readInt64(record, Guarded.guardBytes + 8)
  return {
    startOffset: Int64.readInt64(record, Guarded.guardBytes),
    highWatermark: highWatermark < 0 ? undefined : highWatermark,
    active: Descriptor.readFigures(record, Guarded.guardBytes + 16)
  }
}

export function encodeDescriptor(descriptor: Descriptor, crc32c: Guarded.Crc32c): Buffer {
  const record = Guarded.allocate(descriptor.encodedBytes, recordVersion)
  descriptor.write(record, Guarded.guardBytes)
  return Guarded.seal(record, crc32c)
}

export const decodeDescriptor = (record: Buffer, crc32c: Guarded.Crc32c): Descriptor | undefined =>
  Guarded.isIntact(record, recordVersion, crc32c) ? Descriptor.read(record, Guarded.guardBytes) : undefined

export function encodeCheckpoint({ active, producers }: Checkpoint, crc32c: Guarded.Crc32c): Buffer {
  const record = Guarded.allocate(active.encodedBytes + producers.length, recordVersion)
  record.set(producers, active.write(record, Guarded.guardBytes))
  return Guarded.seal(record, crc32c)
}

export function decodeCheckpoint(record: Buffer, crc32c: Guarded.Crc32c): Checkpoint | undefined {
  if (!Guarded.isIntact(record, recordVersion, crc32c)) return undefined
  const active = Descriptor.read(record, Guarded.guardBytes)
  return { active, producers: record.subarray(Guarded.guardBytes + active.encodedBytes) }
}
