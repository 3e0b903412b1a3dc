import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { afterAll, afterEach, describe, expect, it } from "vitest"

const directory = mkdtempSync(join(tmpdir(), "tailrace-cli-hang-up-"))
const pids = new Set<number>()
afterEach(() => {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // It has ended by itself, as it should.
    }
  }
  pids.clear()
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const entry = new URL("../bin/tailrace.js", import.meta.url).pathname
const start = (data: string): ReadonlyArray<string> => [entry, "start", "--json", "--http", "off", "--port", "0", "--log-level", "warn", "--log-format", "json", "--data", data]
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("TAILRACE_") && name !== "NO_COLOR" && name !== "FORCE_COLOR"))

/** What a node says on a pipe, which ends when nobody holds it any more: the node is not a child of ours where a terminal is between. */
class Output {
  text = ""
  readonly ended: Promise<unknown>
  readonly #stream: Readable

  constructor(stream: Readable) {
    this.#stream = stream.on("data", (chunk: Buffer) => {
      this.text += chunk.toString()
    })
    this.ended = once(stream, "end")
  }

  /** Resolves with the ready line. */
  async ready(): Promise<{ readonly pid: number; readonly address: string }> {
    for (;;) {
      const line = this.text.split("\n").find((it) => it.includes('"ready":true'))
      if (line !== undefined) {
        const { addresses: [{ host, port }], pid } = JSON.parse(line) as { addresses: [{ host: string; port: number }]; pid: number }
        pids.add(pid)
        return { pid, address: `${host}:${port}` }
      }
      await Promise.race([once(this.#stream, "data"), this.ended.then(() => Promise.reject(new Error(`ended before it was ready: ${this.text}`)))])
    }
  }
}

/** Starts the node on the directory once more, which warns where the last run did not end in order. */
const expectEndedInOrder = async (data: string): Promise<void> => {
  const child = spawn(process.execPath, start(data), { env: environment, cwd: directory, stdio: ["ignore", "pipe", "pipe"] })
  const [out, err] = [new Output(child.stdout), new Output(child.stderr)]
  await out.ready()
  child.kill("SIGTERM")
  await Promise.all([out.ended, err.ended])
  expect(err.text).toBe("")
}

const hasScript = process.platform === "linux" && spawnSync("script", ["--version"], { stdio: "ignore" }).status === 0

/** Runs the command in a terminal of its own, which hangs up when this process is killed. What the command says to file 3 is the output. */
const inTerminal = (command: string): { readonly terminal: ChildProcess; readonly output: Output } => {
  const terminal = spawn("script", ["-qfec", command, "/dev/null"], { env: { ...environment, SHELL: "/bin/sh" }, cwd: directory, stdio: ["ignore", "ignore", "ignore", "pipe"] })
  return { terminal, output: new Output(terminal.stdio[3] as Readable) }
}

const hangUp = async (terminal: ChildProcess): Promise<void> => {
  terminal.kill("SIGKILL")
  // The kernel has told everybody by then: it closes what the process held first.
  await once(terminal, "exit")
}

describe("SIGHUP", { timeout: 60_000 }, () => {
  it("ends a node without a terminal as SIGTERM does, and again does not hurry it", async () => {
    // A session of its own has no terminal, wherever the tests run.
    const child = spawn(process.execPath, start("alone"), { env: environment, cwd: directory, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    const [out, err] = [new Output(child.stdout), new Output(child.stderr)]
    await out.ready()
    child.kill("SIGHUP")
    child.kill("SIGHUP")
    const [exitCode] = await once(child, "exit") as [number | null]
    await err.ended
    expect({ exitCode, err: err.text }).toEqual({ exitCode: 0, err: "" })
    await expectEndedInOrder("alone")
  })

  it.skipIf(!hasScript)("ends a node in order whose terminal hangs up, though nothing can be written there any more", async () => {
    const quoted = [process.execPath, ...start("terminal")].join(" ")
    // The ready line goes to file 3, everything else to the terminal. The shell stays, as one that a user types into.
    const { output, terminal } = inTerminal(`${quoted} >&3 & wait`)
    await output.ready()
    await hangUp(terminal)
    await output.ended
    await expectEndedInOrder("terminal")
  })

  it.skipIf(!hasScript)("passes by a node that nohup started", async () => {
    const { output, terminal } = inTerminal(`exec nohup ${[process.execPath, ...start("nohup")].join(" ")} >&3 2>&1`)
    const { address, pid } = await output.ready()
    await hangUp(terminal)
    process.kill(pid, "SIGHUP")
    const topics = spawn(process.execPath, [entry, "topic", "create", "after", "-b", address], { env: environment, stdio: "ignore" })
    expect(await once(topics, "exit")).toEqual([0, null])
    process.kill(pid, "SIGTERM")
    await output.ended
    await expectEndedInOrder("nohup")
  })
})
