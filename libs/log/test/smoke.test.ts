import { expect, it } from "vitest"
import { LmdbStore, logConfigDefaults } from "../src/index.ts"
import { append, baseOffsets, openDirectory, realClock, temporaryDirectory } from "./fixtures.ts"

it("appends, reads back and opens again", async () => {
  const path = temporaryDirectory()
  const directory = await openDirectory(LmdbStore.open(path), realClock)
  expect(directory.startClass).toBe("new")
  const log = directory.createLog("topic-a", "a", 0, logConfigDefaults)
  const durable = new Promise<number>((resolve) => { log.onDurable = resolve })
  for (let i = 0; i < 5; i++) append(log, { records: 2 })
  expect([log.appendedEnd, log.durableEnd]).toEqual([10, 0])
  expect(await durable).toBe(10)
  log.setHighWatermark(10)
  expect(baseOffsets(await log.read(3, 1e6, 10, true))).toEqual([2, 4, 6, 8])
  await directory.close()
  const again = await openDirectory(LmdbStore.open(path), realClock)
  expect(again.startClass).toBe("clean")
  const found = again.log("topic-a", 0)!
  expect([found.startOffset, found.appendedEnd, found.durableEnd, found.highWatermark]).toEqual([0, 10, 10, 10])
  expect(baseOffsets(await found.read(3, 1e6, 10, true))).toEqual([2, 4, 6, 8])
  append(found)
  await again.close()
})
