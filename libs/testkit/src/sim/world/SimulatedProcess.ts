import type { Clock } from "@tailrace/runtime"

/**
 * One life of a process. Whatever the world has to tell it goes through `enter`: at once while it runs, later while it
 * stands still, never once it is gone. So a process that was killed does nothing any more, not even fail.
 */
export class SimulatedProcess {
  readonly name: string
  readonly #clock: Clock
  readonly #onTouched: () => void
  #state: "running" | "paused" | "catching up" | "gone" = "running"
  #held: Array<() => void> = []
  #onEnd: Array<() => void> = []

  /** `onTouched` is told before anything happens in the process. */
  constructor(name: string, clock: Clock, onTouched: () => void) {
    this.name = name
    this.#clock = clock
    this.#onTouched = onTouched
  }

  /** What it is told now happens now. */
  get isRunning(): boolean {
    return this.#state === "running"
  }

  get isPaused(): boolean {
    return this.#state === "paused"
  }

  get isGone(): boolean {
    return this.#state === "gone"
  }

  /** What waits for a process that stands still. */
  get heldCount(): number {
    return this.#held.length
  }

  enter(call: () => void): void {
    if (this.#state === "running") this.#do(call)
    else if (this.#state !== "gone") this.#held.push(call)
  }

  pause(): void {
    if (this.#state !== "gone") this.#state = "paused"
  }

  /** What came meanwhile is taken in, in the order in which it came, one turn for each as an event loop does. */
  resume(): void {
    if (this.#state !== "paused") return
    this.#state = "catching up"
    this.#catchUp()
  }

  #catchUp(): void {
    if (this.#state !== "catching up") return
    const call = this.#held.shift()
    if (call === undefined) {
      this.#state = "running"
      return
    }
    this.#do(call)
    this.#clock.endOfTurn(() => this.#catchUp())
  }

  #do(call: () => void): void {
    this.#onTouched()
    call()
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
