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
  readonly deadlineMillis: number
}

/**
 * Appends that wait for their acknowledgement, in the order of their offsets. Each is answered once: when the offset it
 * waits for is passed, when its time is up (the batch stays in the log), or when the log has lost it.
 * Its size is bounded by the request bytes that the listener lets into the process.
 */
export class AckQueue {
  readonly #clock: Clock
  #untilDurable: Array<Timed> = []
  #untilCommitted: Array<Timed> = []
  #cancelTimer: (() => void) | undefined
  #timerMillis = Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(waiting: Waiting, timeoutMillis: number): void {
    const deadlineMillis = this.#clock.monotonicMillis() + Math.max(timeoutMillis, 0)
    const queue = waiting.acks === 1 ? this.#untilDurable : this.#untilCommitted
    queue.push({ ...waiting, deadlineMillis })
    if (deadlineMillis < this.#timerMillis) this.#setTimer(deadlineMillis)
  }

  durable(end: number): void {
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
    this.#answer(answered, ErrorCode.NONE)
  }

  fail(errorCode: number): void {
    const failed = [...this.#untilDurable, ...this.#untilCommitted]
    this.#untilDurable = []
    this.#untilCommitted = []
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
    if (this.#untilDurable.length === 0 && this.#untilCommitted.length === 0) this.close()
    for (const waiting of answered) waiting.answer(errorCode)
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
    const inTime = (waiting: Timed) => waiting.deadlineMillis > now || (late.push(waiting), false)
    this.#untilDurable = this.#untilDurable.filter(inTime)
    this.#untilCommitted = this.#untilCommitted.filter(inTime)
    let next = Infinity
    for (const queue of [this.#untilDurable, this.#untilCommitted]) {
      for (const waiting of queue) next = Math.min(next, waiting.deadlineMillis)
    }
    if (next !== Infinity) this.#setTimer(next)
    for (const waiting of late) waiting.answer(ErrorCode.REQUEST_TIMED_OUT)
  }
}

/**
 * How many from the front are passed by `end`. Appends queue in the order of their offsets; a duplicate of an older
 * batch may wait behind them a little longer than it must.
 */
function countUpTo(queue: ReadonlyArray<Timed>, end: number): number {
  let count = 0
  while (count < queue.length && queue[count]!.end <= end) count++
  return count
}
