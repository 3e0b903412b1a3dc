import * as fs from "node:fs"
import { sizes } from "../../matrix.ts"
import type { ClientRow } from "../../matrix.ts"
import { byLane, decodeRecords, firstDifference } from "../Records.ts"
import { graceMillis, jobMillisMax } from "../Tier.ts"
import type { Tier } from "../Tier.ts"

/** Written by a new producer after the restart: their offsets must follow on. */
const recordsAfterRestart = 60

export const resumeTopic = (row: ClientRow): string => `${row.name}-resume`

interface FirstHalf { readonly out: string; readonly count: number; readonly committed: ReadonlyMap<number, number> }

/** Before the restart: the client writes a topic, and a member of a group reads a part of it, commits and leaves. */
export async function beforeRestart(tier: Tier, row: ClientRow): Promise<FirstHalf> {
  await produce(tier, row, 0, sizes.resumeRecords)
  const { out, count } = await consumeInGroup(tier, row, Math.floor(sizes.resumeRecords / 3))
  if (count >= sizes.resumeRecords) throw new Error(`the first member took all ${count} records, nothing is left to resume`)
  return { out, count, committed: await tier.committedOffsets(resumeTopic(row), resumeTopic(row)) }
}

/** After the restart: the committed offsets stand, new records follow on, and a new member reads exactly the rest. */
export async function afterRestart(tier: Tier, row: ClientRow, first: FirstHalf): Promise<void> {
  const committed = await tier.committedOffsets(resumeTopic(row), resumeTopic(row))
  const text = (offsets: ReadonlyMap<number, number>): string => [...offsets].map(([partition, offset]) => `${partition}:${offset}`).join(" ")
  if (text(committed) !== text(first.committed)) throw new Error(`committed offsets before the restart ${text(first.committed)}, after it ${text(committed)}`)
  await produce(tier, row, sizes.resumeRecords, sizes.resumeRecords + recordsAfterRestart)
  const total = sizes.resumeRecords + recordsAfterRestart
  const second = await consumeInGroup(tier, row, total - first.count)
  const read = byLane([...decodeRecords(fs.readFileSync(first.out)), ...decodeRecords(fs.readFileSync(second.out))])
  for (const [lane, records] of byLane(tier.seeded(row, resumeTopic(row), total))) {
    const difference = firstDifference(records, read.get(lane) ?? [])
    if (difference !== undefined) throw new Error(`partition ${lane}, read up to ${first.committed.get(lane)} before the restart: ${difference}`)
  }
}

async function produce(tier: Tier, row: ClientRow, from: number, until: number): Promise<void> {
  const records = tier.seeded(row, resumeTopic(row), sizes.resumeRecords + recordsAfterRestart).slice(from, until)
  const file = tier.recordFile(resumeTopic(row), records)
  await tier.driver(row).run("produce", { topic: resumeTopic(row), records: file, codec: "none", acks: "all" }, jobMillisMax + graceMillis)
}

async function consumeInGroup(tier: Tier, row: ClientRow, records: number): Promise<{ out: string; count: number }> {
  const out = tier.file(`${row.name}-resume`)
  const words = { topic: resumeTopic(row), group: resumeTopic(row), out, "session-ms": 6_000, "max-records": records }
  return { out, count: await tier.driver(row).run("group", words, jobMillisMax + graceMillis) }
}
