import { assert } from "./assert.ts"

/** One deadline of one thing (a member's session, a group's join phase). Armed and disarmed through a TimerQueue. */
export class Timer {
  /** When it is due; Infinity while it is not armed. */
  deadlineMillis = Infinity
  /** The heap's key: never above the deadline. A timer that moves later keeps its place until it surfaces. */
  queuedMillis = Infinity
  index = -1
  readonly fire: () => void

  constructor(fire: () => void) {
    this.fire = fire
  }
}

/**
 * All deadlines of a shard in one binary heap. Moving a deadline later is the common case (each heartbeat) and
 * costs nothing; the heap is put right when the old place comes up. So `nextMillis` may be too early, never too late.
 */
export class TimerQueue {
  readonly #heap: Array<Timer> = []

  get size(): number {
    return this.#heap.length
  }

  /** No armed timer is due before this. Infinity when none is armed. */
  get nextMillis(): number {
    return this.#heap[0]?.queuedMillis ?? Infinity
  }

  schedule(timer: Timer, deadlineMillis: number): void {
    timer.deadlineMillis = deadlineMillis
    if (timer.index < 0) {
      timer.queuedMillis = deadlineMillis
      timer.index = this.#heap.length
      this.#heap.push(timer)
      this.#up(timer)
    } else if (deadlineMillis < timer.queuedMillis) {
      timer.queuedMillis = deadlineMillis
      this.#up(timer)
    }
  }

  /** Takes the timer out, so that nothing of it stays in memory until the deadline. */
  cancel(timer: Timer): void {
    timer.deadlineMillis = Infinity
    if (timer.index >= 0) this.#remove(timer)
  }

  /**
   * One round: what is due now, the earliest first, each disarmed when its turn comes. What the caller arms meanwhile,
   * the same timers too, is for the next round, so that every round ends.
   */
  *takeDue(nowMillis: number): Generator<Timer> {
    for (const timer of this.#due(nowMillis)) {
      if (timer.deadlineMillis > nowMillis) continue
      this.cancel(timer)
      yield timer
    }
  }

  /** They stay armed: each may be moved or cancelled before its turn. */
  #due(nowMillis: number): ReadonlyArray<Timer> {
    const due: Array<Timer> = []
    for (let timer = this.#heap[0]; timer !== undefined && timer.queuedMillis <= nowMillis; timer = this.#heap[0]) {
      if (timer.deadlineMillis <= nowMillis) {
        this.#remove(timer)
        due.push(timer)
      } else {
        timer.queuedMillis = timer.deadlineMillis
        this.#down(timer)
      }
    }
    for (const timer of due) this.schedule(timer, timer.deadlineMillis)
    return due
  }

  #remove(timer: Timer): void {
    const last = this.#heap.pop()
    assert(last !== undefined, "a queued timer is in the heap")
    if (last !== timer) {
      this.#heap[timer.index] = last
      last.index = timer.index
      this.#up(last)
      this.#down(last)
    }
    timer.index = -1
    timer.queuedMillis = Infinity
  }

  #up(timer: Timer): void {
    while (timer.index > 0) {
      const parent = this.#heap[(timer.index - 1) >> 1]
      if (parent === undefined || parent.queuedMillis <= timer.queuedMillis) return
      this.#swap(parent, timer)
    }
  }

  #down(timer: Timer): void {
    for (;;) {
      const left = this.#heap[2 * timer.index + 1]
      const right = this.#heap[2 * timer.index + 2]
      const child = right !== undefined && left !== undefined && right.queuedMillis < left.queuedMillis ? right : left
      if (child === undefined || child.queuedMillis >= timer.queuedMillis) return
      this.#swap(timer, child)
    }
  }

  #swap(upper: Timer, lower: Timer): void {
    const upperIndex = upper.index
    upper.index = lower.index
    lower.index = upperIndex
    this.#heap[upper.index] = upper
    this.#heap[lower.index] = lower
  }
}
