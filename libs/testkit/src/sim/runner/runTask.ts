import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { writeHistoryFile } from "../../writeHistoryFile.ts"
import { Simulation } from "../Simulation.ts"
import type { SimulationResult } from "../SimulationResult.ts"
import type { SeedTask } from "./SeedTask.ts"

/** Errors are made all the time by time-outs, and their stacks cost more than what they interrupt. */
const stackLines = { usual: 0, verbose: 30 } as const

/** One seed. What failed leaves its history, its elections and faults, and its last messages in the directory. */
export async function runTask({ directory, isVerbose = false, plan, seed }: SeedTask): Promise<SimulationResult> {
  Error.stackTraceLimit = isVerbose ? stackLines.verbose : stackLines.usual
  const simulation = new Simulation({ seed, isVerbose, ...(plan === undefined ? {} : { plan }) })
  const result = await simulation.run()
  if (directory === undefined || result.failure === undefined && !isVerbose) return result
  const place = join(directory, `seed-${seed}`)
  mkdirSync(place, { recursive: true })
  writeFileSync(join(place, "result.json"), `${JSON.stringify(result, undefined, 2)}\n`)
  writeHistoryFile(join(place, "history.jsonl"), simulation.history.operations, { seed })
  if (!isVerbose) return result
  writeFileSync(join(place, "trace.txt"), `${simulation.cluster.trace.lines.join("\n")}\n`)
  const elections = simulation.cluster.trace.lines.filter((line) => / fault |leader elected|has no leader|is the controller|no longer the controller/.test(line))
  writeFileSync(join(place, "elections.txt"), `${elections.join("\n")}\n`)
  return result
}
