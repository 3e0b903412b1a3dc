import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import * as keys from "./keys.ts"

/** A log and the offset below which its batches are garbage. */
type Range = readonly [logNumber: number, belowOffset: number]

/**
 * Removes batches below the first segment of their log, and those of deleted logs, a bounded portion per commit. Nothing
 * has to be remembered for that over a restart: what lies below the first segment of its log, or belongs to a number
 * that is marked deleted, is garbage.
 */
export class Reclaimer {
  readonly #store: Store
  readonly #keysPerCommitMax: number
  readonly #stage: () => WriteSet
  readonly #durable: () => Promise<void>
  /** By log number, in the order in which it is their turn. */
  readonly #ranges = new Map<number, number>()
  #isRunning = false
  #isStopped = false

  constructor(store: Store, keysPerCommitMax: number, stage: () => WriteSet, durable: () => Promise<void>) {
    this.#store = store
    this.#keysPerCommitMax = keysPerCommitMax
    this.#stage = stage
    this.#durable = durable
  }

  add(logNumber: number, belowOffset: number): void {
    this.#ranges.set(logNumber, Math.max(this.#ranges.get(logNumber) ?? 0, belowOffset))
    if (!this.#isRunning) void this.#run()
  }

  /** Forgets everything: the directory closes, or was opened again and adds what is garbage then. */
  clear(): void {
    this.#ranges.clear()
  }

  stop(): void {
    this.#isStopped = true
    this.clear()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    try {
      while (this.#ranges.size > 0 && !this.#isStopped) {
        // What made the ranges garbage, and every batch in them, is durable first; only then is the store looked at. What grows
        // or is added meanwhile may have batches in the commit that is under way by then: its turn comes later.
        const due = this.#due()
        await this.#durable()
        if (!this.#isStopped) this.#removePortion(due)
      }
    } catch {
      // The commit failed. The directory adds the ranges again once the store is open again.
    } finally {
      this.#isRunning = false
    }
  }

  /** As many as one portion may finish. */
  #due(): ReadonlyArray<Range> {
    return this.#ranges.entries().take(this.#keysPerCommitMax).toArray()
  }

  #removePortion(due: ReadonlyArray<Range>): void {
    const set = this.#stage()
    let keysLeft = this.#keysPerCommitMax
    for (const [logNumber, belowOffset] of due) {
      const offsets = this.#store.lastOffsets(logNumber, 0, belowOffset, keysLeft)
      for (const offset of offsets) set.removeBatch(logNumber, offset)
      if (offsets.length === keysLeft) return
      // What is finished counts as one key, for its mark.
      keysLeft -= Math.max(offsets.length, 1)
      if (belowOffset === Number.MAX_SAFE_INTEGER) set.remove(keys.deleted(logNumber))
      if (this.#ranges.get(logNumber) === belowOffset) this.#ranges.delete(logNumber)
    }
  }
}
