import type { PlantedBug } from "./PlantedBug.ts"

/** The bugs that the simulator has to find. After a change of it: npm run sim -- --find-bugs. */
export const plantedBugs: ReadonlyArray<PlantedBug> = []

export function plantedBugNamed(name: string): PlantedBug {
  const bug = plantedBugs.find((it) => it.name === name)
  if (bug === undefined) throw new Error(`there is no planted bug "${name}"; there are ${plantedBugs.map((it) => it.name).join(", ")}`)
  return bug
}
