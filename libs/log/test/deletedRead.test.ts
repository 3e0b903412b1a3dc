import { expect, it } from "vitest"
import { type PartitionLog, SimulatedDisk, SimulatedStore, type StoreRead } from "../src/index.ts"
import { damagedLog } from "./DamagedLog.ts"
import { append, during, ManualClock, openDirectory } from "./fixtures.ts"
import { create, type World } from "./World.ts"

const count = 40

const begin = async (): Promise<{ world: World; log: PartitionLog; found: Array<unknown> }> => {
  const clock = new ManualClock()
  const disk = new SimulatedDisk()
  const store = SimulatedStore.open(disk, { clock, flushMillis: () => 5 })
  const directory = await during(clock, openDirectory(store, clock, { tailCacheBytesMax: 0, reclaimKeysPerCommitMax: 8 }))
  const world = { clock, disk, store, directory }
  const found: Array<unknown> = []
  world.directory.onCorruption = (log, fault) => void found.push([log.topic, fault])
  const log = create(world)
  for (let i = 0; i < count; i++) append(log)
  await during(world.clock, log.whenDurable())
  log.setHighWatermark(count)
  return { world, log, found }
}

/** Reads wait for a disk until they are let go, and find what is there by then. */
const holdReads = (store: SimulatedStore): (() => void) => {
  const held: Array<() => void> = []
  const readBatches = store.readBatches.bind(store)
  store.readBatches = (...range) => new Promise<StoreRead>((resolve) => held.push(() => resolve(readBatches(...range))))
  return () => {
    store.readBatches = readBatches
    for (const letGo of held) letGo()
  }
}

/** Until the first batches are gone, and others are not yet. */
const removeSome = async ({ clock, store }: World, { logNumber }: PartitionLog): Promise<void> => {
  while (store.lastOffsets(logNumber, 0, count, 1)[0] === 0) await clock.advance(1)
  expect(store.lastOffsets(logNumber, 0, count, 1)).toHaveLength(1)
}

it.each(["read", "readVerified"] as const)("what a deletion removed is not taken for damage by a %s that waited for the disk", async (read) => {
  const { world, log, found } = await begin()
  const letGo = holdReads(world.store)
  const reading = Promise.resolve(log[read](0, 1 << 20, count, true))
  world.directory.deleteLog("topic", 0)
  await removeSome(world, log)
  letGo()
  expect(await reading).toEqual({ chunks: [], bytes: 0 })
  await world.clock.advance(1_000)
  expect([found, log.fault, world.directory.isSuspect, world.store.get("fault/00000001")]).toEqual([[], undefined, false, undefined])
})

it("a deleted log answers nothing", async () => {
  const { world, log, found } = await begin()
  world.directory.deleteLog("topic", 0)
  await removeSome(world, log)
  expect([await log.read(0, 1 << 20, count, true), found]).toEqual([{ chunks: [], bytes: 0 }, []])
})

it("nothing is written of a damaged log that is deleted, though its start moves", async () => {
  const { clock, directory, log, store } = await damagedLog((disk) => disk.loseBatch("topic", 0, 10))
  directory.onCorruption = () => {}
  await directory.scrubber.run()
  await clock.advance(1_000)
  expect(store.get("fault/00000001")).toBeDefined()
  directory.deleteLog("topic", 0)
  log.advanceStartOffset(11)
  await clock.advance(1_000)
  const left: Array<string> = []
  for (const prefix of ["log/", "state/", "descriptor/", "fault/", "deleted/"]) store.scan(prefix, (key) => void left.push(key))
  expect(left).toEqual([])
})
