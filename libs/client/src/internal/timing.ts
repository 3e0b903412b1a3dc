import { ClientError } from "../ClientError.ts"
import { KafkaError } from "../KafkaError.ts"

/** Milliseconds that never go back; for time limits only. */
export const monotonicMillis = (): number => performance.now()

/** Waits, or throws the signal's reason as soon as it aborts. */
export const sleep = (millis: number, signal?: AbortSignal): Promise<void> => new Promise((resolve, reject) => {
  signal?.throwIfAborted()
  const onAbort = (): void => {
    clearTimeout(timer)
    reject(signal?.reason as Error)
  }
  const timer = setTimeout(() => {
    signal?.removeEventListener("abort", onAbort)
    resolve()
  }, millis)
  signal?.addEventListener("abort", onAbort, { once: true })
})

/** The same promise, given up when the signal aborts or the time is over. The work behind it goes on. */
export const within = <T>(promise: Promise<T>, limits: { readonly signal?: AbortSignal | undefined; readonly millis?: number }, what: string): Promise<T> => {
  const { signal, millis } = limits
  if (signal === undefined && millis === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    if (signal?.aborted === true) {
      promise.catch(() => undefined)
      reject(signal.reason as Error)
      return
    }
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener("abort", onAbort)
    }
    const onAbort = (): void => {
      finish()
      reject(signal?.reason as Error)
    }
    const timer = millis === undefined ? undefined : setTimeout(() => {
      finish()
      reject(new ClientError("timeout", `${what}: no result within ${Math.round(millis)} ms`))
    }, millis)
    signal?.addEventListener("abort", onAbort, { once: true })
    promise.then((value) => { finish(); resolve(value) }, (error: unknown) => { finish(); reject(error as Error) })
  })
}

export const isRetriable = (error: unknown): boolean =>
  (error instanceof KafkaError || error instanceof ClientError) && error.isRetriable

export interface RetryPolicy {
  readonly retryBackoffMillis: number
  readonly retryBackoffMillisMax: number
  readonly attemptsMax: number
  readonly apiTimeoutMillis: number
}

/** Doubles from the first pause to the longest, less up to 20 % so that clients do not come back all at once. */
export const backoffMillis = (policy: RetryPolicy, attempt: number): number =>
  Math.min(policy.retryBackoffMillisMax, policy.retryBackoffMillis * 2 ** Math.min(attempt, 20)) * (1 - Math.random() * 0.2)

/**
 * Runs `attempt` until it succeeds, fails for good, or the attempts or the time are used up; then the last error is thrown.
 * `onRetry` runs before each pause, to drop what the error has shown to be out of date.
 */
export const retry = async <T>(
  policy: RetryPolicy,
  options: { readonly signal?: AbortSignal | undefined; readonly onRetry?: (error: unknown) => void },
  attempt: (remainingMillis: number) => Promise<T>
): Promise<T> => {
  const deadline = monotonicMillis() + policy.apiTimeoutMillis
  for (let count = 0; ; count++) {
    options.signal?.throwIfAborted()
    try {
      return await attempt(Math.max(1, deadline - monotonicMillis()))
    } catch (error) {
      const pause = backoffMillis(policy, count)
      if (!isRetriable(error) || count + 1 >= policy.attemptsMax || monotonicMillis() + pause >= deadline) throw error
      options.onRetry?.(error)
      await sleep(pause, options.signal)
    }
  }
}
