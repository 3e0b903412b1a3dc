import { recordCodecs } from "@tailrace/codecs"
import type { SimulatedDisk } from "@tailrace/log"
import { Batch } from "@tailrace/record"
import { demand } from "./Violation.ts"

interface Committed {
  readonly baseOffset: number
  readonly nextOffset: number
  readonly checksum: number
  readonly leaderEpoch: number
}

/** What is known to be committed of one partition: it may be added to and never changes. */
export class CommittedLog {
  readonly name: string
  /** Compaction takes batches away and writes others anew, on each replica when it likes. */
  readonly isCompacted: boolean
  readonly #batches: Array<Committed> = []
  /** The highest high watermark that a leader ever had. */
  end = 0
  /** Everything below is deleted. */
  start = 0
  readonly leaders = new Map<number, string>()

  constructor(name: string, isCompacted: boolean) {
    this.name = name
    this.isCompacted = isCompacted
  }

  /**
   * Takes in what a disk holds from `from` to `to`: each batch is undamaged (S1), follows the one before (D5) and is the one that
   * is committed there (P4). That a batch which is known is undamaged too is looked at only where it is asked for.
   */
  compare(who: string, disk: SimulatedDisk, logNumber: number, from: number, to: number, isThorough = false): void {
    let next = Math.max(from, this.start)
    disk.image.scanBatches(logNumber, next, Number.MAX_SAFE_INTEGER, (batch) => {
      const baseOffset = Batch.baseOffset(batch, 0)
      if (baseOffset >= to) return false
      demand(baseOffset <= next || this.isCompacted, "P4", () => `${who} of ${this.name} has a hole from ${next} to ${baseOffset}, below the high watermark ${to}`)
      const nextOffset = Batch.nextOffset(batch, 0)
      const known = this.#at(baseOffset)
      const checksum = Batch.crc(batch, 0)
      if (known === undefined || isThorough) {
        demand(recordCodecs.crc32c(batch.subarray(checksummedFrom)) === checksum, "S1", () => `${who} of ${this.name} has a damaged batch at ${baseOffset}`)
      }
      if (known === undefined) {
        this.#add({ baseOffset, nextOffset, checksum, leaderEpoch: Batch.leaderEpoch(batch, 0) })
      } else {
        const isSame = this.isCompacted && known.leaderEpoch === Batch.leaderEpoch(batch, 0) || known.baseOffset === baseOffset && known.nextOffset === nextOffset && known.checksum === checksum &&
          known.leaderEpoch === Batch.leaderEpoch(batch, 0)
        demand(isSame, "P4", () => `${who} of ${this.name} has another batch at ${baseOffset} than the one that is committed (epoch ${
          Batch.leaderEpoch(batch, 0)} instead of ${known.leaderEpoch}), below the high watermark ${to}`)
      }
      next = nextOffset
      return next < to
    })
    demand(next >= to || to <= this.start, "P4", () => `${who} of ${this.name} ends at ${next} on the disk, below its high watermark ${to}`)
    if (to > this.end) this.end = to
  }

  /** Whether a disk holds the last of what is committed; what is before it was checked when it became committed. */
  isOn(disk: SimulatedDisk, logNumber: number): boolean {
    const last = this.#batches.at(-1)
    if (last === undefined || this.end <= this.start) return true
    let isThere = false
    disk.image.scanBatches(logNumber, last.nextOffset - 1, last.nextOffset, (batch) => {
      isThere = this.isCompacted || Batch.crc(batch, 0) === last.checksum && Batch.baseOffset(batch, 0) === last.baseOffset
      return false
    })
    return isThere
  }

  /** The batch that holds the offset. */
  has(offset: number): boolean {
    const found = this.#at(offset)
    return offset < this.end && (found !== undefined || offset < this.start)
  }

  #add(batch: Committed): void {
    const last = this.#batches.at(-1)
    demand(last === undefined || last.nextOffset === batch.baseOffset || this.isCompacted, "P5", () =>
      `${this.name}: ${batch.baseOffset} becomes committed behind ${last?.nextOffset}`)
    this.#batches.push(batch)
  }

  #at(offset: number): Committed | undefined {
    let low = 0
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#batches[middle]!.nextOffset <= offset) low = middle + 1
      else high = middle
    }
    const found = this.#batches[low]
    return found !== undefined && found.baseOffset <= offset ? found : undefined
  }
}

/** The checksum of a batch covers everything from its attributes on. */
const checksummedFrom = 21
