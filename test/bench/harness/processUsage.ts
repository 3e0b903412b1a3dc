import { readdirSync, readFileSync } from "node:fs"
import type { MeasuredServer } from "./Server.ts"

export interface CpuSeconds {
  readonly user: number
  readonly system: number
}

export interface Memory {
  readonly residentBytes: number
  /** Heap and stacks: what only this process pays for. The rest of the resident set is mapped files, which the kernel can take back. */
  readonly anonymousBytes: number
  readonly peakResidentBytes: number
}

/** Linux counts processor time for user programs in hundredths of a second, whatever the kernel's own tick is. */
const ticksPerSecond = 100

function statFields(processId: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "utf8")
    // The command name may hold spaces and brackets: fields are counted from behind it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  } catch {
    return undefined
  }
}

/** The process and all its descendants: a launcher that starts the server as a child is part of its price. */
export function processTree(rootId: number): number[] {
  const childrenOf = new Map<number, number[]>()
  for (const name of readdirSync("/proc")) {
    const id = Number(name)
    if (!Number.isInteger(id)) continue
    const parent = Number(statFields(id)?.[1] ?? Number.NaN)
    if (Number.isNaN(parent)) continue
    childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), id])
  }
  const found: number[] = []
  const queue = [rootId]
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    found.push(id)
    queue.push(...(childrenOf.get(id) ?? []))
  }
  return found
}

export function cpuSeconds(rootId: number): CpuSeconds {
  let user = 0
  let system = 0
  for (const id of processTree(rootId)) {
    const fields = statFields(id)
    if (fields === undefined) continue
    user += Number(fields[11]) / ticksPerSecond
    system += Number(fields[12]) / ticksPerSecond
  }
  return { user, system }
}

/** Of all processes of the server, those beside the brokers included. */
export function cpuSecondsOf(server: MeasuredServer): CpuSeconds {
  const parts = server.nodes.flatMap(({ node, bus }) => bus === undefined ? [node] : [node, bus]).map(cpuSeconds)
  return { user: parts.reduce((sum, part) => sum + part.user, 0), system: parts.reduce((sum, part) => sum + part.system, 0) }
}

export function cpuDifference(after: CpuSeconds, before: CpuSeconds): CpuSeconds {
  return { user: after.user - before.user, system: after.system - before.system }
}

export const memory = (rootId: number): Memory => memoryOfAll(processTree(rootId))

export const memoryOf = (server: MeasuredServer): Memory =>
  memoryOfAll(server.nodes.flatMap(({ node, bus }) => bus === undefined ? [node] : [node, bus]).flatMap(processTree))

function memoryOfAll(ids: ReadonlyArray<number>): Memory {
  let residentBytes = 0
  let anonymousBytes = 0
  let peakResidentBytes = 0
  for (const id of ids) {
    let status: string
    try {
      status = readFileSync(`/proc/${id}/status`, "utf8")
    } catch {
      continue
    }
    const kibibytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0)
    residentBytes += kibibytes("VmRSS") * 1024
    anonymousBytes += kibibytes("RssAnon") * 1024
    peakResidentBytes += kibibytes("VmHWM") * 1024
  }
  return { residentBytes, anonymousBytes, peakResidentBytes }
}
