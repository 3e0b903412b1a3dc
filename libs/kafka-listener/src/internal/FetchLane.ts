import type { AnswerBudget } from "./AnswerBudget.ts"
import type { Call } from "./Call.ts"

interface Waiting {
  readonly call: Call
  readonly begin: () => void
  /** Takes back that it is abandoned with its connection. */
  readonly cancel: () => void
}

/**
 * The fetches of one connection, and its share of the bytes of answers. One fetch is worked on at a time, as in Kafka: a second one would read
 * what cannot leave before the first one's answer. It begins when the one before is answered and there is room for what it may bring;
 * requests of other kinds do not wait for it.
 */
export class FetchLane {
  readonly #budget: AnswerBudget
  readonly #hasRoomFor: (call: Call) => boolean
  /** At most as many as there are requests in flight. */
  readonly #waiting: Array<Waiting> = []
  #isBusy = false
  #isClosed = false
  /** For the read that goes on. */
  #grantedBytes = 0
  /** Of answers that the socket has not taken, at most. */
  #unsentBytes = 0

  constructor(budget: AnswerBudget, hasRoomFor: (call: Call) => boolean) {
    this.#budget = budget
    this.#hasRoomFor = hasRoomFor
  }

  /** Runs `begin`, at once or later, and never where the connection ends before. */
  enter(call: Call, begin: () => void): void {
    if (this.#mayBegin(call) && this.#waiting.length === 0) return this.#begin(call, begin)
    // It waits for a fetch that may wait for long. A shutdown need not.
    const cancel = call.whenAbandoned(() => undefined, true)
    if (!this.#isClosed) this.#waiting.push({ call, begin, cancel })
  }

  /** Begins the next fetch where it may; answers whether it did. */
  proceed(): boolean {
    const next = this.#waiting[0]
    if (next === undefined || !this.#mayBegin(next.call)) return false
    this.#waiting.shift()
    next.cancel()
    this.#begin(next.call, next.begin)
    return true
  }

  /** Answers how many bytes the fetch may read now. Give them back with `release` or `answered`, though the connection may have ended. */
  reserve(bytesAsked: number): number {
    this.release()
    this.#grantedBytes = this.#budget.take(bytesAsked)
    return this.#grantedBytes
  }

  release(): void {
    this.#budget.release(this.#grantedBytes)
    this.#grantedBytes = 0
  }

  /** The fetch is about to be answered with so many bytes. */
  answered(bytes: number): void {
    const unsent = this.#isClosed ? 0 : bytes
    this.#budget.replace(this.#grantedBytes, unsent)
    this.#grantedBytes = 0
    this.#unsentBytes += unsent
    this.#isBusy = false
  }

  /** This is what is left of all answers, those of other requests among them. */
  sent(bytesLeft: number): void {
    if (bytesLeft >= this.#unsentBytes) return
    this.#budget.release(this.#unsentBytes - bytesLeft)
    this.#unsentBytes = bytesLeft
  }

  /** What is being read counts until it is read: only then is its memory free. */
  close(): void {
    this.#isClosed = true
    this.#waiting.length = 0
    this.sent(0)
  }

  #mayBegin(call: Call): boolean {
    return !this.#isBusy && !this.#isClosed && this.#hasRoomFor(call)
  }

  #begin(call: Call, begin: () => void): void {
    this.#isBusy = true
    try {
      begin()
    } catch (cause) {
      this.release()
      call.crash(cause)
    }
  }
}
