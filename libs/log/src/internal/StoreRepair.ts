import type { Store } from "../Store.ts"
import { StoreError } from "../StoreError.ts"
import { WriteSet } from "../WriteSet.ts"
import type { CommitLoop } from "./CommitLoop.ts"
import type { DirectoryRecords } from "./DirectoryRecords.ts"
import * as keys from "./keys.ts"
import type { Timers } from "./Timers.ts"

export interface StoreRepairHooks {
  /** False once nobody waits for the repair any more. */
  readonly isNeeded: () => boolean
  /** The store takes commits again: everything is made anew from what it has. */
  readonly restore: () => void
}

/** What follows on a failed commit: the store is opened again until it takes one. Nothing is staged meanwhile. */
export class StoreRepair {
  readonly #store: Store
  readonly #loop: CommitLoop
  readonly #records: DirectoryRecords
  readonly #timers: Timers
  readonly #pauseMillis: number
  readonly #hooks: StoreRepairHooks
  #running: Promise<void> | undefined
  #wake: () => void = () => {}
  /** A pause has passed since the last repair. */
  #isRested = true

  constructor(store: Store, loop: CommitLoop, records: DirectoryRecords, timers: Timers, pauseMillis: number, hooks: StoreRepairHooks) {
    this.#store = store
    this.#loop = loop
    this.#records = records
    this.#timers = timers
    this.#pauseMillis = pauseMillis
    this.#hooks = hooks
  }

  start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Ends the pause between two attempts; resolves when none is under way. */
  async end(): Promise<void> {
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    // A disk that takes the small commit of a repair, and not what follows, is opened again after each pause and not after each failure.
    if (!this.#isRested && this.#hooks.isNeeded()) await this.#pause()
    while (this.#hooks.isNeeded()) {
      try {
        await this.#store.reopen()
        const set = new WriteSet()
        const sequence = this.#resumeSequence() + 1
        this.#records.putNumber(set, keys.commitSequence, sequence)
        this.#records.putSuspicion(set)
        await this.#store.commit(set)
        this.#loop.resume(sequence)
        this.#isRested = false
        this.#timers.after(this.#pauseMillis, () => void (this.#isRested = true))
        this.#hooks.restore()
        return
      } catch {
        // The timers have ended when the directory was closed meanwhile: nothing would end a pause.
        if (!this.#hooks.isNeeded()) return
        // The disk is not back yet. The gate tells everybody since the first failure.
        await this.#pause()
      }
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
      this.#timers.after(this.#pauseMillis, resolve)
    })
  }

  /**
   * The failed commit is in the store as a whole or not at all; anything else is not the directory we knew. The same holds
   * for the commit of a repair that failed, so what was found is where the next attempt starts from.
   */
  #resumeSequence(): number {
    const stored = this.#records.number(keys.commitSequence) ?? 0
    const known = this.#loop.sequence
    if (stored !== known && stored !== known + 1) throw new StoreError(this.#store.name, "open", `commit ${stored} instead of ${known}`)
    this.#loop.sequence = stored
    return stored
  }
}
