/** The only file that asks the machine for the time. A command lives as long as its user waits, by that process's time. */

/** Milliseconds since 1970; may jump. */
export const wallMillis = (): number => Date.now()

/** Milliseconds that never go back. */
export const monotonicMillis = (): number => performance.now()

/** Calls again and again, without keeping the process alive, until the returned function is called. */
export const every = (intervalMillis: number, callback: () => void): () => void => {
  const timer = setInterval(callback, intervalMillis)
  timer.unref()
  return () => clearInterval(timer)
}

/** Resolves after the time, or at once when the signal is aborted: who waits looks at the signal. */
export const pause = (millis: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  const done = (): void => {
    clearTimeout(timer)
    signal.removeEventListener("abort", done)
    resolve()
  }
  const timer = setTimeout(done, signal.aborted ? 0 : millis)
  signal.addEventListener("abort", done, { once: true })
})

/** Aborted after the time, without keeping the process alive. */
export const abortedAfter = (millis: number): AbortSignal => AbortSignal.timeout(millis)
