import * as fs from "node:fs"
import { createInterface } from "node:readline"
import { join } from "node:path"
import type { ChildProcess } from "node:child_process"
import { exitOf, killGroup, startProcess } from "./Processes.ts"
import type { DriverCommand } from "./Clients.ts"

interface Pending { readonly resolve: (count: number) => void; readonly reject: (error: Error) => void; readonly timer: NodeJS.Timeout }

/** One running driver: jobs go in as lines, events come out as JSON lines (drivers/node/contract.ts has the contract). */
export class DriverProcess {
  /** The partitions that the running group job holds now, by its own account. */
  assignment: ReadonlyArray<number> = []
  onAssignment: () => void = () => {}
  private readonly pending = new Map<number, Pending>()
  private readonly child: ChildProcess
  private readonly label: string
  private lastWords = ""
  private jobs = 0
  private killed = false

  constructor(command: DriverCommand, bootstrap: string, directory: string, label: string) {
    this.label = label
    this.child = startProcess(command.command, [...command.args, bootstrap], { stdio: ["pipe", "pipe", "pipe"], cwd: directory })
    const log = fs.createWriteStream(join(directory, `${label}.stderr`), { flags: "a" })
    this.child.stderr?.on("data", (chunk: Buffer) => {
      log.write(chunk)
      this.lastWords = (this.lastWords + chunk.toString()).slice(-600)
    })
    this.child.stdin?.on("error", () => {})
    if (this.child.stdout !== null) createInterface({ input: this.child.stdout }).on("line", (line) => this.receive(line))
    this.child.on("error", (error) => this.fail(error.message))
    this.child.on("close", (code, signal) => this.fail(`the driver ended with ${signal ?? code}: ${this.lastWords.trim()}`))
  }

  get isAlive(): boolean {
    return !this.killed && this.child.exitCode === null && this.child.signalCode === null
  }

  /** Runs one job and answers how many records it handled. A job that outlives its time takes the driver with it. */
  run(op: string, words: Readonly<Record<string, string | number>>, timeoutMillis: number): Promise<number> {
    if (!this.isAlive) return Promise.reject(new Error(`the driver has ended: ${this.lastWords.trim()}`))
    const id = ++this.jobs
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fail(`${op} did not end within ${timeoutMillis} ms: ${this.lastWords.trim()}`)
        this.kill()
      }, timeoutMillis)
      this.pending.set(id, { resolve, reject, timer })
      this.child.stdin?.write(`${[op, `id=${id}`, ...Object.entries(words).map(([name, value]) => `${name}=${value}`)].join("\t")}\n`)
    })
  }

  leave(): void {
    this.child.stdin?.write("leave\n")
  }

  kill(): void {
    this.killed = true
    killGroup(this.child, "SIGKILL")
  }

  async close(): Promise<void> {
    this.child.stdin?.end()
    const timer = setTimeout(() => this.kill(), 10_000)
    await exitOf(this.child)
    clearTimeout(timer)
  }

  private receive(line: string): void {
    let event: { id?: number; event?: string; count?: number; message?: string; partitions?: number[] }
    try {
      event = JSON.parse(line) as typeof event
    } catch {
      this.lastWords = (this.lastWords + line).slice(-600)
      return
    }
    if (event.event === "assignment") {
      this.assignment = event.partitions ?? []
      this.onAssignment()
    }
    const pending = this.pending.get(event.id ?? -1)
    if (pending === undefined || (event.event !== "done" && event.event !== "error")) return
    this.pending.delete(event.id ?? -1)
    clearTimeout(pending.timer)
    if (event.event === "done") pending.resolve(event.count ?? 0)
    else pending.reject(new Error(event.message ?? "error"))
  }

  private fail(message: string): void {
    for (const { reject, timer } of this.pending.values()) {
      clearTimeout(timer)
      reject(new Error(`${this.label}: ${message}`))
    }
    this.pending.clear()
    this.assignment = []
    this.onAssignment()
  }
}
