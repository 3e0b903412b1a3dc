import { Readable, Writable } from "node:stream"
import type { Context } from "../src/Context.ts"
import { run } from "../src/run.ts"

export interface Outcome {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

export interface TerminalOptions {
  readonly input?: string | Readable
  readonly environment?: Record<string, string>
  readonly signal?: AbortSignal
  /** Sees everything that is printed, as it comes. */
  readonly onOutput?: (out: string) => void
}

class Sink extends Writable {
  readonly chunks: Array<Buffer> = []
  readonly #onText: (text: string) => void

  constructor(onText: (text: string) => void = () => undefined) {
    super()
    this.#onText = onText
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString()
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    this.#onText(this.text)
    done()
  }
}

/** Streams that are no terminal, and what went there. */
export const terminal = (options: TerminalOptions = {}) => {
  const stdout = new Sink(options.onOutput)
  const stderr = new Sink()
  const context: Context = {
    stdin: options.input instanceof Readable ? options.input : Readable.from(options.input === undefined ? [] : [Buffer.from(options.input)]),
    stdout, stderr, environment: options.environment ?? {}, interrupted: () => options.signal ?? new AbortController().signal
  }
  return { context, stderr, stdout }
}

/** Runs one command line in this process. */
export const call = async (words: ReadonlyArray<string>, options: TerminalOptions = {}): Promise<Outcome> => {
  const { context, stderr, stdout } = terminal(options)
  const exitCode = await run(words, context)
  return { exitCode, out: stdout.text, err: stderr.text }
}
