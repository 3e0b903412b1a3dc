// A process of the simulator: runs the seeds that its parent sends, one after the other. With a bug's name it runs them with the bug.
import type { SimulationResult } from "../SimulationResult.ts"
import { plantedBugNamed } from "../bugs/plantedBugs.ts"
import { plantBug } from "../bugs/plantBug.ts"
import type { SeedTask } from "./SeedTask.ts"

const [bugName] = process.argv.slice(2)
const missed = bugName === undefined ? () => [] : plantBug(plantedBugNamed(bugName))
// Loaded only now, so that it is changed.
const { runTask } = await import("./runTask.ts")
if (missed().length > 0) throw new Error(`${bugName}: not loaded: ${missed().join(", ")}`)

process.on("message", (task: SeedTask) => {
  setImmediate(() => {
    runTask(task).then(
      (result: SimulationResult) => void process.send?.(result),
      (error: unknown) => {
        process.stderr.write(`seed ${task.seed}: ${error instanceof Error ? error.stack : String(error)}\n`)
        process.exit(1)
      }
    )
  })
})
process.on("disconnect", () => process.exit(0))
