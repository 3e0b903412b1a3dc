/**
 * Runs the README's commands verbatim: clones the checkout into an empty directory, starts the node with the README's own
 * line, and runs every example that carries a `<!-- ci: name -->` mark against it. Needs git, and kcat for its example.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { findNatsServer, natsServerHelp } from "@tailrace/bus/nats-server"

const root = fileURLToPath(new URL("../..", import.meta.url))
const readyMillisMax = 180_000
const exampleMillisMax = 120_000

interface Example {
  readonly name: string
  readonly language: string
  readonly code: string
}

function examples(readme: string): ReadonlyMap<string, Example> {
  const found = new Map<string, Example>()
  for (const [, name = "", language = "", code = ""] of readme.matchAll(/<!-- ci: (\S+) -->\n```(\w+)\n([\s\S]*?)```/g)) {
    found.set(name, { name, language, code })
  }
  return found
}

/** What stands before the comment of the README's line for starting a node. */
function startCommand(readme: string): string {
  const line = readme.split("\n").find((text) => text.startsWith("npm ci && npm start"))
  if (line === undefined) throw new Error("the README does not say how to start")
  return line.replace(/\s+#.*$/, "")
}

/** npm scripts bring their own Node; a user's shell does not. */
const userEnvironment = (): NodeJS.ProcessEnv => {
  const environment = { ...process.env }
  environment["PATH"] = (environment["PATH"] ?? "").split(":").filter((part) => !part.includes("node_modules")).join(":")
  return environment
}

function start(directory: string, command: string): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that npm and what it started end together.
    const child = spawn("sh", ["-c", command], { cwd: directory, env: userEnvironment(), detached: true, stdio: ["ignore", "pipe", "inherit"] })
    let output = ""
    const timer = setTimeout(() => reject(new Error(`no ready line within ${readyMillisMax} ms:\n${output}`)), readyMillisMax)
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text
      if (!/^Tailrace is ready: .*localhost:9092/m.test(output)) return
      clearTimeout(timer)
      resolve(child)
    })
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it was ready:\n${output}`)))
  })
}

async function stop(child: ChildProcess): Promise<number | null> {
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve))
  process.kill(-child.pid!, "SIGTERM")
  return ended
}

function runShell(code: string, directory: string): string {
  const result = spawnSync("sh", ["-euc", code], { cwd: directory, env: userEnvironment(), encoding: "utf8", timeout: exampleMillisMax })
  if (result.status !== 0) throw new Error(`exit code ${result.status}:\n${result.stdout}${result.stderr}`)
  return result.stdout
}

/** Runs an example that leaves servers running, and ends all of them with it. */
async function runServers(code: string, directory: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn("sh", ["-euc", code], { cwd: directory, env: environment, detached: true, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => output += text)
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve))
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()))
  const timer = setTimeout(() => child.kill("SIGKILL"), exampleMillisMax)
  const exitCode = await exited
  clearTimeout(timer)
  try {
    process.kill(-child.pid!, "SIGTERM")
  } catch {
    // Nothing of the example runs any more.
  }
  await closed
  if (exitCode !== 0) throw new Error(`exit code ${exitCode}:\n${output}`)
  return output
}

function expectIn(output: string, ...parts: ReadonlyArray<string>): void {
  for (const part of parts) if (!output.includes(part)) throw new Error(`expected ${JSON.stringify(part)} in:\n${output}`)
}

async function main(): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), "tailrace-readme-"))
  const clone = join(work, "tailrace")
  const empty = join(work, "empty")
  mkdirSync(empty)
  execFileSync("git", ["clone", "-q", root, clone])
  const readme = readFileSync(join(clone, "README.md"), "utf8")
  const all = examples(readme)
  const example = (name: string): string => all.get(name)?.code ?? (() => { throw new Error(`the README has no example ${name}`) })()
  const checks: ReadonlyArray<readonly [string, () => void]> = [
    ["kcat", () => expectIn(runShell(example("kcat"), empty), `key-1:{"total": 42}`)],
    ["kafkajs", () => {
      runShell("npm install --no-audit --no-fund --silent kafkajs@2.2.4", empty)
      writeFileSync(join(empty, "example.mjs"), example("kafkajs"))
      expectIn(runShell("node example.mjs", empty), "0 order-1 paid")
    }],
    ["cli", () => expectIn(runShell(example("cli"), clone), "a\n", "b\n", "c\n", "PartitionCount: 3")],
    ["embedded", () => {
      writeFileSync(join(clone, "test", "example.ts"), example("embedded"))
      expectIn(runShell("../node_modules/.bin/node example.ts", join(clone, "test")), "localhost:")
    }]
  ]
  let passed = 0
  let failed = 0
  const attempt = async (name: string, check: () => unknown): Promise<boolean> => {
    try {
      await check()
      passed++
      console.log(`ok   ${name}`)
      return true
    } catch (cause) {
      failed++
      console.log(`FAIL ${name}\n${cause instanceof Error ? cause.message : String(cause)}`)
      return false
    }
  }
  let node: ChildProcess | undefined
  if (await attempt(startCommand(readme), async () => { node = await start(clone, startCommand(readme)) })) {
    for (const [name, check] of checks) await attempt(name, check)
    const natsServer = await findNatsServer()
    if (natsServer === undefined) {
      if (process.env["CI"] === "true" && process.env["REQUIRE_NATS"] === "1") await attempt("cluster", () => { throw new Error(natsServerHelp) })
      else console.log(`skipped: cluster (${natsServerHelp})`)
    } else {
      const environment = userEnvironment()
      environment["PATH"] = `${dirname(natsServer)}:${environment["PATH"] ?? ""}`
      await attempt("cluster", async () => expectIn(await runServers(example("cluster"), clone, environment), "Controller: ", "broker,controller"))
    }
    await attempt("SIGTERM ends it in order", async () => { await stop(node!) })
  }
  rmSync(work, { recursive: true, force: true })
  console.log(`${passed} passed, ${failed} failed`)
  return failed
}

if (import.meta.main) process.exitCode = await main() === 0 ? 0 : 1
