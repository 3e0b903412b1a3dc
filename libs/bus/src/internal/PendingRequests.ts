import type { Clock } from "@tailrace/runtime"
import { RequestTimeout, type BusError } from "../BusError.ts"

interface PendingRequest {
  readonly subject: string
  readonly resolve: (reply: Buffer) => void
  readonly reject: (error: BusError) => void
  readonly cancelTimeout: () => void
}

/** The requests of one connection that wait for their reply. Each settles once; whatever comes later finds nobody. */
export class PendingRequests {
  readonly #clock: Clock
  readonly #pending = new Map<number, PendingRequest>()
  #next = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Keeps the request until it settles, at the latest when its time is over. */
  add(
    subject: string,
    timeoutMillis: number,
    resolve: (reply: Buffer) => void,
    reject: (error: BusError) => void
  ): number {
    const id = this.#next++
    const cancelTimeout = this.#clock.after(timeoutMillis, () => this.reject(id, () => new RequestTimeout(subject, timeoutMillis)))
    this.#pending.set(id, { subject, resolve, reject, cancelTimeout })
    return id
  }

  resolve(id: number, reply: Buffer): void {
    this.#take(id)?.resolve(reply)
  }

  reject(id: number, error: (subject: string) => BusError): void {
    const pending = this.#take(id)
    pending?.reject(error(pending.subject))
  }

  rejectAll(error: (subject: string) => BusError): void {
    for (const id of this.#pending.keys()) this.reject(id, error)
  }

  #take(id: number): PendingRequest | undefined {
    const pending = this.#pending.get(id)
    if (pending === undefined) return undefined
    this.#pending.delete(id)
    pending.cancelTimeout()
    return pending
  }
}
