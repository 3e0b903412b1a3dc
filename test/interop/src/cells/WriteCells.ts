import * as fs from "node:fs"
import { acksLevels, codecs, columnsOf, sizes } from "../../matrix.ts"
import type { Acks, ClientRow, Codec } from "../../matrix.ts"
import { graceMillis, jobMillisMax } from "../Tier.ts"
import type { Tier } from "../Tier.ts"

/** A client that fails this often in a row will not get better: the rest of its cells of this kind fail without a try. */
const failuresInRowMax = 3

export const writtenTopic = (writer: string, codec: Codec, acks: Acks): string => `${writer}-${codec}-${acks}`

export const writeTopics = (row: ClientRow): string[] => [
  ...codecs.map((codec) => `${row.name}-bulk-${codec}`),
  ...codecs.flatMap((codec) => acksLevels.map((acks) => writtenTopic(row.name, codec, acks)))
]

/** The client writes with every codec and acks, and reads back what it wrote; then the bulk cells, with many records. */
export async function writeCells(tier: Tier, row: ClientRow): Promise<void> {
  const columns = new Set(columnsOf(row))
  let failuresInRow = 0
  for (const codec of codecs) {
    for (const acks of acksLevels) {
      const column = `${codec}/${acks}`
      if (!columns.has(column)) continue
      if (failuresInRow >= failuresInRowMax) tier.results.fail(row.name, column, `not tried after ${failuresInRowMax} failures in a row`)
      else {
        const passed = await tier.results.cell(row.name, column, () => writeAndReadBack(tier, row, { topic: writtenTopic(row.name, codec, acks), codec, acks }, sizes.smallRecords))
        failuresInRow = passed ? 0 : failuresInRow + 1
      }
    }
  }
  for (const codec of codecs) {
    if (!columns.has(`bulk/${codec}`)) continue
    if (!tier.results.passed(row.name, `${codec}/all`)) tier.results.fail(row.name, `bulk/${codec}`, `not tried, as ${codec}/all has failed`)
    else await tier.results.cell(row.name, `bulk/${codec}`, () => writeAndReadBack(tier, row, { topic: `${row.name}-bulk-${codec}`, codec, acks: "all" }, sizes.bulkRecords))
  }
}

interface Writing { readonly topic: string; readonly codec: Codec; readonly acks: Acks }

async function writeAndReadBack(tier: Tier, row: ClientRow, { topic, codec, acks }: Writing, count: number): Promise<void> {
  const records = tier.seeded(row, topic, count)
  const file = tier.recordFile(topic, records)
  const jobMillis = count > 10_000 ? 3 * jobMillisMax : jobMillisMax
  const written = await tier.driver(row).run("produce", { topic, records: file, codec, acks }, jobMillis + graceMillis)
  if (written !== count) throw new Error(`${written} of ${count} records acknowledged`)
  tier.expected.set(topic, records)
  try {
    await tier.readBack(row, [topic], jobMillis)
  } catch (error) {
    tier.expected.delete(topic)
    throw error
  }
  fs.rmSync(file)
}
