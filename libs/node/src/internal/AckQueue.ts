import { ErrorCode } from "@tailrace/kafka-protocol"
import type { Clock } from "@tailrace/runtime"

interface Waiting {
  /** 1 waits for the leader's flush, -1 for the high watermark. */
  readonly acks: number
  /** The offset after the last record. */
  readonly end: number
  readonly answer: (errorCode: number) => void
}

interface Timed extends Waiting {
  readonly timeoutMillis: number
  deadlineMillis: number
}

/**
 * Appends that wait for their acknowledgement, in the order of their offsets. Each is answered once: when the offset it
 * waits for is passed, when its time is up (the batch stays in the log), or when the log has lost it. As in Kafka, the time is what
 * the other replicas may take: it begins behind this node's own flush, and with acks=1 there is none.
 * Its size is bounded by the request bytes that the listener lets into the process.
 */
export class AckQueue {
  readonly #clock: Clock
  #untilDurable: Array<Waiting> = []
  #untilCommitted: Array<Timed> = []
  /** How many of those from the front have a deadline. */
  #timed = 0
  #cancelTimer: (() => void) | undefined
  #timerMillis = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `timedEnd` is up to where times run: what this node has flushed of the log, or more where a caller wants its own to run at once. */
  add(waiting: Waiting, timeoutMillis: number, timedEnd: number): void {
    if (waiting.acks === 1) {
      this.#untilDurable.push(waiting)
      return
    }
    this.#untilCommitted.push({ ...waiting, timeoutMillis, deadlineMillis: Infinity })
    this.#startTimes(timedEnd)
  }

  durable(end: number): void {
    this.#startTimes(end)
    const count = countUpTo(this.#untilDurable, end)
    if (count === 0) return
    const answered = this.#untilDurable
    this.#untilDurable = answered.splice(count)
    this.#answer(answered, ErrorCode.NONE)
  }

  committed(highWatermark: number): void {
    const count = countUpTo(this.#untilCommitted, highWatermark)
    if (count === 0) return
    const answered = this.#untilCommitted
    this.#untilCommitted = answered.splice(count)
    this.#timed = Math.max(this.#timed - count, 0)
    this.#answer(answered, ErrorCode.NONE)
  }

  fail(errorCode: number): void {
    const failed = [...this.#untilDurable, ...this.#untilCommitted]
    this.#untilDurable = []
    this.#untilCommitted = []
    this.#timed = 0
    this.#answer(failed, errorCode)
  }

  close(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    this.#timerMillis = Infinity
  }

  /** Called when the queues are in their new state: an answer may lead to the next append. */
  #answer(answered: ReadonlyArray<Waiting>, errorCode: number): void {
    // No timer runs while nobody waits.
    if (this.#timed === 0) this.close()
    for (const waiting of answered) waiting.answer(errorCode)
  }

  #startTimes(timedEnd: number): void {
    for (; this.#timed < this.#untilCommitted.length; this.#timed++) {
      const waiting = this.#untilCommitted[this.#timed]!
      if (waiting.end > timedEnd) return
      waiting.deadlineMillis = this.#clock.monotonicMillis() + Math.max(waiting.timeoutMillis, 0)
      if (waiting.deadlineMillis < this.#timerMillis) this.#setTimer(waiting.deadlineMillis)
    }
  }

  #setTimer(deadlineMillis: number): void {
    this.#cancelTimer?.()
    this.#timerMillis = deadlineMillis
    this.#cancelTimer = this.#clock.after(deadlineMillis - this.#clock.monotonicMillis(), () => this.#expire())
  }

  #expire(): void {
    this.close()
    const now = this.#clock.monotonicMillis()
    const late: Array<Timed> = []
    let next = Infinity
    this.#untilCommitted = this.#untilCommitted.filter((waiting) => {
      if (waiting.deadlineMillis <= now) return late.push(waiting), false
      next = Math.min(next, waiting.deadlineMillis)
      return true
    })
    this.#timed -= late.length
    if (next !== Infinity) this.#setTimer(next)
    for (const waiting of late) waiting.answer(ErrorCode.REQUEST_TIMED_OUT)
  }
}

/**
 * How many from the front are passed by `end`. Appends queue in the order of their offsets; a duplicate of an older
 * batch may wait behind them a little longer than it must.
 */
function countUpTo(queue: ReadonlyArray<Waiting>, end: number): number {
  let count = 0
  while (count < queue.length && queue[count]!.end <= end) count++
  return count
}
