import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { createServer, type AddressInfo, type Socket } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterEach, describe, expect, it } from "vitest"
import { within } from "./support/within.ts"

const endings: Array<() => unknown> = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const script = fileURLToPath(new URL("support/startServer.child.ts", import.meta.url))

/**
 * A program in the place of a nats-server: it says that it is ready, and its connection to us tells by its end that it is no more,
 * whoever ended it.
 */
async function makeProgram() {
  const directory = mkdtempSync(join(tmpdir(), "tailrace-orphan-"))
  endings.push(() => rmSync(directory, { recursive: true, force: true }))
  const runs: Array<{ readonly pid: number; readonly ended: Promise<unknown>; readonly socket: Socket }> = []
  let onRun = (): void => undefined
  const server = createServer((socket) => {
    socket.on("error", () => undefined)
    socket.once("data", (chunk: Buffer) => {
      const pid = Number(chunk.toString())
      runs.push({ pid, ended: once(socket, "close"), socket })
      endings.push(() => {
        if (!socket.closed) process.kill(pid, "SIGKILL")
      })
      onRun()
    })
  }).listen(0, "127.0.0.1")
  endings.push(() => void server.close())
  await once(server, "listening")
  const file = join(directory, "program.cjs")
  writeFileSync(file, `require("node:net").connect(${(server.address() as AddressInfo).port}, "127.0.0.1", function () {
    this.write(String(process.pid), () => console.error("Server is ready"))
  })`)
  const program = join(directory, "program")
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${file}\n`)
  chmodSync(program, 0o755)
  /** Resolves with the run of that number, counted from 0. */
  const run = (number: number) => new Promise<(typeof runs)[number]>((resolve) => {
    onRun = () => {
      if (runs[number] !== undefined) resolve(runs[number])
    }
    onRun()
  })
  /** Names of programs, but not of setpriv. */
  const path = join(directory, "bin")
  mkdirSync(path)
  symlinkSync("/bin/sh", join(path, "sh"))
  return { program, path, run }
}

interface Parent {
  readonly parent: ChildProcess
  /** Code and signal, once nobody holds its streams any more. */
  readonly closed: Promise<ReadonlyArray<unknown>>
  /** The server's process id after its start, and after what was done to it. */
  readonly said: () => Promise<ReadonlyArray<string>>
}

function startParent(PATH: string | undefined, program: string, action: string): Parent {
  const parent = spawn(process.execPath, [script, program, action], { stdio: ["pipe", "pipe", "inherit"], env: { ...process.env, PATH } })
  endings.push(() => void parent.kill("SIGKILL"))
  let text = ""
  parent.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString()
  })
  const said = async (): Promise<ReadonlyArray<string>> => {
    while (text.split("\n").length < 3) await once(parent.stdout, "data")
    return text.trim().split("\n")
  }
  return { parent, closed: once(parent, "close"), said }
}

const hasShell = process.platform !== "win32"

describe.skipIf(!hasShell).each([["without setpriv", false], ["as this machine is", true]])("a server, %s", (_, isWhole) => {
  it.each(["stay", "pause"])("does not outlive who started it and is killed (%s)", async (action) => {
    const { path, program, run } = await makeProgram()
    const { parent, said } = startParent(isWhole ? process.env["PATH"] : path, program, action)
    const { ended, pid } = await run(0)
    // What signals go to is the program itself.
    expect(await said()).toEqual([String(pid), String(pid)])
    parent.kill("SIGKILL")
    await within(20_000, "the end of the server", ended)
  })

  it.each(["kill", "stop"])("ends by %s, and holds nobody", async (action) => {
    const { path, program, run } = await makeProgram()
    const { closed, said } = startParent(isWhole ? process.env["PATH"] : path, program, action)
    const { ended, pid } = await run(0)
    expect(await said()).toEqual([String(pid), "none"])
    await within(20_000, "the end of the server", ended)
    expect(await within(20_000, "the end of the parent", closed)).toEqual([0, null])
  })

  it("is started anew, and the new one ends with us, too", async () => {
    const { path, program, run } = await makeProgram()
    const { closed, parent, said } = startParent(isWhole ? process.env["PATH"] : path, program, "restart")
    const [first, second] = [await run(0), await run(1)]
    await within(20_000, "the end of the first", first.ended)
    expect(await said()).toEqual([String(first.pid), String(second.pid)])
    parent.stdin?.end()
    await within(20_000, "the end of the second", second.ended)
    expect(await within(20_000, "the end of the parent", closed)).toEqual([0, null])
  })
})
