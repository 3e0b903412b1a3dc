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
/** Node opens pipes so that a full one refuses at once: how soon it is tried again, and how often at the end of the process. */
const retryMillis = 10
const lastAttemptsMax = 100

/** What was taken out of the buffer. */
interface Taken {
  readonly bytes: Buffer
  /** Those that are lost where it cannot be written, with those that it tells of. */
  readonly lines: number
}

/**
 * Writes the lines of one turn together, off the event loop. `flushSync` is for the moment before the process
 * ends; the sink registers itself for it.
 */
export class FileSink implements LogSink {
  readonly #clock: Clock
  readonly #fileDescriptor: number
  readonly #bufferBytesMax: number
  #text = ""
  #lines = 0
  #droppedLines = 0
  #isWriting = false
  /** Waits for a pipe whose reader is behind. */
  #refused: Taken | undefined
  #cancelRetry: () => void = () => undefined

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
    this.#lines++
  }

  /** Blocks until everything has been written, or for a second where nobody reads. */
  readonly flushSync = (): void => {
    this.#cancelRetry()
    const refused = this.#refused?.bytes ?? Buffer.alloc(0)
    this.#refused = undefined
    let bytes = Buffer.concat([refused, this.#take().bytes])
    for (let attempts = 0; bytes.length > 0 && attempts < lastAttemptsMax;) {
      try {
        bytes = bytes.subarray(writeSync(this.#fileDescriptor, bytes))
      } catch (cause) {
        // There is nobody left to tell that the log cannot be written.
        if (!isRefusal(cause)) return
        attempts++
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMillis)
      }
    }
  }

  /** Writes the rest; the sink does nothing at the end of the process any more. */
  close(): void {
    process.off("exit", this.flushSync)
    this.flushSync()
  }

  readonly #flush = (): void => {
    if (this.#isWriting) return
    const taken = this.#take()
    if (taken.bytes.length === 0) return
    this.#isWriting = true
    this.#writeAll(taken)
  }

  #writeAll(taken: Taken): void {
    write(this.#fileDescriptor, taken.bytes, (error, writtenBytes) => {
      if (error === null && writtenBytes < taken.bytes.length) return this.#writeAll({ ...taken, bytes: taken.bytes.subarray(writtenBytes) })
      if (isRefusal(error)) return this.#writeLater(taken)
      this.#isWriting = false
      if (error !== null) this.#droppedLines += taken.lines
      if (this.#text !== "") this.#flush()
    })
  }

  #writeLater(taken: Taken): void {
    this.#refused = taken
    this.#cancelRetry = this.#clock.after(retryMillis, () => {
      this.#refused = undefined
      this.#writeAll(taken)
    })
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
