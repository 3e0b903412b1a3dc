/** Where finished log lines go. `write` never blocks and never throws. */
export interface LogSink {
  /** The line comes without its line break. */
  write(line: string): void
}
