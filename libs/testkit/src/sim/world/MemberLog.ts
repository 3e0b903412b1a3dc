import type { LogFields, Logger, LogLevel } from "@tailrace/runtime"

const linesKeptMax = 2_000

/** What a node logs: counted by its text, and kept as lines where somebody wants to read them. */
export class MemberLog implements Logger {
  readonly counts = new Map<string, number>()
  readonly #isKept: boolean
  readonly #write: (line: string) => void
  readonly lines: Array<string> = []

  constructor(isKept: boolean, write: (line: string) => void) {
    this.#isKept = isKept
    this.#write = write
  }

  isEnabled(level: LogLevel): boolean {
    return level !== "debug"
  }

  debug(): void {}

  info(message: string, fields?: LogFields): void {
    this.#add("info", message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#add("warn", message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#add("error", message, fields)
  }

  child(): Logger {
    return this
  }

  #add(level: LogLevel, message: string, fields: LogFields = {}): void {
    this.counts.set(message, (this.counts.get(message) ?? 0) + 1)
    if (!this.#isKept) return
    if (this.lines.length >= linesKeptMax) this.lines.splice(0, linesKeptMax / 2)
    const line = `${level} ${message} ${JSON.stringify(fields, (_, value: unknown) => value instanceof Error ? value.message : value)}`
    this.lines.push(line)
    this.#write(line)
  }
}
