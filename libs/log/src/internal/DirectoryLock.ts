import { realpathSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { DirectoryLockedError } from "../DirectoryLockedError.ts"

const lockFile = "tailrace.lock"
const holderFile = "tailrace.pid"

/**
 * The exclusive right to a data directory. Node has no call for file locks, but its SQLite takes one: an exclusive
 * transaction on an empty database holds a lock of the operating system on that file (fcntl, or LockFileEx on Windows)
 * and writes nothing. The system releases it when the process ends in whatever way, so a lock is never stale, whoever
 * has the process id now; it holds between containers too, since it belongs to the file. SQLite itself keeps apart two
 * opens of the same process, worker threads included.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync

  private constructor(database: DatabaseSync) {
    this.#database = database
  }

  static acquire(directory: string): DirectoryLock {
    const path = realpathSync(directory)
    const database = new DatabaseSync(join(path, lockFile), { timeout: 0 })
    try {
      database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")
    } catch (error) {
      database.close()
      if (isBusy(error)) throw new DirectoryLockedError(directory, readHolder(path))
      throw error
    }
    try {
      writeFileSync(join(path, holderFile), `${process.pid}\n`)
    } catch {
      // The file only names the holder in messages; the directory may be full.
    }
    return new DirectoryLock(database)
  }

  release(): void {
    if (this.#database.isOpen) this.#database.close()
  }
}

const busyCode = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && "errcode" in error && ((error.errcode as number) & 0xff) === busyCode
}

function readHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(path, holderFile), "latin1"), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}
