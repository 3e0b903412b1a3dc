// npm run simulate -- [first seed] [count]: prints what was found, and a summary.
import * as raft from "../../src/index.ts"
import { Simulation } from "./Simulation.ts"

const first = Number(process.argv[2] ?? 1)
const count = Number(process.argv[3] ?? 200)
const started = performance.now()
const faults: Record<string, number> = {}
let [events, elections, acknowledgements, reads, failed] = [0, 0, 0, 0, 0]
for (let seed = first; seed < first + count; seed++) {
  const result = new Simulation(raft, seed).run()
  events += result.events
  elections += result.elections
  acknowledgements += result.acknowledgements
  reads += result.reads
  for (const [name, times] of Object.entries(result.faults)) faults[name] = (faults[name] ?? 0) + times
  if (result.violation === undefined) continue
  failed++
  console.log(`seed ${seed}: ${result.violation}`)
}
const seconds = (performance.now() - started) / 1_000
console.log({ count, failed, events, elections, acknowledgements, reads, faults, seconds: Number(seconds.toFixed(1)) })
process.exitCode = failed === 0 ? 0 : 1
