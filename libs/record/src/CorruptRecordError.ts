/** Which rule of the record format the bytes broke. */
export type CorruptRecordReason =
  | "truncated" | "length" | "varint" | "offset" | "timestamp" | "key" | "value" | "headers" | "count" | "trailing" | "magic" | "compression"

/** What reading records throws for bytes that are not records; `position` counts from the start of the records section. */
export class CorruptRecordError extends Error {
  readonly _tag = "CorruptRecordError"
  readonly reason: CorruptRecordReason
  readonly position: number

  constructor(reason: CorruptRecordReason, position: number) {
    super(`corrupt record: ${reason} at byte ${position} of the records`)
    this.name = "CorruptRecordError"
    this.reason = reason
    this.position = position
  }
}
