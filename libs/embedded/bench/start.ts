/**
 * What a test pays for a node: `Tailrace.start()` in a process that has it loaded, and the way from the spawn of a new process to its
 * first acknowledged record. Medians of 20. `node libs/embedded/bench/start.ts`
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Tailrace, type TailraceOptions } from "../src/index.ts"

const rounds = 20
const startMillisWanted = 50
const spawnMillisWanted = 500

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

function report(what: string, values: ReadonlyArray<number>, wanted?: number): void {
  const found = median(values)
  const verdict = wanted === undefined ? "" : `, wanted ${wanted}: ${found <= wanted ? "met" : "MISSED"}`
  console.log(`${what}: ${found.toFixed(1)} ms (${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)})${verdict}`)
}

async function startMillis(options: () => TailraceOptions): Promise<ReadonlyArray<number>> {
  const values: Array<number> = []
  for (let round = 0; round < rounds; round++) {
    const given = options()
    const from = performance.now()
    const node = await Tailrace.start(given)
    values.push(performance.now() - from)
    await node.close()
  }
  return values
}

/** From the spawn to the line that says that a record was acknowledged, and the time of the processor in it. */
function spawnMillis(): Promise<{ readonly took: number; readonly processor: number }> {
  return new Promise((resolve, reject) => {
    const from = performance.now()
    const child: ChildProcess = spawn(process.execPath, [fileURLToPath(new URL("./firstProduce.ts", import.meta.url))], { stdio: ["ignore", "pipe", "inherit"] })
    let found: { readonly took: number; readonly processor: number } | undefined
    child.stdout!.on("data", (line: Buffer) => {
      found ??= { took: performance.now() - from, processor: Number(line.toString()) }
    })
    child.once("exit", (code) => found === undefined ? reject(new Error(`ended with ${code} before a record was acknowledged`)) : resolve(found))
  })
}

report("Tailrace.start(), memory", await startMillis(() => ({ storage: "memory", port: 0 })), startMillisWanted)
const root = mkdtempSync(join(tmpdir(), "tailrace-start-"))
let directories = 0
report("Tailrace.start(), disk", await startMillis(() => ({ port: 0, properties: { "log.dirs": join(root, String(directories++)) } })))
rmSync(root, { recursive: true, force: true })
const spawned: Array<{ readonly took: number; readonly processor: number }> = []
for (let round = 0; round < rounds; round++) spawned.push(await spawnMillis())
report("spawn to the first acknowledged record, memory", spawned.map(({ took }) => took), spawnMillisWanted)
report("  of it on the processor, also where others keep the machine busy", spawned.map(({ processor }) => processor))
