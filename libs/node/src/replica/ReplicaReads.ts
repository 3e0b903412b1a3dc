import { ErrorCode } from "@tailrace/kafka-protocol"
import { CorruptLogError, type LogRead, OffsetOutOfRangeError, type PartitionLog, StoreError } from "@tailrace/log"

/** What a follower gets; no chunks with an error. */
export interface ReplicaRead {
  readonly errorCode: number
  /** Whole batches in offset order. */
  readonly chunks: ReadonlyArray<Buffer>
}

export interface ReplicaReadsOptions {
  readonly log: PartitionLog
  /** A batch on the disk is not what was written. */
  readonly onCorruption: (cause: CorruptLogError) => void
}

const served = ({ chunks }: LogRead): ReplicaRead => ({ errorCode: ErrorCode.NONE, chunks })

/**
 * Reads of a leader's log for its followers: up to its end, so that leader and followers flush at the same time. What comes
 * from the disk is checked first, since a damaged batch must not spread.
 */
export class ReplicaReads {
  readonly #options: ReplicaReadsOptions

  constructor(options: ReplicaReadsOptions) {
    this.#options = options
  }

  read(fetchOffset: number, bytesMax: number, atLeastOne: boolean): ReplicaRead | Promise<ReplicaRead> {
    const { log } = this.#options
    if (fetchOffset < log.startOffset || fetchOffset > log.appendedEnd) return { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, chunks: [] }
    const read = log.readVerified(fetchOffset, bytesMax, log.appendedEnd, atLeastOne)
    return read instanceof Promise ? read.then(served, (cause: unknown) => this.#failed(cause)) : served(read)
  }

  #failed(cause: unknown): ReplicaRead {
    // The log's start has passed the offset while the read waited for the disk.
    if (cause instanceof OffsetOutOfRangeError) return { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, chunks: [] }
    if (cause instanceof CorruptLogError) this.#options.onCorruption(cause)
    else if (!(cause instanceof StoreError)) throw cause
    return { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, chunks: [] }
  }
}
