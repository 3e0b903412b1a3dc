import { ErrorCode } from "@tailrace/kafka-protocol"
import { type LogRead, OffsetOutOfRangeError, type PartitionLog } from "@tailrace/log"
import { Batch } from "@tailrace/record"

/** What a follower gets; no chunks with an error. */
export interface ReplicaRead {
  readonly errorCode: number
  /** Whole batches in offset order. */
  readonly chunks: ReadonlyArray<Buffer>
}

export interface ReplicaReadsOptions {
  readonly log: PartitionLog
  readonly crc32c: (bytes: Uint8Array) => number
  /** A batch on the disk is not what was written. */
  readonly onCorruption: (offset: number) => void
}

const outOfRange: ReplicaRead = { errorCode: ErrorCode.OFFSET_OUT_OF_RANGE, chunks: [] }
const storageError: ReplicaRead = { errorCode: ErrorCode.KAFKA_STORAGE_ERROR, chunks: [] }

/**
 * Reads of a leader's log for its followers: up to its end, so that leader and followers flush at the same time. What comes
 * from the disk is checked, since a damaged batch must not spread; what is cached was checked when it was appended.
 */
export class ReplicaReads {
  readonly #options: ReplicaReadsOptions

  constructor(options: ReplicaReadsOptions) {
    this.#options = options
  }

  read(fetchOffset: number, bytesMax: number, atLeastOne: boolean): ReplicaRead | Promise<ReplicaRead> {
    const { log } = this.#options
    if (fetchOffset < log.startOffset || fetchOffset > log.appendedEnd) return outOfRange
    const isCached = log.isCached(fetchOffset)
    const read = log.read(fetchOffset, bytesMax, log.appendedEnd, atLeastOne)
    if (read instanceof Promise) return read.then((it) => this.#checked(it, fetchOffset), overtaken)
    return isCached ? { errorCode: ErrorCode.NONE, chunks: read.chunks } : this.#checked(read, fetchOffset)
  }

  /** The sound batches before a damaged one are served; the damaged one and what follows never. */
  #checked({ chunks }: LogRead, fetchOffset: number): ReplicaRead {
    let offset = fetchOffset
    const sound: Array<Buffer> = []
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += Batch.sizeInBytes(chunk, at)) {
        if (Batch.check(chunk, at, chunk.length, this.#options.crc32c) !== undefined) {
          if (at > 0) sound.push(chunk.subarray(0, at))
          this.#options.onCorruption(offset)
          return sound.length > 0 ? { errorCode: ErrorCode.NONE, chunks: sound } : storageError
        }
        offset = Batch.nextOffset(chunk, at)
      }
      sound.push(chunk)
    }
    return { errorCode: ErrorCode.NONE, chunks: sound }
  }
}

/** The log's start has passed the offset while the read waited for the disk. */
function overtaken(cause: unknown): ReplicaRead {
  if (cause instanceof OffsetOutOfRangeError) return outOfRange
  throw cause
}
