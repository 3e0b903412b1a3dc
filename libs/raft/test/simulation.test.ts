import { describe, expect, it } from "vitest"
import * as raft from "../src/index.ts"
import { Simulation } from "./sim/Simulation.ts"

/** Seeds that once found something, and what. */
const regressions: ReadonlyArray<readonly [number, string]> = [
  [1, "a voter whose removal was not committed had the only complete log and did not campaign"],
  [196, "the same, with a lost directory among those who remained"]
]

describe("a simulated cluster", () => {
  it("keeps every rule under faults and recovers from them", () => {
    const found = Array.from({ length: 40 }, (_, i) => new Simulation(raft, i + 1).run())
    expect(found.filter(({ violation }) => violation !== undefined)).toEqual([])
    // A world in which nothing happens proves nothing.
    const total = (count: (result: typeof found[number]) => number): number => found.reduce((sum, result) => sum + count(result), 0)
    expect(total(({ acknowledgements }) => acknowledgements)).toBeGreaterThan(3_000)
    expect(total(({ reads }) => reads)).toBeGreaterThan(800)
    expect(total(({ elections }) => elections)).toBeGreaterThan(120)
    for (const fault of ["crash", "wipe", "pause", "partition", "partitionOneWay", "promote", "remove", "transfer", "compact"]) {
      expect(total(({ faults }) => faults[fault] ?? 0), fault).toBeGreaterThan(10)
    }
  })

  it.each(regressions)("seed %i: %s", (seed) => {
    expect(new Simulation(raft, seed).run().violation).toBeUndefined()
  })

  it("is the same in two runs of a seed", () => {
    for (const seed of [3, 7]) expect(new Simulation(raft, seed).run()).toEqual(new Simulation(raft, seed).run())
    expect(new Simulation(raft, 3).run().traceHash).not.toBe(new Simulation(raft, 7).run().traceHash)
  })
})
