import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import type { PlannedFault } from "../../src/sim/faults/FaultPlan.ts"
import { SeedPool } from "../../src/sim/runner/SeedPool.ts"

const pool = new SeedPool(2)
afterAll(() => pool.close())

const main = fileURLToPath(new URL("../../src/sim/main.ts", import.meta.url))
const hashes = async (): Promise<string> =>
  (await promisify(execFile)(process.execPath, [main, "--hash", "--from", "11", "--seeds", "3", "--processes", "1"])).stdout

const timeoutMillis = 300_000

describe("a simulated cluster", () => {
  it("keeps every rule under faults and is whole again in time", { timeout: timeoutMillis }, async () => {
    const results = await Promise.all([1, 2, 3, 4].map((seed) => pool.run({ seed })))
    expect(results.map(({ failure }) => failure?.message)).toEqual(results.map(() => undefined))
    for (const { acknowledged, coverage, simulatedMillis } of results) {
      expect(acknowledged).toBeGreaterThanOrEqual(500)
      expect(simulatedMillis).toBeGreaterThanOrEqual(60_000)
      expect(Object.keys(coverage).filter((name) => name.startsWith("fault ")).length).toBeGreaterThanOrEqual(3)
    }
    expect(new Set(results.map(({ traceHash }) => traceHash)).size).toBe(results.length)
  })

  it("is the same in two processes, message by message", { timeout: timeoutMillis }, async () => {
    const [one, other] = await Promise.all([hashes(), hashes()])
    expect(one.trim().split("\n")).toHaveLength(3)
    expect(one).toBe(other)
  })

  it("ends quietly when nobody reads what it says", { timeout: timeoutMillis }, async () => {
    const child = spawn(process.execPath, [main, "--hash", "--seeds", "1", "--processes", "1"], { stdio: ["ignore", "pipe", "pipe"] })
    child.stdout.destroy()
    const said = child.stderr.setEncoding("utf8").toArray()
    expect([await once(child, "exit"), (await said).join("")]).toEqual([[141, null], ""])
  })
})

const directory = new URL("regressions/", import.meta.url)
const found = existsSync(directory) ? readdirSync(directory).filter((name) => name.endsWith(".json")) : []

/** Runs that found a bug of ours, as short as they could be made. */
it.each(found)("found once: %s", { timeout: timeoutMillis }, async (name) => {
  const { plan, seed } = JSON.parse(readFileSync(new URL(name, directory), "utf8")) as { plan: ReadonlyArray<PlannedFault>; seed: number }
  expect((await pool.run({ seed, plan })).failure?.message).toBeUndefined()
})
