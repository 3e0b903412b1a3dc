import type { InputOf } from "../codec.ts"
import { batch } from "../batches.ts"
import type { Peer } from "../Peer.ts"
import type { Scenario } from "../Scenario.ts"

type Partition = InputOf<"Fetch">["topics"][number]["partitions"][number]

/** Fetches that wait, and how limits of bytes are shared out among partitions. */
export const polls: Scenario = {
  name: "polls",
  async run(peer) {
    for (const version of [4, 11, 12, 17]) {
      await limits(peer, version)
      await waits(peer, version)
    }
  }
}

const kilobyte = (): Buffer => batch({ records: [{ value: "x".repeat(1_000) }] })

async function produce(peer: Peer, name: string, index: number, records: Buffer): Promise<void> {
  await peer.quietly("Produce", { acks: -1, timeoutMs: 5_000, topicData: [{ name, partitionData: [{ index, records }] }] }, 12)
}

async function limits(peer: Peer, version: number): Promise<void> {
  const name = `polls-limits-${version}`
  const topicId = await peer.topic(name, 4)
  for (const index of [0, 1, 2]) for (let round = 0; round < 4; round++) await produce(peer, name, index, kilobyte())
  const partition = (index: number, partitionMaxBytes = 100_000, fetchOffset = 0): Partition => ({ partition: index, fetchOffset, partitionMaxBytes })
  const ask = (label: string, partitions: ReadonlyArray<Partition>, maxBytes = 1_000_000) => peer.ask(label, "Fetch", version, { maxWaitMs: 0, minBytes: 0, maxBytes, topics: [{ topic: name, topicId, partitions }] })
  for (const maxBytes of [1, 1_000, 1_100, 2_200, 3_000, 5_000, 7_000]) {
    await ask(`${maxBytes} bytes in order`, [partition(0), partition(1), partition(2), partition(3)], maxBytes)
    await ask(`${maxBytes} bytes in another order`, [partition(3), partition(2), partition(0), partition(1)], maxBytes)
  }
  for (const bytes of [0, 1, 500, 1_068, 1_069, 1_500, 2_137, 3_000]) await ask(`${bytes} bytes for each`, [partition(0, bytes), partition(1, bytes)])
  await ask("the first has none", [partition(0, 0), partition(1, 1_000)])
  await ask("the first is at its end", [partition(0, 1_000, 4), partition(1, 1_000)])
  await ask("one in the middle", [partition(0, 1, 2), partition(1, 2_500, 1)])
  await ask("an error and a small limit", [partition(0, 1, 99), partition(1, 1)], 1)
}

async function waits(peer: Peer, version: number): Promise<void> {
  const name = `polls-waits-${version}`
  const topicId = await peer.topic(name, 2)
  const start = (label: string, change: Partial<InputOf<"Fetch">> = {}, on = "waiting") => peer.ask(label, "Fetch", version, {
    maxWaitMs: 3_500, minBytes: 1, topics: [{ topic: name, topicId, partitions: [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 100_000 })) }], ...change
  }, { on })
  const woken = start("is woken by records")
  await produce(peer, name, 1, batch())
  await woken
  const fixed = { topics: [{ topic: name, topicId, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100_000 }] }] }
  const filled = start("is woken by enough bytes", { ...fixed, minBytes: 150 })
  await produce(peer, name, 0, batch())
  await produce(peer, name, 0, batch())
  await produce(peer, name, 0, batch())
  await filled
  await start("has enough at once", { minBytes: 100 })
  await start("gets too little in time", { ...fixed, minBytes: 100_000, maxWaitMs: 50 })
  await start("an error ends the wait", { topics: [{ topic: name, topicId, partitions: [{ partition: 0, fetchOffset: 77, partitionMaxBytes: 1_000 }] }] })
  await start("an unknown partition ends the wait", { topics: [{ topic: name, topicId, partitions: [{ partition: 1, fetchOffset: 1, partitionMaxBytes: 1_000 }, { partition: 7, fetchOffset: 0, partitionMaxBytes: 1_000 }] }] })
  await start("waits for more than the limit lets pass", { ...fixed, minBytes: 5_000, maxBytes: 100, maxWaitMs: 60 })
}
