import type { DeleteRecordsOutcome } from "@tailrace/contracts"
import { ErrorCode } from "@tailrace/kafka-protocol"
import type { PartitionLog, WriteGate } from "@tailrace/log"
import type { PartitionState } from "@tailrace/replication"
import type { Clock } from "@tailrace/runtime"

export interface DeletionsOptions {
  readonly log: PartitionLog
  readonly state: PartitionState
  readonly writeGate: WriteGate
  readonly clock: Clock
  /** NONE while this replica may act as the leader. */
  readonly errorOf: () => number
  /** The log starts elsewhere now, which the followers have to hear. */
  readonly onStart: () => void
}

interface Waiting {
  readonly offset: number
  readonly answer: (errorCode: number) => void
}

/** Everything that consumers can see. */
const upToHighWatermark = -1

/**
 * DeleteRecords of a leader. What was deleted must not come back with the next leader, so the answer waits until the log starts durably at
 * the offset, or behind it, on every member of the maximal ISR. Kafka waits for all replicas that are alive; those out of sync
 * learn of the start before they join. What waits is bounded by the request bytes that the listener lets into the process.
 */
export class Deletions {
  readonly #options: DeletionsOptions
  readonly #waiting = new Set<Waiting>()

  constructor(options: DeletionsOptions) {
    this.#options = options
  }

  /** Never rejects. */
  delete(offset: number, timeoutMillis: number): Promise<DeleteRecordsOutcome> {
    const { log, onStart, state } = this.#options
    const start = offset === upToHighWatermark ? state.highWatermark : offset
    const error = this.#refusalOf(start)
    if (error !== ErrorCode.NONE) return Promise.resolve({ errorCode: error, lowWatermark: -1 })
    log.advanceStartOffset(start)
    state.advanceStart(start)
    onStart()
    return new Promise((resolve) => {
      this.#wait(start, timeoutMillis, (errorCode) =>
        resolve({ errorCode, lowWatermark: errorCode === ErrorCode.NONE ? log.startOffset : -1 }))
    })
  }

  /** Something happened for which a deletion may have waited: a flush, a fetch, another view of the metadata, the end of a reign. */
  settle(): void {
    if (this.#waiting.size === 0) return
    const error = this.#options.errorOf()
    for (const { answer, offset } of this.#waiting) if (this.#isOver(offset, error)) answer(error)
  }

  /** Whether there is nothing more to wait for. */
  #isOver(offset: number, error: number): boolean {
    const { log, state } = this.#options
    return error !== ErrorCode.NONE || state.isDeleted(offset, log.durableStart)
  }

  #refusalOf(start: number): number {
    const { errorOf, log, state, writeGate } = this.#options
    const error = errorOf()
    if (error !== ErrorCode.NONE) return error
    if (log.config.cleanupPolicy === "compact") return ErrorCode.POLICY_VIOLATION
    if (start < 0 || start > state.highWatermark) return ErrorCode.OFFSET_OUT_OF_RANGE
    return writeGate.isUsable ? ErrorCode.NONE : ErrorCode.KAFKA_STORAGE_ERROR
  }

  /** Looks at the new one alone: for the others nothing has happened. */
  #wait(offset: number, timeoutMillis: number, done: (errorCode: number) => void): void {
    const { clock, errorOf } = this.#options
    const error = errorOf()
    if (this.#isOver(offset, error)) return done(error)
    const waiting: Waiting = {
      offset,
      answer: (errorCode) => {
        this.#waiting.delete(waiting)
        cancel()
        done(errorCode)
      }
    }
    const cancel = clock.after(Math.max(timeoutMillis, 0), () => waiting.answer(ErrorCode.REQUEST_TIMED_OUT))
    this.#waiting.add(waiting)
  }
}
