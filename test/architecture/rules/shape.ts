import { posix } from "node:path"
import { lineAt } from "../Source.ts"
import { isGenerated, isProduct, type Rule } from "../Workspace.ts"

const doorLinesMax = 40
const fileLinesMax = 450

/** The door of a room, and every further door (exports with a lower-case file), only passes on what other files export. */
export const doorsOnlyReexport: Rule = ({ rooms, files }) => {
  const violations: Array<string> = []
  for (const room of rooms) {
    const targets = Object.values(room.manifest.exports ?? {}).map((target) => posix.join(room.directory, target))
    const doors = new Set(targets.filter((target) => /\/[a-z][\w-]*\.ts$/.test(target) && !isGenerated(target)))
    for (const source of room.sources) {
      if (!doors.has(source.path)) continue
      const lines = linesOf(files.get(source.path)!)
      if (lines > doorLinesMax) violations.push(`${source.path}: ${lines} lines, a door has at most ${doorLinesMax}`)
      const rest = source.code.replace(/export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*["'][^"']*["']|export\s*\{\s*\}/g, "").trim()
      if (rest !== "") violations.push(`${source.path}: more than re-exports: ${rest.split("\n", 1)[0]}`)
    }
  }
  return violations
}

/** One file, one noun: at most one class. Errors and Effect's service tags may stand together, as may companions in internal files. */
export const filesExportOneNoun: Rule = ({ rooms }) =>
  rooms.flatMap(({ sources }) =>
    sources.flatMap(({ path, code }) => {
      if (!isProduct(path) || path.includes("/internal/")) return []
      const classes = [...code.matchAll(/^export\s+(?:abstract\s+)?class\s+(\w+)(?:<[^{]*?>)?(?:\s+extends\s+([\w.]+))?/gm)]
      const nouns = classes.filter((match) => !/Error$|^Context\.Service$/.test(match[2] ?? ""))
      return nouns.length > 1 ? [`${path}: exports ${nouns.map((match) => match[1]).join(", ")}`] : []
    })
  )

export const filesAreShort: Rule = ({ rooms, files }) =>
  rooms.flatMap(({ sources }) =>
    sources
      .map(({ path }) => ({ path, lines: linesOf(files.get(path)!) }))
      .filter(({ lines }) => lines > fileLinesMax)
      .map(({ path, lines }) => `${path}: ${lines} lines, at most ${fileLinesMax}`)
  )

/** Tools such as vitest want a default export in their configuration; nothing else has one. */
export const nothingIsExportedByDefault: Rule = ({ rooms }) =>
  rooms.flatMap(({ sources }) =>
    sources
      .filter(({ path }) => !/\.config\.[a-z]+$/.test(path))
      .flatMap(({ path, code }) =>
        [...code.matchAll(/(?<![\w$.])export\s+default\b|(?<![\w$.])export\s*\{[^}]*\bas\s+default\b/g)].map((match) => `${path}:${lineAt(code, match.index)}`)
      )
  )

/** What is left to do stands in an issue, where somebody looks for it. */
export const noTaskIsLeftInAComment: Rule = ({ rooms }) =>
  rooms.flatMap(({ sources }) =>
    sources.flatMap(({ path, comments }) =>
      [...comments.matchAll(/\b(?:TO-?DO|FIXME|XXX|HACK)\b/g)].map((match) => `${path}:${lineAt(comments, match.index)}: ${match[0]}`)
    )
  )

const scriptsOf = (directory: string): Readonly<Record<string, string>> => ({
  test: `vitest run --config ${posix.relative(directory, "vitest.config.ts")}`,
  lint: "oxlint --deny-warnings",
  typecheck: "tsc -p ."
})

/** All rooms answer to the same three commands and are built alike. */
export const roomsAreAlike: Rule = ({ rooms, files }) =>
  rooms.flatMap(({ directory, manifest }) => {
    const violations: Array<string> = []
    for (const [script, command] of Object.entries(scriptsOf(directory))) {
      if (manifest.scripts?.[script] !== command) violations.push(`${directory}/package.json: script ${script} is "${command}"`)
    }
    if (manifest.name !== `@tailrace/${posix.basename(directory)}`) violations.push(`${directory}/package.json: name ${manifest.name}`)
    if (manifest.type !== "module") violations.push(`${directory}/package.json: type is "module"`)
    if (!files.has(`${directory}/tsconfig.json`)) violations.push(`${directory}/tsconfig.json: missing`)
    for (const target of Object.values(manifest.exports ?? {})) {
      if (!files.has(posix.join(directory, target))) violations.push(`${directory}/package.json: ${target} is missing`)
    }
    return violations
  })

const linesOf = (text: string): number => text.split("\n").length - (text.endsWith("\n") ? 1 : 0)
