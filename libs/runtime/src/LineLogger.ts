import type { Clock } from "./Clock.ts"
import { humanLine, jsonLine } from "./internal/logLine.ts"
import type { LogFields, Logger, LogLevel } from "./Logger.ts"
import type { LogSink } from "./LogSink.ts"

export type LogFormat = "json" | "human"

export interface LineLoggerOptions {
  readonly clock: Clock
  readonly sink: LogSink
  /** Lines below this level are not even put together. */
  readonly level?: LogLevel | "off"
  readonly format?: LogFormat
}

const ranks = { debug: 0, info: 1, warn: 2, error: 3, off: 4 } as const

const noFields: LogFields = {}

/** Writes one line per entry: JSON for machines, or a form that people read on a terminal. */
export class LineLogger implements Logger {
  readonly #options: LineLoggerOptions
  readonly #rank: number
  readonly #fields: LogFields

  constructor(options: LineLoggerOptions, fields: LogFields = noFields) {
    this.#options = options
    this.#rank = ranks[options.level ?? "info"]
    this.#fields = fields
  }

  isEnabled(level: LogLevel): boolean {
    return ranks[level] >= this.#rank
  }

  debug(message: string, fields?: LogFields): void {
    this.#log("debug", message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.#log("info", message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#log("warn", message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#log("error", message, fields)
  }

  child(fields: LogFields): Logger {
    return new LineLogger(this.#options, { ...this.#fields, ...fields })
  }

  #log(level: LogLevel, message: string, fields: LogFields = noFields): void {
    if (!this.isEnabled(level)) return
    const { clock, format, sink } = this.#options
    const write = format === "human" ? humanLine : jsonLine
    sink.write(write(clock.wallMillis(), level, message, { ...this.#fields, ...fields }))
  }
}
