import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, statfsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"
import { open } from "lmdb"
import { ColdReader, type ColdSource } from "./internal/ColdReader.ts"
import { DirectoryLock } from "./internal/DirectoryLock.ts"
import { checkLmdbFile } from "./internal/checkLmdbFile.ts"
import { behindPrefix, type BatchKey, firstBatchKey, keyEncoder, type StoreKey } from "./internal/lmdbKeys.ts"
import { DirectoryDamagedError } from "./DirectoryDamagedError.ts"
import type { Store, StoreRead, StoreSpace } from "./Store.ts"
import { StoreError } from "./StoreError.ts"
import { WriteSet } from "./WriteSet.ts"

export interface LmdbStoreOptions {
  /** The address space set aside for the file, not its size; the file grows as it is written. */
  readonly mapBytesMax?: number
  /** How much of the file's tree is checked before it is opened, small records first. Large batches lie outside the tree. */
  readonly checkBytesMax?: number
}

const mapBytesMaxDefault = 2 ** 40
const checkBytesMaxDefault = 64 * 1024 * 1024
const dataFile = "log.mdb"
/** What a commit may need besides its batches: copies of the tree's pages on the way to each entry; entries beside each other share them. */
const treeBytesPerEntry = 8 * 1024
const entriesCounted = 64
const roomBytesMin = 256 * 1024
/** Free room inside the file is in pieces. */
const reuseFactor = 8

/** The part of lmdb that is used; its own types know nothing of keys by a key encoder. */
interface Database extends ColdSource {
  readonly env: LmdbEnvironment
  getBinary(key: StoreKey): Uint8Array | undefined
  put(key: StoreKey, value: Buffer): Promise<boolean>
  remove(key: StoreKey): Promise<boolean>
  /** Settles with the transaction that was begun last. */
  readonly committed: { then(onFulfilled: () => void, onRejected: (error: unknown) => void): void }
  close(): Promise<void>
}

/**
 * A store in one LMDB environment. `overlappingSync` is off, since with it a put is visible long before it is durable;
 * `safeRestore` never trusts a commit that was not flushed.
 */
export class LmdbStore implements Store {
  readonly name: string
  readonly #lock: DirectoryLock
  readonly #options: LmdbStoreOptions
  #database: Database
  readonly #reader = new ColdReader()
  #isClosed = false
  /** False while the database is closed because it could not be opened again. */
  #isOpen = true
  #failure: StoreError | undefined
  /** The failure is that of a disk without room, of which the database has not been told. */
  #isUntouched = false
  #reopening: Promise<void> | undefined
  #pending: Promise<void> = Promise.resolve()
  readonly #putKey: BatchKey = { logNumber: 0, offset: 0 }

  private constructor(name: string, lock: DirectoryLock, database: Database, options: LmdbStoreOptions) {
    this.name = name
    this.#lock = lock
    this.#database = database
    this.#options = options
  }

  /** Makes the directory where it is missing. Throws `DirectoryLockedError`, `DirectoryDamagedError` or `StoreError`. */
  static open(directory: string, options: LmdbStoreOptions = {}): LmdbStore {
    makeDirectory(resolve(directory))
    const lock = DirectoryLock.acquire(directory)
    try {
      const isNew = !existsSync(join(directory, dataFile))
      if (!isNew) checkFile(directory, options)
      const database = openDatabase(directory, options)
      if (isNew) for (const path of [directory, dirname(resolve(directory))]) syncDirectory(path)
      return new LmdbStore(directory, lock, database, options)
    } catch (error) {
      lock.release()
      throw error instanceof DirectoryDamagedError ? error : new StoreError(directory, "open", error)
    }
  }

  get(key: string): Buffer | undefined {
    this.#assertOpen()
    const value = this.#database.getBinary(key)
    return value === undefined ? undefined : asBuffer(value)
  }

  scan(prefix: string, visit: (key: string, value: Buffer) => void): void {
    this.#assertOpen()
    for (const { key, value } of this.#database.getRange({ start: prefix, end: prefix === "" ? firstBatchKey : behindPrefix(prefix) })) {
      visit(key as string, asBuffer(value))
    }
  }

  /** Waits where the store is being opened again, and for the disk. Rejects with `StoreError`. */
  async readBatches(
    logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean
  ): Promise<StoreRead> {
    try {
      for (;;) {
        await this.#reopening
        if (this.#isClosed || !this.#isOpen) throw new Error("the store is closed")
        const database = this.#database
        const isCurrent = (): boolean => this.#database === database && this.#reopening === undefined && !this.#isClosed
        const read = await this.#reader.read(database, isCurrent, logNumber, fromOffset, endOffset, bytesMax, atLeastOne)
        if (read !== undefined) return read
      }
    } catch (error) {
      throw new StoreError(this.name, "read", error)
    }
  }

  scanBatches(
    logNumber: number, fromOffset: number, endOffset: number, visit: (batch: Buffer, lastOffset: number) => boolean
  ): void {
    this.#assertOpen()
    if (fromOffset >= endOffset) return
    const range = { start: { logNumber, offset: fromOffset }, end: { logNumber, offset: endOffset } }
    for (const { key, value } of this.#database.getRange(range)) {
      if (!visit(asBuffer(value), key as number)) return
    }
  }

  lastOffsets(logNumber: number, fromOffset: number, endOffset: number, countMax: number): Array<number> {
    this.#assertOpen()
    if (fromOffset >= endOffset || countMax <= 0) return []
    const range = { start: { logNumber, offset: fromOffset }, end: { logNumber, offset: endOffset }, limit: countMax }
    const offsets: Array<number> = []
    for (const key of this.#database.getKeys(range)) offsets.push(key as number)
    return offsets
  }

  /** All puts are made in this turn, which lmdb makes one transaction. */
  commit(set: WriteSet): Promise<void> {
    if (this.#failure === undefined) {
      this.#failure = this.#refusal(set)
      this.#isUntouched = this.#failure !== undefined
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    if (set.changedLogs.size > 0) this.#reader.beginChange(set.changedLogs)
    const answers = new Set<Promise<boolean>>()
    const database = this.#database
    const key = this.#putKey
    for (let i = 0; i < set.batchLogs.length; i++) {
      key.logNumber = set.batchLogs[i]!
      key.offset = set.batchOffsets[i]!
      const batch = set.batchValues[i]
      answers.add(batch === undefined ? database.remove(key) : database.put(key, batch))
    }
    for (const [stateKey, value] of set.state) {
      answers.add(value === undefined ? database.remove(stateKey) : database.put(stateKey, value))
    }
    // The start of a transaction has a promise of its own, made at the end of the turn and answered to nobody.
    setImmediate(() => database.committed.then(ignore, (error: unknown) => void causeOf(error)))
    this.#pending = this.#settle(answers)
    return this.#pending
  }

  reopen(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined
    })
    return this.#reopening
  }

  space(): StoreSpace {
    const { bavail, blocks, bsize } = statfsSync(this.name)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, reusableBytes: this.#reusableBytes() }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#reopening?.catch(ignore)
    await this.#pending.catch(ignore)
    try {
      if (this.#isOpen) await this.#database.close()
    } catch (error) {
      throw new StoreError(this.name, "close", error)
    } finally {
      this.#lock.release()
    }
  }

  /**
   * A write of a page that finds no room makes lmdb 3.5.6 write its message past the end of a buffer, after which the process may
   * end at any moment: it is not asked for one. Where the file has more than enough room inside, what makes room still goes through.
   */
  #refusal(set: WriteSet): StoreError | undefined {
    const entries = Math.min(set.batchLogs.length + set.state.size, entriesCounted)
    const needed = set.batchBytes + entries * treeBytesPerEntry + roomBytesMin
    try {
      const { bavail, bsize } = statfsSync(this.name)
      if (bavail * bsize >= needed || this.#reusableBytes() >= reuseFactor * needed) return undefined
      return new StoreError(this.name, "commit", new Error(`no space left on device: ${bavail * bsize} bytes, ${needed} may be needed`))
    } catch (error) {
      return new StoreError(this.name, "commit", error)
    }
  }

  /** The puts of a transaction share a promise, or a few when it is large; none may be left without a listener. */
  async #settle(answers: Iterable<Promise<boolean>>): Promise<void> {
    const results = await Promise.allSettled(answers)
    this.#reader.endChange()
    const rejected = results.filter((result) => result.status === "rejected")
    if (rejected.length === 0) return
    const causes = await Promise.all(rejected.map((result) => causeOf(result.reason)))
    this.#failure = new StoreError(this.name, "commit", causes[0])
    throw this.#failure
  }

  /** The check of the file takes long. Where nothing was asked of the database there is nothing to check: it is read on until there is room. */
  async #reopen(): Promise<void> {
    await this.#pending.catch(ignore)
    if (this.#isUntouched && this.#isOpen) {
      const refusal = this.#refusal(new WriteSet())
      if (refusal !== undefined) throw refusal
      this.#failure = undefined
      this.#isUntouched = false
      return
    }
    this.#reader.clear()
    try {
      const wasOpen = this.#isOpen
      this.#isOpen = false
      if (wasOpen) await this.#database.close()
      checkFile(this.name, this.#options)
      this.#database = openDatabase(this.name, this.#options)
      this.#isOpen = true
    } catch (error) {
      throw new StoreError(this.name, "open", error)
    }
    this.#failure = undefined
  }

  /** lmdb itself does not survive calls on a closed database. */
  #assertOpen(): void {
    if (!this.#isOpen || this.#isClosed) throw new StoreError(this.name, "read", "the store is closed")
  }

  /** Pages of the file that hold nothing; the tree's own figures give the number without a walk. */
  #reusableBytes(): number {
    if (this.#reopening !== undefined || !this.#isOpen) return 0
    const { env } = this.#database
    const stat = env.stat()
    const used = stat.treeBranchPageCount + stat.treeLeafPageCount + stat.overflowPages
    return Math.max(0, env.info().lastPageNumber + 1 - used) * stat.pageSize
  }
}

/** lmdb's own `getStats` walks the list of free pages besides, which takes long when it is long. */
interface LmdbEnvironment {
  stat(): {
    readonly pageSize: number
    readonly treeBranchPageCount: number
    readonly treeLeafPageCount: number
    readonly overflowPages: number
  }
  info(): { readonly lastPageNumber: number }
}

/** What rotted in LMDB's own pages must not be mapped. */
function checkFile(directory: string, { checkBytesMax = checkBytesMaxDefault }: LmdbStoreOptions): void {
  const found = checkLmdbFile(join(directory, dataFile), checkBytesMax)
  if (found !== undefined) throw new DirectoryDamagedError(directory, found)
}

function openDatabase(directory: string, options: LmdbStoreOptions): Database {
  const settings = {
    path: join(directory, dataFile),
    noSubdir: true,
    encoding: "binary" as const,
    keyEncoder,
    overlappingSync: false,
    safeRestore: true,
    // Windows sizes the file to the map, so there the map grows with the file.
    ...(process.platform === "win32" ? {} : { mapSize: options.mapBytesMax ?? mapBytesMaxDefault })
  }
  return open(settings) as unknown as Database
}

/** Step by step: Node's recursive mkdir never returns where a parent exists and takes no entries, as /proc. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return
  makeDirectory(dirname(path))
  mkdirSync(path)
}

/** Makes the names in a directory durable; the flush of a file need not. Windows has no such call and no need. */
function syncDirectory(path: string): void {
  if (process.platform === "win32") return
  const descriptor = openSync(path, "r")
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * lmdb answers a failed commit with an error whose `commitError` is a second promise that rejects with the cause. If
 * nobody listens to that one, the process ends by an unhandled rejection, however carefully the put was caught.
 */
function causeOf(error: unknown): unknown {
  if (!(error instanceof Error && "commitError" in error && error.commitError instanceof Promise)) return error
  const cause = error.commitError.catch((reason: unknown) => reason)
  return Promise.race([cause, new Promise((resolve) => setImmediate(resolve, error))])
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function ignore(): void {}
