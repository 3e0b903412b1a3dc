import { describe, expect, it } from "vitest"
import { logConfigDefaults, SimulatedDisk, SimulatedStore } from "../src/index.ts"
import { append, during, makeBatch, ManualClock, openDirectory, readAll } from "./fixtures.ts"
import { create, restart, start } from "./World.ts"

describe("a directory", () => {
  it("is clean after a close, unclean after anything else, even if nothing was appended", async () => {
    const world = await start()
    expect(world.directory.startClass).toBe("new")
    const log = create(world)
    append(log, { producerId: 4, sequence: 0 })
    log.setHighWatermark(1)
    await during(world.clock, world.directory.setBrokerEpoch(17))
    await during(world.clock, world.directory.close())
    const clean = await start({}, world.disk)
    expect([clean.directory.startClass, clean.directory.directoryId, clean.directory.brokerEpoch])
      .toEqual(["clean", world.directory.directoryId, 17])
    const unclean = await restart(clean)
    expect(unclean.directory.startClass).toBe("unclean")
    const found = unclean.directory.log("topic", 0)!
    expect([found.durableEnd, found.highWatermark, found.producers.check(4, 0, 0, 0).kind]).toEqual([1, 1, "duplicate"])
  })

  it("opens without reading batches after a close, and reads at most a segment per log otherwise", async () => {
    const world = await start({ segmentBytesMax: 1_000 })
    const log = create(world)
    for (let i = 0; i < 200; i++) append(log, { valueBytes: 50 })
    await during(world.clock, world.directory.close())
    const scanned = async (): Promise<[number, SimulatedStore]> => {
      let batches = 0
      const clock = new ManualClock()
      const store = SimulatedStore.open(world.disk, { clock })
      const scan = store.scanBatches.bind(store)
      store.scanBatches = (logNumber, from, end, visit) => scan(logNumber, from, end, (batch, last) => {
        batches++
        return visit(batch, last)
      })
      const directory = await during(clock, openDirectory(store, clock, { segmentBytesMax: 1_000 }))
      expect(directory.log("topic", 0)!.durableEnd).toBe(200)
      return [batches, store]
    }
    const [clean, store] = await scanned()
    expect(clean).toBe(0)
    store.crash()
    const [unclean] = await scanned()
    expect(unclean).toBeLessThanOrEqual(8)
  })

  it("of another format, or with a damaged record of its own, is refused and unchanged", async () => {
    const world = await start()
    create(world)
    await world.clock.settle()
    world.store.crash()
    const flip = (key: string, at: number): void => { world.disk.image.get(key)![at]! ^= 1 }
    flip("log/00000001", 12)
    await expect(start({}, world.disk)).rejects.toThrow("its record log/00000001 is damaged")
    flip("log/00000001", 12)
    world.disk.isInUse = false
    flip("identity", 6)
    await expect(start({}, world.disk)).rejects.toThrow("its identity is damaged")
  })

  it("never gives a log number twice, and removes the batches of deleted logs in portions", async () => {
    const world = await start({ reclaimKeysPerCommitMax: 2 })
    const log = create(world)
    const old = log.logNumber
    for (let i = 0; i < 7; i++) append(log)
    await world.clock.settle()
    world.directory.deleteLog("topic", 0)
    const again = create(world)
    append(again, { valueBytes: 33 })
    expect([again.logNumber > old, again.appendedEnd, log.append(makeBatch({ offset: 7 }))]).toEqual([true, 1, false])
    await world.clock.settle()
    expect(world.disk.image.lastOffsets(old, 0, 100, 100)).toEqual([])
    expect(world.disk.image.lastOffsets(again.logNumber, 0, 100, 100)).toEqual([0])
    expect(world.disk.image.get(`deleted/0000000${old}`)).toBe(undefined)
  })

  it("removes the last batch of a log, too, that is deleted while what retention left of it is being removed", async () => {
    const world = await start({ segmentBytesMax: 300 })
    const log = create(world)
    for (let i = 0; i < 10; i++) append(log)
    await world.clock.settle()
    log.setHighWatermark(10)
    world.store.holdFlushes()
    log.advanceStartOffset(8)
    await world.clock.settle()
    append(log)
    world.directory.deleteLog("topic", 0)
    world.store.releaseFlushes()
    await world.clock.settle()
    expect(world.disk.image.lastOffsets(log.logNumber, 0, 100, 100)).toEqual([])
    expect(world.disk.recordKeys().filter((key) => key.startsWith("deleted/"))).toEqual([])
  })

  it("removes what many logs have left behind together, without a flush for each", async () => {
    const world = await start()
    const logs = Array.from({ length: 100 }, (_, i) => world.directory.createLog("topic", "topic", i, logConfigDefaults))
    for (const log of logs) append(log)
    await world.clock.settle()
    const before = world.store.flushCount
    for (const { partition } of logs) world.directory.deleteLog("topic", partition)
    await world.clock.settle()
    expect(world.disk.image.bytes).toBe(0)
    expect(world.disk.recordKeys().filter((key) => key.startsWith("deleted/"))).toEqual([])
    expect(world.store.flushCount - before).toBeLessThan(5)
  })

  it("goes on removing the batches of a deleted log after a crash", async () => {
    const world = await start({ reclaimKeysPerCommitMax: 1 })
    const log = create(world)
    for (let i = 0; i < 5; i++) append(log)
    await world.clock.settle()
    world.store.holdFlushes()
    world.directory.deleteLog("topic", 0)
    await world.clock.settle()
    world.store.crash(true)
    expect(world.disk.image.lastOffsets(log.logNumber, 0, 100, 100).length).toBe(5)
    const next = await start({}, world.disk)
    await next.clock.settle()
    expect(next.disk.image.lastOffsets(log.logNumber, 0, 100, 100)).toEqual([])
    expect([...next.directory.logs()]).toEqual([])
  })

  it("that cannot be opened leaves nothing open: no lock and no attempt to repair", async () => {
    const disk = new SimulatedDisk()
    const clock = new ManualClock()
    const store = SimulatedStore.open(disk, { clock })
    store.failCommits(1)
    await expect(during(clock, openDirectory(store, clock, { repairMillis: 10 }))).rejects.toThrow("commit failed")
    const flushes = store.flushCount
    for (let i = 0; i < 10; i++) await clock.advance(10)
    expect([disk.isInUse, store.flushCount]).toEqual([false, flushes])
    await start({}, disk)
  })

  it("can be closed while an attempt to repair it is under way that fails", async () => {
    const world = await start({ repairMillis: 10 })
    const { clock, directory, store } = world
    append(create(world))
    directory.writeGate.onChange(() => store.holdFlushes())
    store.failCommits(2)
    await clock.settle()
    expect([directory.writeGate.reason, store.hasPendingCommit]).toEqual(["failed", true])
    const closing = directory.close()
    store.releaseFlushes()
    expect(await during(clock, closing)).toBe("unclean")
  })

  it("can be closed just before a commit fails: nobody repairs what failed, and the end is unclean", async () => {
    const world = await start()
    const { clock, directory, store } = world
    append(create(world))
    let closing: Promise<string> | undefined
    const commit = store.commit.bind(store)
    store.commit = (set) => {
      const committed = commit(set)
      // Hears of the failure before the commit loop does.
      committed.catch(() => { closing ??= directory.close() })
      return committed
    }
    store.failCommits(1)
    await clock.settle()
    expect(await during(clock, closing!)).toBe("unclean")
    expect(world.disk.isInUse).toBe(false)
    expect((await start({}, world.disk)).directory.startClass).toBe("unclean")
  })

  it("opens the gate also when commits that failed were written all the same, that of a repair too", async () => {
    const world = await start({ repairMillis: 10 })
    const log = create(world)
    append(log)
    await world.clock.settle()
    world.store.failCommits(3, 3)
    append(log)
    for (let i = 0; i < 10; i++) await world.clock.advance(10)
    expect([world.directory.writeGate.reason, log.durableEnd]).toEqual([undefined, 2])
  })

  it("is opened again no more often than in each pause where the disk takes the commit of a repair and nothing else", async () => {
    const world = await start({ repairMillis: 10 }, new SimulatedDisk("small", 10_000_000))
    const { clock, directory, disk } = world
    const log = create(world)
    append(log)
    await clock.settle()
    disk.capacityBytes = disk.image.bytes + 1_000
    let failures = 0
    directory.writeGate.onChange(() => {
      if (directory.writeGate.reason === "failed") failures++
    })
    const written: Array<number> = []
    for (let i = 0; i < 5; i++) {
      for (let attempts = 0; attempts < 10; attempts++) {
        log.append(makeBatch({ offset: log.appendedEnd, valueBytes: 2_000 }))
        await clock.settle()
      }
      written.push(failures)
      await clock.advance(10)
    }
    // The first repair begins at once, and so does the write behind it.
    expect(written).toEqual([2, 3, 4, 5, 6])
  })

  it("closes the gate while the disk is nearly full, and opens it when there is room", async () => {
    const world = await start({}, new SimulatedDisk("small", 10_000_000))
    const log = create(world)
    while (log.append(makeBatch({ offset: log.appendedEnd, valueBytes: 100_000 }))) await world.clock.settle()
    expect([world.directory.writeGate.reason, log.durableEnd]).toEqual(["space", log.appendedEnd])
    expect(world.disk.image.bytes).toBeGreaterThan(9_000_000)
    expect(world.disk.image.bytes).toBeLessThan(9_900_000)
    log.setHighWatermark(log.durableEnd)
    expect((await readAll(log)).length).toBe(log.durableEnd)
    const vital = world.directory.createLog("metadata", "metadata", 0, log.config)
    expect(vital.append(makeBatch({ offset: 0 }))).toBe(false)
    vital.isVital = true
    append(vital)
    await world.clock.settle()
    expect([vital.durableEnd, world.directory.writeGate.reason]).toEqual([vital.appendedEnd, "space"])
    world.disk.capacityBytes = 20_000_000
    await world.clock.advance(1_000)
    expect(world.directory.writeGate.isOpen).toBe(true)
    append(log)
  })

  it("that is repaired on a nearly full disk takes what is vital at once, and the rest when there is room", async () => {
    const world = await start({ repairMillis: 10 }, new SimulatedDisk("small", 20_000_000))
    const vital = world.directory.createLog("metadata", "metadata", 0, logConfigDefaults)
    vital.isVital = true
    const log = create(world)
    append(log, { valueBytes: 1_000_000 })
    await world.clock.settle()
    expect(world.directory.writeGate.isOpen).toBe(true)
    const reasons: Array<string | undefined> = []
    world.directory.writeGate.onChange(() => reasons.push(world.directory.writeGate.reason))
    append(log, { valueBytes: 600_000 })
    // Others fill the disk before what was accepted is written.
    world.disk.capacityBytes = world.disk.image.bytes + 20_000
    await world.clock.settle()
    for (let i = 0; i < 3; i++) await world.clock.advance(10)
    expect(reasons).toEqual(["failed", "space"])
    expect(log.append(makeBatch({ offset: log.appendedEnd }))).toBe(false)
    append(vital)
    await world.clock.settle()
    expect(vital.durableEnd).toBe(1)
    world.disk.capacityBytes = 20_000_000
    await world.clock.advance(1_000)
    expect(world.directory.writeGate.isOpen).toBe(true)
    append(log)
  })
})
