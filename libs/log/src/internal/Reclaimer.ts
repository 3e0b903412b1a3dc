import type { Store } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"
import * as keys from "./keys.ts"

interface Range {
  readonly logNumber: number
  /** Batches that end below this are garbage. */
  belowOffset: number
}

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
  #ranges: Array<Range> = []
  #isRunning = false
  #isStopped = false

  constructor(store: Store, keysPerCommitMax: number, stage: () => WriteSet, durable: () => Promise<void>) {
    this.#store = store
    this.#keysPerCommitMax = keysPerCommitMax
    this.#stage = stage
    this.#durable = durable
  }

  get isIdle(): boolean {
    return this.#ranges.length === 0
  }

  add(logNumber: number, belowOffset: number): void {
    const known = this.#ranges.find((range) => range.logNumber === logNumber)
    if (known === undefined) this.#ranges.push({ logNumber, belowOffset })
    else known.belowOffset = Math.max(known.belowOffset, belowOffset)
    if (!this.#isRunning) void this.#run()
  }

  /** Forgets everything: the directory closes, or was opened again and adds what is garbage then. */
  clear(): void {
    this.#ranges = []
  }

  stop(): void {
    this.#isStopped = true
    this.clear()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    try {
      while (this.#ranges.length > 0 && !this.#isStopped) {
        // What made the range garbage is durable first; only then is the store looked at.
        await this.#durable()
        const range = this.#ranges[0]
        if (range === undefined || this.#isStopped) break
        this.#removePortion(range)
      }
    } catch {
      // The commit failed. The directory adds the ranges again once the store is open again.
    } finally {
      this.#isRunning = false
    }
  }

  #removePortion(range: Range): void {
    const { logNumber, belowOffset } = range
    const offsets = this.#store.lastOffsets(logNumber, 0, belowOffset, this.#keysPerCommitMax)
    const set = this.#stage()
    for (const offset of offsets) set.removeBatch(logNumber, offset)
    if (offsets.length === this.#keysPerCommitMax) return
    if (belowOffset === Number.MAX_SAFE_INTEGER) set.remove(keys.deleted(logNumber))
    this.#ranges.splice(this.#ranges.indexOf(range), 1)
  }
}
