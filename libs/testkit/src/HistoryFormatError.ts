/** A line of a written history that cannot be meant. */
export class HistoryFormatError extends Error {
  readonly _tag = "HistoryFormatError"
  /** From 1 on. */
  readonly line: number
  readonly fault: string

  constructor(line: number, fault: string, options?: { readonly cause?: unknown }) {
    super(`history, line ${line}: ${fault}`, options)
    this.name = "HistoryFormatError"
    this.line = line
    this.fault = fault
  }
}
