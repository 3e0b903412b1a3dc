import type { Clock } from "@tailrace/runtime"
import type { LogScrub } from "./internal/LogScrub.ts"
import type { PartitionLog } from "./PartitionLog.ts"

export interface ScrubLimits {
  /** Each batch on the disk is looked at once in this time, as far as `scrubBytesPerTurnMax` admits. */
  readonly scrubIntervalMillis: number
  readonly scrubTurnMillis: number
  readonly scrubBytesPerTurnMax: number
}

export interface ScrubbedDirectory {
  logs(): Iterable<PartitionLog>
  /** False while the disk is away or the directory closes. */
  isUsable(): boolean
}

const bytesPerTurnMin = 64 * 1024
/** A turn's bytes are read in pieces, so that the event loop gets its turns. */
const pieceBytes = 256 * 1024
/** A pass is paced to need this part of the interval, since a restart begins it again. */
const passFraction = 0.5

/**
 * Looks in the background for damage that nobody reads: a walk through all logs of a directory, a bounded portion per
 * turn. Damage is reported by `LogDirectory.onCorruption`. Batches whose tail is in memory are left out.
 */
export class Scrubber {
  readonly #clock: Clock
  readonly #limits: ScrubLimits
  readonly #directory: ScrubbedDirectory
  #cancel: (() => void) | undefined
  #isPaused = false
  #isStopped = false
  #isRunning = false
  #waiting: Array<PartitionLog> = []
  #current: LogScrub | undefined
  #passStartMillis = 0
  /** Whole walks through the directory. */
  passes = 0
  /** The bytes that were looked at. */
  bytes = 0

  /** Made and started by the `LogDirectory`. */
  constructor(clock: Clock, limits: ScrubLimits, directory: ScrubbedDirectory) {
    this.#clock = clock
    this.#limits = limits
    this.#directory = directory
  }

  /** No further portion is read until `resume`; the walk goes on where it was. */
  pause(): void {
    this.#isPaused = true
    this.#cancel?.()
  }

  resume(): void {
    if (!this.#isPaused) return
    this.#isPaused = false
    this.#scheduleTurn(this.#limits.scrubTurnMillis)
  }

  /** A whole walk at once, beside the one in the background. */
  async run(): Promise<void> {
    for (const log of Array.from(this.#directory.logs())) {
      const scrub = log.scrub()
      for (let bytes: number | undefined = 0; bytes !== undefined && this.#canRead; bytes = await scrub.step(pieceBytes)) this.bytes += bytes
    }
  }

  /** For the directory. */
  start(): void {
    this.#beginPass()
    this.#scheduleTurn(this.#limits.scrubTurnMillis)
  }

  /** For the directory: nothing is read any more. */
  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  get #canRead(): boolean {
    return !this.#isStopped && this.#directory.isUsable()
  }

  #beginPass(): void {
    this.#passStartMillis = this.#clock.monotonicMillis()
    this.#waiting = Array.from(this.#directory.logs())
  }

  #scheduleTurn(delayMillis: number): void {
    if (this.#isStopped || this.#isPaused || this.#isRunning) return
    this.#cancel?.()
    this.#cancel = this.#clock.after(delayMillis, () => {
      this.#isRunning = true
      // A read that fails is that of a disk that went away meanwhile: the log is walked again in the next pass.
      this.#turn().catch(() => void (this.#current = undefined)).finally(() => {
        this.#isRunning = false
        this.#scheduleTurn(this.#isPassOver ? this.#untilNextPass() : this.#limits.scrubTurnMillis)
      })
    })
  }

  get #isPassOver(): boolean {
    return this.#current === undefined && this.#waiting.length === 0
  }

  #untilNextPass(): number {
    const passedMillis = this.#clock.monotonicMillis() - this.#passStartMillis
    return Math.max(this.#limits.scrubTurnMillis, this.#limits.scrubIntervalMillis - passedMillis)
  }

  async #turn(): Promise<void> {
    if (this.#isPassOver) this.#beginPass()
    const bytesMax = this.#bytesPerTurn()
    for (let bytes = 0; bytes < bytesMax && this.#canRead && !this.#isPaused;) {
      this.#current ??= this.#waiting.shift()?.scrub()
      if (this.#current === undefined) break
      const seen = await this.#current.step(Math.min(pieceBytes, bytesMax - bytes))
      if (seen === undefined) this.#current = undefined
      bytes += seen ?? 0
      this.bytes += seen ?? 0
    }
    if (this.#isPassOver) this.passes++
  }

  #bytesPerTurn(): number {
    const { scrubBytesPerTurnMax, scrubIntervalMillis, scrubTurnMillis } = this.#limits
    let total = 0
    for (const log of this.#directory.logs()) total += log.sizeBytes
    const paced = total * scrubTurnMillis / (scrubIntervalMillis * passFraction)
    return Math.min(scrubBytesPerTurnMax, Math.max(bytesPerTurnMin, paced))
  }
}
