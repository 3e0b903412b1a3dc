/**
 * What one commit writes, all or nothing. Batches are applied in the order of the calls; a key of the small state
 * holds what was put last. The set keeps references: bytes that were put must not change until the commit has settled.
 */
export class WriteSet {
  readonly batchLogs: Array<number> = []
  readonly batchOffsets: Array<number> = []
  /** `undefined` removes. */
  readonly batchValues: Array<Buffer | undefined> = []
  /** `undefined` removes. */
  readonly state = new Map<string, Buffer | undefined>()
  /** The bytes of all batches put. */
  batchBytes = 0

  get isEmpty(): boolean {
    return this.batchLogs.length === 0 && this.state.size === 0
  }

  putBatch(logNumber: number, lastOffset: number, batch: Buffer): void {
    this.batchLogs.push(logNumber)
    this.batchOffsets.push(lastOffset)
    this.batchValues.push(batch)
    this.batchBytes += batch.length
  }

  removeBatch(logNumber: number, lastOffset: number): void {
    this.batchLogs.push(logNumber)
    this.batchOffsets.push(lastOffset)
    this.batchValues.push(undefined)
  }

  put(key: string, value: Buffer): void {
    this.state.set(key, value)
  }

  remove(key: string): void {
    this.state.set(key, undefined)
  }
}
