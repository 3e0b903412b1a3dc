// npm run find-mutations -- [count] [part of a name]: the first seed, up to count, that finds each planted bug.
import { loadMutant, mutations } from "./mutations.ts"
import { Simulation } from "./Simulation.ts"

const count = Number(process.argv[2] ?? 300)
const part = process.argv[3] ?? ""
let missed = 0
for (const mutation of mutations) {
  if (!mutation.name.includes(part)) continue
  const mutant = await loadMutant(mutation)
  let found: string | undefined
  let seed = 0
  while (found === undefined && seed < count) found = new Simulation(mutant, ++seed).run().violation
  if (found === undefined) missed++
  console.log(`${found === undefined ? "MISSED" : seed}\t${mutation.name}\t${found?.split("\n")[0] ?? ""}`)
}
process.exitCode = missed
