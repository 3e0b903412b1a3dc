import type { Operation, OperationRecord } from "../Operation.ts"
import type { Findings } from "./Findings.ts"
import { PartitionHistory } from "./PartitionHistory.ts"

export const isSent = (operation: Operation, record: OperationRecord): boolean =>
  operation.f === "send" || (operation.f === "txn" && record.step !== "poll")

export const isRead = (operation: Operation, record: OperationRecord): boolean =>
  operation.f === "poll" || (operation.f === "txn" && record.step === "poll")

/** Whether an acknowledgement says that all in-sync replicas have it. */
export const isSafe = (operation: Operation): boolean => (operation.meta.acks ?? "all") === "all"

/** Whether somebody said that he has it; without acknowledgements a client only says that it is sent. */
export const isAcknowledged = ({ type, meta }: Operation): boolean => type === "ok" && meta.acks !== 0

/** Whether it is still under way: when it ends, or whether, nobody knows yet. */
export const isOpen = ({ completeIndex }: Operation): boolean => completeIndex === Number.MAX_SAFE_INTEGER

/** What happened before what: by the end of one and the beginning of the other. */
export const isBefore = (a: Operation, b: Operation): boolean => a.completeIndex < b.invokeIndex

/** The partitions whose read has come to an end, to a good one or not. */
export const drainedKeys = (operation: Operation): ReadonlySet<string> => new Set([...operation.keys, ...operation.marks.map(({ key }) => key)])

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

  /** Each holds what its process has read of the partition since its last one. */
  #addDrains(): void {
    const read = new Map<string, Map<number, string>>()
    const place = (operation: Operation, key: string): string => `${operation.process} ${key}`
    for (const operation of this.byCompletion) {
      if (operation.f === "poll" && operation.meta.isDrain === true) {
        for (const { key, offset, value } of operation.records) {
          const values = read.get(place(operation, key))
          if (values === undefined) read.set(place(operation, key), new Map([[offset, value]]))
          else values.set(offset, value)
        }
      }
      if (operation.f !== "drain") continue
      for (const end of operation.type === "ok" ? operation.marks.filter((mark) => mark.kind === "end") : []) {
        const own = operation.marks.filter((mark) => mark.key === end.key)
        this.partition(end.key).drains.push({
          operation, end: end.offset, start: own.find((mark) => mark.kind === "start")?.offset ?? 0,
          controlOffsets: own.reduce((sum, mark) => sum + (mark.kind === "control" ? mark.count ?? 1 : 0), 0),
          values: read.get(place(operation, end.key)) ?? new Map()
        })
      }
      for (const key of drainedKeys(operation)) read.delete(place(operation, key))
    }
  }
}
