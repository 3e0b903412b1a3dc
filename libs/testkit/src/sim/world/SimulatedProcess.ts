import type { Clock } from "@tailrace/runtime"

/**
 * One life of a process. Whatever the world has to tell it goes through `enter`: at once while it runs, later while it
 * stands still, never once it is gone. So a process that was killed does nothing any more, not even fail.
 */
export class SimulatedProcess {
  readonly name: string
  readonly #clock: Clock
  readonly #onTouched: () => void
  #state: "running" | "paused" | "gone" = "running"
  #held: Array<() => void> = []
  #onEnd: Array<() => void> = []

  /** `onTouched` is told before anything happens in the process. */
  constructor(name: string, clock: Clock, onTouched: () => void) {
    this.name = name
    this.#clock = clock
    this.#onTouched = onTouched
  }

  get isRunning(): boolean {
    return this.#state === "running"
  }

  get isGone(): boolean {
    return this.#state === "gone"
  }

  /** What waits for a process that stands still. */
  get heldCount(): number {
    return this.#held.length
  }

  enter(call: () => void): void {
    if (this.#state === "running") {
      this.#onTouched()
      call()
    } else if (this.#state === "paused") this.#held.push(call)
  }

  pause(): void {
    if (this.#state === "running") this.#state = "paused"
  }

  /** What came meanwhile is taken in, in the order in which it came, one turn for each as an event loop does. */
  resume(): void {
    if (this.#state !== "paused") return
    this.#state = "running"
    for (const call of this.#held.splice(0)) this.#clock.endOfTurn(() => this.enter(call))
  }

  end(): void {
    this.#state = "gone"
    this.#held = []
    for (const call of this.#onEnd.splice(0)) call()
  }

  onEnd(call: () => void): void {
    this.#onEnd.push(call)
  }
}
