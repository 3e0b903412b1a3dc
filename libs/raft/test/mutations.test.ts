import { expect, it } from "vitest"
import { loadMutant, mutations } from "./sim/mutations.ts"
import { Simulation } from "./sim/Simulation.ts"

// Each planted bug, in the first world that finds it. After a change of the simulation: npm run find-mutations.
it.each(mutations.filter(({ isBasic }) => isBasic))("finds that $name, with seed $seed", async (mutation) => {
  expect(new Simulation(await loadMutant(mutation), mutation.seed).run().violation).toBeDefined()
})
