import { describe, expect, it } from "vitest"
import { rules } from "./rules/index.ts"
import { readWorkspace } from "./Workspace.ts"

const workspace = readWorkspace(new URL("../..", import.meta.url).pathname)

describe("the house rules", () => {
  it("finds the rooms", () => {
    const directories = workspace.rooms.map(({ directory }) => directory)
    expect(directories).toEqual(expect.arrayContaining(["libs/record", "libs/runtime", "libs/bus", "apps/cli", "test"]))
    // A scanner that sees nothing would find no fault either.
    const imports = workspace.rooms.flatMap(({ sources }) => sources.flatMap((source) => source.imports))
    expect(imports.length).toBeGreaterThan(500)
  })

  it.each(Object.entries(rules))("%s", (_name, rule) => {
    expect(rule(workspace)).toEqual([])
  })
})
