import type { Random } from "@tailrace/runtime"
import type { BusFaults } from "./BusFaults.ts"

export interface SeededFaultsOptions {
  readonly random: Random
  /** Parts of a thousand. */
  readonly lossPerMille?: number
  readonly duplicationPerMille?: number
  /** Each copy takes a delay of its own below this, so messages overtake each other. */
  readonly delayMillisMax?: number
}

/** A network that loses, duplicates, delays and reorders as its generator decides. */
export function seededFaults(options: SeededFaultsOptions): BusFaults {
  const { random, lossPerMille = 0, duplicationPerMille = 0, delayMillisMax = 0 } = options
  const happens = (perMille: number): boolean => random.nextInt(1_000) < perMille
  return () => {
    const delays: Array<number> = []
    const copies = happens(duplicationPerMille) ? 2 : 1
    for (let copy = 0; copy < copies; copy++) {
      const delayMillis = random.nextInt(delayMillisMax + 1)
      if (!happens(lossPerMille)) delays.push(delayMillis)
    }
    return delays
  }
}
