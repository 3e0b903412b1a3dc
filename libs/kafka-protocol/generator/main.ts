import { readFileSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { generate } from "./generate.ts"
import { parse } from "./parse.ts"

const room = join(import.meta.dirname, "..")

/** The generated files as they should be now. */
export function generatedFiles(): Map<string, string> {
  const directory = join(room, "definitions")
  const names = readdirSync(directory).filter((name) => name.endsWith(".messages")).sort()
  return generate(parse(names.map((name) => [name, readFileSync(join(directory, name), "utf8")] as const)))
}

if (import.meta.main) {
  for (const [name, text] of generatedFiles()) writeFileSync(join(room, "src/generated", name), text)
}
