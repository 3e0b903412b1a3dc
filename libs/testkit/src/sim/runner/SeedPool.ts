import { fork, type ChildProcess } from "node:child_process"
import { fileURLToPath } from "node:url"
import type { SimulationResult } from "../SimulationResult.ts"
import type { SeedTask } from "./SeedTask.ts"

interface Waiting {
  readonly task: SeedTask
  readonly resolve: (result: SimulationResult) => void
  readonly reject: (error: Error) => void
}

/** What one process runs before another one takes its place, so that memory does not grow with the seeds. */
const seedsPerProcessMax = 500
/** Real time; a simulation that takes longer hangs outside of virtual time. */
const taskMillisMax = 600_000

/** A large young generation: nearly all that a simulation makes is garbage soon, and copying it around costs a quarter of a seed. */
const nodeFlags = ["--max-old-space-size=1024", "--max-semi-space-size=128", "--disable-warning=ExperimentalWarning"]

/** Processes that run seeds side by side. A seed's result does not depend on which of them ran it. */
export class SeedPool {
  readonly #bug: string | undefined
  readonly #queue: Array<Waiting> = []
  readonly #processes = new Set<ChildProcess>()
  readonly #processesMax: number
  /** Of processes that have nothing to do: what lets them take the next seed. */
  #idle: Array<() => void> = []
  #isClosed = false

  constructor(processesMax: number, bug?: string) {
    this.#processesMax = processesMax
    this.#bug = bug
  }

  run(task: SeedTask): Promise<SimulationResult> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ task, resolve, reject })
      const give = this.#idle.pop()
      if (give !== undefined) give()
      else if (this.#processes.size < this.#processesMax) this.#start()
    })
  }

  close(): void {
    this.#isClosed = true
    for (const child of this.#processes) child.kill()
  }

  #start(): void {
    const child = fork(fileURLToPath(new URL("./worker.ts", import.meta.url)), this.#bug === undefined ? [] : [this.#bug], {
      serialization: "advanced", execArgv: nodeFlags
    })
    this.#processes.add(child)
    let current: Waiting | undefined
    let ran = 0
    let timer: NodeJS.Timeout | undefined
    const next = (): void => {
      current = this.#queue.shift()
      // A process that ran some seeds runs the next one several times as fast as a new one.
      if (current === undefined) return void this.#idle.push(next)
      ran++
      timer = setTimeout(() => child.kill("SIGKILL"), taskMillisMax)
      child.send(current.task)
    }
    child.on("message", (result: SimulationResult) => {
      clearTimeout(timer)
      current?.resolve(result)
      current = undefined
      if (ran < seedsPerProcessMax) next()
      else child.disconnect()
    })
    child.on("exit", (code, signal) => {
      clearTimeout(timer)
      this.#processes.delete(child)
      this.#idle = this.#idle.filter((it) => it !== next)
      current?.reject(new Error(`seed ${current.task.seed}: its process ended with ${signal ?? code}`))
      if (this.#queue.length > 0 && !this.#isClosed) this.#start()
    })
    next()
  }
}
