/** A header of a record. Keys may repeat and keep their order. */
export interface RecordHeader {
  readonly key: string
  readonly value: Buffer | null
}

/** One record as it is read from a batch. Buffers are views of the bytes that were read, valid as long as those are. */
export interface LogRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: ReadonlyArray<RecordHeader>
}
