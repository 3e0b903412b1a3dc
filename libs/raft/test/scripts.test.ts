import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { ScriptedCluster } from "./ScriptedCluster.ts"

const directory = new URL("scripts/", import.meta.url)
const separator = "----"

/** Blocks of commands and, below a line of dashes, what they print. Everything else is a comment. */
function played(script: string): string {
  const cluster = new ScriptedCluster()
  return script.split("\n\n").map((block) => {
    const [input = "", expected] = block.split(`\n${separator}`)
    if (expected === undefined) return block
    const lines = input.split("\n").filter((line) => line !== "" && !line.startsWith("#"))
    const printed = lines.map((line) => cluster.run(line)).filter((output) => output !== "ok")
    return `${input}\n${separator}\n${printed.length === 0 ? "ok" : printed.join("\n")}`
  }).join("\n\n")
}

// REWRITE=1 npx vitest run: the scripts take what happens now. Read the difference before it is committed.
describe("scripts", () => {
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".txt"))) {
    it(file, () => {
      const script = readFileSync(new URL(file, directory), "utf8").trimEnd()
      const actual = played(script)
      if (process.env["REWRITE"] === "1") writeFileSync(new URL(file, directory), `${actual}\n`)
      else expect(actual).toBe(script)
    })
  }
})
