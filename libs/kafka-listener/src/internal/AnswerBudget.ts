/**
 * Counts the bytes that fetches of all connections may bring, or have brought and the sockets have not taken. Nobody waits for it: what it grants
 * shrinks with what is left. A fetch brings one batch however little it was granted, so that it always gets on; the budget is exceeded
 * by no more than that for each connection.
 */
export class AnswerBudget {
  readonly bytesMax: number
  #bytesUsed = 0

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax
  }

  get bytesUsed(): number {
    return this.#bytesUsed
  }

  /** Takes what is asked for, but no more than half of what is left: so that something is left for those who come next. Answers how much. */
  take(bytesAsked: number): number {
    const granted = Math.min(bytesAsked, Math.max(Math.floor((this.bytesMax - this.#bytesUsed) / 2), 0))
    this.#bytesUsed += granted
    return granted
  }

  /** What was granted became what was read. */
  replace(granted: number, bytes: number): void {
    this.release(granted)
    this.#bytesUsed += bytes
  }

  release(bytes: number): void {
    if (bytes > this.#bytesUsed) throw new Error(`released ${bytes} bytes of ${this.#bytesUsed} taken`)
    this.#bytesUsed -= bytes
  }
}
