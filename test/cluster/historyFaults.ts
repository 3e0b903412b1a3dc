import type { ReadRecord } from "../bench/harness/recordBatch.ts"
import { numberOf } from "../durability/AckedLoad.ts"
import { ackFaults } from "../durability/verifyAcks.ts"
import type { LoadEvent } from "./LoadProcess.ts"

export interface History {
  /** What each partition holds at the end. */
  readonly logs: ReadonlyArray<ReadonlyArray<ReadRecord>>
  readonly acks: ReadonlyArray<LoadEvent>
  /** What one member of a group got, in its order; undefined where nobody read along. */
  readonly deliveries?: ReadonlyArray<LoadEvent>
  /** Without it a record may stand in the log twice, where a send was repeated. */
  readonly isIdempotent: boolean
}

/**
 * What is wrong with the logs after faults, given what one producer was told and one reader got: acknowledged records lost, moved or doubled,
 * records out of the producer's order, records that the reader skipped, never got, or got as something else than the log holds.
 */
export function historyFaults({ logs, acks, deliveries, isIdempotent }: History): string[] {
  const faults = [...ackFaults(logs, acks, isIdempotent), ...orderFaults(logs)]
  return deliveries === undefined ? faults : [...faults, ...deliveryFaults(logs, acks, deliveries)]
}

/** One producer numbers its records upwards, also over the partitions. */
function orderFaults(logs: History["logs"]): string[] {
  return logs.flatMap((log, partition) => log.flatMap((record, at) => {
    const before = log[at - 1]
    // Whether the same record may stand here again is judged elsewhere.
    if (before === undefined || numberOf(before.value) <= numberOf(record.value)) return []
    return [`partition ${partition} offset ${record.offset}: record ${numberOf(record.value)} stands behind ${numberOf(before.value)}`]
  }))
}

/** A member may get records again after a rebalance, but never jump over one. */
function deliveryFaults(logs: History["logs"], acks: ReadonlyArray<LoadEvent>, deliveries: ReadonlyArray<LoadEvent>): string[] {
  const faults: string[] = []
  const next = new Map<number, number>()
  for (const { number, partition, offset } of deliveries) {
    const expected = next.get(partition) ?? 0
    if (offset > expected) faults.push(`the reader jumped in partition ${partition} from offset ${expected} to ${offset}`)
    const record = logs[partition]?.[offset]
    if (record === undefined || numberOf(record.value) !== number) faults.push(`the reader got record ${number} at partition ${partition} offset ${offset}, where the log has ${record === undefined ? "none" : numberOf(record.value)}`)
    next.set(partition, Math.max(expected, offset + 1))
  }
  for (const { number, partition, offset } of acks) {
    if (offset >= (next.get(partition) ?? 0)) faults.push(`the reader never got acknowledged record ${number} of partition ${partition} at offset ${offset}`)
  }
  return faults
}
