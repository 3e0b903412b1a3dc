import { recordCodecs } from "@tailrace/codecs"
import { BatchBuilder } from "@tailrace/record"
import { describe, expect, it } from "vitest"
import { ColdReader, type ColdSource } from "../src/internal/ColdReader.ts"
import type { BatchKey } from "../src/internal/lmdbKeys.ts"
import { LmdbStore, logConfigDefaults, type PartitionLog, type StoreRead } from "../src/index.ts"
import { memoryDirectory, openDirectory, realClock } from "./fixtures.ts"

const logNumber = 7

/** One log's batches, and pages that are touched when the test says so. */
class HeldSource implements ColdSource {
  readonly batches = new Map<number, string>()
  readonly #touched: Array<() => void> = []

  getKeys({ end, limit, start }: { start: BatchKey; end: BatchKey; limit: number }): Array<number> {
    return [...this.batches.keys()].toSorted((a, b) => a - b).filter((key) => key >= start.offset && key < end.offset).slice(0, limit)
  }

  *getRange({ end, start }: { start: BatchKey; end: BatchKey }): Iterable<{ key: number; value: Buffer }> {
    for (const key of this.getKeys({ start, end, limit: Infinity })) yield { key, value: Buffer.from(this.batches.get(key)!) }
  }

  prefetch(_keys: unknown, callback: () => void): void {
    this.#touched.push(callback)
  }

  /** The pages of the reads that wait are there. */
  touch(): void {
    for (const callback of this.#touched.splice(0)) callback()
  }
}

describe("a read that waits for the disk", () => {
  const begin = (): { source: HeldSource; reader: ColdReader; read: (from: number, bytesMax: number, atLeastOne?: boolean) => Promise<Array<string>> } => {
    const source = new HeldSource()
    for (let offset = 0; offset < 12; offset++) source.batches.set(offset, `old ${offset}`)
    const reader = new ColdReader()
    const read = async (from: number, bytesMax: number, atLeastOne = true): Promise<Array<string>> => {
      const reading = reader.read(source, () => true, logNumber, from, 12, bytesMax, atLeastOne)
      let found: StoreRead | undefined
      void reading.then((it) => (found = it))
      for (let i = 0; i < 10 && found === undefined; i++) {
        await Promise.resolve().then(() => source.touch())
        await new Promise((resolve) => setImmediate(resolve))
      }
      return (await reading)!.chunks.map(String)
    }
    return { source, reader, read }
  }
  const changed = new Set([logNumber])

  it("answers nothing of a batch that was left over and replaced while it waited", async () => {
    const { reader, read, source } = begin()
    expect(await read(0, 8)).toEqual(["old 0"])
    const reading = reader.read(source, () => true, logNumber, 1, 12, 10, true)
    reader.beginChange(changed)
    source.batches.delete(1)
    source.batches.set(2, "new 2")
    reader.endChange()
    source.touch()
    await new Promise((resolve) => setImmediate(resolve))
    source.touch()
    expect((await reading)!.chunks.map(String)).toEqual(["new 2", "old 3"])
  })

  it("leaves nothing over of what a commit that is on its way replaces", async () => {
    const { reader, read, source } = begin()
    reader.beginChange(changed)
    expect(await read(0, 8)).toEqual(["old 0"])
    source.batches.set(1, "new 1")
    reader.endChange()
    expect(await read(1, 8)).toEqual(["new 1"])
  })

  it("answers something where there is something, though all that it looked up was removed meanwhile", async () => {
    const { reader, source } = begin()
    const reading = reader.read(source, () => true, logNumber, 0, 12, 8, true)
    reader.beginChange(changed)
    for (let offset = 0; offset < 9; offset++) source.batches.delete(offset)
    reader.endChange()
    for (let i = 0; i < 5; i++) {
      source.touch()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect((await reading)!.chunks.map(String)).toEqual(["old 9"])
  })
})

it("what batches are like is not remembered of all logs that there ever were", async () => {
  const source = new HeldSource()
  source.batches.set(0, "batch")
  const lookUps: Array<number> = []
  const getKeys = source.getKeys.bind(source)
  source.getKeys = (range) => {
    if (range.limit !== Infinity) lookUps.push(range.start.logNumber)
    return getKeys(range)
  }
  const reader = new ColdReader()
  const read = async (number: number): Promise<void> => {
    const reading = reader.read(source, () => true, number, 0, 1, 100, true)
    source.touch()
    expect((await reading)!.chunks).toHaveLength(1)
  }
  await read(1)
  await read(1)
  expect(lookUps).toEqual([1])
  for (let number = 2; number < 8_300; number++) await read(number)
  await read(1)
  expect(lookUps.filter((number) => number === 1)).toHaveLength(2)
})

it("what a consumer's read left over does not come back after a compaction, nor into the next one", async () => {
  const store = LmdbStore.open(memoryDirectory())
  const directory = await openDirectory(store, realClock, { segmentBytesMax: 700, compactionDirtyFractionMin: 0, tailCacheBytesMax: 0 })
  const log = directory.createLog("topic", "topic", 0, { ...logConfigDefaults, cleanupPolicy: "compact" })
  const write = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) appendPair(log)
    await log.whenDurable()
    log.setHighWatermark(log.durableEnd)
  }
  await write(20)
  const readBatches = store.readBatches.bind(store)
  // The last read that begins with the first batch before it is rewritten: a consumer with little room comes behind it.
  let reads = 0
  store.readBatches = async (...range) => {
    const read = await readBatches(...range)
    if (range[1] === 0 && ++reads === 2) expect((await readBatches(log.logNumber, 0, 40, 10, false)).chunks).toEqual([])
    return read
  }
  await directory.runCompaction(recordCodecs)
  expect(reads).toBe(2)
  store.readBatches = readBatches
  await write(20)
  await directory.runCompaction(recordCodecs)
  await directory.scrubber.run()
  const { chunks } = await log.read(0, 1, log.durableEnd, true)
  expect([log.fault, chunks[0]!.readInt32BE(57)]).toEqual([undefined, 1])
  await directory.close()
})

/** A batch of a record that stays and one that the next pair supersedes: compaction rewrites it and removes nothing. */
function appendPair(log: PartitionLog): void {
  const builder = new BatchBuilder({ codecs: recordCodecs, baseOffset: log.appendedEnd, leaderEpoch: 0, bytesMax: 1 << 20 })
  for (const key of [`key ${log.appendedEnd}`, "same"]) builder.append({ timestamp: 1_700_000_000_000, key, value: "value" })
  expect(log.append(builder.build({ producerId: -1, producerEpoch: -1, baseSequence: -1 }))).toBe(true)
}
