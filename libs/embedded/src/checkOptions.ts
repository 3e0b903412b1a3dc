import type { ConfigProblem } from "@tailrace/metadata"
import type { TailraceOptions } from "./TailraceOptions.ts"

const known: ReadonlyArray<string> = ["properties", "storage", "port", "logger", "signal"] satisfies ReadonlyArray<keyof TailraceOptions>
const portMax = 65_535

/** What is wrong with the options themselves, for callers whose compiler did not say it. */
export function checkOptions(options: TailraceOptions): ReadonlyArray<ConfigProblem> {
  const faults: Array<ConfigProblem> = []
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) faults.push({ name, message: `is no option; there are ${known.join(", ")}, and keys of server.properties stand in properties` })
  }
  const { port, properties, storage } = options
  if (storage !== undefined && storage !== "disk" && storage !== "memory") {
    faults.push({ name: "storage", message: `is ${JSON.stringify(storage)}; say "disk", or "memory" for a node that loses everything at its end` })
  }
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= portMax)) {
    faults.push({ name: "port", message: `is ${JSON.stringify(port)}; say a number from 0, which takes any free port, to ${portMax}` })
  }
  if (properties !== undefined && (typeof properties !== "object" || properties === null)) {
    faults.push({ name: "properties", message: "is neither a Map nor an object; the keys are those of server.properties" })
  }
  return faults
}
