import { describe, expect, it } from "vitest"
import * as raft from "../src/index.ts"
import { Simulation } from "./sim/Simulation.ts"

/** Worlds that found bugs of the core. The bugs are planted again in `sim/mutations.ts`, so that they stay findable. */
const regressions: ReadonlyArray<readonly [number, string]> = [
  [8, "a leader that could not be heard stayed in office, since members that looked for one counted as following it"],
  [82, "a node with what nobody could win without was no voter by its own log, and did not campaign"],
  [656, "the only voter led twice in a term, since it had led before its vote was durable"]
]

describe("a simulated cluster", () => {
  it("keeps every rule under faults and recovers from them", () => {
    const found = Array.from({ length: 20 }, (_, i) => new Simulation(raft, i + 1).run())
    expect(found.filter(({ violation }) => violation !== undefined)).toEqual([])
    // A world in which nothing happens proves nothing.
    const total = (count: (result: typeof found[number]) => number): number => found.reduce((sum, result) => sum + count(result), 0)
    expect(total(({ acknowledgements }) => acknowledgements)).toBeGreaterThan(2_000)
    expect(total(({ reads }) => reads)).toBeGreaterThan(600)
    expect(total(({ elections }) => elections)).toBeGreaterThan(60)
    for (const fault of ["crash", "wipe", "pause", "partition", "partitionOneWay", "promote", "remove", "transfer", "compact"]) {
      expect(total(({ faults }) => faults[fault] ?? 0), fault).toBeGreaterThan(5)
    }
  }, 120_000)

  it.each(regressions)("seed %i: %s", (seed) => {
    expect(new Simulation(raft, seed).run().violation).toBeUndefined()
  })

  it("is the same in two runs of a seed", () => {
    for (const seed of [3, 7]) expect(new Simulation(raft, seed).run()).toEqual(new Simulation(raft, seed).run())
    expect(new Simulation(raft, 3).run().traceHash).not.toBe(new Simulation(raft, 7).run().traceHash)
  })
})
