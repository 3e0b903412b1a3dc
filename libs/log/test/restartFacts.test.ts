import { cpSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import {
  type LogDirectory, DirectoryLockedError, LmdbStore, logConfigDefaults, metadataDirectoryOptions, SimulatedDisk, SimulatedStore
} from "../src/index.ts"
import { append, during, makeBatch, ManualClock, memoryDirectory, openDirectory, realClock, settled, temporaryDirectory } from "./fixtures.ts"
import { create, restart, start } from "./World.ts"

/** A directory on either store that can be closed, copied and put back. */
interface Place {
  open(): Promise<LogDirectory>
  close(directory: LogDirectory): Promise<unknown>
  copy(): Place
  restore(copy: Place): void
  wipe(): void
}

function simulatedPlace(disk = new SimulatedDisk()): Place & { disk: SimulatedDisk } {
  const clock = new ManualClock()
  return {
    disk,
    open: () => during(clock, openDirectory(SimulatedStore.open(disk, { clock }), clock)),
    close: (directory) => during(clock, directory.close()),
    copy: () => simulatedPlace(disk.copy()),
    restore: (copy) => disk.restore((copy as unknown as { disk: SimulatedDisk }).disk),
    wipe: () => disk.wipe()
  }
}

let places = 0

function lmdbPlace(path = join(memoryDirectory(), "data"), root = join(path, "..")): Place & { path: string } {
  let at = path
  return {
    get path() {
      return at
    },
    open: () => openDirectory(LmdbStore.open(at), realClock),
    close: (directory) => directory.close(),
    copy: () => {
      const copy = join(root, `copy-${++places}`)
      cpSync(at, copy, { recursive: true })
      return lmdbPlace(copy, root)
    },
    restore: (copy) => cpSync((copy as unknown as { path: string }).path, at, { recursive: true }),
    wipe: () => {
      at = join(root, `new-${++places}`)
    }
  }
}

describe.each([["simulated", simulatedPlace], ["LMDB", lmdbPlace]] as const)("what a directory knows of itself (%s)", (_, placeOf) => {
  it("shows a copy that was put back by its older epoch and commit, a new directory by its id, a second one by the same id", async () => {
    const place: Place = placeOf()
    const first = await place.open()
    const epoch = first.setBrokerEpoch(5)
    await settled(first, epoch, place.close)
    const [copy, backup] = [place.copy(), place.copy()]
    const second = await place.open()
    const log = second.createLog("topic", "topic", 0, logConfigDefaults)
    append(log)
    await settled(second, second.setBrokerEpoch(6), place.close)
    const newest = second.commitSequence

    const twin = await copy.open()
    expect([twin.directoryId, twin.brokerEpoch, twin.startClass]).toEqual([first.directoryId, 5, "clean"])
    await copy.close(twin)
    const again = await place.open()
    expect([again.directoryId, again.brokerEpoch, again.startClass, again.isSuspect]).toEqual([first.directoryId, 6, "clean", false])
    expect(again.foundCommitSequence).toBe(newest)
    await place.close(again)

    place.restore(backup)
    const old = await place.open()
    expect([old.directoryId, old.brokerEpoch]).toEqual([first.directoryId, 5])
    expect(old.foundCommitSequence, "older than what was heartbeated").toBeLessThan(newest)
    await place.close(old)

    place.wipe()
    const empty = await place.open()
    expect([empty.startClass, empty.foundCommitSequence, empty.brokerEpoch, empty.directoryId === first.directoryId]).toEqual(["new", 0, -1, false])
    await place.close(empty)
  })
})

describe("a directory whose commit failed", () => {
  it("is suspect until the controller has granted an epoch since, over restarts too", async () => {
    const world = await start({ repairMillis: 10 })
    append(create(world))
    world.store.failCommits(1)
    for (let i = 0; i < 5; i++) await world.clock.advance(10)
    expect([world.directory.writeGate.isOpen, world.directory.isSuspect]).toEqual([true, true])
    await during(world.clock, world.directory.close())
    const next = await start({}, world.disk)
    expect([next.directory.startClass, next.directory.isSuspect]).toEqual(["clean", true])
    await during(next.clock, next.directory.setBrokerEpoch(9))
    expect(next.directory.isSuspect).toBe(false)
    const last = await restart(next)
    expect([last.directory.startClass, last.directory.isSuspect, last.directory.brokerEpoch]).toEqual(["unclean", false, 9])
  })

  it("stays suspect where the epoch was asked for before it failed", async () => {
    const world = await start({ repairMillis: 10 })
    append(create(world))
    await world.clock.settle()
    const told = world.directory.doubts
    world.store.failCommits(1)
    append(world.directory.log("topic", 0)!)
    for (let i = 0; i < 5; i++) await world.clock.advance(10)
    await during(world.clock, world.directory.setBrokerEpoch(9, told))
    const next = await restart(world)
    expect([world.directory.isSuspect, next.directory.isSuspect, next.directory.brokerEpoch]).toEqual([true, true, 9])
  })
})

describe("two directories of one node", () => {
  it("lie one in the other, each with its own lock, commits and reserve", async () => {
    const path = temporaryDirectory()
    const data = await openDirectory(LmdbStore.open(path), realClock)
    const metadata = await openDirectory(LmdbStore.open(join(path, "metadata")), realClock, metadataDirectoryOptions)
    expect(() => LmdbStore.open(path)).toThrow(DirectoryLockedError)
    expect(() => LmdbStore.open(join(path, "metadata"))).toThrow(DirectoryLockedError)
    const before = metadata.commitSequence
    const log = data.createLog("topic", "topic", 0, logConfigDefaults)
    append(log)
    await log.whenDurable()
    expect([metadata.commitSequence, metadata.directoryId === data.directoryId]).toEqual([before, false])
    await data.close()
    const raft = metadata.createLog("metadata", "metadata", 0, logConfigDefaults)
    append(raft)
    await raft.whenDurable()
    await metadata.close()
    const again = await openDirectory(LmdbStore.open(join(path, "metadata")), realClock, metadataDirectoryOptions)
    expect([again.startClass, [...again.logs()].map((it) => it.durableEnd)]).toEqual(["clean", [1]])
    await again.close()
  })

  it("share a disk on which the metadata is writable after the data has stopped", async () => {
    const freeBytes = 100 * 1024 * 1024
    const [data, metadata] = await Promise.all([{}, metadataDirectoryOptions].map(async (options, i) => {
      const world = await start(options, new SimulatedDisk(`disk ${i}`, 10 * 1024 * 1024 * 1024))
      const { space } = world.store
      world.store.space = () => ({ ...space.call(world.store), freeBytes })
      const log = create(world)
      await world.clock.advance(1_000)
      return { world, log }
    }))
    expect([data!.world.directory.writeGate.reason, metadata!.world.directory.writeGate.reason]).toEqual(["space", undefined])
    expect([data!.log.append(makeBatch()), metadata!.log.append(makeBatch())]).toEqual([false, true])
  })
})
