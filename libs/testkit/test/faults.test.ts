import { SeededRandom, VirtualClock } from "@tailrace/runtime/simulated"
import { assert, describe, it } from "vitest"
import {
  faultAtlas, type FaultKind, faultKinds, type FaultSchedule, generateFaults, History, runFaults, type ScheduledFault, shrink
} from "../src/index.ts"

const generate = (seed: number, nodes = 3): FaultSchedule => generateFaults({ seed, random: new SeededRandom(seed), nodes })

const scheduleOf = (faults: ReadonlyArray<readonly [atMillis: number, fault: FaultKind, unit: number, node?: number]>): FaultSchedule => ({
  seed: 1, nodes: 3, durationMillis: 60_000,
  faults: [
    ...faults.map(([atMillis, fault, unit, node = 1]): ScheduledFault => ({ atMillis, fault, unit, target: { nodes: [node] } })),
    { atMillis: 45_000, fault: "restore", target: { role: "cluster" }, unit: 0 }
  ]
})

describe("a schedule of faults", () => {
  it("is what the seed says, as plain data, and nothing that need not be survived", () => {
    const seen = new Set<FaultKind>()
    for (let seed = 1; seed <= 300; seed++) {
      const schedule = generate(seed, seed % 3 === 0 ? 5 : 3)
      assert.deepStrictEqual(faultAtlas(schedule), [], `seed ${seed}`)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(schedule)), schedule)
      assert.strictEqual(schedule.faults.at(-1)?.fault, "restore")
      for (const { fault } of schedule.faults) seen.add(fault)
    }
    assert.deepStrictEqual(generate(9), generate(9))
    assert.notDeepEqual(generate(9), generate(10))
    assert.deepStrictEqual([...seen].toSorted(), [...faultKinds].toSorted())
  })

  it.each([
    ["two of three nodes away", scheduleOf([[1_000, "kill", 1], [2_000, "pause", 2, 2], [5_000, "restart", 1], [6_000, "resume", 2, 2]]), "nodes are away"],
    ["a node that never comes back, and a second one", scheduleOf([[1_000, "kill", 1], [20_000, "kill", 2, 2], [21_000, "restart", 2, 2]]), "nodes are away"],
    ["a wipe, and another kill before it is repaired", scheduleOf([
      [1_000, "kill", 1], [1_000, "wipe", 1], [2_000, "restart", 1], [9_000, "kill", 2, 2], [10_000, "restart", 2, 2]
    ]), "loses data while"],
    ["a disk under a running node", scheduleOf([[1_000, "wipe", 1], [2_000, "restart", 1]]), "of a node that is up"],
    ["times out of order", scheduleOf([[2_000, "kill", 1], [1_000, "restart", 1]]), "stands behind a later one"],
    ["no end", { ...scheduleOf([]), faults: [] }, "does not restore"]
  ])("is refused with %s", (_, schedule, violation) => {
    assert.include(faultAtlas(schedule).join("; "), violation)
  })

  it("may take a node, give it back, and take another", () => {
    assert.deepStrictEqual(faultAtlas(scheduleOf([
      [1_000, "kill", 1], [1_000, "wipe", 1], [2_000, "restart", 1], [18_000, "kill", 2, 2], [19_000, "restart", 2, 2]
    ])), [])
  })

  it("is done at its times, restored behind everything else, and written down", async () => {
    const clock = new VirtualClock()
    const history = new History(clock)
    const log: Array<string> = []
    const run = runFaults(scheduleOf([[1_000, "kill", 1], [2_000, "restart", 1], [44_000, "kill", 2], [44_500, "restart", 2]]), {
      clock, history, cluster: { apply: async ({ fault, unit }) => {
        log.push(`${clock.monotonicMillis()} ${fault} ${unit}`)
        if (fault === "restart") await new Promise<void>((resolve) => clock.after(3_000, resolve))
        log.push(`${clock.monotonicMillis()} ${fault} ${unit} done`)
      } }
    })
    await clock.runUntilSettled(run)
    assert.deepStrictEqual(log.slice(-4), ["44500 restart 2", "47500 restart 2 done", "47500 restore 0", "47500 restore 0 done"])
    assert.deepStrictEqual(history.operations.map(({ f, type, meta }) => [f, type, meta["fault"]]),
      ["kill", "restart", "kill", "restart", "restore"].map((fault) => ["fault", "ok", fault]))
  })

  it("stops at a fault that cannot be done", async () => {
    const clock = new VirtualClock()
    const history = new History(clock)
    const run = runFaults(scheduleOf([[1_000, "kill", 1], [2_000, "restart", 1]]), {
      clock, history, cluster: { apply: () => Promise.reject(new Error("no such node")) }
    })
    run.catch(() => undefined)
    try {
      await clock.runUntilSettled(run)
      assert.fail("it went on")
    } catch (error) {
      assert.strictEqual((error as Error).message, "no such node")
    }
    assert.strictEqual(history.size, 1)
  })
})

describe("shrinking", () => {
  it("leaves the units that matter, whole, and the end", async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const schedule = generateFaults({ seed, random: new SeededRandom(seed), durationMillis: 400_000, gapMillisMean: 5_000 })
      const culprits = schedule.faults.filter(({ fault }) => fault === "kill" || fault === "partition")
      const first = culprits[0]
      const second = culprits.find(({ unit }) => unit !== first?.unit)
      if (first === undefined || second === undefined) continue
      const isIn = (candidate: FaultSchedule, fault: ScheduledFault): boolean => candidate.faults.includes(fault)
      const fails = (candidate: FaultSchedule): Promise<boolean> => Promise.resolve(isIn(candidate, first) && isIn(candidate, second))
      const { schedule: short, attempts } = await shrink(schedule, fails)
      assert.deepStrictEqual([...new Set(short.faults.map(({ unit }) => unit))].toSorted((a, b) => a - b), [0, first.unit, second.unit].toSorted((a, b) => a - b))
      assert.deepStrictEqual(short.faults, schedule.faults.filter(({ unit }) => [0, first.unit, second.unit].includes(unit)))
      assert.isAtMost(attempts, 200)
    }
  })

  it("gives up when it has tried enough", async () => {
    const schedule = generate(3)
    let runs = 0
    const { attempts } = await shrink(schedule, () => Promise.resolve(++runs > 1_000), { attemptsMax: 5 })
    assert.deepStrictEqual([attempts, runs], [5, 5])
  })
})
