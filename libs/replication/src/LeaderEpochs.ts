import { Int64 } from "@tailrace/record"

/** Where a log ends for an epoch; both are -1 when the epoch is unknown. */
export interface EpochEndOffset {
  readonly leaderEpoch: number
  readonly endOffset: number
}

export interface LeaderEpochsOptions {
  /** More epochs than this are kept only where each has batches of its own. */
  readonly epochsMax?: number
}

const unknownEpoch: EpochEndOffset = { leaderEpoch: -1, endOffset: -1 }
const formatVersion = 1
const headerBytes = 5
const entryBytes = 12
const epochsMaxDefault = 1024

/**
 * The history of leader epochs of one partition: which epoch began at which offset. Followers and consumers find with
 * it where two logs part (KIP-101, KIP-279, KIP-320).
 *
 * Epochs increase strictly and start offsets never decrease. An epoch in which nothing was written is kept too: it has
 * the start offset of its successor. When an offset has several epochs, the last one wrote the batch there.
 */
export class LeaderEpochs {
  readonly epochsMax: number
  #epochs: number[] = []
  #startOffsets: number[] = []

  constructor(options: LeaderEpochsOptions = {}) {
    this.epochsMax = options.epochsMax ?? epochsMaxDefault
  }

  get size(): number {
    return this.#epochs.length
  }

  /** The newest epoch, -1 when there is none. It may have no batch yet. */
  get latest(): number {
    return this.#epochs.at(-1) ?? -1
  }

  get latestStartOffset(): number {
    return this.#startOffsets.at(-1) ?? -1
  }

  /**
   * Notes that `epoch` begins at `startOffset`. A repeat of the newest epoch changes nothing and answers false. What
   * contradicts the new entry (an equal or later epoch, or a later start offset) can only come from a part of the log
   * that was replaced, and is dropped.
   */
  assign(epoch: number, startOffset: number): boolean {
    if (epoch < 0 || startOffset < 0) throw new Error(`leader epoch ${epoch} at offset ${startOffset} is not assignable`)
    if (epoch === this.latest && startOffset >= this.latestStartOffset) return false
    let keep = this.#epochs.length
    while (keep > 0 && (this.#epochs[keep - 1]! >= epoch || this.#startOffsets[keep - 1]! > startOffset)) keep--
    this.#keepFirst(keep)
    this.#epochs.push(epoch)
    this.#startOffsets.push(startOffset)
    if (this.#epochs.length > this.epochsMax) this.#dropOldestWithoutBatches()
    return true
  }

  /**
   * The largest known epoch that is not above `epoch`, and the offset after its last batch. An epoch above all known
   * ones is unknown (-1, -1); one below all known ones ends where the log's first epoch starts.
   */
  endOffsetFor(epoch: number, logEndOffset: number): EpochEndOffset {
    if (epoch < 0 || this.#epochs.length === 0 || epoch > this.latest) return unknownEpoch
    if (epoch === this.latest) return { leaderEpoch: epoch, endOffset: logEndOffset }
    const next = upperBound(this.#epochs, epoch)
    const endOffset = this.#startOffsets[next]!
    return { leaderEpoch: next === 0 ? epoch : this.#epochs[next - 1]!, endOffset }
  }

  /**
   * Where a follower cuts its log, which ends at `logEndOffset`, when the leader says where the two part. When the
   * leader's epoch is unknown here, the cut goes to the end of the one below, and the next fetch may cut again.
   */
  truncationFor(diverging: EpochEndOffset, logEndOffset: number): number {
    const own = this.endOffsetFor(diverging.leaderEpoch, logEndOffset)
    return Math.min(own.endOffset < 0 ? logEndOffset : own.endOffset, diverging.endOffset, logEndOffset)
  }

  /** The epoch of the batch that holds `offset`, -1 when the history does not reach back to it. */
  epochAt(offset: number): number {
    const next = upperBound(this.#startOffsets, offset)
    return next === 0 ? -1 : this.#epochs[next - 1]!
  }

  /** The first offset of exactly this epoch, -1 when it is not in the history. */
  startOffsetOf(epoch: number): number {
    const at = upperBound(this.#epochs, epoch) - 1
    return at >= 0 && this.#epochs[at] === epoch ? this.#startOffsets[at]! : -1
  }

  /** The log now ends at `endOffset`: epochs that began there or later have no batch left and go. */
  truncateTo(endOffset: number): void {
    let keep = this.#epochs.length
    while (keep > 0 && this.#startOffsets[keep - 1]! >= endOffset) keep--
    this.#keepFirst(keep)
  }

  /** The log now starts at `startOffset`: the epoch that was current there is kept and starts there. */
  advanceStart(startOffset: number): void {
    const next = upperBound(this.#startOffsets, startOffset)
    if (next === 0) return
    this.#epochs.splice(0, next - 1)
    this.#startOffsets.splice(0, next - 1)
    this.#startOffsets[0] = startOffset
  }

  *entries(): Iterable<{ epoch: number; startOffset: number }> {
    for (let i = 0; i < this.#epochs.length; i++) yield { epoch: this.#epochs[i]!, startOffset: this.#startOffsets[i]! }
  }

  /** Layout: version u8, count u32, then epoch i32 and start offset i64 for each. The log guards it with its own CRC. */
  encode(): Buffer {
    const bytes = Buffer.allocUnsafe(headerBytes + this.#epochs.length * entryBytes)
    bytes.writeUInt8(formatVersion, 0)
    bytes.writeUInt32BE(this.#epochs.length, 1)
    for (let i = 0, at = headerBytes; i < this.#epochs.length; i++, at += entryBytes) {
      bytes.writeInt32BE(this.#epochs[i]!, at)
      Int64.writeInt64(bytes, at + 4, this.#startOffsets[i]!)
    }
    return bytes
  }

  static decode(bytes: Uint8Array, options: LeaderEpochsOptions = {}): LeaderEpochs {
    const from = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (from.length < headerBytes || from.readUInt8(0) !== formatVersion) throw new Error("unknown leader epoch snapshot")
    const count = from.readUInt32BE(1)
    if (from.length !== headerBytes + count * entryBytes) throw new Error("leader epoch snapshot is cut short")
    const decoded = new LeaderEpochs(options)
    for (let i = 0, at = headerBytes; i < count; i++, at += entryBytes) {
      const epoch = from.readInt32BE(at)
      const startOffset = Int64.readInt64(from, at + 4)
      if (epoch <= decoded.latest || startOffset < decoded.latestStartOffset) throw new Error("leader epoch snapshot is out of order")
      decoded.#epochs.push(epoch)
      decoded.#startOffsets.push(startOffset)
    }
    return decoded
  }

  #keepFirst(count: number): void {
    this.#epochs.length = count
    this.#startOffsets.length = count
  }

  #dropOldestWithoutBatches(): void {
    for (let i = 0; i + 1 < this.#epochs.length; i++) {
      if (this.#startOffsets[i] !== this.#startOffsets[i + 1]) continue
      this.#epochs.splice(i, 1)
      this.#startOffsets.splice(i, 1)
      return
    }
  }
}

/** The index of the first value above `limit` in an ascending list. */
function upperBound(ascending: ReadonlyArray<number>, limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low
}
