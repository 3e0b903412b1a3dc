import { SystemClock } from "@tailrace/runtime"

const clock = new SystemClock()

/** Fails when what is promised takes longer than it may. */
export function within<A>(millis: number, what: string, promise: Promise<A>): Promise<A> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(millis, () => reject(new Error(`${what} took more than ${millis} ms`)))
    promise.finally(cancel).then(resolve, reject)
  })
}
