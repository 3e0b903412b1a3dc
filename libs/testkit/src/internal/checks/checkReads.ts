import type { AnomalyName } from "../../Anomaly.ts"
import type { Operation, OperationRecord } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import { drainedKeys, type HistoryIndex, isRead } from "../HistoryIndex.ts"
import type { PartitionHistory } from "../PartitionHistory.ts"

interface Position {
  readonly offset: number
  readonly operation: Operation
}

/**
 * The order in which each reader got the records of a partition: within one poll, and from one poll to the next as long as its
 * assignment stays and nobody seeks. What an assignment that changes may repeat or leave out is the group's business, not seen here.
 */
export const checkReads = (index: HistoryIndex, findings: Findings): void => {
  const readers = new Map<string, Map<string, Position>>()
  for (const operation of index.byCompletion) {
    const positions = readers.get(operation.process) ?? new Map<string, Position>()
    readers.set(operation.process, positions)
    if (operation.f === "assign") move(positions, operation)
    if (operation.f === "seek") for (const { key } of operation.marks) positions.delete(key)
    // The next read of the whole partition begins anew.
    if (operation.f === "drain") for (const key of drainedKeys(operation)) positions.delete(key)
    const inside = new Map<string, Position>()
    for (const record of operation.records) {
      if (!isRead(operation, record)) continue
      const before = inside.get(record.key)
      const previous = before ?? positions.get(record.key)
      if (previous !== undefined) {
        const isInside = before !== undefined
        checkStep(index.partition(record.key), previous, record, operation, isInside, findings)
      }
      inside.set(record.key, { offset: record.offset, operation })
    }
    for (const [key, position] of inside) positions.set(key, position)
    checkMarks(operation, findings)
  }
}

/** A member of a group may find any position anew; by hand only partitions that go lose theirs. */
const move = (positions: Map<string, Position>, operation: Operation): void => {
  if (operation.meta.mode === "subscribe") return positions.clear()
  const kept = new Set(operation.keys)
  for (const key of positions.keys()) if (!kept.has(key)) positions.delete(key)
}

const checkStep = (
  partition: PartitionHistory, previous: Position, record: OperationRecord, operation: Operation, isInside: boolean, findings: Findings
): void => {
  const evidence = previous.operation === operation ? [operation] : [previous.operation, operation]
  const nameOf = (name: "poll-skip" | "nonmonotonic-poll"): AnomalyName => isInside ? `int-${name}` : name
  if (record.offset <= previous.offset) {
    findings.add(nameOf("nonmonotonic-poll"), "bad", partition.key,
      `${operation.process} got offset ${record.offset} behind ${previous.offset}`, evidence)
    return
  }
  const skipped = firstSkipped(partition, previous.offset, record.offset, operation)
  if (skipped !== undefined) {
    findings.add(nameOf("poll-skip"), "bad", partition.key,
      `${operation.process} went from ${previous.offset} to ${record.offset} over the record at ${skipped}`, evidence)
  }
}

/** The first record between two offsets that the reader had to see. */
const firstSkipped = (partition: PartitionHistory, from: number, to: number, operation: Operation): number | undefined => {
  if (to === from + 1) return undefined
  const { offsets } = partition
  for (let rank = partition.rankOf(from + 1); rank < offsets.length; rank++) {
    const offset = offsets[rank] as number
    if (offset >= to) return undefined
    if (offset < partition.start) continue
    const writer = partition.entries.get(offset)?.write?.operation
    const isHidden = operation.meta.isolation === "read_committed" && writer?.f === "txn" && writer.type !== "ok"
    if (!isHidden) return offset
  }
  return undefined
}

/** An answer must not hold what lies at or above the high watermark, or the last stable offset, that it names itself. */
const checkMarks = (operation: Operation, findings: Findings): void => {
  if (operation.f !== "poll") return
  const limits = new Map<string, number>()
  for (const { kind, key, offset } of operation.marks) {
    const isLimit = kind === "highWatermark" || (kind === "lastStable" && operation.meta.isolation === "read_committed")
    if (isLimit && offset >= 0) limits.set(key, Math.min(limits.get(key) ?? Infinity, offset))
  }
  if (limits.size === 0) return
  for (const { key, offset } of operation.records) {
    const limit = limits.get(key)
    if (limit !== undefined && offset >= limit) {
      findings.add("read-above-high-watermark", "bad", key, `offset ${offset} was handed out below a limit of ${limit}`, [operation])
    }
  }
}
