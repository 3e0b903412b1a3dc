import { WireClient } from "../bench/harness/WireClient.ts"
import { numberOf, type Ack } from "./AckedLoad.ts"

/**
 * Reads everything back and compares: each acknowledged record stands at its offset, no number stands twice, offsets have no gaps.
 * Returns how many records the log holds.
 */
export async function verifyAcks(port: number, topic: string, partitions: number, acks: ReadonlyArray<Ack>): Promise<number> {
  const client = await WireClient.connect(port)
  const faults: string[] = []
  const seen = new Map<number, string>()
  let recordCount = 0
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const records = await client.fetchAll(topic, partition)
      recordCount += records.length
      const numbers = records.map((record, index) => {
        const number = numberOf(record.value)
        const place = `${topic}-${partition} offset ${record.offset}`
        if (record.offset !== index) faults.push(`${place} is the ${index}. record: offsets have a gap`)
        const other = seen.get(number)
        if (other !== undefined) faults.push(`record ${number} stands twice: ${other} and ${place}`)
        seen.set(number, place)
        return number
      })
      for (const ack of acks) {
        if (ack.partition !== partition) continue
        const found = numbers[ack.offset]
        if (found === undefined) faults.push(`acknowledged record ${ack.number} is lost: ${topic}-${partition} ends at ${numbers.length}, acknowledged at ${ack.offset}`)
        else if (found !== ack.number) faults.push(`acknowledged record ${ack.number} was promised ${topic}-${partition} offset ${ack.offset}, where record ${found} stands`)
      }
    }
  } finally {
    client.close()
  }
  if (faults.length > 0) throw new Error(`${faults.length} faults, the first: ${faults.slice(0, 3).join("; ")}`)
  return recordCount
}
