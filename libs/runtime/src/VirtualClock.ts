import type { Clock } from "./Clock.ts"
import { TimerHeap, type Timer } from "./internal/TimerHeap.ts"
import type { Random } from "./Random.ts"

export interface VirtualClockOptions {
  /** The wall time at the start. */
  readonly wallMillis?: number
  /** Shuffles timers that are due at the same moment; without it they run in the order in which they were set. */
  readonly random?: Random
  /** How many turns one call may run before it is taken for an endless loop. */
  readonly turnsMax?: number
}

/** The machine's own, also where a simulation puts this clock behind the global functions. */
const nextEventLoopTurn = setImmediate
const wallMillisDefault = Date.UTC(2026, 0, 1)
const turnsMaxDefault = 10_000_000

/**
 * Time that moves only when it is told to. A turn is one timer's callback, or the callbacks that were
 * registered for the end of the turn before. An error in a callback leaves the call that moved the time.
 */
export class VirtualClock implements Clock {
  readonly #timers = new TimerHeap()
  readonly #random: Random | undefined
  readonly #turnsMax: number
  #nowMillis = 0
  #wallOffsetMillis: number
  #sequence = 0
  #endOfTurn: Array<() => void> = []

  constructor(options: VirtualClockOptions = {}) {
    this.#wallOffsetMillis = options.wallMillis ?? wallMillisDefault
    this.#random = options.random
    this.#turnsMax = options.turnsMax ?? turnsMaxDefault
  }

  wallMillis(): number {
    return Math.floor(this.#wallOffsetMillis + this.#nowMillis)
  }

  monotonicMillis(): number {
    return this.#nowMillis
  }

  after(delayMillis: number, callback: () => void): () => void {
    if (Number.isNaN(delayMillis)) throw new RangeError("a delay is a number")
    const sequence = this.#sequence++
    const timer: Timer = {
      dueMillis: this.#nowMillis + Math.max(0, delayMillis),
      rank: this.#random === undefined ? sequence : this.#random.nextInt(0x8000_0000),
      callback,
      cancelled: false
    }
    if (timer.dueMillis !== Infinity) this.#timers.push(timer)
    return () => {
      timer.cancelled = true
    }
  }

  endOfTurn(callback: () => void): void {
    this.#endOfTurn.push(callback)
  }

  /** Lets the wall clock jump, as an operator or a time server does; timers do not notice. */
  jumpWall(millis: number): void {
    this.#wallOffsetMillis += millis
  }

  /** When the next callback is due, in monotonic time. */
  get nextDueMillis(): number | undefined {
    return this.#endOfTurn.length > 0 ? this.#nowMillis : this.#timers.peek()?.dueMillis
  }

  /** Moves the time on and runs whatever becomes due, in order. Promises settle only after the call. */
  advance(millis: number): void {
    const untilMillis = this.#nowMillis + millis
    for (let turns = 0; this.runTurn(untilMillis); turns++) this.#checkTurns(turns)
    this.#nowMillis = untilMillis
  }

  /** As `advance`, but lets promises settle after every turn. */
  async advanceSettled(millis: number): Promise<void> {
    const untilMillis = this.#nowMillis + millis
    await settled()
    for (let turns = 0; this.runTurn(untilMillis); turns++) {
      this.#checkTurns(turns)
      await settled()
    }
    this.#nowMillis = untilMillis
  }

  /** Runs callbacks, moving the time as far as they need, until none is left. */
  runUntilIdle(): void {
    for (let turns = 0; this.runTurn(Infinity); turns++) this.#checkTurns(turns)
  }

  /** As `runUntilIdle`, but lets promises settle after every turn. */
  async runUntilIdleSettled(): Promise<void> {
    await settled()
    for (let turns = 0; this.runTurn(Infinity); turns++) {
      this.#checkTurns(turns)
      await settled()
    }
  }

  /** Runs turn by turn until the promise has settled; fails where everything comes to rest before. */
  async runUntilSettled<A>(promise: Promise<A>): Promise<A> {
    let isSettled = false
    const settle = (): void => void (isSettled = true)
    promise.then(settle, settle)
    await settled()
    for (let turns = 0; !isSettled; turns++) {
      this.#checkTurns(turns)
      if (!this.runTurn(Infinity)) throw new Error("the virtual clock came to rest before the promise settled")
      await settled()
    }
    return promise
  }

  /** One turn that is due until then, for who lets promises settle himself. False where there is none; the time stays as it was. */
  runTurn(untilMillis: number): boolean {
    if (this.#endOfTurn.length > 0) {
      const callbacks = this.#endOfTurn
      this.#endOfTurn = []
      for (const callback of callbacks) callback()
      return true
    }
    const next = this.#timers.peek()
    if (next === undefined || next.dueMillis > untilMillis) return false
    this.#timers.pop()
    this.#nowMillis = next.dueMillis
    next.callback()
    return true
  }

  #checkTurns(turns: number): void {
    if (turns >= this.#turnsMax) throw new Error(`the virtual clock did not come to rest within ${this.#turnsMax} turns`)
  }
}

/** Resolves once no promise callback is left to run; one trip around the machine's event loop, not a delay. */
function settled(): Promise<void> {
  return new Promise((resolve) => void nextEventLoopTurn(resolve))
}
