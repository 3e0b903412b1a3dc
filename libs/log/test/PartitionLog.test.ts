import { recordCodecs } from "@tailrace/codecs"
import { Batch } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import {
  logConfigDefaults, OffsetOutOfRangeError, type PartitionLog,
  SimulatedDisk, SimulatedStore
} from "../src/index.ts"
import { append, baseOffsets, during, makeBatch, ManualClock, openDirectory, readAll } from "./fixtures.ts"
import { create, restart, start, type World } from "./World.ts"

const collect = (log: PartitionLog): Array<number> => {
  const events: Array<number> = []
  log.onDurable = (end) => events.push(end)
  return events
}

describe("appends", () => {
  it("become durable with the flush, never before, once per commit", async () => {
    const world = await start()
    const log = create(world)
    const events = collect(log)
    world.store.holdFlushes()
    append(log)
    append(log, { records: 2 })
    await world.clock.settle()
    expect(world.store.hasPendingCommit).toBe(true)
    append(log)
    await world.clock.advance(1000)
    expect([log.appendedEnd, log.durableEnd, events]).toEqual([4, 0, []])
    expect(world.disk.image.lastOffsets(log.logNumber, 0, 10, 10)).toEqual([])
    world.store.releaseFlushes()
    await world.clock.settle()
    expect([log.durableEnd, events]).toEqual([4, [3, 4]])
  })

  it("of all logs in one turn share one flush", async () => {
    const world = await start()
    const logs = [1, 2, 3].map((i) => world.directory.createLog(`t${i}`, "t", i, logConfigDefaults))
    const events = logs.map(collect)
    const before = world.store.flushCount
    for (const log of logs) append(log)
    await world.clock.settle()
    expect([world.store.flushCount - before, events]).toEqual([1, [[1], [1], [1]]])
  })

  it("are refused while half of the backlog is staged, until there is room", async () => {
    const world = await start({ backlogBytesMax: 2000 })
    const log = create(world)
    world.store.holdFlushes()
    let appended = 0
    const fill = (): void => { while (log.append(makeBatch({ offset: log.appendedEnd, valueBytes: 300 }))) appended++ }
    fill()
    await world.clock.settle()
    fill()
    expect([world.directory.backlog.isFull, world.directory.writeGate.isOpen]).toEqual([true, true])
    expect(world.directory.backlog.bytes).toBeLessThan(2800)
    const staged = appended
    world.directory.backlog.onRoom(fill)
    world.store.releaseFlushes()
    await world.clock.settle()
    expect(appended).toBeGreaterThan(staged)
    expect(log.durableEnd).toBe(appended)
  })

  it("that do not continue the log are a defect", async () => {
    const log = create(await start())
    append(log, { records: 5 })
    expect(() => log.append(makeBatch({ offset: 3 }))).toThrow("assertion")
    expect(() => log.append(makeBatch({ offset: 5 }).subarray(0, 40))).toThrow("assertion")
  })

  it("wait for nobody once a commit failed: the gate closes, what was staged is gone, and the log goes on where it was durable", async () => {
    const world = await start({ repairMillis: 10 })
    const log = create(world)
    append(log, { producerId: 1, sequence: 0 })
    await world.clock.settle()
    const events = collect(log)
    const seen: Array<string> = []
    world.directory.writeGate.onChange(() => seen.push(`gate ${world.directory.writeGate.reason ?? "open"}`))
    log.onFailed = () => seen.push(`failed ${log.appendedEnd}/${log.durableEnd} ${log.append(makeBatch({ offset: log.appendedEnd }))}`)
    world.store.failCommits(2)
    world.store.failReopens(1)
    append(log, { producerId: 1, sequence: 1 })
    const slot = world.directory.setSlot("vote", Buffer.from("x"))
    await expect(during(world.clock, slot)).rejects.toThrow("commit failed")
    expect(() => log.truncateTo(0)).toThrow("commit failed")
    for (let i = 0; i < 10; i++) await world.clock.advance(10)
    expect(seen).toEqual(["gate failed", "failed 1/1 false", "gate open"])
    expect(log.producers.check(1, 0, 1, 1).kind).toBe("append")
    append(log, { producerId: 1, sequence: 1 })
    await world.clock.settle()
    expect([events, log.durableEnd, world.directory.getSlot("vote")]).toEqual([[2], 2, undefined])
  })
})

describe("reads", () => {
  it("at the tail answer the appended memory itself, also before it is durable", async () => {
    const world = await start()
    const log = create(world)
    const batch = makeBatch({ valueBytes: 20_000 })
    const frame = Buffer.concat([Buffer.alloc(100), batch])
    log.append(frame.subarray(100))
    const { chunks } = await log.read(0, 1e6, 1, true)
    expect(chunks[0]!.buffer).toBe(frame.buffer)
    expect(baseOffsets(await log.read(0, 1e6, 0, true))).toEqual([])
  })

  it("copy a small batch out of a large frame, and keep to the budget by what is really held", async () => {
    const world = await start({ tailCacheBytesMax: 100_000 })
    const log = create(world)
    for (let i = 0; i < 30; i++) {
      const batch = makeBatch({ offset: i, valueBytes: 100 })
      const frame = Buffer.alloc(1 << 20)
      batch.copy(frame, 500)
      log.append(frame.subarray(500, 500 + batch.length))
      await world.clock.settle()
    }
    const read = log.read(0, 1e6, 30, true)
    expect(read).not.toBeInstanceOf(Promise)
    for (const chunk of (await read).chunks) expect(chunk.buffer.byteLength).toBeLessThan(100_000)
    for (let i = 30; i < 60; i++) {
      append(log, { valueBytes: 10_000 })
      await world.clock.settle()
    }
    expect(world.directory.tailCacheBytes).toBeLessThanOrEqual(100_000)
    expect(baseOffsets(await log.read(59, 1e6, 60, true))).toEqual([59])
    expect((await readAll(log)).length).toBe(60)
  })

  it("outside the log are refused, and those inside a batch begin with it", async () => {
    const world = await start()
    const log = create(world)
    append(log, { records: 10 })
    append(log, { records: 10 })
    expect(baseOffsets(await log.read(13, 1e6, 20, true))).toEqual([10])
    expect(baseOffsets(await log.read(9, 1, 20, true))).toEqual([0])
    expect(baseOffsets(await log.read(9, 1, 20, false))).toEqual([])
    expect(baseOffsets(await log.read(0, 1e6, 15, true))).toEqual([0])
    expect(() => log.read(21, 1, 21, true)).toThrow(OffsetOutOfRangeError)
  })

  it("that wait for the disk notice that the log moved on", async () => {
    const disk = new SimulatedDisk()
    const clock = new ManualClock()
    const store = SimulatedStore.open(disk, { clock, hasPendingReads: true })
    const directory = await during(clock, openDirectory(store, clock, { tailCacheBytesMax: 0 }))
    const log = directory.createLog("t", "t", 0, logConfigDefaults)
    for (let i = 0; i < 3; i++) {
      append(log)
      await clock.settle()
    }
    log.setHighWatermark(3)
    const gone = Promise.resolve(log.read(0, 1e6, 3, true))
    log.advanceStartOffset(2)
    await expect(during(clock, gone)).rejects.toThrow(OffsetOutOfRangeError)
    const cut = Promise.resolve(log.read(2, 1e6, 3, true))
    log.truncateTo(2)
    expect(baseOffsets(await during(clock, cut))).toEqual([])
  })

  it("find records by timestamp, across segments and inside batches", async () => {
    const world = await start({ segmentBytesMax: 2_000, tailCacheBytesMax: 0 })
    const log = create(world)
    for (let i = 0; i < 60; i++) append(log, { records: 3, timestamp: 1_000_000 + i * 100, valueBytes: 50, epoch: i < 30 ? 1 : 2 })
    await world.clock.settle()
    const find = (target: number): Promise<unknown> => during(world.clock, log.offsetForTimestamp(target, recordCodecs))
    expect(await find(0)).toEqual({ offset: 0, timestamp: 1_000_000, leaderEpoch: 1 })
    expect(await find(1_003_001)).toEqual({ offset: 91, timestamp: 1_003_001, leaderEpoch: 2 })
    expect(await find(1_003_003)).toEqual({ offset: 93, timestamp: 1_003_100, leaderEpoch: 2 })
    expect(await find(2_000_000)).toBe(undefined)
    expect(await during(world.clock, log.maxTimestampOffset(recordCodecs))).toEqual({ offset: 179, timestamp: 1_005_902, leaderEpoch: 2 })
  })

  it("find the newest record of those within reach, where a newer one is deleted or not committed yet", async () => {
    const world = await start({ segmentBytesMax: 1_500_000, tailCacheBytesMax: 0 })
    const log = create(world)
    const timestamps = Array.from({ length: 60 }, (_, i) => 1_000_000 + ((i * 37) % 60) * 10)
    for (const timestamp of timestamps) append(log, { records: 3, timestamp, valueBytes: 30_000 })
    await world.clock.settle()
    log.setHighWatermark(log.durableEnd)
    const records = timestamps.flatMap((timestamp) => [timestamp, timestamp + 1, timestamp + 2])
    for (let startOffset = 0; startOffset < records.length; startOffset += 7) {
      log.advanceStartOffset(startOffset)
      for (let endOffset = startOffset + 3 - (startOffset % 3); endOffset <= records.length; endOffset += 9) {
        const within = records.slice(startOffset, endOffset)
        const timestamp = Math.max(...within)
        expect(await during(world.clock, log.maxTimestampOffset(recordCodecs, endOffset)))
          .toEqual({ offset: startOffset + within.indexOf(timestamp), timestamp, leaderEpoch: 0 })
      }
    }
    expect(await during(world.clock, log.maxTimestampOffset(recordCodecs, log.startOffset))).toBe(undefined)
  })
})

describe("truncation", () => {
  it("restores producers and epochs, in the commit that removes the batches", async () => {
    const world = await start({ segmentBytesMax: 600 })
    const log = create(world)
    for (let i = 0; i < 20; i++) append(log, { producerId: 9, sequence: i, epoch: i < 10 ? 3 : 5, valueBytes: 60 })
    await world.clock.settle()
    log.truncateTo(8)
    expect([log.appendedEnd, log.durableEnd, log.epochs.latest]).toEqual([8, 8, 3])
    expect(log.producers.check(9, 0, 8, 8).kind).toBe("append")
    expect(log.producers.check(9, 0, 7, 7).kind).toBe("duplicate")
    append(log, { producerId: 9, sequence: 8, epoch: 6, records: 2 })
    await world.clock.settle()
    expect(world.disk.image.lastOffsets(log.logNumber, 0, 100, 100)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 9])
    const next = await restart(world)
    const found = next.directory.log("topic", 0)!
    expect([...found.epochs.entries()]).toEqual([{ epoch: 3, startOffset: 0 }, { epoch: 6, startOffset: 8 }])
    expect(found.producers.check(9, 0, 10, 10).kind).toBe("append")
  })

  it("inside a batch drops the batch, and is not undone by the commit that was in flight", async () => {
    const world = await start()
    const log = create(world)
    const events = collect(log)
    append(log, { records: 10 })
    await world.clock.settle()
    world.store.holdFlushes()
    append(log, { records: 10 })
    await world.clock.settle()
    log.truncateTo(15)
    expect(log.appendedEnd).toBe(10)
    append(log, { records: 1 })
    world.store.releaseFlushes()
    await world.clock.settle()
    expect([events, log.durableEnd, world.disk.image.lastOffsets(log.logNumber, 0, 99, 99)]).toEqual([[10, 10, 11], 11, [9, 10]])
  })
})

describe("retention", () => {
  const segmentBytesMax = 1_000

  it("removes whole segments by size, below the high watermark only, durably", async () => {
    const world = await start({ segmentBytesMax })
    const log = create(world, { retentionBytes: 3_000 })
    for (let i = 0; i < 50; i++) append(log, { valueBytes: 100 })
    await world.clock.settle()
    log.setHighWatermark(20)
    world.directory.runRetention()
    expect(log.startOffset).toBeGreaterThan(0)
    expect(log.startOffset).toBeLessThanOrEqual(20)
    log.setHighWatermark(50)
    world.directory.runRetention()
    await world.clock.settle()
    expect(log.sizeBytes).toBeGreaterThanOrEqual(3_000)
    expect(log.sizeBytes).toBeLessThan(3_000 + segmentBytesMax)
    expect(world.disk.image.lastOffsets(log.logNumber, 0, log.startOffset, 99)).toEqual([])
    const { startOffset } = log
    const next = await restart(world, { segmentBytesMax })
    expect(next.directory.log("topic", 0)!.startOffset).toBe(startOffset)
    expect((await readAll(next.directory.log("topic", 0)!)).length).toBe(50 - startOffset)
  })

  it("removes by age, the newest segment too, but not when the wall clock jumped", async () => {
    const world = await start({ segmentBytesMax, clockJumpPauseMillis: 100_000 })
    const log = create(world, { retentionMillis: 3_600_000 })
    for (let i = 0; i < 20; i++) append(log, { valueBytes: 100, timestamp: world.clock.wall })
    await world.clock.settle()
    log.setHighWatermark(20)
    world.clock.wall += 7_200_000
    world.directory.runRetention()
    expect(log.startOffset).toBe(0)
    world.clock.monotonic += 200_000
    world.directory.runRetention()
    await world.clock.settle()
    expect([log.startOffset, log.appendedEnd, log.sizeBytes]).toEqual([20, 20, 0])
    append(log)
    await world.clock.settle()
    expect((await readAll(log)).length).toBe(1)
  })

  it("frees the newest segment once all of it was deleted by hand, whatever the policy", async () => {
    const world = await start({ segmentBytesMax })
    const log = create(world, { cleanupPolicy: "none" })
    for (let i = 0; i < 20; i++) append(log, { valueBytes: 100, producerId: 1, sequence: i })
    await world.clock.settle()
    log.setHighWatermark(20)
    log.advanceStartOffset(19)
    world.directory.runRetention()
    await world.clock.settle()
    expect(log.sizeBytes).toBeGreaterThan(0)
    log.advanceStartOffset(20)
    world.directory.runRetention()
    await world.clock.settle()
    expect([log.startOffset, log.appendedEnd, log.sizeBytes, world.disk.image.bytes]).toEqual([20, 20, 0, 0])
    const next = await restart(world, { segmentBytesMax })
    const found = next.directory.log("topic", 0)!
    expect([found.startOffset, found.appendedEnd, found.producers.check(1, 0, 19, 19).kind]).toEqual([20, 20, "duplicate"])
  })

  it("waits on logs that were found at the start until they are configured", async () => {
    const world = await start({ segmentBytesMax })
    const log = create(world, { retentionBytes: 1_000 })
    for (let i = 0; i < 30; i++) append(log, { valueBytes: 100 })
    log.setHighWatermark(30)
    await world.clock.settle()
    const next = await restart(world, { segmentBytesMax })
    const found = next.directory.log("topic", 0)!
    found.setHighWatermark(30)
    next.directory.runRetention()
    expect(found.startOffset).toBe(0)
    found.config = { ...logConfigDefaults, retentionBytes: 1_000 }
    next.directory.runRetention()
    expect(found.startOffset).toBeGreaterThan(15)
  })
})

describe("producers after an unclean start", () => {
  it("count as heard of when the directory was opened, however old their segment is", async () => {
    const expirationMillis = 24 * 3_600_000
    const world = await start()
    const log = create(world, { segmentMillis: -1 + 2 ** 40 })
    append(log, { producerId: 1, sequence: 0, timestamp: world.clock.wall })
    await world.clock.advance(2 * expirationMillis)
    append(log, { producerId: 2, sequence: 0, timestamp: 1_000 })
    await world.clock.settle()
    const next = await restart(world)
    const { producers } = next.directory.log("topic", 0)!
    expect(producers.expire(next.clock.wall + expirationMillis - 1_000, expirationMillis)).toBe(0)
    expect([producers.check(1, 0, 0, 0).kind, producers.check(2, 0, 0, 0).kind]).toEqual(["duplicate", "duplicate"])
    expect(producers.expire(next.clock.wall + expirationMillis, expirationMillis)).toBe(2)
  })
})

describe("damage found at an unclean start", () => {
  async function damaged(highWatermark: number): Promise<{ world: World; log: PartitionLog }> {
    const world = await start()
    const log = create(world)
    for (let i = 0; i < 10; i++) append(log, { valueBytes: 50 })
    await world.clock.settle()
    log.setHighWatermark(highWatermark)
    append(log)
    await world.clock.settle()
    world.disk.image.scanBatches(log.logNumber, 6, 7, (batch) => Boolean(batch[80]! ^= 1))
    const next = await restart(world)
    return { world: next, log: next.directory.log("topic", 0)! }
  }

  it("behind the high watermark ends the log there", async () => {
    const { world, log } = await damaged(6)
    expect(world.directory.damages.map(({ fault, action }) => [fault, action])).toEqual([[{ offset: 6, endOffset: 7, reason: "crc" }, "truncated"]])
    expect([log.appendedEnd, log.fault]).toEqual([6, undefined])
    append(log)
    await world.clock.settle()
    expect((await readAll(log)).map((batch) => Batch.baseOffset(batch, 0))).toEqual([0, 1, 2, 3, 4, 5, 6])
    // What was dropped may have been acknowledged, so it is known until the controller has heard of it.
    const suspicions = [world.directory.isSuspect]
    const again = await restart(world)
    suspicions.push(again.directory.isSuspect)
    expect(again.directory.damages.map(({ action, fault }) => [fault.offset, action])).toEqual([[6, "truncated"]])
    await during(again.clock, again.directory.setBrokerEpoch(1))
    suspicions.push((await restart(again)).directory.isSuspect)
    expect(suspicions).toEqual([true, true, false])
  })

  it("below it makes the log read-only, and nothing is dropped", async () => {
    const { world, log } = await damaged(7)
    expect(world.directory.damages.map(({ fault, action }) => [fault, action])).toEqual([[{ offset: 6, endOffset: 7, reason: "crc" }, "quarantined"]])
    expect(log.append(makeBatch({ offset: log.appendedEnd }))).toBe(false)
    expect(baseOffsets(await log.read(0, 1e6, 6, true)).length).toBe(6)
    expect(world.disk.image.lastOffsets(log.logNumber, 0, 99, 99).length).toBe(11)
  })
})
