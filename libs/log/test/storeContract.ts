import { expect, it } from "vitest"
import { DirectoryLockedError, type Store, type StoreRead, WriteSet } from "../src/index.ts"

/** What every implementation of `Store` does. `reopen` opens the same directory again after `close`. */
export function storeContract(open: () => { store: Store; openAgain: () => Store }): void {
  const batch = (text: string): Buffer => Buffer.from(text)
  const texts = (read: StoreRead): Array<string> => read.chunks.map((chunk) => chunk.toString())
  const write = (store: Store, fill: (set: WriteSet) => void): Promise<void> => {
    const set = new WriteSet()
    fill(set)
    return store.commit(set)
  }

  it("answers the batch that holds an offset, and those behind it up to the end", async () => {
    const { store } = open()
    const far = 2 ** 40
    await write(store, (set) => {
      set.putBatch(1, 9, batch("0-9"))
      set.putBatch(1, 11, batch("10-11"))
      set.putBatch(1, far, batch("far"))
      set.putBatch(2, 0, batch("other"))
      set.putBatch(256, 5, batch("last"))
    })
    expect(texts(await store.readBatches(1, 0, far + 1, 100, true))).toEqual(["0-9", "10-11", "far"])
    expect(texts(await store.readBatches(1, 9, 12, 100, true))).toEqual(["0-9", "10-11"])
    expect(texts(await store.readBatches(1, 10, 11, 100, true))).toEqual([])
    expect(texts(await store.readBatches(1, 12, far, 100, true))).toEqual([])
    expect(texts(await store.readBatches(256, 0, far, 100, true))).toEqual(["last"])
    expect(store.lastOffsets(1, 0, far + 1, 2)).toEqual([9, 11])
    expect(store.lastOffsets(1, 10, far + 1, 9)).toEqual([11, far])
    const seen: Array<[string, number]> = []
    store.scanBatches(1, 0, far + 1, (found, lastOffset) => seen.push([found.toString(), lastOffset]) < 2)
    expect(seen).toEqual([["0-9", 9], ["10-11", 11]])
    await store.close()
  })

  it("keeps to the limit of bytes, except for the first batch when one is asked for at least", async () => {
    const { store } = open()
    await write(store, (set) => {
      for (let offset = 0; offset < 4; offset++) set.putBatch(7, offset, Buffer.alloc(100, 65 + offset))
    })
    // Reads on, as a consumer does, so that what one read left over is there for the next.
    const offsets: Array<number> = []
    for (let from = 0; from < 4;) {
      const { chunks } = await store.readBatches(7, from, 4, 150, true)
      expect(chunks.length).toBe(1)
      offsets.push(chunks[0]![0]! - 65)
      from++
    }
    expect(offsets).toEqual([0, 1, 2, 3])
    const sizes = async (bytesMax: number, atLeastOne: boolean): Promise<Array<number>> => {
      const read = await store.readBatches(7, 1, 4, bytesMax, atLeastOne)
      return [read.chunks.length, read.bytes]
    }
    expect(await sizes(99, false)).toEqual([0, 0])
    expect(await sizes(99, true)).toEqual([1, 100])
    expect(await sizes(250, false)).toEqual([2, 200])
    expect(await sizes(300, false)).toEqual([3, 300])
    await store.close()
  })

  it("reads a log through whose batches change from small to large, and back", async () => {
    const { store } = open()
    const lengths = Array.from({ length: 400 }, (_, i) => (i < 150 || i >= 200 ? 50 : 9_000))
    let last = -1
    const offsets: Array<number> = []
    await write(store, (set) => {
      for (const [i, length] of lengths.entries()) {
        last += i < 150 || i >= 200 ? 1 : 5_000
        offsets.push(last)
        set.putBatch(3, last, Buffer.alloc(length, i % 256))
      }
    })
    let next = 0
    while (next < lengths.length) {
      const { chunks } = await store.readBatches(3, next === 0 ? 0 : offsets[next - 1]! + 1, last + 1, 2_000, true)
      expect(chunks.length, `at batch ${next}`).toBeGreaterThan(0)
      for (const chunk of chunks) {
        expect([chunk.length, chunk[0]]).toEqual([lengths[next], next % 256])
        next++
      }
    }
    await store.close()
  })

  it("applies the changes of one set in their order", async () => {
    const { store } = open()
    await write(store, (set) => {
      set.putBatch(1, 0, batch("old"))
      set.putBatch(1, 1, batch("gone"))
      set.put("a/1", Buffer.from("1"))
    })
    await write(store, (set) => {
      set.removeBatch(1, 0)
      set.removeBatch(1, 1)
      set.removeBatch(1, 77)
      set.putBatch(1, 0, batch("new"))
      set.put("a/2", Buffer.from("2"))
      set.put("a0", Buffer.from("behind"))
      set.remove("a/1")
      set.remove("never")
    })
    expect(texts(await store.readBatches(1, 0, 10, 100, true))).toEqual(["new"])
    expect([store.get("a/1"), store.get("a/2")?.toString()]).toEqual([undefined, "2"])
    const scanned: Array<string> = []
    store.scan("a/", (key, value) => scanned.push(`${key}=${value.toString()}`))
    expect(scanned).toEqual(["a/2=2"])
    await store.close()
  })

  it("answers what was put in the place of a batch that an earlier read had no room for", async () => {
    const { store } = open()
    await write(store, (set) => {
      for (let offset = 0; offset < 3; offset++) set.putBatch(1, offset, batch(`old ${offset}`))
    })
    expect(texts(await store.readBatches(1, 0, 3, 8, true))).toEqual(["old 0"])
    await write(store, (set) => set.replaceBatch(1, 1, batch("new 1")))
    expect(texts(await store.readBatches(1, 1, 3, 8, true))).toEqual(["new 1"])
    await store.close()
  })

  it("commits large sets as a whole and keeps them over a restart", async () => {
    const { store, openAgain } = open()
    const large = Buffer.alloc(3 << 20, 7)
    await write(store, (set) => {
      for (let offset = 0; offset < 3000; offset++) set.putBatch(1, offset, Buffer.alloc(40, offset % 256))
      set.putBatch(2, 0, large)
      set.put("count", Buffer.from("3000"))
    })
    await store.close()
    const again = openAgain()
    expect(again.lastOffsets(1, 0, 1e6, 1e6).length).toBe(3000)
    expect(again.get("count")?.toString()).toBe("3000")
    const read = await again.readBatches(2, 0, 1, 1, true)
    expect(read.chunks[0]!.equals(large)).toBe(true)
    await again.close()
  })

  it("is opened once at a time", async () => {
    const { store, openAgain } = open()
    expect(openAgain).toThrow(DirectoryLockedError)
    expect(openAgain).toThrow(store.name)
    await store.close()
    await openAgain().close()
  })

  it("reports the room it has", async () => {
    const { store } = open()
    await write(store, (set) => set.putBatch(1, 0, Buffer.alloc(1 << 16)))
    const { freeBytes, totalBytes, reusableBytes } = store.space()
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes)
    expect(freeBytes).toBeGreaterThan(0)
    expect(reusableBytes).toBeLessThan(1 << 20)
    await store.close()
  })

  it("answers what is durable after it was opened again in place", async () => {
    const { store } = open()
    await write(store, (set) => set.putBatch(1, 0, batch("kept")))
    await store.reopen()
    expect(texts(await store.readBatches(1, 0, 10, 100, true))).toEqual(["kept"])
    await write(store, (set) => set.putBatch(1, 1, batch("more")))
    expect(texts(await store.readBatches(1, 0, 10, 100, true))).toEqual(["kept", "more"])
    await store.close()
  })
}
