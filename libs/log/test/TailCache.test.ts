import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { describe, expect, it } from "vitest"
import { LogTail, TailCache } from "../src/internal/TailCache.ts"

setFlagsFromString("--expose-gc")
const collectGarbage = runInNewContext("gc") as () => void

const batchBytes = 1 << 20

/** Pushes batches of a megabyte, each in memory of its own; answers whether that memory is still held. */
function push(cache: TailCache, tail: LogTail, count: number): () => Promise<number> {
  const held = Array.from({ length: count }, (_, i) => {
    const batch = Buffer.alloc(batchBytes)
    cache.push(tail, i, i, batch)
    return new WeakRef(batch.buffer)
  })
  cache.settle()
  return async () => {
    // A reference that was made in this job is alive until its end.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setImmediate(resolve))
      collectGarbage()
    }
    return held.filter((reference) => reference.deref() !== undefined).length
  }
}

it("logs that are gone leave nothing in the cache, though the oldest batch of all stays", async () => {
  const cache = new TailCache(64 * batchBytes)
  const old = new LogTail()
  cache.push(old, 0, 0, Buffer.alloc(1))
  const gone = Array.from({ length: 100 }, () => {
    const tail = new LogTail()
    for (let i = 0; i < 100; i++) cache.push(tail, i, i, Buffer.from("batch"))
    cache.clear(tail)
    cache.settle()
    return new WeakRef(tail)
  })
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  expect(gone.filter((tail) => tail.deref() !== undefined).length).toBeLessThan(20)
  old.durableEnd = 1
  expect(cache.read(old, 0, 1, 1, true).chunks).toHaveLength(1)
})

describe("batches that the tail cache dropped give their memory back", () => {
  it.each([
    ["a log that was cleared", (cache: TailCache, tail: LogTail) => cache.clear(tail), 0],
    ["a log that was cut off", (cache: TailCache, tail: LogTail) => cache.truncate(tail, 3), 3],
    ["a cache that is full", (cache: TailCache, tail: LogTail) => {
      tail.durableEnd = 10
      cache.evict()
    }, 4]
  ])("%s", async (_, drop, expected) => {
    const cache = new TailCache(4.5 * batchBytes)
    const tail = new LogTail()
    const held = push(cache, tail, 10)
    expect(await held()).toBe(10)
    drop(cache, tail)
    expect(await held()).toBe(expected)
    expect(Math.round(cache.usedBytes / batchBytes)).toBe(expected)
  })
})

it("knows the bytes between two offsets, whatever was dropped in front of them or cut off behind", () => {
  const cache = new TailCache(1 << 20)
  const tail = new LogTail()
  for (let i = 0; i < 10; i++) cache.push(tail, 2 * i, 2 * i + 1, Buffer.alloc(100 + i))
  const read = (from: number, end: number) => cache.read(tail, from, end, Infinity, false).bytes
  const expectSame = () => {
    for (let from = tail.firstOffset; from <= 22; from++) for (let end = from; end <= 22; end++) expect(cache.bytesBetween(tail, from, end)).toBe(read(from, end))
  }
  expectSame()
  expect(cache.bytesBetween(tail, 0, 20)).toBe(1_045)
  cache.truncate(tail, 14)
  cache.push(tail, 14, 21, Buffer.alloc(50))
  expectSame()
  expect(cache.bytesBetween(tail, 12, 22)).toBe(156)
  cache.clear(tail)
  cache.push(tail, 14, 21, Buffer.alloc(7))
  expectSame()
})
