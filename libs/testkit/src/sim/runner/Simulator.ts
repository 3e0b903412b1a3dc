import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { plantedBugs } from "../bugs/plantedBugs.ts"
import type { PlantedBug } from "../bugs/PlantedBug.ts"
import type { SimulationResult } from "../SimulationResult.ts"
import { SeedPool } from "./SeedPool.ts"
import { shrinkPlan } from "./shrinkPlan.ts"
import { SimulationSummary } from "./SimulationSummary.ts"

export interface SimulatorOptions {
  readonly processes: number
  /** Where failures are kept. */
  readonly directory: string
  readonly isVerbose: boolean
  readonly keepsGoing: boolean
  readonly shrinks: boolean
  readonly bug?: string
  readonly write: (text: string) => void
}

const failuresMax = 20
const progressEvery = 25

/** Runs many seeds and says what came of them. */
export class Simulator {
  readonly #options: SimulatorOptions

  constructor(options: SimulatorOptions) {
    this.#options = options
  }

  async run(from: number, count: number): Promise<boolean> {
    const { bug, directory, isVerbose, keepsGoing, processes, write } = this.#options
    const pool = new SeedPool(processes, bug)
    const summary = new SimulationSummary()
    const seeds = Array.from({ length: count }, (_, i) => from + i)
    const isEnough = (): boolean => !keepsGoing && summary.failures.length >= failuresMax
    await sideBySide(seeds, processes, isEnough, async (seed) => {
      const result = await pool.run({ seed, isVerbose, directory })
      summary.add(result)
      if (result.failure !== undefined) this.#report(result)
      if (summary.seeds % progressEvery === 0) write(`${summary.seeds} of ${count} seeds, ${summary.failures.length} failed\n`)
    })
    if (this.#options.shrinks) for (const failure of summary.failures.slice(0, 3)) await this.#shrink(pool, failure)
    pool.close()
    write(`${summary}\n`)
    const { uncovered } = summary
    // A few seeds do not have to show everything.
    const isCovered = count < 100 || uncovered.length === 0
    if (!isCovered) write(`not in one of a hundred seeds: ${uncovered.join(", ")}\n`)
    write(`${summary.seeds - summary.failures.length} passed, ${summary.failures.length} failed\n`)
    return summary.failures.length === 0 && isCovered
  }

  /** One line for each seed, the same wherever and whenever it runs. */
  async printHashes(from: number, count: number): Promise<boolean> {
    const { bug, processes, write } = this.#options
    const pool = new SeedPool(processes, bug)
    const results = await Promise.all(Array.from({ length: count }, (_, i) => pool.run({ seed: from + i })))
    pool.close()
    for (const { events, seed, traceHash } of results) write(`${seed} ${traceHash} ${events}\n`)
    return true
  }

  /** By which seed each planted bug is found. */
  async findBugs(from: number, count: number): Promise<boolean> {
    const { bug: only, write } = this.#options
    let isGood = true
    for (const bug of plantedBugs.filter(({ name }) => only === undefined || name === only)) {
      const found = await this.#firstFailure(bug, Array.from({ length: count }, (_, i) => from + i))
      isGood &&= found !== undefined
      write(found === undefined ? `${bug.name}: not found in ${count} seeds\n` : `${bug.name}: seed ${found.seed}: ${found.failure?.message.slice(0, 200)}\n`)
    }
    return isGood
  }

  /** That each planted bug is still found by the seed that is noted for it. */
  async checkBugs(): Promise<boolean> {
    const { processes, write } = this.#options
    let missed = 0
    await sideBySide(plantedBugs, processes, () => false, async (bug) => {
      if (await this.#firstFailure(bug, [bug.seed]) !== undefined) return
      missed++
      write(`${bug.name}: not found by seed ${bug.seed}; look for another one with --find-bugs --bug "${bug.name}"\n`)
    })
    write(`${plantedBugs.length - missed} passed, ${missed} failed\n`)
    return missed === 0
  }

  async #firstFailure(bug: PlantedBug, seeds: ReadonlyArray<number>): Promise<SimulationResult | undefined> {
    const { processes } = this.#options
    const width = Math.min(processes, seeds.length)
    const pool = new SeedPool(width, bug.name)
    const found: Array<SimulationResult> = []
    await sideBySide(seeds, width, () => found.length > 0, async (seed) => {
      const result = await pool.run({ seed })
      // That little was done says nothing of the bug.
      if (result.failure !== undefined && result.failure.rule !== "traffic") found.push(result)
    })
    pool.close()
    return found.toSorted((a, b) => a.seed - b.seed)[0]
  }

  #report({ failure, seed }: SimulationResult): void {
    const { bug, directory, write } = this.#options
    const flags = bug === undefined ? "" : ` --bug "${bug}"`
    write(`seed ${seed} failed: ${failure?.message.slice(0, 1_000)}\n  again: npm run sim -- --seed ${seed} --verbose${flags}\n  kept in ${join(directory, `seed-${seed}`)}\n`)
  }

  /** Leaves the shortest plan as a file that tests can run for ever. */
  async #shrink(pool: SeedPool, { failure, plan, seed }: SimulationResult): Promise<void> {
    const { directory, write } = this.#options
    const shortest = await shrinkPlan(plan, async (shorter) => (await pool.run({ seed, plan: shorter })).failure?.rule === failure?.rule)
    const file = join(directory, `regression-${seed}.json`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(file, `${JSON.stringify({ seed, rule: failure?.rule, message: failure?.message, plan: shortest }, undefined, 2)}\n`)
    write(`seed ${seed}: ${plan.length} faults shrunk to ${shortest.length}: ${shortest.map(({ kind }) => kind).join(", ")}; for test/sim/regressions: ${file}\n`)
  }
}

/** Runs the items in order, `width` at a time, until all are done or it is enough. */
async function sideBySide<Item>(items: ReadonlyArray<Item>, width: number, isEnough: () => boolean, run: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const work = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !isEnough(); item = waiting.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: width }, work))
}
