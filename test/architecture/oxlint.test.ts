import { spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, describe, expect, it } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))
const directory = mkdtempSync(join(tmpdir(), "tailrace-oxlint-"))
afterAll(() => rmSync(directory, { recursive: true }))

const long = `export const long = () => {\n${"  void 0\n".repeat(80)}}\n`

/** Each line is a violation of its own, named by the rule that has to find it. */
const core: ReadonlyArray<readonly [string, string]> = [
  ['import "effect/Effect"', "no-restricted-imports"],
  ['import "node:fs"', "no-restricted-imports"],
  ['import "@tailrace/runtime"', "no-restricted-imports"],
  ["export const a = () => setTimeout(() => {}, 1)", "no-restricted-globals"],
  ["export const b = () => process.pid", "no-restricted-globals"],
  ["export const c = () => performance.now()", "no-restricted-globals"],
  ["export const d = () => crypto.randomUUID()", "no-restricted-globals"],
  ["export const e = () => fetch('x')", "no-restricted-globals"],
  ["export const f = () => Date.now()", "no-restricted-properties"],
  ["export const g = () => Math.random()", "no-restricted-properties"],
  [long, "max-lines-per-function"],
  ['import { H } from "./clean.ts"\nexport type I = H', "consistent-type-imports"]
]

const clean = "export interface H { readonly h: number }\n"

function lint(files: ReadonlyArray<readonly [string, string]>): { status: number | null; found: Map<string, string> } {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), text)
  }
  copyFileSync(join(root, ".oxlintrc.json"), join(directory, ".oxlintrc.json"))
  const { status, stdout } = spawnSync(join(root, "node_modules/.bin/oxlint"), ["--deny-warnings", "--format=json", ...files.map(([path]) => path)], {
    cwd: directory, encoding: "utf8"
  })
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: ReadonlyArray<{ filename: string; code: string }> }
  const found = new Map<string, string>()
  for (const { filename, code } of diagnostics) found.set(filename, `${found.get(filename) ?? ""} ${code}`)
  return { status, found }
}

describe("the lint configuration", () => {
  it("refuses each planted violation in a core room", () => {
    const { status, found } = lint(core.map(([text], index) => [`libs/record/src/planted${index}.ts`, `${text}\n`]))
    expect(status).not.toBe(0)
    core.forEach(([text, rule], index) => {
      expect(`${text}: ${found.get(`libs/record/src/planted${index}.ts`)}`).toContain(rule)
    })
  })

  it("refuses a cycle of imports and a function that is too long in every room", () => {
    const { found } = lint([
      ["libs/log/src/a.ts", 'import { b } from "./b.ts"\nexport const a = () => b\n'],
      ["libs/log/src/b.ts", 'import { a } from "./a.ts"\nexport const b = () => a\n'],
      ["libs/log/src/long.ts", long]
    ])
    expect(found.get("libs/log/src/a.ts")).toContain("no-cycle")
    expect(found.get("libs/log/src/long.ts")).toContain("max-lines-per-function")
  })

  it("lets clean files pass, and a test or an adapter use the machine", () => {
    const { status, found } = lint([
      ["libs/record/src/clean.ts", clean],
      ["libs/record/test/clean.test.ts", 'import "node:fs"\nexport const t = Date.now()\n'],
      ["libs/runtime/src/clock.ts", "export const t = () => Date.now()\n"]
    ])
    expect([...found]).toEqual([])
    expect(status).toBe(0)
  })
})
