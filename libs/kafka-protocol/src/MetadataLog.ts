import { metadataRecordRows, type MetadataRecord, type MetadataRecordInput } from "./generated/records.js"
import { EncodeError } from "./EncodeError.ts"
import { ProtocolError } from "./ProtocolError.ts"
import { Reader } from "./Reader.ts"
import { Writer } from "./Writer.ts"

type Row = (typeof metadataRecordRows)[number]
const byKey = new Map<number, Row>(metadataRecordRows.map((row) => [row.key, row]))
const byType = new Map<string, Row>(metadataRecordRows.map((row) => [row.type, row]))
const frameVersion = 1

/** Records of the metadata log as bytes: frame version, key and version as unsigned varints, then the record. */
export const MetadataLog = {
  /** Encodes in the record's newest version unless an older one is asked for. */
  encode(record: MetadataRecordInput, version?: number): Buffer {
    const row = byType.get(record.type)
    if (row === undefined) throw new EncodeError("wrong-type", "metadata record", record.type)
    const writer = new Writer(256)
    const used = version ?? row.versionMax
    writer.uvarint(frameVersion)
    writer.uvarint(row.key)
    writer.uvarint(used)
    row.encode(writer, used, record.value as never)
    return writer.body()
  },

  /** A record of an unknown kind or version is a `ProtocolError`: a newer node wrote it, and skipping it would lose state. */
  decode(bytes: Buffer): MetadataRecord {
    const reader = new Reader(bytes)
    const frame = reader.uvarint()
    if (frame !== frameVersion) throw new ProtocolError("version", 0, frame)
    const key = reader.uvarint()
    const row = byKey.get(key)
    if (row === undefined) throw new ProtocolError("record-key", 1, key)
    return { type: row.type, value: row.decode(reader, reader.uvarint()) } as MetadataRecord
  },
} as const
