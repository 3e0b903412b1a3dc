/** Bytes that are staged or in flight in a data directory. While it is full appends are refused though the gate is open. */
export class Backlog {
  readonly bytesMax: number
  readonly #measure: () => number
  #waiting: Array<() => void> = []

  constructor(bytesMax: number, measure: () => number) {
    this.bytesMax = bytesMax
    this.#measure = measure
  }

  get bytes(): number {
    return this.#measure()
  }

  /** An append is taken while this is false, however large it is. */
  get isFull(): boolean {
    return this.#measure() >= this.bytesMax
  }

  /** Calls back once, when there is room again or the gate has closed: try again then. */
  onRoom(listener: () => void): void {
    this.#waiting.push(listener)
  }

  /** For the log directory alone. */
  release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const listener of waiting) listener()
  }
}
