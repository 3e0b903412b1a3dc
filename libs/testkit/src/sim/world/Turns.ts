import type { VirtualClock } from "@tailrace/runtime/simulated"

/** The machine's own: simulations put the virtual clock behind the global one. */
const nextEventLoopTurn = setImmediate
const turnsPerBatch = 64

export interface TurnsOptions {
  readonly clock: VirtualClock
  /** After each turn, when all promises have settled. What it throws ends the run. */
  readonly onSettled: () => void
  /** Turns after which a simulation is taken for an endless loop. */
  readonly turnsMax?: number
}

const turnsMaxDefault = 20_000_000

/**
 * Runs a virtual clock turn by turn. Node settles promises between two immediates, so each turn is one; many are ordered at once,
 * because a trip around the event loop costs more than most turns do.
 */
export class Turns {
  readonly #options: TurnsOptions
  count = 0

  constructor(options: TurnsOptions) {
    this.#options = options
  }

  /** Until `isDone`, or `untilMillis` at the latest; answers whether it was done. */
  run(untilMillis: number, isDone: () => boolean): Promise<boolean> {
    const { clock, onSettled, turnsMax = turnsMaxDefault } = this.#options
    return new Promise((resolve, reject) => {
      let isEnded = false
      const step = (): void => {
        if (isEnded) return
        try {
          onSettled()
          if (isDone()) return end(true)
          if (this.count++ >= turnsMax) throw new Error(`assertion: a simulation comes to rest within ${turnsMax} turns`)
          if (clock.runTurn(untilMillis)) return
          clock.advance(untilMillis - clock.monotonicMillis())
          end(false)
        } catch (cause) {
          isEnded = true
          reject(cause as Error)
        }
      }
      const end = (isSettled: boolean): void => {
        isEnded = true
        resolve(isSettled)
      }
      const batch = (): void => {
        if (isEnded) return
        for (let turn = 0; turn < turnsPerBatch; turn++) nextEventLoopTurn(step)
        nextEventLoopTurn(batch)
      }
      batch()
    })
  }
}
