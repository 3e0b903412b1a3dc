import { writeSync } from "node:fs"
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
const standardError = 2
/** How soon a pipe that was full is tried again, and how often at the end of the process. */
const retryMillis = 10
const lastAttemptsMax = 100

/** What was taken out of the buffer: `lines` are lost where it cannot be written, with those that it tells of. */
interface Taken {
  bytes: Buffer
  readonly lines: number
}

const nothing = (): Taken => ({ bytes: Buffer.alloc(0), lines: 0 })

/**
 * Writes the lines of one turn together at its end, in one call as `console.error` does for each: a write that is left to another
 * thread may be overtaken by the last lines of a process that ends, or be lost with it. A pipe whose reader is behind refuses at once
 * and is tried again later; a file on a disk that stands still holds the process. `flushSync` is for the moment before the process
 * ends; the sink registers itself for it.
 */
export class FileSink implements LogSink {
  readonly #clock: Clock
  readonly #fileDescriptor: number
  readonly #bufferBytesMax: number
  #text = ""
  #lines = 0
  #droppedLines = 0
  /** Goes before the text: what a full pipe refused. */
  #refused = nothing()
  #isScheduled = false
  #cancelRetry: () => void = () => undefined

  constructor(options: FileSinkOptions) {
    this.#clock = options.clock
    this.#fileDescriptor = options.fileDescriptor ?? standardError
    this.#bufferBytesMax = options.bufferBytesMax ?? bufferBytesMaxDefault
    // A pipe refuses instead of holding the process once Node has opened its stream.
    if (this.#fileDescriptor === standardError) void process.stderr
    process.on("exit", this.flushSync)
  }

  write(line: string): void {
    if (this.#text.length + line.length + 1 > this.#bufferBytesMax) {
      this.#droppedLines++
      return
    }
    this.#text += `${line}\n`
    this.#lines++
    if (this.#isScheduled) return
    this.#isScheduled = true
    this.#clock.endOfTurn(this.#flush)
  }

  /** Blocks until everything has been written, or for a second where nobody reads. */
  readonly flushSync = (): void => {
    this.#cancelRetry()
    for (let attempts = 0; !this.#writeSome() && attempts < lastAttemptsMax; attempts++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMillis)
    }
  }

  /** Writes the rest; the sink does nothing at the end of the process any more. */
  close(): void {
    process.off("exit", this.flushSync)
    this.flushSync()
  }

  readonly #flush = (): void => {
    this.#isScheduled = !this.#writeSome()
    if (this.#isScheduled) this.#cancelRetry = this.#clock.after(retryMillis, this.#flush)
  }

  /** Writes in the order of the lines until nothing is left, which it answers, or the pipe is full. */
  #writeSome(): boolean {
    while (this.#refused.bytes.length > 0 || this.#text !== "" || this.#droppedLines > 0) {
      if (this.#refused.bytes.length === 0) this.#refused = this.#take()
      try {
        this.#refused.bytes = this.#refused.bytes.subarray(writeSync(this.#fileDescriptor, this.#refused.bytes))
      } catch (cause) {
        if (isRefusal(cause)) return false
        // The log itself cannot be written: the lines are counted, and told of with the next that can.
        this.#droppedLines += this.#refused.lines
        this.#refused = nothing()
        return true
      }
    }
    return true
  }

  #take(): Taken {
    const dropped = this.#droppedLines
    const notice = dropped === 0 ? "" : `${JSON.stringify({ level: "warn", message: "log lines dropped", lines: dropped })}\n`
    const taken = { bytes: Buffer.from(this.#text + notice), lines: this.#lines + dropped }
    this.#text = ""
    this.#lines = 0
    this.#droppedLines = 0
    return taken
  }
}

const isRefusal = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === "EAGAIN"
