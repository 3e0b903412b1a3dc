import { write, writeSync } from "node:fs"
import type { Clock } from "./Clock.ts"
import type { LogSink } from "./LogSink.ts"

export interface FileSinkOptions {
  readonly clock: Clock
  /** An open file; 2 is the standard error output. */
  readonly fileDescriptor?: number
  /** Lines beyond this are dropped and counted: a reader that stands still must not stop or fill the process. */
  readonly bufferBytesMax?: number
}

const bufferBytesMaxDefault = 1024 * 1024

/**
 * Writes the lines of one turn together, off the event loop. `flushSync` is for the moment before the process
 * ends; the sink registers itself for it.
 */
export class FileSink implements LogSink {
  readonly #clock: Clock
  readonly #fileDescriptor: number
  readonly #bufferBytesMax: number
  #text = ""
  #droppedLines = 0
  #isWriting = false

  constructor(options: FileSinkOptions) {
    this.#clock = options.clock
    this.#fileDescriptor = options.fileDescriptor ?? 2
    this.#bufferBytesMax = options.bufferBytesMax ?? bufferBytesMaxDefault
    process.on("exit", this.flushSync)
  }

  write(line: string): void {
    if (this.#text.length + line.length + 1 > this.#bufferBytesMax) {
      this.#droppedLines++
      return
    }
    if (this.#text === "" && !this.#isWriting) this.#clock.endOfTurn(this.#flush)
    this.#text += `${line}\n`
  }

  /** Blocks until everything has been written. */
  readonly flushSync = (): void => {
    let bytes = this.#take()
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#fileDescriptor, bytes))
    } catch {
      // There is nobody left to tell that the log cannot be written.
    }
  }

  /** Writes the rest; the sink does nothing at the end of the process any more. */
  close(): void {
    process.off("exit", this.flushSync)
    this.flushSync()
  }

  readonly #flush = (): void => {
    if (this.#isWriting) return
    const bytes = this.#take()
    if (bytes.length === 0) return
    this.#isWriting = true
    this.#writeAll(bytes)
  }

  #writeAll(bytes: Buffer): void {
    write(this.#fileDescriptor, bytes, (error, writtenBytes) => {
      if (error === null && writtenBytes < bytes.length) {
        this.#writeAll(bytes.subarray(writtenBytes))
        return
      }
      this.#isWriting = false
      this.#flush()
    })
  }

  #take(): Buffer {
    const dropped = this.#droppedLines === 0 ? "" : `${JSON.stringify({ level: "warn", message: "log lines dropped", lines: this.#droppedLines })}\n`
    const bytes = Buffer.from(this.#text + dropped)
    this.#text = ""
    this.#droppedLines = 0
    return bytes
  }
}
