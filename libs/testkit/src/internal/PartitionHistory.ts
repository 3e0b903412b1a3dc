import type { Operation, OperationRecord } from "../Operation.ts"

/** One record that was sent, and where it was seen. */
export interface Write {
  readonly operation: Operation
  readonly record: OperationRecord
  /** Offsets at which it was read, each once. */
  readonly offsets: Array<number>
  firstRead: Operation | undefined
}

/** What stands at one offset, as it was first seen. */
export interface Entry {
  readonly value: string
  readonly operation: Operation
  readonly write: Write | undefined
}

/** One read of the whole partition by a fresh reader. */
export interface Drain {
  readonly operation: Operation
  readonly start: number
  readonly end: number
  /** Offsets without data that the reader saw. */
  readonly controlOffsets: number
  readonly values: Map<number, string>
}

/** One partition as all clients together have seen it. */
export class PartitionHistory {
  readonly key: string
  readonly writes = new Map<string, Write>()
  /** From sends that were acknowledged by all in-sync replicas, and from all reads. */
  readonly entries = new Map<number, Entry>()
  readonly drains: Array<Drain> = []
  highestRead = -1
  #offsets: Array<number> | undefined

  constructor(key: string) {
    this.key = key
  }

  /** Offsets that are known, in order. Nothing may be added behind the first call. */
  get offsets(): ReadonlyArray<number> {
    return this.#offsets ??= [...this.entries.keys()].toSorted((a, b) => a - b)
  }

  /** How many known offsets are lower. */
  rankOf(offset: number): number {
    const { offsets } = this
    let low = 0
    let high = offsets.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((offsets[middle] as number) < offset) low = middle + 1
      else high = middle
    }
    return low
  }

  /** The lowest offset that the last read of the whole partition found; what is lower may have been deleted. */
  get start(): number {
    return this.drains.at(-1)?.start ?? 0
  }
}
