import type { Clock } from "@tailrace/runtime"
import type { ChoiceSource } from "../ChoiceSource.ts"

/** Node keeps timers in 32 bits; a longer delay would fire after 1 ms. */
const timerMillisMax = 2_147_483_647

/** The time of the process that the client lives in; its own, since the adapters of a node load more than a client needs. */
export const systemClock: Clock = {
  wallMillis: () => Date.now(),
  monotonicMillis: () => performance.now(),
  after: (delayMillis, callback) => {
    if (delayMillis === Infinity) return () => undefined
    const timer = setTimeout(callback, Math.min(Math.max(0, delayMillis), timerMillisMax))
    return () => clearTimeout(timer)
  },
  endOfTurn: (callback) => void setImmediate(callback)
}

/** For pauses and for spreading load, not for secrets. */
export const systemChoices: ChoiceSource = { nextInt: (boundExclusive) => Math.floor(Math.random() * boundExclusive) }
