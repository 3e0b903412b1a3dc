import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { checkLmdbFile } from "../src/internal/checkLmdbFile.ts"
import { DirectoryDamagedError, LmdbStore, WriteSet } from "../src/index.ts"
import { memoryDirectory, openDirectory, randomOf, realClock } from "./fixtures.ts"

const child = fileURLToPath(new URL("rottenFile.child.ts", import.meta.url))
const pageBytes = 4096
const childrenAtATime = 20

function run(command: string, paths: ReadonlyArray<string>): string {
  const { signal, status, stderr, stdout } = spawnSync(process.execPath, [child, command, ...paths], { encoding: "utf8" })
  expect([status, signal], `the process ended while it worked on one of ${paths.join(" ")}: ${stderr}`).toEqual([0, null])
  return stdout
}

/** One to three bits; most of them in a page of a tree or a meta page, and there often in its first bytes. */
function rot(file: Buffer, next: (bound: number) => number): void {
  const isOfTree = (page: number): boolean => [1, 2, 8].includes(file.readUInt16LE(page * pageBytes + 18))
  const pages = Array.from({ length: file.length / pageBytes }, (_, page) => page).filter(isOfTree)
  for (let bits = 1 + next(3); bits > 0; bits--) {
    const inPage = pages[next(pages.length)]! * pageBytes + next(next(2) === 0 ? 100 : pageBytes)
    file[next(4) === 0 ? next(file.length) : inPage]! ^= 1 << next(8)
  }
}

/** What came of opening each of the files in a process of its own. */
function outcomes(template: string, spoil: (file: Buffer, next: (bound: number) => number) => Buffer, seeds: number): Map<string, number> {
  const directory = memoryDirectory()
  const good = readFileSync(join(template, "log.mdb"))
  const paths = Array.from({ length: seeds }, (_, i) => {
    const path = join(directory, `seed-${i + 1}`)
    cpSync(template, path, { recursive: true })
    writeFileSync(join(path, "log.mdb"), spoil(Buffer.from(good), randomOf(i + 1)))
    return path
  })
  const counts = new Map<string, number>()
  for (let i = 0; i < paths.length; i += childrenAtATime) {
    for (const line of run("open", paths.slice(i, i + childrenAtATime)).trim().split("\n")) {
      const { outcome, path } = JSON.parse(line) as { outcome: string; path: string }
      expect(outcome, path).not.toContain("failed")
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1)
    }
  }
  return counts
}

describe("the file of a closed directory", () => {
  let template = ""
  let remove = (): void => {}
  afterAll(() => remove())
  beforeAll(() => {
    template = join(memoryDirectory((end) => void (remove = end)), "template")
    mkdirSync(template)
    run("make", [template])
  })

  it("with bits flipped is refused, or serves what is good and knows what is not; no process ends", () => {
    const counts = outcomes(template, (file, next) => {
      rot(file, next)
      return file
    }, 80)
    expect(counts.get("refused")).toBeGreaterThan(8)
    expect(counts.get("suspect")).toBeGreaterThan(10)
  }, 120_000)

  it("that lost its tail is refused", () => {
    const counts = outcomes(template, (file, next) => file.subarray(0, 1 + next(file.length - 1)), 20)
    expect([...counts]).toEqual([["refused", 20]])
  }, 60_000)

  it("of an older copy opens, and shows by its numbers that it is old", async () => {
    const path = join(memoryDirectory(), "data")
    cpSync(template, path, { recursive: true })
    const before = await openDirectory(LmdbStore.open(path), realClock)
    await before.setBrokerEpoch(3)
    await before.close()
    const copy = `${path}-copy`
    cpSync(path, copy, { recursive: true })
    const directory = await openDirectory(LmdbStore.open(path), realClock)
    await directory.setBrokerEpoch(4)
    const { commitSequence, directoryId } = directory
    await directory.close()
    cpSync(copy, path, { recursive: true })
    const old = await openDirectory(LmdbStore.open(path), realClock)
    expect([old.directoryId, old.startClass, old.brokerEpoch]).toEqual([directoryId, "clean", 3])
    expect(old.commitSequence).toBeLessThan(commitSequence)
    await old.close()
    cpSync(template, path, { recursive: true })
  })
})

describe("the check of a file", () => {
  it("finds nothing wrong with what LMDB writes, and an end that was never written is none", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const next = randomOf(seed)
      const path = memoryDirectory()
      let store = LmdbStore.open(path)
      const starts = [0, 0, 0]
      const ends = [0, 0, 0]
      for (let commits = 0; commits < 60; commits++) {
        const set = new WriteSet()
        for (let puts = next(50); puts > 0; puts--) {
          const log = next(3)
          set.putBatch(log + 1, ends[log]!++, Buffer.alloc(next(8) === 0 ? next(seed * 40_000) : 20 + next(2_400), 1))
        }
        // Others take the place of what is there, shorter and longer.
        for (let puts = next(5); puts > 0; puts--) {
          const log = next(3)
          if (starts[log]! < ends[log]!) set.putBatch(log + 1, starts[log]! + next(ends[log]! - starts[log]!), Buffer.alloc(1 + next(20_000), 2))
        }
        for (let removes = next(commits < 40 ? 30 : 70); removes > 0; removes--) {
          const log = next(3)
          if (starts[log]! < ends[log]!) set.removeBatch(log + 1, starts[log]!++)
        }
        set.put(`state/${next(30)}`, Buffer.alloc(next(200)))
        await store.commit(set)
        expect(checkLmdbFile(join(path, "log.mdb"), 2 ** 30), `seed ${seed}, commit ${commits}`).toBe(undefined)
        if (next(20) > 0) continue
        await store.close()
        store = LmdbStore.open(path)
      }
      await store.close()
    }
  }, 60_000)

  it("is bounded: what lies behind the bound is not read", async () => {
    const path = memoryDirectory()
    const store = LmdbStore.open(path)
    const set = new WriteSet()
    set.put("first", Buffer.from("1"))
    for (let offset = 0; offset < 4_000; offset++) set.putBatch(1, offset, Buffer.alloc(1_000, 1))
    await store.commit(set)
    await store.close()
    const file = readFileSync(join(path, "log.mdb"))
    // The last leaf of the tree is the last page that was written.
    for (let page = file.length - pageBytes; ; page -= pageBytes) {
      if (file.readUInt16LE(page + 18) !== 2) continue
      file[page + 22]! ^= 4
      break
    }
    writeFileSync(join(path, "log.mdb"), file)
    expect(checkLmdbFile(join(path, "log.mdb"), 100_000)).toBe(undefined)
    expect(checkLmdbFile(join(path, "log.mdb"), 2 ** 30)).toContain("page")
    expect(() => LmdbStore.open(path)).toThrow(DirectoryDamagedError)
  })
})
