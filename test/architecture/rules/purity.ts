import { lineAt, type Source } from "../Source.ts"
import { isProduct, packageOf, type Rule } from "../Workspace.ts"

/** Every place where one of the patterns stands in the code, outside comments and strings. */
function found(source: Source, patterns: ReadonlyArray<RegExp>): Array<string> {
  return patterns.flatMap((pattern) =>
    [...source.code.matchAll(pattern)].map((match) => `${source.path}:${lineAt(source.code, match.index)}: ${match[0].trim()}`)
  )
}

const impure = [
  /(?<![\w$.])(?:setTimeout|setInterval|setImmediate|queueMicrotask|globalThis|console)\b(?!\s*\??:)/g,
  // Ordinary words too, so only their use as a global counts; oxlint, which knows scopes, checks them again.
  /(?<![\w$.])(?:performance|process|crypto)\s*[.[]/g,
  /(?<![\w$.]|function\s+)(?:fetch|require)\s*\((?![^)]*\)\s*(?::|\{))/g,
  /(?<![\w$.])(?:Date|Promise)\b(?!\s*\??:)/g,
  /(?<![\w$.])(?:async|await)\b(?=\s+[\w$(*])/g,
  /\bMath\s*\.\s*random\b/g,
  /(?<![\w$.])import\s*\.\s*meta\b/g
]

/** A core room is synchronous code about bytes and values: time, chance and IO come in as arguments. */
export const coreIsPure: Rule = ({ rooms }) => {
  const core = new Set(rooms.filter(({ layer }) => layer === "core").map(({ name }) => name))
  const violations: Array<string> = []
  for (const room of rooms) {
    if (!core.has(room.name)) continue
    for (const name of Object.keys(room.manifest.dependencies ?? {})) {
      if (!core.has(name)) violations.push(`${room.directory}/package.json: core depends on ${name}`)
    }
    for (const source of room.sources) {
      if (!isProduct(source.path)) continue
      for (const { specifier, isDynamic, isTypeOnly, line } of source.imports) {
        const isOwn = specifier?.startsWith(".") || core.has(packageOf(specifier ?? ""))
        if (!isOwn || (isDynamic && !isTypeOnly)) violations.push(`${source.path}:${line}: core imports ${specifier ?? "a computed name"}${isDynamic ? " dynamically" : ""}`)
      }
      violations.push(...found(source, impure))
    }
  }
  return violations
}

/** The files (and one room) that may ask the machine for time, timers or chance; everything else asks a port. */
export const timeAdapters: ReadonlyArray<string> = [
  "libs/runtime/src/SystemClock.ts",
  "libs/runtime/src/SystemRandom.ts",
  // Waits for promises to settle between virtual turns; no time passes.
  "libs/runtime/src/VirtualClock.ts",
  "libs/testkit/src/sim/world/Turns.ts",
  // The processes of the simulator may hang in real time only.
  "libs/testkit/src/sim/runner/",
  // The adapter of the machine's disk: waits one turn for lmdb to tell the cause of a failure.
  "libs/log/src/LmdbStore.ts",
  // The command line is used by a person at a terminal: progress and "an hour ago" are by the wall.
  "apps/cli/src/internal/timing.ts",
  // The client's own clock and chance, where it is given none, and the last moments of its sockets: it lives in its user's process.
  "libs/client/src/internal/systemPorts.ts",
  "libs/client/src/internal/Transport.ts"
]

const time = [
  /(?:(?<![\w$.])|\bglobalThis\s*\.\s*)(?:setTimeout|setInterval|setImmediate)\b/g,
  /\bDate\s*\.\s*now\b|\bnew\s+Date\s*(?:\(\s*\)|(?![\s(\w$]))|(?<![\w$.]|new\s+)Date\s*\(/g,
  /\bperformance\s*\.\s*\w+|\bprocess\s*\.\s*(?:hrtime|nextTick)\b/g,
  /\bMath\s*\.\s*random\b|\bcrypto\s*\.\s*(?:randomUUID|getRandomValues)\b/g,
  /(?<![\w$.])(?:randomUUID|randomBytes|randomInt|randomFillSync)\s*\(/g
]

export const timeComesThroughPorts: Rule = ({ rooms }) =>
  rooms.flatMap(({ sources }) =>
    sources
      .filter(({ path }) => isProduct(path) && !timeAdapters.some((adapter) => path.startsWith(adapter)))
      .flatMap((source) => [
        ...found(source, time),
        ...source.imports
          .filter(({ specifier }) => /^node:(?:timers|perf_hooks)/.test(specifier ?? ""))
          .map(({ line, specifier }) => `${source.path}:${line}: ${specifier}`)
      ])
  )
