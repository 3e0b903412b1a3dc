import { Batch } from "@tailrace/record"
import { CorruptLogError } from "../CorruptLogError.ts"
import type { LogFault } from "../LogFault.ts"
import { OffsetOutOfRangeError } from "../OffsetOutOfRangeError.ts"
import type { StoreRead } from "../Store.ts"
import type { Descriptor } from "./Descriptor.ts"
import type { LogContext } from "./LogContext.ts"
import type { LogState } from "./LogState.ts"
import { hasForeignEpoch } from "./misplacement.ts"
import { storedBytes } from "./storedBytes.ts"
import type { LogTail } from "./TailCache.ts"
import { verifyRead } from "./verifyRead.ts"

/** The log, as its reads see it. */
export interface ReadLog {
  readonly topic: string
  readonly partition: number
  state(): LogState
  durableEnd(): number
  fault(): LogFault | undefined
  /** Whether batches are being replaced, so that they cannot be counted. */
  isChanging(): boolean
  isDeleted(): boolean
  /** Answers whether the log is still the one that it is now: otherwise what a pending read found is no more. */
  currency(): () => boolean
  quarantine(fault: LogFault): void
}

type Counted = Pick<Descriptor, "nextOffset" | "bytes">

const nothing: StoreRead = { chunks: [], bytes: 0 }

/** Reads of one log: recent batches from memory, others from the store, and nothing of what is known to be damaged. */
export class LogReader {
  readonly #context: LogContext
  readonly #tail: LogTail
  readonly #log: ReadLog
  /** Segments as they were when their batches were counted and all there, so that gaps up to there are those of compaction. */
  readonly #counted = new WeakMap<Descriptor, Counted>()

  constructor(context: LogContext, tail: LogTail, log: ReadLog) {
    this.#context = context
    this.#tail = tail
    this.#log = log
  }

  /** As `PartitionLog.read`, or `readVerified`. */
  read(fromOffset: number, bytesMax: number, endOffset: number, atLeastOne: boolean, isVerified: boolean): StoreRead | Promise<StoreRead> {
    // Its batches go by and by, so that a gap in what is left is no damage.
    if (this.#log.isDeleted()) return nothing
    const state = this.#log.state()
    if (fromOffset < state.startOffset || fromOffset > state.endOffset) throw outOfRange(fromOffset, state)
    const fault = this.#log.fault()
    let end = Math.min(endOffset, state.endOffset)
    if (fromOffset >= end) return nothing
    if (fault !== undefined && fromOffset < fault.endOffset) {
      if (fromOffset >= fault.offset) return Promise.reject(this.#corrupt(fault))
      end = Math.min(end, fault.offset)
    }
    const { tails, store } = this.#context
    if (fromOffset >= this.#tail.firstOffset) return tails.read(this.#tail, fromOffset, end, bytesMax, atLeastOne)
    const storedEnd = Math.min(end, this.#log.durableEnd())
    const read = store.readBatches(state.logNumber, fromOffset, storedEnd, bytesMax, atLeastOne)
    if (!(read instanceof Promise)) return this.#sound(read, fromOffset, storedEnd, isVerified)
    const isCurrent = this.#log.currency()
    return read.then((found) => {
      if (!isCurrent()) return this.read(fromOffset, bytesMax, endOffset, atLeastOne, isVerified)
      const now = this.#log.state()
      if (fromOffset < now.startOffset) throw outOfRange(fromOffset, now)
      return this.#sound(found, fromOffset, storedEnd, isVerified)
    })
  }

  /** As `PartitionLog.bytesInMemory`. */
  bytesInMemory(fromOffset: number, endOffset: number): number {
    if (fromOffset >= endOffset) return 0
    const isElsewhere = this.#log.isDeleted() || this.#log.fault() !== undefined || fromOffset < this.#tail.firstOffset
    return isElsewhere ? Infinity : this.#context.tails.bytesBetween(this.#tail, fromOffset, endOffset)
  }

  /** Tells what is good of a read from the disk from the damage behind it, which quarantines the log. */
  examine(found: StoreRead, fromOffset: number, endOffset: number, isVerified: boolean): { good: StoreRead; fault: LogFault | undefined } {
    const check = isVerified ? (batch: Buffer) => this.#check(batch) : undefined
    const suspicion = verifyRead(found, fromOffset, endOffset, check, (gapAt, nextOffset) => this.#faultOfGap(gapAt, nextOffset))
    if (suspicion === undefined) return { good: found, fault: undefined }
    const { gapEnd, good, offset, reason } = suspicion
    const fault = { offset, endOffset: gapEnd ?? this.#endOfBatchAt(offset), reason }
    this.#log.quarantine(fault)
    return { good, fault }
  }

  /** What may be answered of a read from the disk. */
  #sound(found: StoreRead, fromOffset: number, endOffset: number, isVerified: boolean): StoreRead | Promise<StoreRead> {
    const { fault, good } = this.examine(found, fromOffset, endOffset, isVerified)
    return fault === undefined || good.chunks.length > 0 ? good : Promise.reject(this.#corrupt(fault))
  }

  #check(batch: Buffer): LogFault["reason"] | undefined {
    const fault = Batch.check(batch, 0, batch.length, this.#context.crc32c)
    return fault ?? (hasForeignEpoch(batch, 0, this.#log.state().epochs) ? "epoch" : undefined)
  }

  /** A batch was looked up at `offset`, and one was found that begins later and ends at `nextOffset`. */
  #faultOfGap(offset: number, nextOffset: number): "order" | "missing" | undefined {
    if (this.#endOfBatchAt(offset) !== nextOffset) return "order"
    return this.#isComplete(offset) ? undefined : "missing"
  }

  /** Where the batch ends that holds the offset, by its key alone. */
  #endOfBatchAt(offset: number): number {
    const { endOffset, logNumber } = this.#log.state()
    const [lastOffset] = this.#context.store.lastOffsets(logNumber, offset, Number.MAX_SAFE_INTEGER, 1)
    return lastOffset === undefined ? endOffset : lastOffset + 1
  }

  /** Whether all batches of the segment are there, so that a gap in it is none; true while that cannot be told. */
  #isComplete(offset: number): boolean {
    const { active, logNumber, sealed } = this.#log.state()
    const segment = sealed.find(({ nextOffset }) => offset < nextOffset) ?? active
    const counted = this.#counted.get(segment)
    if (counted !== undefined && offset < counted.nextOffset) return true
    if (this.#log.isChanging() || segment.nextOffset > this.#log.durableEnd()) return true
    // The newest segment only grows, so what was counted of it need not be counted again; others may have been joined.
    const { bytes, nextOffset } = segment === active && counted !== undefined ? counted : { bytes: 0, nextOffset: segment.firstOffset }
    const uncounted = { firstOffset: nextOffset, nextOffset: segment.nextOffset }
    if (bytes + storedBytes(this.#context.store, logNumber, uncounted) !== segment.bytes) return false
    this.#counted.set(segment, { nextOffset: segment.nextOffset, bytes: segment.bytes })
    return true
  }

  #corrupt(fault: LogFault): CorruptLogError {
    return new CorruptLogError(this.#log.topic, this.#log.partition, fault)
  }
}

const outOfRange = (offset: number, { endOffset, startOffset }: LogState): OffsetOutOfRangeError =>
  new OffsetOutOfRangeError(offset, startOffset, endOffset)
