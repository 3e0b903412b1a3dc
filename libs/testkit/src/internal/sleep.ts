import type { Clock } from "@tailrace/runtime"

/** Resolves after the time, or at once when `stop` resolves. */
export const sleep = (clock: Clock, millis: number, stop?: Promise<unknown>): Promise<void> => new Promise((resolve) => {
  const cancel = clock.after(millis, resolve)
  void stop?.then(() => {
    cancel()
    resolve()
  })
})
