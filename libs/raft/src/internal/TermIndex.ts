import type { TermStart } from "../RaftStorage.ts"

/** Which term each offset of the log belongs to, kept as the first offset of each term. */
export class TermIndex {
  /** The term of the entry that ends where the log starts. */
  startTerm: number
  #startOffset: number
  #starts: Array<TermStart>

  constructor(startOffset: number, startTerm: number, starts: ReadonlyArray<TermStart>) {
    this.#startOffset = startOffset
    this.startTerm = startTerm
    this.#starts = [...starts]
  }

  get lastTerm(): number {
    return this.#starts.at(-1)?.term ?? this.startTerm
  }

  /** The term of the entry that ends at or covers the place before `endOffset`; undefined below the start of the log. */
  before(endOffset: number): number | undefined {
    if (endOffset < this.#startOffset) return undefined
    for (let i = this.#starts.length - 1; i >= 0; i--) {
      const start = this.#starts[i]!
      if (start.startOffset < endOffset) return start.term
    }
    return this.startTerm
  }

  append(term: number, offset: number): void {
    if (term < this.lastTerm) throw new Error(`assertion: term ${term} after term ${this.lastTerm}`)
    if (this.#starts.length === 0 || term > this.lastTerm) this.#starts.push({ term, startOffset: offset })
  }

  truncateTo(endOffset: number): void {
    while (this.#starts.length > 0 && this.#starts.at(-1)!.startOffset >= endOffset) this.#starts.pop()
  }

  reset(startOffset: number, startTerm: number): void {
    this.#startOffset = startOffset
    this.startTerm = startTerm
    this.#starts = []
  }

  advanceStart(startOffset: number): void {
    this.startTerm = this.before(startOffset) ?? this.startTerm
    while (this.#starts.length > 1 && this.#starts[1]!.startOffset <= startOffset) this.#starts.shift()
    this.#startOffset = startOffset
  }

  /** The largest end at or below `endOffset` whose last entry is of `term` or an earlier one; undefined below the start. */
  lastEndWithin(endOffset: number, term: number): number | undefined {
    let end = endOffset
    for (let i = this.#starts.length - 1; i >= 0; i--) {
      const start = this.#starts[i]!
      if (start.startOffset >= end) continue
      if (start.term <= term) return end < this.#startOffset ? undefined : end
      end = start.startOffset
    }
    return end < this.#startOffset || this.startTerm > term ? undefined : end
  }
}
