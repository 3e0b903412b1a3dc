import type { StoreSpace } from "../Store.ts"

export interface SpaceLimits {
  readonly reserveBytesMax: number
  readonly reserveFraction: number
}

/** Opening again asks for a little more than staying open, so that the gate does not flutter. */
const reopenFactor = 1.1
const probeBytesMin = 64 * 1024
const probeBytesMax = 16 * 1024 * 1024

/**
 * Keeps the file system from filling up, since a full one fails a commit. Room inside the store's own file counts by
 * half: LMDB's file never shrinks, so after retention that is where the room is, but in pieces.
 */
export class SpaceMonitor {
  readonly #measure: () => StoreSpace
  readonly #limits: SpaceLimits
  #bytesUntilProbe = 0
  #hasRoom = true

  constructor(measure: () => StoreSpace, limits: SpaceLimits) {
    this.#measure = measure
    this.#limits = limits
  }

  get hasRoom(): boolean {
    return this.#hasRoom
  }

  /** Takes note of an append; true when it is time to probe before it is accepted. */
  wantsProbe(bytes: number): boolean {
    this.#bytesUntilProbe -= bytes
    return this.#bytesUntilProbe < 0
  }

  /** What the volume has now; undefined where it does not say. */
  measured(): StoreSpace | undefined {
    try {
      return this.#measure()
    } catch {
      return undefined
    }
  }

  /** `pendingBytes` are accepted and not written yet. A probe that fails changes nothing. */
  probe(pendingBytes: number): void {
    const space = this.measured()
    if (space === undefined) return
    const reserve = Math.min(this.#limits.reserveBytesMax, space.totalBytes * this.#limits.reserveFraction)
    const needed = this.#hasRoom ? reserve : reserve * reopenFactor
    const free = space.freeBytes - pendingBytes
    this.#hasRoom = free >= needed / 4 && free + space.reusableBytes / 2 >= needed
    this.#bytesUntilProbe = Math.min(probeBytesMax, Math.max(probeBytesMin, reserve / 4))
  }
}
