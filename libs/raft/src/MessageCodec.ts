import type { Envelope, Message } from "./Message.ts"
import { ByteReader } from "./internal/ByteReader.ts"
import { ByteWriter } from "./internal/ByteWriter.ts"
import { readData, readEntries, readKey, readSnapshot, writeEntries, writeKey, writeSnapshot } from "./internal/fields.ts"
import { RaftMessageError } from "./RaftMessageError.ts"

/** Grows with every change that an older decoder would misread. */
export const messageVersion = 1

const clusterIdBytesMax = 64
/** Entries of one append, whatever the sender's configuration says. */
export const messageEntriesMax = 100_000

/** The number of a kind is its place. Kinds are added at the end and never move. */
const kinds: ReadonlyArray<Message["kind"]> = [
  "preVoteRequest", "preVoteResponse", "voteRequest", "voteResponse", "appendRequest", "appendAccepted", "appendRejected",
  "heartbeatRequest", "heartbeatResponse", "snapshotRequest", "snapshotResponse", "timeoutNow", "readRequest", "readResponse",
  "observeRequest", "observeResponse"
]

function dataBytes(message: Message): number {
  if (message.kind === "appendRequest") return message.entries.reduce((bytes, { data }) => bytes + data.length + 16, 0)
  return message.kind === "snapshotRequest" ? message.data.length : 0
}

export function encodeMessage(message: Message): Buffer {
  const writer = new ByteWriter(192 + dataBytes(message))
  writer.byte(messageVersion)
  writer.byte(kinds.indexOf(message.kind))
  writer.text(message.clusterId)
  writeKey(writer, message.from)
  writeKey(writer, message.to)
  writer.natural(message.term)
  writeBody(writer, message)
  return writer.finish()
}

function writeBody(writer: ByteWriter, message: Message): void {
  const flag = (value: boolean): void => writer.byte(value ? 1 : 0)
  switch (message.kind) {
    case "preVoteRequest":
    case "voteRequest":
      writer.natural(message.lastTerm)
      writer.natural(message.endOffset)
      if (message.kind === "voteRequest") flag(message.isTransfer)
      return
    case "preVoteResponse":
    case "voteResponse":
      return flag(message.isGranted)
    case "appendRequest":
      writer.natural(message.prevOffset)
      writer.natural(message.prevTerm)
      writer.natural(message.commit)
      return writeEntries(writer, message.entries)
    case "appendAccepted":
      return writer.natural(message.matchOffset)
    case "appendRejected":
      writer.natural(message.rejectedOffset)
      writer.natural(message.hintOffset)
      return writer.natural(message.hintTerm)
    case "heartbeatRequest":
      writer.natural(message.commit)
      return writer.natural(message.round)
    case "heartbeatResponse":
      writer.natural(message.round)
      return writer.natural(message.endOffset)
    case "snapshotRequest":
      writeSnapshot(writer, message.snapshot)
      writer.natural(message.position)
      return writer.bytes(message.data)
    case "snapshotResponse":
      writer.natural(message.endOffset)
      return writer.natural(message.position)
    case "timeoutNow":
      return
    case "readRequest":
    case "readResponse":
      writer.natural(message.incarnation)
      writer.natural(message.batch)
      if (message.kind === "readRequest") return
      flag(message.offset !== undefined)
      return message.offset === undefined ? undefined : writer.natural(message.offset)
    case "observeRequest":
      return writer.natural(message.endOffset)
    case "observeResponse":
      flag(message.leader !== undefined)
      return message.leader === undefined ? undefined : writeKey(writer, message.leader)
  }
}

/** The message, whose data are views of `bytes`. Throws `RaftMessageError`; costs no more memory than the bytes are. */
export function decodeMessage(bytes: Uint8Array): Message {
  const reader = new ByteReader(bytes)
  if (reader.byte() !== messageVersion) throw new RaftMessageError("version")
  const kind = kinds[reader.byte()]
  if (kind === undefined) throw new RaftMessageError("kind")
  const clusterId = reader.text(clusterIdBytesMax)
  const envelope = { clusterId, from: readKey(reader), to: readKey(reader), term: reader.natural() }
  const message = readBody(reader, kind, envelope)
  reader.end()
  return message
}

function readBody(reader: ByteReader, kind: Message["kind"], envelope: Envelope): Message {
  const natural = (): number => reader.natural()
  switch (kind) {
    case "preVoteRequest":
      return { kind, ...envelope, lastTerm: natural(), endOffset: natural() }
    case "voteRequest":
      return { kind, ...envelope, lastTerm: natural(), endOffset: natural(), isTransfer: reader.flag() }
    case "preVoteResponse":
    case "voteResponse":
      return { kind, ...envelope, isGranted: reader.flag() }
    case "appendRequest": {
      const [prevOffset, prevTerm, commit] = [natural(), natural(), natural()]
      return { kind, ...envelope, prevOffset, prevTerm, commit, entries: readEntries(reader, prevOffset, messageEntriesMax) }
    }
    case "appendAccepted":
      return { kind, ...envelope, matchOffset: natural() }
    case "appendRejected":
      return { kind, ...envelope, rejectedOffset: natural(), hintOffset: natural(), hintTerm: natural() }
    case "heartbeatRequest":
      return { kind, ...envelope, commit: natural(), round: natural() }
    case "heartbeatResponse":
      return { kind, ...envelope, round: natural(), endOffset: natural() }
    case "snapshotRequest":
      return { kind, ...envelope, snapshot: readSnapshot(reader), position: natural(), data: readData(reader) }
    case "snapshotResponse":
      return { kind, ...envelope, endOffset: natural(), position: natural() }
    case "timeoutNow":
      return { kind, ...envelope }
    case "readRequest":
      return { kind, ...envelope, incarnation: natural(), batch: natural() }
    case "readResponse":
      return { kind, ...envelope, incarnation: natural(), batch: natural(), offset: reader.flag() ? natural() : undefined }
    case "observeRequest":
      return { kind, ...envelope, endOffset: natural() }
    case "observeResponse":
      return { kind, ...envelope, leader: reader.flag() ? readKey(reader) : undefined }
  }
}
