export type LogLevel = "debug" | "info" | "warn" | "error"

/** Values of any kind; an Error is written with its class, fields and causes, bytes by their length. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Structured logs, synchronous and cheap enough for files on the hot path, though never once per record.
 * `info` is for what an operator wants to know afterwards: elections, truncations, recoveries, start and stop.
 */
export interface Logger {
  isEnabled(level: LogLevel): boolean
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger
}
