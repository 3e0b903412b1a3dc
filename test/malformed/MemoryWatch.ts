import { readFileSync } from "node:fs"
import { processTree } from "../bench/harness/processUsage.ts"

const intervalMillis = 10

/** Samples the resident memory of a process and its children, and keeps the highest. */
export class MemoryWatch {
  peakBytes = 0
  #processIds: number[]
  #timer: NodeJS.Timeout

  constructor(rootId: number) {
    this.#processIds = processTree(rootId)
    this.sample()
    this.#timer = setInterval(() => this.sample(), intervalMillis)
  }

  /** What is resident now, which also becomes the peak if it is one. */
  sample(): number {
    let bytes = 0
    for (const id of this.#processIds) {
      try {
        bytes += Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))?.[1] ?? 0) * 1024
      } catch {
        // The process is gone; the tier notices that elsewhere.
      }
    }
    this.peakBytes = Math.max(this.peakBytes, bytes)
    return bytes
  }

  reset(): number {
    this.peakBytes = 0
    return this.sample()
  }

  stop(): void {
    clearInterval(this.#timer)
  }
}
