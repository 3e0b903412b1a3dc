import { execFileSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from "node:fs"
import { join } from "node:path"
import type { Ledger } from "./Ledger.ts"

const pieceBytes = 256 << 10

/** A file system of a few mebibytes in memory, which a test can fill and make room on. Mounting needs the right to. */
export class SmallDisk {
  readonly mountPoint: string
  #ledger: Ledger

  private constructor(mountPoint: string, ledger: Ledger) {
    this.mountPoint = mountPoint
    this.#ledger = ledger
  }

  static mount(mountPoint: string, mebibytes: number, ledger: Ledger): SmallDisk {
    mkdirSync(mountPoint, { recursive: true })
    ledger.add("mounts", mountPoint)
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tailrace-cluster", mountPoint], { stdio: "pipe" })
    return new SmallDisk(mountPoint, ledger)
  }

  get freeBytes(): number {
    const disk = statfsSync(this.mountPoint)
    return disk.bavail * disk.bsize
  }

  /** Somebody else's file takes all room but `leftBytes`. */
  fill(leftBytes = 0): void {
    const descriptor = openSync(this.#ballast, "a")
    const piece = Buffer.alloc(pieceBytes, 1)
    try {
      for (let wanted = this.freeBytes - leftBytes; wanted > 0; wanted = this.freeBytes - leftBytes) writeSync(descriptor, piece, 0, Math.min(pieceBytes, wanted))
    } catch (error) {
      // The node may take the last bytes between our look and our write.
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
    } finally {
      closeSync(descriptor)
    }
  }

  /** That file is gone again. */
  free(): void {
    if (existsSync(this.#ballast)) rmSync(this.#ballast)
  }

  unmount(): void {
    execFileSync("umount", ["--lazy", this.mountPoint], { stdio: "pipe" })
    this.#ledger.remove("mounts", this.mountPoint)
  }

  get #ballast(): string {
    return join(this.mountPoint, "ballast")
  }
}
