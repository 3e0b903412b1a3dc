import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

/** Prints how many modules of the client library a program has loaded. */
const program = `
const { createRequire } = await import("node:module")
const { NatsBus } = await import("./src/nats.ts")
const loaded = () => Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes("@nats-io")).length
const before = loaded()
const clock = { monotonicMillis: () => 0, after: () => () => {} }
await NatsBus.connect({ clock, servers: ["127.0.0.1:1"], name: "nobody" }).catch(() => {})
process.stdout.write(before + " " + (loaded() > 0))
`

it("loads the client library with the first connection only", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd, encoding: "utf8" })).toBe("0 true")
})
