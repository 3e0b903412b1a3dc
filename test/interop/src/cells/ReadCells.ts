import { clients, codecs, columnsOf } from "../../matrix.ts"
import type { ClientRow, Codec } from "../../matrix.ts"
import type { Tier } from "../Tier.ts"
import { writtenTopic } from "./WriteCells.ts"

const oneTopicMillisMax = 6_000

/** The client reads what all others wrote with a codec: all at once, and one by one when that fails, to name the guilty writers. */
export async function readCells(tier: Tier, row: ClientRow): Promise<void> {
  for (const codec of codecs) {
    if (columnsOf(row).includes(`read/${codec}`)) await tier.results.cell(row.name, `read/${codec}`, () => readCodec(tier, row, codec))
  }
}

async function readCodec(tier: Tier, row: ClientRow, codec: Codec): Promise<void> {
  const topics = [...clients.map((writer) => writer.name), "tools"].filter((writer) => writer !== row.name)
    .map((writer) => writtenTopic(writer, codec, "all")).filter((topic) => tier.expected.has(topic))
  if (topics.length === 0) throw new Error("no other client of this run has written anything to read")
  try {
    await tier.readBack(row, topics)
  } catch (together) {
    const alone: string[] = []
    for (const topic of topics) {
      await tier.readBack(row, [topic], oneTopicMillisMax).catch((error: unknown) => alone.push(error instanceof Error ? error.message : String(error)))
    }
    if (alone.length === 0) throw together
    throw new Error(alone.join("; "), { cause: together })
  }
}
