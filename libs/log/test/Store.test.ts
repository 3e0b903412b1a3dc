import { renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { LmdbStore, SimulatedDisk, SimulatedStore, StoreError, WriteSet } from "../src/index.ts"
import { realClock, temporaryDirectory } from "./fixtures.ts"
import { storeContract } from "./storeContract.ts"

describe("LmdbStore", () => {
  storeContract(() => {
    const path = temporaryDirectory()
    const openAgain = (): LmdbStore => LmdbStore.open(path)
    return { store: openAgain(), openAgain }
  })
})

describe("a LmdbStore that cannot be opened again", () => {
  it("answers every read by an error, and goes on once the disk is back; the process lives", async () => {
    const path = temporaryDirectory()
    const store = LmdbStore.open(path)
    const set = new WriteSet()
    set.putBatch(1, 0, Buffer.from("kept"))
    set.put("a/1", Buffer.from("1"))
    await store.commit(set)
    const file = join(path, "log.mdb")
    renameSync(file, `${file}.away`)
    writeFileSync(file, "not a database")
    const during = [store.reopen(), store.readBatches(1, 0, 9, 99, true)]
    for (const outcome of during) await expect(outcome).rejects.toThrow(StoreError)
    await expect(store.readBatches(1, 0, 9, 99, true)).rejects.toThrow("read failed")
    expect(() => store.get("a/1")).toThrow(StoreError)
    expect(() => store.scanBatches(1, 0, 9, () => true)).toThrow(StoreError)
    expect(store.space().reusableBytes).toBe(0)
    await expect(store.reopen()).rejects.toThrow("open failed")
    renameSync(`${file}.away`, file)
    await store.reopen()
    const { chunks } = await store.readBatches(1, 0, 9, 99, true)
    expect([chunks.map((chunk) => chunk.toString()), store.get("a/1")?.toString()]).toEqual([["kept"], "1"])
    await store.close()
  })
})

describe.each([{ hasPendingReads: false }, { hasPendingReads: true }])("SimulatedStore %o", (options) => {
  storeContract(() => {
    const disk = new SimulatedDisk()
    const openAgain = (): SimulatedStore => SimulatedStore.open(disk, { clock: realClock, ...options })
    return { store: openAgain(), openAgain }
  })
})
