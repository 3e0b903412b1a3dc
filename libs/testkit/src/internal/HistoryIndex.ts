import type { Operation, OperationRecord } from "../Operation.ts"
import type { Findings } from "./Findings.ts"
import { type Drain, PartitionHistory } from "./PartitionHistory.ts"

export const isSent = (operation: Operation, record: OperationRecord): boolean =>
  operation.f === "send" || (operation.f === "txn" && record.step !== "poll")

export const isRead = (operation: Operation, record: OperationRecord): boolean =>
  operation.f === "poll" || (operation.f === "txn" && record.step === "poll")

/** Whether an acknowledgement says that all in-sync replicas have it. */
export const isSafe = (operation: Operation): boolean => (operation.meta.acks ?? "all") === "all"

/** What happened before what: by the end of one and the beginning of the other. */
export const isBefore = (a: Operation, b: Operation): boolean => a.completeIndex < b.invokeIndex

/** A history by partitions, read once. Reports what shows while it is read: offsets with several records, repeated values. */
export class HistoryIndex {
  readonly operations: ReadonlyArray<Operation>
  readonly byCompletion: ReadonlyArray<Operation>
  readonly partitions = new Map<string, PartitionHistory>()
  /** When the last poll began. */
  lastPollMillis = -Infinity

  constructor(operations: ReadonlyArray<Operation>, findings: Findings) {
    this.operations = operations.toSorted((a, b) => a.invokeIndex - b.invokeIndex)
    this.byCompletion = operations.toSorted((a, b) => a.completeIndex - b.completeIndex)
    this.#addSends(findings)
    this.#addReads(findings)
    this.#addDrains()
  }

  partition(key: string): PartitionHistory {
    let partition = this.partitions.get(key)
    if (partition === undefined) this.partitions.set(key, partition = new PartitionHistory(key))
    return partition
  }

  #addSends(findings: Findings): void {
    for (const operation of this.operations) {
      for (const record of operation.records) {
        if (!isSent(operation, record)) continue
        const { writes } = this.partition(record.key)
        const other = writes.get(record.value)
        if (other !== undefined) {
          findings.add("repeated-value", "bad", record.key, `value ${record.value} was sent twice`, [other.operation, operation])
          continue
        }
        writes.set(record.value, { operation, record, offsets: [], firstRead: undefined })
      }
    }
  }

  #addReads(findings: Findings): void {
    for (const operation of this.byCompletion) {
      if (operation.f === "poll") this.lastPollMillis = Math.max(this.lastPollMillis, operation.invokeMillis)
      for (const record of operation.records) {
        const partition = this.partition(record.key)
        const write = partition.writes.get(record.value)
        if (isRead(operation, record)) {
          partition.highestRead = Math.max(partition.highestRead, record.offset)
          if (write !== undefined) {
            write.firstRead ??= operation
            if (!write.offsets.includes(record.offset)) write.offsets.push(record.offset)
          }
        } else if (operation.type !== "ok" || record.offset < 0 || !isSafe(operation)) continue
        const known = partition.entries.get(record.offset)
        if (known === undefined) partition.entries.set(record.offset, { value: record.value, operation, write })
        else if (known.value !== record.value) {
          findings.add("inconsistent-offsets", "bad", record.key,
            `offset ${record.offset} is ${known.value} and ${record.value}`, [known.operation, operation])
        }
      }
    }
  }

  #addDrains(): void {
    const polls = new Map<string, Array<Operation>>()
    for (const operation of this.byCompletion) {
      if (operation.f === "poll" && operation.meta.isDrain === true) {
        const list = polls.get(operation.process)
        if (list === undefined) polls.set(operation.process, [operation])
        else list.push(operation)
      }
      if (operation.f !== "drain" || operation.type !== "ok") continue
      const ends = operation.marks.filter((mark) => mark.kind === "end")
      for (const end of ends) {
        const own = operation.marks.filter((mark) => mark.key === end.key)
        const drain: Drain = {
          operation, end: end.offset, start: own.find((mark) => mark.kind === "start")?.offset ?? 0,
          controlOffsets: own.reduce((sum, mark) => sum + (mark.kind === "control" ? mark.count ?? 1 : 0), 0), values: new Map()
        }
        for (const poll of polls.get(operation.process) ?? []) {
          for (const record of poll.records) if (record.key === end.key) drain.values.set(record.offset, record.value)
        }
        this.partition(end.key).drains.push(drain)
      }
    }
  }
}
