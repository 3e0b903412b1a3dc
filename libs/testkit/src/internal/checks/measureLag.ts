import type { Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import type { HistoryIndex } from "../HistoryIndex.ts"
import type { PartitionHistory } from "../PartitionHistory.ts"
import { type Percentiles, percentilesOf } from "../percentilesOf.ts"

/**
 * How far polls were behind: at the beginning of a poll, the age of the oldest acknowledgement among the records that the reader
 * did not have even when the poll had ended. A metric by partition; above `lagMillisMax` also a finding.
 */
export const measureLag = (index: HistoryIndex, findings: Findings, lagMillisMax: number): ReadonlyMap<string, Percentiles> => {
  const oldest = new Map<string, Float64Array>()
  const lags = new Map<string, Array<number>>()
  const readers = new Map<string, Map<string, number>>()
  for (const operation of index.byCompletion) {
    const positions = readers.get(operation.process) ?? new Map<string, number>()
    readers.set(operation.process, positions)
    if (operation.f === "assign") assign(positions, operation)
    if (operation.f !== "poll" || operation.type !== "ok") continue
    for (const { key, offset } of operation.records) positions.set(key, offset)
    for (const [key, position] of positions) {
      const partition = index.partition(key)
      const ages = oldest.get(key) ?? oldestAcknowledgements(partition)
      oldest.set(key, ages)
      const acknowledged = ages[partition.rankOf(position + 1)] ?? Infinity
      const lag = Math.max(0, operation.invokeMillis - acknowledged)
      const list = lags.get(key)
      if (list === undefined) lags.set(key, [lag])
      else list.push(lag)
      if (lag > lagMillisMax) {
        findings.add("realtime-lag", "report", key,
          `${operation.process} had read up to ${position}, ${Math.round(lag)} ms after what it missed`, [operation])
      }
    }
  }
  return new Map([...lags].map(([key, list]) => [key, percentilesOf(list)]))
}

/** A new assignment begins at a position that is not known until the first record. */
const assign = (positions: Map<string, number>, operation: Operation): void => {
  const kept = new Set(operation.keys)
  for (const key of positions.keys()) if (!kept.has(key) || operation.meta.mode === "subscribe") positions.delete(key)
}

/** For each known offset, when the first acknowledgement of a record at it or above arrived. */
const oldestAcknowledgements = (partition: PartitionHistory): Float64Array => {
  const { offsets } = partition
  const ages = new Float64Array(offsets.length).fill(Infinity)
  for (let rank = offsets.length - 1, age = Infinity; rank >= 0; rank--) {
    const writer = partition.entries.get(offsets[rank] as number)?.write?.operation
    if (writer?.type === "ok") age = Math.min(age, writer.completeMillis)
    ages[rank] = age
  }
  return ages
}
