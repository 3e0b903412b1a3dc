import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { plantedBugs } from "../../src/sim/bugs/plantedBugs.ts"
import { SeedPool } from "../../src/sim/runner/SeedPool.ts"

const root = new URL("../../../../", import.meta.url)
const timeoutMillis = 300_000

/** Looked for in every run of the tests; the others by `npm run sim -- --check-bugs`. */
const looked: ReadonlyArray<string> = ["follower acknowledges before its flush", "duplicate acknowledged early", "wiped voter votes"]

describe("planted bugs", () => {
  it("are at least twenty, each with a name of its own, and the documentation names them", () => {
    const names = plantedBugs.map(({ name }) => name)
    expect(names.length).toBeGreaterThanOrEqual(20)
    expect(new Set(names).size).toBe(names.length)
    const documentation = readFileSync(new URL("libs/testkit/SIMULATOR.md", root), "utf8")
    expect(names.filter((name) => !documentation.includes(`| ${name} |`))).toEqual([])
  })

  it.each(plantedBugs)("$name: its source is there", ({ edits }) => {
    const counts = edits.map(({ file, from }) => readFileSync(new URL(file, root), "utf8").split(from).length - 1)
    expect(counts).toEqual(edits.map(() => 1))
  })

  it.each(plantedBugs.filter(({ name }) => looked.includes(name)))("finds that $name, with seed $seed", { timeout: timeoutMillis }, async ({ name, seed }) => {
    const pool = new SeedPool(1, name)
    const { failure } = await pool.run({ seed })
    pool.close()
    expect(failure).toBeDefined()
  })
})
