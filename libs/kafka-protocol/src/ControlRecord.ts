import {
  decodeKRaftVersionRecord, decodeLeaderChangeMessage, decodeSnapshotFooterRecord, decodeSnapshotHeaderRecord, decodeVotersRecord,
  encodeKRaftVersionRecord, encodeLeaderChangeMessage, encodeSnapshotFooterRecord, encodeSnapshotHeaderRecord, encodeVotersRecord,
  type KRaftVersionRecord, type KRaftVersionRecordInput, type LeaderChangeMessage, type LeaderChangeMessageInput, type SnapshotFooterRecord,
  type SnapshotFooterRecordInput, type SnapshotHeaderRecord, type SnapshotHeaderRecordInput, type VotersRecord, type VotersRecordInput
} from "./generated/records.js"
import { EncodeError } from "./EncodeError.ts"
import { ProtocolError } from "./ProtocolError.ts"
import { Reader } from "./Reader.ts"
import { Writer } from "./Writer.ts"

/** One record of a control batch in a KRaft log: its kind and its fields. */
export type ControlRecord =
  | { readonly type: "LeaderChange"; readonly value: LeaderChangeMessage }
  | { readonly type: "SnapshotHeader"; readonly value: SnapshotHeaderRecord }
  | { readonly type: "SnapshotFooter"; readonly value: SnapshotFooterRecord }
  | { readonly type: "KRaftVersion"; readonly value: KRaftVersionRecord }
  | { readonly type: "KRaftVoters"; readonly value: VotersRecord }

export type ControlRecordInput =
  | { readonly type: "LeaderChange"; readonly value: LeaderChangeMessageInput }
  | { readonly type: "SnapshotHeader"; readonly value: SnapshotHeaderRecordInput }
  | { readonly type: "SnapshotFooter"; readonly value: SnapshotFooterRecordInput }
  | { readonly type: "KRaftVersion"; readonly value: KRaftVersionRecordInput }
  | { readonly type: "KRaftVoters"; readonly value: VotersRecordInput }

interface Row {
  readonly key: number
  readonly type: ControlRecord["type"]
  readonly decode: (reader: Reader, version: number) => ControlRecord["value"]
  readonly encode: (writer: Writer, version: number, value: never) => void
}

/** The keys are Kafka's. 0 and 1 end transactions and occur in data partitions only. */
const rows: ReadonlyArray<Row> = [
  { key: 2, type: "LeaderChange", decode: decodeLeaderChangeMessage, encode: encodeLeaderChangeMessage },
  { key: 3, type: "SnapshotHeader", decode: decodeSnapshotHeaderRecord, encode: encodeSnapshotHeaderRecord },
  { key: 4, type: "SnapshotFooter", decode: decodeSnapshotFooterRecord, encode: encodeSnapshotFooterRecord },
  { key: 5, type: "KRaftVersion", decode: decodeKRaftVersionRecord, encode: encodeKRaftVersionRecord },
  { key: 6, type: "KRaftVoters", decode: decodeVotersRecord, encode: encodeVotersRecord }
]
const byKey = new Map<number, Row>(rows.map((row) => [row.key, row]))
const byType = new Map<string, Row>(rows.map((row) => [row.type, row]))
const keyVersion = 0

/** Control records as the key and the value of a record: version and kind in the key, version and fields in the value. */
export const ControlRecord = {
  /** Encodes in the version that the record itself names. */
  encode(record: ControlRecordInput): { readonly key: Buffer; readonly value: Buffer } {
    const row = byType.get(record.type)
    if (row === undefined) throw new EncodeError("wrong-type", "control record", record.type)
    const key = new Writer(4)
    key.int16(keyVersion)
    key.int16(row.key)
    const value = new Writer(256)
    row.encode(value, record.value.version, record.value as never)
    return { key: key.body(), value: value.body() }
  },

  /** A record of an unknown kind or version is a `ProtocolError`: a newer node wrote it, and skipping it would lose state. */
  decode(key: Buffer, value: Buffer): ControlRecord {
    const reader = new Reader(key)
    reader.int16()
    const type = reader.int16()
    const row = byKey.get(type)
    if (row === undefined) throw new ProtocolError("record-key", 2, type)
    return { type: row.type, value: row.decode(new Reader(value), new Reader(value).int16()) } as ControlRecord
  }
} as const
