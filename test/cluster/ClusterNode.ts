import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Child } from "../bench/harness/Child.ts"
import { answersApiVersions, pause } from "../bench/harness/network.ts"
import type { ClusterKind, CommandLine, NodePlan } from "./ClusterKind.ts"
import { dataFaults, type BitFlip } from "./dataFaults.ts"
import type { Endpoint } from "./Layout.ts"
import type { Ledger } from "./Ledger.ts"
import { ManagedProcess } from "./ManagedProcess.ts"
import { isPortOpen, isReady } from "./probes.ts"
import { SmallDisk } from "./SmallDisk.ts"

export interface FlushFault {
  /** Every flush takes so much longer. */
  readonly delayMillis?: number
  /** Every flush fails with EIO. */
  readonly fails?: boolean
}

const flushCalls = "fsync,fdatasync"
const pollMillis = 20
const busStartMillisMax = 10_000
const straceStartMillisMax = 10_000

/** One node of a cluster, with its bus server where it has one, its data directory, and what can happen to them. */
export class ClusterNode {
  readonly id: number
  readonly process: ManagedProcess
  /** Undefined for products without one. */
  readonly bus: ManagedProcess | undefined
  readonly kafka: Endpoint
  #kind: ClusterKind
  #plan: NodePlan
  #disk: SmallDisk | undefined
  #ledger: Ledger
  #flushFault: Child | undefined

  constructor(kind: ClusterKind, plan: NodePlan, ledger: Ledger, diskMebibytes: number | undefined) {
    this.id = plan.nodeId
    this.#kind = kind
    this.#plan = plan
    this.#ledger = ledger
    this.kafka = plan.layout.endpoint(plan.nodeId, "kafka")
    this.process = new ManagedProcess(`${kind.id} ${plan.nodeId}`, join(plan.directory, "node.log"), ledger)
    this.bus = kind.hasBusServer(plan) ? new ManagedProcess(`nats ${plan.nodeId}`, join(plan.directory, "nats.log"), ledger) : undefined
    if (diskMebibytes !== undefined) this.#disk = SmallDisk.mount(kind.dataDirectory(plan), diskMebibytes, ledger)
  }

  get dataDirectory(): string {
    return this.#kind.dataDirectory(this.#plan)
  }

  get address(): string {
    return `${this.kafka.host}:${this.kafka.port}`
  }

  /** Where the disk was made small (`diskMebibytes`). */
  get disk(): SmallDisk {
    if (this.#disk === undefined) throw new Error("this cluster's disks are not small: start it with diskMebibytes")
    return this.#disk
  }

  /** Starts the bus server, where it is not running, and the process; returns at once. */
  async spawn(): Promise<void> {
    await this.#kind.prepare(this.#plan)
    if (this.bus?.isRunning === false) await this.startBus()
    this.process.spawn(this.#placed(this.#kind.node(this.#plan)))
  }

  async start(): Promise<void> {
    await this.spawn()
    await this.ready()
  }

  /** Waits until it answers ApiVersions and, where it has that, says that it is ready. */
  async ready(): Promise<void> {
    await this.#until("ready", this.#kind.startMillisMax, this.process, async () =>
      await answersApiVersions(this.kafka.port, 1_000, this.kafka.host)
      && (!this.#kind.hasReadyz || await isReady(this.#plan.layout.endpoint(this.id, "http"))))
  }

  async startBus(): Promise<void> {
    if (this.bus === undefined) throw new Error(`${this.process.title} has no bus server`)
    this.bus.spawn(this.#placed(this.#kind.busServer(this.#plan)))
    const endpoint = this.#plan.layout.endpoint(this.id, "nats")
    await this.#until("open", busStartMillisMax, this.bus, () => isPortOpen(endpoint))
  }

  async kill(): Promise<void> {
    this.#endFlushFault()
    await this.process.kill()
  }

  async stop(): Promise<void> {
    this.#endFlushFault()
    await this.process.stop()
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  pause(): void {
    this.process.pause()
  }

  resume(): void {
    this.process.resume()
  }

  /** All data gone, as after a new disk. The node must not be running, nor for the next four. */
  wipe(): void {
    this.#mustBeDown()
    dataFaults.wipe(this.dataDirectory)
  }

  saveCopy(name = "copy"): void {
    this.#mustBeDown()
    dataFaults.saveCopy(this.dataDirectory, join(this.#plan.directory, name))
  }

  restoreCopy(name = "copy"): void {
    this.#mustBeDown()
    dataFaults.restoreCopy(join(this.#plan.directory, name), this.dataDirectory)
  }

  flipBits(options: { readonly bits: number; readonly random: () => number; readonly match?: RegExp }): BitFlip[] {
    this.#mustBeDown()
    return dataFaults.flipBits(this.dataDirectory, options)
  }

  truncateTail(bytes: number, match?: RegExp): string {
    this.#mustBeDown()
    return dataFaults.truncateTail(this.dataDirectory, bytes, match)
  }

  /** From now on every flush of the running process is slow or fails, until `endFlushFault` or its end. Needs strace. */
  async startFlushFault(fault: FlushFault): Promise<void> {
    await this.endFlushFault()
    const child = this.process.child
    if (child === undefined || !this.process.isRunning) throw new Error(`${this.process.title} is not running`)
    const inject = fault.fails === true ? "error=EIO" : `delay_enter=${(fault.delayMillis ?? 0) * 1000}`
    const strace = new Child({
      command: "strace", args: ["-f", "-p", String(child.pid), "-e", `trace=${flushCalls}`, "-e", `inject=${flushCalls}:${inject}`, "-o", "/dev/null"], diesWithUs: true
    })
    this.#ledger.addProcess(strace.pid)
    this.#flushFault = strace
    await this.#untilTraced(strace, child.pid)
  }

  async endFlushFault(): Promise<void> {
    const strace = this.#flushFault
    this.#endFlushFault()
    await strace?.exited
  }

  async close(): Promise<void> {
    await this.endFlushFault()
    this.process.resume()
    await this.process.kill()
    this.bus?.resume()
    await this.bus?.kill()
    this.#disk?.unmount()
  }

  /** SIGTERM makes strace let go of the process and leave it running. */
  #endFlushFault(): void {
    this.#flushFault?.signal("SIGTERM")
    this.#flushFault = undefined
  }

  #mustBeDown(): void {
    if (this.process.isRunning) throw new Error(`${this.process.title} is running: stop or kill it first`)
  }

  #placed(commandLine: CommandLine): CommandLine {
    const [command, ...args] = this.#plan.layout.placed(this.id, [commandLine.command, ...commandLine.args])
    return { ...commandLine, command: command!, args }
  }

  async #until(what: string, millisMax: number, managed: ManagedProcess, isTrue: () => Promise<boolean>): Promise<void> {
    for (const since = performance.now(); !await isTrue(); await pause(pollMillis)) {
      if (!managed.isRunning) throw new Error(`${managed.title} ${managed.lastWords}`)
      if (performance.now() - since > millisMax) throw new Error(`${managed.title} is not ${what} after ${millisMax} ms: ${managed.logFile}\n${managed.lastWords}`)
    }
  }

  /** Every thread has strace as its tracer. */
  async #untilTraced(strace: Child, pid: number): Promise<void> {
    const isTraced = (): boolean => readdirSync(`/proc/${pid}/task`).every((thread) => /^TracerPid:\t[1-9]/m.test(statusOf(pid, thread)))
    for (const since = performance.now(); !isTraced(); await pause(pollMillis)) {
      if (strace.exit !== undefined) throw new Error(`strace could not take hold of ${this.process.title}: ${strace.tail}`)
      if (performance.now() - since > straceStartMillisMax) throw new Error(`strace did not take hold of ${this.process.title}`)
    }
  }

  /** The command for a shell in the node's network, for messages to people. */
  get shell(): string {
    return this.#plan.layout.placed(this.id, ["sh"]).join(" ")
  }

  /** The processor time of the process and of its bus server is counted apart. */
  get processIds(): { readonly node: number; readonly bus: number | undefined } {
    return { node: this.process.child?.pid ?? -1, bus: this.bus?.child?.pid }
  }
}

/** A thread may end between the listing and the look: it then needs no tracer. */
function statusOf(pid: number, thread: string): string {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8")
  } catch {
    return "TracerPid:\t1"
  }
}
