import { closeSync, existsSync, fsyncSync, openSync, readFileSync, readSync, rmSync, statfsSync, writeSync } from "node:fs"
import { join } from "node:path"
import { onExit } from "../harness/cleanup.ts"

const pieceBytes = 8 << 20
/** Left free, so that the kernel need not write anything back to find room for the processes themselves. */
const spareBytes = 1 << 30

/**
 * Keeps free memory filled with clean page-cache pages. A virtual machine may hand free memory back to its host, and then every page that a
 * server's log needs costs a fault outside the machine; pages that the kernel only has to drop are already ours.
 */
export class MemoryWarmer {
  #file: string
  #bytes = 0

  constructor(directory: string) {
    this.#file = join(directory, "warm-memory")
  }

  /** Writes the file once, through the cache, and flushes it, which leaves its pages clean. Returns its size. */
  create(): number {
    const disk = statfsSync(join(this.#file, ".."))
    const free = Number(/^MemFree:\s+(\d+)/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 0) * 1024
    // The servers' data needs room on the disk too.
    const wanted = Math.min(free - spareBytes, disk.bavail * disk.bsize - (20 << 20) * 1024)
    this.#bytes = Math.max(0, Math.floor(wanted / pieceBytes) * pieceBytes)
    if (this.#bytes === 0) return 0
    onExit(() => this.remove())
    const descriptor = openSync(this.#file, "w")
    const piece = Buffer.alloc(pieceBytes, 0x5a)
    for (let at = 0; at < this.#bytes; at += pieceBytes) writeSync(descriptor, piece, 0, pieceBytes, at)
    fsyncSync(descriptor)
    closeSync(descriptor)
    return this.#bytes
  }

  /** Reads the whole file: what is still cached costs nothing, what a server's turn pushed out comes back. */
  fill(): void {
    if (this.#bytes === 0 || !existsSync(this.#file)) return
    const descriptor = openSync(this.#file, "r")
    const piece = Buffer.allocUnsafe(pieceBytes)
    for (let at = 0; at < this.#bytes; at += pieceBytes) readSync(descriptor, piece, 0, pieceBytes, at)
    closeSync(descriptor)
  }

  remove(): void {
    rmSync(this.#file, { force: true })
  }
}
