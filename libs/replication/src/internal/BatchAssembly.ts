import type { BatchesEntry } from "../ReplicaMessage.ts"

/** One batch that is larger than a message, as far as it has come. Costs what has come, not what is announced. */
export class BatchAssembly {
  readonly leaderEpoch: number
  readonly baseOffset: number
  readonly totalBytes: number
  readonly #parts: Array<Buffer> = []
  bytes = 0

  constructor(leaderEpoch: number, baseOffset: number, totalBytes: number) {
    this.leaderEpoch = leaderEpoch
    this.baseOffset = baseOffset
    this.totalBytes = totalBytes
  }

  get isComplete(): boolean {
    return this.bytes === this.totalBytes
  }

  isOf(leaderEpoch: number, baseOffset: number): boolean {
    return leaderEpoch === this.leaderEpoch && baseOffset === this.baseOffset
  }

  /** Answers false for what is not the next part of this batch; nothing is taken then. */
  add({ batches, baseOffset, fragment, leaderEpoch }: BatchesEntry): boolean {
    const part = batches[0]
    if (part === undefined || fragment === undefined || !this.isOf(leaderEpoch, baseOffset)) return false
    if (fragment.totalBytes !== this.totalBytes || fragment.position !== this.bytes) return false
    if (part.length > this.totalBytes - this.bytes) return false
    this.#parts.push(part)
    this.bytes += part.length
    return true
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts, this.bytes)
  }
}
