import type { Clock } from "@tailrace/runtime"
import { DirectoryLockedError } from "./DirectoryLockedError.ts"
import type { StoreImage } from "./internal/StoreImage.ts"
import type { SimulatedDisk } from "./SimulatedDisk.ts"
import type { Store, StoreRead, StoreSpace } from "./Store.ts"
import { StoreError } from "./StoreError.ts"
import type { WriteSet } from "./WriteSet.ts"

export interface SimulatedStoreOptions {
  readonly clock: Clock
  /** How long each flush takes; default none, but always a later turn. */
  readonly flushMillis?: () => number
  /** Whether reads see a commit before it is durable, as some stores do; nothing may depend on that. */
  readonly isVisibleBeforeDurable?: boolean
  /** Whether reads of batches are pending, as those that wait for a disk. */
  readonly hasPendingReads?: boolean
}

interface PendingCommit {
  readonly set: WriteSet
  readonly bytes: Array<Buffer | undefined>
  resolve(): void
  reject(error: unknown): void
}

/**
 * A store in memory whose faults are commands: flushes can be held, fail or be lost with the power, and the disk can
 * be full. Deterministic with a deterministic clock.
 */
export class SimulatedStore implements Store {
  readonly name: string
  readonly #disk: SimulatedDisk
  readonly #options: SimulatedStoreOptions
  #visible: StoreImage
  #pending: PendingCommit | undefined
  #failure: StoreError | undefined
  #isDead = false
  #isHeld = false
  #failuresLeft = 0
  #reopenFailuresLeft = 0
  #writtenFailuresLeft = 0
  /** Commits that became durable. */
  flushCount = 0

  private constructor(disk: SimulatedDisk, options: SimulatedStoreOptions) {
    this.name = disk.name
    this.#disk = disk
    this.#options = options
    this.#visible = this.#durableView()
  }

  static open(disk: SimulatedDisk, options: SimulatedStoreOptions): SimulatedStore {
    if (disk.isInUse) throw new DirectoryLockedError(disk.name, process.pid)
    disk.isInUse = true
    return new SimulatedStore(disk, options)
  }

  /** Flushes wait from now on, until `releaseFlushes`. */
  holdFlushes(): void {
    this.#isHeld = true
  }

  releaseFlushes(): void {
    this.#isHeld = false
    if (this.#pending !== undefined) this.#scheduleFlush()
  }

  /** The next commits fail. The first `writtenCount` of them are durable all the same, as when the answer alone is lost. */
  failCommits(count: number, writtenCount = 0): void {
    this.#failuresLeft = count
    this.#writtenFailuresLeft = writtenCount
  }

  failReopens(count: number): void {
    this.#reopenFailuresLeft = count
  }

  get hasPendingCommit(): boolean {
    return this.#pending !== undefined
  }

  /**
   * The process is gone, and nothing answers any more. A commit in flight is lost, or, when `isPendingWritten`, was
   * just flushed in time. The disk can be opened again.
   */
  crash(isPendingWritten = false): void {
    if (isPendingWritten && this.#pending !== undefined) this.#disk.image.apply(this.#pending.set, this.#pending.bytes)
    this.#isDead = true
    this.#pending = undefined
    this.#disk.isInUse = false
  }

  get(key: string): Buffer | undefined {
    this.#assertAlive()
    return this.#visible.get(key)
  }

  scan(prefix: string, visit: (key: string, value: Buffer) => void): void {
    this.#assertAlive()
    this.#visible.scan(prefix, visit)
  }

  readBatches(
    logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean
  ): StoreRead | Promise<StoreRead> {
    this.#assertAlive()
    if (this.#options.hasPendingReads !== true) return this.#visible.read(logNumber, fromOffset, endOffset, bytesMax, atLeastOne)
    return new Promise((resolve) => {
      this.#options.clock.after(0, () => {
        if (!this.#isDead) resolve(this.#visible.read(logNumber, fromOffset, endOffset, bytesMax, atLeastOne))
      })
    })
  }

  scanBatches(
    logNumber: number, fromOffset: number, endOffset: number, visit: (batch: Buffer, lastOffset: number) => boolean
  ): void {
    this.#assertAlive()
    this.#visible.scanBatches(logNumber, fromOffset, endOffset, visit)
  }

  lastOffsets(logNumber: number, fromOffset: number, endOffset: number, countMax: number): Array<number> {
    this.#assertAlive()
    return this.#visible.lastOffsets(logNumber, fromOffset, endOffset, countMax)
  }

  commit(set: WriteSet): Promise<void> {
    this.#assertAlive()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#pending !== undefined) throw new Error("assertion: one commit at a time")
    const bytes = set.batchValues.map((batch) => (batch === undefined ? undefined : Buffer.from(batch)))
    if (this.#options.isVisibleBeforeDurable === true) this.#visible.apply(set, bytes)
    return new Promise((resolve, reject) => {
      this.#pending = { set, bytes, resolve, reject }
      if (!this.#isHeld) this.#scheduleFlush()
    })
  }

  reopen(): Promise<void> {
    this.#assertAlive()
    if (this.#reopenFailuresLeft > 0) {
      this.#reopenFailuresLeft--
      return Promise.reject(new StoreError(this.name, "open", new Error("simulated")))
    }
    this.#failure = undefined
    this.#visible = this.#durableView()
    return Promise.resolve()
  }

  space(): StoreSpace {
    const { capacityBytes, image } = this.#disk
    return { freeBytes: capacityBytes - image.bytes, totalBytes: capacityBytes, reusableBytes: 0 }
  }

  async close(): Promise<void> {
    while (this.#pending !== undefined && !this.#isDead) {
      await new Promise<void>((resolve) => {
        this.#options.clock.after(1, resolve)
      })
    }
    this.#isDead = true
    this.#disk.isInUse = false
  }

  /** What readers see that never see more than is durable: the disk itself. */
  #durableView(): StoreImage {
    return this.#options.isVisibleBeforeDurable === true ? this.#disk.image.clone() : this.#disk.image
  }

  #scheduleFlush(): void {
    const { clock, flushMillis } = this.#options
    if (flushMillis === undefined) clock.endOfTurn(() => this.#flush())
    else clock.after(flushMillis(), () => this.#flush())
  }

  #flush(): void {
    const pending = this.#pending
    if (this.#isDead || this.#isHeld || pending === undefined) return
    this.#pending = undefined
    assertFrozen(pending)
    const isFull = this.#disk.image.bytes + pending.set.batchBytes > this.#disk.capacityBytes
    if (this.#failuresLeft > 0 || isFull) return this.#fail(pending, isFull ? "no space left" : "simulated")
    this.#disk.image.apply(pending.set, pending.bytes)
    this.flushCount++
    pending.resolve()
  }

  #fail(pending: PendingCommit, reason: string): void {
    this.#failuresLeft = Math.max(0, this.#failuresLeft - 1)
    if (this.#writtenFailuresLeft > 0) {
      this.#writtenFailuresLeft--
      this.#disk.image.apply(pending.set, pending.bytes)
    }
    this.#failure = new StoreError(this.name, "commit", new Error(reason))
    pending.reject(this.#failure)
  }

  #assertAlive(): void {
    if (this.#isDead) throw new Error("assertion: the simulated process is gone")
  }
}

/** Bytes were promised not to change between the commit and its end. */
function assertFrozen({ set, bytes }: PendingCommit): void {
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== undefined && !bytes[i]!.equals(set.batchValues[i]!)) throw new Error("assertion: a batch changed while it was written")
  }
}
