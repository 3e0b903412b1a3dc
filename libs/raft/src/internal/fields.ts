import type { Configuration } from "../Configuration.ts"
import type { Entry, EntryKind } from "../Entry.ts"
import type { NodeKey } from "../NodeKey.ts"
import { RaftMessageError } from "../RaftMessageError.ts"
import type { Snapshot } from "../Snapshot.ts"
import type { ByteReader } from "./ByteReader.ts"
import type { ByteWriter } from "./ByteWriter.ts"

/** A Kafka uuid has 22 characters. */
export const directoryIdBytesMax = 64
export const membersCountMax = 1_000
const dataBytesMax = 128 * 1024 * 1024
const entryKinds: ReadonlyArray<EntryKind> = ["data", "leaderChange", "configuration"]

export function writeKey(writer: ByteWriter, key: NodeKey): void {
  writer.natural(key.nodeId)
  writer.text(key.directoryId)
}

export function readKey(reader: ByteReader): NodeKey {
  return { nodeId: reader.natural(), directoryId: reader.text(directoryIdBytesMax) }
}

export function writeKeys(writer: ByteWriter, keys: ReadonlyArray<NodeKey>): void {
  writer.natural(keys.length)
  for (const key of keys) writeKey(writer, key)
}

export function readKeys(reader: ByteReader): Array<NodeKey> {
  const keys: Array<NodeKey> = []
  const count = reader.count(membersCountMax, 2)
  for (let i = 0; i < count; i++) keys.push(readKey(reader))
  return keys
}

export function writeConfiguration(writer: ByteWriter, { voters, learners }: Configuration): void {
  writeKeys(writer, voters)
  writeKeys(writer, learners)
}

export function readConfiguration(reader: ByteReader): Configuration {
  return { voters: readKeys(reader), learners: readKeys(reader) }
}

export function writeSnapshot(writer: ByteWriter, snapshot: Snapshot): void {
  writer.natural(snapshot.endOffset)
  writer.natural(snapshot.term)
  writer.natural(snapshot.sizeBytes)
  writer.natural(snapshot.checksum)
  writeConfiguration(writer, snapshot.configuration)
}

export function readSnapshot(reader: ByteReader): Snapshot {
  const [endOffset, term, sizeBytes, checksum] = [reader.natural(), reader.natural(), reader.natural(), reader.natural()]
  return { endOffset, term, sizeBytes, checksum, configuration: readConfiguration(reader) }
}

/** Their offsets follow from the first. */
export function writeEntries(writer: ByteWriter, entries: ReadonlyArray<Entry>): void {
  writer.natural(entries.length)
  for (const { term, offsetCount, kind, data } of entries) {
    writer.natural(term)
    writer.natural(offsetCount)
    writer.byte(entryKinds.indexOf(kind))
    writer.bytes(data)
  }
}

export function readEntries(reader: ByteReader, baseOffset: number, entriesMax: number): Array<Entry> {
  const entries: Array<Entry> = []
  const count = reader.count(entriesMax, 4)
  let offset = baseOffset
  for (let i = 0; i < count; i++) {
    const term = reader.natural()
    const offsetCount = reader.natural()
    const kind = entryKinds[reader.byte()]
    if (kind === undefined || offsetCount === 0) throw new RaftMessageError("range")
    entries.push({ offset, offsetCount, term, kind, data: reader.bytes(dataBytesMax) })
    offset += offsetCount
    if (!Number.isSafeInteger(offset)) throw new RaftMessageError("range")
  }
  return entries
}

export function readData(reader: ByteReader): Uint8Array {
  return reader.bytes(dataBytesMax)
}
