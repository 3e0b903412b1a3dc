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
  /** The logs of which batches are removed or replaced. */
  readonly changedLogs = new Set<number>()
  /** The bytes of all batches put. */
  batchBytes = 0

  get isEmpty(): boolean {
    return this.batchLogs.length === 0 && this.state.size === 0
  }

  /** A batch that is new: what the store has at this offset, if anything, is removed by the same set. See `replaceBatch`. */
  putBatch(logNumber: number, lastOffset: number, batch: Buffer): void {
    this.batchLogs.push(logNumber)
    this.batchOffsets.push(lastOffset)
    this.batchValues.push(batch)
    this.batchBytes += batch.length
  }

  /** Other bytes for a batch that the store has: whoever keeps some of its batches has to hear of it. */
  replaceBatch(logNumber: number, lastOffset: number, batch: Buffer): void {
    this.changedLogs.add(logNumber)
    this.putBatch(logNumber, lastOffset, batch)
  }

  removeBatch(logNumber: number, lastOffset: number): void {
    this.changedLogs.add(logNumber)
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
