import * as fs from "node:fs"
import { sizes } from "../../matrix.ts"
import type { ClientRow } from "../../matrix.ts"
import type { DriverProcess } from "../DriverProcess.ts"
import { byLane, decodeRecords, firstDifference } from "../Records.ts"
import type { InteropRecord } from "../Records.ts"
import { eventually } from "../Tier.ts"
import type { Tier } from "../Tier.ts"
import { Flow } from "./Flow.ts"

/** The smallest that Kafka's default group.min.session.timeout.ms allows: it is how long the death of a member stays unnoticed. */
const sessionMillis = 6_000
const settleMillisMax = 4 * sessionMillis
const groupJobMillisMax = 120_000
const quietMillis = 1_000

export const groupTopic = (row: ClientRow): string => `${row.name}-group`

interface Member { readonly name: string; readonly driver: DriverProcess; readonly out: string; readonly ended: Promise<number> }

/**
 * Three members share six partitions while records flow; a fourth joins, one leaves, one is killed. After each step the living members
 * must hold every partition exactly once, and in the end every record must have been written out by some member and be committed.
 */
export async function groupCell(tier: Tier, row: ClientRow): Promise<void> {
  await tier.results.cell(row.name, "group", () => rebalances(tier, row))
}

async function rebalances(tier: Tier, row: ClientRow): Promise<void> {
  const topic = groupTopic(row)
  const flow = new Flow(tier, topic, sizes.groupPartitions)
  const members: Member[] = []
  const join = (name: string): Member => {
    const member = startMember(tier, row, name)
    members.push(member)
    return member
  }
  await flow.start()
  try {
    const [a, b, c] = [join("a"), join("b"), join("c")]
    await shared("three members have joined", [a, b, c])
    const d = join("d")
    await shared("a fourth has joined", [a, b, c, d])
    await quiet(row, flow)
    b.driver.leave()
    await b.ended
    flow.resume()
    await shared("one has left", [a, c, d])
    await quiet(row, flow)
    c.driver.kill()
    flow.resume()
    await shared("one was killed", [a, d])
    await flow.stop()
    await committed(tier, row, flow)
    for (const member of [a, d]) member.driver.leave()
    await Promise.all([a.ended, d.ended])
    nothingLost(flow.written, members)
  } finally {
    await flow.stop().catch(() => {})
    for (const { driver } of members) driver.kill()
  }
}

async function quiet(row: ClientRow, flow: Flow): Promise<void> {
  if (row.quietExit === undefined) return
  flow.pause()
  await new Promise((resolve) => setTimeout(resolve, quietMillis))
}

function startMember(tier: Tier, row: ClientRow, name: string): Member {
  const driver = tier.startDriver(row, `${row.name}-group-${name}`)
  const out = tier.file(`${row.name}-group-${name}`)
  fs.writeFileSync(out, "")
  const words = { topic: groupTopic(row), group: `${row.name}-group`, out, "session-ms": sessionMillis, "max-records": 0 }
  const ended = driver.run("group", words, groupJobMillisMax)
  ended.catch(() => {})
  return { name, driver, out, ended }
}

/** Every partition is held by exactly one of the members, and every member holds at least one. */
async function shared(step: string, members: ReadonlyArray<Member>): Promise<void> {
  await eventually(settleMillisMax, async () => {
    for (const { name, driver, ended } of members) if (!driver.isAlive) await ended.then(() => { throw new Error(`${name} ended`) })
    const held = members.flatMap(({ driver }) => driver.assignment).toSorted((x, y) => x - y)
    const complete = held.length === sizes.groupPartitions && new Set(held).size === held.length
    if (complete && members.every(({ driver }) => driver.assignment.length > 0)) return undefined
    return `after ${step} the partitions are held as ${members.map(({ name, driver }) => `${name}:[${driver.assignment.join()}]`).join(" ")}`
  })
}

async function committed(tier: Tier, row: ClientRow, flow: Flow): Promise<void> {
  await eventually(settleMillisMax, async () => {
    const offsets = await tier.committedOffsets(`${row.name}-group`, groupTopic(row))
    const behind = flow.endOffsets().flatMap((end, partition) => offsets.get(partition) === end ? [] : [`${partition}: ${offsets.get(partition) ?? "none"} of ${end}`])
    return behind.length === 0 ? undefined : `committed offsets stay behind: ${behind.join(", ")}`
  }, 250)
}

/** The union of what the members wrote out, among them the one that was killed, holds every record; twice is allowed, changed is not. */
function nothingLost(written: ReadonlyArray<InteropRecord>, members: ReadonlyArray<Member>): void {
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
