import { recordCodecs } from "@tailrace/codecs"
import { Batch } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import { compactBatch } from "../src/internal/compactBatch.ts"
import { type LogDirectory, logConfigDefaults, type PartitionLog, SimulatedDisk, SimulatedStore } from "../src/index.ts"
import { append, during, ManualClock, openDirectory, readAll } from "./fixtures.ts"

interface Compacted {
  readonly clock: ManualClock
  readonly disk: SimulatedDisk
  readonly store: SimulatedStore
  readonly directory: LogDirectory
  readonly log: PartitionLog
  /** The last offset, and the bytes, of a batch in the middle of a sealed segment. */
  readonly lastOffset: number
  readonly own: Buffer
  /** What a peer has in its place, which has compacted more. */
  readonly ofPeer: Buffer
}

const bitOfValue = 8 * 75

/** A log of batches of two records each, whose keys come again and again. */
async function compacted(): Promise<Compacted> {
  const disk = new SimulatedDisk()
  const clock = new ManualClock()
  const store = SimulatedStore.open(disk, { clock, hasPendingReads: true })
  const directory = await during(clock, openDirectory(store, clock, { segmentBytesMax: 900, compactionDirtyFractionMin: 0, tailCacheBytesMax: 0 }))
  const log = directory.createLog("topic", "topic", 0, { ...logConfigDefaults, cleanupPolicy: "compact" })
  for (let i = 0; i < 60; i++) append(log, { key: `k${i % 9}`, value: `value ${i}`, records: 2 })
  await clock.settle()
  log.setHighWatermark(log.durableEnd)
  const lastOffset = 31
  const found = await during(clock, Promise.resolve(log.read(lastOffset, 1, log.durableEnd, true)))
  const own = Buffer.from(found.chunks[0]!)
  return { clock, disk, store, directory, log, lastOffset, own, ofPeer: compactBatch(own, recordCodecs, ({ offset }) => offset === lastOffset)! }
}

/** The batch rots, and a replica's read finds it. */
async function rot({ disk, lastOffset, log }: Compacted): Promise<void> {
  disk.corrupt("topic", 0, lastOffset, bitOfValue)
  await expect(log.readVerified(lastOffset - 1, 1, log.durableEnd, true)).rejects.toThrow("damaged")
}

const repair = ({ lastOffset, log, ofPeer }: Compacted): ReturnType<PartitionLog["replaceRange"]> => log.replaceRange(lastOffset - 1, lastOffset + 1, ofPeer)

describe("a repair", () => {
  it("waits for the end of a compaction, which may hold what the repair is to replace", async () => {
    const world = await compacted()
    const { clock, directory, log, store } = world
    const readBatches = store.readBatches.bind(store)
    const refusals: Array<unknown> = []
    store.readBatches = async (...range) => {
      const read = await readBatches(...range)
      const isRewriting = read.chunks.some((batch) => Batch.lastOffset(batch, 0) === world.lastOffset) && reads++ === 1
      if (!isRewriting) return read
      store.readBatches = readBatches
      await rot(world)
      refusals.push(await repair(world))
      return read
    }
    let reads = 0
    await during(clock, directory.runCompaction(recordCodecs))
    expect(refusals).toEqual(["stale"])
    expect(log.fault).toEqual({ offset: world.lastOffset - 1, endOffset: world.lastOffset + 1, reason: "crc" })
    expect(await during(clock, repair(world))).toBe(undefined)
    await during(clock, directory.scrubber.run())
    expect(log.fault).toBe(undefined)
    await during(clock, directory.runCompaction(recordCodecs))
    await during(clock, directory.scrubber.run())
    expect([log.fault, (await during(clock, readAll(log))).length < 30]).toEqual([undefined, true])
  })

  it("keeps a compaction from beginning until it is durable", async () => {
    const world = await compacted()
    const { clock, directory, log, store } = world
    await during(clock, rot(world))
    store.slowFlushes(100)
    const repairing = repair(world)
    while (log.fault !== undefined) await clock.advance(1)
    const compacting = log.compact(recordCodecs, { nowMillis: clock.wall, tombstoneMillis: 0, dirtyFractionMin: 0, keysMax: 99 })
    expect(await during(clock, compacting)).toBe(undefined)
    store.slowFlushes(undefined)
    expect(await during(clock, repairing)).toBe(undefined)
    await during(clock, directory.runCompaction(recordCodecs))
    expect((await during(clock, readAll(log))).length).toBeLessThan(30)
  })

  it("in the middle of a segment counts it anew, where the peer has compacted more or less", async () => {
    const world = await compacted()
    const { clock, directory, log } = world
    await during(clock, rot(world))
    const before = log.sizeBytes
    expect(await during(clock, repair(world))).toBe(undefined)
    expect(log.sizeBytes).toBe(before - world.own.length + world.ofPeer.length)
    await during(clock, directory.scrubber.run())
    expect(log.fault).toBe(undefined)
  })
})
