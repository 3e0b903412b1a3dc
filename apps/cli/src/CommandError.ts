import { ExitCode } from "./ExitCode.ts"

/** A command cannot do what it was asked for. `advice` says what to do about it, `code` tells programs: Kafka's name, where it has one. */
export class CommandError extends Error {
  readonly _tag = "CommandError"
  readonly advice: string | undefined
  readonly exitCode: ExitCode
  readonly code: string

  constructor(message: string, options: { readonly advice?: string; readonly code?: string; readonly exitCode?: ExitCode; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause })
    this.name = "CommandError"
    this.advice = options.advice
    this.exitCode = options.exitCode ?? ExitCode.failed
    this.code = options.code ?? "FAILED"
  }
}
