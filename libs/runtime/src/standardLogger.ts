import { isatty } from "node:tty"
import type { Clock } from "./Clock.ts"
import { FileSink } from "./FileSink.ts"
import { LineLogger, type LogFormat } from "./LineLogger.ts"
import type { Logger, LogLevel } from "./Logger.ts"

export interface StandardLoggerOptions {
  readonly clock: Clock
  readonly level?: LogLevel | "off"
  /** By default for people on a terminal, and JSON where something else reads. */
  readonly format?: LogFormat
}

const standardError = 2

/** The logger of a process: to the standard error output, so that the standard output stays free for results. */
export function standardLogger(options: StandardLoggerOptions): Logger {
  const sink = new FileSink({ clock: options.clock })
  return new LineLogger({ ...options, sink, format: options.format ?? (isatty(standardError) ? "human" : "json") })
}
