import type { Severity } from "../../Anomaly.ts"
import type { Operation } from "../../Operation.ts"
import type { Findings } from "../Findings.ts"
import { type HistoryIndex, isBefore, isRead, isSafe } from "../HistoryIndex.ts"
import type { PartitionHistory, Write } from "../PartitionHistory.ts"

/** What became of each record: lost, unseen, stored twice, read although its send failed; and reads of what nobody sent. */
export const checkWrites = (index: HistoryIndex, findings: Findings, options: { readonly recoveryMillis: number }): void => {
  const visible = visibleTransactions(index)
  const unseenSince = index.lastPollMillis - options.recoveryMillis
  for (const partition of index.partitions.values()) {
    for (const write of partition.writes.values()) {
      checkOffsets(partition, write, findings)
      if (write.operation.type === "fail") checkFailed(partition, write, findings)
      else if (write.operation.type === "ok" || visible.has(write.operation)) checkPresent(partition, write, findings, unseenSince)
    }
  }
  for (const operation of index.byCompletion) {
    for (const record of operation.records) {
      if (!isRead(operation, record)) continue
      const write = index.partition(record.key).writes.get(record.value)
      if (write === undefined) {
        findings.add("unsent-read", "bad", record.key, `${record.value} at ${record.offset} was never sent`, [operation])
      } else if (write.operation === operation) {
        findings.add("precommitted-read", "bad", record.key, `${record.value} was read before it was committed`, [operation])
      }
    }
  }
}

/** Transactions without a known outcome count as committed once one of their records was read: they are atomic. */
const visibleTransactions = (index: HistoryIndex): ReadonlySet<Operation> => {
  const visible = new Set<Operation>()
  for (const partition of index.partitions.values()) {
    for (const { operation, firstRead } of partition.writes.values()) {
      if (operation.f === "txn" && operation.type === "info" && firstRead !== undefined) visible.add(operation)
    }
  }
  return visible
}

const checkOffsets = (partition: PartitionHistory, write: Write, findings: Findings): void => {
  const { operation, record, offsets, firstRead } = write
  const isAcknowledged = operation.type === "ok" && record.offset >= 0 && isSafe(operation)
  const all = isAcknowledged && !offsets.includes(record.offset) ? [record.offset, ...offsets] : offsets
  if (all.length < 2) return
  findings.add("duplicate", operation.meta.isIdempotent === true ? "bad" : "report", partition.key,
    `${record.value} is at ${all.toSorted((a, b) => a - b).join(", ")}`, [operation, ...firstRead === undefined ? [] : [firstRead]])
}

const checkFailed = (partition: PartitionHistory, { operation, record, firstRead }: Write, findings: Findings): void => {
  if (firstRead === undefined) return
  findings.add("G1a", "bad", partition.key, `${record.value} failed with ${operation.error ?? operation.errorCode ?? "an error"} and was read`,
    [operation, firstRead])
}

const checkPresent = (partition: PartitionHistory, write: Write, findings: Findings, unseenSince: number): void => {
  const { operation, record, offsets, firstRead } = write
  if (operation.meta.acks === 0) return
  const severity: Severity = isSafe(operation) ? "bad" : "report"
  // An acknowledgement that names no offset, such as that of a duplicate, is kept at whatever offset it was read.
  const expected = record.offset >= 0 && operation.type === "ok" ? record.offset : offsets[0] ?? -1
  for (const drain of partition.drains) {
    if (!isBefore(operation, drain.operation) || (expected >= 0 && expected < drain.start)) continue
    if (expected >= 0 && drain.values.get(expected) === record.value) continue
    if (expected < 0 && drain.start > 0) continue
    const where = expected < 0 ? "nowhere" : `not at offset ${expected}`
    findings.add("lost-write", severity, partition.key,
      `${record.value} is ${where} in a read from ${drain.start} to ${drain.end}`, [operation, drain.operation])
    return
  }
  if (firstRead !== undefined || partition.drains.some((drain) => isBefore(operation, drain.operation))) return
  if (expected >= 0 && expected <= partition.highestRead) {
    findings.add("lost-write", severity, partition.key,
      `${record.value} was acknowledged at ${expected}, and reads went on to ${partition.highestRead} without it`, [operation])
  } else {
    findings.add("unseen", severity === "bad" && operation.completeMillis < unseenSince ? "bad" : "report", partition.key,
      `${record.value} was acknowledged at ${expected} and never read`, [operation])
  }
}
