import * as fs from "node:fs"
import type { ClientRow } from "../../matrix.ts"
import type { DriverProcess } from "../DriverProcess.ts"
import { byLane, decodeRecords, firstDifference } from "../Records.ts"
import type { InteropRecord } from "../Records.ts"
import { eventually } from "../Tier.ts"
import type { Tier } from "../Tier.ts"

/** The smallest that Kafka's default group.min.session.timeout.ms allows: it is how long the death of a member stays unnoticed. */
const sessionMillis = 6_000
export const settleMillisMax = 4 * sessionMillis
const groupJobMillisMax = 180_000

/** A process that consumes a topic in the group of the same name, until it is told to leave. */
export interface Member { readonly name: string; readonly driver: DriverProcess; readonly out: string; readonly ended: Promise<number> }

export function startMember(tier: Tier, row: ClientRow, topic: string, name: string): Member {
  const driver = tier.startDriver(row, `${topic}-${name}`)
  const out = tier.file(`${topic}-${name}`)
  fs.writeFileSync(out, "")
  const ended = driver.run("group", { topic, group: topic, out, "session-ms": sessionMillis, "max-records": 0 }, groupJobMillisMax)
  ended.catch(() => {})
  return { name, driver, out, ended }
}

/** Waits until the group has committed the ends of all partitions. */
export async function committed(tier: Tier, topic: string, ends: ReadonlyArray<number>, millisMax = settleMillisMax): Promise<void> {
  await eventually(millisMax, async () => {
    const offsets = await tier.committedOffsets(topic, topic)
    const behind = ends.flatMap((end, partition) => offsets.get(partition) === end ? [] : [`${partition}: ${offsets.get(partition) ?? "none"} of ${end}`])
    return behind.length === 0 ? undefined : `committed offsets stay behind: ${behind.join(", ")}`
  }, 250)
}

/** The union of what the members wrote out, among them one that was killed, holds every record; twice is allowed, changed is not. */
export function nothingLost(written: ReadonlyArray<InteropRecord>, members: ReadonlyArray<Member>): void {
  const seen = new Map<number, Map<number, InteropRecord>>()
  for (const { out } of members) {
    for (const record of decodeRecords(fs.readFileSync(out))) {
      const lane = seen.get(record.lane) ?? new Map<number, InteropRecord>()
      seen.set(record.lane, lane.set(record.offset, record))
    }
  }
  for (const [lane, records] of byLane(written)) {
    const got = [...(seen.get(lane)?.values() ?? [])].toSorted((x, y) => x.offset - y.offset)
    const difference = firstDifference(records, got)
    if (difference !== undefined) throw new Error(`committed but lost in partition ${lane}: ${difference}`)
  }
}
