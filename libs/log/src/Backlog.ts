/** What the commit loop has to do. */
export interface Pending {
  /** Bytes staged or in flight. */
  readonly bytes: number
  readonly stagedBytes: number
}

/** Bytes that are staged or in flight in a data directory. While it is full appends are refused though the gate is open. */
export class Backlog {
  readonly bytesMax: number
  readonly #pending: Pending
  #waiting: Array<() => void> = []

  constructor(bytesMax: number, pending: Pending) {
    this.bytesMax = bytesMax
    this.#pending = pending
  }

  get bytes(): number {
    return this.#pending.bytes
  }

  /**
   * An append is taken while this is false, however large it is. What is staged may take half of the limit, so that the
   * next commit fills while the one before it is flushed.
   */
  get isFull(): boolean {
    return this.#pending.stagedBytes * 2 >= this.bytesMax || this.#pending.bytes >= this.bytesMax
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
