import type { Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import { type HistoryIndex, isBefore, isRead } from "../HistoryIndex.ts"
import type { Drain, PartitionHistory } from "../PartitionHistory.ts"

/** Reads of whole partitions: every offset accounted for, and everything still there that anybody has read before. */
export const checkDrains = (index: HistoryIndex, findings: Findings): void => {
  for (const partition of index.partitions.values()) {
    for (const drain of partition.drains) checkHoles(partition, drain, findings)
  }
  const reported = new Set<string>()
  for (const operation of index.byCompletion) {
    for (const record of operation.records) {
      if (!isRead(operation, record)) continue
      const partition = index.partition(record.key)
      const drain = partition.drains.find((candidate) => isBefore(operation, candidate.operation)
        && record.offset >= candidate.start && !candidate.values.has(record.offset))
      const place = `${record.key}@${record.offset}`
      if (drain === undefined || reported.has(place)) continue
      reported.add(place)
      findings.add("unrepeatable-read", "bad", record.key,
        `${record.value} at ${record.offset} is gone in a read from ${drain.start} to ${drain.end}`, [operation, drain.operation])
    }
  }
}

const checkHoles = (partition: PartitionHistory, drain: Drain, findings: Findings): void => {
  const { start, end, values, controlOffsets, operation } = drain
  let data = 0
  for (const offset of values.keys()) if (offset >= start && offset < end) data++
  const holes = end - start - data - controlOffsets
  if (holes === 0) return
  let first = start
  while (first < end && values.has(first)) first++
  findings.add("offset-hole", "bad", partition.key,
    `${end - start} offsets from ${start} to ${end}, but ${data} records and ${controlOffsets} control records; the first without data is ${first}`,
    [operation as Operation])
}
