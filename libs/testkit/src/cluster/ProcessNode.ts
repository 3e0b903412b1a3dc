import type { ChildProcess } from "node:child_process"
import { once } from "node:events"
import { cp, mkdir, open, readdir, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { spawnBound } from "@tailrace/bus/nats-server"
import type { ClusterMember } from "./ClusterMember.ts"
import { UnsupportedFault } from "./UnsupportedFault.ts"

export interface ProcessNodeOptions {
  readonly nodeId: number
  readonly address: string
  /** For its data and its copy. */
  readonly directory: string
  readonly properties: Readonly<Record<string, string>>
  /** How long `stop` may take; default 20 s. */
  readonly stopMillisMax?: number
  /** It ended by itself. */
  readonly onCrash: (nodeId: number, cause: string) => void
}

const linesKeptMax = 2_000
const pageBytes = 4_096
const draws = 10_000
const stopMillisMaxDefault = 20_000
/** Beside the sources it is TypeScript, in a package JavaScript. */
const entry = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "./nodeProcess.ts" : "./nodeProcess.js", import.meta.url))

/** A node as a process. It ends with us, however we end: its input closes, and where it stands still it is killed. */
export class ProcessNode implements ClusterMember {
  readonly nodeId: number
  readonly address: string
  readonly logLines: Array<string> = []
  readonly #options: ProcessNodeOptions
  readonly #data: string
  readonly #copy: string
  #child: ChildProcess | undefined
  #isPaused = false
  #isReady = false
  hasCopy = false

  constructor(options: ProcessNodeOptions) {
    this.#options = options
    this.nodeId = options.nodeId
    this.address = options.address
    this.#data = join(options.directory, `node${options.nodeId}`)
    this.#copy = `${this.#data}.copy`
  }

  get isUp(): boolean {
    return this.#child !== undefined
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  get isServing(): boolean {
    return this.#isReady && !this.#isPaused
  }

  begin(): void {
    if (this.#child !== undefined) return
    const properties = JSON.stringify({ ...this.#options.properties, "log.dirs": this.#data })
    const child = spawnBound(process.execPath, [entry, properties], { stdio: ["pipe", "pipe", "pipe"] })
    this.#child = child
    child.stdout!.setEncoding("utf8").on("data", () => {
      if (this.#child === child) this.#isReady = true
    })
    child.stderr!.setEncoding("utf8").on("data", (text: string) => this.#log(text))
    // A pipe to a process that was killed breaks, which is expected.
    child.stdin!.on("error", () => this.#log("its input is closed"))
    child.on("error", (cause) => this.#ended(child, String(cause)))
    child.on("exit", (code, signal) => this.#ended(child, `${signal ?? code}: ${this.logLines.slice(-5).join("\n")}`))
  }

  async kill(): Promise<void> {
    const child = this.#release()
    if (child === undefined) return
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
  }

  async powerLoss(): Promise<void> {
    throw new UnsupportedFault("powerLoss", "processes", "what a process wrote outlives it in the system's memory; use kill, or mode inProcess")
  }

  async pause(): Promise<void> {
    if (this.#child?.kill("SIGSTOP") === true) this.#isPaused = true
  }

  async resume(): Promise<void> {
    this.#child?.kill("SIGCONT")
    this.#isPaused = false
  }

  async stop(): Promise<void> {
    if (this.#isPaused) throw new Error(`node ${this.nodeId} is paused and cannot stop in order: resume or kill it`)
    const child = this.#release()
    if (child === undefined) return
    const { stopMillisMax = stopMillisMaxDefault } = this.#options
    const ended = once(child, "exit", { signal: AbortSignal.timeout(stopMillisMax) })
    child.stdin?.write("stop\n")
    try {
      await ended
    } catch (cause) {
      // Nobody else knows of it any more.
      const killed = once(child, "exit")
      child.kill("SIGKILL")
      await killed
      throw new Error(`node ${this.nodeId} did not stop within ${stopMillisMax} ms and was killed`, { cause })
    }
  }

  async wipe(): Promise<void> {
    this.#assertDown("wiped")
    await rm(this.#data, { recursive: true, force: true })
  }

  /** While it stands still the files are what a crash at that moment would leave. */
  async saveCopy(): Promise<void> {
    const isRunning = this.isUp && !this.#isPaused
    if (isRunning) await this.pause()
    try {
      await rm(this.#copy, { recursive: true, force: true })
      await mkdir(this.#data, { recursive: true })
      await cp(this.#data, this.#copy, { recursive: true, filter: (file) => !file.endsWith(".copy") })
      this.hasCopy = true
    } finally {
      if (isRunning) await this.resume()
    }
  }

  async restoreOldCopy(): Promise<void> {
    this.#assertDown("given an old copy")
    if (!this.hasCopy) throw new Error(`node ${this.nodeId} has no old copy: call saveCopy() before`)
    await rm(this.#data, { recursive: true, force: true })
    await cp(this.#copy, this.#data, { recursive: true })
  }

  async corrupt(): Promise<void> {
    throw new UnsupportedFault("corrupt", "processes", "nobody finds one batch in a data file; a schedule's corrupt flips bits anywhere")
  }

  /** Bits where the largest file holds something. */
  async corruptAny(draw: number, bits: number): Promise<void> {
    this.#assertDown("damaged")
    const file = await this.#largestFile()
    if (file === undefined) return
    const handle = await open(file.path, "r+")
    try {
      for (let at = 0, found = 0; at < draws && found < bits; at++) {
        const position = (draw + at * 7_919 * pageBytes + at) % file.bytes
        const byte = Buffer.alloc(1)
        await handle.read(byte, 0, 1, position)
        if (byte[0] === 0) continue
        byte[0]! ^= 1 << at % 8
        await handle.write(byte, 0, 1, position)
        found++
      }
    } finally {
      await handle.close()
    }
  }

  slowFlush(millis: number | undefined): void {
    if (millis !== undefined) throw new UnsupportedFault("slowFlush", "processes", "it takes the system's help; use mode inProcess")
  }

  fillDisk(): void {
    throw new UnsupportedFault("fillDisk", "processes", "it takes a disk of its own; use mode inProcess")
  }

  /** Nothing fills it. */
  freeDisk(): void {}

  #release(): ChildProcess | undefined {
    const child = this.#child
    this.#child = undefined
    this.#isReady = false
    this.#isPaused = false
    return child
  }

  #ended(child: ChildProcess, how: string): void {
    if (this.#child !== child) return
    this.#release()
    this.#options.onCrash(this.nodeId, how)
  }

  #log(text: string): void {
    this.logLines.push(...text.split("\n").filter((line) => line !== ""))
    if (this.logLines.length > linesKeptMax) this.logLines.splice(0, this.logLines.length - linesKeptMax)
  }

  #assertDown(what: string): void {
    if (this.isUp) throw new Error(`node ${this.nodeId} is up and cannot be ${what}: kill it before`)
  }

  async #largestFile(): Promise<{ readonly path: string; readonly bytes: number } | undefined> {
    const entries = await readdir(this.#data, { recursive: true, withFileTypes: true })
    let largest: { readonly path: string; readonly bytes: number } | undefined
    for (const file of entries) {
      if (!file.isFile()) continue
      const path = join(file.parentPath, file.name)
      const { size } = await stat(path)
      if (size > (largest?.bytes ?? 0)) largest = { path, bytes: size }
    }
    return largest
  }
}
