import type { LogRecord } from "./LogRecord.ts"
import type { RecordCodecs } from "./RecordCodecs.ts"
import { defaultReadLimits, type ReadLimits, RecordCursor } from "./RecordCursor.ts"

/**
 * The records of the batch at `at`, made one by one while they are iterated; `RecordCursor` is the same without
 * allocation. Throws `CorruptRecordError` or `DecompressionError`.
 */
export function* readRecords(
  batch: Buffer, at: number, codecs: RecordCodecs, limits: ReadLimits = defaultReadLimits
): IterableIterator<LogRecord> {
  const cursor = new RecordCursor(batch, at, codecs, limits)
  while (cursor.next()) yield cursor.record
}
