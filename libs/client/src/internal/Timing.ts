import type { Clock } from "@tailrace/runtime"
import { ClientError } from "../ClientError.ts"
import { KafkaError } from "../KafkaError.ts"
import type { ChoiceSource } from "../ChoiceSource.ts"

export const isRetriable = (error: unknown): boolean =>
  (error instanceof KafkaError || error instanceof ClientError) && error.isRetriable

export interface RetryPolicy {
  readonly retryBackoffMillis: number
  readonly retryBackoffMillisMax: number
  readonly attemptsMax: number
  readonly apiTimeoutMillis: number
}

export interface Limits {
  readonly signal?: AbortSignal | undefined
  readonly millis?: number
}

/** Waiting, by the clock and the choices that the client was given: in a simulation nothing here takes real time. */
export class Timing {
  readonly clock: Clock
  readonly #random: ChoiceSource

  constructor(clock: Clock, random: ChoiceSource) {
    this.clock = clock
    this.#random = random
  }

  /** Milliseconds that never go back; for time limits only. */
  monotonicMillis(): number {
    return this.clock.monotonicMillis()
  }

  choose(boundExclusive: number): number {
    return this.#random.nextInt(boundExclusive)
  }

  /** Waits, or throws the signal's reason as soon as it aborts. */
  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const onAbort = (): void => {
        cancel()
        reject(signal?.reason as Error)
      }
      const cancel = this.clock.after(millis, () => {
        signal?.removeEventListener("abort", onAbort)
        resolve()
      })
      signal?.addEventListener("abort", onAbort, { once: true })
    })
  }

  /** The same promise, given up when the signal aborts or the time is over. The work behind it goes on. */
  within<T>(promise: Promise<T>, { signal, millis }: Limits, what: string): Promise<T> {
    if (signal === undefined && millis === undefined) return promise
    return new Promise<T>((resolve, reject) => {
      if (signal?.aborted === true) {
        promise.catch(() => undefined)
        reject(signal.reason as Error)
        return
      }
      const finish = (): void => {
        cancel?.()
        signal?.removeEventListener("abort", onAbort)
      }
      const onAbort = (): void => {
        finish()
        reject(signal?.reason as Error)
      }
      const cancel = millis === undefined ? undefined : this.clock.after(millis, () => {
        finish()
        reject(new ClientError("timeout", `${what}: no result within ${Math.round(millis)} ms`))
      })
      signal?.addEventListener("abort", onAbort, { once: true })
      promise.then((value) => { finish(); resolve(value) }, (error: unknown) => { finish(); reject(error as Error) })
    })
  }

  /** Doubles from the first pause to the longest, less up to 20 % so that clients do not come back all at once. */
  backoffMillis(policy: RetryPolicy, attempt: number): number {
    const pause = Math.min(policy.retryBackoffMillisMax, policy.retryBackoffMillis * 2 ** Math.min(attempt, 20))
    return pause * (1 - this.choose(1_000) / 5_000)
  }

  /**
   * Runs `attempt` until it succeeds, fails for good, or the attempts or the time are used up; then the last error is thrown.
   * `onRetry` runs before each pause, to drop what the error has shown to be out of date.
   */
  async retry<T>(
    policy: RetryPolicy,
    options: { readonly signal?: AbortSignal | undefined; readonly onRetry?: (error: unknown) => void },
    attempt: (remainingMillis: number) => Promise<T>
  ): Promise<T> {
    const deadline = this.monotonicMillis() + policy.apiTimeoutMillis
    for (let count = 0; ; count++) {
      options.signal?.throwIfAborted()
      try {
        return await attempt(Math.max(1, deadline - this.monotonicMillis()))
      } catch (error) {
        const pause = this.backoffMillis(policy, count)
        if (!isRetriable(error) || count + 1 >= policy.attemptsMax || this.monotonicMillis() + pause >= deadline) throw error
        options.onRetry?.(error)
        await this.sleep(pause, options.signal)
      }
    }
  }
}
