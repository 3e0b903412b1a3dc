import type { Clock } from "./Clock.ts"

/** Node keeps timers in 32 bits; a longer delay would fire after 1 ms. */
const timerMillisMax = 2_147_483_647

const nothing = (): void => {}

/** The machine's own clock. Timers keep the process alive until they fire or are cancelled. */
export class SystemClock implements Clock {
  wallMillis(): number {
    return Date.now()
  }

  monotonicMillis(): number {
    return performance.now()
  }

  /** A timer of Node may fire up to a millisecond early, so it is set again until the moment has really come. */
  after(delayMillis: number, callback: () => void): () => void {
    if (Number.isNaN(delayMillis)) throw new RangeError("a delay is a number")
    if (delayMillis === Infinity) return nothing
    const dueMillis = performance.now() + delayMillis
    let timer: NodeJS.Timeout | undefined
    const arm = (): void => {
      const leftMillis = Math.max(1, Math.ceil(dueMillis - performance.now()))
      timer = setTimeout(fire, Math.min(leftMillis, timerMillisMax))
    }
    const fire = (): void => {
      if (performance.now() < dueMillis) arm()
      else callback()
    }
    arm()
    return () => clearTimeout(timer)
  }

  endOfTurn(callback: () => void): void {
    setImmediate(callback)
  }
}
