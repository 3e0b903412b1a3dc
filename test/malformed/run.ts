// The malformed-input tier: a child broker, an attacker on raw sockets, and another client that must not notice. README.md says what is demanded.
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { onExit } from "../bench/harness/cleanup.ts"
import { freePort, pause } from "../bench/harness/network.ts"
import { serverNamed } from "../bench/harness/serverNamed.ts"
import { Tier } from "../bench/harness/Tier.ts"
import { WireClient } from "../bench/harness/WireClient.ts"
import type { Attack, Target } from "./Attack.ts"
import { contents } from "./attackContents.ts"
import { framing } from "./attackFraming.ts"
import { fuzz, load } from "./attackLoad.ts"
import { GoodClient } from "./GoodClient.ts"
import { MemoryWatch } from "./MemoryWatch.ts"

const growthBytesMax = 64 << 20
const roundsMin = 1_000
const roundsPerAttackMin = 50

const { values: options } = parseArgs({
  options: {
    server: { type: "string", default: "tailrace" },
    seed: { type: "string", default: "20260" },
    frames: { type: "string", default: "3000" },
    only: { type: "string", default: "" }
  }
})
const kind = await serverNamed(options.server)
const directory = mkdtempSync(join(tmpdir(), "tailrace-malformed-"))
const forget = onExit(() => rmSync(directory, { recursive: true, force: true }))
const logFile = join(directory, "broker.log")
const tier = new Tier()
console.log(`malformed input against ${kind.title}; work directory ${directory}`)

const server = await kind.start({ directory: join(directory, "broker"), port: await freePort(), logFile }).catch((error: unknown) => {
  tier.fail("the broker starts", String(error))
  return tier.finish()
})
const setUp = await WireClient.connect(server.port)
await setUp.createTopic("attacked", 1)
await setUp.createTopic("other", 1)
const good = new GoodClient(setUp, "other")
good.start()
const watch = new MemoryWatch(server.child.pid)
const target: Target = { port: server.port, topic: "attacked", seed: Number(options.seed) }

// The first rounds grow the heap to its ordinary size.
for (const until = performance.now() + 30_000; good.rounds < 200 && good.failure === undefined && performance.now() < until;) await pause(10)
const attacks: ReadonlyArray<Attack> = [...framing, ...contents, ...load, fuzz(Number(options.frames))].filter((attack) => attack.name.includes(options.only))

for (const attack of attacks) {
  const isFine = await tier.check(attack.name, attack.timeoutMillis, async () => {
    good.takeLatency()
    const before = watch.reset()
    const rounds = good.rounds
    const seen = await attack.run(target)
    for (const until = performance.now() + 20_000; good.rounds < rounds + roundsPerAttackMin && good.failure === undefined && performance.now() < until;) await pause(5)
    if (server.child.exit !== undefined) throw new Error(`the broker ended:\n${server.child.tail}`)
    if (good.failure !== undefined) throw new Error(`the other client failed: ${good.failure}`)
    if (good.rounds < rounds + roundsPerAttackMin) throw new Error(`the other client made only ${good.rounds - rounds} rounds`)
    const growth = watch.peakBytes - before
    const allowed = growthBytesMax + 2 * attack.frameBytesMax
    const memory = `memory +${(growth / (1 << 20)).toFixed(0)} MiB of ${(allowed / (1 << 20)).toFixed(0)} allowed`
    if (growth > allowed) throw new Error(`${seen}; ${memory}; ${good.takeLatency()}`)
    return `${seen}; ${memory}; ${good.takeLatency()}`
  })
  if (!isFine && (server.child.exit !== undefined || good.failure !== undefined)) break
}

await tier.check(`the other client completes ${roundsMin.toLocaleString("en")} produce and fetch rounds`, 120_000, async () => {
  while (good.rounds < roundsMin && good.failure === undefined) await pause(10)
  await good.stop()
  if (good.failure !== undefined) throw new Error(good.failure)
  return `${good.rounds} rounds`
})
await tier.check("the broker lives, reported no unhandled fault, and stops when asked", 30_000, async () => {
  if (server.child.exit !== undefined) throw new Error(`the broker ended:\n${server.child.tail}`)
  const exit = await server.child.stop(20_000)
  const log = readFileSync(logFile, "utf8")
  const fault = /^.*(unhandled|uncaught|UnhandledPromise|ERR_ASSERTION|AssertionError).*$/im.exec(log)
  if (fault !== null) throw new Error(`in its log: ${fault[0].slice(0, 500)}`)
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`
})
watch.stop()
if (tier.hasFailed) {
  forget()
  console.log(`kept for inspection: ${directory}`)
}
tier.finish()
