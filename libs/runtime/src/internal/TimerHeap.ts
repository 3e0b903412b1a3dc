export interface Timer {
  readonly dueMillis: number
  /** Decides between timers that are due at the same moment. */
  readonly rank: number
  readonly callback: () => void
  cancelled: boolean
}

const isBefore = (a: Timer, b: Timer): boolean =>
  a.dueMillis < b.dueMillis || (a.dueMillis === b.dueMillis && a.rank < b.rank)

/** A binary heap of timers, the earliest on top. Cancelled timers stay inside until they reach the top. */
export class TimerHeap {
  readonly #timers: Array<Timer> = []

  push(timer: Timer): void {
    const timers = this.#timers
    let at = timers.length
    timers.push(timer)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, timers[parent]!)) break
      timers[at] = timers[parent]!
      at = parent
    }
    timers[at] = timer
  }

  /** The earliest timer that is not cancelled. */
  peek(): Timer | undefined {
    while (this.#timers[0]?.cancelled) this.#removeTop()
    return this.#timers[0]
  }

  pop(): Timer | undefined {
    const top = this.peek()
    if (top !== undefined) this.#removeTop()
    return top
  }

  #removeTop(): void {
    const timers = this.#timers
    const last = timers.pop()!
    if (timers.length === 0) return
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= timers.length) break
      if (child + 1 < timers.length && isBefore(timers[child + 1]!, timers[child]!)) child++
      if (!isBefore(timers[child]!, last)) break
      timers[at] = timers[child]!
      at = child
    }
    timers[at] = last
  }
}
