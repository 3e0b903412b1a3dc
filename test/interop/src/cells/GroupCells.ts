import { sizes } from "../../matrix.ts"
import type { ClientRow } from "../../matrix.ts"
import { eventually } from "../Tier.ts"
import type { Tier } from "../Tier.ts"
import { Flow } from "./Flow.ts"
import { committed, nothingLost, settleMillisMax, startMember } from "./Members.ts"
import type { Member } from "./Members.ts"

const quietMillis = 1_000

/** The group has the topic's name. */
export const groupTopic = (row: ClientRow): string => `${row.name}-group`

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
    const member = startMember(tier, row, topic, name)
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
    await committed(tier, topic, flow.endOffsets())
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
