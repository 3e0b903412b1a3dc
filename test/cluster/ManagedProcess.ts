import { Child, describeExit } from "../bench/harness/Child.ts"
import type { CommandLine } from "./ClusterKind.ts"
import type { Ledger } from "./Ledger.ts"

/** A process of a cluster that may be killed, stopped, woken and started again, with one log file over all its lives. */
export class ManagedProcess {
  readonly title: string
  readonly logFile: string
  #ledger: Ledger
  #child: Child | undefined
  #isPaused = false

  constructor(title: string, logFile: string, ledger: Ledger) {
    this.title = title
    this.logFile = logFile
    this.#ledger = ledger
  }

  get child(): Child | undefined {
    return this.#child
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exit === undefined
  }

  get isPaused(): boolean {
    return this.#isPaused
  }

  /** The words of its last life, for an error message. */
  get lastWords(): string {
    return this.#child?.exit === undefined ? this.#child?.tail ?? "never started" : `ended with ${describeExit(this.#child.exit)}\n${this.#child.tail}`
  }

  spawn(commandLine: CommandLine): Child {
    if (this.isRunning) throw new Error(`${this.title} is running already`)
    this.#isPaused = false
    this.#child = new Child({ ...commandLine, logFile: this.logFile, diesWithUs: true })
    this.#ledger.addProcess(this.#child.pid)
    return this.#child
  }

  /** SIGKILL, at once; the promise ends when the process has ended. */
  async kill(): Promise<void> {
    await this.#child?.kill()
  }

  /** SIGTERM, and SIGKILL where that does not end it. A paused process is woken first: it could not hear the signal. */
  async stop(): Promise<void> {
    this.resume()
    await this.#child?.stop()
  }

  /** SIGSTOP: its connections stay open and nobody answers on them. */
  pause(): void {
    this.#child?.signal("SIGSTOP")
    this.#isPaused = true
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#child?.signal("SIGCONT")
  }
}
