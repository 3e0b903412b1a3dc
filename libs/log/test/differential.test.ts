import { describe, expect, it } from "vitest"
import { LmdbStore, SimulatedDisk, SimulatedStore, type Store, WriteSet } from "../src/index.ts"
import { memoryDirectory, randomOf, realClock } from "./fixtures.ts"

const scripts = 200
const steps = 8
const offsetsMax = 400

interface Pair {
  readonly lmdb: Store
  readonly simulated: Store
}

/** One commit, the same for both: batches of all sizes, removals, and small state. */
function randomSet(next: (bound: number) => number): WriteSet {
  const set = new WriteSet()
  for (let puts = next(20); puts > 0; puts--) {
    const bytes = next(6) === 0 ? next(20_000) : next(300)
    set.putBatch(1 + next(3), next(offsetsMax) * (next(4) === 0 ? 2 ** 33 : 1), Buffer.alloc(1 + bytes, next(256)))
  }
  for (let removes = next(12); removes > 0; removes--) set.removeBatch(1 + next(3), next(offsetsMax))
  for (let puts = next(5); puts > 0; puts--) set.put(`${"ab"[next(2)]!}/${next(9)}`, Buffer.alloc(next(40), next(256)))
  for (let removes = next(3); removes > 0; removes--) set.remove(`${"ab"[next(2)]!}/${next(9)}`)
  set.put("sequence", Buffer.from([next(256)]))
  return set
}

/** All batches of the range, by as many reads as it takes; a store may answer less than would fit. */
async function readThrough(store: Store, logNumber: number, fromOffset: number, endOffset: number, bytesMax: number): Promise<Array<string>> {
  const batches: Array<string> = []
  for (let from = fromOffset; ;) {
    const { bytes, chunks } = await store.readBatches(logNumber, from, endOffset, bytesMax, true)
    if (chunks.length === 0) return batches
    expect(bytes).toBe(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
    if (chunks.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax)
    batches.push(...chunks.map((chunk) => `${chunk.length}:${chunk[0]}`))
    from = store.lastOffsets(logNumber, from, endOffset, chunks.length).at(-1)! + 1
  }
}

async function answers(store: Store, seed: number): Promise<ReadonlyArray<unknown>> {
  const next = randomOf(seed)
  const logNumber = 1 + next(4)
  const from = next(offsetsMax)
  const end = from + next(offsetsMax) * (next(3) === 0 ? 2 ** 33 : 1)
  const scanned: Array<string> = []
  for (const prefix of ["a/", "b/", ""]) store.scan(prefix, (key, value) => scanned.push(`${key}=${value.toString("hex")}`))
  const visited: Array<string> = []
  let visits = 1 + next(30)
  store.scanBatches(logNumber, from, end, (batch, lastOffset) => {
    visited.push(`${lastOffset}:${batch.length}:${batch.at(-1)}`)
    return --visits > 0
  })
  return [
    scanned, visited, store.get(`a/${next(9)}`)?.toString("hex"), store.lastOffsets(logNumber, from, end, next(50)),
    await readThrough(store, logNumber, from, end, 1 + next(30_000))
  ]
}

async function runScript(seed: number): Promise<void> {
  const next = randomOf(seed)
  const path = memoryDirectory()
  const disk = new SimulatedDisk()
  const open = (): Pair => ({
    lmdb: LmdbStore.open(path),
    simulated: SimulatedStore.open(disk, { clock: realClock, hasPendingReads: seed % 2 === 0, isVisibleBeforeDurable: seed % 3 === 0 })
  })
  let stores = open()
  const both = (call: (store: Store) => Promise<void>): Promise<unknown> => Promise.all([call(stores.lmdb), call(stores.simulated)])
  for (let step = 0; step < steps; step++) {
    const setSeed = next(2 ** 31)
    await both((store) => store.commit(randomSet(randomOf(setSeed))))
    if (next(8) === 0) await both((store) => store.reopen())
    if (next(8) === 0) {
      await both((store) => store.close())
      stores = open()
    }
    const readSeed = next(2 ** 31)
    expect(await answers(stores.simulated, readSeed), `seed ${seed}, step ${step}`).toEqual(await answers(stores.lmdb, readSeed))
  }
  await both((store) => store.close())
}

describe("the simulated store", () => {
  it("answers what the store on disk answers, script by script", async () => {
    for (let seed = 1; seed <= scripts; seed++) await runScript(seed)
  }, 120_000)
})
