import { guardBytes } from "./internal/Guarded.ts"
import * as keys from "./internal/keys.ts"
import type { LogIdentity } from "./internal/records.ts"
import { StoreImage } from "./internal/StoreImage.ts"
import type { WriteSet } from "./WriteSet.ts"

/**
 * A disk that outlives the stores opened on it, one at a time. It holds what was flushed. Its faults are commands, so a
 * seed decides all of them; they name a bit where one rots, and nothing else changes.
 */
export class SimulatedDisk {
  readonly name: string
  /** The disk takes no more bytes than this. */
  capacityBytes: number
  /** What a process finds that opens the disk. */
  image = new StoreImage()
  /** For `SimulatedStore` alone. */
  isInUse = false
  #isTruncated = false
  /** While the disk lies: what it really holds, and the commits that it only claims to. */
  #flushed: StoreImage | undefined
  #claimed: Array<{ readonly set: WriteSet; readonly batches: ReadonlyArray<Buffer | undefined> }> = []

  constructor(name = "simulated", capacityBytes = Number.MAX_SAFE_INTEGER) {
    this.name = name
    this.capacityBytes = capacityBytes
  }

  /** Whether the end of its file is missing, so that it cannot be opened. */
  get isTruncated(): boolean {
    return this.#isTruncated
  }

  /** Flipped, the bit of the batch that holds the offset differs; offsets and bits count from 0. Throws where there is none. */
  corrupt(topicId: string, partition: number, offset: number, bit: number): void {
    const logNumber = this.#logNumber(topicId, partition)
    this.image.replaceBatch(logNumber, offset, (batch) => flipped(batch, bit))
  }

  /** The batch that holds the offset is gone, as if its key had rotted. */
  loseBatch(topicId: string, partition: number, offset: number): void {
    this.image.replaceBatch(this.#logNumber(topicId, partition), offset, () => undefined)
  }

  /** As `corrupt`, for one of the log's own records. */
  corruptRecord(key: string, bit: number): void {
    this.image.replaceRecord(key, (record) => flipped(record, bit))
  }

  loseRecord(key: string): void {
    this.image.replaceRecord(key, () => undefined)
  }

  /** Every batch on the disk, for `corrupt`: its log and an offset that it holds. */
  batches(): ReadonlyArray<{ readonly topicId: string; readonly partition: number; readonly offset: number }> {
    const found: Array<{ readonly topicId: string; readonly partition: number; readonly offset: number }> = []
    this.image.scan(keys.logPrefix, (key, record) => {
      const { partition, topicId } = JSON.parse(record.toString("utf8", guardBytes)) as LogIdentity
      const offsets = this.image.lastOffsets(keys.numberIn(key), 0, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
      for (const offset of offsets) found.push({ topicId, partition, offset })
    })
    return found
  }

  /** The keys of the log's own records. */
  recordKeys(): ReadonlyArray<string> {
    const found: Array<string> = []
    this.image.scan("", (key) => found.push(key))
    return found
  }

  /** The end of the file is cut off: the disk cannot be opened until it is wiped or restored. */
  truncate(): void {
    this.#isTruncated = true
  }

  /** Everything is gone, as on a new disk. */
  wipe(): void {
    this.#assertClosed()
    this.#become(new StoreImage())
  }

  /** A copy of the directory as it is now, for `restore` or to be opened beside this one. */
  copy(name = this.name): SimulatedDisk {
    const copy = new SimulatedDisk(name, this.capacityBytes)
    copy.image = this.image.clone()
    copy.#isTruncated = this.#isTruncated
    return copy
  }

  /** An older copy is put in the place of what is here. */
  restore(copy: SimulatedDisk): void {
    this.#assertClosed()
    this.#become(copy.image.clone())
    this.#isTruncated = copy.#isTruncated
  }

  /** From now on the disk reports flushes that it did not make, as a drive with a broken cache does. */
  lie(): void {
    this.#flushed ??= this.image.clone()
  }

  /** The disk does what it said, and is honest again. */
  tellTheTruth(): void {
    this.#flushed = undefined
    this.#claimed = []
  }

  /** What was only claimed is gone, except for the first `keptCommits`. */
  losePower(keptCommits = 0): void {
    const flushed = this.#flushed
    if (flushed === undefined) return
    for (const { set, batches } of this.#claimed.slice(0, keptCommits)) flushed.apply(set, batches)
    this.#become(flushed)
  }

  /** For `SimulatedStore` alone: a commit is written. */
  write(set: WriteSet, batches: ReadonlyArray<Buffer | undefined>): void {
    this.image.apply(set, batches)
    if (this.#flushed !== undefined) this.#claimed.push({ set, batches })
  }

  #become(image: StoreImage): void {
    this.image = image
    this.#isTruncated = false
    this.tellTheTruth()
  }

  #logNumber(topicId: string, partition: number): number {
    let found: number | undefined
    this.image.scan(keys.logPrefix, (key, record) => {
      const identity = JSON.parse(record.toString("utf8", guardBytes)) as LogIdentity
      if (identity.topicId === topicId && identity.partition === partition) found = keys.numberIn(key)
    })
    if (found === undefined) throw new Error(`assertion: the disk has no log of ${topicId}/${partition}`)
    return found
  }

  #assertClosed(): void {
    if (this.isInUse) throw new Error("assertion: the disk is in use")
  }
}

function flipped(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes)
  const at = bit >>> 3
  if (at >= copy.length) throw new Error(`assertion: bit ${bit} of ${copy.length} bytes`)
  copy[at]! ^= 1 << (bit & 7)
  return copy
}
