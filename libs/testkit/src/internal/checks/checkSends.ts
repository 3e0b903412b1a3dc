import type { Operation, OperationRecord } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import { type HistoryIndex, isBefore, isSafe, isSent } from "../HistoryIndex.ts"

/**
 * The order of each producer's records. It is a promise between calls that followed each other in time, and with idempotence also
 * between calls that were under way together; other producers' repetitions may change places.
 */
export const checkSends = (index: HistoryIndex, findings: Findings): void => {
  const producers = new Map<string, Map<string, { readonly offset: number; readonly operation: Operation }>>()
  for (const operation of index.operations) {
    if (operation.type !== "ok") continue
    const inside = new Map<string, OperationRecord>()
    for (const record of operation.records) {
      if (!isSent(operation, record) || record.offset < 0) continue
      const before = inside.get(record.key)
      if (before !== undefined) checkInside(index, operation, before, record, findings)
      else {
        const last = producers.get(operation.process)?.get(record.key)
        if (last !== undefined && record.offset <= last.offset) {
          const isPromised = operation.meta.isIdempotent === true || isBefore(last.operation, operation)
          findings.add("nonmonotonic-send", isPromised && isSafe(operation) ? "bad" : "report", record.key,
            `${operation.process} sent to offset ${record.offset} behind ${last.offset}`, [last.operation, operation])
        }
      }
      inside.set(record.key, record)
    }
    const offsets = producers.get(operation.process) ?? new Map()
    producers.set(operation.process, offsets)
    for (const [key, { offset }] of inside) offsets.set(key, { offset, operation })
  }
}

const checkInside = (
  index: HistoryIndex, operation: Operation, before: OperationRecord, record: OperationRecord, findings: Findings
): void => {
  if (record.offset <= before.offset) {
    const isPromised = operation.f === "txn" || operation.meta.isIdempotent === true
    findings.add("int-nonmonotonic-send", isPromised && isSafe(operation) ? "bad" : "report", record.key,
      `${record.value} is at ${record.offset}, behind ${before.value} at ${before.offset}`, [operation])
  } else if (index.partition(record.key).rankOf(record.offset) - index.partition(record.key).rankOf(before.offset) > 1) {
    findings.add("int-send-skip", "report", record.key,
      `others wrote between ${before.value} at ${before.offset} and ${record.value} at ${record.offset}`, [operation])
  }
}
