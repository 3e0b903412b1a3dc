import { describe, expect, it } from "vitest"
import { DirectoryDamagedError, logConfigDefaults, SimulatedDisk, SimulatedStore, type SimulatedStoreOptions, StoreError, WriteSet } from "../src/index.ts"
import { append, during, ManualClock, openDirectory, randomOf, readAll } from "./fixtures.ts"
import { create, restart, start } from "./World.ts"

interface Opened {
  readonly clock: ManualClock
  readonly disk: SimulatedDisk
  readonly store: SimulatedStore
}

function openStore(options: Partial<SimulatedStoreOptions> = {}, disk = new SimulatedDisk()): Opened {
  const clock = new ManualClock()
  return { clock, disk, store: SimulatedStore.open(disk, { clock, ...options }) }
}

function put(store: SimulatedStore, offset: number): Promise<void> {
  const set = new WriteSet()
  set.putBatch(1, offset, Buffer.from(`batch ${offset}`))
  return store.commit(set)
}

const offsets = (disk: SimulatedDisk): Array<number> => disk.image.lastOffsets(1, 0, 100, 100)

describe("faults of the simulated disk", () => {
  it("a kill keeps what was flushed, and what was in flight only where it says so", async () => {
    for (const [isPendingWritten, expected] of [[false, [1]], [true, [1, 2]]] as const) {
      const { clock, disk, store } = openStore({ isVisibleBeforeDurable: true })
      await during(clock, put(store, 1))
      store.holdFlushes()
      void put(store, 2)
      expect(store.lastOffsets(1, 0, 9, 9)).toEqual([1, 2])
      store.crash(isPendingWritten)
      expect(offsets(disk)).toEqual(expected)
    }
  })

  it("a lie about flushes costs nothing by a kill, and by a power loss all commits since but the first", async () => {
    for (const [kept, expected] of [[0, [1]], [2, [1, 2, 3]]] as const) {
      const { clock, disk, store } = openStore()
      await during(clock, put(store, 1))
      disk.lie()
      for (const offset of [2, 3, 4]) await during(clock, put(store, offset))
      store.crash()
      expect(offsets(disk)).toEqual([1, 2, 3, 4])
      const next = openStore({}, disk)
      await during(next.clock, put(next.store, 5))
      next.store.losePower(kept)
      expect(offsets(disk)).toEqual(expected)
    }
  })

  it("an honest disk loses nothing with the power, and neither does one that has told the truth again", async () => {
    const { clock, disk, store } = openStore()
    await during(clock, put(store, 1))
    disk.lie()
    await during(clock, put(store, 2))
    disk.tellTheTruth()
    store.losePower()
    expect(offsets(disk)).toEqual([1, 2])
  })

  it("flushes take as long as told, commits and reads fail as told", async () => {
    const { clock, store } = openStore()
    store.slowFlushes(500)
    let isDurable = false
    void put(store, 1).then(() => { isDurable = true })
    await clock.advance(499)
    expect(isDurable).toBe(false)
    await clock.advance(1)
    expect(isDurable).toBe(true)
    store.slowFlushes(undefined)
    store.failCommits(1, 0, "ENOSPC")
    await expect(during(clock, put(store, 2))).rejects.toThrow("simulated: commit failed: ENOSPC")
    await store.reopen()
    store.failReads(1)
    await expect(store.readBatches(1, 0, 9, 99, true)).rejects.toThrow(StoreError)
    expect((await store.readBatches(1, 0, 9, 99, true)).chunks.length).toBe(1)
  })

  it("nothing can be read after a reopen that failed, until one succeeds", async () => {
    for (const hasPendingReads of [false, true]) {
      const { clock, store } = openStore({ hasPendingReads })
      await during(clock, put(store, 1))
      store.failReopens(1)
      await expect(store.reopen()).rejects.toThrow(StoreError)
      const reads = [
        () => store.get("key"), () => store.scan("", () => undefined), () => store.lastOffsets(1, 0, 9, 9), () => store.scanBatches(1, 0, 9, () => true)
      ]
      for (const read of reads) expect(read).toThrow("read failed: the store is closed")
      await expect(during(clock, Promise.resolve(store.readBatches(1, 0, 9, 99, true)))).rejects.toThrow(StoreError)
      await store.reopen()
      for (const read of reads) expect(read).not.toThrow()
      expect((await during(clock, Promise.resolve(store.readBatches(1, 0, 9, 99, true)))).chunks.length).toBe(1)
    }
  })

  it("one bit differs where it rots; copies are not touched, and can be put back", async () => {
    const world = await start()
    append(create(world))
    await world.clock.settle()
    const copy = world.disk.copy()
    const [before] = await readAll(world.directory.log("topic", 0)!)
    world.disk.corrupt("topic", 0, 0, 8 * 70 + 3)
    const bytesOf = (disk: SimulatedDisk): Buffer => disk.image.read(1, 0, 1, 1_000, true).chunks[0]!
    expect(bytesOf(world.disk)[70]! ^ before![70]!).toBe(1 << 3)
    expect(bytesOf(copy).equals(before!)).toBe(true)
    expect(() => world.disk.restore(copy)).toThrow("in use")
    world.store.crash()
    world.disk.restore(copy)
    expect(bytesOf(world.disk).equals(before!)).toBe(true)
    world.disk.truncate()
    expect(() => openStore({}, world.disk)).toThrow(DirectoryDamagedError)
    world.disk.wipe()
    expect((await start({}, world.disk)).directory.startClass).toBe("new")
  })
})

describe("the hashes of operations", () => {
  const run = async (seed: number, spoil: boolean): Promise<ReadonlyArray<string>> => {
    const heard: Array<string> = []
    const next = randomOf(seed)
    const clock = new ManualClock()
    const disk = new SimulatedDisk()
    const store = SimulatedStore.open(disk, { clock, observe: (operation, hash) => heard.push(`${operation} ${hash}`) })
    const directory = await during(clock, openDirectory(store, clock, { tailCacheBytesMax: 0 }))
    // The id is random in each run; all that follows is not.
    heard.length = 0
    const log = directory.createLog("topic", "topic", 0, logConfigDefaults)
    for (let i = 0; i < 20; i++) {
      append(log, { valueBytes: next(500) })
      if (next(3) === 0) await clock.settle()
      if (i % 3 === 2) await during(clock, Promise.resolve(log.read(0, 1_000, log.durableEnd, true)))
      if (spoil && i === 10) disk.corrupt("topic", 0, 0, 8 * 70)
    }
    await clock.settle()
    return heard
  }

  it("are the same for equal runs, and differ with a single bit", async () => {
    const [first, second, other] = [await run(7, false), await run(7, false), await run(7, true)]
    expect(first.length).toBeGreaterThan(15)
    expect(second).toEqual(first)
    expect(other).not.toEqual(first)
    expect(new Set(first.map((line) => line.split(" ")[0]))).toEqual(new Set(["commit", "flush", "readBatches"]))
  })
})

it("a log on a lying disk is what the disk had: shorter, and whole", async () => {
  const world = await start()
  const log = create(world)
  append(log)
  await world.clock.settle()
  world.disk.lie()
  append(log)
  await world.clock.settle()
  expect(log.durableEnd).toBe(2)
  world.store.losePower()
  const next = await restart(world)
  expect([next.directory.damages, next.directory.log("topic", 0)!.durableEnd]).toEqual([[], 1])
})
