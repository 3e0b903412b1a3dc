import type { LogSink } from "./LogSink.ts"

/** Keeps the newest lines, for tests and for embedded nodes whose host asks for them. */
export class MemorySink implements LogSink {
  readonly lines: Array<string> = []
  readonly #linesMax: number

  constructor(linesMax = 1_000) {
    this.#linesMax = linesMax
  }

  write(line: string): void {
    this.lines.push(line)
    if (this.lines.length > this.#linesMax) this.lines.shift()
  }
}
