import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"

/** Prints which modules that only a cluster needs a node loads that is alone, and then that they can be named. */
const program = `
const { registerHooks } = await import("node:module")
const loaded = []
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
const { Tailrace } = await import("./src/index.ts")
const node = await Tailrace.start({ port: 0, storage: "memory" })
const ofCluster = () => loaded.filter((url) => /(Replication|ReplicaServer|LeaderSession|NatsBus|MemoryHub)\\.ts$/.test(url)).length
const alone = ofCluster()
await Promise.all([import("@tailrace/node/peers"), import("@tailrace/bus/nats")])
process.stdout.write(alone + " " + ofCluster())
await node.close()
`

it("starts a node that is alone without what only a cluster needs", () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url))
  expect(execFileSync(process.execPath, ["--input-type=module", "-e", program], { cwd, encoding: "utf8" })).toBe("0 4")
})
