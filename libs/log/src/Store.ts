import type { WriteSet } from "./WriteSet.ts"

/** Whole batches in offset order. */
export interface StoreRead {
  readonly chunks: ReadonlyArray<Buffer>
  readonly bytes: number
}

export interface StoreSpace {
  /** What the file system can still take. */
  readonly freeBytes: number
  readonly totalBytes: number
  /** What the store can still take inside the files that it has. */
  readonly reusableBytes: number
}

/**
 * Where bytes live. One writer, atomic commits, one at a time; readers see committed data only.
 *
 * Batches have the key (log number, last offset), so that the batch that holds an offset is the first one at or behind
 * it. Log numbers are 1 or more. Everything else is small state under a short text key of ASCII letters.
 *
 * After a rejected commit the store is failed: every further commit is rejected until `reopen` has resolved. Then the
 * store holds either all or nothing of the rejected set; the commit sequence in the small state tells which.
 */
export interface Store {
  /** Names the store in messages: for files, the path of the directory. */
  readonly name: string
  get(key: string): Buffer | undefined
  /** Visits the keys that start with `prefix` in ascending order. */
  scan(prefix: string, visit: (key: string, value: Buffer) => void): void
  /**
   * Batches whose last offset lies in [fromOffset, endOffset), without a hole, at most `bytesMax`, but at least one (if
   * there is one) when `atLeastOne`. There may be fewer than would fit. The answer is pending where the bytes may have to
   * come from a disk.
   */
  readBatches(
    logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean
  ): StoreRead | Promise<StoreRead>
  /** As `readBatches`, at once and without a limit, for recovery; `visit` answers false to stop. */
  scanBatches(
    logNumber: number, fromOffset: number, endOffset: number, visit: (batch: Buffer, lastOffset: number) => boolean
  ): void
  /** The keys alone: the last offsets in [fromOffset, endOffset), ascending. */
  lastOffsets(logNumber: number, fromOffset: number, endOffset: number, countMax: number): Array<number>
  /** Resolves when the whole set is durable; rejects with `StoreError` otherwise. Never called while one is pending. */
  commit(set: WriteSet): Promise<void>
  /** Leaves the failed state: afterwards reads answer what is durable. Rejects with `StoreError` when that is not possible. */
  reopen(): Promise<void>
  space(): StoreSpace
  /** Waits for a pending commit. */
  close(): Promise<void>
}
