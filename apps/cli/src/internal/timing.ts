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
