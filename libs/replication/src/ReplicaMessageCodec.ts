import { ProtocolError, Reader, Writer } from "@tailrace/kafka-protocol"
import type {
  AckEntry, BatchesEntry, BatchesMessage, FetchEntry, FetchMessage, Incarnation, PollMessage, ReplicaEnvelope
} from "./ReplicaMessage.ts"
import { ReplicaMessageError, type ReplicaMessageReason } from "./ReplicaMessageError.ts"

/** Grows with every change that an older decoder would misread. */
export const replicaMessageVersion = 1
/** What a message has before its entries, at most: a cluster's name has up to 255 bytes. */
export const messageHeadBytesMax = 384
/** One entry of a poll or an acknowledgement, and a forgotten slot, at most. */
export const fetchEntryBytesMax = 72
/** One entry of a piece without its batches, at most. */
export const batchesEntryBytesMax = 72

/** From here on a copy costs more than a part. */
const partBytesMin = 8 * 1024
const clusterNameBytesMax = 255
const ackEntryBytesMin = 13
const fetchEntryBytesMin = 38
const batchesEntryBytesMin = 37

/** The number of a kind is its place. Kinds are added at the end and never move. */
const kinds: ReadonlyArray<FetchMessage["kind"] | BatchesMessage["kind"]> = ["full", "incremental", "ack", "piece", "resync"]

export function encodeFetchMessage(message: FetchMessage): Buffer {
  const writer = begin(message.kind, message, messageHeadBytesMax + message.entries.length * fetchEntryBytesMax)
  if (message.kind === "ack") {
    writer.arrayLength(message.entries.length)
    for (const { durableEnd, leaderEpoch, slot } of message.entries) {
      writer.uvarint(slot)
      writer.int32(leaderEpoch)
      writer.int64(durableEnd)
    }
    return writer.body()
  }
  writer.int32(message.checksum | 0)
  writer.uvarint(message.waitMillis)
  writer.uvarint(message.bytesMax)
  writer.arrayLength(message.entries.length)
  for (const entry of message.entries) writeFetchEntry(writer, entry)
  writer.arrayLength(message.forgotten.length)
  for (const slot of message.forgotten) writer.uvarint(slot)
  return writer.body()
}

/**
 * The message in parts, to be sent one behind the other. The batches lie behind everything else; large ones are parts of their own and stay
 * where they are, small ones are copied together, since each part costs more than their copy.
 */
export function encodeBatchesMessage(message: BatchesMessage): ReadonlyArray<Buffer> {
  if (message.kind === "resync") return [begin(message.kind, message, messageHeadBytesMax).body()]
  const writer = begin(message.kind, message, messageHeadBytesMax + message.entries.length * batchesEntryBytesMax)
  writer.int64(message.previousSequence)
  writer.uvarint(message.pieceIndex)
  writer.boolean(message.isLast)
  writer.arrayLength(message.entries.length)
  for (const entry of message.entries) writeBatchesEntry(writer, entry)
  return joinSmall([writer.body(), ...message.entries.flatMap(({ batches }) => batches)])
}

function joinSmall(chunks: ReadonlyArray<Buffer>): ReadonlyArray<Buffer> {
  const parts: Array<Buffer> = []
  for (let at = 0; at < chunks.length;) {
    let end = at + 1
    while (chunks[at]!.length < partBytesMin && end < chunks.length && chunks[end]!.length < partBytesMin) end++
    parts.push(end === at + 1 ? chunks[at]! : Buffer.concat(chunks.slice(at, end)))
    at = end
  }
  return parts
}

/** Throws `ReplicaMessageError`; costs no more memory than a small multiple of the bytes. */
export function decodeFetchMessage(bytes: Uint8Array): FetchMessage {
  return decoded(bytes, (reader) => {
    const { envelope, kind } = readHead(reader)
    if (kind === "ack") return { kind, ...envelope, entries: readList(reader, ackEntryBytesMin, readAckEntry) }
    if (kind !== "full" && kind !== "incremental") throw new ReplicaMessageError("kind")
    const [checksum, waitMillis, bytesMax] = [reader.int32() >>> 0, reader.uvarint(), reader.uvarint()]
    const entries = readList(reader, fetchEntryBytesMin, readFetchEntry)
    const message: PollMessage = { kind, ...envelope, checksum, waitMillis, bytesMax, entries, forgotten: readList(reader, 1, (it) => it.uvarint()) }
    return message
  })
}

/** The message, whose batches are views of `bytes`. Throws `ReplicaMessageError`. */
export function decodeBatchesMessage(bytes: Uint8Array): BatchesMessage {
  return decoded(bytes, (reader) => {
    const { envelope, kind } = readHead(reader)
    if (kind === "resync") return { kind, ...envelope }
    if (kind !== "piece") throw new ReplicaMessageError("kind")
    const [previousSequence, pieceIndex, isLast] = [natural(reader), reader.uvarint(), flag(reader)]
    const heads = readList(reader, batchesEntryBytesMin, readBatchesEntry)
    const entries = heads.map(({ batchBytes, ...entry }) => ({ ...entry, batches: readBatches(reader, batchBytes) }))
    return { kind, ...envelope, previousSequence, pieceIndex, isLast, entries }
  })
}

function begin(kind: FetchMessage["kind"] | BatchesMessage["kind"], envelope: ReplicaEnvelope, sizeHint: number): Writer {
  const writer = new Writer(sizeHint)
  writer.flexible = true
  writer.int8(replicaMessageVersion)
  writer.int8(kinds.indexOf(kind))
  writer.string(envelope.clusterName)
  for (const { brokerEpoch, nodeId } of [envelope.from, envelope.to]) {
    writer.int32(nodeId)
    writer.int64(brokerEpoch)
  }
  writer.int64(envelope.sessionId)
  writer.int64(envelope.sequence)
  return writer
}

function readHead(reader: Reader): { kind: (typeof kinds)[number]; envelope: ReplicaEnvelope } {
  if (reader.int8() !== replicaMessageVersion) throw new ReplicaMessageError("version")
  const kind = kinds[reader.int8()]
  if (kind === undefined) throw new ReplicaMessageError("kind")
  const clusterName = reader.string()
  if (clusterName.length > clusterNameBytesMax) throw new ReplicaMessageError("string-length")
  const envelope = { clusterName, from: readIncarnation(reader), to: readIncarnation(reader), sessionId: natural(reader), sequence: natural(reader) }
  return { kind, envelope }
}

const readIncarnation = (reader: Reader): Incarnation => ({ nodeId: notNegative(reader.int32()), brokerEpoch: brokerEpoch(reader) })

function writeFetchEntry(writer: Writer, entry: FetchEntry): void {
  writer.uvarint(entry.slot)
  writer.boolean(entry.name !== undefined)
  if (entry.name !== undefined) {
    writer.uuid(entry.name.topicId)
    writer.int32(entry.name.partition)
  }
  writer.int32(entry.leaderEpoch)
  writer.int64(entry.fetchOffset)
  writer.int32(entry.lastFetchedEpoch)
  writer.int64(entry.durableEnd)
  writer.int64(entry.logStartOffset)
  writer.int32(entry.fragmentPosition)
}

const readFetchEntry = (reader: Reader): FetchEntry => ({
  slot: reader.uvarint(),
  name: flag(reader) ? { topicId: reader.uuid(), partition: notNegative(reader.int32()) } : undefined,
  leaderEpoch: notNegative(reader.int32()),
  fetchOffset: natural(reader),
  lastFetchedEpoch: epoch(reader),
  durableEnd: natural(reader),
  logStartOffset: natural(reader),
  fragmentPosition: notNegative(reader.int32())
})

const readAckEntry = (reader: Reader): AckEntry =>
  ({ slot: reader.uvarint(), leaderEpoch: notNegative(reader.int32()), durableEnd: natural(reader) })

const hasDiverging = 1
const hasFragment = 2

/** Answers how many bytes of batches follow behind the last entry. */
function writeBatchesEntry(writer: Writer, entry: BatchesEntry): void {
  const { diverging, fragment } = entry
  let batchBytes = 0
  for (const chunk of entry.batches) batchBytes += chunk.length
  writer.uvarint(entry.slot)
  writer.int8((diverging === undefined ? 0 : hasDiverging) | (fragment === undefined ? 0 : hasFragment))
  writer.int32(entry.leaderEpoch)
  writer.int16(entry.errorCode)
  writer.int64(entry.highWatermark)
  writer.int64(entry.logStartOffset)
  writer.int64(entry.baseOffset)
  writer.int32(entry.prevEpoch)
  if (diverging !== undefined) {
    writer.int32(diverging.leaderEpoch)
    writer.int64(diverging.endOffset)
  }
  if (fragment !== undefined) {
    writer.int32(fragment.position)
    writer.int32(fragment.totalBytes)
  }
  writer.uvarint(batchBytes)
}

function readBatchesEntry(reader: Reader): Omit<BatchesEntry, "batches"> & { readonly batchBytes: number } {
  const slot = reader.uvarint()
  const flags = reader.int8()
  if (flags < 0 || flags > (hasDiverging | hasFragment)) throw new ReplicaMessageError("range")
  const [leaderEpoch, errorCode] = [notNegative(reader.int32()), reader.int16()]
  const [highWatermark, logStartOffset, baseOffset] = [natural(reader), natural(reader), natural(reader)]
  const prevEpoch = epoch(reader)
  const diverging = (flags & hasDiverging) === 0 ? undefined : { leaderEpoch: epoch(reader), endOffset: natural(reader) }
  const fragment = (flags & hasFragment) === 0 ? undefined : { position: notNegative(reader.int32()), totalBytes: notNegative(reader.int32()) }
  const batchBytes = reader.uvarint()
  return { slot, leaderEpoch, errorCode, highWatermark, logStartOffset, diverging, baseOffset, prevEpoch, fragment, batchBytes }
}

function readBatches(reader: Reader, bytes: number): ReadonlyArray<Buffer> {
  if (bytes === 0) return []
  const at = reader.take(bytes)
  return [reader.buffer.subarray(at, at + bytes)]
}

function readList<A>(reader: Reader, elementBytesMin: number, read: (reader: Reader) => A): Array<A> {
  const list: Array<A> = []
  for (let left = reader.arrayLength(elementBytesMin); left > 0; left--) list.push(read(reader))
  return list
}

function natural(reader: Reader): number {
  return notNegative(reader.int64())
}

function notNegative(value: number): number {
  if (value < 0) throw new ReplicaMessageError("range")
  return value
}

const brokerEpoch = (reader: Reader): number => atLeastMinusOne(reader.int64())
const epoch = (reader: Reader): number => atLeastMinusOne(reader.int32())

function atLeastMinusOne(value: number): number {
  if (value < -1) throw new ReplicaMessageError("range")
  return value
}

function flag(reader: Reader): boolean {
  const value = reader.int8()
  if (value !== 0 && value !== 1) throw new ReplicaMessageError("range")
  return value === 1
}

function decoded<A>(bytes: Uint8Array, read: (reader: Reader) => A): A {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  reader.flexible = true
  try {
    const message = read(reader)
    if (reader.remainingBytes > 0) throw new ReplicaMessageError("trailing")
    return message
  } catch (error) {
    if (error instanceof ProtocolError) throw new ReplicaMessageError(error.reason satisfies ReplicaMessageReason)
    throw error
  }
}
