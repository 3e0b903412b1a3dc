import { type Decision, recordBytes } from "@tailrace/coordinator"

type Records = Decision<unknown>["records"]

const cutBytesMax = 500_000

/** Records that need not be atomic, in portions that fit one batch; a single one that does not stands alone. */
export function cutRecords(records: Records, batchBytesMax: number): ReadonlyArray<Records> {
  const bytesMax = Math.min(cutBytesMax, batchBytesMax)
  const portions: Array<Records> = []
  let portion: Array<Records[number]> = []
  let bytes = 0
  for (const record of records) {
    const more = recordBytes(record)
    if (bytes + more > bytesMax && portion.length > 0) {
      portions.push(portion)
      portion = []
      bytes = 0
    }
    bytes += more
    portion.push(record)
  }
  portions.push(portion)
  return portions
}
