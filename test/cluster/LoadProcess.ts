import { spawn, type ChildProcess } from "node:child_process"
import { createInterface } from "node:readline"
import { onExit } from "../bench/harness/cleanup.ts"
import { pause } from "../bench/harness/network.ts"
import type { CommandLine } from "./ClusterKind.ts"

/** What a load program printed about one record. `micros` is the machine's monotonic clock. */
export interface LoadEvent {
  readonly number: number
  readonly partition: number
  readonly offset: number
  readonly micros: number
}

const errorCharactersMax = 4_000
const finishMillisMax = 90_000
const pollMillis = 10

/** The machine's monotonic clock, as the load programs print it. */
export const nowMicros = (): number => Number(process.hrtime.bigint() / 1000n)

/**
 * A load program with the contract of rdload.c's `pace` and `follow`: it prints a line for each record and ends when its input does, so it
 * cannot outlive us.
 */
export class LoadProcess {
  readonly title: string
  readonly acks: LoadEvent[] = []
  readonly fails: LoadEvent[] = []
  readonly deliveries: LoadEvent[] = []
  #process: ChildProcess
  #ended: Promise<void>
  #exit: string | undefined
  #isFinishing = false
  #errors = ""

  constructor(title: string, { command, args, cwd, env }: CommandLine) {
    this.title = title
    this.#process = spawn(command, [...args], { cwd, env: env ?? process.env, stdio: ["pipe", "pipe", "pipe"] })
    const forget = onExit(() => this.#process.kill("SIGKILL"))
    createInterface({ input: this.#process.stdout! }).on("line", (line) => this.#onLine(line))
    this.#process.stderr!.on("data", (chunk: Buffer) => {
      this.#errors = (this.#errors + chunk.toString()).slice(-errorCharactersMax)
    })
    // A program that has ended hears nothing any more; its exit says why.
    this.#process.stdin!.on("error", () => undefined)
    this.#ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        this.#exit = String(error)
        resolve()
      })
      this.#process.on("close", (code, signal) => {
        forget()
        this.#exit = `${signal ?? code}`
        resolve()
      })
    })
  }

  /** Its last words; clients print there what they met and overcame. */
  get errors(): string {
    return this.#errors.trim()
  }

  /** Waits until it is true; fails when the program ends by itself or time is up. */
  async until(what: string, millisMax: number, isTrue: () => boolean): Promise<void> {
    for (const since = performance.now(); !isTrue(); await pause(pollMillis)) {
      if (this.#exit !== undefined && !this.#isFinishing) throw new Error(`${this.title} ended with ${this.#exit}: ${this.errors}`)
      if (performance.now() - since > millisMax) throw new Error(`${this.title}: not true after ${millisMax} ms: ${what}. ${this.errors}`)
    }
  }

  /** Every partition has so many acknowledgements from after that moment. */
  ackedEverywhere(partitions: number, count: number, sinceMicros = 0): boolean {
    return hasEach(this.acks, partitions, count, sinceMicros)
  }

  deliveredEverywhere(partitions: number, count: number, sinceMicros = 0): boolean {
    return hasEach(this.deliveries, partitions, count, sinceMicros)
  }

  /** Ends its input and waits until it has said what became of everything that it sent. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    this.#process.stdin!.end()
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), finishMillisMax)
    await this.#ended
    clearTimeout(timer)
    if (this.#exit === "SIGKILL") throw new Error(`${this.title} did not end in ${finishMillisMax} ms: ${this.errors}`)
  }

  async kill(): Promise<void> {
    this.#isFinishing = true
    this.#process.kill("SIGKILL")
    await this.#ended
  }

  #onLine(line: string): void {
    const [word, number, partition, offset, micros] = line.split(" ")
    const into = word === "ack" ? this.acks : word === "fail" ? this.fails : word === "got" ? this.deliveries : undefined
    into?.push({ number: Number(number), partition: Number(partition), offset: Number(offset), micros: Number(micros) })
  }
}

/** Looks at the newest events only: they are in the order of their time. */
function hasEach(events: ReadonlyArray<LoadEvent>, partitions: number, count: number, sinceMicros: number): boolean {
  const counts = new Map<number, number>()
  let full = 0
  for (let at = events.length - 1; at >= 0 && events[at]!.micros > sinceMicros; at--) {
    const { partition } = events[at]!
    const seen = (counts.get(partition) ?? 0) + 1
    counts.set(partition, seen)
    if (seen === count && ++full === partitions) return true
  }
  return false
}
