import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { generatedFiles } from "../generator/main.ts"

describe("the checked-in codecs", () => {
  it("are what the definitions generate", () => {
    const directory = join(import.meta.dirname, "../src/generated")
    const files = generatedFiles()
    expect(readdirSync(directory).sort()).toEqual([...files.keys()].sort())
    for (const [name, text] of files) {
      expect(readFileSync(join(directory, name), "utf8") === text, `${name} differs: npm run generate`).toBe(true)
    }
  })
})
