import type { Decision } from "@tailrace/coordinator"

type Records = Decision<unknown>["records"]

const cutBytesMax = 500_000

/** What a batch has around each record, at most. */
const recordOverheadBytes = 16

/** Records that need not be atomic, in portions that fit one batch; a single one that does not stands alone. */
export function cutRecords(records: Records, batchBytesMax: number): ReadonlyArray<Records> {
  const bytesMax = Math.min(cutBytesMax, batchBytesMax)
  const portions: Array<Records> = []
  let portion: Array<Records[number]> = []
  let bytes = 0
  for (const record of records) {
    const recordBytes = record.key.length + (record.value?.length ?? 0) + recordOverheadBytes
    if (bytes + recordBytes > bytesMax && portion.length > 0) {
      portions.push(portion)
      portion = []
      bytes = 0
    }
    bytes += recordBytes
    portion.push(record)
  }
  portions.push(portion)
  return portions
}
