/**
 * What a user has who takes the testkit into a project: an empty folder outside of the workspace, the packed rooms, clients and vitest
 * from the registry. Runs the testkit README's own tests there, checked by the compiler first. Needs the registry.
 */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { packRooms } from "./packRooms.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
/** Versions that the tests were written against. */
const registry = { "@platformatic/kafka": "2.12.1", "kafkajs": "2.2.4", "vitest": "5.1.1", "typescript": "7.0.2", "@types/node": "24.19.2" }

const examples = (readme: string): ReadonlyArray<{ readonly name: string; readonly code: string }> =>
  [...readme.matchAll(/<!-- ci: (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(([, name = "", code = ""]) => ({ name, code }))

const project = mkdtempSync(join(tmpdir(), "tailrace-outside-"))
const run = (command: string, ...args: ReadonlyArray<string>): void => {
  console.log(`> ${command} ${args.join(" ")}`)
  // The tests run with the Node that runs this; nothing of the workspace is in the way.
  const path = [join(process.execPath, ".."), ...(process.env["PATH"] ?? "").split(":").filter((part) => !part.startsWith(root))].join(":")
  execFileSync(command, args, { cwd: project, stdio: "inherit", env: { ...process.env, PATH: path } })
}

try {
  const packed = packRooms(join(project, "packages"))
  const files = Object.fromEntries([...packed].map(([name, place]) => [name, `file:${place}`]))
  writeFileSync(join(project, "package.json"), JSON.stringify({
    name: "outside", private: true, type: "module", devDependencies: { ...files, ...registry }, overrides: { "msgpackr-extract": "3.0.4" }
  }, undefined, 2))
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({
    compilerOptions: { target: "esnext", lib: ["esnext"], module: "nodenext", strict: true, noEmit: true, skipLibCheck: true, types: ["node"] },
    include: ["test"]
  }))
  mkdirSync(join(project, "test"))
  const found = examples(readFileSync(join(root, "libs/testkit/README.md"), "utf8"))
  if (found.length < 2) throw new Error(`the testkit's README has ${found.length} examples for users, 2 are wanted`)
  for (const { code, name } of found) writeFileSync(join(project, "test", `${name}.test.ts`), code)
  run("npm", "install", "--no-audit", "--no-fund", "--install-links")
  run(join(project, "node_modules/.bin/tsc"), "-p", ".")
  run(join(project, "node_modules/.bin/vitest"), "run")
  console.log(`${found.length} of ${found.length} tests of the README pass outside of the workspace`)
} finally {
  rmSync(project, { recursive: true, force: true })
}
