import { StoreImage } from "./internal/StoreImage.ts"

/** A disk that outlives the stores opened on it, one at a time. It holds what was flushed. */
export class SimulatedDisk {
  readonly name: string
  /** The disk takes no more bytes than this. */
  capacityBytes: number
  /** For `SimulatedStore` alone. */
  image = new StoreImage()
  /** For `SimulatedStore` alone. */
  isInUse = false

  constructor(name = "simulated", capacityBytes = Number.MAX_SAFE_INTEGER) {
    this.name = name
    this.capacityBytes = capacityBytes
  }
}
