import { spawn, spawnSync, type ChildProcess } from "node:child_process"
import { createWriteStream, type WriteStream } from "node:fs"
import { onExit } from "./cleanup.ts"

export interface ChildOptions {
  readonly command: string
  readonly args: ReadonlyArray<string>
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Everything the process prints goes here; without it only the tail is kept. */
  readonly logFile?: string
  /** The kernel ends the process when we die, even by SIGKILL. Needs util-linux's setpriv; without it only an orderly end of ours takes it along. */
  readonly diesWithUs?: boolean
}

export interface ChildExit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const tailCharactersMax = 64 * 1024

/** setpriv becomes the program by exec, so the process id stays the same. */
const deathSignal = ["--pdeathsig", "KILL", "--"]
let hasSetpriv: boolean | undefined

function withDeathSignal(options: ChildOptions): { readonly command: string; readonly args: ReadonlyArray<string> } {
  hasSetpriv ??= spawnSync("setpriv", ["--version"], { stdio: "ignore" }).status === 0
  if (options.diesWithUs !== true || !hasSetpriv) return options
  return { command: "setpriv", args: [...deathSignal, options.command, ...options.args] }
}

/**
 * A process that we started, in a process group of its own, so that ending it also ends what it started in turn, and nothing else.
 */
export class Child {
  readonly pid: number
  readonly exited: Promise<ChildExit>
  exit: ChildExit | undefined
  #stdout = ""
  #stderr = ""
  #process: ChildProcess
  #lineListeners = new Set<() => void>()

  constructor(options: ChildOptions) {
    const { command, args } = withDeathSignal(options)
    this.#process = spawn(command, [...args], {
      cwd: options.cwd, env: options.env ?? process.env, detached: true, stdio: ["ignore", "pipe", "pipe"]
    })
    this.pid = this.#process.pid ?? -1
    const log: WriteStream | undefined = options.logFile === undefined ? undefined : createWriteStream(options.logFile, { flags: "a" })
    const forget = onExit(() => this.signal("SIGKILL"))
    this.#process.stdout!.on("data", (chunk: Buffer) => {
      log?.write(chunk)
      this.#stdout = (this.#stdout + chunk.toString()).slice(-tailCharactersMax)
      for (const listener of this.#lineListeners) listener()
    })
    this.#process.stderr!.on("data", (chunk: Buffer) => {
      log?.write(chunk)
      this.#stderr = (this.#stderr + chunk.toString()).slice(-tailCharactersMax)
    })
    this.exited = new Promise((resolve) => {
      const settle = (exit: ChildExit): void => {
        if (this.exit !== undefined) return
        this.exit = exit
        forget()
        log?.end()
        for (const listener of this.#lineListeners) listener()
        resolve(exit)
      }
      this.#process.on("error", (error) => {
        this.#stderr += String(error)
        settle({ code: -1, signal: null })
      })
      this.#process.on("close", (code, signal) => settle({ code, signal }))
    })
  }

  get stdout(): string {
    return this.#stdout
  }

  get stderr(): string {
    return this.#stderr
  }

  /** The last lines of both streams, for an error message. */
  get tail(): string {
    return `${this.#stdout.slice(-1500)}\n${this.#stderr.slice(-1500)}`.trim()
  }

  signal(signal: NodeJS.Signals): void {
    if (this.exit !== undefined || this.pid <= 0) return
    try {
      process.kill(-this.pid, signal)
    } catch {
      // The group is gone already.
    }
  }

  /** Waits until standard output matches; fails when the process ends first or time is up. */
  waitForOutput(pattern: RegExp, timeoutMillis: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer)
        this.#lineListeners.delete(check)
        if (error === undefined) resolve()
        else reject(error)
      }
      const check = (): void => {
        if (pattern.test(this.#stdout)) finish()
        else if (this.exit !== undefined) finish(new Error(`process ended with ${describeExit(this.exit)} before it was ready:\n${this.tail}`))
      }
      const timer = setTimeout(() => finish(new Error(`not ready in ${timeoutMillis} ms:\n${this.tail}`)), timeoutMillis)
      this.#lineListeners.add(check)
      check()
    })
  }

  /** Waits for the end; after the time-out the process is killed and the call fails. */
  async wait(timeoutMillis: number): Promise<ChildExit> {
    let timer: NodeJS.Timeout | undefined
    const timeout = new Promise<"timeout">((resolve) => {
      timer = setTimeout(() => resolve("timeout"), timeoutMillis)
    })
    const first = await Promise.race([this.exited, timeout])
    clearTimeout(timer)
    if (first !== "timeout") return first
    this.signal("SIGKILL")
    await this.exited
    throw new Error(`no end in ${timeoutMillis} ms:\n${this.tail}`)
  }

  /** Asks for an orderly stop and insists after the time-out. */
  async stop(timeoutMillis = 20_000): Promise<ChildExit> {
    this.signal("SIGTERM")
    const timer = setTimeout(() => this.signal("SIGKILL"), timeoutMillis)
    const exit = await this.exited
    clearTimeout(timer)
    return exit
  }

  async kill(): Promise<void> {
    this.signal("SIGKILL")
    await this.exited
  }
}

export function describeExit(exit: ChildExit): string {
  return exit.signal === null ? `exit code ${exit.code}` : `signal ${exit.signal}`
}

/** Runs a program to its end and returns what it printed; a non-zero exit code is an error. */
export async function run(options: ChildOptions & { readonly timeoutMillis: number }): Promise<{ stdout: string; stderr: string }> {
  const child = new Child(options)
  const exit = await child.wait(options.timeoutMillis)
  if (exit.code !== 0) throw new Error(`${options.command} ${options.args.slice(0, 3).join(" ")}: ${describeExit(exit)}\n${child.tail}`)
  return { stdout: child.stdout, stderr: child.stderr }
}
