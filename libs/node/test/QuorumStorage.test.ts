import { recordCodecs } from "@tailrace/codecs"
import { CorruptLogError, LogDirectory, SimulatedDisk, SimulatedStore } from "@tailrace/log"
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
    snapshotChunks: [piece(older, 5, " b"), piece(newer, 0, "new"), piece(newer, 3, "er")], installSnapshot: newer,
    hardState: { term: 1, votedFor: undefined }, highWatermark: 20, mustFlush: true
  }))!)
  store.crash()
  const again = (await open(disk)).storage
  expect([storage, again].map(({ snapshotBytes }) => Buffer.from(snapshotBytes!).toString())).toEqual(["newer", "newer"])
})

it("leaves the start of the log for later where a commit of others has failed meanwhile", async () => {
  const disk = new SimulatedDisk()
  const { clock, storage, store } = await open(disk)
  const { directory } = storage
  const entries = batches.encode([{ type: "NoOpRecord", value: {} }, { type: "NoOpRecord", value: {} }], 0)
  batches.place(entries, 0, 1)
  await clock.runUntilSettled(storage.persist(write({
    entries: entries.map(({ data }) => batches.entryOf(data)), hardState: { term: 1, votedFor: undefined }, highWatermark: 2, mustFlush: true
  }))!)
  await clock.runUntilSettled(storage.saveSnapshot(snapshotOf("state", 2), Buffer.from("state")))
  store.failCommits(1)
  store.failReopens(1)
  directory.setSlot("other", Buffer.from("x")).catch(() => undefined)
  await clock.advanceSettled(10)
  expect(directory.writeGate.reason).toBe("failed")
  expect(storage.persist(write({ logStartOffset: 2, highWatermark: 2 }))).toBeUndefined()
  await clock.advanceSettled(5_000)
  expect(directory.writeGate.isUsable).toBe(true)
  await clock.runUntilSettled(directory.close())
  expect((await open(disk)).storage.load()).toMatchObject({ endOffset: 2, highWatermark: 2, snapshot: { endOffset: 2 } })
})

/** A disk whose log holds terms 1, 2 and 3, one offset each, and begins at 2 by now. */
async function compacted() {
  const disk = new SimulatedDisk()
  const { clock, storage } = await open(disk)
  const entries = [1, 2, 3].flatMap((term, offset) => {
    const encoded = batches.encode([{ type: "NoOpRecord", value: {} }], 0)
    batches.place(encoded, offset, term)
    return encoded.map(({ data }) => batches.entryOf(data))
  })
  await clock.runUntilSettled(storage.persist(write({ entries, hardState: { term: 3, votedFor: undefined }, highWatermark: 3, mustFlush: true }))!)
  await clock.runUntilSettled(storage.saveSnapshot(snapshotOf("state", 2), Buffer.from("state")))
  storage.persist(write({ logStartOffset: 2, highWatermark: 3 }))
  await clock.runUntilSettled(storage.directory.close())
  return disk
}

it("begins where it did when the log's own record of its start is lost", async () => {
  const disk = await compacted()
  const before = (await open(disk.copy())).storage.load()
  disk.loseRecord(disk.recordKeys().find((key) => key.startsWith("state/"))!)
  const after = (await open(disk)).storage.load()
  expect(after).toEqual({ ...before, highWatermark: 2 })
  expect([after.startOffset, after.startTerm, after.terms]).toEqual([2, 2, [{ term: 3, startOffset: 2 }]])
})

it("is damaged where it does not know the term that its log begins behind", async () => {
  const disk = await compacted()
  disk.loseRecord("slot/raft.start")
  await expect(open(disk)).rejects.toThrow(CorruptLogError)
})

it("is damaged where the log does not reach to the snapshot", async () => {
  const disk = await compacted()
  for (const key of disk.recordKeys()) if (/^(state|checkpoint|descriptor|epochs)\//.test(key)) disk.loseRecord(key)
  for (const { offset, topicId } of disk.batches()) if (offset > 0) disk.loseBatch(topicId, 0, offset)
  await expect(open(disk)).rejects.toThrow(CorruptLogError)
})
