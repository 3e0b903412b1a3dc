/** The offset lies outside the log; for a pending read this may have become so while it ran. */
export class OffsetOutOfRangeError extends Error {
  readonly _tag = "OffsetOutOfRangeError"
  readonly offset: number
  readonly startOffset: number
  readonly endOffset: number

  constructor(offset: number, startOffset: number, endOffset: number) {
    super(`offset ${offset} is not in [${startOffset}, ${endOffset}]`)
    this.name = "OffsetOutOfRangeError"
    this.offset = offset
    this.startOffset = startOffset
    this.endOffset = endOffset
  }
}
