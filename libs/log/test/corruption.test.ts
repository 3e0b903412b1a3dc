import { recordCodecs } from "@tailrace/codecs"
import { Batch } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import { CorruptLogError, type LogFault, logConfigDefaults, type PartitionLog, type SimulatedDisk } from "../src/index.ts"
import { bitOfValue, type Damaged, damagedLog, options } from "./DamagedLog.ts"
import { append, baseOffsets, crc32c, during, makeBatch, readAll } from "./fixtures.ts"
import { create, restart, start, type World } from "./World.ts"

/** Reads the whole log as a replica would, and answers the offsets of what was served. */
async function serve({ clock, log }: Pick<Damaged, "clock" | "log">): Promise<{ offsets: Array<number>; error: unknown }> {
  const offsets: Array<number> = []
  let error: unknown
  for (let from = log.startOffset; from < log.durableEnd;) {
    try {
      const read = await during(clock, Promise.resolve(log.readVerified(from, 300, log.durableEnd, true)))
      for (const chunk of read.chunks) expect(Batch.check(chunk, 0, chunk.length, crc32c)).toBe(undefined)
      offsets.push(...baseOffsets(read))
      from = Batch.nextOffset(read.chunks.at(-1)!, 0)
    } catch (cause) {
      error = cause
      if (!(cause instanceof CorruptLogError)) throw cause
      from = cause.fault.endOffset
    }
  }
  return { offsets, error }
}

const evenBelow60 = Array.from({ length: 30 }, (_, i) => 2 * i)
const without = (...offsets: Array<number>): Array<number> => evenBelow60.filter((offset) => !offsets.includes(offset))

describe("a batch that rotted on the disk", () => {
  it("is never served to a replica, and neither is a hole; the log is quarantined, after a restart too", async () => {
    const world = await damagedLog((disk) => {
      disk.corrupt("topic", 0, 20, bitOfValue)
      disk.loseBatch("topic", 0, 30)
    })
    expect(await serve(world)).toMatchObject({ offsets: without(20, 30), error: { _tag: "CorruptLogError", topic: "topic", partition: 0 } })
    expect(world.found.at(-1)).toEqual({ offset: 20, endOffset: 32, reason: "crc" })
    expect([world.log.fault, world.directory.isSuspect]).toEqual([world.found.at(-1), true])
    expect(world.log.append(makeBatch({ offset: 60 }))).toBe(false)
    expect(baseOffsets(await world.log.read(0, 1e6, 60, true)), "reads end before the damage").toEqual(evenBelow60.slice(0, 10))
    await expect(during(world.clock, Promise.resolve(world.log.read(25, 1e6, 60, true)))).rejects.toThrow(CorruptLogError)
    await world.clock.settle()
    await during(world.clock, world.directory.close())
    const next = await start(options, world.disk)
    expect([next.directory.startClass, next.directory.isSuspect]).toEqual(["clean", true])
    expect(next.directory.damages.map(({ action, fault }) => [action, fault])).toEqual([["quarantined", world.log.fault]])
    expect(next.directory.log("topic", 0)!.append(makeBatch({ offset: 60 }))).toBe(false)
  })

  it("in a place of its own is found by ordinary reads as well: they see the order, if not the bytes", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 20, 8 * 7 + 1))
    await expect(during(world.clock, Promise.resolve(world.log.read(20, 10, 60, true)))).rejects.toThrow("topic-0 is damaged at [20, 22): order")
  })

  it.each([
    ["a batch", (disk: SimulatedDisk) => disk.corrupt("topic", 0, 41, bitOfValue), { offset: 40, endOffset: 42, reason: "crc" }],
    ["two batches", (disk: SimulatedDisk) => {
      disk.corrupt("topic", 0, 2, bitOfValue)
      disk.corrupt("topic", 0, 9, 5)
    }, { offset: 2, endOffset: 10, reason: "crc" }],
    ["a batch that is gone", (disk: SimulatedDisk) => disk.loseBatch("topic", 0, 10), { offset: 10, endOffset: 12, reason: "missing" }],
    ["the last batch that is gone", (disk: SimulatedDisk) => disk.loseBatch("topic", 0, 58), { offset: 58, endOffset: 60, reason: "missing" }]
  ])("is found by the scrub: %s", async (_, damage, fault) => {
    const world = await damagedLog(damage)
    const { scrubber } = world.directory
    const before = scrubber.passes
    await world.clock.advance(24 * 3_600_000)
    for (let i = 0; i < 50 && scrubber.passes < before + 1; i++) await world.clock.advance(100)
    expect(world.found.at(-1)).toEqual(fault)
    expect(world.log.fault).toEqual(fault)
  })

  it("is repaired by the bytes that a peer has, in pieces; what follows from them is as it was", async () => {
    const world = await damagedLog((disk) => {
      disk.corrupt("topic", 0, 50, bitOfValue)
      disk.corrupt("topic", 0, 58, bitOfValue)
    })
    await during(world.clock, world.directory.scrubber.run())
    const next = await restart(world, options)
    const log = next.directory.log("topic", 0)!
    expect(log.fault).toEqual({ offset: 50, endOffset: 60, reason: "crc" })
    log.config = logConfigDefaults
    const piece = (from: number, to: number): Buffer =>
      Buffer.concat(world.good.filter((batch) => Batch.baseOffset(batch, 0) >= from && Batch.baseOffset(batch, 0) < to))
    const repair = (from: number, to: number, batches: Buffer): Promise<unknown> => during(next.clock, log.replaceRange(from, to, batches))
    const rotten = Buffer.from(piece(50, 56))
    rotten[80]! ^= 1
    const foreign = Buffer.from(piece(50, 56))
    Batch.assign(foreign, 0, 50, 1)
    expect(await repair(50, 56, rotten)).toBe("crc")
    expect(await repair(50, 56, foreign)).toBe("epoch")
    expect(await repair(50, 56, piece(52, 56))).toBe("missing")
    expect(await repair(50, 56, piece(50, 54))).toBe("missing")
    expect(await repair(50, 54, piece(50, 56))).toBe("order")
    expect(await repair(52, 56, piece(52, 56))).toBe("stale")
    expect(await repair(50, 62, piece(50, 60))).toBe("stale")
    expect(await repair(50, 56, piece(50, 56))).toBe(undefined)
    expect([log.fault, log.append(makeBatch({ offset: 60 }))]).toEqual([{ offset: 56, endOffset: 60, reason: "crc" }, false])
    expect(await repair(56, 60, piece(56, 60))).toBe(undefined)
    expect([log.fault, log.appendedEnd, log.highWatermark]).toEqual([undefined, 60, 60])
    expect((await readAll(log)).map((batch) => Batch.crc(batch, 0))).toEqual(world.good.map((batch) => Batch.crc(batch, 0)))
    expect(log.producers.check(5, 0, 58, 59).kind).toBe("duplicate")
    append(log, { records: 2, producerId: 5, sequence: 60, epoch: 2 })
    await next.clock.settle()
    await during(next.clock, next.directory.scrubber.run())
    expect(log.fault).toBe(undefined)
    const last = await restart(next, options)
    expect([last.directory.damages, last.directory.log("topic", 0)!.appendedEnd]).toEqual([[], 62])
  })

  it("costs nothing that was not damaged when a repair fails half way", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 50, bitOfValue))
    await during(world.clock, world.directory.scrubber.run())
    await world.clock.settle()
    world.store.failCommits(1)
    const repairing = world.log.replaceRange(50, 52, world.good[25]!)
    await expect(during(world.clock, repairing)).rejects.toThrow("commit failed")
    for (let i = 0; i < 10; i++) await world.clock.advance(1_000)
    expect(world.directory.writeGate.isOpen).toBe(true)
    expect(world.log.fault).toEqual({ offset: 50, endOffset: 52, reason: "crc" })
    expect(await during(world.clock, world.log.replaceRange(50, 52, world.good[25]!))).toBe(undefined)
    expect([world.log.fault, (await readAll(world.log)).length]).toEqual([undefined, 30])
  })

  it.each(["the commit that notes it fails", "the disk takes nothing"])("is not forgotten where %s", async (trouble) => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 20, bitOfValue))
    const fault = { offset: 20, endOffset: 22, reason: "crc" }
    world.store.failCommits(4)
    if (trouble === "the disk takes nothing") {
      append(world.log, { epoch: 3 })
      await world.clock.settle()
    }
    expect((await serve(world)).offsets).not.toContain(20)
    await world.clock.settle()
    expect([world.log.fault, world.directory.writeGate.reason]).toEqual([fault, "failed"])
    for (let i = 0; i < 10; i++) await world.clock.advance(1_000)
    expect([world.log.fault, world.directory.writeGate.isOpen]).toEqual([fault, true])
    const next = await restart(world, options)
    expect([next.directory.log("topic", 0)!.fault, next.directory.isSuspect]).toEqual([fault, true])
  })

  it.each([[10, 12], [40, 42]])("stays known where it is found at %i while other damage is repaired", async (offset, endOffset) => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 20, bitOfValue))
    await during(world.clock, world.directory.scrubber.run())
    await world.clock.settle()
    const repairing = world.log.replaceRange(20, 22, world.good[10]!)
    world.disk.corrupt("topic", 0, offset, bitOfValue)
    await expect(world.log.readVerified(offset, 1, 60, true)).rejects.toThrow(CorruptLogError)
    expect(await during(world.clock, repairing)).toBe(undefined)
    const { log } = world
    expect(log.fault!.offset).toBeLessThanOrEqual(offset)
    expect(log.fault!.endOffset).toBeGreaterThanOrEqual(endOffset)
    const next = await restart(world, options)
    expect(next.directory.log("topic", 0)!.fault).toEqual(log.fault)
  })

  it("does not cost the batches in front of it when the log is cut there and its offset is what rotted", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 50, 8 * 7 + 5))
    world.log.truncateTo(51)
    expect(world.log.appendedEnd).toBe(50)
    append(world.log, { epoch: 3 })
    await world.clock.settle()
    expect((await readAll(world.log)).length).toBe(26)
  })

  it("is told of where a cut of the log finds it, which reads what is left of the newest segment", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 56, bitOfValue), 56)
    world.log.truncateTo(59)
    expect([world.log.fault, world.found]).toEqual([{ offset: 56, endOffset: 58, reason: "crc" }, [{ offset: 56, endOffset: 58, reason: "crc" }]])
  })

  it("and made a node suspect does so no more once it is repaired and the controller has heard of it", async () => {
    const world = await damagedLog((disk) => disk.corrupt("topic", 0, 58, bitOfValue))
    const { clock, directory } = await restart(world, options)
    const log = directory.log("topic", 0)!
    log.config = logConfigDefaults
    const suspicions = [directory.isSuspect]
    await during(clock, directory.setBrokerEpoch(1))
    suspicions.push(directory.isSuspect)
    expect(await during(clock, log.replaceRange(58, 60, world.good[29]!))).toBe(undefined)
    suspicions.push(directory.isSuspect)
    expect([directory.damages.length, suspicions]).toEqual([1, [true, true, false]])
  })

  it("is no damage below the start of the log, where nobody reads it", async () => {
    const world = await damagedLog(() => {})
    world.log.advanceStartOffset(22)
    await world.clock.settle()
    expect(world.log.firstStoredOffset).toBe(16)
    world.disk.corrupt("topic", 0, 16, bitOfValue)
    await during(world.clock, world.directory.scrubber.run())
    expect([world.log.fault, world.found, world.directory.isSuspect]).toEqual([undefined, [], false])
    append(world.log, { epoch: 3 })
    await world.clock.settle()
    world.log.advanceStartOffset(58)
    await world.clock.settle()
    world.disk.corrupt("topic", 0, 56, bitOfValue)
    const next = await restart(world, options)
    const log = next.directory.log("topic", 0)!
    expect([log.firstStoredOffset, log.startOffset, log.fault, next.directory.damages]).toEqual([56, 58, undefined, []])
    append(log, { epoch: 3 })
  })

  it("begins with the start of the log where that lies in the batch, and goes with it", async () => {
    const world = await damagedLog(() => {})
    world.log.advanceStartOffset(21)
    await world.clock.settle()
    world.disk.corrupt("topic", 0, 20, bitOfValue)
    await during(world.clock, world.directory.scrubber.run())
    expect(world.log.fault).toEqual({ offset: 21, endOffset: 22, reason: "crc" })
    const { clock, directory } = await restart(world, options)
    const log = directory.log("topic", 0)!
    expect(log.fault).toEqual(world.log.fault)
    expect(await during(clock, log.replaceRange(21, 22, world.good[10]!))).toBe(undefined)
    expect([log.fault, (await readAll(log)).length]).toEqual([undefined, 20])
  })

  it("goes with the start of the log, or with what is cut off its end", async () => {
    for (const heal of [(log: PartitionLog) => log.advanceStartOffset(24), (log: PartitionLog) => log.truncateTo(20), (log: PartitionLog) => log.startAt(70)]) {
      const world = await damagedLog((disk) => disk.corrupt("topic", 0, 20, bitOfValue))
      await during(world.clock, world.directory.scrubber.run())
      expect(world.log.fault?.offset).toBe(20)
      heal(world.log)
      expect(world.log.fault).toBe(undefined)
      append(world.log, { epoch: 3 })
      await world.clock.settle()
      const next = await restart(world, options)
      expect([next.directory.damages, next.directory.isSuspect]).toEqual([[], false])
    }
  })
})

describe("gaps in the newest segment, as a replica copies them from a compacted log", () => {
  const appendBehindGaps = (log: PartitionLog, count: number): void => {
    for (let i = 0; i < count; i++) expect(log.append(makeBatch({ offset: log.appendedEnd + 1 }))).toBe(true)
  }

  /** A log with a gap before each batch, and the scans of its store from here on. */
  async function gappedLog(count: number): Promise<World & { log: PartitionLog; scans: Array<{ from: number; end: number }> }> {
    const world = await start({ tailCacheBytesMax: 0 })
    const log = create(world, { cleanupPolicy: "compact" })
    appendBehindGaps(log, count)
    await world.clock.settle()
    const scans: Array<{ from: number; end: number }> = []
    const scanBatches = world.store.scanBatches.bind(world.store)
    world.store.scanBatches = (logNumber, from, end, visit) => {
      scans.push({ from, end })
      scanBatches(logNumber, from, end, visit)
    }
    return { ...world, log, scans }
  }

  it("cost one count of the segment, and after appends one of what they added", async () => {
    const { clock, log, scans } = await gappedLog(200)
    expect(baseOffsets(await log.read(0, 1e6, 400, true)).length).toBe(200)
    expect(scans).toEqual([{ from: 0, end: 400 }])
    expect((await readAll(log, 0, 500)).length).toBe(200)
    expect(scans.length).toBe(1)
    appendBehindGaps(log, 50)
    await clock.settle()
    expect((await readAll(log)).length).toBe(250)
    expect(scans.slice(1)).toEqual([{ from: 400, end: 500 }])
  })

  it("are told from a batch that is gone, in what was not counted before and in what was added since", async () => {
    const never = await gappedLog(20)
    never.disk.loseBatch("topic", 0, 21)
    await expect(readAll(never.log)).rejects.toThrow(CorruptLogError)
    expect(never.log.fault).toEqual({ offset: 0, endOffset: 1, reason: "missing" })
    const grown = await gappedLog(20)
    expect((await readAll(grown.log)).length).toBe(20)
    appendBehindGaps(grown.log, 20)
    await grown.clock.settle()
    grown.disk.loseBatch("topic", 0, 61)
    expect((await grown.log.read(0, 1e6, 80, true)).chunks.length).toBe(20)
    expect(grown.log.fault).toEqual({ offset: 40, endOffset: 41, reason: "missing" })
  })
})

describe("compaction", () => {
  const compacting = { ...options, compactionDirtyFractionMin: 0 }
  const compact = ({ clock, directory }: World): Promise<void> => during(clock, directory.runCompaction(recordCodecs))

  const write = async ({ clock }: World, log: PartitionLog): Promise<void> => {
    for (let i = 0; i < 60; i++) append(log, { key: `k${i % 9}`, value: `value ${i}` })
    await clock.settle()
    log.setHighWatermark(log.durableEnd)
  }

  const stored = ({ disk }: World): Map<number, Buffer> => {
    const batches = new Map<number, Buffer>()
    disk.image.scanBatches(1, 0, 1_000, (batch, lastOffset) => Boolean(batches.set(lastOffset, Buffer.from(batch))))
    return batches
  }

  it.each([
    ["a value", 8 * 72, "crc"],
    ["a key", 8 * 67, "crc"],
    ["an offset, outside the CRC,", 8 * 7, "order"],
    ["an epoch, outside the CRC,", 8 * 15, "epoch"]
  ])("changes nothing of a log in which %s has rotted, quarantines it, and goes on once it is repaired", async (_, bit, reason) => {
    const world = await start(compacting)
    const log = create(world, { cleanupPolicy: "compact" })
    await write(world, log)
    const good = stored(world).get(15)!
    world.disk.corrupt("topic", 0, 15, bit)
    const before = stored(world)
    const failed: Array<unknown> = []
    const found: Array<LogFault> = []
    world.directory.onCompactionFailed = (...failure) => failed.push(failure)
    world.directory.onCorruption = (_log, fault) => found.push(fault)
    await compact(world)
    expect(stored(world)).toEqual(before)
    expect([log.fault, found, failed]).toEqual([{ offset: 15, endOffset: 16, reason }, [log.fault], []])
    await compact(world)
    expect(await during(world.clock, log.replaceRange(15, 16, good))).toBe(undefined)
    await compact(world)
    expect([log.fault, (await readAll(log)).length < 30]).toEqual([undefined, true])
    await during(world.clock, world.directory.scrubber.run())
    expect(log.fault).toBe(undefined)
  })

  it("leaves rot as it is in what an earlier pass has compacted", async () => {
    const world = await start(compacting)
    const log = create(world, { cleanupPolicy: "compact" })
    await write(world, log)
    await compact(world)
    await write(world, log)
    const rotten = [...stored(world).keys()][3]!
    world.disk.corrupt("topic", 0, rotten, 8 * 72)
    const bytes = stored(world).get(rotten)
    await compact(world)
    expect(log.fault).toMatchObject({ endOffset: rotten + 1, reason: "crc" })
    expect(stored(world).get(rotten)).toEqual(bytes)
  })
})

describe("the scrub", () => {
  it("reads a bounded portion per turn, pauses, and does not look at what compaction left out", async () => {
    const world = await start({ ...options, compactionDirtyFractionMin: 0, scrubBytesPerTurnMax: 500 })
    const log = world.directory.createLog("topic", "topic", 0, { ...logConfigDefaults, cleanupPolicy: "compact" })
    for (let i = 0; i < 300; i++) append(log, { key: `k${i % 50}`, value: `value ${i}` })
    await world.clock.settle()
    log.setHighWatermark(300)
    await during(world.clock, world.directory.runCompaction(recordCodecs))
    expect((await readAll(log)).length).toBeLessThan(80)
    const { scrubber } = world.directory
    await world.clock.advance(24 * 3_600_000)
    const portions: Array<number> = []
    let last = scrubber.bytes
    for (let i = 0; i < 12; i++) {
      await world.clock.advance(100)
      portions.push(scrubber.bytes - last)
      last = scrubber.bytes
    }
    expect(Math.max(...portions)).toBeLessThan(1_000)
    expect(portions.filter((bytes) => bytes > 0).length).toBeGreaterThan(2)
    scrubber.pause()
    await world.clock.advance(24 * 3_600_000)
    expect(scrubber.bytes).toBe(last)
    scrubber.resume()
    for (let i = 0; i < 30; i++) await world.clock.advance(100)
    expect(scrubber.bytes).toBeGreaterThan(last)
    expect(log.fault).toBe(undefined)
  })

  it("writes small records again that rotted, from what is in memory", async () => {
    const world = await damagedLog((disk) => {
      for (const key of disk.recordKeys()) if (/^(state|epochs|descriptor|checkpoint)/.test(key)) disk.corruptRecord(key, 60)
    })
    await during(world.clock, world.directory.scrubber.run())
    await world.clock.settle()
    const next = await restart(world, options)
    expect(next.directory.damages).toEqual([])
    expect((await readAll(next.directory.log("topic", 0)!)).length).toBe(30)
  })
})
