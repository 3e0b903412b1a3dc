import type { StoreRead } from "../Store.ts"
import type { WriteSet } from "../WriteSet.ts"

interface Batches {
  /** Ascending. */
  readonly offsets: Array<number>
  readonly values: Array<Buffer>
}

/** What a simulated disk holds, or what its readers see. */
export class StoreImage {
  readonly #logs = new Map<number, Batches>()
  readonly #state = new Map<string, Buffer>()
  /** The bytes of all batches. */
  bytes = 0

  clone(): StoreImage {
    const copy = new StoreImage()
    for (const [logNumber, { offsets, values }] of this.#logs) {
      copy.#logs.set(logNumber, { offsets: [...offsets], values: [...values] })
    }
    for (const [key, value] of this.#state) copy.#state.set(key, value)
    copy.bytes = this.bytes
    return copy
  }

  /** `batches` are the image's own copies of the set's batches. */
  apply(set: WriteSet, batches: ReadonlyArray<Buffer | undefined>): void {
    for (let i = 0; i < set.batchLogs.length; i++) this.#replace(set.batchLogs[i]!, set.batchOffsets[i]!, batches[i])
    for (const [key, value] of set.state) {
      if (value === undefined) this.#state.delete(key)
      else this.#state.set(key, Buffer.from(value))
    }
  }

  get(key: string): Buffer | undefined {
    return this.#state.get(key)
  }

  scan(prefix: string, visit: (key: string, value: Buffer) => void): void {
    const found = [...this.#state.keys()].filter((key) => key.startsWith(prefix))
    for (const key of found.toSorted()) visit(key, this.#state.get(key)!)
  }

  read(logNumber: number, fromOffset: number, endOffset: number, bytesMax: number, atLeastOne: boolean): StoreRead {
    const chunks: Array<Buffer> = []
    let bytes = 0
    this.scanBatches(logNumber, fromOffset, endOffset, (batch) => {
      if (bytes + batch.length > bytesMax && !(atLeastOne && bytes === 0)) return false
      chunks.push(batch)
      bytes += batch.length
      return bytes < bytesMax
    })
    return { chunks, bytes }
  }

  scanBatches(
    logNumber: number, fromOffset: number, endOffset: number, visit: (batch: Buffer, lastOffset: number) => boolean
  ): void {
    const log = this.#logs.get(logNumber)
    if (log === undefined) return
    for (let i = lowerBound(log.offsets, fromOffset); i < log.offsets.length && log.offsets[i]! < endOffset; i++) {
      if (!visit(log.values[i]!, log.offsets[i]!)) return
    }
  }

  lastOffsets(logNumber: number, fromOffset: number, endOffset: number, countMax: number): Array<number> {
    const offsets: Array<number> = []
    if (countMax > 0) {
      this.scanBatches(logNumber, fromOffset, endOffset, (_batch, lastOffset) => offsets.push(lastOffset) < countMax)
    }
    return offsets
  }

  /** Puts other bytes, or none, under the key of the batch that holds the offset. */
  replaceBatch(logNumber: number, offset: number, change: (batch: Buffer) => Buffer | undefined): void {
    const log = this.#logs.get(logNumber)
    const i = log === undefined ? 0 : lowerBound(log.offsets, offset)
    const batch = log?.values[i]
    if (log === undefined || batch === undefined) throw new Error(`assertion: no batch at ${offset} of log ${logNumber}`)
    this.#replace(logNumber, log.offsets[i]!, change(batch))
  }

  replaceRecord(key: string, change: (record: Buffer) => Buffer | undefined): void {
    const record = this.#state.get(key)
    if (record === undefined) throw new Error(`assertion: no record ${key}`)
    const changed = change(record)
    if (changed === undefined) this.#state.delete(key)
    else this.#state.set(key, changed)
  }

  #replace(logNumber: number, lastOffset: number, batch: Buffer | undefined): void {
    let log = this.#logs.get(logNumber)
    if (log === undefined) this.#logs.set(logNumber, log = { offsets: [], values: [] })
    const i = lowerBound(log.offsets, lastOffset)
    const isThere = log.offsets[i] === lastOffset
    if (isThere) this.bytes -= log.values[i]!.length
    if (batch === undefined) {
      if (!isThere) return
      log.offsets.splice(i, 1)
      log.values.splice(i, 1)
      return
    }
    this.bytes += batch.length
    log.offsets.splice(i, isThere ? 1 : 0, lastOffset)
    log.values.splice(i, isThere ? 1 : 0, batch)
  }
}

/** The index of the first value at or above `limit`. */
function lowerBound(ascending: ReadonlyArray<number>, limit: number): number {
  let low = 0
  let high = ascending.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (ascending[middle]! < limit) low = middle + 1
    else high = middle
  }
  return low
}
