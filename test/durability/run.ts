// The durability tier: kill -9 under load, the order of flush and answer, and a full disk. README.md says what each proves.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { onExit } from "../bench/harness/cleanup.ts"
import { librdkafka } from "../bench/harness/librdkafka.ts"
import { Tier } from "../bench/harness/Tier.ts"
import { flushOrder } from "./flushOrder.ts"
import { fullDisk } from "./fullDisk.ts"
import { killRounds } from "./killRounds.ts"
import { serverNamed } from "../bench/harness/serverNamed.ts"

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: "tailrace" },
    rounds: { type: "string", default: "20" },
    only: { type: "string", default: "kill,flush,disk" }
  }
})
// kafkajs computes a negative time-out when a broker comes back, and Node would warn of it in the middle of the results.
process.removeAllListeners("warning")
const only = new Set(options.only.split(","))
const kind = await serverNamed(options.server)
const directory = mkdtempSync(join(tmpdir(), "tailrace-durability-"))
const forget = onExit(() => rmSync(directory, { recursive: true, force: true }))
const tier = new Tier()
console.log(`durability of ${kind.title}; work directory ${directory}`)

async function part(name: string, body: () => Promise<void>): Promise<void> {
  if (!only.has(name)) return
  try {
    await body()
  } catch (error) {
    tier.fail(name, error instanceof Error ? error.message : String(error))
  }
}

await part("kill", async () => killRounds(tier, kind, { directory, rounds: Number(options.rounds), librdkafka: await librdkafka() }))
await part("flush", () => flushOrder(tier, kind, { directory }))
await part("disk", () => fullDisk(tier, kind, { directory }))

if (tier.hasFailed) {
  forget()
  console.log(`kept for inspection: ${directory}`)
}
tier.finish()
