import { describe, expect, it } from "vitest"
import { rules } from "./rules/index.ts"
import { workspaceOf } from "./Workspace.ts"

const scripts = (config: string) => ({ test: `vitest run --config ${config}`, lint: "oxlint --deny-warnings", typecheck: "tsc -p ." })
const room = (name: string, layer: string, dependencies: ReadonlyArray<string> = [], more: object = {}) =>
  JSON.stringify({
    name: `@tailrace/${name}`, type: "module", exports: { ".": "./src/index.ts" },
    dependencies: Object.fromEntries(dependencies.map((dependency) => [dependency, "*"])),
    nx: { tags: [`layer:${layer}`] },
    scripts: scripts("../../vitest.config.ts"),
    ...more
  })

/** A small workspace that keeps every rule. */
const good: Readonly<Record<string, string>> = {
  "package.json": JSON.stringify({ devDependencies: { vitest: "5" } }),
  "package-lock.json": '{ "resolved": "libs/record", "link": true }',
  "README.md": "See https://kafka.apache.org and /home/node in the image.",
  "libs/record/package.json": room("record", "core"),
  "libs/record/tsconfig.json": "{}",
  "libs/record/src/index.ts": 'export { Batch } from "./Batch.ts"\n// A word on the door.\nexport type { Header } from "./Header.ts"\n',
  "libs/record/src/Batch.ts": 'import type { Header } from "./Header.ts"\n// The fetch of a process: Date.now() is not called.\nexport class Batch {\n  process(header: Header, fetch: string) { return `${header}${fetch}setTimeout(` }\n}\n',
  "libs/record/src/Header.ts": "export type Header = { readonly process: string }\n",
  "libs/record/test/Batch.test.ts": 'import { it } from "vitest"\nimport { Batch } from "@tailrace/record"\nimport "../src/Header.ts"\nsetTimeout(() => it("x", () => new Batch()), Date.now())\n',
  "libs/runtime/package.json": room("runtime", "service", ["@tailrace/record", "effect"], { exports: { ".": "./src/index.ts", "./effect": "./src/effect.ts" } }),
  "libs/runtime/tsconfig.json": "{}",
  "libs/runtime/src/index.ts": "export {}\n",
  "libs/runtime/src/effect.ts": 'export { Actor } from "./Actor.ts"\n',
  "libs/runtime/src/Actor.ts": 'import type { Effect } from "effect"\nimport * as Queue from "effect/Queue"\nexport class Tag extends Context.Service<Tag, { x: 1 }>()("x") {}\nimport { Batch } from "@tailrace/record"\nexport class Actor { run(this: { socket: Socket }, e: Effect) { this.socket.setTimeout(new Date(0).getTime()); return [e, Queue, Batch] } }\n',
  "libs/runtime/src/SystemClock.ts": "export class SystemClock { now = () => Date.now(); after = setTimeout }\n",
  "apps/cli/package.json": room("cli", "app", ["@tailrace/runtime"], { exports: {} }),
  "apps/cli/tsconfig.json": "{}",
  "apps/cli/src/main.ts": 'import "@tailrace/runtime/effect"\n',
  "test/package.json": room("test", "test", ["@tailrace/cli"], { exports: {}, scripts: scripts("../vitest.config.ts") }),
  "test/tsconfig.json": "{}"
}

const violations = (name: keyof typeof rules, planted: Readonly<Record<string, string>> = {}): Array<string> =>
  rules[name](workspaceOf(new Map(Object.entries({ ...good, ...planted }))))

const planted: { readonly [Name in keyof typeof rules]: ReadonlyArray<Readonly<Record<string, string>>> } = {
  roomsHaveOneLayer: [
    { "libs/record/package.json": room("record", "cellar") },
    { "libs/record/package.json": room("record", "core", [], { nx: { tags: [] } }) },
    { "libs/record/package.json": room("record", "core", [], { nx: { tags: ["layer:core", "layer:app"] } }) }
  ],
  layersPointDown: [
    { "libs/record/package.json": room("record", "core", ["@tailrace/runtime"]) },
    { "libs/record/src/Batch.ts": 'import type { Clock } from "@tailrace/runtime"' },
    { "libs/runtime/test/Actor.test.ts": 'import "@tailrace/cli"' },
    { "apps/broker/package.json": room("broker", "app", ["@tailrace/cli"]) }
  ],
  roomsHaveNoCycles: [
    { "libs/bus/package.json": room("bus", "service", ["@tailrace/runtime"]), "libs/runtime/src/Actor.ts": 'import "@tailrace/bus"' },
    {
      "libs/bus/package.json": room("bus", "service", ["@tailrace/log"]), "libs/log/package.json": room("log", "service", ["@tailrace/node"]),
      "libs/node/package.json": room("node", "service", ["@tailrace/bus"])
    }
  ],
  coreIsPure: [
    { "libs/record/package.json": room("record", "core", ["snappy"]) },
    ...[
      'import type { Effect } from "effect"', 'import { Buffer } from "node:buffer"', 'export { now } from "../test/now.ts"\nimport { readFileSync } from "fs"',
      'const later = () => import("./Header.ts")', "setTimeout(() => {}, 1)", "const cancel = setImmediate", "const t = Date.now()", "const d = new Date()",
      "const p = performance.now()", "if (process.env.X) {}", "const u = crypto.randomUUID()", "const r = Math . random()", 'const f = fetch("x")',
      "const g = globalThis.Date", "const x = async () => 1", "const y = Promise.resolve()", 'const z = require("fs")', "const here = import.meta.url", "console.log(1)",
      "const s = `${Date.now()}`"
    ].map((line) => ({ "libs/record/src/Batch.ts": line }))
  ],
  timeComesThroughPorts: [
    "const t = Date.now()", "const t = new Date()", "const t = new Date", "const t = Date()", "setTimeout(f, 1)", "const timers = { setImmediate }", "globalThis.setInterval(f, 1)",
    "const t = performance.now()", "process.nextTick(f)", "const r = Math.random()", "const u = crypto.randomUUID()", 'import { setTimeout as sleep } from "node:timers/promises"',
    'import { randomBytes } from "node:crypto"\nrandomBytes(16)'
  ].map((line) => ({ "libs/runtime/src/Actor.ts": line })),
  effectFree: [
    { "libs/runtime/src/index.ts": 'export * from "./Health.ts"', "libs/runtime/src/Health.ts": 'import { spawn } from "./Actor.ts"' },
    { "libs/record/src/Batch.ts": 'import { Actor } from "@tailrace/runtime/effect"' },
    { "libs/runtime/src/internal/lines.ts": 'import "effect/Effect"' }
  ],
  effectIsImportedBySubmodule: [
    { "libs/runtime/src/Actor.ts": 'import { Effect } from "effect"' },
    { "libs/runtime/src/Actor.ts": 'import { NodeRuntime } from "@effect/platform-node"' }
  ],
  importsAreDeclared: [
    { "libs/runtime/src/Actor.ts": 'import "lmdb"' },
    { "libs/runtime/src/Actor.ts": 'import { it } from "vitest"' },
    { "libs/record/test/Batch.test.ts": 'import "@tailrace/runtime"' },
    { "libs/runtime/src/Actor.ts": 'import { readFileSync } from "fs"' },
    { "libs/runtime/src/Actor.ts": "const plugin = await import(name)" }
  ],
  relativeImportsStayInTheRoom: [
    { "libs/runtime/src/Actor.ts": 'import { Batch } from "../../record/src/Batch.ts"' },
    { "libs/record/test/Batch.test.ts": 'import "../../../test/help.ts"' },
    { "libs/runtime/src/Actor.ts": 'import { help } from "../test/help.ts"' },
    { "libs/runtime/src/Actor.ts": 'import { help } from "./help"' }
  ],
  roomsUseEachOthersDoors: [
    { "libs/runtime/src/Actor.ts": 'import { Batch } from "@tailrace/record/src/Batch.ts"' },
    { "libs/runtime/src/Actor.ts": 'import { Batch } from "@tailrace/record/batch"' },
    { "libs/record/package.json": room("record", "core", [], { exports: { "./*": "./src/*" } }) },
    { "libs/record/package.json": room("record", "core", [], { exports: { ".": "./src/internal/x.ts" } }) }
  ],
  doorsOnlyReexport: [
    { "libs/record/src/index.ts": 'import { Batch } from "./Batch.ts"\nexport const make = () => new Batch()\n' },
    { "libs/runtime/src/effect.ts": "export class Actor {}\n" },
    { "libs/record/src/index.ts": 'export { Batch } from "./Batch.ts"\n'.repeat(41) }
  ],
  filesExportOneNoun: [{ "libs/record/src/Batch.ts": "export class Batch {}\nexport abstract class Header<A> {}\nexport class BatchError extends Error {}\n" }],
  filesAreShort: [{ "libs/record/src/Batch.ts": "// line\n".repeat(451) }, { "libs/record/test/Batch.test.ts": "\n".repeat(452) }],
  nothingIsExportedByDefault: [
    { "libs/record/src/Batch.ts": "export default class Batch {}" },
    { "libs/record/src/Batch.ts": "export { Batch as default }" }
  ],
  noTaskIsLeftInAComment: ["TO" + "DO: later", "FIX" + "ME"].map((word) => ({ "libs/record/src/Batch.ts": `/** ${word} */` })),
  roomsAreAlike: [
    { "libs/record/package.json": room("record", "core", [], { scripts: { test: "vitest run" } }) },
    { "libs/record/package.json": room("records", "core") },
    { "libs/record/package.json": room("record", "core", [], { type: "commonjs" }) },
    { "libs/bus/package.json": room("bus", "service") },
    { "libs/record/package.json": room("record", "core", [], { exports: { "./gone": "./src/Gone.ts" } }) }
  ],
  filesNameNoMachine: [
    "https://registry.npmjs.org/effect", "http://proxy.local:8081/repository/npm/x", "https://verdaccio.corp/", "cd /home/ann/tailrace", '"/Users/ann/x"', "see /root/notes",
    "file:///work/main", "C:\\Users\\ann"
  ].map((text) => ({ "docker/Dockerfile": `RUN x ${text}` })),
  lockNamesNoRegistry: [
    { "package-lock.json": '{ "resolved": "https://registry.npmjs.org/effect/-/effect-4.1.0.tgz" }' },
    { "package-lock.json": '{ "resolved": "git+ssh://git@example.com/x.git#1" }' },
    { ".npmrc": "registry=https://example.com" }
  ]
}

describe.each(Object.keys(rules) as Array<keyof typeof rules>)("%s", (name) => {
  it("is kept by a good workspace", () => {
    expect(violations(name)).toEqual([])
  })

  it.each(planted[name].map((files) => [Object.values(files).at(-1)!.slice(0, 90).replaceAll("\n", " "), files] as const))("finds %s", (_, files) => {
    const found = violations(name, files)
    expect(found.length).toBeGreaterThan(0)
    // The place is named, so that nobody has to search.
    if (name !== "roomsHaveNoCycles") for (const violation of found) expect(violation).toMatch(/^[\w./-]+(?::| ->)/)
  })
})
