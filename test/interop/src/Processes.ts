import { spawn } from "node:child_process"
import type { ChildProcess, SpawnOptions } from "node:child_process"

/**
 * Every process of the tier is started here, as the leader of a process group of its own, so that a kill also reaches what it
 * started itself, and so that nothing is left behind when the runner ends, in whatever way.
 */
const groups = new Set<ChildProcess>()

export function startProcess(command: string, args: ReadonlyArray<string>, options: SpawnOptions = {}): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true })
  groups.add(child)
  child.on("error", () => groups.delete(child))
  child.on("exit", () => groups.delete(child))
  return child
}

export function killGroup(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch {
    // The group has ended by itself.
  }
}

export function killAll(): void {
  for (const child of groups) killGroup(child)
}

process.on("exit", killAll)
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(1))

export interface Finished { readonly code: number | null; readonly stdout: string; readonly stderr: string }

/** Runs a command to its end; when the time is over its whole group is killed and the code is null. */
export function runProcess(command: string, args: ReadonlyArray<string>, options: { timeoutMillis: number; input?: string }): Promise<Finished> {
  const child = startProcess(command, args, { stdio: ["pipe", "pipe", "pipe"] })
  let stdout = ""
  let stderr = ""
  child.stdout?.on("data", (chunk: Buffer) => { stdout += chunk.toString() })
  child.stderr?.on("data", (chunk: Buffer) => { stderr += chunk.toString() })
  child.stdin?.on("error", () => {})
  child.stdin?.end(options.input ?? "")
  const timer = setTimeout(() => killGroup(child), options.timeoutMillis)
  return new Promise((resolve) => {
    child.on("error", (error) => { clearTimeout(timer); resolve({ code: 127, stdout, stderr: error.message }) })
    child.on("close", (code) => { clearTimeout(timer); resolve({ code, stdout, stderr }) })
  })
}

export function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode)
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)))
}
