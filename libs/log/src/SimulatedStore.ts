import type { Clock } from "@tailrace/runtime"
import { DirectoryDamagedError } from "./DirectoryDamagedError.ts"
import { DirectoryLockedError } from "./DirectoryLockedError.ts"
import { OperationHash } from "./internal/OperationHash.ts"
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
  /** Hears of every operation, with a hash of what was asked and answered: equal runs hear the same. */
  readonly observe?: (operation: string, hash: number) => void
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
  /** False after a reopen that failed, until one succeeds. */
  #isOpen = true
  #isHeld = false
  #failuresLeft = 0
  #reopenFailuresLeft = 0
  #writtenFailuresLeft = 0
  #readFailuresLeft = 0
  #failureReason = ""
  #flushMillis: (() => number) | undefined
  /** Commits that became durable. */
  flushCount = 0

  private constructor(disk: SimulatedDisk, options: SimulatedStoreOptions) {
    this.name = disk.name
    this.#disk = disk
    this.#options = options
    this.#flushMillis = options.flushMillis
    this.#visible = this.#durableView()
  }

  static open(disk: SimulatedDisk, options: SimulatedStoreOptions): SimulatedStore {
    if (disk.isInUse) throw new DirectoryLockedError(disk.name, process.pid)
    if (disk.isTruncated) throw new DirectoryDamagedError(disk.name, "its file is shorter than what it holds")
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

  /** Flushes take this long from now on, where the option says nothing else; `undefined` is as the store was opened. */
  slowFlushes(millis: number | undefined): void {
    this.#flushMillis = millis === undefined ? this.#options.flushMillis : () => millis
  }

  /** The next commits fail. The first `writtenCount` of them are durable all the same, as when the answer alone is lost. */
  failCommits(count: number, writtenCount = 0, reason: "EIO" | "ENOSPC" = "EIO"): void {
    this.#failuresLeft = count
    this.#writtenFailuresLeft = writtenCount
    this.#failureReason = reason
  }

  /** The next reads of batches fail. */
  failReads(count: number): void {
    this.#readFailuresLeft = count
  }

  /** The next reopens fail, and nothing can be read until one succeeds. */
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
    if (isPendingWritten && this.#pending !== undefined) this.#disk.write(this.#pending.set, this.#pending.bytes)
    this.#isDead = true
    this.#pending = undefined
    this.#disk.isInUse = false
  }

  /** The machine is gone: as `crash`, and of what a lying disk only claimed to have flushed, all but the first commits. */
  losePower(keptCommits = 0): void {
    this.crash()
    this.#disk.losePower(keptCommits)
  }

  get(key: string): Buffer | undefined {
    this.#assertOpen()
    const value = this.#visible.get(key)
    this.#observe("get", (hash) => value === undefined ? hash.text(key) : hash.text(key).bytes(value))
    return value
  }

  scan(prefix: string, visit: (key: string, value: Buffer) => void): void {
    this.#assertOpen()
    this.#observe("scan", (hash) => {
      this.#visible.scan(prefix, (key, value) => hash.text(key).bytes(value))
      return hash
    })
    this.#visible.scan(prefix, visit)
  }

  readBatches(
    logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean
  ): StoreRead | Promise<StoreRead> {
    this.#assertAlive()
    const read = (): StoreRead => {
      this.#assertOpen()
      if (this.#readFailuresLeft > 0) {
        this.#readFailuresLeft--
        throw new StoreError(this.name, "read", new Error("EIO"))
      }
      const found = this.#visible.read(logNumber, fromOffset, endOffset, bytesMax, atLeastOne)
      this.#observe("readBatches", (hash) => hash.number(logNumber).number(fromOffset).number(endOffset).number(bytesMax).read(found))
      return found
    }
    if (this.#options.hasPendingReads !== true) return this.#isOpen && this.#readFailuresLeft === 0 ? read() : Promise.resolve().then(read)
    return new Promise((resolve, reject) => {
      this.#options.clock.after(0, () => {
        if (this.#isDead) return
        try {
          resolve(read())
        } catch (error) {
          reject(error)
        }
      })
    })
  }

  scanBatches(
    logNumber: number, fromOffset: number, endOffset: number, visit: (batch: Buffer, lastOffset: number) => boolean
  ): void {
    this.#assertOpen()
    this.#observe("scanBatches", (hash) => hash.number(logNumber).number(fromOffset).number(endOffset))
    this.#visible.scanBatches(logNumber, fromOffset, endOffset, visit)
  }

  lastOffsets(logNumber: number, fromOffset: number, endOffset: number, countMax: number): Array<number> {
    this.#assertOpen()
    this.#observe("lastOffsets", (hash) => hash.number(logNumber).number(fromOffset).number(endOffset).number(countMax))
    return this.#visible.lastOffsets(logNumber, fromOffset, endOffset, countMax)
  }

  commit(set: WriteSet): Promise<void> {
    this.#assertAlive()
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (this.#pending !== undefined) throw new Error("assertion: one commit at a time")
    this.#observe("commit", (hash) => hash.set(set))
    const bytes = set.batchValues.map((batch) => (batch === undefined ? undefined : Buffer.from(batch)))
    if (this.#options.isVisibleBeforeDurable === true) this.#visible.apply(set, bytes)
    return new Promise((resolve, reject) => {
      this.#pending = { set, bytes, resolve, reject }
      if (!this.#isHeld) this.#scheduleFlush()
    })
  }

  reopen(): Promise<void> {
    this.#assertAlive()
    this.#observe("reopen", (hash) => hash)
    if (this.#reopenFailuresLeft > 0) {
      this.#reopenFailuresLeft--
      this.#isOpen = false
      return Promise.reject(new StoreError(this.name, "open", new Error("simulated")))
    }
    this.#failure = undefined
    this.#isOpen = true
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
    const { clock } = this.#options
    const flushMillis = this.#flushMillis
    if (flushMillis === undefined) clock.endOfTurn(() => this.#flush())
    else clock.after(flushMillis(), () => this.#flush())
  }

  #flush(): void {
    const pending = this.#pending
    if (this.#isDead || this.#isHeld || pending === undefined) return
    this.#pending = undefined
    assertFrozen(pending)
    const isFull = this.#disk.image.bytes + pending.set.batchBytes > this.#disk.capacityBytes
    if (this.#failuresLeft > 0 || isFull) return this.#fail(pending, isFull ? "ENOSPC" : this.#failureReason)
    this.#disk.write(pending.set, pending.bytes)
    this.flushCount++
    this.#observe("flush", (hash) => hash.number(this.flushCount))
    pending.resolve()
  }

  #fail(pending: PendingCommit, reason: string): void {
    this.#failuresLeft = Math.max(0, this.#failuresLeft - 1)
    if (this.#writtenFailuresLeft > 0) {
      this.#writtenFailuresLeft--
      this.#disk.write(pending.set, pending.bytes)
    }
    this.#observe("fail", (hash) => hash.text(reason))
    this.#failure = new StoreError(this.name, "commit", new Error(reason))
    pending.reject(this.#failure)
  }

  #observe(operation: string, describe: (hash: OperationHash) => OperationHash): void {
    this.#options.observe?.(operation, describe(new OperationHash()).value)
  }

  #assertOpen(): void {
    this.#assertAlive()
    if (!this.#isOpen) throw new StoreError(this.name, "read", "the store is closed")
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
