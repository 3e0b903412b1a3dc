import { execFileSync } from "node:child_process"
import { mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join } from "node:path"
import { onExit } from "../bench/harness/cleanup.ts"

interface ProcessMark {
  readonly pid: number
  /** Clock ticks since boot: a process id alone may by now be somebody else's. */
  readonly startTicks: number
}

interface Entries {
  readonly runner: ProcessMark
  processes: ProcessMark[]
  namespaces: string[]
  links: string[]
  mounts: string[]
  directories: string[]
}

/** For each user namespace its own: who is root in one has no rights over what root of another made. */
const ledgerDirectory = (): string => join(tmpdir(), `tailrace-clusters-${userInfo().uid}-${readlinkSync("/proc/self/ns/user").replace(/\D/g, "")}`)

/**
 * What one cluster has made on this machine, written down before it is made. A runner that ends takes it all back; where it was killed, the
 * next one does (`Ledger.sweep`). Nothing that is not written down is ever touched.
 */
export class Ledger {
  #file: string
  #entries: Entries
  #forget: () => void

  constructor(name: string) {
    mkdirSync(ledgerDirectory(), { recursive: true })
    this.#file = join(ledgerDirectory(), `${name}.json`)
    this.#entries = { runner: markOf(process.pid)!, processes: [], namespaces: [], links: [], mounts: [], directories: [] }
    this.#forget = onExit(() => this.close())
    this.#save()
  }

  /** A process is written down right after its start: until then the kernel's death signal alone ends it with us. */
  addProcess(pid: number): void {
    const mark = markOf(pid)
    if (mark === undefined) return
    this.#entries.processes = [...this.#entries.processes.filter(isRunning), mark]
    this.#save()
  }

  add(kind: "namespaces" | "links" | "mounts" | "directories", name: string): void {
    this.#entries[kind].push(name)
    this.#save()
  }

  remove(kind: "namespaces" | "links" | "mounts" | "directories", name: string): void {
    this.#entries[kind] = this.#entries[kind].filter((other) => other !== name)
    this.#save()
  }

  /** Takes everything back and removes the ledger. */
  close(): void {
    this.#forget()
    takeBack(this.#entries)
    rmSync(this.#file, { force: true })
  }

  /** Takes back what runners left behind that are gone. */
  static sweep(): void {
    mkdirSync(ledgerDirectory(), { recursive: true })
    for (const name of readdirSync(ledgerDirectory()).filter((file) => file.endsWith(".json"))) {
      const file = join(ledgerDirectory(), name)
      const entries = JSON.parse(readFileSync(file, "utf8")) as Entries
      if (isRunning(entries.runner)) continue
      takeBack(entries)
      rmSync(file, { force: true })
    }
  }

  #save(): void {
    // By a rename, so that no reader sees half of it.
    writeFileSync(`${this.#file}.partial`, JSON.stringify(this.#entries))
    renameSync(`${this.#file}.partial`, this.#file)
  }
}

function takeBack(entries: Entries): void {
  for (const mark of entries.processes.filter(isRunning)) process.kill(mark.pid, "SIGKILL")
  for (const name of entries.links) attempt("ip", ["link", "delete", name])
  for (const name of entries.namespaces) attempt("ip", ["netns", "delete", name])
  for (const path of entries.mounts) attempt("umount", ["--lazy", path])
  for (const path of entries.directories) rmSync(path, { recursive: true, force: true })
}

/** What was written down may not have been made yet, or be gone already. */
function attempt(command: string, args: ReadonlyArray<string>): void {
  try {
    execFileSync(command, args, { stdio: "ignore" })
  } catch {
    // Gone is what it should be.
  }
}

function markOf(pid: number): ProcessMark | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? undefined : { pid, startTicks: Number(fields[19]) }
  } catch {
    return undefined
  }
}

const isRunning = (mark: ProcessMark): boolean => markOf(mark.pid)?.startTicks === mark.startTicks
