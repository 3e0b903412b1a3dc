import { existsSync, readFileSync } from "node:fs"
import type { ManagedProcess } from "../cluster/ManagedProcess.ts"
import type { ProcessCluster } from "../cluster/ProcessCluster.ts"

const lookMillis = 50
/** What a node writes only where it has met what must not be. */
const impossibleWords = /assertion:|unhandled|uncaught/i
const damageWords = /damaged|CorruptLogError/

/** Sees nodes and NATS servers that end without being told to, and knows every process that the cluster ever had. */
export class NodeWatch {
  readonly #cluster: ProcessCluster
  readonly #timer: NodeJS.Timeout
  readonly #excused = new Set<ManagedProcess>()
  /** Process ids with their start times: an id alone may by now be somebody else's. */
  readonly #processes = new Map<number, string>()
  readonly #reported = new Set<number>()
  readonly unexpectedExits: string[] = []

  constructor(cluster: ProcessCluster) {
    this.#cluster = cluster
    this.#timer = setInterval(() => this.#look(), lookMillis)
    this.#look()
  }

  /** From now on it may be down, until `expectUp`. */
  expectDown(process: ManagedProcess): void {
    this.#excused.add(process)
  }

  expectUp(process: ManagedProcess): void {
    this.#look()
    this.#excused.delete(process)
  }

  /** Lines of the nodes' logs that no fault explains. */
  impossibleLines(): string[] {
    return this.#lines(impossibleWords)
  }

  /** Lines that tell of damage which a node has found in its data. */
  damageLines(): string[] {
    return this.#lines(damageWords)
  }

  /** Processes that are still there; asked after the cluster was closed. */
  orphans(): number[] {
    return [...this.#processes].filter(([pid, started]) => startOf(pid) === started).map(([pid]) => pid)
  }

  stop(): void {
    this.#look()
    clearInterval(this.#timer)
  }

  #lines(words: RegExp): string[] {
    return this.#cluster.nodes.flatMap((node) => existsSync(node.process.logFile)
      ? readFileSync(node.process.logFile, "utf8").split("\n").filter((line) => words.test(line)).map((line) => `node ${node.id}: ${line}`)
      : [])
  }

  #look(): void {
    for (const node of this.#cluster.nodes) {
      for (const managed of node.bus === undefined ? [node.process] : [node.process, node.bus]) {
        const child = managed.child
        if (child === undefined) continue
        const started = this.#processes.has(child.pid) ? undefined : startOf(child.pid)
        if (started !== undefined) this.#processes.set(child.pid, started)
        if (child.exit === undefined || this.#excused.has(managed) || this.#reported.has(child.pid)) continue
        this.#reported.add(child.pid)
        this.unexpectedExits.push(`${managed.title} ${managed.lastWords}`)
      }
    }
  }
}

/** When the process began, in ticks since boot; undefined where there is none, or only its remains. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : fields[19]
  } catch {
    return undefined
  }
}
