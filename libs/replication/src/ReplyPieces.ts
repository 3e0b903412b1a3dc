import { Batch } from "@tailrace/record"
import type { BatchesEntry, PieceMessage, ReplicaEnvelope } from "./ReplicaMessage.ts"
import { batchesEntryBytesMax, messageHeadBytesMax } from "./ReplicaMessageCodec.ts"

export interface ReplyPiecesOptions {
  readonly envelope: ReplicaEnvelope
  readonly previousSequence: number
  /** A whole message is not longer than this. */
  readonly pieceBytesMax: number
  /** Batches of the whole answer; the first is sent whatever its size. */
  readonly bytesMax: number
  readonly send: (piece: PieceMessage) => void
}

type EntryHead = Omit<BatchesEntry, "batches" | "fragment">

interface OpenEntry extends BatchesEntry {
  readonly batches: Array<Buffer>
}

/**
 * One answer, cut into pieces that can be appended on their own: at batch boundaries, each entry with the place in the log to which
 * it belongs. A batch that is larger than a piece is cut into fragments, and is the last of its partition in the answer.
 */
export class ReplyPieces {
  readonly #options: ReplyPiecesOptions
  #entries: Array<OpenEntry> = []
  #pieceBytes = messageHeadBytesMax
  #pieceIndex = 0
  /** Bytes of batches so far. */
  bytes = 0

  constructor(options: ReplyPiecesOptions) {
    this.#options = options
  }

  get bytesLeft(): number {
    return this.#options.bytesMax - this.bytes
  }

  /** An entry without batches. */
  addNews(head: EntryHead): void {
    if (this.#room < 0) this.#flush(false)
    this.#push({ ...head, fragment: undefined, batches: [] }, 0)
  }

  /**
   * Whole batches from `head.baseOffset` on. Of a large first batch as much as there is room for, from `fragmentPosition` on.
   * Answers the end of what the follower will have when it has taken all of it.
   */
  addBatches(head: EntryHead, chunks: ReadonlyArray<Buffer>, fragmentPosition: number): number {
    const [first] = chunks
    if (first === undefined) throw new Error("assertion: an entry with batches has some")
    const firstBytes = Batch.sizeInBytes(first, 0)
    if (firstBytes > this.#batchBytesMax) return this.#addFragments(head, first.subarray(0, firstBytes), fragmentPosition)
    let { baseOffset, prevEpoch } = head
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length;) {
        if (Batch.sizeInBytes(chunk, at) > this.#batchBytesMax) return baseOffset
        if (Batch.sizeInBytes(chunk, at) > this.#room) this.#flush(false)
        const [end, last] = this.#fitting(chunk, at)
        this.#push({ ...head, baseOffset, prevEpoch, fragment: undefined, batches: [chunk.subarray(at, end)] }, end - at)
        baseOffset = Batch.nextOffset(chunk, last)
        prevEpoch = Batch.leaderEpoch(chunk, last)
        at = end
      }
    }
    return baseOffset
  }

  /** Sends what is left; an answer has at least one piece. */
  finish(): void {
    this.#flush(true)
  }

  /** Where the batches end that fit into this piece, and where the last of them begins. At least one fits. */
  #fitting(chunk: Buffer, from: number): [end: number, last: number] {
    const limit = Math.min(chunk.length, from + this.#room)
    let last = from
    let end = from + Batch.sizeInBytes(chunk, from)
    while (end < chunk.length) {
      const next = end + Batch.sizeInBytes(chunk, end)
      if (next > limit) break
      last = end
      end = next
    }
    return [end, last]
  }

  #addFragments(head: EntryHead, batch: Buffer, fragmentPosition: number): number {
    // What has come already is of another batch when this one is not longer.
    let position = fragmentPosition < batch.length ? fragmentPosition : 0
    const end = Math.min(batch.length, position + Math.max(this.bytesLeft, this.#batchBytesMax))
    while (position < end) {
      if (this.#entries.length > 0) this.#flush(false)
      const part = batch.subarray(position, Math.min(end, position + this.#batchBytesMax))
      this.#push({ ...head, fragment: { position, totalBytes: batch.length }, batches: [part] }, part.length)
      position += part.length
    }
    return end === batch.length ? Batch.nextOffset(batch, 0) : head.baseOffset
  }

  get #batchBytesMax(): number {
    return this.#options.pieceBytesMax - messageHeadBytesMax - batchesEntryBytesMax
  }

  get #room(): number {
    return this.#options.pieceBytesMax - this.#pieceBytes - batchesEntryBytesMax
  }

  /** Batches that continue the entry before them become a part of it. */
  #push(entry: OpenEntry, bytes: number): void {
    const last = this.#entries.at(-1)
    if (last !== undefined && last.slot === entry.slot && bytes > 0) last.batches.push(...entry.batches)
    else {
      this.#entries.push(entry)
      this.#pieceBytes += batchesEntryBytesMax
    }
    this.#pieceBytes += bytes
    this.bytes += bytes
  }

  #flush(isLast: boolean): void {
    const { envelope, previousSequence, send } = this.#options
    const entries = this.#entries
    this.#entries = []
    this.#pieceBytes = messageHeadBytesMax
    send({ kind: "piece", ...envelope, previousSequence, pieceIndex: this.#pieceIndex++, isLast, entries })
  }
}
