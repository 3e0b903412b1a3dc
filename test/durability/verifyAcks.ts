import type { ReadRecord } from "../bench/harness/recordBatch.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import { numberOf, type Ack } from "./AckedLoad.ts"

/**
 * Reads everything back and compares: each acknowledged record stands at its offset, no number stands twice, offsets have no gaps.
 * Returns how many records the log holds.
 */
export async function verifyAcks(port: number, topic: string, partitions: number, acks: ReadonlyArray<Ack>): Promise<number> {
  const client = await WireClient.connect(port)
  const logs: ReadRecord[][] = []
  try {
    for (let partition = 0; partition < partitions; partition++) logs.push(await client.fetchAll(topic, partition))
  } finally {
    client.close()
  }
  const faults = ackFaults(logs, acks)
  if (faults.length > 0) throw new Error(`${topic}: ${faults.length} faults, the first: ${faults.slice(0, 3).join("; ")}`)
  return logs.reduce((count, log) => count + log.length, 0)
}

/** What is wrong with the logs of the partitions, given what was acknowledged. A producer without idempotence may have stored a record twice. */
export function ackFaults(logs: ReadonlyArray<ReadonlyArray<ReadRecord>>, acks: ReadonlyArray<Ack>, isIdempotent = true): string[] {
  const faults: string[] = []
  const seen = new Map<number, string>()
  const numbers = logs.map((log, partition) => log.map((record, index) => {
    const number = numberOf(record.value)
    const place = `partition ${partition} offset ${record.offset}`
    if (record.offset !== index) faults.push(`${place} is the record with index ${index}: offsets have a gap`)
    const other = seen.get(number)
    if (other !== undefined && isIdempotent) faults.push(`record ${number} stands twice: ${other} and ${place}`)
    seen.set(number, place)
    return number
  }))
  for (const ack of acks) {
    const log = numbers[ack.partition] ?? []
    const found = log[ack.offset]
    if (found === undefined) faults.push(`acknowledged record ${ack.number} is lost: partition ${ack.partition} ends at ${log.length}, promised was offset ${ack.offset}`)
    else if (found !== ack.number) faults.push(`acknowledged record ${ack.number} was promised partition ${ack.partition} offset ${ack.offset}, where record ${found} stands`)
  }
  return faults
}
