import { recordCodecs } from "@tailrace/codecs"
import { Batch, readRecords } from "@tailrace/record"
import { describe, expect, it, vi } from "vitest"
import { logConfigDefaults, LogDirectory, type PartitionLog, SimulatedDisk, SimulatedStore, WriteSet } from "../src/index.ts"
import { append, during, makeBatch, ManualClock, openDirectory, random, readAll } from "./fixtures.ts"
import { create, restart, start } from "./World.ts"

describe("compaction", () => {
  it("drops no tombstone by a wall clock that jumped, before it has stayed there for a while", async () => {
    const world = await start({ segmentBytesMax: 500, compactionDirtyFractionMin: 0, clockJumpPauseMillis: 100_000, tailCacheBytesMax: 0 })
    const { clock, directory } = world
    const log = create(world, { cleanupPolicy: "compact" })
    const jumps: Array<ReadonlyArray<number>> = []
    directory.wallClock.onJump = (...jump) => jumps.push(jump)
    const deletions = async (): Promise<number> => {
      // What was compacted is looked at again together with something new.
      for (let i = 0; i < 20; i++) append(log, { key: "other", value: "a", timestamp: clock.wall })
      await clock.settle()
      log.setHighWatermark(log.durableEnd)
      await during(clock, directory.runCompaction(recordCodecs))
      const records = (await readAll(log)).flatMap((batch) => Array.from(readRecords(batch, 0, recordCodecs)))
      return records.filter(({ value }) => value === null).length
    }
    append(log, { key: "deleted", value: null, timestamp: clock.wall })
    expect(await deletions()).toBe(1)
    clock.wall += 48 * 3_600_000
    expect([await deletions(), await deletions()]).toEqual([1, 1])
    await clock.advance(100_000)
    expect(await deletions()).toBe(0)
    expect(jumps).toEqual([[48 * 3_600_000, 100_000]])
  })

  it("keeps the latest record of each key with its offset, and drops old tombstones", async () => {
    const world = await start({ segmentBytesMax: 2_000, compactionDirtyFractionMin: 0 })
    const log = create(world, { cleanupPolicy: "compact" })
    const expected = new Map<string, string>()
    for (let i = 0; i < 300; i++) {
      const key = `group-${i % 7}`
      const value = i % 50 === 49 ? null : `offset ${i}`
      append(log, { key, value, records: i % 11 === 0 ? 2 : 1, timestamp: world.clock.wall })
      if (value === null) expected.delete(key)
      else expected.set(key, value)
      if (i % 10 === 0) await world.clock.settle()
    }
    await world.clock.settle()
    log.setHighWatermark(log.durableEnd)
    const end = log.appendedEnd
    const sizeBefore = log.sizeBytes
    await world.clock.advance(48 * 3_600_000)
    await during(world.clock, world.directory.runCompaction(recordCodecs))
    expect(log.sizeBytes).toBeLessThan(sizeBefore / 3)
    const check = async (of: PartitionLog): Promise<void> => {
      const found = new Map<string, string>()
      let last = -1
      for (const batch of await readAll(of)) {
        expect(Batch.check(batch, 0, batch.length, recordCodecs.crc32c)).toBe(undefined)
        for (const { key, value, offset } of readRecords(batch, 0, recordCodecs)) {
          expect(offset).toBeGreaterThan(last)
          last = offset
          if (value === null) found.delete(key!.toString())
          else found.set(key!.toString(), value.toString())
        }
      }
      expect(found).toEqual(expected)
      expect([of.startOffset, of.appendedEnd]).toEqual([0, end])
    }
    await check(log)
    const next = await restart(world, { segmentBytesMax: 2_000 })
    expect(next.directory.damages).toEqual([])
    await check(next.directory.log("topic", 0)!)
  })

  it("encodes the figures of a segment once per commit, not for each batch", async () => {
    const world = await start({ segmentBytesMax: 20_000, compactionDirtyFractionMin: 0, tailCacheBytesMax: 0 })
    const log = create(world, { cleanupPolicy: "compact" })
    for (let i = 0; i < 1_000; i++) append(log, { key: `k${i % 9}`, value: `${i}` })
    await world.clock.settle()
    log.setHighWatermark(1_000)
    const puts = vi.spyOn(WriteSet.prototype, "put")
    await during(world.clock, world.directory.runCompaction(recordCodecs))
    const descriptors = puts.mock.calls.filter(([key]) => key.startsWith("descriptor/")).length
    puts.mockRestore()
    expect((await readAll(log)).length).toBeLessThan(300)
    expect(descriptors).toBeLessThan(50)
    await during(world.clock, world.directory.scrubber.run())
    const next = await restart(world, { segmentBytesMax: 20_000 })
    expect([log.fault, next.directory.damages, next.directory.log("topic", 0)!.sizeBytes]).toEqual([undefined, [], log.sizeBytes])
  })

  it("leaves logs alone whose policy does not say so, and what is not committed", async () => {
    const world = await start({ segmentBytesMax: 500, compactionDirtyFractionMin: 0 })
    const user = create(world)
    const internal = world.directory.createLog("internal", "internal", 0, { ...logConfigDefaults, cleanupPolicy: "compact" })
    for (const log of [user, internal]) for (let i = 0; i < 50; i++) append(log, { key: "k", value: `${i}` })
    await world.clock.settle()
    user.setHighWatermark(50)
    await during(world.clock, world.directory.runCompaction(recordCodecs))
    expect([(await readAll(user)).length, (await readAll(internal)).length]).toEqual([50, 50])
  })

  it("of one log that has an unreadable batch ends neither the others' nor the round", async () => {
    const world = await start({ segmentBytesMax: 500, compactionDirtyFractionMin: 0, tailCacheBytesMax: 0 })
    const compacted = { ...logConfigDefaults, cleanupPolicy: "compact" as const }
    const [poisoned, sound] = ["a", "b"].map((name) => world.directory.createLog(name, name, 0, compacted))
    for (const log of [poisoned!, sound!]) {
      for (let i = 0; i < 30; i++) {
        const batch = makeBatch({ offset: i, key: "k", value: `${i}` })
        if (log === poisoned && i === 3) {
          // A record whose length lies, under a CRC that is right.
          batch[Batch.headerBytes] = 0x7e
          batch.writeUInt32BE(recordCodecs.crc32c(batch.subarray(Batch.crcCoversFrom)), 17)
        }
        expect(log.append(batch)).toBe(true)
      }
    }
    await world.clock.settle()
    for (const log of [poisoned!, sound!]) log.setHighWatermark(30)
    const failed: Array<string> = []
    world.directory.onCompactionFailed = (log) => failed.push(log.topic)
    await during(world.clock, world.directory.runCompaction(recordCodecs))
    expect([failed, (await readAll(poisoned!)).length]).toEqual([["a"], 30])
    expect((await readAll(sound!)).length).toBeLessThan(15)
  })

  it("goes through the logs one after the other also where a pass takes longer than the pause between two", async () => {
    const clock = new ManualClock()
    const store = SimulatedStore.open(new SimulatedDisk(), { clock })
    const options = { segmentBytesMax: 500, compactionDirtyFractionMin: 0, compactionCheckMillis: 1_000, tailCacheBytesMax: 0 }
    const directory = await during(clock, LogDirectory.open(store, options, { clock, random, crc32c: recordCodecs.crc32c, codecs: recordCodecs }))
    directory.scrubber.pause()
    const logs = ["a", "b"].map((name) => directory.createLog(name, name, 0, { ...logConfigDefaults, cleanupPolicy: "compact" }))
    for (const log of logs) for (let i = 0; i < 30; i++) append(log, { key: "k", value: `${i}` })
    await clock.settle()
    for (const log of logs) log.setHighWatermark(30)
    const readBatches = store.readBatches.bind(store)
    const read = new Set<number>()
    store.readBatches = (logNumber, ...range) => {
      read.add(logNumber)
      return readBatches(logNumber, ...range)
    }
    store.holdFlushes()
    for (let i = 0; i < 5; i++) await clock.advance(1_000)
    expect([...read]).toEqual([logs[0]!.logNumber])
    store.releaseFlushes()
    for (let i = 0; i < 5; i++) await clock.advance(1_000)
    expect(await Promise.all(logs.map(async (log) => (await readAll(log)).length < 15))).toEqual([true, true])
  })

  it.each([
    ["while it was read", true], ["while it was visited", false]
  ])("does not write back what retention removed %s, nor takes it for damage", async (_, isRead) => {
    const disk = new SimulatedDisk()
    const clock = new ManualClock()
    const store = SimulatedStore.open(disk, { clock, hasPendingReads: true })
    const directory = await during(clock, openDirectory(store, clock, { segmentBytesMax: 500, compactionDirtyFractionMin: 0, tailCacheBytesMax: 0 }))
    const log = directory.createLog("topic", "topic", 0, { ...logConfigDefaults, cleanupPolicy: "compact,delete" })
    for (let i = 0; i < 60; i++) log.append(makeBatch({ offset: 2 * i + 1, key: `k${i % 9}`, value: `${i}` }))
    await clock.settle()
    log.setHighWatermark(120)
    // Each segment is read for its keys, and again to be rewritten: the start moves in the middle of that.
    const readBatches = store.readBatches.bind(store)
    let reads = 0
    const remove = async (): Promise<void> => {
      for (let i = 0; i < 5; i++) await Promise.resolve()
      log.advanceStartOffset(80)
      while (disk.image.lastOffsets(log.logNumber, 0, log.firstStoredOffset, 1).length > 0) await log.whenDurable()
    }
    store.readBatches = async (...range) => {
      const read = await readBatches(...range)
      if (++reads === 11) {
        const removed = remove()
        if (isRead) await removed
      }
      return read
    }
    await during(clock, directory.runCompaction(recordCodecs))
    expect(reads).toBeGreaterThan(11)
    expect(log.fault).toBe(undefined)
    await clock.advance(10)
    const first = log.firstStoredOffset
    expect(first).toBeGreaterThan(0)
    const descriptors = disk.recordKeys().filter((key) => key.startsWith("descriptor/")).map((key) => Number.parseInt(key.slice(-14), 16))
    expect(descriptors.filter((offset) => offset < first)).toEqual([])
    expect(disk.image.lastOffsets(log.logNumber, 0, first, 99)).toEqual([])
    expect(log.sizeBytes).toBe(bytesOf(disk, log, first))
  })
})

const bytesOf = (disk: SimulatedDisk, log: PartitionLog, fromOffset: number): number => {
  let bytes = 0
  disk.image.scanBatches(log.logNumber, fromOffset, 1_000, (batch) => Boolean(bytes += batch.length))
  return bytes
}
