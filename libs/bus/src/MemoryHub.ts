import type { Clock } from "@tailrace/runtime"
import type { Bus } from "./Bus.ts"
import { noFaults, type BusFaults, type Passage } from "./BusFaults.ts"
import { MemoryBus, type MemoryNetwork } from "./internal/MemoryBus.ts"

export interface MemoryHubOptions {
  readonly clock: Clock
  /** The same limit as a NATS server has, so that what runs in memory runs there too. */
  readonly payloadBytesMax?: number
  /** May be set later too. */
  readonly faults?: BusFaults
  /** Told of what a handler threw, which the caller of a request must not see. */
  readonly onHandlerFailure?: (subject: string, cause: unknown) => void
}

const payloadBytesMaxDefault = 1024 * 1024

/** A bus inside one process. Each node connects under its name; a single node has a hub of its own. */
export class MemoryHub {
  readonly #network: Network

  constructor(options: MemoryHubOptions) {
    this.#network = new Network(options)
  }

  connect(node: string): Bus {
    return new MemoryBus(node, this.#network)
  }

  setFaults(faults: BusFaults): void {
    this.#network.faults = faults
  }
}

class Network implements MemoryNetwork {
  readonly clock: Clock
  readonly payloadBytesMax: number
  readonly buses = new Set<MemoryBus>()
  readonly onHandlerFailure: (subject: string, cause: unknown) => void
  faults: BusFaults

  constructor(options: MemoryHubOptions) {
    this.clock = options.clock
    this.payloadBytesMax = options.payloadBytesMax ?? payloadBytesMaxDefault
    this.faults = options.faults ?? noFaults
    this.onHandlerFailure = options.onHandlerFailure ?? (() => {})
  }

  carry(passage: Passage, arrive: () => void): void {
    for (const delayMillis of this.faults(passage)) {
      if (delayMillis === 0) this.clock.endOfTurn(arrive)
      else this.clock.after(delayMillis, arrive)
    }
  }
}
