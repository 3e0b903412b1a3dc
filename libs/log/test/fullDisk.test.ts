import { execFileSync } from "node:child_process"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished, describe, expect, it } from "vitest"
import { LmdbStore, logConfigDefaults, type LogDirectory, WriteSet } from "../src/index.ts"
import { append, baseOffsets, openDirectory, realClock, temporaryDirectory } from "./fixtures.ts"

/** A small file system of its own, or why there is none. */
function mountSmall(path: string): string | undefined {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m", "tmpfs", path], { stdio: "pipe" })
    return undefined
  } catch (error) {
    return `cannot mount a tmpfs: ${(error as Error).message.split("\n")[0]}`
  }
}

function smallDisk(skip: (reason: string) => never): string {
  const path = temporaryDirectory()
  const problem = mountSmall(path)
  if (problem !== undefined) skip(problem)
  onTestFinished(() => void execFileSync("umount", ["-l", path]))
  return path
}

const gateIs = (directory: LogDirectory, isOpen: boolean): Promise<void> =>
  new Promise((resolve) => {
    if (directory.writeGate.isOpen === isOpen) return resolve()
    const stop = directory.writeGate.onChange(() => {
      if (directory.writeGate.isOpen !== isOpen) return
      stop()
      resolve()
    })
  })

describe("on a small disk", () => {
  it("stops taking appends before the disk is full, and goes on when there is room again", async ({ skip }) => {
    const path = smallDisk(skip)
    const directory = await openDirectory(LmdbStore.open(join(path, "data")), realClock, { spaceProbeMillis: 20 })
    const log = directory.createLog("a", "a", 0, logConfigDefaults)
    const filler = join(path, "filler")
    writeFileSync(filler, Buffer.alloc(8 << 20))
    for (let i = 0; directory.writeGate.isOpen && i < 1000; i++) {
      const durable = new Promise<void>((resolve) => { log.onDurable = () => resolve() })
      try {
        append(log, { valueBytes: 100_000 })
      } catch {
        break
      }
      await durable
    }
    expect(directory.writeGate.reason).toBe("space")
    expect(log.appendedEnd).toBeGreaterThan(100)
    expect(baseOffsets(await log.read(0, 1, log.durableEnd, true))).toEqual([0])
    rmSync(filler)
    await gateIs(directory, true)
    append(log, { valueBytes: 100_000 })
    const end = log.appendedEnd
    await directory.close()
    const again = await openDirectory(LmdbStore.open(join(path, "data")), realClock)
    expect([again.startClass, again.log("a", 0)!.durableEnd]).toEqual(["clean", end])
    await again.close()
  })

  it("loses nothing that was reported when a commit fails for lack of space, and lives on", async ({ skip }) => {
    const path = smallDisk(skip)
    const directory = await openDirectory(LmdbStore.open(join(path, "data")), realClock, { reserveFraction: 0, repairMillis: 20 })
    const log = directory.createLog("a", "a", 0, logConfigDefaults)
    let durableEnd = 0
    let failures = 0
    await new Promise<void>((resolve) => {
      log.onDurable = (end) => resolve(void (durableEnd = end))
      append(log, { valueBytes: 1_000_000, producerId: 7, sequence: 0 })
    })
    log.onFailed = () => { failures++ }
    const filler = join(path, "filler")
    const closed = gateIs(directory, false)
    for (let i = 1; i < 16; i++) append(log, { valueBytes: 1_000_000, producerId: 7, sequence: i })
    // Somebody else takes the room that was there when the appends were accepted.
    writeFileSync(filler, Buffer.alloc(12 << 20))
    expect(log.appendedEnd).toBe(16)
    await closed
    expect(durableEnd).toBe(1)
    expect([failures, directory.writeGate.reason, log.appendedEnd]).toEqual([1, "failed", durableEnd])
    rmSync(filler)
    await gateIs(directory, true)
    expect([log.appendedEnd, log.durableEnd]).toEqual([durableEnd, durableEnd])
    expect(log.producers.check(7, 0, durableEnd, durableEnd).kind).toBe("append")
    append(log, { valueBytes: 1_000_000, producerId: 7, sequence: durableEnd })
    const end = log.appendedEnd
    await directory.close()
    const again = await openDirectory(LmdbStore.open(join(path, "data")), realClock)
    expect([again.startClass, again.log("a", 0)!.durableEnd]).toEqual(["clean", end])
    await again.close()
  })

  it("never asks lmdb for a page that the disk has no room for", async ({ skip }) => {
    const path = smallDisk(skip)
    const store = LmdbStore.open(join(path, "data"))
    const put = (bytes: number): Promise<void> => {
      const set = new WriteSet()
      set.putBatch(1, 0, Buffer.alloc(bytes, 1))
      return store.commit(set)
    }
    await put(1_000)
    const filler = join(path, "filler")
    const { freeBytes } = store.space()
    writeFileSync(filler, Buffer.alloc(freeBytes - 100_000))
    await expect(put(200_000)).rejects.toThrow("no space left on device")
    await expect(put(1)).rejects.toThrow("no space left on device")
    // Nothing is wrong with the database: it stays open, since to check and open it takes long, again and again, until there is room.
    await expect(store.reopen()).rejects.toThrow("no space left on device")
    expect((await store.readBatches(1, 0, 1, 2_000, true)).bytes).toBe(1_000)
    rmSync(filler)
    await store.reopen()
    await put(200_000)
    await store.close()
  })
})
