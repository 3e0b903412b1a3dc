import { recordCodecs } from "@tailrace/codecs"
import { LogDirectory, SimulatedDisk, SimulatedStore } from "@tailrace/log"
import type { Persist, Snapshot } from "@tailrace/raft"
import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { expect, it } from "vitest"
import { MetadataBatches } from "../src/quorum/MetadataBatches.ts"
import { QuorumStorage } from "../src/quorum/QuorumStorage.ts"

const batches = new MetadataBatches(recordCodecs)

async function open(disk: SimulatedDisk) {
  const clock = new VirtualClock()
  const store = SimulatedStore.open(disk, { clock })
  const directory = await clock.runUntilSettled(LogDirectory.open(store, {}, { clock, random: new SeededRandom(1), crc32c: recordCodecs.crc32c }))
  return { clock, store, storage: await clock.runUntilSettled(QuorumStorage.open(directory, batches)) }
}

const snapshotOf = (text: string, endOffset: number): Snapshot =>
  ({ endOffset, term: 1, configuration: { voters: [], learners: [] }, sizeBytes: text.length, checksum: endOffset })

const write = (more: Partial<Persist>): Persist => ({
  hardState: undefined, snapshotChunks: [], installSnapshot: undefined, truncateTo: undefined, entries: [], logStartOffset: undefined,
  highWatermark: 0, mustFlush: false, ...more
})

it("stores a snapshot as it came, also where it took the place of one under way while a write was waited for", async () => {
  const [older, newer] = [snapshotOf("older bytes", 10), snapshotOf("newer", 20)]
  const piece = (snapshot: Snapshot, position: number, text: string) => ({ snapshot, position, data: Buffer.from(text) })
  const disk = new SimulatedDisk()
  const { clock, storage, store } = await open(disk)
  expect(storage.persist(write({ snapshotChunks: [piece(older, 0, "older")] }))).toBeUndefined()
  await clock.runUntilSettled(storage.persist(write({
    snapshotChunks: [piece(older, 5, " b"), piece(newer, 0, "new"), piece(newer, 3, "er")], installSnapshot: newer, highWatermark: 20, mustFlush: true
  }))!)
  store.crash()
  const again = (await open(disk)).storage
  expect([storage, again].map(({ snapshotBytes }) => Buffer.from(snapshotBytes!).toString())).toEqual(["newer", "newer"])
})
