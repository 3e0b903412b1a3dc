import type { Decision } from "@tailrace/coordinator"

type Records = Decision<unknown>["records"]

const cutBytesMax = 500_000

/** Records that need not be atomic, in portions that fit one batch. */
export function cutRecords(records: Records): ReadonlyArray<Records> {
  const portions: Array<Records> = []
  let portion: Array<Records[number]> = []
  let bytes = 0
  for (const record of records) {
    bytes += record.key.length + (record.value?.length ?? 0)
    if (bytes > cutBytesMax && portion.length > 0) {
      portions.push(portion)
      portion = []
      bytes = 0
    }
    portion.push(record)
  }
  portions.push(portion)
  return portions
}
